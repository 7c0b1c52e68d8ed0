//! Parts of an offer: proved without the rest, by the same gate.

use bodkin_guard::action::Purpose;
use bodkin_guard::report::Finished;
use bodkin_text::{ContentHash, Edit, Edits, FileEdit, HunkId, Patch, RelPath};

use super::answers::{exit, failing, lines, tests};
use super::kit::{CALC, scene, verdict};
use crate::outcome::OfferedFile;
use crate::run::{Act, ActFailure, ActId, Decision, News, Run};
use crate::{Intent, Outcome, StepState};

const BEFORE: &str = "def add(a, b):\n    return a - b\n\n\ndef two():\n    return 3\n";
const FIRST: &str = "def add(a, b):\n    return a + b\n\n\ndef two():\n    return 3\n";
const WHOLE: &str = "def add(a, b):\n    return a + b\n\n\ndef two():\n    return 2\n";
const TEST: &str = "test_calc.py::test_add";

/// A run whose offer has two hunks, and their names.
fn offering() -> (Run, HunkId, HunkId) {
    let scene = scene(CALC, "calc.py:2");
    let (mut run, acts) = Run::start(Intent::Fix(scene.fix), scene.start);
    let id = |acts: &[Act]| acts.iter().filter_map(name).collect::<Vec<_>>();
    let [measure, look] = id(&acts)[..] else { unreachable!("{acts:?}") };
    run.step(News::Ran(measure, Ok(tests(exit(1), &format!("-{TEST}")))), 1);
    let mut acts = run.step(News::Looked(look, Ok(failing(&[TEST]))), 2);
    while !acts.iter().any(|act| matches!(act, Act::Offer(_))) {
        let act = acts.iter().find(|act| name(act).is_some()).cloned().unwrap();
        acts = match act {
            Act::Probe { id, candidates, .. } => {
                let probed = candidates.iter().zip(0..).map(|(layer, index)| {
                    let passes = layer.iter().any(|(_, it)| it.is_some_and(|it| it.contains("a + b")));
                    let verdict = verdict(passes);
                    News::Probed(
                        id,
                        bodkin_guard::report::Probed { index, verdict, mended: 0, ran: 1, cpu_us: 1 },
                    )
                });
                let all: Vec<News> = probed.chain([News::BatchDone(id, Ok(()))]).collect();
                all.into_iter().flat_map(|news| run.step(news, 3)).collect()
            }
            act @ (Act::Look { .. }
            | Act::Command { .. }
            | Act::Offer(_)
            | Act::OfferPart(_)
            | Act::Tests(_)
            | Act::Stop(_)) => run.step(News::Ran(name(&act).unwrap(), Ok(passing(&[2]))), 4),
        };
    }
    let offer = &mut run.fix_graph().unwrap().0.as_mut().unwrap().offered.as_mut().unwrap().offer;
    let path = RelPath::new("calc.py").unwrap();
    let edit = |from: &str, to: &str| {
        let at = BEFORE.find(from).unwrap();
        Edit::replace(at..at + from.len(), to)
    };
    let edits = Edits::new(vec![edit("a - b", "a + b"), edit("3", "2")]).unwrap();
    let hunks = edits.hunks(BEFORE).unwrap();
    offer.patch = Patch::one(FileEdit { path: path.clone(), base: ContentHash::of(BEFORE), edits });
    offer.files = vec![OfferedFile { path, before: BEFORE.to_owned(), after: WHOLE.to_owned() }];
    let patch = offer.patch.hunks(|_| Some(BEFORE.into())).unwrap();
    assert_eq!((hunks.len(), patch.len()), (2, 2));
    (run, patch[0].hunk.id.clone(), patch[1].hunk.id.clone())
}

fn name(act: &Act) -> Option<ActId> {
    match act {
        Act::Look { id, .. } | Act::Probe { id, .. } | Act::Command { id, .. } => Some(*id),
        Act::Offer(_) | Act::OfferPart(_) | Act::Tests(_) | Act::Stop(_) => None,
    }
}

fn passing(ran: &[u32]) -> Finished {
    lines(tests(exit(0), &format!("+{TEST}")), "calc.py", ran)
}

/// The one command that is asked for, and the text of `calc.py` in it.
fn command(acts: &[Act]) -> (ActId, String) {
    match acts {
        [Act::Command { id, purpose: Purpose::Proof, layer, .. }] => {
            let text = layer.iter().find_map(|(_, text)| text.cloned()).unwrap();
            (*id, text.to_string())
        }
        other => unreachable!("{other:?}"),
    }
}

fn missing(acts: &[Act]) -> Vec<String> {
    match acts {
        [Act::OfferPart(part)] => part.offer.proof.missing.clone(),
        other => unreachable!("{other:?}"),
    }
}

fn step_of(run: &Run) -> (StepState, String) {
    let step = run.plan().steps.iter().find(|it| it.id == "prove_part").unwrap();
    (step.state, step.detail.clone())
}

/// invariant: only-the-gate-says-proved
#[test]
fn a_part_is_proved_without_the_rejected_hunks_in_a_sandbox_of_its_own() {
    let (mut run, first, _) = offering();
    let acts = run.step(News::Decided(Decision::Part(vec![first.clone()])), 10);
    let (id, text) = command(&acts);
    assert_eq!(text, FIRST, "what is rejected is not in the sandbox");
    assert_eq!(step_of(&run), (StepState::InProgress, "1 hunk".to_owned()));
    assert_eq!(run.plan().current().unwrap().id, "prove_part");
    let acts = run.step(News::Ran(id, Ok(passing(&[1, 2]))), 20);
    let [Act::OfferPart(part)] = &acts[..] else { unreachable!("{acts:?}") };
    assert_eq!((part.hunks.clone(), part.offer.files[0].after.as_str()), (vec![first.clone()], FIRST));
    assert_eq!((&part.offer.proof.missing, &part.offer.proof.mended), (&Vec::new(), &vec![TEST.to_owned()]));
    assert_eq!(step_of(&run).0, StepState::Done);
    assert_eq!(run.outcome(), None, "the user has not put it in place");
    run.step(News::Decided(Decision::AppliedPart(vec![first])), 30);
    assert_eq!(run.outcome(), Some(&Outcome::Proved));
}

#[test]
fn a_part_that_does_not_pass_or_does_not_run_is_not_proved_and_the_run_goes_on() {
    let (mut run, first, second) = offering();
    let acts = run.step(News::Decided(Decision::Part(vec![second.clone()])), 10);
    let (id, _) = command(&acts);
    let failed = tests(exit(1), &format!("-{TEST}"));
    let said = missing(&run.step(News::Ran(id, Ok(failed)), 20));
    assert_eq!(said, [format!("{TEST} still fails with it in a fresh sandbox")]);
    assert_eq!(step_of(&run).0, StepState::Failed);
    let (id, _) = command(&run.step(News::Decided(Decision::Part(vec![first.clone()])), 30));
    let said = missing(&run.step(News::Ran(id, Ok(passing(&[1]))), 40));
    assert_eq!(said, ["changed lines that no test executed: 2"]);
    let (id, _) = command(&run.step(News::Decided(Decision::Part(vec![first])), 50));
    let broken = News::Ran(id, Err(ActFailure::Broken("the sandbox died".to_owned())));
    let said = missing(&run.step(broken, 60));
    assert_eq!(said, ["the sandbox died"]);
    assert_eq!(run.outcome(), None);
    run.step(News::Decided(Decision::AppliedPart(vec![second])), 70);
    assert!(
        matches!(run.outcome(), Some(Outcome::Unproved { .. })),
        "another part than the one that was tried"
    );
}

#[test]
fn a_decision_that_is_changed_stops_the_proof_of_the_part_before() {
    let (mut run, first, second) = offering();
    let (earlier, _) = command(&run.step(News::Decided(Decision::Part(vec![second])), 10));
    let acts = run.step(News::Decided(Decision::Part(vec![first])), 20);
    assert_eq!(acts[0], Act::Stop(earlier));
    command(&acts[1..]);
    assert_eq!(
        run.step(News::Ran(earlier, Ok(passing(&[2]))), 30),
        Vec::new(),
        "late news of it is not heard"
    );
    assert_eq!(run.step(News::Cancelled, 40).len(), 1, "the part under way is stopped with the run");
}

#[test]
fn a_hunk_that_is_not_in_the_offer_is_not_proved() {
    let (mut run, _, _) = offering();
    let said = missing(&run.step(News::Decided(Decision::Part(vec!["beef".into()])), 10));
    assert_eq!(said, ["no hunk `beef` in this patch"]);
}
