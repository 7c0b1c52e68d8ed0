//! Files of every kind of bytes: a patch changes exactly the faulty ones.

use bodkin_tests::{Scene, needs};

use crate::scenes::sum;

/// Fixes a file and compares bytes: `wrong` becomes `right` where it stands once, all else stays.
fn check(scene: &Scene, target: &str, file: &str, wrong: &str, right: &str) {
    let before = scene.text(file);
    assert_eq!(before.matches(wrong).count(), 1, "{before:?}");
    let said = scene.bodkin(&["fix", target, "--apply"]).run();
    assert_eq!(said.code, Some(0), "{}", said.shown());
    assert_eq!(scene.text(file), before.replacen(wrong, right, 1));
    let undo = scene.bodkin(&["undo"]).run();
    assert_eq!(undo.code, Some(0), "{}", undo.shown());
    assert_eq!(scene.text(file), before);
}

#[test]
fn crlf_line_ends_stay() {
    needs!(Python);
    let scene = sum();
    scene.write("calc.py", "def add(a, b):\r\n    return a - b\r\n\r\n\r\nx = 1\r\n");
    check(&scene, "calc.py:2", "calc.py", "a - b", "a + b");
}

#[test]
fn a_byte_order_mark_stays() {
    needs!(Python);
    let scene = sum();
    scene.write("calc.py", "\u{feff}def add(a, b):\n    return a - b\n");
    check(&scene, "calc.py:2", "calc.py", "a - b", "a + b");
}

#[test]
fn astral_and_joined_characters_before_the_fault_do_not_move_it() {
    needs!(Python);
    let scene = sum();
    let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
    scene.write(
        "calc.py",
        format!("# {family} \u{2028} e\u{301}\ndef add(a, b):\n    \"\"\"{family}\u{1f9ee}\"\"\"; return a - b  # {family}\n"),
    );
    check(&scene, "calc.py:3", "calc.py", "a - b", "a + b");
}

#[test]
fn a_file_without_a_last_line_end_keeps_none() {
    needs!(Python);
    let scene = sum();
    scene.write("calc.py", "def add(a, b):\n    return a - b");
    check(&scene, "calc.py:2", "calc.py", "a - b", "a + b");
}

#[test]
fn names_with_spaces_and_letters_of_all_scripts_are_worked_with() {
    needs!(Python);
    let scene = Scene::new(
        "
=== наука и 科学/счёт.py
def add(a, b):
    return a - b
=== наука и 科学/test_счёт.py
import unittest
from счёт import add
class Add(unittest.TestCase):
    def test_adds(self):
        self.assertEqual(add(1, 2), 3)
",
    );
    let file = "наука и 科学/счёт.py";
    check(&scene, &format!("{file}:2"), file, "a - b", "a + b");
}
