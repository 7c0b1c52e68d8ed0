//! A permitted command, run to its end in a fresh sandbox.

use bodkin_guard::Permit;
use bodkin_guard::action::RunCommand;
use bodkin_guard::report::Finished;

use super::LocalSandbox;
use crate::contract::check_layer;
use crate::launch::{Launch, StderrMode};
use crate::observe::Observer;
use crate::output::Kept;
use crate::{RunJob, SandboxError, Trial};

impl LocalSandbox {
    /// Runs one command in a fresh sandbox, to its end, and brings back what it changed.
    pub(crate) fn try_command(
        &self,
        permit: Permit<RunCommand>,
        job: RunJob<'_>,
    ) -> Result<Trial, SandboxError> {
        self.perform(permit, job, true)
    }

    /// Runs one command in a fresh sandbox, to its end, and tells what was seen of its tests if that was asked for.
    pub(crate) fn run_command(
        &self,
        permit: Permit<RunCommand>,
        job: RunJob<'_>,
    ) -> Result<Finished, SandboxError> {
        Ok(self.perform(permit, job, false)?.finished)
    }

    fn perform(
        &self,
        permit: Permit<RunCommand>,
        job: RunJob<'_>,
        changes: bool,
    ) -> Result<Trial, SandboxError> {
        check_layer(permit.action().layer, job.layer)?;
        let action = permit.into_action();
        let observer = Observer::of(&action, job.root, job.layer);
        let mut launch = Launch::new(job.root, action.command.argv());
        launch.layer = job.layer.clone();
        launch.cwd = action.cwd;
        launch.env = action.env;
        launch.limits = action.limits;
        launch.network = action.network;
        launch.stderr = StderrMode::Merged;
        launch.changes = changes;
        observer.join(&mut launch);
        let running = self.launch_unless(launch, job.cancel)?;
        let isolation = running.isolation().clone();
        let mut kept = Kept::default();
        let ended = running.wait(None, job.cancel, &mut |_, bytes| {
            kept.push(bytes);
            (job.on_output)(bytes);
        });
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
