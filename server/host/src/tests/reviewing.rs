//! Offers that are accepted in part: what is rejected is in nothing that leaves the host.

use std::sync::Arc;

use bodkin_guard::action::{Probe, RunCommand};
use bodkin_guard::report::{Baseline, Finished, Verdict};
use bodkin_protocol::FailureKind;
use bodkin_sandbox::in_memory::{InMemorySandbox, Script, finished};
use bodkin_text::{HunkId, Layer, Line0, Line1};

use super::kit::{Desk, Setup, desk, desk_with, outcome, rel, test_result, until, words};
use crate::review::{Unproved, text_with};
use crate::{ChangeState, Event, Fix, Intent, RunId};

const BEFORE: &str = "a\nb\nc\nd\ne\n";
const AFTER: &str = "A\nb\nc\nd\nE\n";

fn hunks(desk: &Desk, run: RunId) -> Vec<HunkId> {
    let offer = desk.host.run(run).unwrap().offer.unwrap();
    let all = offer.patch.hunks(|path| offer.before(path)).unwrap();
    all.into_iter().map(|it| it.hunk.id).collect()
}

fn after(desk: &Desk, run: RunId, hunks: &[HunkId], unproved: Unproved) -> Result<String, crate::HostError> {
    let change = desk.host.accept_part_to_editor(run, hunks, unproved)?;
    let file = change.files.first().unwrap();
    Ok(file.edits.apply(&file.before).unwrap())
}

#[test]
fn a_part_that_is_not_proved_is_refused_unless_it_is_wanted_all_the_same() {
    let desk = desk(&[("a.py", BEFORE)]);
    let run = desk.offer(&[("a.py", BEFORE, AFTER)]);
    let all = hunks(&desk, run);
    let (first, second) = all.split_at(1);
    let refused = after(&desk, run, first, Unproved::Refused).unwrap_err();
    assert_eq!(refused.kind, FailureKind::Refused);
    assert_eq!(desk.host.changes().unwrap(), Vec::new(), "no checkpoint holds it either");
    assert_eq!(after(&desk, run, first, Unproved::Wanted).unwrap(), "A\nb\nc\nd\ne\n");
    assert_eq!(after(&desk, run, second, Unproved::Wanted).unwrap(), "a\nb\nc\nd\nE\n");
    let unknown = after(&desk, run, &["beef".into()], Unproved::Wanted).unwrap_err();
    assert_eq!(unknown.kind, FailureKind::BadRequest);
    assert!(!desk.host.prove_part(run, first.to_vec()), "nobody works on a run that has ended");
}

#[test]
fn the_changes_and_the_end_of_the_ledger_can_be_read() {
    let desk = desk(&[("a.py", BEFORE)]);
    assert_eq!(desk.host.ledger_page(None, 10).unwrap().lines, Vec::new());
    for (before, after) in [(BEFORE, "A\nb\nc\nd\ne\n"), ("A\nb\nc\nd\ne\n", AFTER)] {
        let run = desk.offer(&[("a.py", before, after)]);
        desk.host.accept_to_disk(run).unwrap();
    }
    desk.host.undo_on_disk(None).unwrap();
    let changes = desk.host.changes().unwrap();
    let told: Vec<_> =
        changes.iter().map(|it| (it.checkpoint.to_string(), it.run.to_string(), it.state)).collect();
    let one = |id: &str, run: &str, state| (id.to_owned(), run.to_owned(), state);
    assert_eq!(told, [one("c2", "r2", ChangeState::Undone), one("c1", "r1", ChangeState::Applied)]);
    assert_eq!(changes[0].files, [rel("a.py")]);
    let page = desk.host.ledger_page(None, 2).unwrap();
    let last = page.lines[0].seq;
    assert_eq!((page.lines.len(), page.lines[1].seq), (2, last - 1), "the newest first");
    let earlier = desk.host.ledger_page(Some(last - 1), 100).unwrap();
    assert_eq!(
        earlier.lines.iter().map(|it| it.seq).collect::<Vec<_>>(),
        (0..last - 1).rev().collect::<Vec<_>>()
    );
    let wire = crate::wire::ledger_page(&page);
    assert!(wire.intact && wire.entries[0].summary.starts_with("wrote"), "{wire:?}");
}

#[test]
fn a_text_has_the_hunks_that_are_asked_for() {
    let desk = desk(&[("a.py", BEFORE)]);
    let run = desk.offer(&[("a.py", BEFORE, AFTER)]);
    let all = hunks(&desk, run);
    let offer = desk.host.run(run).unwrap().offer.unwrap();
    let text = |hunks: &[HunkId]| text_with(&offer, &rel("a.py"), hunks).unwrap();
    assert_eq!((text(&[]), text(&all)), (BEFORE.to_owned(), AFTER.to_owned()));
    assert_eq!(text(&all[1..]), "a\nb\nc\nd\nE\n");
    assert_eq!(text_with(&offer, &rel("b.py"), &[]), None);
}

/// Statements in the wrong order; moving one takes two hunks.
const MEAN: &str = "def mean(xs):\n    count = len(xs)\n    value = total / count\n    name = 'mean'\n    unit = 'm'\n    total = sum(xs)\n    return value\n";
const MEAN_TEST: &str = "from mean import mean\n\n\ndef test_mean():\n    assert mean([2, 4]) == 3\n";

/// Passes once `total` is set before it is used.
struct Mean;

impl Mean {
    fn passes(layer: &Layer) -> bool {
        layer.iter().filter_map(|(_, text)| text).any(|text| {
            let at = |what: &str| text.find(what).unwrap_or(usize::MAX);
            at("total = sum(xs)") < at("value = total / count")
                && at("count = len") < at("value = ")
                && text.contains("return value")
        })
    }
}

impl Script for Mean {
    fn run(&mut self, _: &RunCommand, layer: &Layer) -> Finished {
        let passes = Self::passes(layer);
        let lines = vec![(rel("mean.py"), (1..9).map(Line1).collect())];
        Finished {
            tests: vec![test_result("test_mean.py::test_mean", passes)],
            lines,
            ..finished(i32::from(!passes), "")
        }
    }

    fn baseline(&mut self, _: &Probe, layer: &Layer) -> Baseline {
        let passed = Self::passes(layer);
        Baseline {
            tests: vec![test_result("test_mean.py::test_mean", passed)],
            passed,
            ..Baseline::default()
        }
    }

    fn verdict(&mut self, _: &Probe, _: &Layer, candidate: &Layer) -> Verdict {
        match Self::passes(candidate) {
            true => Verdict::Passed,
            false => Verdict::Failed {
                test: "test_mean.py::test_mean".to_owned(),
                failure: "UnboundLocalError".to_owned(),
                message: "total".to_owned(),
            },
        }
    }
}

#[test]
fn a_run_proves_a_part_of_its_offer_and_the_editor_gets_nothing_else() {
    let setup = Setup { sandbox: Arc::new(InMemorySandbox::new(Mean)), ..Setup::default() };
    let desk = desk_with(&[("mean.py", MEAN), ("test_mean.py", MEAN_TEST)], setup);
    let events = desk.host.events();
    let lines = Some((Line0(5), Line0(5)));
    let run = desk
        .host
        .start(Intent::Fix(Fix { file: rel("mean.py"), lines, test: None, test_dir: None, message: None }))
        .unwrap();
    until(&events, |it| matches!(it, Event::Offered { .. } | Event::Ended { .. }));
    let view = desk.host.run(run).unwrap();
    let offer = view.offer.unwrap_or_else(|| unreachable!("{:?}", view.outcome));
    let all = hunks(&desk, run);
    assert_eq!(all.len(), 2, "{:?}", offer.patch);
    let part = |wanted: &HunkId| {
        assert!(desk.host.prove_part(run, vec![wanted.clone()]));
        until(&events, |it| matches!(it, Event::Part { .. }));
        desk.host.run(run).unwrap().part.unwrap()
    };
    let taken_out = part(&all[1]);
    assert!(!taken_out.offer.proof.is_complete(), "it is used before it is set");
    assert_eq!(after(&desk, run, &all[1..], Unproved::Refused).unwrap_err().kind, FailureKind::Refused);
    let put_in = part(&all[0]);
    assert_eq!(put_in.offer.proof.missing, Vec::<String>::new());
    let change = desk.host.accept_part_to_editor(run, &all[..1], Unproved::Refused).unwrap();
    let file = change.files.first().unwrap();
    let text = file.edits.apply(&file.before).unwrap();
    assert_eq!(text.matches("total = sum(xs)").count(), 2, "the hunk that takes it out was rejected: {text}");
    desk.write("mean.py", &text);
    assert!(desk.host.editor_applied(change.checkpoint, true));
    assert_eq!(words(&outcome(&events)), "proved");
    assert_eq!(desk.host.run(run).unwrap().checkpoint, Some(change.checkpoint));
}
