//! A workspace on its way into a container: what travels of it, as one stream, and what is remembered of it so that
//! changes can be told.

use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use bodkin_sandbox::afar::{Laid, Piece, Stream, survey};
use bodkin_sandbox::{Cancel, SandboxError};
use bodkin_sync::{Entry, FilePath, Rules, scan};
use bodkin_text::Layer;

use crate::backend::cancelled;
use crate::exec::Inside;

/// What travels, not yet read.
pub(crate) struct Workspace {
    pieces: Box<dyn Iterator<Item = io::Result<Piece>>>,
    room: u64,
}

impl Workspace {
    /// Looks what of a folder travels: what git would track and what is new, and never what a rule keeps here.
    pub(crate) fn gather(folder: &Path, layer: &Layer) -> Result<Self, SandboxError> {
        let what = || format!("looking through the workspace {}", folder.display());
        let rules = Rules::default();
        let scanned = scan(folder, &rules, None).map_err(SandboxError::io(what()))?;
        let state = scanned.state.lay(layer, &rules);
        let leaves: Vec<(FilePath, Entry)> =
            state.manifest().leaves().into_iter().map(|(path, leaf)| (path, leaf.entry.clone())).collect();
        let size = |entry: &Entry| match entry {
            Entry::File { size, .. } => *size,
            Entry::Link { .. } => 0,
        };
        let room = leaves.iter().map(|(_, entry)| size(entry).next_multiple_of(PAGE) + PAGE).sum();
        let root = state.root().to_owned();
        let layer = state.layer().clone();
        let pieces = leaves.into_iter().filter_map(move |(path, entry)| piece(&root, &layer, &path, entry));
        Ok(Self { pieces: Box::new(pieces), room })
    }

    /// Bytes that it takes up where it is laid in; memory file systems round up to pages.
    pub(crate) fn room(&self) -> u64 {
        self.room
    }

    /// Lays it into a folder of a container, and looks at what stands there.
    pub(crate) fn lay_into(
        self,
        inside: &Inside,
        workdir: &Path,
        cancel: &Cancel,
    ) -> Result<Laid, SandboxError> {
        let switch = cancel.clone();
        let stop = || io::Error::other("it was cancelled");
        let pieces = self.pieces.map(move |piece| if switch.is_cancelled() { Err(stop()) } else { piece });
        let mut stream = Stream::new(pieces);
        let unpacked = inside.unpack(workdir, &mut stream);
        if cancel.is_cancelled() {
            return Err(cancelled());
        }
        unpacked?;
        Ok(Laid { look: survey(inside, workdir, 200)?, contents: stream.into_contents() })
    }
}

/// Memory file systems keep whole pages, bytes.
const PAGE: u64 = 4096;

/// One path, read now; `None` for a file that has gone since it was seen.
fn piece(root: &Path, layer: &Layer, path: &FilePath, entry: Entry) -> Option<io::Result<Piece>> {
    match entry {
        Entry::Link { target } => {
            let target = PathBuf::from(OsString::from_vec(target.into_vec()));
            Some(Ok(Piece { path: path.to_path(), what: Err(target), modified_unix_s: 0 }))
        }
        Entry::File { exec, .. } => Piece::read(root, path.to_path(), exec, layer).transpose(),
    }
}
