//! Applying where the disk does not play along: read-only, full, killed half-way.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use bodkin_tests::binary::can_be_told_to_die;
use bodkin_tests::{Scene, needs};
use expect_test::expect;

use crate::scenes::{FAULT, leaves_alone, sum};

#[test]
fn a_read_only_file_is_left_alone_and_named() {
    needs!(Python);
    let scene = sum();
    fs::set_permissions(scene.path("calc.py"), fs::Permissions::from_mode(0o444)).unwrap();
    let said = leaves_alone(&scene, &["fix", FAULT, "--apply"]);
    expect![[r#"
        --- stderr
        ✓ Understand the target: tests by `python3 -m unittest discover` (local sandbox, isolated): unittest, because the tests import unittest and nothing speaks of pytest <n> s
          Run the tests as they are …
        ✓ Run the tests as they are: 1 of 1 tests fail, first test_calc.Add.test_adds: AssertionError: -1 != 3 <n> s
        ✓ Work out candidates: about <n> candidates, likeliest first <n> s
          Try candidates in the sandbox …
        ✓ Try candidates in the sandbox: <n> tried, <n> passed <n> s
          Prove the best one in a fresh sandbox …
        ✓ Prove the best one in a fresh sandbox: use `+` instead of `-` <n> s
          Offer the change …
        ✓ Offer the change: use `+` instead of `-` (not applied) <n> s

        use `+` instead of `-`
        --- a/calc.py
        +++ b/calc.py
        @@ -1,5 +1,5 @@
         def add(a, b):
        -    return a - b
        +    return a + b


         def double(a):

        proved by `python3 -m unittest discover`
          before: 1 of 1 test failed, ended with exit code 1: AssertionError: -1 != 3
          after:  1 test passed, ended with exit code 0
          mended: test_calc.Add.test_adds
          changed lines that ran: calc.py:2
          <n> candidates tried in <n> s, local sandbox (isolated)
        bodkin: `calc.py` is read-only; nothing was written
          next: Make it writable (`chmod u+w calc.py`), then run this again.
        --- exit 3
    "#]].assert_eq(&said.shown());
}

#[test]
fn an_applied_file_keeps_its_permissions() {
    needs!(Python);
    let scene = sum();
    fs::set_permissions(scene.path("calc.py"), fs::Permissions::from_mode(0o751)).unwrap();
    let said = scene.bodkin(&["fix", FAULT, "--apply"]).run();
    assert_eq!(said.code, Some(0), "{}", said.shown());
    assert_eq!(fs::metadata(scene.path("calc.py")).unwrap().permissions().mode() & 0o777, 0o751);
}

#[test]
fn nothing_but_the_file_is_written() {
    needs!(Python);
    let scene = sum();
    let before: Vec<String> = scene.tree().into_keys().collect();
    let said = scene.bodkin(&["fix", FAULT, "--apply"]).run();
    assert_eq!(said.code, Some(0), "{}", said.shown());
    assert_eq!(scene.tree().into_keys().collect::<Vec<_>>(), before);
    expect![[r#"
        --- stderr
        ✓ Understand the target: tests by `python3 -m unittest discover` (local sandbox, isolated): unittest, because the tests import unittest and nothing speaks of pytest <n> s
          Run the tests as they are …
        ✓ Run the tests as they are: 1 of 1 tests fail, first test_calc.Add.test_adds: AssertionError: -1 != 3 <n> s
        ✓ Work out candidates: about <n> candidates, likeliest first <n> s
          Try candidates in the sandbox …
        ✓ Try candidates in the sandbox: <n> tried, <n> passed <n> s
          Prove the best one in a fresh sandbox …
        ✓ Prove the best one in a fresh sandbox: use `+` instead of `-` <n> s
          Offer the change …
        ✓ Offer the change: use `+` instead of `-` (applied) <n> s
        --- stdout

        use `+` instead of `-`
        --- a/calc.py
        +++ b/calc.py
        @@ -1,5 +1,5 @@
         def add(a, b):
        -    return a - b
        +    return a + b


         def double(a):

        proved by `python3 -m unittest discover`
          before: 1 of 1 test failed, ended with exit code 1: AssertionError: -1 != 3
          after:  1 test passed, ended with exit code 0
          mended: test_calc.Add.test_adds
          changed lines that ran: calc.py:2
          <n> candidates tried in <n> s, local sandbox (isolated)
        applied as c1; take it back with `bodkin undo`
        --- exit 0
    "#]].assert_eq(&said.shown());
}

/// The work tree is a small file system of its own, full but for a few bytes.
#[test]
fn a_full_disk_leaves_the_old_content() {
    needs!(Python, PrivateMount);
    let scene = sum();
    let script = format!(
        "set -e
         cp -r . ../kept
         mount -t tmpfs -o size=64k none .
         cd ../work
         cp ../kept/* .
         cat calc.py > ../before
         head -c 100000 /dev/zero > filler 2>../full || true
         set +e
         {} fix {FAULT} --apply
         code=$?
         rm filler
         ls -A > ../listing
         cmp calc.py ../before || exit 99
         exit $code",
        bodkin_tests::binary::bodkin().display()
    );
    let said = scene.call("unshare".as_ref(), &["-m", "sh", "-c", &script]).run();
    expect![[r#"
        bodkin: writing beside `<scene>/work/calc.py` failed: No space left on device (os error 28)
          next: Make room on that disk, then run this again; nothing was changed.
        exit 5
    "#]]
    .assert_eq(&said.failure());
    assert!(!fs::read_to_string(scene.dir().join("full")).unwrap().is_empty(), "the disk was full");
    assert_eq!(fs::read_to_string(scene.dir().join("listing")).unwrap(), "calc.py\ntest_calc.py\n");
}

/// Killed after the journal was written, before the file was replaced.
#[test]
fn killed_before_the_file_was_replaced_the_next_command_rolls_back() {
    needs!(Python);
    let Some(scene) = killed_at("journal") else { return };
    let before = sum().bytes("calc.py");
    assert_eq!(scene.bytes("calc.py"), before);
    let doctor = scene.bodkin(&["doctor"]).run();
    expect![[r#"
        ! Applied changes: an interrupted apply of `calc.py` was rolled back; the old texts stand
            next: Look at the files named; nothing else is left to do."#]]
    .assert_eq(&line_about_applies(&doctor.stdout));
    assert_eq!(doctor.code, Some(0), "{}", doctor.shown());
    assert_eq!(scene.bytes("calc.py"), before);
    assert_eq!(scene.tree(), sum().tree());
    let undo = leaves_alone(&scene, &["undo"]);
    expect![[r#"
        bodkin: there is nothing to take back
          next: Changes that Bodkin applied in this workspace can be taken back.
        exit 2
    "#]]
    .assert_eq(&undo.failure());
    assert_eq!(scene.bodkin(&["ledger", "verify"]).run().code, Some(0));
    let again = scene.bodkin(&["fix", FAULT, "--apply"]).run();
    assert_eq!(again.code, Some(0), "{}", again.shown());
}

/// Killed after the file was replaced, before it was written down.
#[test]
fn killed_after_the_file_was_replaced_the_next_command_counts_it_as_applied() {
    needs!(Python);
    let Some(scene) = killed_at("rename") else { return };
    assert!(scene.text("calc.py").contains("a + b"));
    let undo = scene.bodkin(&["undo"]).run();
    expect![[r#"
        --- stderr
        an interrupted apply of `calc.py` had put everything in place; it counts as applied
        --- stdout
        took back c1 in calc.py
        --- exit 0
    "#]]
    .assert_eq(&undo.shown());
    assert_eq!(scene.tree(), sum().tree());
    assert_eq!(scene.bodkin(&["ledger", "verify"]).run().code, Some(0));
    let doctor = scene.bodkin(&["doctor"]).run();
    expect![[r#"
        ✓ Applied changes: none was interrupted
    "#]]
    .assert_eq(&line_about_applies(&doctor.stdout));
}

fn killed_at(point: &str) -> Option<Scene> {
    if !can_be_told_to_die() {
        eprintln!("skipped: a release build can not be told to die at {point}");
        return None;
    }
    let scene = sum();
    let said = scene.bodkin(&["fix", FAULT, "--apply"]).env("BODKIN_TEST_CRASH_AT", point).run();
    assert!(said.signal.is_some(), "it dies at {point}:\n{}", said.shown());
    Some(scene)
}

fn line_about_applies(doctor: &str) -> String {
    let mut lines = doctor.lines().skip_while(|line| !line.contains("Applied changes"));
    let first = lines.next().unwrap_or_default();
    let next = lines.next().filter(|line| line.trim_start().starts_with("next:")).unwrap_or_default();
    format!("{first}\n{next}")
}
