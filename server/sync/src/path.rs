//! Paths below a workspace as they are on disk: bytes, which need not be UTF-8.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use bodkin_text::RelPath;
use thiserror::Error;

/// The longest path that travels, bytes.
pub const MAX_PATH: usize = 4096;

/// The longest name, bytes; what Linux allows.
pub const MAX_NAME: usize = 255;

/// The deepest path that travels, parts. Deeper trees are traps more often than work.
pub const MAX_DEPTH: usize = 256;

/// A path below the workspace's root: parts between single `/`, none of them empty, `.` or `..`, no NUL.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FilePath(Box<[u8]>);

/// Bytes that are no path below a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a path below a workspace")]
pub struct BadPath(pub String);

impl FilePath {
    /// Parses; nothing is made normal, so that one file has one name.
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Result<Self, BadPath> {
        let bytes = bytes.into();
        let sound = bytes.len() <= MAX_PATH
            && bytes.split(|it| *it == b'/').all(is_name)
            && bytes.iter().filter(|it| **it == b'/').count() < MAX_DEPTH;
        if sound { Ok(Self(bytes)) } else { Err(BadPath(shown(&bytes))) }
    }

    /// The path of `full` below `root`; `None` for what is outside, the root itself, or no path for us.
    pub fn below(root: &Path, full: &Path) -> Option<Self> {
        Self::from_path(full.strip_prefix(root).ok()?)
    }

    /// From a relative path of this system.
    pub fn from_path(path: &Path) -> Option<Self> {
        Self::new(to_bytes(path)).ok()
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// As a relative path of this system.
    pub fn to_path(&self) -> PathBuf {
        from_bytes(&self.0)
    }

    /// As text, where it is UTF-8.
    pub fn to_rel(&self) -> Option<RelPath> {
        RelPath::new(std::str::from_utf8(&self.0).ok()?).ok()
    }

    /// The parts from the root down.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.0.split(|it| *it == b'/')
    }

    /// The last part.
    pub fn name(&self) -> &[u8] {
        self.parts().next_back().unwrap_or_default()
    }

    /// The folder that holds it; `None` at the root.
    pub fn parent(&self) -> Option<Self> {
        let at = self.0.iter().rposition(|it| *it == b'/')?;
        self.0.get(..at).map(|parent| Self(parent.into()))
    }

    /// The path of `name` in this folder.
    pub fn join(&self, name: &[u8]) -> Result<Self, BadPath> {
        join(Some(self), name)
    }

    /// Whether it is `folder` or lies below it.
    pub fn is_within(&self, folder: &Self) -> bool {
        self.0.strip_prefix(&*folder.0).is_some_and(|rest| rest.is_empty() || rest.first() == Some(&b'/'))
    }

    /// Whether any of these paths is this one or lies below it.
    pub(crate) fn has_any_within(&self, paths: &BTreeSet<Self>) -> bool {
        // Between a folder and what is below it lie only names that begin as it does.
        let near = paths.range(self..).take_while(|it| it.0.starts_with(&self.0));
        near.into_iter().any(|it| it.is_within(self))
    }

    /// Itself and every folder above it, from the root down.
    pub fn ancestors(&self) -> impl Iterator<Item = Self> {
        let cuts = self.0.iter().enumerate().filter(|(_, it)| **it == b'/').map(|(at, _)| at);
        cuts.chain([self.0.len()]).filter_map(|at| self.0.get(..at).map(|it| Self(it.into())))
    }
}

impl From<&RelPath> for FilePath {
    fn from(path: &RelPath) -> Self {
        Self(path.as_str().as_bytes().into())
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.0))
    }
}

impl fmt::Debug for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

/// The path of `name` in `folder`; `None` is the root.
pub(crate) fn join(folder: Option<&FilePath>, name: &[u8]) -> Result<FilePath, BadPath> {
    match folder {
        Some(folder) => FilePath::new([&*folder.0, b"/", name].concat()),
        None => FilePath::new(name),
    }
}

/// Whether it can be one part of a path.
pub(crate) fn is_name(part: &[u8]) -> bool {
    !part.is_empty() && part.len() <= MAX_NAME && part != b"." && part != b".." && !part.contains(&0)
}

/// Bytes of a path fit to be shown: control characters and what is not UTF-8 escaped.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars()
        .flat_map(|it| if it.is_control() { it.escape_unicode().collect() } else { vec![it] })
        .collect()
}

#[cfg(unix)]
pub(crate) fn to_bytes(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(not(unix))]
pub(crate) fn to_bytes(path: &Path) -> Vec<u8> {
    path.to_string_lossy().replace('\\', "/").into_bytes()
}

#[cfg(unix)]
pub(crate) fn from_bytes(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
pub(crate) fn from_bytes(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leads_out_is_none() {
        for bytes in ["", "/etc", "..", "a/../b", "a//b", "a/", "./a", "a\0b"] {
            assert!(FilePath::new(bytes.as_bytes()).is_err(), "{bytes:?}");
        }
        assert!(FilePath::new(vec![b'a'; MAX_NAME + 1]).is_err());
        assert!(FilePath::new("a/".repeat(MAX_DEPTH).into_bytes()).is_err());
    }

    #[test]
    fn a_name_need_not_be_utf8() {
        let path = FilePath::new(*b"src/\xff\n.py").unwrap();
        assert_eq!((path.name(), path.to_rel()), (&b"\xff\n.py"[..], None));
        assert_eq!(path.to_string(), "src/\u{fffd}\\u{a}.py");
        assert_eq!(FilePath::from_path(&path.to_path()).as_ref(), Some(&path));
        assert_eq!(path.ancestors().count(), 2);
    }
}
