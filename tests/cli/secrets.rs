//! Variables enter the sandbox only when they are named, and their values are written nowhere.

use std::fs;
use std::path::Path;

use bodkin_tests::{Scene, needs};
use expect_test::expect;

use crate::scenes::{FAULT, leaves_alone, sum};

const TOKEN: &str = "tok-5f0c2b7e9d";

/// The tests pass only where the fault is mended and the variable is seen, or is not.
fn asks(condition: &str) -> Scene {
    let scene = sum();
    scene.write(
        "test_calc.py",
        format!(
            "
import os
import unittest

from calc import add


class Add(unittest.TestCase):
    def test_adds(self):
        self.assertTrue({condition})
        self.assertEqual(add(1, 2), 3)
"
        ),
    );
    scene
}

#[test]
fn a_named_variable_enters_the_sandbox_and_its_value_is_written_nowhere() {
    needs!(Python);
    let scene = asks(&format!("os.environ.get('SHOP_TOKEN') == '{TOKEN}'[:] and 'OTHER' not in os.environ"));
    // The test file knows the value: what is searched for below must come from nowhere else.
    let scene_state = scene.dir().join("state");
    let call = scene.bodkin(&["fix", FAULT, "--apply", "--env", "SHOP_TOKEN"]);
    let said = call.env("SHOP_TOKEN", TOKEN).env("OTHER", "other").run();
    assert_eq!(said.code, Some(0), "{}", said.shown());
    assert!(!said.stdout.contains(TOKEN) && !said.stderr.contains(TOKEN));
    assert!(scene.ledger().iter().any(|line| line.contains("SHOP_TOKEN")), "the name is on the ledger");
    assert_eq!(files_with(&scene_state, TOKEN), Vec::<String>::new());
}

#[test]
fn an_unnamed_variable_does_not_enter_the_sandbox() {
    needs!(Python);
    let scene = asks("'SHOP_TOKEN' not in os.environ");
    let said = scene.bodkin(&["fix", FAULT]).env("SHOP_TOKEN", TOKEN).run();
    assert_eq!(said.code, Some(0), "{}", said.shown());
}

#[test]
fn a_named_variable_that_is_not_set_is_said() {
    let said = leaves_alone(&sum(), &["fix", FAULT, "--env", "SHOP_TOKEN"]);
    expect![[r#"
        bodkin: the variable `SHOP_TOKEN` is not set, or is not UTF-8
          next: Set it, or leave --env away.
        exit 2
    "#]]
    .assert_eq(&said.failure());
}

fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else if String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).contains(text) {
            found.push(path.display().to_string());
        }
    }
    found
}
