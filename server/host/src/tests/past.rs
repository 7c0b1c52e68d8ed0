//! Runs of processes that have gone.
#![expect(clippy::disallowed_methods, reason = "tests make and read files of their own")]

use bodkin_guard::ledger::{Entry, Kind};
use serde_json::json;

use super::kit::{CALC, Desk, desk, fix, outcome, until, words};
use crate::{Event, RunId, RunView};

fn line(view: &RunView) -> String {
    format!("{} {}: {}", view.id, view.title, view.outcome.as_ref().map(words).unwrap_or_default())
}

fn past(desk: &Desk) -> Vec<String> {
    desk.again().past_runs().iter().map(line).collect()
}

#[test]
fn a_run_that_has_ended_is_told_by_the_next_process_and_not_by_its_own() {
    let desk = desk(CALC);
    let events = desk.host.events();
    let run = desk.host.start(fix("calc.py")).unwrap();
    until(&events, |it| matches!(it, Event::Offered { .. }));
    assert_eq!(past(&desk), Vec::<String>::new(), "it goes on, here");
    let applied = desk.host.accept_to_disk(run).unwrap();
    assert_eq!(words(&outcome(&events)), "proved");
    assert_eq!(desk.host.past_runs().len(), 0, "its own process knows more of it");
    let next = desk.again().past_runs();
    assert_eq!(next.iter().map(line).collect::<Vec<_>>(), ["r1 fix calc.py: proved"]);
    assert_eq!(next[0].checkpoint, Some(applied.checkpoint));
}

#[test]
fn a_run_whose_process_died_is_told_as_cut_off_once() {
    let desk = desk(CALC);
    let inner = desk.host.inner();
    inner.note(Entry::new(Some(RunId(7)), Kind::Asked, json!({"intent": "fix calc.py"}))).unwrap();
    let alive = crate::alive::mark(&inner.state, RunId(7)).unwrap();
    assert_eq!(past(&desk), Vec::<String>::new(), "somebody works on it");
    drop(alive);
    // What a process leaves that had no time to end: its mark, without the lock.
    std::fs::write(inner.state.at("runs/7"), "").unwrap();
    let ledger = crate::check_ledger(&desk.home, &desk.root).unwrap().path;
    let whole = desk.ledger_text();
    let cut: String = whole.split_inclusive('\n').take(1).collect();
    std::fs::write(&ledger, &cut).unwrap();
    assert_eq!(past(&desk), Vec::<String>::new());
    assert_eq!(desk.ledger_text(), cut, "a ledger that was cut off is not written on, which would hide it");
    std::fs::write(&ledger, whole).unwrap();
    let told = past(&desk);
    assert!(told.len() == 1 && told[0].starts_with("r7 fix calc.py: failed: Bodkin was ended"), "{told:?}");
    assert_eq!(past(&desk), told);
    assert_eq!(desk.said().iter().filter(|it| *it == "ended").count(), 1, "{:?}", desk.said());
    assert!(desk.ledger().is_intact());
}
