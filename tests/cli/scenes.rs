//! The smallest projects that the tests work on.

use bodkin_tests::{Said, Scene};

/// One wrong operator, one failing test, nothing to install.
pub(crate) const SUM: &str = "
=== calc.py
def add(a, b):
    return a - b


def double(a):
    return add(a, a)
=== test_calc.py
import unittest

from calc import add


class Add(unittest.TestCase):
    def test_adds(self):
        self.assertEqual(add(1, 2), 3)
";

/// The line of the fault in [`SUM`].
pub(crate) const FAULT: &str = "calc.py:2";

/// [`SUM`] on disk.
pub(crate) fn sum() -> Scene {
    Scene::new(SUM)
}

/// [`SUM`] with its fix in place.
pub(crate) fn fixed_sum() -> Scene {
    let scene = sum();
    let said = scene.bodkin(&["fix", FAULT, "--apply"]).run();
    assert_eq!(said.code, Some(0), "{}", said.shown());
    assert!(scene.text("calc.py").contains("a + b"));
    scene
}

/// Runs `bodkin`, and checks that it left every byte of the workspace as it was.
pub(crate) fn leaves_alone(scene: &Scene, words: &[&str]) -> Said {
    let before = scene.tree();
    let said = scene.bodkin(words).run();
    assert!(scene.tree() == before, "the workspace was changed:\n{}", said.shown());
    said
}
