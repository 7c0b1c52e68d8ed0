//! What stands at one path of a workspace, as far as it travels.

use std::sync::Arc;

use bodkin_text::ContentHash;

/// A file or a link. Of a file's permissions only "may be executed" travels; owners and times do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A regular file.
    File {
        /// Whether its owner may execute it.
        exec: bool,
        /// Bytes.
        size: u64,
        /// BLAKE3 of its content.
        hash: ContentHash,
    },
    /// A symbolic link: its target as text, followed by nobody.
    Link {
        /// The target's bytes.
        target: Box<[u8]>,
    },
}

/// An entry and what was known of it when it was last looked at.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// What stands there.
    pub entry: Entry,
    /// What the file system said then; `None` for what was never seen on this disk.
    pub stat: Option<Stat>,
    /// The pieces of a large file, in order; `None` for small ones and links.
    pub chunks: Option<Arc<[Chunk]>>,
}

impl Leaf {
    /// An entry of which nothing else is known.
    pub fn new(entry: Entry) -> Self {
        Self { entry, stat: None, chunks: None }
    }
}

/// A piece of a large file, cut where its content says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    /// BLAKE3 of its bytes.
    pub hash: ContentHash,
    /// Bytes.
    pub len: u32,
}

/// What a file system says of a file without opening it. Two that are equal mean the same content, unless the
/// file was written within the clock's grain of the look: such a one is `racy` and is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Last written, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Last changed in any way, nanoseconds since 1970; nobody can set it.
    pub ctime_ns: i64,
    /// Its number in the file system.
    pub ino: u64,
    /// Bytes.
    pub size: u64,
    /// Written so shortly before the look (or in its future) that equal times prove nothing.
    pub racy: bool,
}

impl Stat {
    /// Whether a file that looked so has the content that one with `self` had.
    pub fn proves(&self, now: &Self) -> bool {
        !self.racy
            && (self.mtime_ns, self.ctime_ns, self.ino, self.size)
                == (now.mtime_ns, now.ctime_ns, now.ino, now.size)
    }
}
