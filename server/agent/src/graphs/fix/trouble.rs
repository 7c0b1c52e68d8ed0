//! What is wrong with a test command, in words that say what to do next.

use bodkin_guard::action::CommandLine;
use bodkin_guard::report::{Baseline, Exit, Finished, Stop};

use crate::outcome::{Refused, Why};

/// Why a finished command is no check that a fix could mend; `None` when it is one.
pub(in crate::graphs) fn of(finished: &Finished, command: &CommandLine) -> Option<Refused> {
    let shown = show(command);
    if !finished.tests.is_empty() {
        return None;
    }
    let seconds = finished.wall_us / 1_000_000;
    match finished.exit {
        Exit::Stopped(Stop::WallTime) => Some(bad(
            format!("the test command `{shown}` did not end within {seconds} s and was stopped"),
            "If the fault makes it hang, give the tests a time limit of their own (`node --test --test-timeout=2000`, pytest-timeout); if they are slow, name fewer of them with --test or raise the test timeout.",
        )),
        Exit::Stopped(Stop::Output) => Some(bad(
            format!("the test command `{shown}` printed {} MB and was stopped", finished.output_bytes >> 20),
            "Name a quieter command with --test; something in it prints without end.",
        )),
        Exit::Stopped(Stop::CpuTime) => Some(bad(
            format!("the test command `{shown}` took more CPU time than it may and was stopped"),
            "Name fewer tests with --test.",
        )),
        Exit::Stopped(Stop::Memory) => Some(bad(
            format!("the test command `{shown}` took more memory than it may and was stopped"),
            "Name fewer tests with --test.",
        )),
        Exit::Stopped(Stop::Cancelled) | Exit::Signal(_) => None,
        Exit::Code(0) => None,
        Exit::Code(_) => {
            no_tests(&finished.output, &shown).or_else(|| needs_network(&finished.output, &shown))
        }
    }
}

/// Why a warm runner could not begin; `None` where the plain command may still be a check.
pub(super) fn of_problem(problem: &str, before: &Finished, command: &CommandLine) -> Option<Refused> {
    if !before.tests.is_empty() {
        return None;
    }
    let shown = show(command);
    no_tests(problem, &shown).or_else(|| needs_network(problem, &shown))
}

/// Refuses when every failure speaks of a network that is not there.
pub(super) fn network(baseline: &Baseline) -> Option<Refused> {
    let mut failures = baseline
        .tests
        .iter()
        .filter_map(|test| test.failure.as_ref().map(|failure| (test, failure)))
        .peekable();
    let first = failures.peek().map(|(test, _)| test.id.clone())?;
    failures
        .all(|(_, failure)| speaks_of_network(&format!("{}: {}", failure.kind, failure.message)))
        .then(|| wants_network(&first))
}

/// The refusal of a command that shows nothing wrong.
pub(super) fn passes_already(finished: &Finished, command: &CommandLine) -> Refused {
    let shown = show(command);
    if finished.tests.is_empty()
        && let Some(refused) = no_tests(&finished.output, &shown)
    {
        return refused;
    }
    let count = finished.tests.len();
    let tests = match count {
        0 => String::new(),
        1 => " (1 test)".to_owned(),
        _ => format!(" ({count} tests)"),
    };
    bad(
        format!("the test command `{shown}` passes already{tests}: nothing fails that a fix could mend"),
        "Name a failing test with --test, or write one that shows the fault.",
    )
}

/// The refusal of a command that did not even start.
pub(in crate::graphs) fn not_there(finished: &Finished, command: &CommandLine) -> Option<Refused> {
    let shown = show(command);
    let output = finished.output.as_str();
    let said = last_line(output);
    match finished.exit {
        Exit::Code(127) => {
            return Some(bad(
                format!("the test command `{shown}` was not found: {said}"),
                "Install it, or name another command with --test; `bodkin doctor` lists the test runners found.",
            ));
        }
        Exit::Code(126) => {
            return Some(bad(
                format!("the test command `{shown}` can not be run: {said}"),
                "Make it executable (`chmod +x`), or name another command with --test.",
            ));
        }
        Exit::Code(_) | Exit::Signal(_) | Exit::Stopped(_) => {}
    }
    if let Some(named) = named_and_missing(output, &shown) {
        return Some(bad(
            format!("the test command `{shown}` names `{named}`, which is not there"),
            "Check its name, and the folder that the command runs in.",
        ));
    }
    let module = output.lines().find(|line| {
        ["No module named pytest", "No module named 'pytest'", "Error: Cannot find module"]
            .iter()
            .any(|it| line.contains(it))
            && finished.tests.is_empty()
            && !line.trim_start().starts_with("E ")
    })?;
    Some(bad(
        format!("the test command `{shown}` can not start: {}", module.trim()),
        "Install it, or name another command with --test; `bodkin doctor` lists the test runners found.",
    ))
}

/// A module that Python did not find and that is a word of the command itself, as in `-m unittest test_a.B`.
fn named_and_missing<'o>(output: &'o str, shown: &str) -> Option<&'o str> {
    output.lines().find_map(|line| {
        let (_, rest) = line.split_once("ModuleNotFoundError: No module named '")?;
        let (name, _) = rest.split_once('\'')?;
        let is_it =
            |word: &str| word.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        shown.split_whitespace().any(is_it).then_some(name)
    })
}

fn no_tests(output: &str, shown: &str) -> Option<Refused> {
    let signs = [
        "no tests ran",
        "collected 0 items",
        "Ran 0 tests",
        "NO TESTS RAN",
        "No tests found",
        "no tests found",
        "No test files found",
        "no test files",
        "no tests were collected",
        "no tests collected",
        "file or directory not found",
    ];
    let line = output.lines().find(|line| signs.iter().any(|sign| line.contains(sign)))?;
    let line = line.trim().trim_matches('=').trim();
    Some(bad(
        format!("the test command `{shown}` found no tests: {line}"),
        "Name the right files with --test, or write a test that shows the fault.",
    ))
}

fn needs_network(output: &str, shown: &str) -> Option<Refused> {
    speaks_of_network(output).then(|| wants_network(&format!("`{shown}`")))
}

fn wants_network(what: &str) -> Refused {
    bad(
        format!("{what} needs the network, and the sandbox has none"),
        "Name tests that do not need it with --test, or let them use a local double; only the sandbox's own loopback can be reached.",
    )
}

fn speaks_of_network(text: &str) -> bool {
    [
        "Network is unreachable",
        "Temporary failure in name resolution",
        "Name or service not known",
        "Could not resolve host",
        "getaddrinfo EAI_AGAIN",
        "getaddrinfo ENOTFOUND",
        "connect ENETUNREACH",
        "network is unreachable",
        "dial tcp: lookup",
        "nodename nor servname",
    ]
    .iter()
    .any(|sign| text.contains(sign))
}

fn bad(message: String, hint: &str) -> Refused {
    Refused { why: Why::BadRequest, message, hint: hint.to_owned() }
}

fn last_line(output: &str) -> &str {
    output.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it printed nothing").trim()
}

/// A command as the user would type it.
pub(crate) fn show(command: &CommandLine) -> String {
    match command {
        CommandLine::Shell(line) => line.clone(),
        CommandLine::Argv(words) => words
            .iter()
            .map(|word| {
                let plain = !word.is_empty()
                    && word.chars().all(|it| it.is_ascii_alphanumeric() || "-_./=:@%+,[]".contains(it));
                if plain { word.clone() } else { format!("'{}'", word.replace('\'', "'\\''")) }
            })
            .collect::<Vec<_>>()
            .join(" "),
    }
}
