//! A workspace as one stream: a tar archive (POSIX ustar with GNU's entries for long names), which the tar of
//! every distribution and of busybox unpacks.
//!
//! Source: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use bodkin_text::{ContentHash, Layer};

/// One entry.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// Where, below the folder that it is unpacked in.
    pub path: &'a Path,
    /// What.
    pub body: Body<'a>,
    /// When it was last written, seconds since 1970.
    pub modified_unix_s: u64,
}

/// What an entry is.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// A regular file with its bytes.
    File {
        /// All of it.
        content: &'a [u8],
        /// Whether it may be run.
        executable: bool,
    },
    /// A symbolic link with its target.
    Link(&'a Path),
    /// A folder.
    Folder,
}

/// Content of each file and whether it may be run, by path.
pub type Contents = BTreeMap<PathBuf, (ContentHash, bool)>;

/// An entry that owns what it holds.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Where, below the folder that it is unpacked in.
    pub path: PathBuf,
    /// A file's content and whether it may be run, or else a link's target.
    pub what: Result<(Vec<u8>, bool), PathBuf>,
    /// When it was last written, seconds since 1970.
    pub modified_unix_s: u64,
}

impl Piece {
    /// A regular file below `root`, or the text that `layer` has in its place; `None` when it is gone.
    #[expect(clippy::disallowed_methods, reason = "the workspace is read to be laid into a sandbox")]
    pub fn read(root: &Path, path: PathBuf, executable: bool, layer: &Layer) -> io::Result<Option<Self>> {
        let laid = layer.iter().find(|(it, _)| Path::new(it.as_str()) == path).and_then(|it| it.1);
        if let Some(text) = laid {
            let what = Ok((text.as_bytes().to_vec(), executable));
            return Ok(Some(Self { path, what, modified_unix_s: 0 }));
        }
        let whole = root.join(&path);
        let about = match std::fs::symlink_metadata(&whole) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            about => about?,
        };
        // It was a file when it was seen.
        if !about.is_file() {
            return Ok(None);
        }
        let written = about.modified().ok().and_then(|it| it.duration_since(std::time::UNIX_EPOCH).ok());
        let modified_unix_s = written.map_or(0, |it| it.as_secs());
        Ok(Some(Self { what: Ok((std::fs::read(&whole)?, executable)), path, modified_unix_s }))
    }
}

/// An archive that is made while it is read: one entry at a time is held in memory.
#[derive(Debug)]
pub struct Stream<I> {
    pieces: I,
    pack: Option<Pack<Vec<u8>>>,
    ready: Vec<u8>,
    at: usize,
    contents: Contents,
}

impl<I: Iterator<Item = io::Result<Piece>>> Stream<I> {
    /// An archive of these.
    pub fn new(pieces: I) -> Self {
        let pack = Some(Pack::new(Vec::new()));
        Self { pieces, pack, ready: Vec::new(), at: 0, contents: Contents::new() }
    }

    /// What was in it.
    pub fn into_contents(self) -> Contents {
        self.contents
    }

    /// Makes more of it; `false`: there is no more.
    fn refill(&mut self) -> io::Result<bool> {
        let Some(mut pack) = self.pack.take() else { return Ok(false) };
        self.at = 0;
        self.ready = match self.pieces.next().transpose()? {
            None => pack.finish()?,
            Some(piece) => {
                let body = match &piece.what {
                    Ok((content, executable)) => Body::File { content, executable: *executable },
                    Err(target) => Body::Link(target),
                };
                let modified_unix_s = piece.modified_unix_s;
                pack.add(&Item { path: &piece.path, body, modified_unix_s })?;
                if let Ok((content, executable)) = &piece.what {
                    self.contents.insert(piece.path.clone(), (ContentHash::of(content), *executable));
                }
                let ready = std::mem::take(&mut pack.to);
                self.pack = Some(pack);
                ready
            }
        };
        Ok(true)
    }
}

impl<I: Iterator<Item = io::Result<Piece>>> Read for Stream<I> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.ready.len() {
            if !self.refill()? {
                return Ok(0);
            }
        }
        let mut rest = self.ready.get(self.at..).unwrap_or_default();
        let count = rest.read(into)?;
        self.at += count;
        Ok(count)
    }
}

/// Writes entries to a stream.
#[derive(Debug)]
pub struct Pack<W: Write> {
    to: W,
}

/// Archives are made of these, bytes.
const BLOCK: usize = 512;

impl<W: Write> Pack<W> {
    /// An archive that goes to `to`.
    pub fn new(to: W) -> Self {
        Self { to }
    }

    /// Adds an entry; those above it need not be there.
    pub fn add(&mut self, item: &Item<'_>) -> io::Result<()> {
        let name = item.path.as_os_str().as_bytes();
        self.long(b'L', name)?;
        let (kind, mode, content, target): (u8, u32, &[u8], &[u8]) = match item.body {
            Body::File { content, executable: true } => (b'0', 0o755, content, &[]),
            Body::File { content, executable: false } => (b'0', 0o644, content, &[]),
            Body::Link(target) => (b'2', 0o777, &[], target.as_os_str().as_bytes()),
            Body::Folder => (b'5', 0o755, &[], &[]),
        };
        self.long(b'K', target)?;
        let header = Header { name, kind, mode, size: content.len(), target, modified: item.modified_unix_s };
        self.to.write_all(&header.bytes())?;
        self.padded(content)
    }

    /// Ends the archive and gives the stream back.
    pub fn finish(mut self) -> io::Result<W> {
        self.to.write_all(&[0; 2 * BLOCK])?;
        self.to.flush()?;
        Ok(self.to)
    }

    /// A name that does not fit into a header goes before it, as an entry of its own.
    fn long(&mut self, kind: u8, name: &[u8]) -> io::Result<()> {
        if name.len() < 100 {
            return Ok(());
        }
        let header =
            Header { name: b"././@LongLink", kind, mode: 0, size: name.len() + 1, target: &[], modified: 0 };
        self.to.write_all(&header.bytes())?;
        self.padded(&[name, &[0]].concat())
    }

    fn padded(&mut self, content: &[u8]) -> io::Result<()> {
        self.to.write_all(content)?;
        let over = content.len() % BLOCK;
        let zeros = [0; BLOCK];
        self.to.write_all(zeros.get(over..).filter(|_| over > 0).unwrap_or_default())
    }
}

struct Header<'a> {
    name: &'a [u8],
    kind: u8,
    mode: u32,
    size: usize,
    target: &'a [u8],
    modified: u64,
}

impl Header<'_> {
    fn bytes(&self) -> [u8; BLOCK] {
        let mut all = [0; BLOCK];
        put(&mut all, 0, self.name.get(..self.name.len().min(99)).unwrap_or_default());
        put(&mut all, 100, format!("{:07o}", self.mode).as_bytes());
        put(&mut all, 108, b"0000000");
        put(&mut all, 116, b"0000000");
        put(&mut all, 124, format!("{:011o}", self.size).as_bytes());
        put(&mut all, 136, format!("{:011o}", self.modified).as_bytes());
        put(&mut all, 148, b"        ");
        put(&mut all, 156, &[self.kind]);
        put(&mut all, 157, self.target.get(..self.target.len().min(99)).unwrap_or_default());
        put(&mut all, 257, b"ustar  ");
        let sum: u32 = all.iter().map(|byte| u32::from(*byte)).sum();
        put(&mut all, 148, format!("{sum:06o}\0 ").as_bytes());
        all
    }
}

fn put(all: &mut [u8; BLOCK], at: usize, bytes: &[u8]) {
    if let Some(place) = all.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests lay files in a temporary folder")]

    use super::super::shell::Shell;
    use super::super::survey::tests::Here;
    use super::*;

    #[test]
    fn tar_unpacks_what_was_packed_whatever_the_names_hold() {
        let folder = tempfile::tempdir().unwrap();
        let long = format!("{}/{}\n-x", "d".repeat(120), "f".repeat(200));
        let far = "../".repeat(60);
        let mut pack = Pack::new(Vec::new());
        let mut add = |path: &str, body| {
            pack.add(&Item { path: Path::new(path), body, modified_unix_s: 7 }).unwrap();
        };
        add(&long, Body::File { content: b"long", executable: false });
        add("run", Body::File { content: &[b'x'; 512], executable: true });
        add("link", Body::Link(Path::new(&far)));
        add("empty", Body::Folder);
        let packed = pack.finish().unwrap();
        let said = Here
            .sh("exec tar -xf - -C \"$1\"", &[folder.path().as_os_str()], &mut &packed[..], &mut Vec::new())
            .unwrap();
        assert_eq!((said.code, said.complaint.as_str()), (0, ""));
        assert_eq!(std::fs::read(folder.path().join(&long)).unwrap(), b"long");
        assert_eq!(std::fs::read(folder.path().join("run")).unwrap(), [b'x'; 512]);
        assert_eq!(std::fs::read_link(folder.path().join("link")).unwrap(), Path::new(&far));
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.path().join("run")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755);
        assert!(folder.path().join("empty").is_dir());
    }

    #[test]
    fn an_archive_that_is_made_while_it_is_read_is_the_same_and_tells_what_was_in_it() {
        let piece = |path: &str, what| Ok(Piece { path: path.into(), what, modified_unix_s: 0 });
        let pieces = [piece("a", Ok((b"1".to_vec(), true))), piece("l", Err("a".into()))];
        let mut stream = Stream::new(pieces.into_iter());
        let mut read = Vec::new();
        stream.read_to_end(&mut read).unwrap();
        let mut pack = Pack::new(Vec::new());
        let file = Body::File { content: b"1", executable: true };
        for (path, body) in [("a", file), ("l", Body::Link(Path::new("a")))] {
            pack.add(&Item { path: Path::new(path), body, modified_unix_s: 0 }).unwrap();
        }
        assert_eq!(read, pack.finish().unwrap());
        let expected = (PathBuf::from("a"), (ContentHash::of("1"), true));
        assert_eq!(stream.into_contents().into_iter().collect::<Vec<_>>(), [expected]);
    }
}
