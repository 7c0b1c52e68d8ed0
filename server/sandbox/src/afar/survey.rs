//! What stands in a folder on the other side: one look by `find` and `stat`, as their output is alike in GNU's
//! tools and in busybox.
//!
//! Names come apart from all else and end with a zero byte, so no name can pass for an entry of its own.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::shell::{Shell, collected};
use crate::SandboxError;
use crate::session::{Entry, EntryKind};

/// What one look saw at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// What it is.
    pub kind: EntryKind,
    /// Bytes.
    pub size: u64,
    /// Bytes that it takes on the disk.
    pub taken: u64,
    /// Permission bits.
    pub mode: u32,
    /// Owner and group as they are named there.
    pub owner: String,
    /// The group.
    pub group: String,
    /// When it was last written, milliseconds since 1970.
    pub modified_unix_ms: i64,
    /// The file's number.
    pub inode: u64,
    /// When anything of it last changed, in the words of that machine; compared, never read.
    pub changed: String,
}

impl Seen {
    /// The same as an entry.
    pub fn entry(&self, path: PathBuf) -> Entry {
        Entry {
            path,
            kind: self.kind.clone(),
            size: self.size,
            mode: self.mode,
            owner: self.owner.clone(),
            group: self.group.clone(),
            modified_unix_ms: self.modified_unix_ms,
        }
    }
}

/// Everything below a folder, by its path below it.
pub type Look = BTreeMap<PathBuf, Seen>;

/// How much one look may bring, bytes: some 500,000 entries.
const MOST: usize = 64 << 20;

/// How often a look is repeated when files came and went under it.
const TRIES: u32 = 5;

/// Tells of the paths that it gets: names, then a line each, then the targets of links. Shared by both scripts.
const TELL: &str = r#"
tell='printf "%s\0" "$@"; printf "\0"
stat -c "%f %s %b %B %i %Y %U %G %y %z" -- "$@" 2>/dev/null; printf "\0"
for it; do if [ -h "$it" ]; then readlink "$it"; printf "\0"; fi; done'
"#;

const BELOW: &str = r#"
cd -- "$1" || exit 66
find . -mindepth 1 -maxdepth "$2" -exec /bin/sh -c "$tell" sh {} + 2>/dev/null
[ -d . ]
"#;

const AT: &str = r#"
if [ -e "$1" ] || [ -h "$1" ]; then /bin/sh -c "$tell" sh "$1"; else exit 66; fi
"#;

/// Looks at all below `folder`, `depth` levels deep.
pub fn survey(shell: &dyn Shell, folder: &Path, depth: u32) -> Result<Look, SandboxError> {
    let what = format!("looking at {} in the sandbox", folder.display());
    let depth = depth.max(1).to_string();
    let script = format!("{TELL}{BELOW}");
    for _ in 0..TRIES {
        let told = collected(shell, &what, &script, &[folder.as_os_str(), OsStr::new(&depth)], MOST)?;
        if let Some(look) = read(&told) {
            return Ok(look
                .into_iter()
                .map(|(path, seen)| (path.strip_prefix(".").map(Path::to_owned).unwrap_or(path), seen))
                .collect());
        }
    }
    Err(SandboxError::io(what)(std::io::Error::other("its files change faster than they can be told")))
}

/// Looks at one path; a link is not followed. `None`: nothing stands there.
pub fn look_at(shell: &dyn Shell, path: &Path) -> Result<Option<Seen>, SandboxError> {
    let what = format!("looking at {} in the sandbox", path.display());
    let script = format!("{TELL}{AT}");
    for _ in 0..TRIES {
        match collected(shell, &what, &script, &[path.as_os_str()], MOST) {
            Ok(told) => {
                if let Some(look) = read(&told) {
                    return Ok(look.into_values().next());
                }
            }
            Err(SandboxError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                return Ok(None);
            }
            Err(other) => return Err(other),
        }
    }
    Err(SandboxError::io(what)(std::io::Error::other("it changes faster than it can be told")))
}

/// Reads what `tell` told. `None` when names and lines do not go together: something changed meanwhile.
fn read(told: &[u8]) -> Option<Look> {
    let mut look = Look::new();
    let mut parts = told.split(|byte| *byte == 0);
    loop {
        let mut names: Vec<PathBuf> = Vec::new();
        loop {
            match parts.next() {
                // The end of the whole: nothing follows the last zero.
                None => return names.is_empty().then_some(look),
                Some([]) if names.is_empty() => return parts.next().is_none().then_some(look),
                Some([]) => break,
                Some(name) => names.push(PathBuf::from(OsString::from_vec(name.to_vec()))),
            }
        }
        let lines = String::from_utf8_lossy(parts.next()?).into_owned();
        let lines: Vec<&str> = lines.lines().collect();
        if lines.len() != names.len() {
            return None;
        }
        for (name, line) in names.into_iter().zip(lines) {
            let (mut seen, is_link) = line_of(line)?;
            if is_link {
                let target = parts.next()?;
                let target = target.strip_suffix(b"\n").unwrap_or(target);
                seen.kind = EntryKind::Link(PathBuf::from(OsStr::from_bytes(target)));
            }
            look.insert(name, seen);
        }
    }
}

/// One line of `stat`; whether it is a link.
fn line_of(line: &str) -> Option<(Seen, bool)> {
    let mut words = line.split(' ');
    let mode = u32::from_str_radix(words.next()?, 16).ok()?;
    let mut number = || words.next()?.parse::<u64>().ok();
    let (size, blocks, block, inode, seconds) = (number()?, number()?, number()?, number()?, number()?);
    let (owner, group) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (_date, time, _zone) = (words.next()?, words.next()?, words.next()?);
    let millis: i64 = time.split_once('.').and_then(|(_, it)| it.get(..3)?.parse().ok()).unwrap_or(0);
    let kind = match mode & 0o17_0000 {
        0o10_0000 => EntryKind::File,
        0o04_0000 => EntryKind::Folder,
        _ => EntryKind::Other,
    };
    let seen = Seen {
        kind,
        size,
        taken: blocks.saturating_mul(block),
        mode: mode & 0o7777,
        owner,
        group,
        modified_unix_ms: i64::try_from(seconds).ok()?.saturating_mul(1000).saturating_add(millis),
        inode,
        changed: words.collect::<Vec<_>>().join(" "),
    };
    Some((seen, mode & 0o17_0000 == 0o12_0000))
}

#[cfg(test)]
pub(super) mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests lay files in a temporary folder")]

    use std::io::{Read, Write};

    use super::super::shell::Said;
    use super::*;

    /// The shell of this machine, over a temporary folder.
    pub(in crate::afar) struct Here;

    impl Shell for Here {
        fn sh(
            &self,
            script: &str,
            args: &[&OsStr],
            input: &mut dyn Read,
            output: &mut dyn Write,
        ) -> Result<Said, SandboxError> {
            let mut child = std::process::Command::new("/bin/sh")
                .args(["-c", script, "sh"])
                .args(args)
                .stdin(std::process::Stdio::piped())
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap();
            std::io::copy(input, &mut child.stdin.take().unwrap()).unwrap();
            let done = child.wait_with_output().unwrap();
            output.write_all(&done.stdout).map_err(SandboxError::io("reading"))?;
            Ok(Said {
                code: done.status.code().unwrap(),
                complaint: String::from_utf8_lossy(&done.stderr).into_owned(),
            })
        }
    }

    #[test]
    fn a_look_tells_files_folders_and_links_whatever_their_names_hold() {
        let folder = tempfile::tempdir().unwrap();
        let odd = OsStr::from_bytes(b"a\nb \xff");
        std::fs::write(folder.path().join(odd), "four").unwrap();
        std::fs::create_dir(folder.path().join("-d")).unwrap();
        std::os::unix::fs::symlink("../to\nwhere", folder.path().join("-d/link")).unwrap();
        let look = survey(&Here, folder.path(), 9).unwrap();
        let kinds: Vec<_> = look.iter().map(|(path, seen)| (path.as_os_str(), &seen.kind)).collect();
        let link = EntryKind::Link("../to\nwhere".into());
        assert_eq!(
            kinds,
            [(OsStr::new("-d"), &EntryKind::Folder), (OsStr::new("-d/link"), &link), (odd, &EntryKind::File)]
        );
        assert_eq!(look[Path::new(odd)].size, 4);
        assert_eq!(survey(&Here, folder.path(), 1).unwrap().len(), 2);
    }

    #[test]
    fn nothing_at_a_path_is_an_answer_and_a_link_to_nothing_is_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        assert_eq!(look_at(&Here, &link).unwrap().unwrap().kind, EntryKind::Link("nowhere".into()));
        assert_eq!(look_at(&Here, &folder.path().join("nowhere")).unwrap(), None);
    }

    #[test]
    fn names_without_their_lines_are_not_believed() {
        assert_eq!(read(b"./a\0./b\0\0 81a4 1 1 512 1 1 u g d t z c\0"), None);
        assert_eq!(read(b"./a"), None);
        assert_eq!(read(b""), Some(Look::new()));
    }
}
