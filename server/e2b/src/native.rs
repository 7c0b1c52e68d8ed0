//! Beside E2B's protocol: a workspace that stays on the other side and follows this one, and runs over it.
//!
//! `POST` [`sync_path`] takes one sync frame and answers with a sync answer, whose kind is also the status. `POST`
//! [`run_path`] takes [`RunRequest`] and an optional frame, which is applied first; the answer is 409 with a sync answer
//! where more is needed, else a row of [`Piece`]s that begins at once. These are bodkin's own routes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Content type of frames and answers of the sync.
pub const FRAME_TYPE: &str = "application/x-bodkin-frame";
/// Content type of a run's request and of its answer.
pub const RUN_TYPE: &str = "application/x-bodkin-run";
/// A sandbox that is made with this word has the replica of that name as its workspace.
pub const WORKSPACE_WORD: &str = "bodkin.workspace";
/// Where a replica stands inside unless asked otherwise.
pub const WORKSPACE: &str = "/home/user/workspace";
/// Largest head of a run's request, bytes.
pub const MAX_HEAD: usize = 8 << 20;
/// Largest piece of a run's answer, bytes.
pub const MAX_PIECE: usize = 64 << 20;

/// Where frames for a replica go. `key` is 1 to 64 letters, digits, `_` and `-`.
pub fn sync_path(key: &str) -> String {
    format!("/bodkin/v1/workspaces/{key}/sync")
}

/// Where runs over a replica go.
pub fn run_path(key: &str) -> String {
    format!("/bodkin/v1/workspaces/{key}/run")
}

/// A command to run in a fresh sandbox over a replica.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RunRequest {
    /// The program and its arguments; no shell takes part.
    pub argv: Vec<String>,
    /// The folder it runs in, below the workspace; `None`: the workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// Variables beside the sandbox's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// What it may use up; the daemon may give less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<RunLimits>,
    /// Hosts that it may reach; none: its own loopback interface alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Files laid over the replica by path below it; `None` hides one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub layer: BTreeMap<String, Option<String>>,
    /// Whether what it changed is wanted.
    #[serde(default)]
    pub changes: bool,
    /// Root hash that the replica must have, hex; nothing runs over another state.
    pub root: String,
    /// Where the workspace stands inside, absolute; `None`: [`WORKSPACE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// What a run may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLimits {
    /// Wall time, milliseconds.
    pub wall_ms: u64,
    /// Memory of all its processes, bytes.
    pub memory_bytes: u64,
    /// Processes and threads alive at once.
    pub processes: u32,
    /// Bytes of output.
    pub output_bytes: u64,
    /// Bytes that may be written to files.
    pub disk_bytes: u64,
    /// CPU time, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_ms: Option<u64>,
    /// Size of one file, bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_bytes: Option<u64>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunEnd {
    /// The exit, as `bodkin_guard::report::Exit` is written.
    pub exit: serde_json::Value,
    /// Wall time of the command, microseconds.
    pub wall_us: u64,
    /// Bytes that it printed.
    pub output_bytes: u64,
    /// How strong the walls were, as `bodkin_guard::report::Isolation` is written.
    pub isolation: serde_json::Value,
}

/// Why a run did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Error)]
#[error("{message}")]
pub struct RunFault {
    /// In words.
    pub message: String,
    /// What can be done about it.
    #[serde(default)]
    pub next_step: String,
}

/// A piece of a run's answer: one byte of kind, a little-endian u32 length, that many bytes.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// `o`: standard output.
    Stdout(Vec<u8>),
    /// `e`: standard error.
    Stderr(Vec<u8>),
    /// `c`: what it changed, as the sync writes changes.
    Changes(Vec<u8>),
    /// `x`: how it ended; the last piece.
    End(RunEnd),
    /// `!`: why it did not; the last piece.
    Fault(RunFault),
}

/// Why bytes are no run's request or answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NativeError {
    /// Something claims to be larger than it may be.
    #[error("a part of {0} bytes is over the limit")]
    TooLarge(usize),
    /// They end too early.
    #[error("the bytes end too early")]
    Cut,
    /// A kind that is not known.
    #[error("a piece of the unknown kind {0}")]
    Kind(u8),
    /// JSON that can not be read.
    #[error("the request or piece can not be read: {0}")]
    Json(String),
}

impl RunRequest {
    /// The body of a request: this, and the frame to be applied first.
    pub fn encode(&self, frame: Option<&[u8]>) -> Vec<u8> {
        let head = serde_json::to_vec(self).unwrap_or_default();
        let mut body = u32::try_from(head.len()).unwrap_or(u32::MAX).to_le_bytes().to_vec();
        body.extend(head);
        body.extend_from_slice(frame.unwrap_or_default());
        body
    }

    /// Reads a body; gives the frame, which may be empty.
    pub fn decode(body: &[u8]) -> Result<(Self, &[u8]), NativeError> {
        let (length, rest) = body.split_first_chunk::<4>().ok_or(NativeError::Cut)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
        if length > MAX_HEAD {
            return Err(NativeError::TooLarge(length));
        }
        let (head, frame) = rest.split_at_checked(length).ok_or(NativeError::Cut)?;
        let request = serde_json::from_slice(head).map_err(|error| NativeError::Json(error.to_string()))?;
        Ok((request, frame))
    }
}

impl Piece {
    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let json = |value: Result<Vec<u8>, serde_json::Error>| value.unwrap_or_default();
        match self {
            Self::Stdout(bytes) => wrap(b'o', bytes),
            Self::Stderr(bytes) => wrap(b'e', bytes),
            Self::Changes(bytes) => wrap(b'c', bytes),
            Self::End(end) => wrap(b'x', &json(serde_json::to_vec(end))),
            Self::Fault(fault) => wrap(b'!', &json(serde_json::to_vec(fault))),
        }
    }

    fn decode(kind: u8, bytes: &[u8]) -> Result<Self, NativeError> {
        let json = |error: serde_json::Error| NativeError::Json(error.to_string());
        Ok(match kind {
            b'o' => Self::Stdout(bytes.to_vec()),
            b'e' => Self::Stderr(bytes.to_vec()),
            b'c' => Self::Changes(bytes.to_vec()),
            b'x' => Self::End(serde_json::from_slice(bytes).map_err(json)?),
            b'!' => Self::Fault(serde_json::from_slice(bytes).map_err(json)?),
            other => return Err(NativeError::Kind(other)),
        })
    }
}

fn wrap(kind: u8, bytes: &[u8]) -> Vec<u8> {
    let mut piece = vec![kind];
    piece.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    piece.extend_from_slice(bytes);
    piece
}

/// Takes the bytes of a run's answer as they come and gives whole pieces.
#[derive(Debug, Default)]
pub struct Pieces {
    held: Vec<u8>,
}

impl Pieces {
    /// Takes more bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// The next whole piece; `None`: more bytes are needed.
    pub fn take(&mut self) -> Result<Option<Piece>, NativeError> {
        let Some((&[kind, a, b, c, d], rest)) = self.held.split_first_chunk::<5>() else { return Ok(None) };
        let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        if length > MAX_PIECE {
            return Err(NativeError::TooLarge(length));
        }
        let Some(bytes) = rest.get(..length) else { return Ok(None) };
        let piece = Piece::decode(kind, bytes)?;
        self.held.drain(..5 + length);
        Ok(Some(piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_goes_with_its_frame_and_back() {
        let request = RunRequest { argv: vec!["true".into()], root: "ab".into(), ..RunRequest::default() };
        let body = request.encode(Some(b"frame"));
        assert_eq!(RunRequest::decode(&body), Ok((request, &b"frame"[..])));
        assert_eq!(RunRequest::decode(&body[..9]), Err(NativeError::Cut));
        assert_eq!(RunRequest::decode(&[0xff; 8]), Err(NativeError::TooLarge(0xffff_ffff)));
    }

    #[test]
    fn pieces_come_out_whole_however_the_bytes_are_cut() {
        let end = RunEnd { exit: 0.into(), wall_us: 1, output_bytes: 2, isolation: serde_json::Value::Null };
        let fault = RunFault { message: "m".into(), next_step: "n".into() };
        let all = [
            Piece::Stdout(b"a".to_vec()),
            Piece::Stderr(vec![]),
            Piece::Changes(b"c".to_vec()),
            Piece::End(end),
            Piece::Fault(fault),
        ];
        let bytes: Vec<u8> = all.iter().flat_map(Piece::encode).collect();
        for cut in 1..bytes.len() {
            let mut reader = Pieces::default();
            let mut out = Vec::new();
            for part in bytes.chunks(cut) {
                reader.push(part);
                while let Some(piece) = reader.take().unwrap() {
                    out.push(piece);
                }
            }
            assert_eq!(out, all);
        }
    }

    #[test]
    fn a_lying_peer_is_refused() {
        let mut reader = Pieces::default();
        reader.push(&[b'o', 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(reader.take(), Err(NativeError::TooLarge(0xffff_ffff)));
        let mut reader = Pieces::default();
        reader.push(&[b'?', 0, 0, 0, 0]);
        assert_eq!(reader.take(), Err(NativeError::Kind(b'?')));
    }
}
