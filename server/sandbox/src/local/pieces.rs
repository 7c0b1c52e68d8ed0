//! What a sandbox changed, on its way from the helper to the launcher: piece by piece, so that no side ever holds
//! more than it must, and bounded again where it arrives.

use std::io::{self, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::wire::{self, Kind, Raw};
use crate::changes::{Changes, Found, What, judged};

/// Differences of one run at most.
pub(crate) const PIECES: usize = 20_000;

/// Bytes of one file that come back.
pub(crate) const FILE_BYTES: u64 = 128 << 20;

/// Bytes that come back in all.
pub(crate) const ALL_BYTES: u64 = 256 << 20;

/// One difference, without its content, which follows in messages of their own.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Piece {
    pub(crate) path: Raw,
    pub(crate) what: PieceWhat,
    pub(crate) mode_before: Option<u32>,
    pub(crate) trouble: Option<String>,
}

/// What stands at a changed path.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum PieceWhat {
    /// A file; its content follows unless there is trouble with it.
    File {
        size: u64,
        mode: u32,
    },
    Link(Raw),
    Folder,
    Gone,
    Fifo,
    Socket,
    Device,
}

/// A line of what the helper tells about changes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Told {
    Piece(Piece),
    LeftOut(String),
}

/// Sends one difference or sentence.
pub(crate) fn send(to: &mut impl Write, told: &Told) -> io::Result<()> {
    wire::send_json(to, Kind::Change, told)
}

/// Sends bytes of the file that was told last.
pub(crate) fn send_content(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    wire::send(to, Kind::Content, &[bytes])
}

/// What has come so far.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    found: Vec<Found>,
    left_out: Vec<String>,
    bytes: u64,
}

impl Gathered {
    /// Takes a difference or a sentence; `false`: the helper sends what it should not.
    pub(crate) fn take(&mut self, body: &[u8]) -> bool {
        match serde_json::from_slice(body) {
            Ok(Told::Piece(piece)) if self.found.len() < PIECES => self.found.push(found(piece)),
            Ok(Told::LeftOut(sentence)) if self.left_out.len() < PIECES => self.left_out.push(sentence),
            Ok(Told::Piece(_) | Told::LeftOut(_)) | Err(_) => return false,
        }
        true
    }

    /// Takes bytes of the file that came last.
    pub(crate) fn take_content(&mut self, bytes: &[u8]) -> bool {
        self.bytes += bytes.len() as u64;
        let last = self.found.last_mut().filter(|_| self.bytes <= ALL_BYTES);
        match last.map(|found| &mut found.what) {
            Some(What::File { content: Some(content), .. }) => {
                content.extend_from_slice(bytes);
                true
            }
            Some(
                What::File { content: None, .. } | What::Link(_) | What::Folder | What::Gone | What::Other(_),
            )
            | None => false,
        }
    }

    /// One more sentence about what was not looked at.
    pub(crate) fn leave_out(&mut self, sentence: &str) {
        self.left_out.push(sentence.to_owned());
    }

    /// All of it, judged.
    pub(crate) fn into_changes(mut self) -> Changes {
        for found in &mut self.found {
            let What::File { content, size, .. } = &mut found.what else { continue };
            if content.as_ref().is_some_and(|content| content.len() as u64 != *size)
                && found.trouble.is_none()
            {
                found.trouble = Some("it changed while it was read".to_owned());
            }
            if found.trouble.is_some() {
                *content = None;
            }
        }
        Changes { changes: judged(self.found), left_out: self.left_out }
    }
}

fn found(piece: Piece) -> Found {
    let what = match piece.what {
        PieceWhat::File { size, mode } => {
            What::File { content: piece.trouble.is_none().then(Vec::new), size, mode }
        }
        PieceWhat::Link(target) => What::Link(PathBuf::from(&target)),
        PieceWhat::Folder => What::Folder,
        PieceWhat::Gone => What::Gone,
        PieceWhat::Fifo => What::Other("FIFO"),
        PieceWhat::Socket => What::Other("socket"),
        PieceWhat::Device => What::Other("device"),
    };
    Found { path: PathBuf::from(&piece.path), what, mode_before: piece.mode_before, trouble: piece.trouble }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::Verdict;

    fn piece(size: u64) -> Vec<u8> {
        let what = PieceWhat::File { size, mode: 0o644 };
        let piece = Piece { path: Raw::from("a"), what, mode_before: None, trouble: None };
        serde_json::to_vec(&Told::Piece(piece)).unwrap()
    }

    #[test]
    fn a_file_is_put_together_from_its_pieces() {
        let mut gathered = Gathered::default();
        assert!(gathered.take(&piece(3)) && gathered.take_content(b"ab") && gathered.take_content(b"c"));
        let changes = gathered.into_changes().changes;
        assert_eq!(changes[0].what, What::File { content: Some(b"abc".to_vec()), size: 3, mode: 0o644 });
        assert_eq!(changes[0].verdict, Verdict::Taken);
    }

    #[test]
    fn a_file_of_another_size_than_it_was_told_with_is_refused() {
        let mut gathered = Gathered::default();
        assert!(gathered.take(&piece(5)) && gathered.take_content(b"ab"));
        assert!(matches!(gathered.into_changes().changes[0].verdict, Verdict::Refused(_)));
    }

    #[test]
    fn what_the_helper_would_never_send_is_not_taken() {
        let mut gathered = Gathered::default();
        assert!(!gathered.take_content(b"of no file") && !gathered.take(b"no json"));
    }
}
