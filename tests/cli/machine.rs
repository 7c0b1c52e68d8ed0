//! What a script sees: plain text without control codes, help and version on standard output, usage errors.

use bodkin_tests::{Scene, needs};
use expect_test::expect;

use crate::scenes::{FAULT, sum};

#[test]
fn plain_output_has_no_control_codes() {
    needs!(Python);
    let said = sum().bodkin(&["fix", FAULT]).env("TERM", "xterm-256color").run();
    assert_eq!(said.code, Some(0));
    for text in [&said.stdout, &said.stderr] {
        let control = text.chars().find(|it| it.is_control() && *it != '\n');
        assert_eq!(control, None, "{text:?}");
    }
}

#[test]
fn the_version_and_the_help_go_to_standard_output() {
    for words in [["--version"], ["--help"]] {
        let said = Scene::empty().bodkin(&words).run();
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""));
        assert!(!said.stdout.is_empty());
    }
}

#[test]
fn the_help_names_every_command_and_flag() {
    let said = Scene::empty().bodkin(&["fix", "--help"]).run();
    expect![[r#"
        Work out a change that makes a failing test pass, prove it, and show it

        Usage: bodkin fix [OPTIONS] [FILE[:LINE[-LINE]]]

        Arguments:
          [FILE[:LINE[-LINE]]]  The file, and where the fault is: `src/a.py`, `src/a.py:12` or `src/a.py:12-20`

        Options:
              --failing <TEST>          A failing test to mend, wherever the fault is: `tests/test_a.py::TestB::test_c`
              --json                    Print one JSON envelope on standard output instead of text
              --root <DIR>              The workspace folder [default: the folder around here that holds .git, else this folder]
          -t, --test <COMMAND>          The test command [default: found in the workspace]
              --apply                   Put the change in place once it is proved, without asking
              --backend <SANDBOX>       Where commands run, `local` or `container` [default: as the settings say, else local]
              --allow-reduced           Accept a sandbox with weaker walls where the kernel refuses full isolation
              --env <NAME>              Let this environment variable into the sandbox; may be given more than once
              --test-timeout <SECONDS>  Wall time for one run of the test command, seconds
              --timeout <SECONDS>       Wall time for the whole run, seconds
              --max-candidates <N>      How many candidates may be tried
              --seed <N>                Seed of the search: the same seed tries the same candidates in the same order
          -h, --help                    Print help
    "#]].assert_eq(&said.stdout);
}

#[test]
fn a_word_that_is_no_command_is_a_usage_error() {
    let said = Scene::empty().bodkin(&["fox"]).run();
    expect![[r#"
        --- stderr
        error: unrecognized subcommand 'fox'

          tip: a similar subcommand exists: 'fix'

        Usage: bodkin [OPTIONS] <COMMAND>

        For more information, try '--help'.
        --- exit 2
    "#]]
    .assert_eq(&said.shown());
}
