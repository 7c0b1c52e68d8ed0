//! The gate, case by case.

mod lines;
mod outcomes;

use bodkin_guard::report::{Exit, Finished, Isolation, IsolationLevel, Stop, TestOutcome, TestResult};
use bodkin_text::{Edits, Line1, RelPath};

use super::{Evidence, Judgement, judge};

/// `1 +a -b ~c !d ?e`: exit code 1; a passed, b failed, c was skipped, d could not be loaded, e ran out of time.
fn finished(text: &str) -> Finished {
    let mut words = text.split_whitespace();
    let exit = match words.next().unwrap() {
        "hangs" => Exit::Stopped(Stop::WallTime),
        "dies" => Exit::Signal(11),
        code => Exit::Code(code.parse().unwrap()),
    };
    let tests = words.map(|word| {
        let (mark, id) = word.split_at(1);
        let outcome = match mark {
            "+" => TestOutcome::Passed,
            "-" => TestOutcome::Failed,
            "~" => TestOutcome::Skipped,
            "!" => TestOutcome::Errored,
            "?" => TestOutcome::TimedOut,
            other => unreachable!("no mark {other}"),
        };
        TestResult { id: id.to_owned(), outcome, duration_us: 1, failure: None }
    });
    Finished {
        exit,
        output: String::new(),
        output_bytes: 0,
        wall_us: 1,
        tests: tests.collect(),
        lines: Vec::new(),
        isolation: Isolation { backend: "none".to_owned(), level: IsolationLevel::Full, missing: Vec::new() },
    }
}

/// A change of one file, and the lines of it that ran.
struct Change<'t> {
    file: &'t str,
    old: &'t str,
    new: &'t str,
    ran: Option<&'t [u32]>,
}

const FIXED: Change<'_> = Change {
    file: "a.py",
    old: "def f(x):\n    return x\n",
    new: "def f(x):\n    return -x\n",
    ran: Some(&[1, 2]),
};

fn gate(before: &str, after: &str, change: &Change<'_>, failing: &[&str], smells: &[&str]) -> Judgement {
    let file = RelPath::new(change.file).unwrap();
    let (before, mut after) = (finished(before), finished(after));
    if let Some(ran) = change.ran {
        after.lines = vec![(file.clone(), ran.iter().copied().map(Line1).collect())];
    }
    let owned = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let (failing, smells) = (owned(failing), owned(smells));
    judge(&Evidence {
        before: &before,
        after: &after,
        failing: &failing,
        file: &file,
        old: change.old,
        edits: &Edits::between(change.old, change.new),
        is_test: crate::is_test_file(&file),
        smells: &smells,
    })
}

/// In a line: `proved`, what is missing, or why it is rejected.
fn verdict(judgement: &Judgement) -> String {
    match judgement {
        Judgement::Proved(found) => {
            format!("proved: mended {:?}, still {:?}", found.mended, found.still_failing)
        }
        Judgement::Unproved(_, missing) => {
            format!("unproved: {}", missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        }
        Judgement::Rejected(why) => format!("rejected: {why}"),
    }
}
