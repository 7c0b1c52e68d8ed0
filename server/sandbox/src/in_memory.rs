//! A sandbox that answers from a script: the twin of the real one, which checks the contract at every call.
//!
//! Runs nothing. Refuses what the real one refuses (a permit for other files, a cancelled job), so that a test
//! with it fails where the real run would.

mod files;
mod process;
mod session;
mod watch;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bodkin_guard::Permit;
use bodkin_guard::action::{Probe, RunCommand, SendFiles};
use bodkin_guard::report::{
    Baseline, Exit, Finished, Isolation, IsolationLevel, Probed, Stop, Verdict, batch_hash,
};
use bodkin_text::Layer;

use crate::changes::Changes;
use crate::contract::check_layer;
use crate::{Cancel, ProbeNews, Prober, RunJob, Sandbox, SandboxError, Trial};

pub use process::Talk;
pub use session::{InMemoryBackend, Inside};

/// Decides what commands and candidates come to.
pub trait Script: Send {
    /// What a command comes to over these files.
    fn run(&mut self, command: &RunCommand, layer: &Layer) -> Finished;

    /// What a command changes; nothing unless the script says so.
    fn changes(&mut self, _command: &RunCommand, _layer: &Layer) -> Changes {
        Changes::default()
    }

    /// The tests as they are, over these files.
    fn baseline(&mut self, probe: &Probe, layer: &Layer) -> Baseline;

    /// What one candidate comes to, laid over `layer`.
    fn verdict(&mut self, probe: &Probe, layer: &Layer, candidate: &Layer) -> Verdict;
}

/// A sandbox without walls or processes; clones share one script and one count.
#[derive(Clone)]
pub struct InMemorySandbox {
    inner: Arc<Mutex<Inner>>,
    isolation: Isolation,
}

struct Inner {
    script: Box<dyn Script>,
    calls: Vec<Call>,
}

/// One call, as it was allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// A command was run.
    Run(RunCommand),
    /// Candidates were tried.
    Probe(Probe),
}

impl InMemorySandbox {
    /// A sandbox that asks `script`.
    pub fn new(script: impl Script + 'static) -> Self {
        let isolation =
            Isolation { backend: "in_memory".to_owned(), level: IsolationLevel::Full, missing: Vec::new() };
        Self { inner: Arc::new(Mutex::new(Inner { script: Box::new(script), calls: Vec::new() })), isolation }
    }

    /// The same with other walls.
    #[must_use]
    pub fn within(self, isolation: Isolation) -> Self {
        Self { isolation, ..self }
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Call> {
        self.with(|inner| inner.calls.clone())
    }

    fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for InMemorySandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InMemorySandbox").field("calls", &self.calls()).finish_non_exhaustive()
    }
}

/// A command that ended with this exit code and printed this, in a microsecond.
pub fn finished(code: i32, output: &str) -> Finished {
    Finished {
        exit: Exit::Code(code),
        output: output.to_owned(),
        output_bytes: output.len() as u64,
        wall_us: 1,
        tests: Vec::new(),
        lines: Vec::new(),
        isolation: Isolation { backend: String::new(), level: IsolationLevel::Full, missing: Vec::new() },
    }
}

impl Sandbox for InMemorySandbox {
    fn isolation(&self) -> Isolation {
        self.isolation.clone()
    }

    fn run(&self, permit: Permit<RunCommand>, job: RunJob<'_>) -> Result<Finished, SandboxError> {
        check_layer(permit.action().layer, job.layer)?;
        let command = permit.into_action();
        let isolation = self.isolation.clone();
        if job.cancel.is_cancelled() {
            return Ok(Finished { exit: Exit::Stopped(Stop::Cancelled), isolation, ..finished(0, "") });
        }
        let finished = self.with(|inner| {
            let finished = inner.script.run(&command, job.layer);
            inner.calls.push(Call::Run(command));
            finished
        });
        (job.on_output)(finished.output.as_bytes());
        Ok(Finished { isolation, ..finished })
    }

    fn trial(&self, permit: Permit<RunCommand>, job: RunJob<'_>) -> Result<Trial, SandboxError> {
        let (command, layer) = (permit.action().clone(), job.layer.clone());
        let finished = self.run(permit, job)?;
        let changes = match finished.exit {
            Exit::Stopped(Stop::Cancelled) => Changes::default(),
            Exit::Code(_) | Exit::Signal(_) | Exit::Stopped(_) => {
                self.with(|inner| inner.script.changes(&command, &layer))
            }
        };
        Ok(Trial { finished, changes, refused_hosts: Vec::new() })
    }

    fn prober(&self, _root: &Path, _send: Option<Permit<SendFiles>>) -> Box<dyn Prober> {
        Box::new(InMemoryProber { sandbox: self.clone(), has_told_baseline: false })
    }
}

struct InMemoryProber {
    sandbox: InMemorySandbox,
    has_told_baseline: bool,
}

impl Prober for InMemoryProber {
    fn probe(
        &mut self,
        permit: Permit<Probe>,
        layer: &Layer,
        candidates: &[Layer],
        cancel: &Cancel,
        news: &mut dyn FnMut(ProbeNews),
    ) -> Result<(), SandboxError> {
        check_batch(permit.action(), layer, candidates)?;
        let probe = permit.into_action();
        self.sandbox.with(|inner| inner.calls.push(Call::Probe(probe.clone())));
        if !std::mem::replace(&mut self.has_told_baseline, true) || candidates.is_empty() {
            news(ProbeNews::Baseline(self.sandbox.with(|inner| inner.script.baseline(&probe, layer))));
        }
        for (index, candidate) in (0..).zip(candidates) {
            if cancel.is_cancelled() {
                break;
            }
            let verdict = self.sandbox.with(|inner| inner.script.verdict(&probe, layer, candidate));
            let mended = u32::from(verdict == Verdict::Passed);
            news(ProbeNews::Probed(Probed { index, verdict, mended, ran: 1, cpu_us: 1 }));
        }
        Ok(())
    }
}

/// That a permit was given for this layer and these candidates.
fn check_batch(probe: &Probe, layer: &Layer, candidates: &[Layer]) -> Result<(), SandboxError> {
    check_layer(probe.layer, layer)?;
    let is_same = usize::try_from(probe.candidates) == Ok(candidates.len())
        && probe.batch == batch_hash(candidates.iter().map(Layer::hash));
    if is_same {
        Ok(())
    } else {
        Err(SandboxError::Stale("the permit was given for other candidates".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bodkin_guard::action::{CommandLine, Limits, Network, Purpose, Runner};
    use bodkin_guard::in_memory::InMemoryLedger;
    use bodkin_guard::{Asker, Grants, Guard, Request, Rules, RunId};
    use bodkin_text::RelPath;

    use super::*;

    /// A program that is right when the file `a` says so.
    struct IsRight;

    impl Script for IsRight {
        fn run(&mut self, _: &RunCommand, layer: &Layer) -> Finished {
            finished(i32::from(!is_right(layer)), "said")
        }

        fn baseline(&mut self, _: &Probe, layer: &Layer) -> Baseline {
            Baseline { passed: is_right(layer), ..Baseline::default() }
        }

        fn verdict(&mut self, _: &Probe, layer: &Layer, candidate: &Layer) -> Verdict {
            if is_right(&layer.with(candidate)) { Verdict::Passed } else { Verdict::TimedOut }
        }
    }

    fn is_right(layer: &Layer) -> bool {
        layer.iter().any(|(_, text)| text.is_some_and(|text| &**text == "right"))
    }

    fn says(text: &str) -> Layer {
        let mut layer = Layer::empty();
        layer.put(RelPath::new("a").unwrap(), text);
        layer
    }

    fn request() -> Request {
        Request { run: RunId(1), asker: Asker::Terminal, grants: Grants::none() }
    }

    fn run(sandbox: &InMemorySandbox, permitted: &Layer, given: &Layer) -> Result<Finished, SandboxError> {
        let action = RunCommand {
            purpose: Purpose::Asked,
            command: CommandLine::Shell("true".to_owned()),
            cwd: None,
            env: BTreeMap::new(),
            network: Network::Off,
            limits: Limits::default(),
            layer: permitted.hash(),
            observe: false,
        };
        let mut ledger = InMemoryLedger::new();
        let permit = Guard::new(Rules::default())
            .review_run(action, &sandbox.isolation(), &request(), &mut ledger)
            .unwrap();
        sandbox.run(
            permit,
            RunJob {
                root: Path::new("/w"),
                layer: given,
                cancel: &Cancel::new(),
                on_output: &mut |_| {},
                send: None,
            },
        )
    }

    fn probe(
        sandbox: &InMemorySandbox,
        permitted: &[Layer],
        given: &[Layer],
    ) -> Result<Vec<ProbeNews>, SandboxError> {
        let action = Probe {
            runner: Runner::Command { command: CommandLine::Shell("true".to_owned()), cwd: None },
            env: BTreeMap::new(),
            network: Network::Off,
            limits: Limits::default(),
            layer: Layer::empty().hash(),
            candidates: u32::try_from(permitted.len()).unwrap(),
            batch: batch_hash(permitted.iter().map(Layer::hash)),
        };
        let mut ledger = InMemoryLedger::new();
        let permit = Guard::new(Rules::default())
            .review_probe(action, &sandbox.isolation(), &request(), &mut ledger)
            .unwrap();
        let mut all = Vec::new();
        let mut prober = sandbox.prober(Path::new("/w"), None);
        prober.probe(permit, &Layer::empty(), given, &Cancel::new(), &mut |news| all.push(news))?;
        Ok(all)
    }

    #[test]
    fn no_permit_no_effect_a_permit_for_other_files_runs_nothing() {
        let sandbox = InMemorySandbox::new(IsRight);
        assert!(matches!(run(&sandbox, &says("wrong"), &says("right")), Err(SandboxError::Stale(_))));
        assert!(matches!(probe(&sandbox, &[says("a")], &[says("b")]), Err(SandboxError::Stale(_))));
        assert!(matches!(probe(&sandbox, &[says("a")], &[]), Err(SandboxError::Stale(_))));
        assert_eq!(sandbox.calls(), []);
    }

    #[test]
    fn the_script_decides_over_the_files_as_they_would_stand() {
        let sandbox = InMemorySandbox::new(IsRight);
        assert!(run(&sandbox, &says("right"), &says("right")).unwrap().succeeded());
        let news = probe(&sandbox, &[says("wrong"), says("right")], &[says("wrong"), says("right")]).unwrap();
        let verdicts: Vec<bool> = news
            .iter()
            .filter_map(|news| match news {
                ProbeNews::Probed(probed) => Some(probed.verdict == Verdict::Passed),
                ProbeNews::Baseline(_) => None,
            })
            .collect();
        assert_eq!(verdicts, [false, true]);
        assert_eq!(sandbox.calls().len(), 2);
    }
}
