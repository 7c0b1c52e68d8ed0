//! Whole runs through the host: events, decisions, cancelling, closing, what is remembered.

use std::sync::Arc;
use std::sync::mpsc::channel;

use bodkin_guard::RunId;
use bodkin_guard::action::Purpose;
use bodkin_protocol::FailureKind;
use bodkin_sandbox::in_memory::{Call, InMemorySandbox};

use super::kit::{CALC, Calc, PATIENCE, Setup, desk, desk_with, fix, outcome, rel, until, view, words};
use crate::code::{TestId, TestState};
use crate::runs::{ENDED_KEPT, Runs};
use crate::{Event, Intent, Outcome, Test};

#[test]
fn a_run_is_told_as_it_goes_and_its_offer_is_put_in_place() {
    let sandbox = InMemorySandbox::new(Calc::usual());
    let desk = desk_with(CALC, Setup { sandbox: Arc::new(sandbox.clone()), ..Setup::default() });
    let events = desk.host.events();
    let run = desk.host.start(fix("calc.py")).unwrap();
    let told = until(&events, |it| matches!(it, Event::Offered { .. }));
    let seqs: Vec<u64> = told
        .iter()
        .filter_map(|it| match it {
            Event::Plan { plan, .. } => Some(plan.seq),
            Event::Offered { .. } | Event::Part { .. } | Event::Tests { .. } | Event::Ended { .. } => None,
        })
        .collect();
    assert!(!seqs.is_empty() && seqs.is_sorted(), "{seqs:?}");
    assert_eq!(desk.read("calc.py"), "def add(a, b):\n    return a - b\n", "the work tree is untouched");
    let offer = desk.host.run(run).unwrap().offer.unwrap();
    assert!(offer.proof.is_complete());
    desk.host.accept_to_disk(run).unwrap();
    assert_eq!(outcome(&events), Outcome::Proved);
    assert_eq!(desk.read("calc.py"), "def add(a, b):\n    return a + b\n");
    assert!(desk.ledger().is_intact());
    let proofs = sandbox.calls().into_iter().filter(|call| match call {
        Call::Run(run) => run.purpose == Purpose::Proof,
        Call::Probe(_) => false,
    });
    assert_eq!(proofs.count(), 1);
    let view = desk.host.run(run).unwrap();
    assert_eq!((view.outcome, view.plan.progress()), (Some(Outcome::Proved), (6, 6)));
}

#[test]
fn an_offer_can_be_accepted_after_its_run_has_ended() {
    let desk = desk(CALC);
    let events = desk.host.events();
    let run = desk.host.start(fix("calc.py")).unwrap();
    until(&events, |it| matches!(it, Event::Offered { .. }));
    desk.host.decline(run);
    assert_eq!(outcome(&events), Outcome::Proved);
    desk.host.accept_to_disk(run).unwrap();
    assert_eq!(desk.read("calc.py"), "def add(a, b):\n    return a + b\n");
}

#[test]
fn what_is_on_the_screen_is_what_is_fixed() {
    let desk = desk(&[("calc.py", "def add(a, b):\n    return a + b\n"), ("test_calc.py", CALC[1].1)]);
    desk.host.open_buffer(rel("calc.py"), 1, CALC[0].1.to_owned());
    let events = desk.host.events();
    let run = desk.host.start(fix("calc.py")).unwrap();
    until(&events, |it| matches!(it, Event::Offered { .. }));
    let change = desk.host.accept_to_editor(run).unwrap();
    let file = change.files.first().unwrap();
    assert_eq!((&*file.before, file.version), (CALC[0].1, Some(1)));
}

#[test]
fn a_refusal_is_an_event_too() {
    let desk = desk(CALC);
    let events = desk.host.events();
    desk.host.start(fix("nowhere.py")).unwrap();
    assert_eq!(words(&outcome(&events)), "refused: `nowhere.py` does not exist");
}

#[test]
fn a_cancelled_run_ends_and_offers_nothing() {
    let desk = desk(CALC);
    let events = desk.host.events();
    let run = desk.host.start(fix("calc.py")).unwrap();
    until(&events, |it| matches!(it, Event::Offered { .. }));
    assert!(desk.host.cancel(run));
    assert_eq!(outcome(&events), Outcome::Cancelled);
    assert!(!desk.host.cancel(run), "it is not under way any more");
    assert_eq!(desk.host.accept_to_disk(run).unwrap_err().kind, FailureKind::BadRequest);
}

#[test]
fn a_closed_host_ends_its_runs_and_begins_none() {
    let desk = desk(CALC);
    let events = desk.host.events();
    desk.host.start(fix("calc.py")).unwrap();
    until(&events, |it| matches!(it, Event::Offered { .. }));
    desk.host.close();
    assert_eq!(outcome(&events), Outcome::Cancelled);
    let error = desk.host.start(fix("calc.py")).unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (FailureKind::Unavailable, "this workspace is closed"));
}

#[test]
fn runs_end_with_the_last_handle_of_their_host() {
    let desk = desk(CALC);
    let other = desk.host.clone();
    let events = desk.host.events();
    other.start(fix("calc.py")).unwrap();
    until(&events, |it| matches!(it, Event::Offered { .. }));
    drop(other);
    assert!(events.try_iter().next().is_none(), "one handle is left");
    drop(desk);
    assert_eq!(outcome(&events), Outcome::Cancelled);
    // With the last run the listeners' channel closes.
    assert!(
        events.recv_timeout(PATIENCE).is_err_and(|it| it == std::sync::mpsc::RecvTimeoutError::Disconnected)
    );
}

#[test]
fn two_runs_at_once_have_names_of_their_own() {
    let desk = desk(CALC);
    let events = desk.host.events();
    let (one, other) = (desk.host.start(fix("calc.py")).unwrap(), desk.host.start(fix("calc.py")).unwrap());
    assert_ne!(one, other);
    for _ in 0..2 {
        until(&events, |it| matches!(it, Event::Offered { .. }));
    }
    assert_eq!(desk.host.runs().len(), 2);
    desk.host.accept_to_disk(one).unwrap();
    let error = desk.host.accept_to_disk(other).unwrap_err();
    assert_eq!(error.message, "the text is already as the change would make it");
}

#[test]
fn a_number_that_was_given_is_not_given_again() {
    let desk = desk(&[]);
    let first = desk.host.inner().state.next_run().unwrap();
    let second = desk.again().inner().state.next_run().unwrap();
    assert_eq!((first, second), (RunId(1), RunId(2)));
    desk.write("a.py", "a\n");
    desk.host.accept_to_disk(desk.offer(&[("a.py", "a\n", "A\n")])).unwrap();
    // A counter that is lost is found again from the ledger's length.
    super::kit::put(&desk.host.inner().state.at(""), "counter", "torn");
    assert!(desk.host.inner().state.next_run().unwrap() > second);
}

#[test]
fn the_last_hundred_runs_that_ended_are_remembered_and_all_that_go_on() {
    let runs = Runs::default();
    let (sender, _news) = channel();
    runs.add(view(RunId(1), None, None), sender.clone());
    for id in 2..=300 {
        runs.add(view(RunId(id), None, Some(Outcome::Proved)), sender.clone());
    }
    let kept: Vec<u64> = runs.all().iter().map(|it| it.id.0).collect();
    assert_eq!(kept.len(), ENDED_KEPT + 1);
    assert_eq!((kept.first(), kept.get(1), kept.last()), (Some(&1), Some(&201), Some(&300)));
}

#[test]
fn a_fault_in_the_sandbox_ends_the_run_not_the_host() {
    struct Faulty;
    impl bodkin_sandbox::in_memory::Script for Faulty {
        fn run(
            &mut self,
            _: &bodkin_guard::action::RunCommand,
            _: &bodkin_text::Layer,
        ) -> bodkin_guard::report::Finished {
            panic!("a fault on purpose")
        }
        fn baseline(
            &mut self,
            _: &bodkin_guard::action::Probe,
            _: &bodkin_text::Layer,
        ) -> bodkin_guard::report::Baseline {
            panic!("a fault on purpose")
        }
        fn verdict(
            &mut self,
            _: &bodkin_guard::action::Probe,
            _: &bodkin_text::Layer,
            _: &bodkin_text::Layer,
        ) -> bodkin_guard::report::Verdict {
            panic!("a fault on purpose")
        }
    }
    let sandbox = Arc::new(InMemorySandbox::new(Faulty));
    let desk = desk_with(CALC, Setup { sandbox, ..Setup::default() });
    let events = desk.host.events();
    desk.host.start(fix("calc.py")).unwrap();
    let ended = words(&outcome(&events));
    assert!(ended.starts_with("failed: Bodkin itself failed in this act"), "{ended}");
    desk.host.start(fix("x.py")).unwrap();
    assert_eq!(words(&outcome(&events)), "refused: `x.py` does not exist");
}

#[test]
fn tests_are_run_by_one_permitted_command_and_told_as_they_stand() {
    let sandbox = InMemorySandbox::new(Calc::usual());
    let desk = desk_with(CALC, Setup { sandbox: Arc::new(sandbox.clone()), ..Setup::default() });
    let events = desk.host.events();
    let id = TestId::parse("test_calc.py::test_add").unwrap();
    desk.host.start(Intent::Test(Test { tests: vec![id.clone()] })).unwrap();
    let told = until(&events, |it| matches!(it, Event::Ended { .. }));
    let mut states = Vec::new();
    for it in &told {
        if let Event::Tests { tests, .. } = it {
            states.extend(tests.iter().map(|it| (it.id.clone(), it.state)));
        }
    }
    let of = |state| (id.clone(), state);
    assert_eq!(states, [of(TestState::Queued), of(TestState::Running), of(TestState::Failed)]);
    let outcome = told.last();
    assert!(
        matches!(outcome, Some(Event::Ended { outcome: Outcome::Tested(tally), .. }) if tally.failed == 1),
        "{outcome:?}"
    );
    let asked = sandbox.calls().into_iter().map(|call| match call {
        Call::Run(run) => run.purpose,
        Call::Probe(_) => Purpose::Baseline,
    });
    assert_eq!(asked.collect::<Vec<_>>(), [Purpose::Asked], "nothing else was run");
    assert!(desk.ledger().is_intact());
}
