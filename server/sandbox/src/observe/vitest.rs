//! Vitest: the failures that it details at `FAIL`, checked against its own count.

use bodkin_guard::report::TestOutcome;

use super::Told;
use super::jest::count;

/// The failing tests of a Vitest report; none if it is no such report, or if its numbers do not agree.
pub(super) fn tests(output: &str) -> Vec<Told> {
    let counts = |head: &str| output.lines().rev().find_map(|line| line.trim_start().strip_prefix(head));
    let (Some(tests_line), Some(_)) = (counts("Tests  "), counts("Test Files  ")) else { return Vec::new() };
    let tests = failing(output);
    let failed = tests.iter().filter(|test| test.outcome == TestOutcome::Failed).count();
    let counted = tests_line.split_once(" (").map_or(tests_line, |(counted, _)| counted);
    if count(counted, "failed") == failed { tests } else { Vec::new() }
}

fn failing(output: &str) -> Vec<Told> {
    let mut tests: Vec<Told> = Vec::new();
    let mut lines = output.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix(" FAIL  ") else { continue };
        let (file, path) = name.split_once(" > ").unwrap_or((name, ""));
        let outcome = if path.is_empty() { TestOutcome::Errored } else { TestOutcome::Failed };
        let file = file.split(" [").next().unwrap_or(file).trim_matches('|').trim();
        let mut told =
            Told::new(if path.is_empty() { file.to_owned() } else { format!("{file} > {path}") }, outcome);
        let mut body = Vec::new();
        while let Some(next) = lines.next_if(|next| !next.starts_with(" FAIL  ") && !next.starts_with("⎯⎯"))
        {
            body.push(next);
        }
        let stack = |line: &&str| line.trim_start().starts_with("❯ ");
        told.stack = body.iter().copied().filter(stack).collect::<Vec<_>>().join("\n");
        let message = body.iter().copied().take_while(|line| !stack(line)).collect::<Vec<_>>().join("\n");
        let (kind, message) = message.trim().split_once(": ").unwrap_or(("Failed", message.trim()));
        told.failure = Some((kind.to_owned(), message.to_owned()));
        tests.push(told);
    }
    tests
}

#[cfg(test)]
mod tests {
    use crate::observe::tests_of;

    const OUTPUT: &str = " ❯ a.test.ts (2 tests | 1 failed) 5ms\n   × suite > adds 3ms\n     → expected 3 to be 4\n\n⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯\n\n FAIL  a.test.ts > suite > adds\nAssertionError: expected 3 to be 4 // Object.is equality\n\n- Expected\n+ Received\n\n ❯ a.test.ts:5:14\n      4|   test\n\n⎯⎯⎯⎯[1/1]⎯\n\n Test Files  1 failed (1)\n      Tests  1 failed | 1 passed (2)\n";

    #[test]
    fn failures_are_read_with_kind_message_and_place() {
        let tests = tests_of(OUTPUT, "/w");
        let test = tests.first().unwrap();
        assert_eq!((tests.len(), test.id.as_str()), (1, "a.test.ts > suite > adds"));
        let failure = test.failure.as_ref().unwrap();
        assert_eq!(failure.kind, "AssertionError");
        assert!(failure.message.starts_with("expected 3 to be 4"));
        assert_eq!((failure.frames.len(), failure.frames.first().unwrap().line.0), (1, 5));
    }

    #[test]
    fn a_report_whose_numbers_do_not_agree_tells_nothing() {
        assert_eq!(tests_of(&OUTPUT.replace("Tests  1 failed", "Tests  2 failed"), "/w"), []);
    }
}
