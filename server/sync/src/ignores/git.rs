//! Where a workspace's git keeps its things, and what it tracks.
//!
//! Reads files only; git itself is never run, as its settings could run something.
#![expect(clippy::disallowed_methods, reason = "git's files are read from the disk")]

use std::path::{Path, PathBuf};

use crate::path::FilePath;

/// The folders of the repository that a workspace lies in.
pub(crate) struct GitFolders {
    /// The topmost folder of the work tree.
    pub(crate) top: PathBuf,
    /// What belongs to this work tree alone: the index.
    pub(crate) own: PathBuf,
    /// What all its work trees share: `info/exclude`.
    pub(crate) common: PathBuf,
}

/// An index beyond this is not read, bytes.
const MOST: u64 = 512 << 20;

impl GitFolders {
    /// Those of the repository around `root`, if there is one.
    pub(crate) fn of(root: &Path) -> Option<Self> {
        let top = root.ancestors().find(|it| std::fs::symlink_metadata(it.join(".git")).is_ok())?;
        let at = top.join(".git");
        let own = if at.is_dir() {
            at
        } else {
            let text = std::fs::read_to_string(&at).ok()?;
            top.join(text.trim().strip_prefix("gitdir:")?.trim())
        };
        let common = match std::fs::read_to_string(own.join("commondir")) {
            Ok(text) => own.join(text.trim()),
            Err(_) => own.clone(),
        };
        Some(Self { top: top.to_owned(), own, common })
    }

    /// Every file that the index tracks below `root`; none where it can not be read.
    pub(crate) fn tracked(&self, root: &Path) -> Vec<FilePath> {
        let path = self.own.join("index");
        if std::fs::symlink_metadata(&path).is_ok_and(|it| it.len() > MOST) {
            return Vec::new();
        }
        let Ok(bytes) = std::fs::read(&path) else { return Vec::new() };
        let prefix = root.strip_prefix(&self.top).map(crate::path::to_bytes).unwrap_or_default();
        let below = |name: &[u8]| {
            let rest = name.strip_prefix(&*prefix)?;
            let rest = if prefix.is_empty() { rest } else { rest.strip_prefix(b"/")? };
            FilePath::new(rest).ok()
        };
        names(&bytes).unwrap_or_default().iter().filter_map(|name| below(name)).collect()
    }
}

/// The names in an index of version 2, 3 or 4 (git's `index-format`), as far as they can be read.
fn names(index: &[u8]) -> Option<Vec<Vec<u8>>> {
    let head = index.strip_prefix(b"DIRC")?;
    let (version, rest) = number(head)?;
    let (count, mut rest) = number(rest)?;
    if !(2..=4).contains(&version) {
        return None;
    }
    let mut names = Vec::new();
    let mut last: Vec<u8> = Vec::new();
    for _ in 0..count {
        let (name, after) = entry(rest, version, &last)?;
        rest = after;
        names.push(name.clone());
        last = name;
    }
    Some(names)
}

/// Times, numbers and hash of an entry, bytes; its flags follow.
const FIXED: usize = 60;

fn entry<'i>(bytes: &'i [u8], version: u32, last: &[u8]) -> Option<(Vec<u8>, &'i [u8])> {
    let (flags, after) = bytes.get(FIXED..)?.split_at_checked(2)?;
    let extended = version >= 3 && flags.first()? & 0x40 != 0;
    let after = if extended { after.get(2..)? } else { after };
    if version < 4 {
        let end = after.iter().position(|it| *it == 0)?;
        // Each entry fills up to a multiple of eight, with one NUL at least.
        let used = FIXED + if extended { 4 } else { 2 } + end;
        return Some((after.get(..end)?.to_vec(), bytes.get(used - used % 8 + 8..)?));
    }
    let (cut, after) = offset(after)?;
    let end = after.iter().position(|it| *it == 0)?;
    let kept = last.get(..last.len().checked_sub(cut)?)?;
    Some(([kept, after.get(..end)?].concat(), after.get(end + 1..)?))
}

/// Version 4's count of bytes that are taken off the last name.
fn offset(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (first, mut rest) = bytes.split_first()?;
    let mut value = usize::from(first & 0x7f);
    let mut more = first & 0x80 != 0;
    while more {
        let (byte, after) = rest.split_first()?;
        value = value.checked_add(1)?.checked_mul(128)? | usize::from(byte & 0x7f);
        more = byte & 0x80 != 0;
        rest = after;
    }
    Some((value, rest))
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_at_checked(4)?;
    Some((u32::from_be_bytes(number.try_into().ok()?), rest))
}
