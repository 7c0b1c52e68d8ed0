//! The user's settings file.

use super::kit::put;
use crate::Settings;

fn load(text: &str) -> Result<Settings, String> {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "settings.toml", text);
    let hidden = dir.path().display().to_string();
    Settings::load(dir.path()).map_err(|error| error.to_string().replace(&hidden, "CONFIG"))
}

#[test]
fn without_a_file_the_defaults_hold() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Settings::load(dir.path()).unwrap(), Settings::default());
    assert_eq!(load(""), Ok(Settings::default()));
}

#[test]
fn what_is_set_is_taken() {
    let settings = load(
        "test_command = \"make check\"\ntest_timeout_seconds = 5\nrun_timeout_seconds = 60\nmax_candidates = 9\n\
         seed = 3\nallow_reduced = true\n",
    )
    .unwrap();
    let agent = &settings.agent;
    assert_eq!(
        (agent.test_wall_ms, agent.run_wall_ms, agent.max_candidates, agent.seed),
        (5_000, 60_000, 9, 3)
    );
    assert_eq!((agent.test_command.as_deref(), settings.allow_reduced), (Some("make check"), true));
}

#[test]
fn what_is_wrong_is_named_with_its_file_and_line() {
    let unknown = load("test_comand = \"x\"\n").unwrap_err();
    assert!(unknown.starts_with("the settings file `CONFIG/settings.toml` is wrong: "), "{unknown}");
    assert!(unknown.contains("line 1") && unknown.contains("unknown field `test_comand`"), "{unknown}");
    let kind = load("seed = \"x\"\n").unwrap_err();
    assert!(kind.contains("invalid type"), "{kind}");
    let zero = load("max_candidates = 0\n").unwrap_err();
    assert_eq!(
        zero,
        "the settings file `CONFIG/settings.toml` is wrong: `max_candidates` must be at least 1"
    );
    let syntax = load("seed = \n").unwrap_err();
    assert!(syntax.contains("line 1"), "{syntax}");
}

#[test]
fn a_file_that_can_not_be_read_is_said() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "settings.toml/x", "");
    let error = Settings::load(dir.path()).unwrap_err().to_string();
    assert!(error.contains("can not be read"), "{error}");
}
