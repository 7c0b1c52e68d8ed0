//! `bodkin undo`: the exact bytes come back, over what was edited since, or nothing happens.

use bodkin_tests::needs;
use expect_test::expect;

use crate::scenes::{FAULT, fixed_sum, leaves_alone, sum};

#[test]
fn undo_brings_back_the_exact_bytes() {
    needs!(Python);
    let scene = sum();
    let before = scene.tree();
    let applied = scene.bodkin(&["fix", FAULT, "--apply"]).run();
    assert_eq!(applied.code, Some(0), "{}", applied.shown());
    assert!(scene.tree() != before);
    let said = scene.bodkin(&["undo"]).run();
    assert!(scene.tree() == before, "{}", said.shown());
    expect![[r#"
        --- stdout
        took back c1 in calc.py
        --- exit 0
    "#]]
    .assert_eq(&said.shown());
}

#[test]
fn undo_keeps_what_was_edited_elsewhere_since() {
    needs!(Python);
    let scene = fixed_sum();
    scene.write("calc.py", format!("# mine\n{}# mine too\n", scene.text("calc.py")));
    let said = scene.bodkin(&["undo"]).run();
    let text = scene.text("calc.py");
    assert!(text.starts_with("# mine\ndef add(a, b):\n    return a - b\n"), "{text}");
    assert!(text.ends_with("# mine too\n"), "{text}");
    expect![[r#"
        --- stdout
        took back c1 in calc.py; your own later edits were kept
        --- exit 0
    "#]]
    .assert_eq(&said.shown());
}

#[test]
fn undo_of_what_was_edited_in_the_same_place_is_refused_and_changes_nothing() {
    needs!(Python);
    let scene = fixed_sum();
    scene.write("calc.py", scene.text("calc.py").replace("a + b", "a * b"));
    let said = leaves_alone(&scene, &["undo"]);
    expect![[r#"
        --- stderr
        bodkin: `calc.py` near line 2 was changed in the same place meanwhile; nothing was changed
          next: Take your own change back first, or go on from the present text.
        --- exit 4
    "#]]
    .assert_eq(&said.shown());
}

#[test]
fn undo_of_a_line_that_was_edited_around_the_change_is_refused() {
    needs!(Python);
    let scene = fixed_sum();
    scene.write("calc.py", scene.text("calc.py").replace("a + b", "b + a + 0"));
    assert_eq!(leaves_alone(&scene, &["undo"]).code, Some(4));
}

#[test]
fn undo_of_nothing_says_so() {
    let said = leaves_alone(&sum(), &["undo"]);
    expect![[r#"
        --- stderr
        bodkin: there is nothing to take back
          next: Changes that Bodkin applied in this workspace can be taken back.
        --- exit 2
    "#]]
    .assert_eq(&said.shown());
}

#[test]
fn undo_twice_takes_back_once() {
    needs!(Python);
    let scene = fixed_sum();
    assert_eq!(scene.bodkin(&["undo"]).run().code, Some(0));
    let said = leaves_alone(&scene, &["undo"]);
    expect![[r#"
        --- stderr
        bodkin: there is nothing to take back
          next: Changes that Bodkin applied in this workspace can be taken back.
        --- exit 2
    "#]]
    .assert_eq(&said.shown());
}

#[test]
fn undo_takes_the_name_of_a_change_and_knows_which_stand() {
    needs!(Python);
    let scene = fixed_sum();
    let unknown = leaves_alone(&scene, &["undo", "c9"]);
    let garbled = leaves_alone(&scene, &["undo", "the-last-one"]);
    let named = scene.bodkin(&["undo", "c1"]).run();
    assert!(scene.text("calc.py").contains("a - b"));
    let again = leaves_alone(&scene, &["undo", "c1"]);
    let said = [unknown, garbled, named, again].map(|it| it.shown());
    expect![[r#"
        --- stderr
        bodkin: there is no change c9
          next: Leave the name away to take back the last one.
        --- exit 2
        --- stderr
        bodkin: `the-last-one` names no checkpoint; they are written like `c7`
          next: `bodkin fix --apply` names the change that it made.
        --- exit 2
        --- stdout
        took back c1 in calc.py
        --- exit 0
        --- stderr
        bodkin: the change c1 does not stand any more
          next: It was taken back, or never put in place.
        --- exit 2
    "#]]
    .assert_eq(&said.concat());
}

#[test]
fn undo_of_a_file_that_is_gone_is_refused() {
    needs!(Python);
    let scene = fixed_sum();
    std::fs::remove_file(scene.path("calc.py")).unwrap();
    let said = leaves_alone(&scene, &["undo"]);
    expect![[r#"
        --- stderr
        bodkin: `calc.py` is not there any more; nothing was changed
          next: Take your own change back first, or go on from the present text.
        --- exit 4
    "#]]
    .assert_eq(&said.shown());
}

#[test]
fn undo_of_what_was_taken_back_by_hand_says_so() {
    needs!(Python);
    let scene = fixed_sum();
    scene.write("calc.py", scene.text("calc.py").replace("a + b", "a - b"));
    let said = leaves_alone(&scene, &["undo"]);
    expect![[r#"
        --- stderr
        bodkin: there is nothing left to take back: c1 was taken back by hand already
          next: Nothing is left to do.
        --- exit 2
    "#]]
    .assert_eq(&said.shown());
}
