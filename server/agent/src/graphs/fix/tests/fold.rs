//! The run as a fold: the same news give the same acts, and no news can break it.

use std::collections::BTreeSet;

use bodkin_guard::report::{Probed, Stop, Verdict};
use proptest::prelude::*;

use super::answers::{exit, failing, lines, passing, problem, stopped, tests};
use super::kit::{CALC, World, play, scene, verdict};
use crate::run::{Act, ActFailure, ActId, Decision, News, Run};
use crate::{Intent, Outcome, Plan};

fn start() -> (Run, Vec<Act>) {
    let mut scene = scene(CALC, "calc.py:2");
    scene.start.settings.max_candidates = 40;
    Run::start(Intent::Fix(scene.fix), scene.start)
}

/// What a run does on these news: every act, its plan and its outcome.
fn replay(news: &[(News, u64)]) -> (Vec<Act>, Plan, Option<Outcome>) {
    let (mut run, mut acts) = start();
    for (news, now) in news {
        acts.extend(run.step(news.clone(), *now));
    }
    (acts, run.plan().clone(), run.outcome().cloned())
}

#[test]
fn replaying_the_news_of_a_run_gives_the_same_acts() {
    // invariant: run-is-a-fold
    for newest_first in [false, true] {
        let scene = scene(CALC, "calc.py:2");
        let played = play(scene, &World { newest_first, ..World::usual() });
        let again = |()| {
            let scene = self::scene(CALC, "calc.py:2");
            let (mut run, mut acts) = Run::start(Intent::Fix(scene.fix), scene.start);
            for (news, now) in &played.news {
                acts.extend(run.step(news.clone(), *now));
            }
            (acts, run.plan().clone(), run.outcome().cloned())
        };
        let (one, other) = (again(()), again(()));
        assert_eq!(one, other);
        let ids = |acts: &[Act]| acts.iter().map(|it| format!("{it:?}")).collect::<BTreeSet<_>>();
        assert_eq!(ids(&one.0), ids(&played.acts));
    }
}

fn failure() -> impl Strategy<Value = ActFailure> {
    prop_oneof![
        Just(ActFailure::Broken("broken".to_owned())),
        Just(ActFailure::Unavailable("gone".to_owned())),
        Just(ActFailure::Refused("no".to_owned())),
    ]
}

fn baseline() -> impl Strategy<Value = Result<bodkin_guard::report::Baseline, ActFailure>> {
    prop_oneof![
        4 => Just(Ok(failing(&["test_calc.py::test_add"]))),
        1 => Just(Ok(passing())),
        1 => Just(Ok(problem("no tests ran"))),
        1 => failure().prop_map(Err),
    ]
}

fn finished() -> impl Strategy<Value = Result<bodkin_guard::report::Finished, ActFailure>> {
    prop_oneof![
        4 => Just(Ok(tests(exit(1), "-test_calc.py::test_add"))),
        2 => Just(Ok(lines(tests(exit(0), "+test_calc.py::test_add"), "calc.py", &[1, 2]))),
        2 => Just(Ok(lines(tests(exit(0), "+test_calc.py::test_add"), "calc.py", &[1]))),
        1 => Just(Ok(exit(0))),
        1 => Just(Ok(exit(127))),
        1 => Just(Ok(stopped(Stop::WallTime))),
        1 => failure().prop_map(Err),
    ]
}

fn probed() -> impl Strategy<Value = Probed> {
    let verdicts = prop_oneof![
        3 => Just(verdict(false)),
        2 => Just(verdict(true)),
        1 => Just(Verdict::TimedOut),
        1 => Just(Verdict::Broken("syntax".to_owned())),
        1 => Just(Verdict::Crashed("signal 11".to_owned())),
    ];
    (prop_oneof![9 => 0..60_u32, 1 => any::<u32>()], verdicts).prop_map(|(index, verdict)| Probed {
        index,
        verdict,
        mended: 0,
        ran: 1,
        cpu_us: 1,
    })
}

/// Any news, most of acts that may be under way.
fn news() -> impl Strategy<Value = News> {
    let id = || prop_oneof![9 => 0..12_u32, 1 => any::<u32>()].prop_map(ActId);
    prop_oneof![
        3 => (id(), baseline()).prop_map(|(id, it)| News::Looked(id, it)),
        5 => (id(), finished()).prop_map(|(id, it)| News::Ran(id, it)),
        8 => (id(), probed()).prop_map(|(id, it)| News::Probed(id, it)),
        4 => (id(), prop_oneof![4 => Just(Ok(())), 1 => failure().prop_map(Err)])
            .prop_map(|(id, it)| News::BatchDone(id, it)),
        1 => prop_oneof![
            Just(Decision::Applied),
            Just(Decision::Declined),
            Just(Decision::Part(vec!["0".into()])),
            Just(Decision::AppliedPart(Vec::new())),
        ]
        .prop_map(News::Decided),
        2 => Just(News::Tick),
    ]
}

fn stories() -> impl Strategy<Value = Vec<(News, u64)>> {
    proptest::collection::vec((news(), 0..5_000_u64), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// invariant: run-is-a-fold
    #[test]
    fn any_news_in_any_order_give_the_same_acts_twice(story in stories()) {
        prop_assert_eq!(replay(&story), replay(&story));
    }

    /// invariant: a-run-always-ends
    #[test]
    fn a_run_ends_when_it_is_cancelled_whatever_came_before(story in stories()) {
        let (mut run, _) = start();
        for (news, now) in story {
            run.step(news, now);
        }
        run.step(News::Cancelled, 600_000);
        prop_assert!(run.outcome().is_some());
    }

    /// invariant: a-run-always-ends
    #[test]
    fn a_run_that_goes_on_waits_for_something(story in stories()) {
        let (mut run, _) = start();
        let mut last = 0;
        for (news, now) in story {
            run.step(news, now);
            last = now;
        }
        let offers = run.plan().current().is_some_and(|it| it.id == "offer");
        if run.outcome().is_none() && !offers {
            let stops = run.step(News::Cancelled, last);
            prop_assert!(!stops.is_empty());
        }
    }

    /// invariant: only-the-gate-says-proved
    #[test]
    fn nothing_is_proved_without_a_failure_before_and_the_changed_line_executed(story in stories()) {
        let (acts, _, outcome) = replay(&story);
        if outcome == Some(Outcome::Proved) {
            let offer = acts.iter().find_map(|it| match it {
                Act::Offer(offer) => Some(offer),
                Act::Look { .. } | Act::Probe { .. } | Act::Command { .. } | Act::OfferPart(_) | Act::Tests(_) | Act::Stop(_) => None,
            });
            let proof = &offer.unwrap().proof;
            prop_assert!(!proof.before.succeeded && proof.after.succeeded && proof.missing.is_empty());
            prop_assert!(proof.executed.iter().any(|(_, lines)| !lines.is_empty()));
        }
    }
}
