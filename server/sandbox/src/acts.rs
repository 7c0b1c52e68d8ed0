//! The local sandbox as what the rest of Bodkin sees.

use std::path::Path;

use bodkin_guard::Permit;
use bodkin_guard::action::{RunCommand, SendFiles};
use bodkin_guard::report::{Finished, Isolation};

use crate::local::LocalSandbox;
use crate::probe::LocalProber;
use crate::{Prober, RunJob, Sandbox, SandboxError, Trial};

impl Sandbox for LocalSandbox {
    fn isolation(&self) -> Isolation {
        Self::isolation(self)
    }

    fn holds(&self) -> Vec<String> {
        Self::holds(self)
    }

    fn run(&self, permit: Permit<RunCommand>, job: RunJob<'_>) -> Result<Finished, SandboxError> {
        self.run_command(permit, job)
    }

    fn trial(&self, permit: Permit<RunCommand>, job: RunJob<'_>) -> Result<Trial, SandboxError> {
        self.try_command(permit, job)
    }

    fn prober(&self, root: &Path, _send: Option<Permit<SendFiles>>) -> Box<dyn Prober> {
        Box::new(LocalProber::new(self.clone(), root))
    }
}
