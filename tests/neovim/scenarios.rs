//! What a user does in Neovim, one test each.

use bodkin_tests::Scene;
use serde_json::json;

use crate::editor::{Against, passes, passes_against};

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

/// A project of which the fix is two hunks: a line put in above, and taken out below.
pub(crate) fn mean() -> Scene {
    Scene::new(
        "=== .git/HEAD
ref: refs/heads/main
=== mean.py
def mean(xs):
    count = len(xs)
    value = total / count
    name = 'mean'
    unit = 'm'
    total = sum(xs)
    return value
=== test_mean.py
import unittest
from mean import mean


class Mean(unittest.TestCase):
    def test_of_two(self):
        self.assertEqual(mean([2, 4]), 3)

    def test_of_one(self):
        self.assertEqual(mean([7]), 7)
",
    )
}

/// A project of two files for the scripted server.
pub(crate) fn numbers() -> Scene {
    Scene::new("=== .git/HEAD\nref: refs/heads/main\n=== a.py\none = 0\n\n\ntwo = 0\n=== b.py\nthree = 0\n")
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
fn failed_tests_are_listed_and_the_code_behind_one_is_mended() {
    passes(&till(), "scenarios/tests.lua", &json!({}));
}

#[test]
fn what_was_done_can_be_read_and_taken_back() {
    passes(&till(), "scenarios/pages.lua", &json!({}));
}

#[test]
fn a_server_that_is_killed_is_told_of_and_started_again() {
    passes(&till(), "scenarios/restart.lua", &json!({}));
}

#[test]
fn a_part_of_a_change_is_proved_again_and_put_in_place_only_if_it_passes_alone() {
    passes(&mean(), "scenarios/part.lua", &json!({}));
}

#[test]
fn a_review_goes_from_hunk_to_hunk_and_asks_about_a_part_that_is_not_proved() {
    passes_against(Against::Scripted, &numbers(), "scripted/part.lua", &json!({}));
}

#[test]
fn a_change_that_is_not_proved_is_accepted_only_by_a_second_word() {
    let unproved = json!({"testCommand": "unproved"});
    passes_against(Against::Scripted, &numbers(), "scripted/unproved.lua", &unproved);
}

#[test]
fn a_change_that_comes_while_the_user_types_waits() {
    passes_against(Against::Scripted, &numbers(), "scripted/typing.lua", &json!({}));
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
fn without_the_plug_in_the_protocol_alone_is_enough() {
    passes_against(Against::Plain, &till(), "plain/plain.lua", &json!({}));
}

#[test]
fn a_syntax_error_is_shown_and_mended_by_the_action_that_carries_its_edit() {
    passes(&till(), "scenarios/diagnostics.lua", &json!({}));
}

#[test]
fn the_plan_is_a_quickfix_list_and_the_review_waits_where_the_user_wants_it_so() {
    passes_against(Against::Scripted, &numbers(), "scripted/quickfix.lua", &json!({}));
}

#[test]
fn settings_are_nothing_a_table_or_a_function() {
    passes(&till(), "alone/config.lua", &json!({}));
}

#[test]
fn hunks_are_found_on_both_sides() {
    passes(&till(), "alone/hunks.lua", &json!({}));
}

#[test]
fn nothing_is_loaded_or_mapped_before_it_is_used() {
    passes(&till(), "alone/lazy.lua", &json!({}));
}
