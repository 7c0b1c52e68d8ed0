//! What a run over there changed: read bounded, and judged anew. The other side's verdict may only make it stricter.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use bodkin_sandbox::SandboxError;
use bodkin_sandbox::changes::{Changes, Found, Verdict, What, judged};
use bodkin_sync::wire::{Back, BackVerdict, BackWhat};
use bodkin_sync::{Entry, FilePath, Manifest};

/// The changes of a run over a state.
pub(crate) fn read(bytes: &[u8], state: &Manifest) -> Result<Changes, SandboxError> {
    let what = "reading what the run changed";
    let back = Back::decode(bytes)
        .map_err(|error| SandboxError::io(what)(std::io::Error::other(error.to_string())))?;
    let mut theirs = std::collections::BTreeMap::new();
    let mut found = Vec::new();
    for change in back.changes {
        let path = change.path.to_path();
        let what = match change.what {
            BackWhat::File { content, mode, size } => {
                let size = content.as_ref().map_or(size, |it| it.len() as u64);
                What::File { content, size, mode }
            }
            BackWhat::Link(target) => What::Link(PathBuf::from(OsString::from_vec(target))),
            BackWhat::Folder => What::Folder,
            BackWhat::Gone => What::Gone,
            BackWhat::Other(_) => What::Other("FIFO, a socket or a device"),
        };
        found.push(Found { mode_before: mode(state, &change.path), path: path.clone(), what, trouble: None });
        theirs.insert(path, change.verdict);
    }
    let mut changes = judged(found);
    for change in &mut changes {
        let stricter = match (&change.verdict, theirs.remove(&change.path)) {
            (Verdict::Taken | Verdict::Held(_), Some(BackVerdict::Refused(why))) => {
                Some(Verdict::Refused(plain(&why)))
            }
            (Verdict::Taken, Some(BackVerdict::Held(why))) => Some(Verdict::Held(plain(&why))),
            (_, _) => None,
        };
        change.verdict = stricter.unwrap_or_else(|| change.verdict.clone());
    }
    Ok(Changes { changes, left_out: back.left_out.iter().map(|it| plain(it)).collect() })
}

fn mode(state: &Manifest, path: &FilePath) -> Option<u32> {
    match state.leaf(path)?.entry {
        Entry::File { exec: true, .. } => Some(0o755),
        Entry::File { exec: false, .. } => Some(0o644),
        Entry::Link { .. } => None,
    }
}

/// Words of the other side, fit to be shown.
fn plain(text: &str) -> String {
    text.chars().filter(|it| !it.is_control()).take(300).collect()
}

#[cfg(test)]
mod tests {
    use bodkin_sync::wire::BackChange;

    use super::*;

    fn check(path: &str, what: BackWhat, verdict: BackVerdict) -> Verdict {
        let path = FilePath::new(path.as_bytes()).unwrap();
        let back = Back { changes: vec![BackChange { path, what, verdict }], left_out: Vec::new() };
        let changes = read(&back.encode().unwrap(), &Manifest::empty()).unwrap();
        changes.changes.into_iter().next().unwrap().verdict
    }

    fn file() -> BackWhat {
        BackWhat::File { content: Some(b"x".to_vec()), size: 1, mode: 0o644 }
    }

    #[test]
    fn a_server_that_calls_a_hook_harmless_is_not_believed() {
        assert!(matches!(check(".git/hooks/pre-commit", file(), BackVerdict::Taken), Verdict::Held(_)));
        assert_eq!(check("src/a.py", file(), BackVerdict::Taken), Verdict::Taken);
    }

    #[test]
    fn its_doubts_are_kept() {
        let why = "a\u{1b}[31m reason".to_owned();
        assert_eq!(check("a.py", file(), BackVerdict::Held(why)), Verdict::Held("a[31m reason".to_owned()));
        let refused = check(".envrc", file(), BackVerdict::Refused("no".to_owned()));
        assert_eq!(refused, Verdict::Refused("no".to_owned()));
    }

    #[test]
    fn nonsense_is_an_error() {
        assert!(read(b"nonsense", &Manifest::empty()).is_err());
    }
}
