//! The ordered steps of a run, as the user sees them change.

use serde::{Deserialize, Serialize};

/// The steps of a run in order; `seq` grows with every change.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Grows by one with every visible change.
    pub seq: u64,
    /// The steps.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Stable name within the run: `understand`, `localise`, `probe` …
    pub id: &'static str,
    /// What it does, for people.
    pub title: &'static str,
    /// How far it is.
    pub state: StepState,
    /// What was found or is being done; empty until there is something to say.
    pub detail: String,
    /// Milliseconds into the run at which it first began.
    pub started_ms: Option<u64>,
    /// Milliseconds into the run at which it ended.
    pub ended_ms: Option<u64>,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not begun.
    Pending,
    /// Being worked on.
    InProgress,
    /// Done.
    Done,
    /// It ended without what it was for.
    Failed,
    /// Not needed.
    Skipped,
}

impl Plan {
    /// A plan of pending steps.
    pub fn of(steps: &[(&'static str, &'static str)]) -> Self {
        let steps = steps
            .iter()
            .map(|&(id, title)| Step {
                id,
                title,
                state: StepState::Pending,
                detail: String::new(),
                started_ms: None,
                ended_ms: None,
            })
            .collect();
        Self { seq: 1, steps }
    }

    /// Adds a pending step before another; nothing when it is there.
    pub fn add_before(&mut self, next: &str, id: &'static str, title: &'static str) {
        if self.steps.iter().any(|step| step.id == id) {
            return;
        }
        let at = self.steps.iter().position(|step| step.id == next).unwrap_or(self.steps.len());
        let state = StepState::Pending;
        self.steps
            .insert(at, Step { id, title, state, detail: String::new(), started_ms: None, ended_ms: None });
        self.seq += 1;
    }

    /// Marks a step as being worked on, for the first time or again.
    pub fn begin(&mut self, id: &str, now_ms: u64) {
        self.change(id, |step| {
            step.state = StepState::InProgress;
            step.ended_ms = None;
            step.started_ms.get_or_insert(now_ms);
        });
    }

    /// Says what a step has found so far.
    pub fn note(&mut self, id: &str, detail: impl Into<String>) {
        let detail = detail.into();
        self.change(id, |step| step.detail = detail);
    }

    /// Ends a step.
    pub fn end(&mut self, id: &str, state: StepState, now_ms: u64) {
        self.change(id, |step| {
            step.state = state;
            step.started_ms.get_or_insert(now_ms);
            step.ended_ms = Some(now_ms);
        });
    }

    /// Ends the run's plan: what was under way gets `state`, what was pending is skipped.
    pub fn close(&mut self, state: StepState, now_ms: u64) {
        for step in &mut self.steps {
            match step.state {
                StepState::InProgress => {
                    step.state = state;
                    step.ended_ms = Some(now_ms);
                }
                StepState::Pending => step.state = StepState::Skipped,
                StepState::Done | StepState::Failed | StepState::Skipped => {}
            }
        }
        self.seq += 1;
    }

    /// How many steps have ended, and how many there are.
    pub fn progress(&self) -> (usize, usize) {
        let ended = self
            .steps
            .iter()
            .filter(|step| step.ended_ms.is_some() || step.state == StepState::Skipped)
            .count();
        (ended, self.steps.len())
    }

    /// The step being worked on, else the last that ended.
    pub fn current(&self) -> Option<&Step> {
        self.steps
            .iter()
            .find(|step| step.state == StepState::InProgress)
            .or_else(|| self.steps.iter().rev().find(|step| step.ended_ms.is_some()))
    }

    fn change(&mut self, id: &str, change: impl FnOnce(&mut Step)) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.id == id) {
            let before = step.clone();
            change(step);
            if *step != before {
                self.seq += 1;
            }
        }
    }
}
