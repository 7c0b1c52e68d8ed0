//! Short ways to write down what tests said.

use bodkin_guard::report::{Baseline, Exit, Failure, Finished, Stop, TestOutcome, TestResult};
use bodkin_text::{Line1, RelPath};

use super::kit::walls;

pub(super) fn exit(code: i32) -> Finished {
    ended(Exit::Code(code))
}

pub(super) fn stopped(stop: Stop) -> Finished {
    Finished { wall_us: 60_000_000, output_bytes: 8 << 20, ..ended(Exit::Stopped(stop)) }
}

fn ended(exit: Exit) -> Finished {
    Finished {
        exit,
        output: String::new(),
        output_bytes: 0,
        wall_us: 1_000,
        tests: Vec::new(),
        lines: Vec::new(),
        isolation: walls(),
    }
}

pub(super) fn says(output: &str, finished: Finished) -> Finished {
    Finished { output: output.to_owned(), ..finished }
}

/// `+a -b ?c ~d`: a passed, b failed, c hung, d was skipped.
pub(super) fn tests(finished: Finished, marks: &str) -> Finished {
    Finished { tests: marks.split_whitespace().map(test).collect(), ..finished }
}

fn test(word: &str) -> TestResult {
    let (mark, id) = word.split_at(1);
    let (outcome, failure) = match mark {
        "+" => (TestOutcome::Passed, None),
        "-" => (TestOutcome::Failed, Some("assert -1 == 3")),
        "?" => (TestOutcome::TimedOut, Some("it did not end")),
        _ => (TestOutcome::Skipped, None),
    };
    let failure = failure.map(|message| Failure {
        kind: "AssertionError".to_owned(),
        message: message.to_owned(),
        frames: Vec::new(),
    });
    TestResult { id: id.to_owned(), outcome, duration_us: 1, failure }
}

pub(super) fn lines(finished: Finished, file: &str, ran: &[u32]) -> Finished {
    let ran = ran.iter().copied().map(Line1).collect();
    Finished { lines: vec![(RelPath::new(file).unwrap(), ran)], ..finished }
}

pub(super) fn failing(ids: &[&str]) -> Baseline {
    let tests = ids.iter().map(|id| test(&format!("-{id}"))).collect();
    Baseline { tests, ..Baseline::default() }
}

pub(super) fn passing() -> Baseline {
    Baseline { tests: vec![test("+t")], passed: true, ..Baseline::default() }
}

pub(super) fn problem(text: &str) -> Baseline {
    Baseline { problem: Some(text.to_owned()), ..Baseline::default() }
}
