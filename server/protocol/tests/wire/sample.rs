//! One value of each wire type, translated from inner values where there is a translation.

use bodkin_agent::{outcome as agent, plan::Plan};
use bodkin_guard::RunId;
use bodkin_guard::action::CommandLine;
use bodkin_guard::ledger::{Chain, Timestamp, verify_bytes};
use bodkin_guard::report::{Isolation, IsolationLevel};
use bodkin_protocol::events::MessageLevel;
use bodkin_protocol::history::ChangedFile;
use bodkin_protocol::payloads::{DoctorCheck, DoctorStatus};
use bodkin_protocol::review::{HunkState, Review, ReviewState, ReviewedFile, ReviewedHunk};
use bodkin_protocol::testing::{TestResult, TestState};
use bodkin_protocol::{
    DoctorPayload, Event, FixPayload, LedgerPayload, News, Outcome, RunSummary, StepState, translate,
};
use bodkin_text::{FileEdit, Line1, Patch, RelPath};

pub(crate) fn path() -> RelPath {
    RelPath::new("src/a.py").unwrap_or_else(|error| unreachable!("{error}"))
}

/// An offer of two hunks in one file.
pub(crate) fn offer() -> agent::Offer {
    let before = "a = 1\nx = 0\nb = 2\nc = 3\nd = é\n".to_owned();
    let after = "a = 2\nx = 0\nb = 2\nc = 3\nd = é + 1\n".to_owned();
    let check = |succeeded: bool| agent::CheckResult {
        ended: format!("exit code {}", u8::from(!succeeded)),
        succeeded,
        passed: Some(3),
        failed: if succeeded { Vec::new() } else { vec!["test_a".to_owned()] },
        said: String::new(),
        wall_ms: 40,
    };
    agent::Offer {
        patch: Patch::one(FileEdit::between(path(), &before, &after)),
        files: vec![agent::OfferedFile { path: path(), before, after }],
        summary: "1 becomes 2".to_owned(),
        proposer: "constant".to_owned(),
        cautions: Vec::new(),
        alternatives: 1,
        proof: agent::Proof {
            command: CommandLine::Argv(["pytest", "-k", "it's a"].map(str::to_owned).to_vec()),
            cwd: None,
            before: check(false),
            after: check(true),
            mended: vec!["test_a".to_owned()],
            still_failing: Vec::new(),
            executed: vec![(path(), vec![Line1(1), Line1(5)])],
            candidates: 12,
            elapsed_ms: 900,
            isolation: Isolation {
                backend: "local".to_owned(),
                level: IsolationLevel::Full,
                missing: Vec::new(),
            },
            missing: Vec::new(),
        },
    }
}

pub(crate) fn fix_payload() -> FixPayload {
    let mut plan = Plan::of(&[("understand", "Understand"), ("probe", "Probe")]);
    plan.begin("understand", 1);
    FixPayload {
        run_id: RunId(1).to_string(),
        outcome: Outcome::Proved,
        reason: String::new(),
        plan: translate::plan(RunId(1), &plan),
        offer: Some(translate::offer(&offer(), |_| false)),
        applied: false,
        checkpoint: None,
        candidates: 12,
        elapsed_ms: 950,
    }
}

pub(crate) fn doctor_payload() -> DoctorPayload {
    let check = DoctorCheck {
        id: "sandbox".to_owned(),
        title: "Sandbox".to_owned(),
        status: DoctorStatus::Warn,
        detail: "the network is not cut off".to_owned(),
        next_step: Some("allow user namespaces".to_owned()),
    };
    DoctorPayload { checks: vec![check] }
}

/// A ledger of two lines, of which the second is none.
pub(crate) fn ledger_payload() -> LedgerPayload {
    let (_, first) = Chain::start("shop", Timestamp::from_unix_ms(0));
    let text = format!("{}\nnothing\n", first.render());
    translate::ledger("/state/ledger.jsonl", &verify_bytes(text.as_bytes(), None))
}

pub(crate) fn review() -> Review {
    let hunk = ReviewedHunk { id: "h1".to_owned(), state: HunkState::Undecided };
    let file = changed_file();
    Review {
        run_id: "r1".to_owned(),
        state: ReviewState::Open,
        missing: Vec::new(),
        files: vec![ReviewedFile { path: file.path, uri: file.uri, hunks: vec![hunk] }],
    }
}

fn changed_file() -> ChangedFile {
    ChangedFile { path: path().to_string(), uri: "file:///shop/src/a.py".to_owned() }
}

fn test_result() -> TestResult {
    TestResult {
        id: "tests/test_a.py::test_a".to_owned(),
        uri: "file:///shop/tests/test_a.py".to_owned(),
        state: TestState::Failed,
        message: Some("AssertionError: 1 == 2".to_owned()),
        line: Some(3),
        duration_ms: Some(12),
    }
}

pub(crate) fn events() -> Vec<Event> {
    let fix = fix_payload();
    let offer = translate::offer(&offer(), |_| false);
    let summary = RunSummary {
        run_id: "r1".to_owned(),
        title: "fix src/a.py:1".to_owned(),
        outcome: Some(Outcome::Proved),
        reason: String::new(),
        candidates: 12,
        started_unix_ms: 0,
        elapsed_ms: 950,
        has_offer: true,
    };
    assert_eq!(fix.plan.entries.first().map(|it| it.state), Some(StepState::InProgress));
    let all = [
        News::Plan { plan: fix.plan },
        News::Tried { tried: 12, passed: 1 },
        News::Proved { proof: Box::new(offer.proof.clone()) },
        News::Offered { offer: Box::new(offer) },
        News::Reviewed { review: review() },
        News::Applied { checkpoint: "c1".to_owned(), files: vec![changed_file()] },
        News::Undone { checkpoint: "c1".to_owned() },
        News::Tests { results: vec![test_result()] },
        News::Ended { summary },
        News::Message { level: MessageLevel::Warning, text: "a reduced sandbox".to_owned() },
    ];
    all.into_iter()
        .zip(1..)
        .map(|(news, seq)| Event { seq, run_id: "r1".to_owned(), at_ms: 5, news })
        .collect()
}
