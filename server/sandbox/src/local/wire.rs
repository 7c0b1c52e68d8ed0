//! What the launcher and its helper say to each other over one socket.
//!
//! Launcher to helper: a [`Spec`], then its blobs. Helper to launcher: [`News`], files, an end.
//! Each message is a kind byte, a length (u32, little endian) and that many bytes.
//! End of file from the launcher's side means: die, with everything below.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The largest message that is believed, bytes.
const MESSAGE_BYTES: usize = 256 << 20;

/// A kind of message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A [`Spec`] as JSON.
    Spec,
    /// Bytes that the spec refers to, in its order.
    Blob,
    /// A [`News`] as JSON.
    News,
    /// A difference as JSON (`pieces`).
    Change,
    /// Bytes of the file that the last difference told of.
    Content,
    /// A collected file: length of its name (u32), name, content.
    File,
}

impl Kind {
    fn byte(self) -> u8 {
        match self {
            Self::Spec => b'S',
            Self::Blob => b'B',
            Self::News => b'N',
            Self::Change => b'C',
            Self::Content => b'D',
            Self::File => b'F',
        }
    }

    fn of(byte: u8) -> Option<Self> {
        [Self::Spec, Self::Blob, Self::News, Self::Change, Self::Content, Self::File]
            .into_iter()
            .find(|kind| kind.byte() == byte)
    }
}

/// Bytes of a path, an argument or a variable: not always UTF-8, but written as text where they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub(crate) struct Raw(Vec<u8>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Bytes(Vec<u8>),
}

impl From<Written> for Raw {
    fn from(written: Written) -> Self {
        match written {
            Written::Text(text) => Self(text.into_bytes()),
            Written::Bytes(bytes) => Self(bytes),
        }
    }
}

impl From<Raw> for Written {
    fn from(raw: Raw) -> Self {
        String::from_utf8(raw.0).map_or_else(|error| Self::Bytes(error.into_bytes()), Self::Text)
    }
}

impl Raw {
    pub(crate) fn path(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.0))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<T: Into<OsString>> From<T> for Raw {
    fn from(text: T) -> Self {
        Self(text.into().into_vec())
    }
}

impl From<&Raw> for PathBuf {
    fn from(raw: &Raw) -> Self {
        raw.path().to_path_buf()
    }
}

/// How the walls are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Walls {
    /// Namespaces, the workspace as an overlay's lower layer.
    Overlay,
    /// Namespaces, the workspace copied into them.
    Copy,
    /// No namespaces: a copy and limits.
    Reduced,
}

/// Whose rights on the host the command has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Identity {
    /// The caller's own.
    Own,
    /// Another user's, where the caller is root; numbers of the host.
    Other {
        /// The user.
        user: u32,
        /// The group.
        group: u32,
    },
}

/// All that the helper must know.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Spec {
    pub(crate) walls: Walls,
    pub(crate) identity: Identity,
    /// The workspace on the host, canonical.
    pub(crate) workspace: Raw,
    /// Where it stands inside.
    pub(crate) inside: Raw,
    /// Reduced only: an empty folder of this run.
    pub(crate) scratch: Option<Raw>,
    /// What stands where inside; a folder comes before what lies below it.
    pub(crate) places: Vec<Place>,
    /// What stands in the small files among them, in order; a blob that comes first.
    #[serde(skip)]
    pub(crate) texts: Vec<u8>,
    /// Places with a private layer that is kept, and the folder that holds it.
    pub(crate) kept: Vec<(Raw, Raw)>,
    /// Laid-over files: path below the workspace, and whether a blob follows (else: made absent).
    pub(crate) layer: Vec<(String, bool)>,
    /// Names of the support files; a blob each follows after those of the layer.
    pub(crate) support: Vec<String>,
    /// None: build the walls, say so, and end; or live on as a session.
    pub(crate) command: Option<Command>,
    /// A session: the variables of all its processes, `NAME=value` each. Its line comes as the standard input.
    pub(crate) session: Option<Vec<Raw>>,
    pub(crate) collect: bool,
    /// Whether changes to the workspace are told at the end, or may be asked for.
    pub(crate) changes: bool,
    /// Whether a way out is to be opened: its line comes first with the first byte.
    pub(crate) egress: bool,
    pub(crate) caps: Caps,
}

impl Spec {
    /// The folder in which the layer over a place is kept, if it is.
    pub(crate) fn kept_layer(&self, place: &Place) -> Option<&Raw> {
        self.kept.iter().find(|(at, _)| *at == place.at).map(|(_, layer)| layer)
    }
}

/// Something that stands somewhere inside.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) at: Raw,
    pub(crate) what: What,
}

/// What stands at a place inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum What {
    /// The host's file or folder, read-only.
    ReadOnly(Raw),
    /// The host's folder under a private upper layer; read-only where that is refused.
    Private(Raw),
    /// One of the host's device files.
    Device(Raw),
    /// A symbolic link to this.
    Link(Raw),
    /// A read-only file with the next so many bytes of [`Spec::texts`].
    Text(u32),
    /// A fresh writable folder with these permissions.
    Fresh(u32),
    /// The workspace.
    Workspace,
    /// The processes inside.
    Processes,
    /// Pseudo terminals of its own.
    Terminals,
    /// The read-only support files.
    Support,
}

/// What is run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Command {
    pub(crate) argv: Vec<Raw>,
    /// `NAME=value` each.
    pub(crate) env: Vec<Raw>,
    /// Absolute.
    pub(crate) cwd: Raw,
    /// Its standard input comes with the spec's first byte.
    pub(crate) piped: bool,
    /// Standard error goes into standard output.
    pub(crate) merged: bool,
}

/// Limits that the helper sets or watches; the launcher watches time and output.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Caps {
    pub(crate) wall_ms: u64,
    /// Size of the private file system: what may be written and what is laid over.
    pub(crate) store_bytes: u64,
    /// Size of one file.
    pub(crate) file_bytes: u64,
    /// CPU time of all processes together.
    pub(crate) cpu_ms: Option<u64>,
    pub(crate) processes: u32,
    /// Watch memory here, because no control group does.
    pub(crate) watch_memory: Option<u64>,
    /// Watch the number of processes here, because no control group does.
    pub(crate) watch_processes: Option<u32>,
}

/// What the helper tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum News {
    /// The walls stand.
    Built,
    /// The walls could not be built.
    Failed {
        /// What was being done.
        stage: String,
        /// The system's error number.
        errno: i32,
    },
    /// The command ended by itself.
    Code(i32),
    /// A signal ended the command.
    Signal(i32),
    /// It was killed for its memory.
    TooMuchMemory,
    /// It was killed for its CPU time.
    TooMuchCpu,
    /// It was killed for its number of processes.
    TooManyProcesses,
    /// The helper's own clock ran out.
    TooLong,
}

/// Sends one message.
pub(crate) fn send(to: &mut impl Write, kind: Kind, parts: &[&[u8]]) -> io::Result<()> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let length = u32::try_from(length).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let mut message = Vec::with_capacity(5 + length as usize);
    message.push(kind.byte());
    message.extend_from_slice(&length.to_le_bytes());
    for part in parts {
        message.extend_from_slice(part);
    }
    to.write_all(&message)
}

/// Sends a value as JSON.
pub(crate) fn send_json(to: &mut impl Write, kind: Kind, value: &impl Serialize) -> io::Result<()> {
    send(to, kind, &[&serde_json::to_vec(value)?])
}

/// Receives one message; the other side may take its time.
pub(crate) fn receive(from: &mut impl Read) -> io::Result<(Kind, Vec<u8>)> {
    let mut head = [0; 5];
    from.read_exact(&mut head)?;
    let [kind, length @ ..] = head;
    let (kind, length) = checked(kind, length)?;
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok((kind, body))
}

/// Takes the first message off `buffer` if all of it has come.
pub(crate) fn take(buffer: &mut Vec<u8>) -> io::Result<Option<(Kind, Vec<u8>)>> {
    let Some((&[kind, a, b, c, d], rest)) = buffer.split_first_chunk::<5>() else { return Ok(None) };
    let (kind, length) = checked(kind, [a, b, c, d])?;
    if rest.len() < length {
        return Ok(None);
    }
    let body = buffer.drain(..5 + length).skip(5).collect();
    Ok(Some((kind, body)))
}

fn checked(kind: u8, length: [u8; 4]) -> io::Result<(Kind, usize)> {
    let length = u32::from_le_bytes(length) as usize;
    match Kind::of(kind) {
        Some(kind) if length <= MESSAGE_BYTES => Ok((kind, length)),
        _ => Err(io::Error::from(io::ErrorKind::InvalidData)),
    }
}

/// Splits a [`Kind::File`] message into name and content.
pub(crate) fn file_of(body: &[u8]) -> Option<(String, Vec<u8>)> {
    let (length, rest) = body.split_first_chunk::<4>()?;
    let (name, content) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((String::from_utf8(name.to_vec()).ok()?, content.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_taken_only_when_all_of_it_has_come() {
        let mut sent = Vec::new();
        send(&mut sent, Kind::Blob, &[b"ab", b"c"]).unwrap();
        let mut buffer = sent.split_off(0);
        let last = buffer.pop().unwrap();
        assert_eq!(take(&mut buffer).unwrap(), None);
        buffer.push(last);
        assert_eq!(take(&mut buffer).unwrap(), Some((Kind::Blob, b"abc".to_vec())));
        assert!(buffer.is_empty());
    }

    #[test]
    fn a_file_whose_name_is_longer_than_the_message_is_refused() {
        assert_eq!(file_of(&[9, 0, 0, 0, b'a']), None);
        assert_eq!(file_of(&[1, 0, 0, 0, b'a', b'b']), Some(("a".to_owned(), b"b".to_vec())));
    }

    #[test]
    fn bytes_that_are_no_text_come_through_and_text_stays_readable() {
        for bytes in [&b"/a b"[..], b"/\xff\x00", b""] {
            let raw = Raw(bytes.to_vec());
            let written = serde_json::to_string(&raw).unwrap();
            assert_eq!(serde_json::from_str::<Raw>(&written).unwrap(), raw);
        }
        assert_eq!(serde_json::to_string(&Raw::from("/a b")).unwrap(), "\"/a b\"");
    }

    #[test]
    fn an_unknown_kind_or_an_absurd_length_is_refused() {
        assert!(take(&mut vec![b'?', 0, 0, 0, 0]).is_err());
        assert!(take(&mut vec![b'N', 0xff, 0xff, 0xff, 0xff]).is_err());
    }
}
