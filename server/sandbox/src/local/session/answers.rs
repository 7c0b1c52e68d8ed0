//! What the first process answers, as callers know it.

use std::io;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use super::line::Failure;
use super::words::{Answer, Row, RowKind};
use crate::SandboxError;
use crate::local::pieces::Gathered;
use crate::local::wire::{self, Kind};
use crate::session::{Entry, EntryKind};

/// All differences that come down the line until its end, or until one that should not come.
pub(super) fn gather(line: &mut UnixStream) -> Gathered {
    let mut gathered = Gathered::default();
    loop {
        let is_taken = match wire::receive(line) {
            Ok((Kind::Change, body)) => gathered.take(&body),
            Ok((Kind::Content, body)) => gathered.take_content(&body),
            Ok((Kind::Spec | Kind::Blob | Kind::News | Kind::File, _)) => false,
            Err(_) => return gathered,
        };
        if !is_taken {
            gathered.leave_out("The sandbox told more than can be taken.");
            return gathered;
        }
    }
}

/// A row as callers know it.
pub(super) fn entry(row: Row) -> Entry {
    Entry {
        path: PathBuf::from(&row.path),
        kind: match row.kind {
            RowKind::File => EntryKind::File,
            RowKind::Folder => EntryKind::Folder,
            RowKind::Link(target) => EntryKind::Link(PathBuf::from(&target)),
            RowKind::Other => EntryKind::Other,
        },
        size: row.size,
        mode: row.mode,
        owner: row.owner,
        group: row.group,
        modified_unix_ms: row.modified_ms,
    }
}

/// An answer to another question.
pub(super) fn unexpected(what: String, answer: &Answer) -> SandboxError {
    let why = format!("the sandbox answered {answer:?}");
    Failure::Refused(io::Error::other(why)).during("", what)
}
