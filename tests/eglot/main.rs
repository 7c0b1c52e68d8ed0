//! Emacs with eglot, an editor that knows nothing of Bodkin: standard LSP is enough for the fix and its edit.

use bodkin_tests::{Scene, binary, needs, neovim};

const WRONG: &str = "def total(a, b):\n    return a - b\n";

fn till() -> Scene {
    let scene = Scene::new(
        "=== test_till.py
import unittest
from till import total


class Total(unittest.TestCase):
    def test_of_two(self):
        self.assertEqual(total(2, 3), 5)

    def test_of_nothing(self):
        self.assertEqual(total(0, 0), 0)
",
    );
    scene.write("till.py", WRONG);
    scene.write(".git/HEAD", "ref: refs/heads/main\n");
    scene
}

/// Runs the scenario against a server; whether Emacs ended well, and what it said.
fn emacs(scene: &Scene, server: &[String]) -> (bool, String) {
    let script = binary::repository().join("tests/eglot/eglot.el").display().to_string();
    let program = std::path::Path::new("emacs");
    let said =
        scene.call(program, &["-Q", "--batch", "-l", &script]).env("BODKIN_SERVER", &server.join("\n")).run();
    (said.code == Some(0), said.stderr)
}

#[test]
fn a_selected_line_is_fixed_in_emacs_by_what_eglot_does_by_itself() {
    needs!(Eglot);
    let scene = till();
    let (ended_well, said) = emacs(&scene, &[binary::bodkin().display().to_string(), "lsp".to_owned()]);
    assert!(ended_well, "{said}");
    assert_eq!(scene.text("till.py"), "def total(a, b):\n    return a + b\n", "{said}");
}

#[test]
fn that_fails_where_nothing_is_offered() {
    needs!(Eglot);
    let Some(neovim) = neovim::program() else { return };
    let nothing = binary::repository().join("tests/neovim/nothing.lua");
    let scene = till();
    let server = [neovim.display().to_string(), "-l".to_owned(), nothing.display().to_string()];
    let (ended_well, said) = emacs(&scene, &server);
    assert!(!ended_well, "{said}");
    assert_eq!(scene.text("till.py"), WRONG, "{said}");
}
