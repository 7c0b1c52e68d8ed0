//! A session: one container and what runs in it.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bodkin_guard::action::Limits;
use bodkin_guard::report::Isolation;
use bodkin_sandbox::SandboxError;
use bodkin_sandbox::afar::{Bounds, Laid, PolledWatch, Shell, changes, collected};
use bodkin_sandbox::changes::Changes;
use bodkin_sandbox::session::{Entry, Process, ProcessOrder, Session, Usage, Watch};
use bollard::errors::Error;
use bollard::query_parameters::{RemoveContainerOptionsBuilder, StatsOptionsBuilder};

use crate::exec::Inside;
use crate::order::HOME;
use crate::process::ContainerProcess;

/// How long a process that has ended is still told of.
const REMEMBERED: Duration = Duration::from_secs(60);

pub(crate) struct ContainerSession {
    pub(crate) inside: Inside,
    pub(crate) isolation: Isolation,
    pub(crate) workdir: PathBuf,
    pub(crate) output_bytes: u64,
    pub(crate) disk_bytes: u64,
    /// The workspace as it was laid in; `None` when another process did that.
    pub(crate) laid: Option<Laid>,
    pub(crate) processes: Mutex<Vec<Known>>,
    pub(crate) is_gone: AtomicBool,
}

/// A process, and since when it is known to have ended.
pub(crate) struct Known {
    process: Arc<ContainerProcess>,
    ended: Option<Instant>,
}

impl ContainerSession {
    pub(crate) fn new(inside: Inside, isolation: Isolation, workdir: PathBuf, limits: &Limits) -> Self {
        Self {
            inside,
            isolation,
            workdir,
            output_bytes: limits.output_bytes,
            disk_bytes: limits.disk_bytes,
            laid: None,
            processes: Mutex::default(),
            is_gone: AtomicBool::new(false),
        }
    }

    fn pause(&self, pause: bool) -> Result<(), SandboxError> {
        let (engine, name) = (&self.inside.engine, &self.inside.container);
        if self.is_frozen()? == Some(pause) {
            return Ok(());
        }
        match pause {
            true => engine.ask("freezing the container", engine.docker().pause_container(name)),
            false => engine.ask("thawing the container", engine.docker().unpause_container(name)),
        }
    }

    /// Whether it is frozen; `None`: it does not live.
    fn is_frozen(&self) -> Result<Option<bool>, SandboxError> {
        let state = self.inside.engine.state(&self.inside.container)?;
        Ok(state.filter(|it| it.is_up).map(|it| it.is_frozen))
    }

    /// Bytes that stand in its file systems.
    fn disk(&self) -> u64 {
        const FILLED: &str = r#"for it; do stat -f -c '%b %f %S' -- "$it"; done"#;
        let home = OsStr::new(HOME);
        let mut places = vec![OsStr::new("/tmp"), home];
        places.extend(Some(self.workdir.as_os_str()).filter(|it| *it != home));
        let told = collected(&self.inside, "asking for the disk", FILLED, &places, 4096).unwrap_or_default();
        let filled = |line: &str| {
            let mut numbers = line.split(' ').map(|it| it.parse::<u64>().ok());
            let (all, free, block) = (numbers.next()??, numbers.next()??, numbers.next()??);
            Some(all.saturating_sub(free).saturating_mul(block))
        };
        String::from_utf8_lossy(&told).lines().filter_map(filled).sum()
    }
}

impl Session for ContainerSession {
    fn id(&self) -> &str {
        &self.inside.container
    }

    fn isolation(&self) -> &Isolation {
        &self.isolation
    }

    fn workdir(&self) -> &Path {
        &self.workdir
    }

    fn stat(&self, path: &Path) -> Result<Option<Entry>, SandboxError> {
        self.inside.stat(path)
    }

    fn list(&self, path: &Path, depth: u32) -> Result<Vec<Entry>, SandboxError> {
        self.inside.list(path, depth)
    }

    fn read(&self, path: &Path, to: &mut dyn Write) -> Result<u64, SandboxError> {
        self.inside.read(path, to)
    }

    fn write(&self, path: &Path, from: &mut dyn Read, mode: Option<u32>) -> Result<Entry, SandboxError> {
        self.inside.write(path, from, mode)
    }

    fn make_dir(&self, path: &Path) -> Result<bool, SandboxError> {
        self.inside.make_dir(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<Entry, SandboxError> {
        self.inside.rename(from, to)
    }

    fn remove(&self, path: &Path) -> Result<(), SandboxError> {
        self.inside.remove(path)
    }

    fn watch(&self, path: &Path, recursive: bool) -> Result<Box<dyn Watch>, SandboxError> {
        let shell: Arc<dyn Shell + Send + Sync> = Arc::new(self.inside.clone());
        Ok(Box::new(PolledWatch::new(shell, path, recursive)?))
    }

    fn start(&self, order: ProcessOrder) -> Result<Arc<dyn Process>, SandboxError> {
        let cwd = self.workdir.to_string_lossy();
        let process = ContainerProcess::start(&self.inside, order, &cwd, self.output_bytes)?;
        let known = Known { process: Arc::clone(&process), ended: None };
        self.processes.lock().unwrap_or_else(PoisonError::into_inner).push(known);
        Ok(process)
    }

    #[expect(clippy::disallowed_methods, reason = "processes that have ended are forgotten after a while")]
    fn processes(&self) -> Vec<Arc<dyn Process>> {
        let now = Instant::now();
        let mut all = self.processes.lock().unwrap_or_else(PoisonError::into_inner);
        for known in all.iter_mut().filter(|it| it.ended.is_none() && it.process.exit().is_some()) {
            known.ended = Some(now);
        }
        all.retain(|it| it.ended.is_none_or(|ended| now.duration_since(ended) < REMEMBERED));
        all.iter().map(|it| Arc::clone(&it.process) as Arc<dyn Process>).collect()
    }

    fn usage(&self) -> Result<Usage, SandboxError> {
        use futures_util::StreamExt;
        let engine = &self.inside.engine;
        let options = StatsOptionsBuilder::default().stream(false).one_shot(true).build();
        let stats = engine.ask("asking what the container uses", async {
            let mut stream = Box::pin(engine.docker().stats(&self.inside.container, Some(options)));
            stream.next().await.unwrap_or(Err(Error::RequestTimeoutError))
        })?;
        let cpu = stats.cpu_stats.and_then(|it| it.cpu_usage).and_then(|it| it.total_usage).unwrap_or(0);
        let memory = stats.memory_stats.and_then(|it| it.usage).unwrap_or(0);
        let processes = stats.pids_stats.and_then(|it| it.current).unwrap_or(0);
        Ok(Usage {
            cpu_ms: cpu / 1_000_000,
            memory_bytes: memory,
            disk_bytes: if self.is_frozen()? == Some(false) { self.disk() } else { 0 },
            disk_limit_bytes: self.disk_bytes,
            processes: u32::try_from(processes).unwrap_or(u32::MAX),
        })
    }

    fn freeze(&self) -> Result<(), SandboxError> {
        self.pause(true)
    }

    fn thaw(&self) -> Result<(), SandboxError> {
        self.pause(false)
    }

    fn changes(&self) -> Result<Changes, SandboxError> {
        match &self.laid {
            Some(laid) => changes(&self.inside, &self.workdir, laid, Bounds::default()),
            None => Err(SandboxError::Unavailable {
                why: "the files that this container was made from are known only to the process that made it"
                    .to_owned(),
                next_step: "ask there, or make a new sandbox".to_owned(),
            }),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "an engine that removes it already tells no one when it has"
    )]
    fn destroy(&self) -> Result<(), SandboxError> {
        self.is_gone.store(true, Ordering::SeqCst);
        let (engine, name) = (&self.inside.engine, &self.inside.container);
        let options = || RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        let what = "removing the container";
        let removed = engine.ask(what, engine.docker().remove_container(name, Some(options())));
        for known in self.processes.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            known.process.is_gone();
        }
        // Removed with the end of its first process at this very moment, or long ago.
        let mut is_there = !matches!(
            &removed,
            Err(SandboxError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound
        );
        for _ in 0..500 {
            if !is_there {
                return Ok(());
            }
            is_there = engine.state(name)?.is_some();
            if is_there {
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        removed
    }

    fn is_alive(&self) -> bool {
        !self.is_gone.load(Ordering::SeqCst) && matches!(self.is_frozen(), Ok(Some(_)))
    }
}
