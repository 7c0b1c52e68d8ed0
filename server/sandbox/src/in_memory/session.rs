//! Sessions without walls or processes: the twin of the local backend, for tests of what is built on it.
//!
//! Files stand in memory, a process is a call of the closure that the backend was made with. Refuses what the
//! real one refuses. A workspace's own files are not read from the disk: only what is laid over it stands there.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};

use bodkin_guard::report::{Exit, Isolation, IsolationLevel};

use super::files::{Files, Node};
use super::process::{Program, Scripted, Talk};
use super::watch::{Watched, Watching};
use crate::changes::{Change, Changes, Found, What};
use crate::session::{
    Backend, Base, Entry, Process, ProcessOrder, Session, SessionAbout, SessionOrder, Usage, Watch,
};
use crate::{Cancel, SandboxError};

/// When every session of the twin was made.
const STARTED_UNIX_MS: u64 = 1_700_000_000_000;

/// Makes sessions in memory; clones are one and the same.
#[derive(Clone)]
pub struct InMemoryBackend(Arc<Shared>);

struct Shared {
    program: Arc<Program>,
    sessions: Mutex<BTreeMap<String, Weak<InMemorySession>>>,
    made: Mutex<u64>,
}

impl InMemoryBackend {
    /// A backend whose every process is a call of `program`, in a thread of its own.
    pub fn new(program: impl Fn(&Talk) -> Exit + Send + Sync + 'static) -> Self {
        Self(Arc::new(Shared {
            program: Arc::new(program),
            sessions: Mutex::default(),
            made: Mutex::default(),
        }))
    }

    fn living(&self) -> Vec<Arc<InMemorySession>> {
        let mut sessions = lock(&self.0.sessions);
        sessions.retain(|_, session| session.strong_count() > 0);
        sessions.values().filter_map(Weak::upgrade).filter(|session| session.is_alive()).collect()
    }
}

impl Backend for InMemoryBackend {
    fn isolation(&self) -> Isolation {
        Isolation { backend: "in_memory".to_owned(), level: IsolationLevel::Full, missing: Vec::new() }
    }

    fn create(&self, order: SessionOrder, cancel: &Cancel) -> Result<Arc<dyn Session>, SandboxError> {
        if cancel.is_cancelled() {
            return Err(SandboxError::io("making a session")(ErrorKind::Interrupted.into()));
        }
        let id = {
            let mut made = lock(&self.0.made);
            *made += 1;
            format!("memory{made}")
        };
        let session = Arc::new(InMemorySession::new(id.clone(), order, self.isolation(), &self.0.program)?);
        lock(&self.0.sessions).insert(id, Arc::downgrade(&session));
        Ok(session)
    }

    fn connect(&self, id: &str) -> Result<Arc<dyn Session>, SandboxError> {
        let found = self.living().into_iter().find(|session| session.id == id);
        found.map(|session| session as Arc<dyn Session>).ok_or_else(|| gone(id))
    }

    fn list(&self) -> Result<Vec<SessionAbout>, SandboxError> {
        Ok(self.living().iter().map(|session| session.about()).collect())
    }
}

struct InMemorySession {
    id: String,
    order: SessionOrder,
    isolation: Isolation,
    workdir: PathBuf,
    base: BTreeMap<PathBuf, Node>,
    program: Arc<Program>,
    inside: Inside,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    processes: Vec<Arc<Scripted>>,
    is_frozen: bool,
    is_gone: bool,
}

/// The files of a session, as its processes see them.
#[derive(Clone)]
pub struct Inside(Arc<World>);

struct World {
    files: Mutex<Files>,
    watches: Mutex<Vec<Arc<Watched>>>,
}

impl Inside {
    /// Reads a file.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Vec<u8>, SandboxError> {
        lock(&self.0.files).read(path.as_ref())
    }

    /// Writes a file with the folders that it needs.
    pub fn write(&self, path: impl AsRef<Path>, content: impl Into<Vec<u8>>) -> Result<(), SandboxError> {
        self.change(|files| files.write(path.as_ref(), content.into(), None)).map(drop)
    }

    /// Removes a file, or a folder with all in it.
    pub fn remove(&self, path: impl AsRef<Path>) -> Result<(), SandboxError> {
        self.change(|files| files.remove(path.as_ref()))
    }

    fn change<T>(&self, act: impl FnOnce(&mut Files) -> T) -> T {
        let (done, events) = {
            let mut files = lock(&self.0.files);
            let done = act(&mut files);
            (done, std::mem::take(&mut files.events))
        };
        let mut watches = lock(&self.0.watches);
        watches.retain(|watch| Arc::strong_count(watch) > 1);
        watches.iter().for_each(|watch| watch.tell(&events));
        done
    }
}

impl InMemorySession {
    fn new(
        id: String,
        order: SessionOrder,
        isolation: Isolation,
        program: &Arc<Program>,
    ) -> Result<Self, SandboxError> {
        let workdir = match &order.base {
            Base::Empty => PathBuf::from("/home/user"),
            Base::Workspace { folder, at, .. } => at.clone().unwrap_or_else(|| folder.clone()),
        };
        let mut files = Files::with(&workdir);
        if let Base::Workspace { layer, .. } = &order.base {
            for (path, text) in layer.iter() {
                if let Some(text) = text {
                    files.write(&workdir.join(path.as_str()), text.as_bytes().to_vec(), None)?;
                }
            }
            files.events.clear();
        }
        let base = files.below(&workdir);
        let world = World { files: Mutex::new(files), watches: Mutex::default() };
        Ok(Self {
            id,
            order,
            isolation,
            workdir,
            base,
            program: Arc::clone(program),
            inside: Inside(Arc::new(world)),
            state: Mutex::default(),
        })
    }

    fn about(&self) -> SessionAbout {
        SessionAbout {
            id: self.id.clone(),
            backend: self.isolation.backend.clone(),
            started_unix_ms: STARTED_UNIX_MS,
            ends_unix_ms: STARTED_UNIX_MS.checked_add(self.order.limits.wall_ms),
            frozen: lock(&self.state).is_frozen,
            metadata: self.order.metadata.clone(),
        }
    }

    /// The session, if it has not been destroyed.
    fn alive(&self) -> Result<&Self, SandboxError> {
        if lock(&self.state).is_gone { Err(gone(&self.id)) } else { Ok(self) }
    }

    fn set_frozen(&self, is_frozen: bool) -> Result<(), SandboxError> {
        let mut state = lock(&self.alive()?.state);
        state.is_frozen = is_frozen;
        state.processes.iter().for_each(|process| process.freeze(is_frozen));
        Ok(())
    }

    fn found(&self) -> Vec<Found> {
        let now = lock(&self.inside.0.files).below(&self.workdir);
        let removed = self.base.keys().filter(|path| !now.contains_key(*path));
        let removed = removed.map(|path| Found {
            path: path.clone(),
            what: What::Gone,
            mode_before: None,
            trouble: None,
        });
        let changed = now.iter().filter(|(path, node)| {
            self.base.get(*path).is_none_or(|it| it.content != node.content || it.mode != node.mode)
        });
        let changed = changed.map(|(path, node)| Found {
            path: path.clone(),
            what: what(node),
            mode_before: self.base.get(path).map(|node| node.mode),
            trouble: None,
        });
        removed.chain(changed).collect()
    }
}

fn what(node: &Node) -> What {
    match &node.content {
        None => What::Folder,
        Some(content) => {
            What::File { content: Some(content.clone()), size: content.len() as u64, mode: node.mode }
        }
    }
}

impl Session for InMemorySession {
    fn id(&self) -> &str {
        &self.id
    }

    fn isolation(&self) -> &Isolation {
        &self.isolation
    }

    fn workdir(&self) -> &Path {
        &self.workdir
    }

    fn stat(&self, path: &Path) -> Result<Option<Entry>, SandboxError> {
        lock(&self.alive()?.inside.0.files).stat(path)
    }

    fn list(&self, path: &Path, depth: u32) -> Result<Vec<Entry>, SandboxError> {
        lock(&self.alive()?.inside.0.files).list(path, depth)
    }

    fn read(&self, path: &Path, to: &mut dyn Write) -> Result<u64, SandboxError> {
        let content = self.alive()?.inside.read(path)?;
        to.write_all(&content).map_err(SandboxError::io(format!("reading {}", path.display())))?;
        Ok(content.len() as u64)
    }

    fn write(&self, path: &Path, from: &mut dyn Read, mode: Option<u32>) -> Result<Entry, SandboxError> {
        let mut content = Vec::new();
        from.read_to_end(&mut content).map_err(SandboxError::io(format!("writing {}", path.display())))?;
        self.alive()?.inside.change(|files| files.write(path, content, mode))
    }

    fn make_dir(&self, path: &Path) -> Result<bool, SandboxError> {
        self.alive()?.inside.change(|files| files.make_dir(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<Entry, SandboxError> {
        self.alive()?.inside.change(|files| files.rename(from, to))
    }

    fn remove(&self, path: &Path) -> Result<(), SandboxError> {
        self.alive()?.inside.remove(path)
    }

    fn watch(&self, path: &Path, recursive: bool) -> Result<Box<dyn Watch>, SandboxError> {
        // A folder that is not there can not be watched.
        self.list(path, 1)?;
        let watched = Arc::new(Watched {
            folder: path.to_path_buf(),
            recursive,
            events: Mutex::default(),
            changed: Condvar::new(),
        });
        lock(&self.inside.0.watches).push(Arc::clone(&watched));
        Ok(Box::new(Watching(watched)))
    }

    fn start(&self, order: ProcessOrder) -> Result<Arc<dyn Process>, SandboxError> {
        let mut state = lock(&self.alive()?.state);
        let pid = u32::try_from(state.processes.len()).unwrap_or(u32::MAX).saturating_add(2);
        let env = self.order.env.iter().chain(&order.env);
        let env = env.map(|(name, value)| (name.clone(), value.clone())).collect();
        let order = ProcessOrder { env, ..order };
        let process = Scripted::start(pid, order, Arc::clone(&self.program), self.inside.clone())?;
        state.processes.push(Arc::clone(&process));
        Ok(process)
    }

    fn processes(&self) -> Vec<Arc<dyn Process>> {
        lock(&self.state).processes.iter().map(|process| Arc::clone(process) as Arc<dyn Process>).collect()
    }

    fn usage(&self) -> Result<Usage, SandboxError> {
        let state = lock(&self.alive()?.state);
        let living = state.processes.iter().filter(|process| process.exit().is_none()).count();
        Ok(Usage {
            disk_limit_bytes: self.order.limits.disk_bytes,
            processes: u32::try_from(living).unwrap_or(u32::MAX),
            ..Usage::default()
        })
    }

    fn freeze(&self) -> Result<(), SandboxError> {
        self.set_frozen(true)
    }

    fn thaw(&self) -> Result<(), SandboxError> {
        self.set_frozen(false)
    }

    fn changes(&self) -> Result<Changes, SandboxError> {
        let judged: Vec<Change> = crate::changes::judged(self.alive()?.found());
        Ok(Changes { changes: judged, left_out: Vec::new() })
    }

    fn destroy(&self) -> Result<(), SandboxError> {
        let mut state = lock(&self.state);
        state.is_gone = true;
        state.processes.iter().for_each(|process| process.end(Exit::Signal(9)));
        lock(&self.inside.0.watches).clear();
        Ok(())
    }

    fn is_alive(&self) -> bool {
        !lock(&self.state).is_gone
    }
}

impl Drop for InMemorySession {
    fn drop(&mut self) {
        let _ = self.destroy();
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn gone(id: &str) -> SandboxError {
    SandboxError::Unavailable {
        why: format!("the sandbox {id} was not found"),
        next_step: "make a new one".to_owned(),
    }
}

#[cfg(test)]
mod tests;
