//! What can not be worked on is refused, naming the thing and the next step.

use bodkin_guard::report::{Exit, Finished, Stop};
use bodkin_text::{Line0, RelPath};
use expect_test::{Expect, expect};

use super::answers::{exit, failing, passing, problem, says, stopped, tests};
use super::kit::{CALC, Scene, World, outcome, play, scene};
use crate::run::Target;
use crate::{Outcome, Refused};

/// The refusal, in two lines.
fn refusal(scene: Scene, world: &World) -> String {
    let played = play(scene, world);
    let ended = played.outcome.unwrap();
    if let Outcome::Refused(Refused { message, hint, .. }) = &ended {
        assert!(!message.is_empty() && !hint.is_empty());
    }
    outcome(&ended) + "\n"
}

/// A command that ends like this, seen by no warm runner.
fn check_command(before: Finished, expected: Expect) {
    let mut scene = scene(CALC, "calc.py:2");
    scene.fix.test = Some("./check.sh".to_owned());
    expected.assert_eq(&refusal(scene, &World { before: Ok(before), ..World::usual() }));
}

fn check_target(target: Target, expected: Expect) {
    let mut scene = scene(CALC, "calc.py:2");
    scene.start.target = target;
    expected.assert_eq(&refusal(scene, &World::usual()));
}

#[test]
fn a_command_that_is_missing_or_may_not_be_run() {
    check_command(
        says("/bin/sh: 1: ./check.sh: not found", exit(127)),
        expect![[r#"
        refused, BadRequest: the test command `./check.sh` was not found: /bin/sh: 1: ./check.sh: not found
          Install it, or name another command with --test; `bodkin doctor` lists the test runners found.
    "#]],
    );
    check_command(
        says("./check.sh: Permission denied\n", exit(126)),
        expect![[r#"
            refused, BadRequest: the test command `./check.sh` can not be run: ./check.sh: Permission denied
              Make it executable (`chmod +x`), or name another command with --test.
        "#]],
    );
    check_command(
        says("/usr/bin/python3: No module named pytest\n", exit(1)),
        expect![[r#"
        refused, BadRequest: the test command `./check.sh` can not start: /usr/bin/python3: No module named pytest
          Install it, or name another command with --test; `bodkin doctor` lists the test runners found.
    "#]],
    );
}

#[test]
fn a_command_that_names_a_module_which_is_not_there() {
    let mut scene = scene(CALC, "calc.py:2");
    scene.fix.test = Some("python3 -m unittest test_clac.Add".to_owned());
    let output = "E\nImportError: Failed to import test module: test_clac\nModuleNotFoundError: No module named 'test_clac'\n";
    let world = World { before: Ok(says(output, exit(1))), ..World::usual() };
    expect![[r#"
        refused, BadRequest: the test command `python3 -m unittest test_clac.Add` names `test_clac`, which is not there
          Check its name, and the folder that the command runs in.
    "#]].assert_eq(&refusal(scene, &world));
}

#[test]
fn a_missing_command_is_said_also_where_a_warm_runner_sees_a_failure() {
    let missing = says("sh: 1: python3: not found", exit(127));
    let world = World { before: Ok(missing), newest_first: true, ..World::usual() };
    expect![[r#"
        refused, BadRequest: the test command `python3 -m pytest` was not found: sh: 1: python3: not found
          Install it, or name another command with --test; `bodkin doctor` lists the test runners found.
    "#]]
    .assert_eq(&refusal(scene(CALC, "calc.py:2"), &world));
}

#[test]
fn a_command_that_passes_already() {
    check_command(
        exit(0),
        expect![[r#"
        refused, BadRequest: the test command `./check.sh` passes already: nothing fails that a fix could mend
          Name a failing test with --test, or write one that shows the fault.
    "#]],
    );
    check_command(
        tests(exit(0), "+a +b"),
        expect![[r#"
        refused, BadRequest: the test command `./check.sh` passes already (2 tests): nothing fails that a fix could mend
          Name a failing test with --test, or write one that shows the fault.
    "#]],
    );
    let passes = || Ok(tests(exit(0), "+a"));
    for newest_first in [false, true] {
        // A warm runner that sees a failure is not believed against the exact command.
        let look = Box::new(|_: &_| Ok(failing(&["a"])));
        let world = World { before: passes(), newest_first, look, ..World::usual() };
        let said = refusal(scene(CALC, "calc.py:2"), &world);
        assert!(said.contains("passes already (1 test)"), "{said}");
    }
}

#[test]
fn a_command_without_tests() {
    check_command(
        says("===== no tests ran in 0.01s =====", exit(5)),
        expect![[r#"
        refused, BadRequest: the test command `./check.sh` found no tests: no tests ran in 0.01s
          Name the right files with --test, or write a test that shows the fault.
    "#]],
    );
    check_command(
        says("Ran 0 tests in 0.000s\n\nOK\n", exit(0)),
        expect![[r#"
        refused, BadRequest: the test command `./check.sh` found no tests: Ran 0 tests in 0.000s
          Name the right files with --test, or write a test that shows the fault.
    "#]],
    );
}

#[test]
fn a_command_that_hangs_prints_without_end_or_takes_all_memory() {
    check_command(
        stopped(Stop::WallTime),
        expect![[r#"
        refused, BadRequest: the test command `./check.sh` did not end within 60 s and was stopped
          If the fault makes it hang, give the tests a time limit of their own (`node --test --test-timeout=2000`, pytest-timeout); if they are slow, name fewer of them with --test or raise the test timeout.
    "#]],
    );
    check_command(
        stopped(Stop::Output),
        expect![[r#"
        refused, BadRequest: the test command `./check.sh` printed 8 MB and was stopped
          Name a quieter command with --test; something in it prints without end.
    "#]],
    );
    check_command(
        stopped(Stop::Memory),
        expect![[r#"
        refused, BadRequest: the test command `./check.sh` took more memory than it may and was stopped
          Name fewer tests with --test.
    "#]],
    );
}

#[test]
fn a_command_that_hangs_is_a_check_where_single_tests_are_seen_to() {
    for newest_first in [false, true] {
        let world = World { before: Ok(stopped(Stop::WallTime)), newest_first, ..World::usual() };
        assert_eq!(play(scene(CALC, "calc.py:2"), &world).outcome, Some(Outcome::Proved));
    }
}

#[test]
fn a_command_that_needs_the_network() {
    let output = "curl: (6) Could not resolve host: example.org";
    check_command(
        says(output, exit(6)),
        expect![[r#"
        refused, BadRequest: `./check.sh` needs the network, and the sandbox has none
          Name tests that do not need it with --test, or let them use a local double; only the sandbox's own loopback can be reached.
    "#]],
    );
    let mut seen = failing(&["test_net.py::test_get"]);
    if let Some(failure) = seen.tests.iter_mut().find_map(|it| it.failure.as_mut()) {
        failure.message = "[Errno -3] Temporary failure in name resolution".to_owned();
    }
    let world = World { look: Box::new(move |_| Ok(seen.clone())), ..World::usual() };
    expect![[r#"
        refused, BadRequest: test_net.py::test_get needs the network, and the sandbox has none
          Name tests that do not need it with --test, or let them use a local double; only the sandbox's own loopback can be reached.
    "#]].assert_eq(&refusal(scene(CALC, "calc.py:2"), &world));
}

#[test]
fn a_warm_runner_that_finds_no_tests_is_heard_where_the_command_tells_none() {
    let world = World {
        look: Box::new(|_| Ok(problem("ERROR: file or directory not found: test_x.py"))),
        before: Ok(exit(4)),
        ..World::usual()
    };
    expect![[r#"
        refused, BadRequest: the test command `python3 -m pytest` found no tests: ERROR: file or directory not found: test_x.py
          Name the right files with --test, or write a test that shows the fault.
    "#]].assert_eq(&refusal(scene(CALC, "calc.py:2"), &world));
}

#[test]
fn a_command_that_dies_of_a_signal_is_still_a_check() {
    let world = World {
        before: Ok(Finished { exit: Exit::Signal(11), ..exit(0) }),
        look: Box::new(|_| Ok(passing())),
        ..World::usual()
    };
    assert_eq!(play(scene(CALC, "calc.py:2"), &world).outcome, Some(Outcome::Proved));
}

#[test]
fn a_path_that_is_no_text_to_work_on() {
    check_target(
        Target::Missing,
        expect![[r#"
            refused, BadRequest: `calc.py` does not exist
              Check its spelling; it is written here as seen from the workspace's folder.
        "#]],
    );
    check_target(
        Target::Folder,
        expect![[r#"
        refused, BadRequest: `calc.py` is a folder
          Name one file, with or without a line: `src/a.py:12`.
    "#]],
    );
    check_target(
        Target::Binary,
        expect![[r#"
        refused, BadRequest: `calc.py` is a binary file
          Name a source file.
    "#]],
    );
    check_target(
        Target::NotUtf8(17),
        expect![[r#"
        refused, BadRequest: `calc.py` is not UTF-8 (first at byte 17)
          Convert it to UTF-8, then run this again.
    "#]],
    );
    check_target(
        Target::TooLarge(6_000_000),
        expect![[r#"
        refused, BadRequest: `calc.py` has 6 MB; files over 5 MB are not worked on
          Split the file, or fix a smaller one that it is made from.
    "#]],
    );
    check_target(
        Target::Outside,
        expect![[r#"
        refused, BadRequest: `calc.py` leads out of the workspace through a link
          Open the folder that really holds it as the workspace.
    "#]],
    );
    check_target(
        Target::Unreadable,
        expect![[r#"
        refused, BadRequest: `calc.py` may not be read
          Give yourself permission to read it (`chmod u+r`).
    "#]],
    );
}

#[test]
fn a_file_that_is_ignored_unknown_generated_or_shorter_than_that() {
    let check = |files: &str, target: &str, expected: Expect| {
        expected.assert_eq(&refusal(scene(files, target), &World::usual()));
    };
    let mut ignored = scene(CALC, "out/calc.py:2");
    ignored.start.target = Target::Text;
    expect![[r#"
        refused, BadRequest: `out/calc.py` is not part of the workspace
          It may be ignored by an ignore file; name a file that is not.
    "#]]
    .assert_eq(&refusal(ignored, &World::usual()));
    check(
        "=== a.zig\nx\n",
        "a.zig:1",
        expect![[r#"
        refused, BadRequest: `a.zig` is in a language that Bodkin does not know yet
          Python, JavaScript and TypeScript are known today.
    "#]],
    );
    check(
        "=== a_pb2.py\nx = 1\n",
        "a_pb2.py:1",
        expect![[r#"
        refused, BadRequest: `a_pb2.py` is generated (by protoc)
          Fix what it is generated from; an edit here would be lost.
    "#]],
    );
    check(
        "=== a.py\n# Code generated by tool. DO NOT EDIT.\nx = 1\n",
        "a.py:2",
        expect![[r#"
        refused, BadRequest: `a.py` is generated (its head says so)
          Fix what it is generated from; an edit here would be lost.
    "#]],
    );
    check(
        CALC,
        "calc.py:3",
        expect![[r#"
        refused, BadRequest: `calc.py` has 2 lines; line 3 is past its end
          Give a line from 1 to 2.
    "#]],
    );
    check(
        "=== a.py\nx = 1\n",
        "a.py:1",
        expect![[r#"
        refused, BadRequest: no tests found for `a.py`: no file is named test_*.py or *_test.py, and no Makefile has a test target
          write a test that fails because of the fault, or give the command that shows it: --test "…"
    "#]],
    );
}

#[test]
fn a_line_without_code() {
    let files = "=== a.py\n\n\n\n=== test_a.py\nimport a\ndef test_a():\n    assert a.x == 1\n";
    expect![[r#"
        refused, BadRequest: there is no code near line 2 of `a.py`
          Mend that first, or select another line.
    "#]]
    .assert_eq(&refusal(scene(files, "a.py:2"), &World::usual()));
}

#[test]
fn a_document_that_the_editor_may_show_otherwise() {
    let mut scene = scene(CALC, "calc.py:2");
    let mut workspace = bodkin_workspace::Workspace::new();
    let path = RelPath::new("calc.py").unwrap();
    workspace.open(path.clone(), 2, "x = 1\n".into());
    let _ = workspace.change(&path, 1, &[]);
    scene.start.snapshot = workspace.snapshot();
    scene.fix.lines = Some((Line0(0), Line0(0)));
    expect![[r#"
        refused, Stale: the editor and Bodkin may disagree about `calc.py`: version 1 came after version 2
          Close and re-open the file, then run this again.
    "#]]
    .assert_eq(&refusal(scene, &World::usual()));
}
