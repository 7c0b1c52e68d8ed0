//! Contents on their way into frames, read and hashed piece by piece.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use bodkin_text::ContentHash;

use super::SendError;
use crate::chunks::ChunkIndex;
use crate::entry::{Chunk, Entry, Leaf};
use crate::manifest::{Manifest, Op};
use crate::path::FilePath;
use crate::state::State;
use crate::wire::{Content, Effort, Frame, Lacking, Piece};

/// Bytes of contents in one frame, about.
const FRAME: u64 = 12 << 20;

/// Contents in one frame.
const MANY: usize = 16_384;

/// What is thought of a wire that was not used yet, bytes a millisecond.
const FIRST_PACE: u64 = 20_000;

/// Frames that are made ahead while one is on its way.
const AHEAD: usize = 2;

/// A content to send, and a file that has it.
pub(super) struct Wanted {
    hash: ContentHash,
    size: u64,
    path: FilePath,
    pub(super) chunks: Option<Arc<[Chunk]>>,
    /// Bytes that the other side has already.
    have: u64,
}

impl Wanted {
    fn new(path: FilePath, leaf: &Leaf) -> Option<Self> {
        match &leaf.entry {
            Entry::File { size, hash, .. } => {
                Some(Self { hash: *hash, size: *size, path, chunks: leaf.chunks.clone(), have: 0 })
            }
            Entry::Link { .. } => None,
        }
    }

    /// What the operations put, each content once.
    pub(super) fn of(ops: &[Op], state: &Manifest) -> Vec<Self> {
        let mut seen = HashSet::new();
        let put = |op: &Op| match op {
            Op::Put { path, .. } => Self::new(path.clone(), state.leaf(path)?),
            Op::Link { .. } | Op::Folder { .. } | Op::Remove { .. } | Op::Move { .. } | Op::Mode { .. } => {
                None
            }
        };
        ops.iter().filter_map(put).filter(|it| seen.insert(it.hash)).collect()
    }

    /// What the other side says it lacks; `None` when it names something that is not in the state.
    pub(super) fn lacking(lacking: &[Lacking], state: &Manifest) -> Option<Vec<Self>> {
        let wanted: HashMap<ContentHash, u64> = lacking.iter().map(|it| (it.hash, it.have)).collect();
        let mut found: HashMap<ContentHash, Self> = HashMap::new();
        for (path, leaf) in state.leaves() {
            if let Entry::File { hash, .. } = &leaf.entry
                && let Some(have) = wanted.get(hash)
                && let Some(it) = Self::new(path, leaf)
            {
                found.entry(*hash).or_insert(Self { have: *have, ..it });
            }
        }
        let mut found: Vec<Self> = found.into_values().collect();
        // In the order of the folders they are read from.
        found.sort_by(|a, b| a.path.cmp(&b.path));
        (found.len() == wanted.len()).then_some(found)
    }
}

/// Bytes that have to travel.
pub(super) fn weight(wanted: &[Wanted], index: &ChunkIndex) -> u64 {
    let one = |it: &Wanted| match &it.chunks {
        Some(chunks) => {
            let new = chunks.iter().filter(|it| index.place(&it.hash).is_none());
            new.map(|it| u64::from(it.len)).sum()
        }
        None => it.size,
    };
    wanted.iter().map(one).sum()
}

/// All of the contents, for one frame.
pub(super) fn contents(
    state: &State,
    wanted: &[Wanted],
    index: &ChunkIndex,
) -> Result<Vec<Content>, SendError> {
    let mut contents = Vec::new();
    for it in wanted {
        read(state, it, index, &mut |content| {
            contents.push(content);
            Ok(())
        })?;
    }
    Ok(contents)
}

/// Frames of contents, made on a thread of their own.
pub(super) struct Feed {
    frames: Receiver<Result<Vec<u8>, SendError>>,
    /// How fast the other side takes frames, bytes a millisecond.
    pace: Arc<AtomicU64>,
}

impl Feed {
    pub(super) fn start(state: State, wanted: Vec<Wanted>, index: ChunkIndex) -> Self {
        let (sender, frames) = sync_channel(AHEAD);
        let pace = Arc::new(AtomicU64::new(FIRST_PACE));
        let told = Arc::clone(&pace);
        std::thread::spawn(move || {
            let mut filling = Filling { sender, pace: told, contents: Vec::new(), bytes: 0 };
            let mut each = || {
                for it in &wanted {
                    read(&state, it, &index, &mut |content| filling.add(content))?;
                }
                filling.flush()
            };
            if let Err(error) = each() {
                // When nobody listens any more, nobody needs to know.
                let _ = filling.sender.send(Err(error));
            }
        });
        Self { frames, pace }
    }

    pub(super) fn next(&mut self) -> Option<Result<Vec<u8>, SendError>> {
        self.frames.recv().ok()
    }
}

impl Feed {
    /// Tells how long the other side took for a frame.
    pub(super) fn took(&self, bytes: usize, time: Duration) {
        let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
        self.pace.store(bytes as u64 / ms, Ordering::Relaxed);
    }
}

struct Filling {
    sender: SyncSender<Result<Vec<u8>, SendError>>,
    pace: Arc<AtomicU64>,
    contents: Vec<Content>,
    bytes: u64,
}

impl Filling {
    fn add(&mut self, content: Content) -> Result<(), SendError> {
        let new = content.pieces.iter().map(|it| if let Piece::New(bytes) = it { bytes.len() } else { 64 });
        self.bytes += new.sum::<usize>() as u64;
        self.contents.push(content);
        if self.bytes >= FRAME || self.contents.len() >= MANY { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), SendError> {
        if self.contents.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        let frame = Frame { contents: std::mem::take(&mut self.contents), state: None, verify: false };
        let frame = frame.encode_with(Effort::at_pace(self.pace.load(Ordering::Relaxed)))?;
        // When nobody listens any more, the rest is not needed.
        self.sender.send(Ok(frame)).map_err(|_| SendError::Disagree)
    }
}

/// Gives a content in one part or several; every byte that travels is hashed on the way.
fn read(
    state: &State,
    wanted: &Wanted,
    index: &ChunkIndex,
    give: &mut dyn FnMut(Content) -> Result<(), SendError>,
) -> Result<(), SendError> {
    let unreadable = |source: io::Error| {
        if matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof) {
            SendError::Changed(wanted.path.clone())
        } else {
            SendError::Unreadable { path: wanted.path.clone(), source }
        }
    };
    let mut from = state.read(&wanted.path).map_err(unreadable)?;
    let whole = |pieces, offset| Content { hash: wanted.hash, size: wanted.size, offset, pieces };
    let Some(chunks) = &wanted.chunks else {
        let mut bytes = Vec::new();
        from.take(wanted.size + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 != wanted.size || ContentHash::of(&bytes) != wanted.hash {
            return Err(SendError::Changed(wanted.path.clone()));
        }
        return give(whole(vec![Piece::New(bytes)], 0));
    };
    let mut part = Part { begin: 0, end: 0, pieces: Vec::new(), bytes: 0 };
    for chunk in chunks.iter() {
        let len = u64::from(chunk.len);
        let mut bytes = vec![0; chunk.len as usize];
        from.read_exact(&mut bytes).map_err(unreadable)?;
        if ContentHash::of(&bytes) != chunk.hash {
            return Err(SendError::Changed(wanted.path.clone()));
        }
        if part.end < wanted.have && part.pieces.is_empty() {
            // It was cut here last time: this is there.
            (part.begin, part.end) = (part.end + len, part.end + len);
            continue;
        }
        match index.place(&chunk.hash) {
            Some((of, offset)) => part.refer(of, offset, len),
            None => part.add(bytes),
        }
        if part.bytes >= FRAME {
            give(whole(std::mem::take(&mut part.pieces), part.begin))?;
            (part.begin, part.bytes) = (part.end, 0);
        }
    }
    if part.pieces.is_empty() { Ok(()) } else { give(whole(part.pieces, part.begin)) }
}

struct Part {
    begin: u64,
    end: u64,
    pieces: Vec<Piece>,
    bytes: u64,
}

impl Part {
    fn refer(&mut self, of: ContentHash, offset: u64, len: u64) {
        self.end += len;
        if let Some(Piece::Old { of: last, offset: at, len: run }) = self.pieces.last_mut()
            && *last == of
            && *at + *run == offset
        {
            *run += len;
        } else {
            self.pieces.push(Piece::Old { of, offset, len });
        }
    }

    fn add(&mut self, mut bytes: Vec<u8>) {
        self.end += bytes.len() as u64;
        self.bytes += bytes.len() as u64;
        if let Some(Piece::New(last)) = self.pieces.last_mut() {
            last.append(&mut bytes);
        } else {
            self.pieces.push(Piece::New(bytes));
        }
    }
}
