//! Where things stand in a reduced sandbox, which has no file tree of its own.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::scratch::Run;
use super::wire::Raw;
use crate::launch::SUPPORT_DIR;

/// In a reduced sandbox the workspace and the support files stand elsewhere.
pub(super) struct Moved<'a> {
    pub(super) run: &'a Run,
    pub(super) roots: [&'a Path; 2],
}

impl Moved<'_> {
    /// A text with the paths of the workspace and of the support files as they are here.
    pub(super) fn rewrite(&self, text: &Raw) -> Raw {
        let mut bytes = text.bytes().to_vec();
        bytes = replace(&bytes, SUPPORT_DIR.as_bytes(), self.run.support().as_os_str().as_bytes());
        for root in self.roots {
            bytes = replace(&bytes, root.as_os_str().as_bytes(), self.run.workspace().as_os_str().as_bytes());
        }
        Raw::from(OsStr::from_bytes(&bytes))
    }
}

/// Replaces the path `from` by `to` wherever it stands as a whole: at the start of a text or after one of
/// `=:,"' `, and before the end or one of `/:,"' `.
fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut done = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, others)) = rest.split_first() {
        let starts = done.last().is_none_or(|before| b"=:,\"' ".contains(before));
        match rest.strip_prefix(from) {
            Some(after) if starts && after.first().is_none_or(|next| b"/:,\"' ".contains(next)) => {
                done.extend_from_slice(to);
                rest = after;
            }
            _ => {
                done.push(first);
                rest = others;
            }
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_replaced_as_a_whole_only() {
        let moved = |text: &str| String::from_utf8(replace(text.as_bytes(), b"/w", b"/copy")).unwrap();
        assert_eq!(moved("/w"), "/copy");
        assert_eq!(moved("--root=/w/a:/w"), "--root=/copy/a:/copy");
        assert_eq!(moved("/work/w /x/w"), "/work/w /x/w");
    }
}
