//! A command of the user's, run in the sandbox on the present workspace, and what of its changes is kept.
//!
//! Nothing that it changed stands in the work tree until it is kept: then it goes the way of every change, with a
//! checkpoint, a permit and a line on the ledger.
#![expect(clippy::disallowed_methods, reason = "asks when a file was touched, and what the time is")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use bodkin_guard::action::{CommandLine, Limits, Network, Purpose, RunCommand, WriteReason};
use bodkin_guard::ledger::{Did, Entry, Kind};
use bodkin_guard::report::Isolation;
use bodkin_guard::{Grant, Grants, Request, RunId};
use bodkin_sandbox::changes::{Change, Verdict, What};
use bodkin_sandbox::{Cancel, RunJob, SandboxError, Trial};
use bodkin_text::{Layer, RelPath};
use bodkin_workspace::Snapshot;
use serde_json::json;

use crate::accept::{self, Applied};
use crate::alive;
use crate::change::{self, Wanted};
use crate::content::Content;
use crate::error::HostError;
use crate::facade::Host;
use crate::{sending, tree};

/// What the user wants to be run.
#[derive(Debug, Clone)]
pub struct TrialOrder {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// The folder it runs in; `None` is the workspace's root.
    pub cwd: Option<RelPath>,
    /// Hosts that it may reach; naming them is the consent.
    pub hosts: BTreeSet<String>,
    /// Variables that enter the sandbox; naming them is the consent.
    pub env: BTreeMap<String, String>,
    /// What it may use up.
    pub limits: Limits,
}

/// A command that was run, and what it would change.
#[derive(Debug, Clone)]
pub struct Tried {
    /// The run that it is on the ledger as.
    pub run: RunId,
    /// The command in a line.
    pub title: String,
    /// What came of it.
    pub trial: Trial,
    /// What its changes are to be read against.
    pub bases: BTreeMap<RelPath, Base>,
}

/// What stood at a path before a command changed it in the sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// These bytes.
    File(Vec<u8>),
    /// Nothing.
    Absent,
    /// No file, or one that was touched while the command ran: the change can not be kept.
    Unknown,
}

impl Host {
    /// Where commands run and how strong the walls are.
    pub fn walls(&self) -> Isolation {
        self.inner().sandbox.isolation()
    }

    /// Runs a command in the sandbox over the workspace as it is, unsaved buffers included.
    pub fn try_command(
        &self,
        order: TrialOrder,
        cancel: &Cancel,
        on_output: &mut dyn FnMut(&[u8]),
    ) -> Result<Tried, HostError> {
        let host = self.inner();
        let counter = host.state.at("counter");
        let run =
            host.state.next_run().map_err(|error| HostError::io("numbering a run in", &counter, &error))?;
        let title = order.argv.join(" ");
        // Without a mark the run is not told from one that was cut off, which is no reason not to work.
        let _mark = alive::mark(&host.state, run).ok();
        host.note(Entry::new(Some(run), Kind::Asked, json!({"intent": format!("run `{title}`")})))?;
        let (known, began) = (self.snapshot(), SystemTime::now());
        let result = self.perform(run, order, &known.unsaved(), cancel, on_output);
        let outcome = match &result {
            Ok(trial) => bodkin_agent::proof::how_it_ended(&trial.finished.exit),
            Err(error) => error.message.clone(),
        };
        // The run is over either way; a ledger that fails now refuses the next act.
        let _ = host.note(Entry::new(Some(run), Kind::Ended, json!({"outcome": outcome, "candidates": 0})));
        let trial = result?;
        let bases =
            trial.changes.changes.iter().filter_map(|change| self.base(change, &known, began)).collect();
        Ok(Tried { run, title, trial, bases })
    }

    fn perform(
        &self,
        run: RunId,
        order: TrialOrder,
        layer: &Layer,
        cancel: &Cancel,
        on_output: &mut dyn FnMut(&[u8]),
    ) -> Result<Trial, HostError> {
        let host = self.inner();
        let mut grants: Grants = order.env.keys().map(|name| Grant::Env { name: name.clone() }).collect();
        if let Some(grant) = sending::grant(host) {
            grants.add(grant);
        }
        let network = if order.hosts.is_empty() {
            Network::Off
        } else {
            grants.add(Grant::Reach { hosts: order.hosts.clone() });
            Network::Hosts(order.hosts)
        };
        let action = RunCommand {
            purpose: Purpose::Asked,
            command: CommandLine::Argv(order.argv),
            cwd: order.cwd,
            env: order.env,
            network,
            limits: order.limits,
            layer: layer.hash(),
            observe: false,
        };
        let request = Request { run, asker: host.asker, grants };
        let send = sending::permit(host, &request, layer)
            .map_err(|failure| HostError::refused(said(&failure), "Choose another sandbox (`--backend`)."))?;
        let walls = host.sandbox.isolation();
        let permit = host.with_ledger(|guard, ledger| guard.review_run(action, &walls, &request, ledger))?;
        let seq = permit.seq();
        let job = RunJob { root: host.root(), layer, cancel, on_output, send };
        let result = host.sandbox.trial(permit, job);
        let (summary, figures) = match &result {
            Ok(trial) => (
                bodkin_agent::proof::how_it_ended(&trial.finished.exit),
                BTreeMap::from([
                    ("wall_us".to_owned(), trial.finished.wall_us),
                    ("changes".to_owned(), trial.changes.changes.len() as u64),
                ]),
            ),
            Err(error) => (error.to_string(), BTreeMap::new()),
        };
        let did = Did { permit: seq, done: result.is_ok(), summary, figures };
        host.record(run, &did).map_err(|failure| HostError::unavailable(said(&failure), LEDGER))?;
        result.map_err(of_sandbox)
    }

    /// The text that a change is to be read against: the one at the start of the run where it is known, else the
    /// present one if nobody has touched it since.
    fn base(&self, change: &Change, known: &Snapshot, began: SystemTime) -> Option<(RelPath, Base)> {
        let path = rel(&change.path)?;
        if let Some(file) = known.file(&path) {
            return Some((path, Base::File(file.text().as_bytes().to_vec())));
        }
        let full = self.root().join(path.as_str());
        let base = match fs::symlink_metadata(&full) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Base::Absent,
            Ok(about) if changed_at(&about) >= began => Base::Unknown,
            Ok(_) => match change::read(self.root(), &path) {
                Ok(Some(content)) => Base::File(content.bytes().to_vec()),
                Ok(None) => Base::Absent,
                Err(_) => Base::Unknown,
            },
            Err(_) => Base::Unknown,
        };
        Some((path, base))
    }

    /// Keeps changes that a command made: those that are free, and those of `named` that are held back.
    /// `None` where there is nothing to keep.
    pub fn keep(&self, tried: &Tried, named: &BTreeSet<RelPath>) -> Result<Option<Applied>, HostError> {
        let mut files = Vec::new();
        for change in &tried.trial.changes.changes {
            let Some(path) = rel(&change.path) else { continue };
            let wanted = match &change.verdict {
                Verdict::Taken => true,
                Verdict::Held(_) => named.contains(&path),
                Verdict::Refused(_) => false,
            };
            let after = match &change.what {
                What::File { content: Some(bytes), .. } => Some(Some(Content::from(bytes.clone()))),
                What::Gone => Some(None),
                What::File { content: None, .. } | What::Link(_) | What::Folder | What::Other(_) => None,
            };
            let before = match tried.bases.get(&path) {
                Some(Base::File(bytes)) => Some(Some(Content::from(bytes.clone()))),
                Some(Base::Absent) => Some(None),
                Some(Base::Unknown) | None => None,
            };
            if let (true, Some(before), Some(after)) = (wanted, before, after) {
                files.push((path, before, after));
            }
        }
        files.retain(|(_, before, after)| before != after);
        if files.is_empty() {
            return Ok(None);
        }
        let title = format!("kept of `{}`", tried.title);
        let wanted = Wanted {
            run: tried.run,
            title,
            reason: WriteReason::Kept,
            files,
            named: named.iter().cloned().collect(),
        };
        accept::to_disk(self.inner(), &wanted, None)
    }
}

const LEDGER: &str = "`bodkin ledger verify` tells what is wrong with the ledger.";

fn said(failure: &bodkin_agent::ActFailure) -> String {
    use bodkin_agent::ActFailure::{Broken, Refused, Unavailable};
    let (Refused(why) | Unavailable(why) | Broken(why)) = failure;
    why.clone()
}

fn of_sandbox(error: SandboxError) -> HostError {
    match error {
        SandboxError::Unavailable { why, next_step } => HostError::unavailable(why, next_step),
        SandboxError::Stale(why) => HostError::stale(why, "Run it again."),
        SandboxError::Io { what, source } => {
            HostError::unavailable(format!("{what}: {source}"), "Run it again; `bodkin doctor` tells more.")
        }
    }
}

/// The path of a change as one of the workspace; `None` for one that no editor could name.
pub(crate) fn rel(path: &Path) -> Option<RelPath> {
    tree::relative(Path::new("/w"), &Path::new("/w").join(path))
}

/// When the file was last touched in any way, as far as the system tells.
fn changed_at(about: &fs::Metadata) -> SystemTime {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        use std::time::Duration;
        let seconds = u64::try_from(about.ctime()).unwrap_or_default();
        let nanos = u32::try_from(about.ctime_nsec()).unwrap_or_default();
        SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos)
    }
    #[cfg(not(unix))]
    about.modified().unwrap_or(SystemTime::UNIX_EPOCH)
}
