//! What a user does in Neovim, one test each.

use bodkin_tests::Scene;
use serde_json::json;

use crate::editor::passes;

/// A project with one wrong line.
pub(crate) fn till() -> Scene {
    Scene::new(
        "=== .git/HEAD
ref: refs/heads/main
=== till.py
def total(a, b):
    return a - b
=== other.py
MINE = 1
=== test_till.py
import unittest
from till import total


class Total(unittest.TestCase):
    def test_of_two(self):
        self.assertEqual(total(2, 3), 5)

    def test_of_a_negative(self):
        self.assertEqual(total(-1, 4), 3)

    def test_of_nothing(self):
        self.assertEqual(total(0, 0), 0)
",
    )
}

#[test]
fn a_selection_is_fixed_reviewed_accepted_written_and_taken_back() {
    passes(&till(), "scenarios/review.lua", &json!({}));
}

#[test]
fn a_change_that_is_left_waits_and_one_that_is_rejected_never_appears() {
    passes(&till(), "scenarios/reject.lua", &json!({}));
}

#[test]
fn a_selection_is_fixed_at_once_where_the_user_wants_no_review() {
    passes(&till(), "scenarios/apply.lua", &json!({"review": "apply"}));
}

#[test]
fn a_run_is_cancelled_half_way_and_changes_nothing() {
    passes(&till(), "scenarios/cancel.lua", &json!({"testCommand": "sleep 3600"}));
}

#[test]
fn the_health_check_tells_what_is_there() {
    passes(&till(), "scenarios/health.lua", &json!({}));
}

#[test]
fn buffers_follow_the_disk_and_unsaved_work_is_kept() {
    passes(&till(), "alone/reload.lua", &json!({}));
}

#[test]
fn the_command_completes_its_words_and_says_what_it_does_not_know() {
    passes(&till(), "alone/command.lua", &json!({}));
}

#[test]
fn the_help_is_found_by_its_names() {
    passes(&till(), "alone/help.lua", &json!({}));
}

#[test]
fn nothing_is_loaded_or_mapped_before_it_is_used() {
    passes(&till(), "alone/lazy.lua", &json!({}));
}
