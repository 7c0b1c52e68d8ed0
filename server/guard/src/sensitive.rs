//! Files that are not written without a consent that names them.

use std::fmt;

use bodkin_text::RelPath;

/// Why a file is a sensitive one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It holds, or usually holds, a secret.
    Secret,
    /// It is the inside of a version control system.
    VersionControl,
    /// What stands in it runs on this machine or with the project's rights, outside any sandbox.
    RunsOutside,
    /// It tells Bodkin what it may do.
    Bodkin,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret => "such files hold secrets",
            Self::VersionControl => "it belongs to the version control system",
            Self::RunsOutside => "what stands in it runs outside the sandbox",
            Self::Bodkin => "it tells Bodkin what it may do",
        })
    }
}

/// Why a file is a sensitive one; `None` if it is not.
pub fn why(path: &RelPath) -> Option<Why> {
    let parts: Vec<String> = path.parts().map(fold).collect();
    let (name, folders) = parts.split_last()?;
    folder(folders).or_else(|| file(name))
}

/// One part as the most forgiving file system sees it: case, trailing dots and spaces, a stream's name after `:`
/// (Windows), and characters without width (macOS) make no difference.
fn fold(part: &str) -> String {
    let visible: String = part.chars().filter(|c| !is_ignorable(*c)).flat_map(char::to_lowercase).collect();
    let visible = visible.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']).to_owned();
    if visible == "git~1" { ".git".to_owned() } else { visible }
}

fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
}

/// Folders in which everything is sensitive, wherever they stand.
const FOLDERS: &[(&str, Why)] = &[
    (".git", Why::VersionControl),
    (".hg", Why::VersionControl),
    (".svn", Why::VersionControl),
    (".jj", Why::VersionControl),
    (".bodkin", Why::Bodkin),
    (".ssh", Why::Secret),
    (".gnupg", Why::Secret),
    (".aws", Why::Secret),
    (".azure", Why::Secret),
    (".kube", Why::Secret),
    (".docker", Why::Secret),
    (".githooks", Why::RunsOutside),
    (".husky", Why::RunsOutside),
    (".vscode", Why::RunsOutside),
    (".idea", Why::RunsOutside),
    (".devcontainer", Why::RunsOutside),
];

fn folder(folders: &[String]) -> Option<Why> {
    let workflows = folders.windows(2).any(|pair| pair == [".github", "workflows"]);
    let known = folders.iter().find_map(|part| FOLDERS.iter().find(|(name, _)| part == name));
    known.map(|(_, why)| *why).or(workflows.then_some(Why::RunsOutside))
}

/// Names of files that are sensitive wherever they stand.
const NAMES: &[(&str, Why)] = &[
    // A work tree or submodule has a file in place of the folder.
    (".git", Why::VersionControl),
    (".gitmodules", Why::VersionControl),
    (".gitattributes", Why::VersionControl),
    (".gitconfig", Why::VersionControl),
    (".git-credentials", Why::Secret),
    (".netrc", Why::Secret),
    ("_netrc", Why::Secret),
    (".npmrc", Why::Secret),
    (".pypirc", Why::Secret),
    (".pgpass", Why::Secret),
    (".htpasswd", Why::Secret),
    ("id_rsa", Why::Secret),
    ("id_dsa", Why::Secret),
    ("id_ecdsa", Why::Secret),
    ("id_ed25519", Why::Secret),
    ("credentials", Why::Secret),
    (".envrc", Why::RunsOutside),
    (".mcp.json", Why::RunsOutside),
];

/// Ends of names of files that hold private keys.
const KEY_FILES: &[&str] = &[".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk"];

/// Ends of `.env` files that are meant to be shared.
const ENV_SAMPLES: &[&str] = &[".example", ".sample", ".template", ".dist"];

fn file(name: &str) -> Option<Why> {
    if let Some((_, why)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(*why);
    }
    let env =
        name == ".env" || name.starts_with(".env.") || name.starts_with(".env-") || name.starts_with(".env_");
    let sample = ENV_SAMPLES.iter().any(|end| name.ends_with(end));
    let key = KEY_FILES.iter().any(|end| name.ends_with(end));
    ((env && !sample) || key).then_some(Why::Secret)
}
