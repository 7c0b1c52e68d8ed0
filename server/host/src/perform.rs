//! Does what a run asks for: reviewed by the guard, on the ledger, in the sandbox.
//!
//! Each act runs on a thread of its own and answers by news; probes share one thread, because they share a
//! warm runner.

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use bodkin_agent::{Act, ActFailure, ActId, News};
use bodkin_guard::action::{CommandLine, Limits, Network, Probe, Purpose, RunCommand, Runner};
use bodkin_guard::ledger::Did;
use bodkin_guard::report::{Baseline, Finished, batch_hash};
use bodkin_guard::{Permit, Refusal, Request};
use bodkin_sandbox::{Cancel, ProbeNews, Prober, RunJob, SandboxError};
use bodkin_text::{Layer, RelPath};

use crate::inner::Inner;
use crate::sending;

/// Longest that an ended run waits for what it stopped.
const TEAR_DOWN: Duration = Duration::from_secs(5);

/// The hands of one run.
pub(crate) struct Performer {
    host: Arc<Inner>,
    request: Request,
    news: Sender<News>,
    cancels: HashMap<ActId, Cancel>,
    probes: Option<Sender<ProbeJob>>,
    /// Every act under way holds one; nothing is ever sent.
    alive: Sender<()>,
    gone: Receiver<()>,
}

struct ProbeJob {
    id: ActId,
    runner: Runner,
    env: BTreeMap<String, String>,
    layer: Layer,
    candidates: Vec<Layer>,
    limits: Limits,
    cancel: Cancel,
    _alive: Sender<()>,
}

struct CommandJob {
    id: ActId,
    purpose: Purpose,
    command: CommandLine,
    cwd: Option<RelPath>,
    env: BTreeMap<String, String>,
    layer: Layer,
    limits: Limits,
    cancel: Cancel,
    _alive: Sender<()>,
}

impl Performer {
    pub(crate) fn new(host: Arc<Inner>, request: Request, news: Sender<News>) -> Self {
        let (alive, gone) = channel();
        Self { host, request, news, cancels: HashMap::new(), probes: None, alive, gone }
    }

    /// Begins one act; its news comes later.
    pub(crate) fn perform(&mut self, act: Act) {
        let _alive = self.alive.clone();
        match act {
            Act::Look { id, runner, env, layer, limits } => {
                let cancel = self.switch(id);
                let candidates = Vec::new();
                self.probe(ProbeJob { id, runner, env, layer, candidates, limits, cancel, _alive });
            }
            Act::Probe { id, runner, env, layer, candidates, limits } => {
                let cancel = self.switch(id);
                self.probe(ProbeJob { id, runner, env, layer, candidates, limits, cancel, _alive });
            }
            Act::Command { id, purpose, command, cwd, env, layer, limits } => {
                let cancel = self.switch(id);
                self.command(CommandJob { id, purpose, command, cwd, env, layer, limits, cancel, _alive });
            }
            Act::Stop(id) => {
                if let Some(cancel) = self.cancels.remove(&id) {
                    cancel.cancel();
                }
            }
            // Shown by the driver, which also waits for the decision.
            Act::Offer(_) | Act::OfferPart(_) | Act::Tests(_) => {}
        }
    }

    /// Stops everything that is under way, and waits until it is gone and on the ledger; not for ever.
    pub(crate) fn stop_all(mut self) {
        for (_, cancel) in self.cancels.drain() {
            cancel.cancel();
        }
        let Self { alive, gone, .. } = self;
        drop(alive);
        let _ = gone.recv_timeout(TEAR_DOWN);
    }

    fn switch(&mut self, id: ActId) -> Cancel {
        let cancel = Cancel::new();
        self.cancels.insert(id, cancel.clone());
        cancel
    }

    fn command(&self, job: CommandJob) {
        let (host, request, news) = (self.host.clone(), self.request.clone(), self.news.clone());
        let id = job.id;
        let lost = self.news.clone();
        let spawned = std::thread::Builder::new().name(format!("act-{}", id.0)).spawn(move || {
            let result = unbroken(|| run_command(&host, &request, &job));
            let _ = news.send(News::Ran(id, result));
        });
        if let Err(error) = spawned {
            let _ =
                lost.send(News::Ran(id, Err(ActFailure::Broken(format!("no thread to run it: {error}")))));
        }
    }

    fn probe(&mut self, job: ProbeJob) {
        if self.probes.is_none() {
            let (sender, jobs) = channel::<ProbeJob>();
            let (host, request, news) = (self.host.clone(), self.request.clone(), self.news.clone());
            let spawned = std::thread::Builder::new().name("probe".to_owned()).spawn(move || {
                let mut prober: Option<Box<dyn Prober>> = None;
                for job in jobs {
                    probe(&host, &request, &mut prober, &job, &news);
                }
            });
            if spawned.is_ok() {
                self.probes = Some(sender);
            }
        }
        let id = job.id;
        if self.probes.as_ref().is_none_or(|probes| probes.send(job).is_err()) {
            let failure = || ActFailure::Broken("the thread that probes is gone".to_owned());
            let _ = self.news.send(News::Looked(id, Err(failure())));
            let _ = self.news.send(News::BatchDone(id, Err(failure())));
        }
    }
}

/// A fault in the hands of a run is news like any other: the run must not wait for an act that is gone.
fn unbroken<T>(act: impl FnOnce() -> Result<T, ActFailure>) -> Result<T, ActFailure> {
    let failed = |_| Err(ActFailure::Broken("Bodkin itself failed in this act; please report it".to_owned()));
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(failed)
}

fn run_command(host: &Inner, request: &Request, job: &CommandJob) -> Result<Finished, ActFailure> {
    let action = RunCommand {
        purpose: job.purpose,
        command: job.command.clone(),
        cwd: job.cwd.clone(),
        env: variables(host, &job.env),
        network: Network::Off,
        limits: job.limits,
        layer: job.layer.hash(),
        observe: true,
    };
    let send = sending::permit(host, request, &job.layer)?;
    let walls = host.sandbox.isolation();
    let permit = host
        .with_ledger(|guard, ledger| guard.review_run(action, &walls, request, ledger))
        .map_err(refused)?;
    let seq = permit.seq();
    let mut ignore_output = |_: &[u8]| {};
    let run = RunJob {
        root: host.root(),
        layer: &job.layer,
        cancel: &job.cancel,
        on_output: &mut ignore_output,
        send,
    };
    let result = host.sandbox.run(permit, run);
    let (done, summary, figures) = match &result {
        Ok(finished) => {
            let figures = BTreeMap::from([
                ("wall_us".to_owned(), finished.wall_us),
                ("tests".to_owned(), finished.tests.len() as u64),
            ]);
            (true, bodkin_agent::proof::how_it_ended(&finished.exit), figures)
        }
        Err(error) => (false, error.to_string(), BTreeMap::new()),
    };
    host.record(request.run, &Did { permit: seq, done, summary, figures })?;
    result.map_err(broken)
}

fn probe(
    host: &Inner,
    request: &Request,
    prober: &mut Option<Box<dyn Prober>>,
    job: &ProbeJob,
    news: &Sender<News>,
) {
    let look = job.candidates.is_empty();
    let mut baseline: Option<Baseline> = None;
    let (mut tried, mut passed) = (0u64, 0u64);
    let result = unbroken(|| {
        let prober = match prober {
            Some(prober) => prober,
            None => {
                let send = sending::permit(host, request, &job.layer)?;
                prober.insert(host.sandbox.prober(host.root(), send))
            }
        };
        let permit = permit_probe(host, request, job)?;
        let seq = permit.seq();
        let mut take = |said: ProbeNews| match said {
            ProbeNews::Baseline(found) => baseline = Some(found),
            ProbeNews::Probed(probed) => {
                tried += 1;
                passed += u64::from(probed.verdict == bodkin_guard::report::Verdict::Passed);
                let _ = news.send(News::Probed(job.id, probed));
            }
        };
        let result = prober.probe(permit, &job.layer, &job.candidates, &job.cancel, &mut take);
        let summary = match &result {
            Ok(()) if look => "looked at the tests as they are".to_owned(),
            Ok(()) => format!("{passed} of {tried} candidates passed"),
            Err(error) => error.to_string(),
        };
        let figures = BTreeMap::from([("tried".to_owned(), tried), ("passed".to_owned(), passed)]);
        host.record(request.run, &Did { permit: seq, done: result.is_ok(), summary, figures })?;
        result.map_err(broken)
    });
    let answer = if look {
        let none = || ActFailure::Broken("the test runner said nothing".to_owned());
        News::Looked(job.id, result.and_then(|()| baseline.ok_or_else(none)))
    } else {
        News::BatchDone(job.id, result)
    };
    let _ = news.send(answer);
}

fn permit_probe(host: &Inner, request: &Request, job: &ProbeJob) -> Result<Permit<Probe>, ActFailure> {
    let action = Probe {
        runner: job.runner.clone(),
        env: variables(host, &job.env),
        network: Network::Off,
        limits: job.limits,
        layer: job.layer.hash(),
        candidates: u32::try_from(job.candidates.len()).unwrap_or(u32::MAX),
        batch: batch_hash(job.candidates.iter().map(Layer::hash)),
    };
    let walls = host.sandbox.isolation();
    host.with_ledger(|guard, ledger| guard.review_probe(action, &walls, request, ledger)).map_err(refused)
}

/// What the tests are given: the variables that the user named, and over them those of the test command.
fn variables(host: &Inner, of_command: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut env = host.settings().env;
    env.extend(of_command.iter().map(|(name, value)| (name.clone(), value.clone())));
    env
}

pub(crate) fn refused(refusal: Refusal) -> ActFailure {
    match refusal {
        Refusal::NeedsConsent { question, .. } => ActFailure::Refused(question),
        Refusal::Denied { reason, hint } => ActFailure::Refused(format!("{reason}; {hint}")),
        Refusal::LedgerUnavailable(error) => {
            ActFailure::Unavailable(format!("nothing is done that can not be recorded: {error}"))
        }
    }
}

fn broken(error: SandboxError) -> ActFailure {
    match error {
        SandboxError::Unavailable { why, next_step } => {
            ActFailure::Unavailable(format!("{why}; {next_step}"))
        }
        error @ (SandboxError::Stale(_) | SandboxError::Io { .. }) => ActFailure::Broken(error.to_string()),
    }
}
