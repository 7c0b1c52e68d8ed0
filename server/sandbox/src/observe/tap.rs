//! TAP as Node's test runner writes it: nested by four spaces, with YAML blocks.

use bodkin_guard::report::TestOutcome;

use super::{Told, us};

/// The tests of a TAP stream; none if it is no such stream.
pub(super) fn tests(output: &str) -> Vec<Told> {
    let mut tests: Vec<Told> = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    let mut lines = output.lines().skip_while(|line| !line.starts_with("TAP version")).peekable();
    while let Some(line) = lines.next() {
        let text = line.trim_start();
        let depth = (line.len() - text.len()) / 4;
        if let Some(name) = text.strip_prefix("# Subtest: ") {
            names.truncate(depth);
            names.push(name);
            continue;
        }
        let Some((is_ok, rest)) = point(text) else { continue };
        let mut block = Vec::new();
        if lines.peek().is_some_and(|next| next.trim() == "---") {
            let indent = lines.next().map_or(0, |line| line.len() - line.trim_start().len());
            block.extend(
                lines
                    .by_ref()
                    .take_while(|line| line.trim() != "...")
                    .map(|line| line.get(indent..).unwrap_or_default()),
            );
        }
        let (name, is_skipped) = name(rest);
        names.truncate(depth);
        if is_container(&block) {
            continue;
        }
        let path: Vec<&str> = names.iter().copied().chain([name]).collect();
        tests.push(told(path.join(" > "), is_ok, is_skipped, &block));
    }
    tests
}

/// `ok 1 - name`, `not ok 2 - name`.
fn point(text: &str) -> Option<(bool, &str)> {
    let (is_ok, rest) = match text.strip_prefix("not ok ") {
        Some(rest) => (false, rest),
        None => (true, text.strip_prefix("ok ")?),
    };
    let (number, rest) = rest.split_once(" - ")?;
    number.parse::<u32>().ok().map(|_| (is_ok, rest))
}

fn name(rest: &str) -> (&str, bool) {
    match rest.split_once(" # ") {
        Some((name, directive)) => (name, directive.starts_with("SKIP") || directive.starts_with("TODO")),
        None => (rest, false),
    }
}

/// A suite is as good as its tests, which are told by themselves.
fn is_container(block: &[&str]) -> bool {
    field(block, "type").is_some_and(|it| it == "suite")
        || field(block, "failureType").is_some_and(|it| it == "subtestsFailed")
}

fn told(name: String, is_ok: bool, is_skipped: bool, block: &[&str]) -> Told {
    let outcome = match (is_ok, is_skipped, field(block, "failureType").as_deref()) {
        (_, true, _) => TestOutcome::Skipped,
        (true, false, _) => TestOutcome::Passed,
        (false, false, Some("testTimeoutFailure")) => TestOutcome::TimedOut,
        (false, false, _) => TestOutcome::Failed,
    };
    let mut told = Told::new(name, outcome);
    told.duration_us = field(block, "duration_ms").map_or(0, |ms| us(&ms));
    if outcome == TestOutcome::Failed || outcome == TestOutcome::TimedOut {
        let kind =
            field(block, "name").or_else(|| field(block, "code")).unwrap_or_else(|| "Failed".to_owned());
        told.failure = Some((kind, field(block, "error").unwrap_or_default()));
        told.stack = field(block, "stack").unwrap_or_default();
    }
    told
}

/// The value of a key of the block: quoted, plain, or a block of lines.
fn field(block: &[&str], key: &str) -> Option<String> {
    let at =
        block.iter().position(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')))?;
    let value = block.get(at)?.get(key.len() + 1..)?.trim();
    if value.starts_with('|') {
        let lines =
            block.get(at + 1..)?.iter().take_while(|line| line.starts_with("  ") || line.trim().is_empty());
        return Some(lines.map(|line| line.get(2..).unwrap_or_default()).collect::<Vec<_>>().join("\n"));
    }
    let quoted = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
    Some(quoted.map_or_else(|| value.to_owned(), |quoted| quoted.replace("''", "'").replace("\\n", "\n")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::tests_of;

    const OUTPUT: &str = "noise\nTAP version 13\n# Subtest: adds\nnot ok 1 - adds\n  ---\n  duration_ms: 21.5\n  \
        failureType: 'testCodeFailure'\n  error: |-\n    Expected values:\n    \n    2 !== 3\n  code: 'ERR_ASSERTION'\n  \
        name: 'AssertionError'\n  stack: |-\n    f (/w/a.js:2:29)\n    g (/w/a.test.js:5:1)\n  ...\n# Subtest: suite\n    # Subtest: inner\n    ok 1 - inner\n      \
        ---\n      duration_ms: 0.1\n      ...\n    # Subtest: sk\n    ok 2 - sk # SKIP\n      ---\n      duration_ms: 0.1\n      ...\n    1..2\nok 2 - suite\n  ---\n  type: 'suite'\n  ...\n1..2\n";

    #[test]
    fn nested_tests_have_their_suites_names_and_suites_are_no_tests() {
        let tests = tests_of(OUTPUT, "/w");
        let seen: Vec<_> = tests.iter().map(|test| (test.id.as_str(), test.outcome)).collect();
        let expected = [
            ("adds", TestOutcome::Failed),
            ("suite > inner", TestOutcome::Passed),
            ("suite > sk", TestOutcome::Skipped),
        ];
        assert_eq!(seen, expected);
        let failure = tests.first().unwrap().failure.as_ref().unwrap();
        assert_eq!(
            (failure.kind.as_str(), failure.message.as_str()),
            ("AssertionError", "Expected values:\n\n2 !== 3")
        );
        let frames: Vec<String> =
            failure.frames.iter().map(|it| format!("{}:{}", it.path, it.line)).collect();
        assert_eq!(frames, ["a.test.js:5", "a.js:2"]);
        assert_eq!(tests.first().unwrap().duration_us, 21_500);
    }

    #[test]
    fn other_outputs_tell_nothing() {
        assert_eq!(tests("ok 1 - looks like it\n"), []);
    }
}
