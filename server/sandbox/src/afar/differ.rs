//! What changed in a workspace on the other side since it was laid in: two looks are compared, and only the
//! content of files that may differ comes back.
//!
//! Inode, size, mode and the time of the last change tell a file that nothing touched; the time can not be set by
//! a program without power over the clock. Where the other side's clock knows only seconds, a file is compared by
//! its content.
//! invariant: only-deltas-cross

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use bodkin_text::ContentHash;

use super::pack::Contents;
use super::shell::{Shell, collected, script};
use super::survey::{Look, Seen, survey};
use crate::SandboxError;
use crate::changes::{Changes, Found, What, judged};
use crate::session::EntryKind;

/// A workspace as it was laid in.
#[derive(Debug, Clone, Default)]
pub struct Laid {
    /// What the first look saw, after it was laid in and before anything ran.
    pub look: Look,
    /// The files that were laid in.
    pub contents: Contents,
}

/// How much may come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Files.
    pub files: usize,
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Bytes of all together.
    pub bytes: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { files: 10_000, file_bytes: 16 << 20, bytes: 128 << 20 }
    }
}

/// Folders deeper than this are not looked at.
const DEPTH: u32 = 200;
/// Names that go into one command, bytes.
const NAMES: usize = 60 << 10;
/// A file that takes less than an eighth of its size is a hole of the rest, if it is larger than this, bytes.
const SMALL: u64 = 1 << 20;

/// Holds every other process of the user still: none can change what is looked at.
const HOLD: &str = "kill -STOP -1 2>/dev/null; true";
const LET_GO: &str = "kill -CONT -1 2>/dev/null; true";

/// What differs below `folder`, judged.
pub fn changes(
    shell: &dyn Shell,
    folder: &Path,
    laid: &Laid,
    bounds: Bounds,
) -> Result<Changes, SandboxError> {
    script(shell, "holding the sandbox still", HOLD, &[])?;
    let found = compare(shell, folder, laid, bounds);
    // What was found stands, whether or not the processes could be let go.
    let released = script(shell, "letting the sandbox go on", LET_GO, &[]);
    let found = found?;
    released?;
    Ok(found)
}

fn compare(shell: &dyn Shell, folder: &Path, laid: &Laid, bounds: Bounds) -> Result<Changes, SandboxError> {
    let now = survey(shell, folder, DEPTH)?;
    let is_coarse = laid.look.values().all(|seen| !has_fraction(&seen.changed));
    let mut left_out = Vec::new();
    let mut found: Vec<Found> = Vec::new();
    let mut wanted: Vec<(PathBuf, &Seen)> = Vec::new();
    let mut left = bounds;
    for (path, seen) in &now {
        let before = laid.look.get(path);
        if before.is_some_and(|before| is_untouched(before, seen, is_coarse)) {
            continue;
        }
        if left.files == 0 {
            left_out.push(format!("more than {} files changed; the rest is left out", bounds.files));
            break;
        }
        left.files -= 1;
        match what(seen, before, &mut left) {
            Touched::Known(what, trouble) => found.push(difference(laid, path, what, trouble)),
            Touched::Content => wanted.push((path.clone(), seen)),
            Touched::Not => {}
        }
    }
    for (path, before) in &laid.look {
        if before.kind != EntryKind::Folder && !now.contains_key(path) {
            found.push(difference(laid, path, What::Gone, None));
        }
    }
    found.extend(fetch(shell, folder, laid, &wanted)?);
    if now.keys().any(|path| path.components().count() >= DEPTH as usize) {
        left_out.push(format!("folders more than {DEPTH} deep are not looked at"));
    }
    Ok(Changes { changes: judged(found), left_out })
}

fn difference(laid: &Laid, path: &Path, what: What, trouble: Option<String>) -> Found {
    let before = laid.look.get(path).filter(|before| before.kind == EntryKind::File);
    Found { path: path.to_owned(), what, mode_before: before.map(|before| before.mode), trouble }
}

fn has_fraction(time: &str) -> bool {
    time.split_once('.')
        .is_some_and(|(_, rest)| rest.bytes().take(9).any(|digit| (b'1'..=b'9').contains(&digit)))
}

fn is_untouched(before: &Seen, now: &Seen, is_coarse: bool) -> bool {
    let is_folder = now.kind == EntryKind::Folder && before.kind == EntryKind::Folder;
    is_folder || (before == now && !(is_coarse && now.kind == EntryKind::File))
}

enum Touched {
    Known(What, Option<String>),
    Content,
    Not,
}

fn what(seen: &Seen, before: Option<&Seen>, left: &mut Bounds) -> Touched {
    match &seen.kind {
        EntryKind::Folder => Touched::Known(What::Folder, None),
        EntryKind::Link(_) if before.is_some_and(|before| before.kind == seen.kind) => Touched::Not,
        EntryKind::Link(target) => Touched::Known(What::Link(target.clone()), None),
        EntryKind::Other => Touched::Known(What::Other("FIFO, a socket or a device"), None),
        EntryKind::File => {
            let trouble = if seen.size > SMALL && seen.taken < seen.size / 8 {
                "most of it is a hole".to_owned()
            } else if seen.size > left.file_bytes || seen.size > left.bytes {
                format!("with it more would come back than may ({} bytes)", seen.size)
            } else {
                left.bytes -= seen.size;
                return Touched::Content;
            };
            let what = What::File { content: None, size: seen.size, mode: seen.mode };
            Touched::Known(what, Some(trouble))
        }
    }
}

/// Brings the content of files, as many in one command as their names fit, one after the other without anything
/// between: what each is long is known, as all is held still.
fn fetch(
    shell: &dyn Shell,
    folder: &Path,
    laid: &Laid,
    wanted: &[(PathBuf, &Seen)],
) -> Result<Vec<Found>, SandboxError> {
    let mut found = Vec::new();
    let mut rest = wanted;
    while !rest.is_empty() {
        let (mut names, mut bytes) = (0, 0_u64);
        let fits = rest
            .iter()
            .take_while(|(path, seen)| {
                names += path.as_os_str().len() + 9;
                bytes = bytes.saturating_add(seen.size);
                names <= NAMES && bytes <= BATCH
            })
            .count()
            .max(1);
        let (batch, others) = rest.split_at(fits.min(rest.len()));
        rest = others;
        fetch_batch(shell, folder, laid, batch, &mut found)?;
    }
    Ok(found)
}

/// Bytes that are brought by one command, unless one file alone is larger.
const BATCH: u64 = 16 << 20;

const CAT: &str = r#"cd -- "$1" || exit 66; shift; exec cat -- "$@""#;

fn fetch_batch(
    shell: &dyn Shell,
    folder: &Path,
    laid: &Laid,
    batch: &[(PathBuf, &Seen)],
    found: &mut Vec<Found>,
) -> Result<(), SandboxError> {
    let names: Vec<PathBuf> = batch.iter().map(|(path, _)| Path::new(".").join(path)).collect();
    let args: Vec<&OsStr> =
        std::iter::once(folder.as_os_str()).chain(names.iter().map(|it| it.as_os_str())).collect();
    let all: u64 = batch.iter().map(|(_, seen)| seen.size).sum();
    let most = usize::try_from(all).unwrap_or(usize::MAX).saturating_add(1);
    let brought = match collected(shell, "bringing back what changed", CAT, &args, most) {
        Ok(bytes) if bytes.len() as u64 == all => bytes,
        // One that can not be read spoils the rest: each alone, then.
        Ok(_) | Err(SandboxError::Io { .. }) if batch.len() > 1 => {
            return batch.chunks(1).try_for_each(|one| fetch_batch(shell, folder, laid, one, found));
        }
        Ok(_) | Err(SandboxError::Io { .. }) => {
            found.extend(batch.iter().map(|(path, seen)| {
                let what = What::File { content: None, size: seen.size, mode: seen.mode };
                difference(laid, path, what, Some("it can not be read".to_owned()))
            }));
            return Ok(());
        }
        Err(other) => return Err(other),
    };
    let mut rest = brought.as_slice();
    for (path, seen) in batch {
        let (content, others) = rest.split_at(usize::try_from(seen.size).unwrap_or(0).min(rest.len()));
        rest = others;
        let is_same = laid.contents.get(path).is_some_and(|(hash, executable)| {
            *executable == (seen.mode & 0o100 != 0) && *hash == ContentHash::of(content)
        });
        if !is_same || seen.mode & 0o7000 != 0 {
            let what = What::File { content: Some(content.to_vec()), size: seen.size, mode: seen.mode };
            found.push(difference(laid, path, what, None));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests lay files in a temporary folder")]

    use super::super::survey::tests::Here;
    use super::*;

    /// Lays files in, lets `act` happen, and tells what differs.
    fn check(files: &[(&str, &str)], act: impl FnOnce(&Path), coarse: bool) -> Vec<(String, What)> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let mut look = survey(&Here, folder.path(), 9).unwrap();
        if coarse {
            look.values_mut().for_each(|seen| seen.changed = "2026-01-01 00:00:00.000000000 +0000".into());
        }
        let contents =
            files.iter().map(|(name, text)| (name.into(), (ContentHash::of(text), false))).collect();
        act(folder.path());
        let bounds = Bounds { files: 9, file_bytes: 8 << 20, bytes: 16 << 20 };
        let found = compare(&Here, folder.path(), &Laid { look, contents }, bounds).unwrap();
        assert_eq!(found.left_out, [""; 0]);
        found.changes.into_iter().map(|it| (it.path.to_string_lossy().into_owned(), it.what)).collect()
    }

    fn file(text: &str) -> What {
        What::File { content: Some(text.into()), size: text.len() as u64, mode: 0o644 }
    }

    #[test]
    fn only_deltas_cross_what_was_not_touched_does_not_come_back() {
        let found = check(
            &[("same", "s"), ("edited", "one"), ("gone", "g"), ("rewritten", "r")],
            |folder| {
                std::fs::write(folder.join("edited"), "two").unwrap();
                std::fs::write(folder.join("rewritten"), "r").unwrap();
                std::fs::remove_file(folder.join("gone")).unwrap();
                std::fs::create_dir(folder.join("d")).unwrap();
                std::fs::write(folder.join("d/a\nb"), "").unwrap();
            },
            false,
        );
        let expected =
            [("d", What::Folder), ("d/a\nb", file("")), ("edited", file("two")), ("gone", What::Gone)];
        assert_eq!(found, expected.map(|(path, what)| (path.to_owned(), what)));
    }

    #[test]
    fn a_clock_of_seconds_hides_no_change() {
        let edit = |folder: &Path| std::fs::write(folder.join("a"), "2").unwrap();
        assert_eq!(check(&[("a", "1"), ("b", "1")], edit, true), [("a".to_owned(), file("2"))]);
    }

    #[test]
    fn holes_and_pipes_are_told_and_never_read() {
        let found = check(
            &[],
            |folder| {
                std::fs::File::create(folder.join("giant")).unwrap().set_len(1 << 40).unwrap();
                rustix::fs::mkfifoat(rustix::fs::CWD, folder.join("pipe"), 0o600.into()).unwrap();
            },
            false,
        );
        assert!(matches!(found[0].1, What::File { content: None, size: 0x100_0000_0000, .. }));
        assert!(matches!(found[1].1, What::Other(_)));
    }
}
