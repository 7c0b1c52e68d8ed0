//! What never travels, whatever version control says, and why.

use std::fmt;

use bodkin_guard::sensitive;

use crate::path::FilePath;

/// What is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Larger files are left out and told, bytes.
    pub max_file_bytes: u64,
    /// Whether the user's own ignore file (git's `core.excludesFile`) counts, as it does for git.
    pub global_ignore: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { max_file_bytes: 256 << 20, global_ignore: true }
    }
}

/// Why something is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It holds, or usually holds, a secret.
    Secret,
    /// It has more bytes than the limit.
    TooLarge(u64),
    /// A FIFO, a socket or a device.
    Special(&'static str),
    /// It can not be read.
    Unreadable(String),
    /// Its path is longer or deeper than what travels.
    TooDeep,
    /// A link to outside of the workspace: it travels as text, and leads to something else there, or to nothing.
    LeadsOut(String),
    /// It was written again each time it was read; what was read last counts.
    Changing,
}

impl Why {
    /// Whether the thing travels all the same.
    pub fn travels(&self) -> bool {
        match self {
            Self::LeadsOut(_) | Self::Changing => true,
            Self::Secret | Self::TooLarge(_) | Self::Special(_) | Self::Unreadable(_) | Self::TooDeep => {
                false
            }
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret => f.write_str("such files hold secrets"),
            Self::TooLarge(bytes) => write!(f, "its {bytes} bytes are beyond the limit"),
            Self::Special(kind) => write!(f, "it is a {kind}"),
            Self::Unreadable(why) => write!(f, "it can not be read: {why}"),
            Self::TooDeep => f.write_str("its path is too deep or too long"),
            Self::LeadsOut(target) => {
                write!(f, "it leads out of the workspace, to `{target}`; only that text travels")
            }
            Self::Changing => f.write_str("it changes while it is read"),
        }
    }
}

/// What a path says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Judged {
    /// It may travel.
    Fine,
    /// The inside of a version control system: never meant, and not worth a word.
    Unspoken,
    /// It stays, and that is told.
    Stays(Why),
}

/// Files of version control that are part of the project and hold no secret.
const SHARED: &[&[u8]] = &[b".gitattributes", b".gitmodules"];

/// Judges by the path alone.
pub(crate) fn judge(path: &FilePath) -> Judged {
    let text =
        path.to_rel().or_else(|| bodkin_text::RelPath::new(&String::from_utf8_lossy(path.as_bytes())).ok());
    let Some(text) = text else { return Judged::Fine };
    // A folder is judged by what would lie in it.
    let why = sensitive::why(&text).or_else(|| inside(&text));
    match why {
        Some(sensitive::Why::Secret) => Judged::Stays(Why::Secret),
        Some(sensitive::Why::VersionControl) if SHARED.contains(&path.name()) => Judged::Fine,
        Some(sensitive::Why::VersionControl) => Judged::Unspoken,
        // `.envrc` is read by a shell, and full of keys.
        Some(sensitive::Why::RunsOutside) if path.name() == b".envrc" => Judged::Stays(Why::Secret),
        Some(sensitive::Why::RunsOutside | sensitive::Why::Bodkin) | None => Judged::Fine,
    }
}

fn inside(folder: &bodkin_text::RelPath) -> Option<sensitive::Why> {
    let inside = sensitive::why(&folder.join("x").ok()?)?;
    matches!(inside, sensitive::Why::Secret | sensitive::Why::VersionControl).then_some(inside)
}

/// Whether a link at `path` with this target leads out of the workspace.
pub(crate) fn leads_out(path: &FilePath, target: &[u8]) -> bool {
    if target.first() == Some(&b'/') {
        return true;
    }
    let mut depth = path.parts().count().saturating_sub(1);
    for part in target.split(|it| *it == b'/') {
        match part {
            b"" | b"." => {}
            b".." if depth == 0 => return true,
            b".." => depth -= 1,
            _ => depth += 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> FilePath {
        FilePath::new(text.as_bytes()).unwrap()
    }

    #[test]
    fn secrets_stay_and_project_files_travel() {
        let stays = Judged::Stays(Why::Secret);
        for (text, expected) in [
            (".env", &stays),
            ("app/.env.local", &stays),
            (".envrc", &stays),
            (".ssh", &stays),
            ("deploy/server.key", &stays),
            (".git", &Judged::Unspoken),
            ("vendor/.git/config", &Judged::Unspoken),
            (".gitattributes", &Judged::Fine),
            (".gitignore", &Judged::Fine),
            (".vscode/settings.json", &Judged::Fine),
            (".env.example", &Judged::Fine),
            ("src/key.rs", &Judged::Fine),
        ] {
            assert_eq!(&judge(&path(text)), expected, "{text}");
        }
        let odd = FilePath::new(*b"\xff/.env").unwrap();
        assert_eq!(judge(&odd), stays);
    }

    #[test]
    fn a_link_leads_out_by_its_text() {
        for (at, target, expected) in [
            ("a", "b", false),
            ("a", "/etc/passwd", true),
            ("a", "../b", true),
            ("d/a", "../b", false),
            ("d/a", "x/../../../b", true),
            ("d/a", "./../c/d", false),
        ] {
            assert_eq!(leads_out(&path(at), target.as_bytes()), expected, "{at} -> {target}");
        }
    }
}
