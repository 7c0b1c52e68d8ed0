//! Paths inside a workspace.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A path below the workspace's root: `/` between parts on every platform, no `.` or `..`,
/// no leading or trailing `/`, never empty. Parsed at the door, trusted inside.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RelPath(Box<str>);

/// Why a text is not a [`RelPath`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PathError {
    /// The path leaves the workspace, or does not start inside it.
    #[error("`{0}` lies outside the workspace")]
    Outside(String),
    /// Nothing is left after removing `.` and `/`.
    #[error("an empty path names no file")]
    Empty,
    /// A NUL byte can not stand in a path.
    #[error("`{0}` holds a NUL byte")]
    Nul(String),
}

impl RelPath {
    /// Takes `a/./b//c` as `a/b/c`; refuses absolute paths, `..` that leaves the root, and NUL.
    pub fn new(text: &str) -> Result<Self, PathError> {
        if text.contains('\0') {
            return Err(PathError::Nul(text.replace('\0', "\\0")));
        }
        if text.starts_with('/') {
            return Err(PathError::Outside(text.to_owned()));
        }
        let mut parts: Vec<&str> = Vec::new();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    if parts.pop().is_none() {
                        return Err(PathError::Outside(text.to_owned()));
                    }
                }
                part => parts.push(part),
            }
        }
        if parts.is_empty() {
            return Err(PathError::Empty);
        }
        Ok(Self(parts.join("/").into()))
    }

    /// The path as text, `/` between parts.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The last part without its extension.
    pub fn stem(&self) -> &str {
        let name = self.file_name();
        match name.rfind('.') {
            Some(at) if at > 0 => name.get(..at).unwrap_or(name),
            _ => name,
        }
    }

    /// What follows the last dot of the last part, if a name stands before it.
    pub fn extension(&self) -> Option<&str> {
        let name = self.file_name();
        match name.rfind('.') {
            Some(at) if at > 0 => name.get(at + 1..),
            _ => None,
        }
    }

    /// The folder that holds it; `None` at the root.
    pub fn parent(&self) -> Option<Self> {
        self.0.rfind('/').and_then(|at| self.0.get(..at)).map(|parent| Self(parent.into()))
    }

    /// A path below this one.
    pub fn join(&self, below: &str) -> Result<Self, PathError> {
        Self::new(&format!("{}/{below}", self.0))
    }

    /// The parts from the root down.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// Whether it is `folder` or lies below it.
    pub fn is_within(&self, folder: &Self) -> bool {
        self.0.strip_prefix(folder.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl From<RelPath> for String {
    fn from(path: RelPath) -> Self {
        path.0.into()
    }
}

impl TryFrom<String> for RelPath {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        Self::new(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_leaves_the_workspace_is_refused() {
        for text in ["../a", "a/../../b", "/etc/passwd"] {
            assert_eq!(RelPath::new(text), Err(PathError::Outside(text.to_owned())));
        }
        assert_eq!(RelPath::new("a/.."), Err(PathError::Empty));
    }

    #[test]
    fn a_path_is_normalised_once() {
        let path = RelPath::new("./src//pkg/../a.test.py").unwrap();
        assert_eq!(path.as_str(), "src/a.test.py");
        assert_eq!((path.stem(), path.extension()), ("a.test", Some("py")));
        assert_eq!(path.parent().unwrap().as_str(), "src");
        assert!(path.is_within(&RelPath::new("src").unwrap()));
        assert!(!path.is_within(&RelPath::new("sr").unwrap()));
    }
}
