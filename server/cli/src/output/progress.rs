//! The plan as it advances: one live line with elapsed time on a terminal, plain lines otherwise.
#![expect(clippy::print_stderr, reason = "progress goes to standard error")]

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};

use bodkin_host::{Plan, Step, StepState};

use super::Style;

/// What has been shown of a run.
#[derive(Debug)]
pub(crate) struct Progress {
    style: Style,
    live: bool,
    /// The state in which each step was last seen.
    seen: BTreeMap<&'static str, StepState>,
    line: bool,
    latest: Option<Plan>,
    /// Of a plan that is over, the steps that failed: told once it is known what else is said of them.
    held: Vec<Step>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            style: Style::of_stderr(),
            live: io::stderr().is_terminal(),
            seen: BTreeMap::new(),
            line: false,
            latest: None,
            held: Vec::new(),
        }
    }

    /// Shows what is new in a plan: first what has ended, then what begins.
    pub(crate) fn plan(&mut self, plan: &Plan, elapsed_ms: u64) {
        let is_over = plan.steps.iter().all(|step| has_ended(step) || step.state == StepState::Skipped);
        let changed: Vec<&Step> = plan
            .steps
            .iter()
            .filter(|step| self.seen.insert(step.id, step.state) != Some(step.state))
            .collect();
        for step in changed.iter().copied().filter(|step| has_ended(step)) {
            if is_over && step.state == StepState::Failed {
                self.held.push(step.clone());
            } else {
                self.clear();
                eprintln!("{}", self.ended(step));
            }
        }
        for step in changed.iter().filter(|step| !self.live && step.state == StepState::InProgress) {
            eprintln!("  {} …", step.title);
        }
        self.latest = Some(plan.clone());
        self.tick(elapsed_ms);
    }

    /// The last word on the plan. What is `said` below in full is not said beside a step as well.
    pub(crate) fn end(&mut self, said: Option<&str>) {
        self.clear();
        for mut step in std::mem::take(&mut self.held) {
            if said == Some(step.detail.as_str()) {
                step.detail.clear();
            }
            eprintln!("{}", self.ended(&step));
        }
    }

    /// Redraws the live line with the time that has passed.
    pub(crate) fn tick(&mut self, elapsed_ms: u64) {
        let current = self
            .latest
            .as_ref()
            .and_then(|plan| plan.steps.iter().find(|step| step.state == StepState::InProgress));
        let (true, Some(step)) = (self.live, current) else { return };
        let detail = if step.detail.is_empty() { String::new() } else { format!(": {}", step.detail) };
        let text: String = format!("{}{detail}", step.title).replace(['\n', '\r'], " ");
        let text: String = text.chars().take(96).collect();
        eprint!("\r\x1b[2K{} {text} {}", self.style.warn("·"), self.style.dim(&seconds(elapsed_ms)));
        let _ = io::stderr().flush();
        self.line = true;
    }

    /// Takes the live line away, so that other text can be printed.
    pub(crate) fn clear(&mut self) {
        if self.line {
            eprint!("\r\x1b[2K");
            let _ = io::stderr().flush();
            self.line = false;
        }
    }

    fn ended(&self, step: &Step) -> String {
        let mark = if step.state == StepState::Done { self.style.good("✓") } else { self.style.bad("✗") };
        let took = step.started_ms.zip(step.ended_ms).map(|(start, end)| end.saturating_sub(start));
        let took = took.map_or_else(String::new, |ms| format!(" {}", self.style.dim(&seconds(ms))));
        let detail = if step.detail.is_empty() {
            String::new()
        } else {
            format!(": {}", step.detail.replace(['\n', '\r'], " "))
        };
        format!("{mark} {}{detail}{took}", step.title)
    }
}

fn has_ended(step: &Step) -> bool {
    matches!(step.state, StepState::Done | StepState::Failed)
}

/// `0.42 s`, `12.3 s`.
pub(crate) fn seconds(ms: u64) -> String {
    if ms < 10_000 {
        format!("{}.{:02} s", ms / 1000, ms % 1000 / 10)
    } else {
        format!("{}.{} s", ms / 1000, ms % 1000 / 100)
    }
}
