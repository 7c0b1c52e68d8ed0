//! The ledger on disk: one line a record, appended under a lock, synced where something irreversible may follow.
//!
//! Several processes append to one file: the last line is read again whenever another has been at it.
#![expect(clippy::disallowed_methods, reason = "the ledger is a file, and it is stamped with the time")]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use bodkin_guard::ledger::{
    Chain, Entry, Head, LedgerSink, Line, Report, SinkError, Timestamp, verify_bytes,
};

use crate::error::HostError;
use crate::state::StateDir;

const FILE: &str = "ledger.jsonl";
const HEAD: &str = "ledger.head";

/// The ledger of one workspace.
#[derive(Debug)]
pub(crate) struct FileLedger {
    state: StateDir,
    workspace: String,
    /// The end of the chain, and the file's length when it was there.
    end: Option<(Chain, u64)>,
}

impl FileLedger {
    pub(crate) fn new(state: StateDir, root: &Path) -> Self {
        Self { state, workspace: root.display().to_string(), end: None }
    }

    /// Lines about something that needs no permit: asked, decided, ended, checkpoint.
    pub(crate) fn note(&mut self, entry: Entry) -> Result<u64, HostError> {
        self.append(entry).map_err(|error| HostError::from(bodkin_guard::Refusal::LedgerUnavailable(error)))
    }

    fn write(&mut self, entry: Entry) -> io::Result<Result<u64, SinkError>> {
        let decision = entry.kind.is_decision();
        let _lock = self.state.lock("ledger.lock")?;
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(self.state.at(FILE))?;
        let length = file.metadata()?.len();
        let mut chain = match self.end.take() {
            Some((chain, seen)) if seen == length => chain,
            _ => match resume(&mut file, length)? {
                Tail::Empty => {
                    let (chain, line) = Chain::start(&self.workspace, now());
                    file.write_all(format!("{}\n", line.render()).as_bytes())?;
                    chain
                }
                Tail::At(head) => Chain::resume(head),
                Tail::Broken(what) => return Ok(Err(SinkError::Broken(what))),
            },
        };
        let line = chain.append(entry, now());
        file.write_all(format!("{}\n", line.render()).as_bytes())?;
        if decision {
            file.sync_data()?;
        }
        let head = serde_json::to_vec(&chain.head()).map_err(io::Error::other)?;
        // Losing this hint costs only the power to see a cut-off tail up to here; the line itself stands.
        let _ = fs::write(self.state.at(HEAD), head);
        let seq = line.seq;
        self.end = Some((chain, file.metadata()?.len()));
        Ok(Ok(seq))
    }
}

impl LedgerSink for FileLedger {
    fn append(&mut self, entry: Entry) -> Result<u64, SinkError> {
        self.write(entry).unwrap_or_else(|error| Err(SinkError::Unavailable(error.to_string())))
    }
}

enum Tail {
    Empty,
    At(Head),
    Broken(String),
}

/// Finds the last whole line; a torn one (a crash while writing) is cut off.
fn resume(file: &mut File, length: u64) -> io::Result<Tail> {
    if length == 0 {
        return Ok(Tail::Empty);
    }
    let mut window = 64 * 1024;
    loop {
        let from = length.saturating_sub(window);
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let body = bytes.get(..whole.saturating_sub(1)).unwrap_or_default();
        let start = body.iter().rposition(|&byte| byte == b'\n').map(|at| at + 1);
        if start.is_none() && from > 0 {
            window *= 8;
            continue;
        }
        let rest = bytes.get(whole..).unwrap_or_default();
        if let Some(line) = sealed(rest) {
            // Whole, but for its line end.
            file.write_all(b"\n")?;
            return Ok(Tail::At(line.head()));
        }
        if !rest.is_empty() {
            file.set_len(from + whole as u64)?;
        }
        let last = body.get(start.unwrap_or(0)..).unwrap_or_default();
        if last.is_empty() {
            return Ok(if whole == 0 {
                Tail::Empty
            } else {
                Tail::Broken("it ends with an empty line".to_owned())
            });
        }
        return Ok(match sealed(last) {
            Some(line) => Tail::At(line.head()),
            None => Tail::Broken("its last line was changed or can not be read".to_owned()),
        });
    }
}

/// A line that stands as it was written.
fn sealed(bytes: &[u8]) -> Option<Line> {
    let text = std::str::from_utf8(bytes).ok()?;
    let line: Line = serde_json::from_str(text).ok()?;
    (line.render() == text && line.is_sealed()).then_some(line)
}

/// The ledger of a workspace, checked from its first line to its last.
#[derive(Debug)]
pub struct LedgerCheck {
    /// Where it is.
    pub path: PathBuf,
    /// What was found; `None` when nothing has been recorded yet.
    pub report: Option<Report>,
}

/// Reads the ledger of the workspace at `root` and checks every line of it.
pub fn check_ledger(state_home: &Path, root: &Path) -> Result<LedgerCheck, HostError> {
    check_dir(&StateDir::at_path(StateDir::path_for(state_home, root)))
}

/// The same for a state folder that is open.
pub(crate) fn check_dir(state: &StateDir) -> Result<LedgerCheck, HostError> {
    let path = state.at(FILE);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(LedgerCheck { path, report: None });
        }
        Err(error) => return Err(HostError::io("reading", &path, &error)),
    };
    let head: Option<Head> =
        fs::read(state.at(HEAD)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let report = verify_bytes(&bytes, head);
    Ok(LedgerCheck { path, report: Some(report) })
}

/// The last lines of the ledger that can be read, oldest first: those within so many bytes of its end.
pub(crate) fn last_lines(state: &StateDir, bytes: u64) -> io::Result<Vec<Line>> {
    let mut file = match File::open(state.at(FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    file.seek(SeekFrom::Start(file.metadata()?.len().saturating_sub(bytes)))?;
    let mut last = Vec::new();
    file.read_to_end(&mut last)?;
    Ok(last.split(|&byte| byte == b'\n').filter_map(Line::parse).collect())
}

/// Every line of the ledger that can be read, oldest first.
pub(crate) fn lines(state: &StateDir) -> io::Result<Vec<Line>> {
    match fs::read(state.at(FILE)) {
        Ok(bytes) => Ok(bytes.split(|&byte| byte == b'\n').filter_map(Line::parse).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_ms(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
