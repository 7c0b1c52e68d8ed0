//! Tries candidates: many against one set of tests, as fast as the tests' runner allows.
//!
//! For Python a runner stays warm in one sandbox and forks for each candidate; for everything else each candidate
//! gets a fresh sandbox. Says what happened, never what it means: `proved` is somebody else's word.
//! invariants: no-permit-no-effect, one candidate's death never loses the batch

mod batch;
mod command;
mod conversation;
mod edits;
mod messages;
mod python;
mod scripts;

use std::path::{Path, PathBuf};

use bodkin_guard::Permit;
use bodkin_guard::action::{Probe, Runner};
use bodkin_text::Layer;

use crate::contract::check_candidates;
use crate::local::LocalSandbox;
use crate::{Cancel, ProbeNews, Prober, SandboxError};
use batch::Batch;

/// Tries candidates on this machine.
pub struct LocalProber {
    sandbox: LocalSandbox,
    root: PathBuf,
    warm: Option<python::Warm>,
    /// The tests as they are, for runners without a process of their own.
    known: Option<command::Known>,
}

impl LocalProber {
    /// A prober over the workspace `root`; starts nothing yet.
    pub fn new(sandbox: LocalSandbox, root: &Path) -> Self {
        Self { sandbox, root: root.to_owned(), warm: None, known: None }
    }
}

impl Prober for LocalProber {
    fn probe(
        &mut self,
        permit: Permit<Probe>,
        layer: &Layer,
        candidates: &[Layer],
        cancel: &Cancel,
        news: &mut dyn FnMut(ProbeNews),
    ) -> Result<(), SandboxError> {
        check_candidates(permit.action(), layer, candidates)?;
        let action = permit.into_action();
        let batch = Batch::new(&self.root, &action, layer, candidates, cancel);
        match &action.runner {
            Runner::Pytest { python, args, cwd } => {
                let tests = python::Tests { kind: python::Kind::Pytest, python, args, cwd: cwd.as_ref() };
                python::probe(&self.sandbox, &mut self.warm, &batch, &tests, news)
            }
            Runner::Unittest { python, args, cwd } => {
                let tests = python::Tests { kind: python::Kind::Unittest, python, args, cwd: cwd.as_ref() };
                python::probe(&self.sandbox, &mut self.warm, &batch, &tests, news)
            }
            Runner::Command { command, cwd } => {
                let line = command::Line { command, cwd: cwd.as_ref() };
                command::probe(&self.sandbox, &mut self.known, &batch, &line, news)
            }
        }
    }
}
