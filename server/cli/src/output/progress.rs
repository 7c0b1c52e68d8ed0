//! The plan as it advances: one live line with elapsed time on a terminal, plain lines otherwise.
#![expect(clippy::print_stderr, reason = "progress goes to standard error")]

use std::io::{self, IsTerminal, Write};

use bodkin_host::{Plan, Step, StepState};

use super::Style;

/// What has been shown of a run.
#[derive(Debug)]
pub(crate) struct Progress {
    style: Style,
    live: bool,
    shown: Vec<&'static str>,
    line: bool,
    latest: Option<Plan>,
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            style: Style::of_stderr(),
            live: io::stderr().is_terminal(),
            shown: Vec::new(),
            line: false,
            latest: None,
        }
    }

    /// Shows what is new in a plan.
    pub(crate) fn plan(&mut self, plan: &Plan, elapsed_ms: u64) {
        for step in &plan.steps {
            let ended = matches!(step.state, StepState::Done | StepState::Failed);
            if ended && !self.shown.contains(&step.id) {
                self.shown.push(step.id);
                self.clear();
                eprintln!("{}", self.ended(step));
            } else if !self.live && step.state == StepState::InProgress && !self.shown.contains(&step.title) {
                self.shown.push(step.title);
                eprintln!("  {} …", step.title);
            }
        }
        self.latest = Some(plan.clone());
        self.tick(elapsed_ms);
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

/// `0.42 s`, `12.3 s`.
pub(crate) fn seconds(ms: u64) -> String {
    if ms < 10_000 {
        format!("{}.{:02} s", ms / 1000, ms % 1000 / 10)
    } else {
        format!("{}.{} s", ms / 1000, ms % 1000 / 100)
    }
}
