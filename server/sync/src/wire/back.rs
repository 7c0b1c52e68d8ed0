//! What a run changed, on its way back.
//!
//! The sandbox's own words for it (`bodkin_sandbox::changes`) become these and are made of these again by whoever knows
//! both. All of it is hostile: whoever takes it judges it anew, and may only become stricter than the verdict that
//! came along.

use super::{Reader, WireError, Writer, envelope};
use crate::path::FilePath;

const KIND: u8 = b'B';

/// All that a run changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Back {
    /// Each change, ordered by path.
    pub changes: Vec<BackChange>,
    /// What was not looked at and why, in sentences.
    pub left_out: Vec<String>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackChange {
    /// Where.
    pub path: FilePath,
    /// What stands there.
    pub what: BackWhat,
    /// Whether it may be taken.
    pub verdict: BackVerdict,
}

/// What stands at a changed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackWhat {
    /// A regular file.
    File {
        /// Its bytes; `None` where it is refused.
        content: Option<Vec<u8>>,
        /// Bytes.
        size: u64,
        /// Permission bits.
        mode: u32,
    },
    /// A symbolic link: its target as text.
    Link(Vec<u8>),
    /// A new folder.
    Folder,
    /// Nothing.
    Gone,
    /// A FIFO, socket or device, by its name.
    Other(String),
}

/// Whether a change may be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackVerdict {
    /// It is a plain change.
    Taken,
    /// Only by name.
    Held(String),
    /// Not at all.
    Refused(String),
}

impl Back {
    /// As bytes.
    pub fn encode(&self) -> Result<Vec<u8>, WireError> {
        let mut to = Writer::default();
        to.number(self.changes.len() as u64);
        for BackChange { path, what, verdict } in &self.changes {
            to.path(path);
            put_what(&mut to, what);
            match verdict {
                BackVerdict::Taken => to.byte(0),
                BackVerdict::Held(why) => {
                    to.byte(1);
                    to.bytes(why.as_bytes());
                }
                BackVerdict::Refused(why) => {
                    to.byte(2);
                    to.bytes(why.as_bytes());
                }
            }
        }
        to.number(self.left_out.len() as u64);
        for line in &self.left_out {
            to.bytes(line.as_bytes());
        }
        envelope::pack(KIND, &to.0, envelope::Effort::of(to.0.len()))
    }

    /// From bytes of a stranger.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let raw = envelope::unpack(KIND, bytes)?;
        let mut from = Reader(&raw);
        let count = from.count(4)?;
        let changes = (0..count).map(|_| change(&mut from)).collect::<Result<_, _>>()?;
        let count = from.count(1)?;
        let left_out = (0..count).map(|_| from.text()).collect::<Result<_, _>>()?;
        from.end()?;
        Ok(Self { changes, left_out })
    }
}

fn put_what(to: &mut Writer, what: &BackWhat) {
    match what {
        BackWhat::File { content, size, mode } => {
            to.byte(if content.is_some() { 1 } else { 0 });
            to.number(*size);
            to.number(u64::from(*mode));
            if let Some(content) = content {
                to.bytes(content);
            }
        }
        BackWhat::Link(target) => {
            to.byte(2);
            to.bytes(target);
        }
        BackWhat::Folder => to.byte(3),
        BackWhat::Gone => to.byte(4),
        BackWhat::Other(name) => {
            to.byte(5);
            to.bytes(name.as_bytes());
        }
    }
}

fn change(from: &mut Reader<'_>) -> Result<BackChange, WireError> {
    let path = from.path()?;
    let what = match from.byte()? {
        kind @ (0 | 1) => {
            let (size, mode) = (from.number()?, from.number()?);
            let mode = u32::try_from(mode).map_err(|_| WireError::Malformed("a mode beyond any"))?;
            let content = if kind == 1 { Some(from.bytes()?.to_vec()) } else { None };
            BackWhat::File { content, size, mode: mode & 0o777 }
        }
        2 => BackWhat::Link(from.link()?.into()),
        3 => BackWhat::Folder,
        4 => BackWhat::Gone,
        5 => BackWhat::Other(from.text()?),
        _ => return Err(WireError::Malformed("an unknown thing")),
    };
    let verdict = match from.byte()? {
        0 => BackVerdict::Taken,
        1 => BackVerdict::Held(from.text()?),
        2 => BackVerdict::Refused(from.text()?),
        _ => return Err(WireError::Malformed("an unknown verdict")),
    };
    Ok(BackChange { path, what, verdict })
}
