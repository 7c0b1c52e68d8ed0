//! The hunt for candidates: draws batches from the repair engine, learns from probes, ranks what passes.
//!
//! invariant: every-loop-has-a-budget

use std::sync::Arc;

use bodkin_guard::action::Runner;
use bodkin_guard::report::{Baseline, Probed, Verdict};
use bodkin_repair::{
    Candidate, Caution, Certainty, Feedback, FeedbackResult, Options, Place, Search, Symptom,
};
use bodkin_text::{Layer, Line0};
use bodkin_workspace::Snapshot;

use super::understand;
use crate::intent::Fix;
use crate::run::Settings;

/// A search under way.
#[derive(Debug)]
pub(super) struct Hunt {
    search: Search,
    pace: Pace,
    /// Candidates that are being tried, by their place in the batch; `None` once it is known how they went.
    batch: Vec<Option<(Candidate, Layer)>>,
    plausible: Vec<Plausible>,
    passed: usize,
    tried: u32,
    /// How many more are tried after the first that passes without being proved.
    patience: u32,
}

/// A candidate that passes the probes.
#[derive(Debug, Clone)]
pub(super) struct Plausible {
    pub(super) candidate: Candidate,
    pub(super) layer: Layer,
}

/// How many candidates a batch holds: small enough to stop soon after the right one.
#[derive(Debug, Clone, Copy)]
struct Pace {
    batch: usize,
    most: usize,
    patience: u32,
}

impl Pace {
    fn of(runner: &Runner) -> Self {
        match runner {
            Runner::Pytest { .. } | Runner::Unittest { .. } => Self { batch: 48, most: 384, patience: 600 },
            Runner::Command { .. } => Self { batch: 8, most: 16, patience: 48 },
        }
    }
}

impl Hunt {
    pub(super) fn new(
        snapshot: &Snapshot,
        places: &[Place],
        symptoms: &[Symptom],
        settings: &Settings,
        runner: &Runner,
    ) -> Result<Self, String> {
        let max_candidates = usize::try_from(settings.max_candidates).unwrap_or(usize::MAX);
        let options = Options { seed: settings.seed, max_candidates, ..Options::default() };
        let search = Search::new(snapshot, places, symptoms, options).map_err(|none| none.to_string())?;
        let pace = Pace::of(runner);
        let patience = pace.patience;
        Ok(Self { search, pace, batch: Vec::new(), plausible: Vec::new(), passed: 0, tried: 0, patience })
    }

    /// What there is to try, for the plan.
    pub(super) fn describe(&self) -> String {
        format!("about {} candidates, likeliest first", self.search.remaining_hint())
    }

    /// How far it is, for the plan.
    pub(super) fn progress(&self) -> String {
        match self.passed {
            0 => format!("{} tried", self.tried),
            passed => format!("{} tried, {passed} passed", self.tried),
        }
    }

    /// The next batch as layers over the workspace, first what is left of the one before; empty when nothing is left
    /// or the budget is used up.
    pub(super) fn draw(&mut self, snapshot: &Snapshot, settings: &Settings) -> Vec<Layer> {
        self.batch.retain(Option::is_some);
        if !self.batch.is_empty() {
            return self.layers();
        }
        let left = usize::try_from(settings.max_candidates.saturating_sub(self.tried)).unwrap_or(usize::MAX);
        let size = self.pace.batch.min(left);
        self.pace.batch = (self.pace.batch * 2).min(self.pace.most);
        loop {
            let drawn = self.search.next_batch(size);
            let is_last = drawn.is_empty();
            let laid = drawn.into_iter().filter_map(|candidate| {
                let text = snapshot.file(&candidate.edits.path)?.text();
                let after = candidate.edits.edits.apply(&text).ok()?;
                let mut layer = Layer::empty();
                layer.put(candidate.edits.path.clone(), Arc::<str>::from(after));
                Some(Some((candidate, layer)))
            });
            self.batch = laid.collect();
            if is_last || !self.batch.is_empty() {
                return self.layers();
            }
        }
    }

    /// The candidates of the batch that were not tried yet, as a batch of their own for another runner.
    pub(super) fn again(&mut self, runner: &Runner) -> Vec<Layer> {
        self.pace = Pace::of(runner);
        self.batch.retain(Option::is_some);
        self.layers()
    }

    /// Whether nothing is known of any candidate of the batch.
    pub(super) fn is_untouched(&self) -> bool {
        self.batch.iter().all(Option::is_some)
    }

    fn layers(&self) -> Vec<Layer> {
        self.batch.iter().flatten().map(|(_, layer)| layer.clone()).collect()
    }

    /// Takes in how one candidate of the batch went; what is told twice counts once.
    pub(super) fn learn(&mut self, probed: &Probed) {
        let place = usize::try_from(probed.index).ok().and_then(|at| self.batch.get_mut(at));
        let Some((candidate, layer)) = place.and_then(Option::take) else { return };
        self.tried += 1;
        let result = match &probed.verdict {
            Verdict::Passed => FeedbackResult::Passed,
            Verdict::Failed { failure, message, .. } => FeedbackResult::Failed {
                mended: probed.mended,
                kind: failure.clone(),
                message: message.clone(),
                ran: probed.ran,
            },
            Verdict::TimedOut => FeedbackResult::TimedOut,
            Verdict::Broken(_) => FeedbackResult::Broken,
            Verdict::Crashed(_) => FeedbackResult::Crashed,
        };
        self.search.learn(&[Feedback { id: candidate.id, result }]);
        if probed.verdict == Verdict::Passed {
            self.passed += 1;
            self.plausible.push(Plausible { candidate, layer });
        } else if self.passed > 0 {
            self.patience = self.patience.saturating_sub(1);
        }
    }

    /// Whether the best that has passed is worth a proof now.
    ///
    /// A change that only fits by an anti-pattern is proved after a while, or when nothing else is left.
    pub(super) fn is_ready(&self) -> bool {
        let is_clean = |it: &Plausible| it.candidate.cautions.is_empty();
        self.plausible.iter().any(is_clean) || (!self.plausible.is_empty() && self.is_tired())
    }

    /// Whether enough more was tried since the first that passed.
    pub(super) fn is_tired(&self) -> bool {
        self.patience == 0
    }

    /// The best that has passed and was not taken yet: without cautions first, then the likeliest.
    pub(super) fn take_best(&mut self) -> Option<Plausible> {
        let key = |it: &Plausible| (it.candidate.cautions.len(), it.candidate.cost);
        let best = (0..self.plausible.len()).min_by(|&a, &b| {
            let (a, b) = (self.plausible.get(a).map(key), self.plausible.get(b).map(key));
            a.partial_cmp(&b).unwrap_or(std::cmp::Ordering::Equal)
        })?;
        Some(self.plausible.remove(best))
    }

    /// How many have been tried.
    pub(super) fn tried(&self) -> u32 {
        self.tried
    }

    /// How many others passed beside the one that was taken.
    pub(super) fn plausible(&self) -> usize {
        self.passed.saturating_sub(1)
    }
}

impl Plausible {
    /// What a reviewer should look at twice.
    pub(super) fn cautions(&self) -> Vec<String> {
        self.candidate.cautions.iter().map(|it| it.sentence().to_owned()).collect()
    }

    /// Cautions that speak of a test special-cased: with one of them a change is not proved.
    pub(super) fn smells(&self) -> Vec<String> {
        self.candidate
            .cautions
            .iter()
            .filter(|it| is_smell(**it))
            .map(|it| it.sentence().to_owned())
            .collect()
    }
}

/// Whether a caution says that the change fits the test instead of the task.
fn is_smell(caution: Caution) -> bool {
    match caution {
        Caution::FitsTheTest | Caution::WeakensCheck => true,
        Caution::DeletesStatement
        | Caution::LeavesEarly
        | Caution::ConstantCondition
        | Caution::DeletesLoopUpdate
        | Caution::DeletesCall => false,
    }
}

/// Where to look: the selection, else what the failing tests ran, else the whole file.
pub(super) fn places(fix: &Fix, text: &str, baseline: &Baseline) -> Vec<Place> {
    if let Some(lines) = fix.lines {
        return vec![Place { file: fix.file.clone(), lines, certainty: Certainty::Selected }];
    }
    let place = |lines| Place { file: fix.file.clone(), lines, certainty: Certainty::Suspected };
    let mut places: Vec<Place> = Vec::new();
    let frames = baseline
        .tests
        .iter()
        .filter_map(|test| test.failure.as_ref())
        .flat_map(|failure| failure.frames.iter().rev());
    for frame in frames.filter(|frame| frame.path == fix.file) {
        let line = Line0::from(frame.line);
        if !places.iter().any(|it| it.lines.0 == line) {
            places.push(place((line, line)));
        }
    }
    places.truncate(8);
    let ran = baseline.lines.iter().filter(|(path, _)| *path == fix.file).flat_map(|(_, lines)| lines);
    for (first, last) in runs(ran.map(|line| Line0::from(*line))) {
        places.push(place((first, last)));
    }
    if places.is_empty() {
        places.push(place(understand::lines(fix, text)));
    }
    places
}

/// Lines joined into runs; a gap of one line (blank, comment) does not end a run.
pub(super) fn runs(lines: impl Iterator<Item = Line0>) -> Vec<(Line0, Line0)> {
    let mut lines: Vec<u32> = lines.map(|line| line.0).collect();
    lines.sort_unstable();
    lines.dedup();
    let mut runs: Vec<(Line0, Line0)> = Vec::new();
    for line in lines {
        match runs.last_mut() {
            Some(run) if line <= run.1.0 + 2 => run.1 = Line0(line),
            _ => runs.push((Line0(line), Line0(line))),
        }
    }
    runs
}
