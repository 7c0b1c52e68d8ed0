//! What a file holds: bytes, most often a text. Cheap to clone.

use std::fmt;
use std::sync::Arc;

use bodkin_text::ContentHash;

/// What a file holds.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Content(Arc<[u8]>);

impl Content {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text; `None` where the bytes are none.
    pub(crate) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    pub(crate) fn hash(&self) -> ContentHash {
        ContentHash::of(&self.0)
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => text.fmt(f),
            None => write!(f, "{} bytes", self.0.len()),
        }
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self(text.into_bytes().into())
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

impl From<Arc<str>> for Content {
    fn from(text: Arc<str>) -> Self {
        Self(text.into())
    }
}
