//! The ledger on disk: before every act, one chain for several processes, no line changed unseen.
#![expect(clippy::disallowed_methods, reason = "tests make and read files of their own")]

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use bodkin_guard::RunId;
use bodkin_guard::ledger::{Entry, Kind, LedgerSink, SinkError};
use bodkin_sandbox::in_memory::InMemorySandbox;
use serde_json::json;

use super::kit::{CALC, Calc, Desk, Setup, desk, desk_with, fix, outcome, words};
use crate::Settings;
use crate::ledger::FileLedger;

fn ledger(desk: &Desk) -> FileLedger {
    FileLedger::new(desk.host.inner().state.clone(), &desk.root)
}

fn entry(text: &str) -> Entry {
    Entry::new(Some(RunId(1)), Kind::Asked, json!({ "intent": text }))
}

fn path(desk: &Desk) -> PathBuf {
    desk.host.inner().state.at("ledger.jsonl")
}

/// Nothing can be appended where a folder stands in place of the file.
fn break_ledger(desk: &Desk) {
    let _ = fs::remove_file(path(desk));
    fs::create_dir(path(desk)).unwrap();
}

#[test]
fn nothing_is_written_that_can_not_be_recorded() {
    // invariant: record-before-act
    let desk = desk(&[("a.py", "a\n")]);
    let run = desk.offer(&[("a.py", "a\n", "A\n")]);
    break_ledger(&desk);
    let error = desk.host.accept_to_disk(run).unwrap_err();
    assert!(error.message.starts_with("nothing is done that can not be recorded"), "{error}");
    assert!(desk.host.accept_to_editor(run).is_err());
    assert_eq!((desk.read("a.py").as_str(), desk.files()), ("a\n", vec!["a.py".to_owned()]));
}

#[test]
fn nothing_is_run_that_can_not_be_recorded() {
    // invariant: record-before-act
    let sandbox = InMemorySandbox::new(Calc::usual());
    let desk = desk_with(CALC, Setup { sandbox: Arc::new(sandbox.clone()), ..Setup::default() });
    break_ledger(&desk);
    let events = desk.host.events();
    desk.host.start(fix("calc.py")).unwrap();
    let ended = words(&outcome(&events));
    assert!(ended.starts_with("refused: nothing is done that can not be recorded"), "{ended}");
    assert_eq!(sandbox.calls(), []);
}

#[test]
fn two_processes_append_to_one_chain() {
    let desk = desk(&[]);
    let (mut one, mut other) = (ledger(&desk), ledger(&desk));
    let places: Vec<u64> = (0..10)
        .map(|at| if at % 3 == 0 { one.append(entry("one")) } else { other.append(entry("other")) }.unwrap())
        .collect();
    assert_eq!(places, (1..=10).collect::<Vec<u64>>());
    assert!(desk.ledger().is_intact());
}

#[test]
fn many_writers_at_once_append_to_one_chain() {
    let desk = desk(&[]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let mut ledger = ledger(&desk);
            scope.spawn(move || {
                for _ in 0..10 {
                    ledger.append(entry("at once")).unwrap();
                }
            });
        }
    });
    let report = desk.ledger();
    assert!(report.is_intact() && report.entries == 41, "{report:?}");
}

#[test]
fn a_torn_last_line_is_cut_and_the_chain_goes_on() {
    let desk = desk(&[]);
    ledger(&desk).append(entry("whole")).unwrap();
    let mut file = OpenOptions::new().append(true).open(path(&desk)).unwrap();
    file.write_all(b"{\"seq\":2,\"ru").unwrap();
    assert_eq!(ledger(&desk).append(entry("after")), Ok(2));
    assert!(desk.ledger().is_intact());
    assert_eq!(desk.said(), ["genesis", "asked", "asked"]);
}

#[test]
fn a_torn_first_line_begins_anew() {
    let desk = desk(&[]);
    fs::write(path(&desk), "{\"seq\":0,").unwrap();
    assert_eq!(ledger(&desk).append(entry("after")), Ok(1));
    assert!(desk.ledger().is_intact());
}

#[test]
fn a_last_line_without_its_line_end_is_ended() {
    let desk = desk(&[]);
    ledger(&desk).append(entry("whole")).unwrap();
    let text = desk.ledger_text();
    fs::write(path(&desk), text.trim_end()).unwrap();
    assert_eq!(ledger(&desk).append(entry("after")), Ok(2));
    assert!(desk.ledger().is_intact());
}

#[test]
fn after_a_changed_last_line_nothing_is_appended() {
    let desk = desk(&[("a.py", "a\n")]);
    ledger(&desk).append(entry("what was asked")).unwrap();
    let changed = desk.ledger_text().replace("what was asked", "something else");
    fs::write(path(&desk), &changed).unwrap();
    let refused = ledger(&desk).append(entry("after"));
    assert!(matches!(refused, Err(SinkError::Broken(_))), "{refused:?}");
    let error = desk.host.accept_to_disk(desk.offer(&[("a.py", "a\n", "A\n")])).unwrap_err();
    assert_eq!(error.hint, "`bodkin ledger verify` tells what is wrong with the ledger.");
    assert_eq!((desk.read("a.py").as_str(), desk.ledger_text()), ("a\n", changed));
    assert!(!desk.ledger().is_intact());
}

#[test]
fn the_values_of_variables_stay_out_of_the_ledger() {
    // invariant: secrets-stay-out
    let value = "hunter2-very-secret-value";
    let settings = Settings {
        env: [("API_TOKEN".to_owned(), value.to_owned()), ("PLAIN".to_owned(), value.to_owned())].into(),
        ..Settings::default()
    };
    let desk = desk_with(CALC, Setup { settings, ..Setup::default() });
    let events = desk.host.events();
    let run = desk.host.start(fix("calc.py")).unwrap();
    super::kit::until(&events, |it| matches!(it, crate::Event::Offered { .. }));
    desk.host.accept_to_disk(run).unwrap();
    outcome(&events);
    let text = desk.ledger_text();
    assert!(text.contains("API_TOKEN") && !text.contains(value), "names are recorded, values are not");
}
