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
    folder(folders).or_else(|| place(&parts)).or_else(|| file(name))
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
    (".githooks", Why::RunsOutside),
    (".husky", Why::RunsOutside),
    (".vscode", Why::RunsOutside),
    (".idea", Why::RunsOutside),
    (".devcontainer", Why::RunsOutside),
];

fn folder(folders: &[String]) -> Option<Why> {
    folders.iter().find_map(|part| FOLDERS.iter().find(|(name, _)| part == name)).map(|(_, why)| *why)
}

/// Places that are sensitive by two parts of the path together.
fn place(parts: &[String]) -> Option<Why> {
    parts.windows(2).find_map(|pair| match pair {
        [folder, below] if folder == ".github" && below == "workflows" => Some(Why::RunsOutside),
        [folder, below] if folder == ".docker" && below == "config.json" => Some(Why::Secret),
        _ => None,
    })
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
    ("credentials", Why::Secret),
    (".envrc", Why::RunsOutside),
    (".mcp.json", Why::RunsOutside),
];

/// Ends of names of files that hold private keys.
const KEY_FILES: &[&str] = &[".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".kdbx", ".ppk"];

/// Beginnings of names of private keys; their public halves end in `.pub`.
const KEY_NAMES: &[&str] = &["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"];

/// Ends of `.env` files that are meant to be shared.
const ENV_SAMPLES: &[&str] = &[".example", ".sample", ".template", ".dist"];

fn file(name: &str) -> Option<Why> {
    if let Some((_, why)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(*why);
    }
    let begins = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    let env = name == ".env" || begins(&[".env.", ".env-", ".env_"]) || ends(&[".env"]);
    let key = ends(KEY_FILES) || (begins(KEY_NAMES) && !ends(&[".pub"]));
    ((env && !ends(ENV_SAMPLES)) || key).then_some(Why::Secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Option<Why> {
        why(&RelPath::new(path).unwrap())
    }

    #[test]
    fn files_that_hold_secrets_or_power_are_known_wherever_they_stand() {
        for (path, expected) in [
            (".git/hooks/pre-commit", Why::VersionControl),
            ("vendor/lib/.git", Why::VersionControl),
            (".env", Why::Secret),
            ("app/.env.local", Why::Secret),
            ("prod.env", Why::Secret),
            ("certs/server.key", Why::Secret),
            ("home/.ssh/config", Why::Secret),
            ("backup/id_ed25519_work", Why::Secret),
            (".aws/credentials", Why::Secret),
            (".docker/config.json", Why::Secret),
            (".envrc", Why::RunsOutside),
            (".vscode/tasks.json", Why::RunsOutside),
            (".github/workflows/ci.yml", Why::RunsOutside),
            (".bodkin/settings.toml", Why::Bodkin),
        ] {
            assert_eq!(of(path), Some(expected), "{path}");
        }
    }

    #[test]
    fn everyday_files_are_not() {
        for path in [
            "src/main.py",
            ".gitignore",
            ".github/CODEOWNERS",
            ".env.example",
            "src/env.py",
            "src/environment.ts",
            "id_ed25519.pub",
            "src/credentials/mod.rs",
            "keys.py",
            "src/git/hooks.rs",
            ".docker/Dockerfile",
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }

    /// These name `.git/config` on Windows or macOS.
    #[test]
    fn another_spelling_for_the_same_file_is_the_same_file() {
        for path in [
            ".GIT/config",
            ".git./config",
            ".git /config",
            "git~1/config",
            ".g\u{200c}it/config",
            ".git::$INDEX_ALLOCATION/config",
        ] {
            assert_eq!(of(path), Some(Why::VersionControl), "{path:?}");
        }
    }
}
