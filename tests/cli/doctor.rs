//! `bodkin doctor`: what this machine offers, and what to do about what is missing.

use std::path::Path;

use bodkin_tests::Scene;

use crate::scenes::{leaves_alone, sum};

#[test]
fn the_doctor_lists_isolation_state_ledger_tools_and_workspace() {
    let said = leaves_alone(&sum(), &["doctor"]);
    assert_eq!(said.code, Some(0), "{}", said.shown());
    for title in
        ["Sandbox: local", "State folder: ", "Ledger: ", "Applied changes: none", "python: ", "Workspace: "]
    {
        assert!(said.stdout.contains(title), "{title} in:\n{}", said.stdout);
    }
}

#[test]
fn a_tool_that_is_missing_comes_with_a_next_step() {
    let said = sum().bodkin(&["doctor"]).env("PATH", "/usr/bin:/bin").run();
    let lines: Vec<&str> = said.stdout.lines().collect();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with('!')) {
        assert!(lines.get(at + 1).is_some_and(|it| it.starts_with("    next: ")), "{line}");
    }
}

#[test]
fn a_tool_that_is_not_installed_is_told_from_one_that_does_not_run() {
    let said = sum().bodkin(&["doctor"]).run();
    let missing = |tool: &str| {
        !["/usr/bin", "/bin", "/usr/local/bin"].iter().any(|it| Path::new(it).join(tool).exists())
    };
    if missing("gradle") {
        assert!(said.stdout.contains("`gradle --version` is not found in the sandbox"), "{}", said.stdout);
    }
    assert_eq!(said.stdout.chars().find(|it| it.is_control() && *it != '\n'), None, "{:?}", said.stdout);
}

#[test]
fn a_folder_without_known_code_is_said() {
    let said = leaves_alone(&Scene::new("=== notes.txt\nnothing\n"), &["doctor"]);
    assert!(said.stdout.contains("! Workspace: "), "{}", said.stdout);
    assert!(said.stdout.contains("    next: Open a folder with Python, JavaScript or TypeScript in it."));
}

#[test]
fn a_state_folder_that_can_not_be_made_is_a_finding_with_a_next_step() {
    let scene = sum();
    let said = scene.bodkin(&["doctor"]).env("XDG_STATE_HOME", "/proc/nowhere").run();
    assert_eq!(said.code, Some(5), "{}", said.shown());
    let found: Vec<&str> =
        said.stdout.lines().skip_while(|line| !line.contains("State folder")).take(3).collect();
    expect_test::expect![[r#"
        ✗ State folder: opening the state folder below `/proc/nowhere/bodkin` failed: No such file or directory (os error 2)
            next: Make room there, or set XDG_STATE_HOME to a folder that can be written.
        ! python: not asked: nothing is run that can not be recorded in the state folder"#]].assert_eq(&found.join("\n"));
    assert!(said.stdout.contains("Sandbox: local"), "the rest is looked at all the same: {}", said.shown());
    scene.bodkin(&["doctor", "--json"]).env("XDG_STATE_HOME", "/proc/nowhere").run().envelope("doctor");
}
