//! `bodkin lsp` as editors meet it: the real program, real projects, real sandboxes.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what a killed server leaves behind is looked for on the machine; a helper of a test fails loudly"
)]

mod bad_clients;
mod clients;
mod ending;
mod faults;
mod fixing;
mod offering;
mod reviewing;
mod typing;
mod unread;
mod windows;

use bodkin_tests::lsp::Project;

/// Line 1 subtracts where it should add.
const WRONG: &str = "def total(a, b):\n    return a - b\n";
/// The same, mended.
const RIGHT: &str = "def total(a, b):\n    return a + b\n";

const TESTS: &str = "\
import unittest
from till import total


class Total(unittest.TestCase):
    def test_of_two(self):
        self.assertEqual(total(2, 3), 5)

    def test_of_a_negative(self):
        self.assertEqual(total(-1, 4), 3)

    def test_of_nothing(self):
        self.assertEqual(total(0, 0), 0)
";

/// A project with one wrong line.
fn till() -> Project {
    Project::new(&[("till.py", WRONG), ("test_till.py", TESTS)])
}
