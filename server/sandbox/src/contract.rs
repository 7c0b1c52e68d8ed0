//! What a sandbox is to the rest of Bodkin: runs permitted commands and probes, and tells what came of them.
//!
//! invariant: no-permit-no-effect (every act takes a permit by value, given for these very files)

use std::path::Path;

use bodkin_guard::Permit;
use bodkin_guard::action::{Probe, RunCommand, SendFiles};
use bodkin_guard::report::{Baseline, Finished, Isolation, Probed, batch_hash};
use bodkin_text::{ContentHash, Layer};

use crate::changes::Changes;
use crate::{Cancel, SandboxError};

/// Where commands run.
pub trait Sandbox: Send + Sync {
    /// How strong the walls are; found once, then remembered.
    fn isolation(&self) -> Isolation;

    /// What the walls are made of, in a few words each, for whoever looks after the machine.
    fn holds(&self) -> Vec<String> {
        Vec::new()
    }

    /// The machine that it sends the workspace's files to, as [`SendFiles::to`] names it; `None`: it sends nothing.
    fn destination(&self) -> Option<String> {
        None
    }

    /// Runs one command in a fresh sandbox, to its end.
    fn run(&self, permit: Permit<RunCommand>, job: RunJob<'_>) -> Result<Finished, SandboxError>;

    /// Runs one command like [`Sandbox::run`] and brings back what it changed in the workspace; nothing of it is
    /// taken.
    fn trial(&self, permit: Permit<RunCommand>, job: RunJob<'_>) -> Result<Trial, SandboxError>;

    /// Tries candidates over the workspace `root`; may keep a warm process until it is dropped. `send` as in
    /// [`RunJob::send`].
    fn prober(&self, root: &Path, send: Option<Permit<SendFiles>>) -> Box<dyn Prober>;
}

/// A command that has ended, and what it would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// How it ended.
    pub finished: Finished,
    /// What it changed, judged.
    pub changes: Changes,
    /// Hosts that it asked for and that were not agreed, `name:port` each, ordered.
    pub refused_hosts: Vec<String>,
}

/// What a command runs over, and who listens.
pub struct RunJob<'a> {
    /// The workspace.
    pub root: &'a Path,
    /// What stands in place of some of its files; must be the one that the permit was given for.
    pub layer: &'a Layer,
    /// Leave to send the workspace to where the sandbox is; a sandbox elsewhere refuses without it.
    pub send: Option<Permit<SendFiles>>,
    /// Stops it.
    pub cancel: &'a Cancel,
    /// Gets standard output and standard error as they come.
    pub on_output: &'a mut dyn FnMut(&[u8]),
}

/// Tries batches of candidates.
pub trait Prober: Send {
    /// Tries each of `candidates` laid over `layer`, telling `news` of the tests as they are (once for each
    /// prober, before all else) and then of each candidate as it is known, in any order.
    /// One candidate's death is its own verdict and never an error.
    fn probe(
        &mut self,
        permit: Permit<Probe>,
        layer: &Layer,
        candidates: &[Layer],
        cancel: &Cancel,
        news: &mut dyn FnMut(ProbeNews),
    ) -> Result<(), SandboxError>;
}

/// What a probe tells while it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeNews {
    /// The tests as they are.
    Baseline(Baseline),
    /// One candidate.
    Probed(Probed),
}

/// That a permit was given for these files; every sandbox asks this before it acts.
pub fn check_layer(permitted: ContentHash, layer: &Layer) -> Result<(), SandboxError> {
    if layer.hash() == permitted {
        Ok(())
    } else {
        Err(SandboxError::Stale("the permit was given for another state of the files".to_owned()))
    }
}

/// That the permit was given for this layer and these candidates.
pub(crate) fn check_candidates(
    action: &Probe,
    layer: &Layer,
    candidates: &[Layer],
) -> Result<(), SandboxError> {
    check_layer(action.layer, layer)?;
    let is_same = usize::try_from(action.candidates) == Ok(candidates.len())
        && action.batch == batch_hash(candidates.iter().map(Layer::hash));
    if is_same {
        Ok(())
    } else {
        Err(SandboxError::Stale("the permit was given for other candidates".to_owned()))
    }
}
