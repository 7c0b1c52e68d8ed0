//! A session: one sandbox of the endpoint.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bodkin_e2b::control::Timeout;
use bodkin_e2b::files::{OwnMetrics, PATH as FILES};
use bodkin_e2b::filesystem::{
    EntryInfo, EntryResponse, FileType, ListDirRequest, ListDirResponse, MoveRequest, PathRequest, path,
};
use bodkin_guard::report::{Exit, Isolation};
use bodkin_sandbox::SandboxError;
use bodkin_sandbox::afar::{Bounds, Laid, MOST_SAID, Said, Shell, argv, changes, script};
use bodkin_sandbox::changes::Changes;
use bodkin_sandbox::session::{Entry, EntryKind, Process, ProcessEvent, ProcessOrder, Session, Usage, Watch};
use reqwest::Method;

use crate::link::{Again, Link, Place, words};
use crate::process::RemoteProcess;
use crate::watch::RemoteWatch;

/// How long a process that has ended is still told of.
const REMEMBERED: Duration = Duration::from_secs(60);
/// How long one of our own scripts may say nothing.
const SCRIPT: Duration = Duration::from_secs(600);

pub(crate) struct RemoteSession {
    pub(crate) link: Link,
    pub(crate) place: Place,
    pub(crate) isolation: Isolation,
    pub(crate) workdir: PathBuf,
    pub(crate) output_bytes: u64,
    /// How long it lives after it was thawed, seconds.
    pub(crate) life_s: u64,
    pub(crate) laid: Option<Laid>,
    pub(crate) processes: Mutex<Vec<(Arc<RemoteProcess>, Option<Instant>)>>,
    pub(crate) is_gone: AtomicBool,
}

/// A name that no file has.
pub(crate) fn part_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!(".bodkin-part-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A path as the protocol takes it.
pub(crate) fn text(path: &Path) -> Result<String, SandboxError> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        let source = io::Error::new(io::ErrorKind::InvalidInput, "the protocol takes only Unicode");
        SandboxError::Io { what: format!("naming {}", path.display()), source }
    })
}

impl RemoteSession {
    /// Puts bytes at a path, not in one step.
    pub(crate) fn upload(&self, path: &Path, bytes: Vec<u8>) -> Result<(), SandboxError> {
        let what = format!("sending {} to the remote sandbox", path.display());
        let (path, bytes) = (text(path)?, bytes::Bytes::from(bytes));
        let response = self.link.send(&what, Again::Yes, || {
            self.link
                .inside(Method::POST, &self.place, FILES)
                .query_one("path", &path)
                .header("content-type", "application/octet-stream")
                .body(bytes.clone())
        })?;
        self.link.body(&what, response).map(drop)
    }

    fn entry(&self, what: &str, path: &str, message: &impl serde::Serialize) -> Result<Entry, SandboxError> {
        let answer: EntryResponse = self.link.call(what, &self.place, path, message)?;
        let nothing = || io::Error::new(io::ErrorKind::InvalidData, "the answer names no entry");
        answer.entry.map(entry_of).ok_or_else(nothing).map_err(SandboxError::io(what))
    }

    fn control(
        &self,
        what: &str,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<(), SandboxError> {
        let whole = format!("/sandboxes/{}{path}", self.place.id);
        self.link
            .send(what, Again::Yes, || {
                let request = self.link.control(method.clone(), &whole);
                match &body {
                    Some(body) => request.header("content-type", "application/json").body(body.clone()),
                    None => request,
                }
            })
            .map(drop)
    }
}

/// A query that is one pair.
trait QueryOne {
    fn query_one(self, name: &str, value: &str) -> Self;
}

impl QueryOne for reqwest::RequestBuilder {
    fn query_one(self, name: &str, value: &str) -> Self {
        let (client, request) = self.build_split();
        match request {
            Ok(mut request) => {
                request.url_mut().query_pairs_mut().append_pair(name, value);
                Self::from_parts(client, request)
            }
            // The address can not be read: sending says so.
            Err(_) => client.get("bodkin://no-address"),
        }
    }
}

/// Whether a stranger's path stands below a folder.
pub(crate) fn leads_below(told: &Path, folder: &Path) -> bool {
    let is_plain = |part| matches!(part, Component::Normal(_));
    told.strip_prefix(folder).is_ok_and(|rest| rest != Path::new("") && rest.components().all(is_plain))
}

fn entry_of(info: EntryInfo) -> Entry {
    let kind = match (info.kind, info.symlink_target) {
        (FileType::Symlink, target) => EntryKind::Link(PathBuf::from(target.unwrap_or_default())),
        (_, Some(target)) => EntryKind::Link(PathBuf::from(target)),
        (FileType::File, None) => EntryKind::File,
        (FileType::Directory, None) => EntryKind::Folder,
        (FileType::Unspecified, None) => EntryKind::Other,
    };
    Entry {
        path: PathBuf::from(info.path),
        kind,
        size: u64::try_from(info.size).unwrap_or(0),
        mode: info.mode & 0o7777,
        owner: info.owner,
        group: info.group,
        modified_unix_ms: info
            .modified_time
            .as_deref()
            .and_then(bodkin_e2b::stamp::parse_rfc3339)
            .unwrap_or(0),
    }
}

impl Session for RemoteSession {
    fn id(&self) -> &str {
        &self.place.id
    }

    fn isolation(&self) -> &Isolation {
        &self.isolation
    }

    fn workdir(&self) -> &Path {
        &self.workdir
    }

    fn stat(&self, path: &Path) -> Result<Option<Entry>, SandboxError> {
        let what = format!("looking at {} in the remote sandbox", path.display());
        match self.entry(&what, path::STAT, &PathRequest { path: text(path)? }) {
            Ok(entry) => Ok(Some(entry)),
            Err(SandboxError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(other) => Err(other),
        }
    }

    fn list(&self, path: &Path, depth: u32) -> Result<Vec<Entry>, SandboxError> {
        let what = format!("listing {} in the remote sandbox", path.display());
        let message = ListDirRequest { path: text(path)?, depth };
        let answer: ListDirResponse = self.link.call(&what, &self.place, path::LIST_DIR, &message)?;
        let mut all: Vec<Entry> = answer.entries.into_iter().map(entry_of).collect();
        if all.iter().any(|it| !leads_below(&it.path, path)) {
            let lie = io::Error::new(io::ErrorKind::InvalidData, "it tells of what is not in the folder");
            return Err(SandboxError::io(what)(lie));
        }
        all.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(all)
    }

    fn read(&self, path: &Path, to: &mut dyn Write) -> Result<u64, SandboxError> {
        let what = format!("reading {} in the remote sandbox", path.display());
        // A FIFO may be opened over there, and never come to an end.
        let kind = self.stat(path)?.map(|it| it.kind);
        match kind {
            Some(EntryKind::File | EntryKind::Link(_)) => {}
            None => return Err(SandboxError::io(what)(io::ErrorKind::NotFound.into())),
            Some(EntryKind::Folder | EntryKind::Other) => {
                let error = io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file");
                return Err(SandboxError::io(what)(error));
            }
        }
        let path = text(path)?;
        let mut response = self.link.send(&what, Again::Yes, || {
            self.link.inside(Method::GET, &self.place, FILES).query_one("path", &path)
        })?;
        let mut count = 0;
        loop {
            let next = self.link.wait(self.link.within(&what, response.chunk()))?;
            let Some(chunk) = next.map_err(|error| self.link.silent(&what, &words(&error)))? else {
                return Ok(count);
            };
            to.write_all(&chunk).map_err(SandboxError::io(&what))?;
            count += chunk.len() as u64;
        }
    }

    fn write(&self, path: &Path, from: &mut dyn Read, mode: Option<u32>) -> Result<Entry, SandboxError> {
        let what = format!("writing {} in the remote sandbox", path.display());
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).map_err(SandboxError::io(&what))?;
        // In one step for whoever looks: beside it first, then into its place.
        let part = path.with_file_name(part_name());
        self.upload(&part, bytes)?;
        const PUT: &str = r#"
set -e
part=$1 path=$2 mode=$3
trap 'rm -f -- "$part"' EXIT
if [ -d "$path" ]; then echo "Is a directory" >&2; exit 1; fi
if [ -n "$mode" ]; then chmod "$mode" "$part"; fi
mv -f -- "$part" "$path"
"#;
        let mode = mode.map(|mode| format!("{:o}", mode & 0o777)).unwrap_or_default();
        script(self, &what, PUT, &[part.as_os_str(), path.as_os_str(), OsStr::new(&mode)])?;
        let gone = || io::Error::new(io::ErrorKind::NotFound, "it was taken away at once");
        self.stat(path)?.ok_or_else(gone).map_err(SandboxError::io(what))
    }

    fn make_dir(&self, path: &Path) -> Result<bool, SandboxError> {
        let what = format!("making the folder {} in the remote sandbox", path.display());
        match self.entry(&what, path::MAKE_DIR, &PathRequest { path: text(path)? }) {
            Ok(_) => Ok(true),
            Err(SandboxError::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {
                Ok(false)
            }
            Err(other) => Err(other),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<Entry, SandboxError> {
        let what = format!("moving {} in the remote sandbox", from.display());
        let message = MoveRequest { source: text(from)?, destination: text(to)? };
        self.entry(&what, path::MOVE, &message)
    }

    fn remove(&self, path: &Path) -> Result<(), SandboxError> {
        let what = format!("removing {} in the remote sandbox", path.display());
        // Real envd says nothing when nothing was there.
        if self.stat(path)?.is_none() {
            return Err(SandboxError::io(what)(io::ErrorKind::NotFound.into()));
        }
        let message = PathRequest { path: text(path)? };
        self.link.call::<serde_json::Value>(&what, &self.place, path::REMOVE, &message).map(drop)
    }

    fn watch(&self, path: &Path, recursive: bool) -> Result<Box<dyn Watch>, SandboxError> {
        Ok(Box::new(RemoteWatch::start(&self.link, &self.place, path, recursive)?))
    }

    fn start(&self, order: ProcessOrder) -> Result<Arc<dyn Process>, SandboxError> {
        let cwd = Some(text(&self.workdir)?);
        let process = RemoteProcess::start(&self.link, &self.place, order, cwd, self.output_bytes)?;
        let mut all = self.processes.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((Arc::clone(&process), None));
        Ok(process)
    }

    #[expect(clippy::disallowed_methods, reason = "processes that have ended are forgotten after a while")]
    fn processes(&self) -> Vec<Arc<dyn Process>> {
        let now = Instant::now();
        let mut all = self.processes.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, ended) in all.iter_mut().filter(|(it, ended)| ended.is_none() && it.exit().is_some()) {
            *ended = Some(now);
        }
        all.retain(|(_, ended)| ended.is_none_or(|ended| now.duration_since(ended) < REMEMBERED));
        all.iter().map(|(process, _)| Arc::clone(process) as Arc<dyn Process>).collect()
    }

    fn usage(&self) -> Result<Usage, SandboxError> {
        let what = "asking what the remote sandbox uses";
        let now: OwnMetrics =
            self.link.json(what, Again::Yes, || self.link.inside(Method::GET, &self.place, "/metrics"))?;
        Ok(Usage {
            memory_bytes: now.mem_used,
            disk_bytes: now.disk_used,
            disk_limit_bytes: now.disk_total,
            ..Usage::default()
        })
    }

    fn freeze(&self) -> Result<(), SandboxError> {
        match self.control("freezing the remote sandbox", Method::POST, "/pause", Some("{}".to_owned())) {
            // It is frozen already.
            Err(SandboxError::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    }

    fn thaw(&self) -> Result<(), SandboxError> {
        let wish = Timeout { timeout: Some(self.life_s), duration: None };
        let body = serde_json::to_string(&wish).ok();
        self.control("thawing the remote sandbox", Method::POST, "/connect", body)
    }

    fn changes(&self) -> Result<Changes, SandboxError> {
        match &self.laid {
            Some(laid) => changes(self, &self.workdir, laid, Bounds::default()),
            None => Err(SandboxError::Unavailable {
                why: "the files that this sandbox was made from are not known here".to_owned(),
                next_step: "make a new one over the workspace".to_owned(),
            }),
        }
    }

    fn destroy(&self) -> Result<(), SandboxError> {
        self.is_gone.store(true, Ordering::SeqCst);
        let ended = self.control("ending the remote sandbox", Method::DELETE, "", None);
        for (process, _) in self.processes.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            process.is_gone();
        }
        match ended {
            Err(SandboxError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    fn is_alive(&self) -> bool {
        let what = "asking whether the remote sandbox lives";
        !self.is_gone.load(Ordering::SeqCst)
            && self
                .link
                .send(what, Again::Yes, || self.link.inside(Method::GET, &self.place, "/health"))
                .is_ok()
    }
}

impl Shell for RemoteSession {
    fn sh(
        &self,
        text: &str,
        args: &[&OsStr],
        input: &mut dyn Read,
        output: &mut dyn Write,
    ) -> Result<Said, SandboxError> {
        let what = "running a command of ours in the remote sandbox";
        let mut fed = Vec::new();
        input.read_to_end(&mut fed).map_err(SandboxError::io(what))?;
        let order = ProcessOrder {
            stdin: !fed.is_empty(),
            cwd: Some("/".into()),
            ..ProcessOrder::new(argv(text, args))
        };
        let process = RemoteProcess::start(&self.link, &self.place, order, None, u64::MAX)?;
        if !fed.is_empty() {
            process.write(&fed)?;
            process.close_stdin()?;
        }
        let mut complaint = Vec::new();
        let mut ear = process.listen();
        loop {
            match ear.next(SCRIPT) {
                Some(ProcessEvent::Stdout(bytes)) => {
                    output.write_all(&bytes).map_err(SandboxError::io(what))?;
                }
                Some(ProcessEvent::Stderr(bytes) | ProcessEvent::Terminal(bytes)) => {
                    let room = MOST_SAID.saturating_sub(complaint.len());
                    complaint.extend(bytes.into_iter().take(room));
                }
                Some(ProcessEvent::Ended(exit)) => {
                    let code = match exit {
                        Exit::Code(code) => code,
                        Exit::Signal(signal) => 128 + signal,
                        Exit::Stopped(_) => -1,
                    };
                    return Ok(Said { code, complaint: String::from_utf8_lossy(&complaint).into_owned() });
                }
                None => return Err(SandboxError::io(what)(io::ErrorKind::TimedOut.into())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_out_of_its_folder_is_known() {
        let below = |told: &str| leads_below(Path::new(told), Path::new("/w"));
        assert!(below("/w/a/b"));
        for out in ["/w", "/w/../etc", "/w/a/../../x", "/etc", "a", ""] {
            assert!(!below(out), "{out}");
        }
    }
}
