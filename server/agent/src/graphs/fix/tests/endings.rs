//! Budgets, cancellation and waiting: every run ends.

use bodkin_guard::action::Purpose;
use bodkin_guard::report::Probed;
use expect_test::{Expect, expect};

use super::answers::{exit, failing, lines, tests};
use super::kit::{CALC, World, outcome, play, scene, verdict};
use crate::run::{Act, ActFailure, ActId, News, Run};
use crate::{Intent, Outcome, StepState};

/// Nothing ever passes.
fn hopeless() -> World {
    World { probe: Box::new(|_| verdict(false)), ..World::usual() }
}

fn check(world: &World, expected: Expect) {
    expected.assert_eq(&play(scene(CALC, "calc.py:2"), world).transcript);
}

fn reason(outcome: Option<Outcome>) -> String {
    match outcome {
        Some(Outcome::Exhausted { reason }) => reason,
        other => format!("not exhausted but {other:?}"),
    }
}

#[test]
fn a_search_that_finds_nothing_ends_with_what_to_do_next() {
    // invariant: every-loop-has-a-budget
    let played = play(scene(CALC, "calc.py:2"), &hopeless());
    let reason = reason(played.outcome);
    let expected = format!(
        "no change was proved: all that the operators propose here was tried; {} candidates were tried. Select the \
         line that you suspect more, or the whole function; or give more time.",
        played.tried
    );
    assert_eq!(reason, expected);
}

#[test]
fn no_more_candidates_are_tried_than_the_budget_allows() {
    // invariant: every-loop-has-a-budget
    for budget in [0, 1, 7, 60] {
        let mut scene = scene(CALC, "calc.py:2");
        scene.start.settings.max_candidates = budget;
        let played = play(scene, &hopeless());
        let asked: usize = played
            .acts
            .iter()
            .map(|act| match act {
                Act::Probe { candidates, .. } => candidates.len(),
                Act::Look { .. }
                | Act::Command { .. }
                | Act::Offer(_)
                | Act::OfferPart(_)
                | Act::Tests(_)
                | Act::Stop(_) => 0,
            })
            .sum();
        assert_eq!((played.tried, asked), (budget, usize::try_from(budget).unwrap()));
        let why = if budget == 0 { "nothing could be tried" } else { "the budget of" };
        assert!(reason(played.outcome).contains(why));
    }
}

#[test]
fn no_more_than_six_candidates_are_proved() {
    // invariant: every-loop-has-a-budget
    let world = World {
        probe: Box::new(|_| verdict(true)),
        after: Box::new(|_| Ok(tests(exit(1), "-test_calc.py::test_add"))),
        ..World::usual()
    };
    let played = play(scene(CALC, "calc.py:2"), &world);
    let proofs =
        played.acts.iter().filter(|it| matches!(it, Act::Command { purpose: Purpose::Proof, .. })).count();
    assert_eq!(proofs, 6);
    let reason = reason(played.outcome);
    assert!(reason.contains("the best candidates did not hold"), "{reason}");
    let first = "6 passed the probes and failed the proof, first because test_calc.py::test_add still fails";
    assert!(reason.contains(first), "{reason}");
}

#[test]
fn the_wall_time_of_a_run_ends_it_and_stops_what_is_under_way() {
    // invariant: a-run-always-ends
    let scene = scene(CALC, "calc.py:2");
    let limit = scene.start.settings.run_wall_ms;
    let (mut run, first) = Run::start(Intent::Fix(scene.fix), scene.start);
    assert_eq!(run.step(News::Tick, limit), []);
    let acts = run.step(News::Tick, limit + 1);
    assert_eq!(acts, stops(&first));
    let ended = run.outcome().map(outcome).unwrap();
    assert!(ended.starts_with("exhausted: no change was proved: the run's 300 s are used up"), "{ended}");
}

#[test]
fn when_time_is_up_what_passed_without_a_proof_is_offered() {
    let world = World {
        probe: Box::new(|text| verdict(text.contains("return a + b"))),
        after: Box::new(|_| Ok(lines(tests(exit(0), "+test_calc.py::test_add"), "calc.py", &[1]))),
        pace_ms: 1_500,
        ..World::usual()
    };
    check(
        &world,
        expect![[r#"
            measure: python3 -m pytest
            look: warm pytest
            probe: warm pytest
            stop: 2
            prove: python3 -m pytest | return a + b
            probe: warm pytest
            stop: 6
            prove: python3 -m pytest | return a + b - b
            probe: warm pytest
            stop: 9
            offer, unproved: return a + b
            = unproved: changed lines that no test executed: 2
            understand done, localise done, propose done, probe done, prove failed, offer done
        "#]],
    );
}

/// The acts that prove, and those that stop something.
fn shown(acts: &[Act]) -> Vec<String> {
    let word = |act: &Act| match act {
        Act::Command { .. } => "prove".to_owned(),
        Act::Stop(id) => format!("stop {}", id.0),
        Act::Probe { candidates, .. } => format!("probe {}", candidates.len()),
        Act::Look { .. } => "look".to_owned(),
        Act::Tests(_) => "tests".to_owned(),
        Act::Offer(_) => "offer".to_owned(),
        Act::OfferPart(_) => "part".to_owned(),
    };
    acts.iter().map(word).collect()
}

#[test]
fn a_candidate_that_passes_does_not_wait_for_those_that_hang() {
    let scene = scene(CALC, "calc.py:2");
    let (mut run, _) = Run::start(Intent::Fix(scene.fix), scene.start);
    let fails = tests(exit(1), "-test_calc.py::test_add");
    run.step(News::Ran(ActId(0), Ok(fails.clone())), 10);
    let probe = run.step(News::Looked(ActId(1), Ok(failing(&["test_calc.py::test_add"]))), 20);
    assert_eq!(shown(&probe), ["probe 48"]);
    let passed = Probed { index: 3, verdict: verdict(true), mended: 1, ran: 1, cpu_us: 1 };
    assert_eq!(run.step(News::Probed(ActId(2), passed), 30), []);
    assert_eq!(run.step(News::Tick, 1_030), []);
    assert_eq!(shown(&run.step(News::Tick, 1_031)), ["stop 2", "prove"]);
    assert_eq!(run.step(News::BatchDone(ActId(2), Ok(())), 1_040), [], "late");
    // Those that were not tried come next when it does not hold.
    assert_eq!(shown(&run.step(News::Ran(ActId(4), Ok(fails)), 1_050)), ["probe 47"]);
}

#[test]
fn nothing_is_being_tried_while_a_candidate_is_proved_and_a_proof_that_fails_is_over() {
    let scene = scene(CALC, "calc.py:2");
    let (mut run, _) = Run::start(Intent::Fix(scene.fix), scene.start);
    let fails = tests(exit(1), "-test_calc.py::test_add");
    run.step(News::Ran(ActId(0), Ok(fails.clone())), 10);
    run.step(News::Looked(ActId(1), Ok(failing(&["test_calc.py::test_add"]))), 20);
    let states = |run: &Run| {
        let of = |id| run.plan().steps.iter().find(|step| step.id == id).map(|step| step.state);
        [of("probe"), of("prove")].map(Option::unwrap)
    };
    assert_eq!(states(&run), [StepState::InProgress, StepState::Pending]);
    let passed = Probed { index: 3, verdict: verdict(true), mended: 1, ran: 1, cpu_us: 1 };
    run.step(News::Probed(ActId(2), passed), 30);
    run.step(News::Tick, 2_000);
    assert_eq!(states(&run), [StepState::Done, StepState::InProgress]);
    run.step(News::Ran(ActId(4), Ok(fails)), 3_000);
    assert_eq!(states(&run), [StepState::InProgress, StepState::Failed]);
    let ended = run.plan().steps.iter().find(|step| step.id == "probe").and_then(|step| step.ended_ms);
    assert_eq!(ended, None, "it has not ended while it goes on");
}

#[test]
fn an_offer_that_nobody_decides_on_is_left_for_later() {
    // invariant: a-run-always-ends
    let world = World { decision: None, ..World::usual() };
    let played = play(scene(CALC, "calc.py:2"), &world);
    assert_eq!(played.outcome, None);
    let scene = scene(CALC, "calc.py:2");
    let (mut run, _) = Run::start(Intent::Fix(scene.fix), scene.start);
    let mut last = 0;
    for (news, now) in played.news {
        run.step(news, now);
        last = now;
    }
    run.step(News::Tick, last + 60 * 60 * 1000);
    assert_eq!(run.outcome(), None);
    run.step(News::Tick, last + 60 * 60 * 1000 + 1);
    assert_eq!(run.outcome(), Some(&Outcome::Proved));
}

fn stops(acts: &[Act]) -> Vec<Act> {
    let mut ids: Vec<_> = acts
        .iter()
        .filter_map(|act| match act {
            Act::Look { id, .. } | Act::Probe { id, .. } | Act::Command { id, .. } => Some(*id),
            Act::Offer(_) | Act::OfferPart(_) | Act::Tests(_) | Act::Stop(_) => None,
        })
        .collect();
    ids.sort();
    let mut stops: Vec<Act> = ids.into_iter().map(Act::Stop).collect();
    // Looks are stopped before measurements.
    stops.reverse();
    stops
}

#[test]
fn cancelled_at_any_point_a_run_stops_exactly_what_is_under_way() {
    // invariant: a-run-always-ends
    let whole = play(scene(CALC, "calc.py:2"), &World::usual());
    let mut kinds = Vec::new();
    for point in 0..whole.news.len() {
        let scene = scene(CALC, "calc.py:2");
        let (mut run, mut acts) = Run::start(Intent::Fix(scene.fix), scene.start);
        let mut open = Vec::new();
        for (news, now) in whole.news.iter().take(point) {
            open.append(&mut acts);
            acts = run.step(news.clone(), *now);
            open.retain(|act| !answers(news, act));
        }
        open.append(&mut acts);
        let mut stopped = run.step(News::Cancelled, 1_000);
        let mut expected = stops(&open);
        let by_id = |act: &Act| match act {
            Act::Stop(id) => id.0,
            Act::Look { .. }
            | Act::Probe { .. }
            | Act::Command { .. }
            | Act::Offer(_)
            | Act::OfferPart(_)
            | Act::Tests(_) => u32::MAX,
        };
        stopped.sort_by_key(by_id);
        expected.sort_by_key(by_id);
        assert_eq!(stopped, expected, "after {point} news");
        assert_eq!(run.outcome(), Some(&Outcome::Cancelled));
        kinds.push(stopped.len());
    }
    assert!(kinds.contains(&2) && kinds.contains(&1) && kinds.contains(&0), "{kinds:?}");
}

/// Whether the news ends the act.
fn answers(news: &News, act: &Act) -> bool {
    let of = match act {
        Act::Look { id, .. } | Act::Probe { id, .. } | Act::Command { id, .. } => *id,
        Act::Offer(_) | Act::OfferPart(_) | Act::Tests(_) | Act::Stop(_) => return false,
    };
    match news {
        News::Looked(id, _) | News::BatchDone(id, _) | News::Ran(id, _) => *id == of,
        News::Probed(..) | News::Decided(_) | News::Cancelled | News::Tick => false,
    }
}

#[test]
fn what_comes_after_the_end_is_taken_in_silence() {
    let whole = play(scene(CALC, "calc.py:2"), &World::usual());
    let scene = scene(CALC, "calc.py:2");
    let (mut run, _) = Run::start(Intent::Fix(scene.fix), scene.start);
    run.step(News::Cancelled, 1);
    let plan = run.plan().clone();
    for (news, now) in whole.news {
        assert_eq!(run.step(news, now), []);
    }
    assert_eq!((run.outcome(), run.plan()), (Some(&Outcome::Cancelled), &plan));
}

#[test]
fn what_can_not_be_recorded_or_breaks_ends_the_run_with_its_reason() {
    let refused = ActFailure::Refused("Run it in a reduced sandbox?".to_owned());
    check(
        &World { before: Err(refused), ..World::usual() },
        expect![[r#"
        measure: python3 -m pytest
        look: warm pytest
        stop: 1
        = refused, Policy: Run it in a reduced sandbox?
          Consent to it in the settings, or run where full isolation is offered (`bodkin doctor` tells).
        understand done, localise failed, propose skipped, probe skipped, prove skipped, offer skipped
    "#]],
    );
    let gone = ActFailure::Unavailable("no sandbox; install one".to_owned());
    check(
        &World { look: Box::new(move |_| Err(gone.clone())), ..World::usual() },
        expect![[r#"
        measure: python3 -m pytest
        look: warm pytest
        = refused, Unavailable: no sandbox; install one
          `bodkin doctor` tells what this machine offers and what to do.
        understand done, localise failed, propose skipped, probe skipped, prove skipped, offer skipped
    "#]],
    );
    let broken = ActFailure::Broken("no thread".to_owned());
    check(
        &World { after: Box::new(move |_| Err(broken.clone())), ..World::usual() },
        expect![[r#"
        measure: python3 -m pytest
        look: warm pytest
        probe: warm pytest
        prove: python3 -m pytest | return a + b
        = failed: no thread
        understand done, localise done, propose done, probe done, prove failed, offer skipped
    "#]],
    );
}
