//! A [`Sandbox`] made of any [`Backend`]: each command in a session of its own, candidates one after the other in one
//! that is kept.
//!
//! The local sandbox has a shorter way of its own; this one is for containers and other machines. What leaves for
//! another machine needs a permit, and a sandbox that sends refuses without one.
//! invariants: no-permit-no-effect, only-deltas-cross

mod job;
mod prober;

use std::path::Path;
use std::sync::Arc;

use bodkin_guard::Permit;
use bodkin_guard::action::{RunCommand, SendFiles};
use bodkin_guard::report::{Finished, Isolation};

use crate::contract::check_layer;
use crate::launch::{Launch, StderrMode};
use crate::observe::Observer;
use crate::output::Kept;
use crate::session::Backend;
use crate::{Prober, RunJob, Sandbox, SandboxError, Trial};
use job::Place;
use prober::SessionProber;

/// A sandbox that runs commands in the sessions of a backend. Clones share the backend.
#[derive(Clone)]
pub struct Over {
    backend: Arc<dyn Backend>,
    destination: Option<String>,
}

impl Over {
    /// A sandbox over a backend whose sessions stand on this machine.
    pub fn here(backend: Arc<dyn Backend>) -> Self {
        Self { backend, destination: None }
    }

    /// A sandbox over a backend that sends the workspace's files to `address`.
    pub fn elsewhere(backend: Arc<dyn Backend>, address: impl Into<String>) -> Self {
        Self { backend, destination: Some(address.into()) }
    }

    fn check_send(&self, send: Option<&Permit<SendFiles>>) -> Result<(), SandboxError> {
        match (&self.destination, send) {
            (None, _) => Ok(()),
            (Some(address), Some(permit)) if permit.action().to == *address => Ok(()),
            (Some(address), Some(_) | None) => {
                Err(SandboxError::Stale(format!("the workspace's files may not be sent to {address}")))
            }
        }
    }

    fn perform(
        &self,
        permit: Permit<RunCommand>,
        job: RunJob<'_>,
        changes: bool,
    ) -> Result<Trial, SandboxError> {
        check_layer(permit.action().layer, job.layer)?;
        self.check_send(job.send.as_ref())?;
        let action = permit.into_action();
        let place =
            Place::of(&*self.backend, job.root, job.layer, &action.network, action.limits, job.cancel)?;
        let observer = Observer::within(&action, place.workdir(), job.layer);
        let mut launch = Launch::new(job.root, action.command.argv());
        launch.cwd = action.cwd;
        launch.env = action.env;
        launch.limits = action.limits;
        launch.stderr = StderrMode::Merged;
        launch.changes = changes;
        observer.join(&mut launch);
        let mut kept = Kept::default();
        let ended = place.run(&launch, None, job.cancel, &mut |bytes| {
            kept.push(bytes);
            (job.on_output)(bytes);
        });
        let isolation = place.isolation();
        let left = place.end();
        let ended = ended?;
        left?;
        let output = kept.into_text();
        let seen = observer.read(&ended, &output);
        let finished = Finished {
            exit: ended.exit,
            output,
            output_bytes: ended.output_bytes,
            wall_us: ended.wall_us,
            tests: seen.tests,
            lines: seen.lines,
            isolation,
        };
        Ok(Trial { finished, changes: ended.changes, refused_hosts: ended.refused_hosts })
    }
}

impl Sandbox for Over {
    fn isolation(&self) -> Isolation {
        self.backend.isolation()
    }

    fn destination(&self) -> Option<String> {
        self.destination.clone()
    }

    fn run(&self, permit: Permit<RunCommand>, job: RunJob<'_>) -> Result<Finished, SandboxError> {
        Ok(self.perform(permit, job, false)?.finished)
    }

    fn trial(&self, permit: Permit<RunCommand>, job: RunJob<'_>) -> Result<Trial, SandboxError> {
        self.perform(permit, job, true)
    }

    fn prober(&self, root: &Path, send: Option<Permit<SendFiles>>) -> Box<dyn Prober> {
        let refusal = self.check_send(send.as_ref()).err().map(|error| error.to_string());
        Box::new(SessionProber::new(self.backend.clone(), root, refusal))
    }
}
