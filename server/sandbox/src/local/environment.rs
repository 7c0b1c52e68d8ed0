//! The variables inside: a few fixed ones, where the tools are, and what the launch names.
#![expect(clippy::disallowed_methods, reason = "reads the user's name")]

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::wire::{Identity, Raw};
use crate::options::{LocalOptions, TOOLCHAIN_VARIABLES};

/// Paths that the fixed variables name.
pub(super) struct Ground {
    pub(super) path: OsString,
    pub(super) home: PathBuf,
    pub(super) tmp: PathBuf,
}

/// Every variable of the command, `NAME=value` each, ordered by name. Values of `named` win.
pub(super) fn variables(
    ground: &Ground,
    options: &LocalOptions,
    identity: Identity,
    is_seen: impl Fn(&Path) -> bool,
    named: &BTreeMap<String, String>,
) -> Vec<Raw> {
    let user = OsString::from(user(identity));
    let mut all: BTreeMap<&str, OsString> = BTreeMap::from([
        ("PATH", ground.path.clone()),
        ("HOME", ground.home.clone().into()),
        ("TMPDIR", ground.tmp.clone().into()),
        ("LANG", "C.UTF-8".into()),
        ("USER", user.clone()),
        ("LOGNAME", user),
        ("PYTHONDONTWRITEBYTECODE", "1".into()),
    ]);
    for (name, value) in options.env.iter().filter(|(name, value)| enters(name, value, &is_seen)) {
        all.insert(name, value.clone());
    }
    all.extend(named.iter().map(|(name, value)| (name.as_str(), value.into())));
    all.into_iter().map(|(name, value)| variable(name, &value)).collect()
}

fn variable(name: &str, value: &OsStr) -> Raw {
    let mut text = OsString::from(name);
    text.push("=");
    text.push(value);
    Raw::from(text)
}

/// A variable of the host enters if it says where a tool is, or which version of it: never free text.
fn enters(name: &str, value: &OsStr, is_seen: &impl Fn(&Path) -> bool) -> bool {
    if !TOOLCHAIN_VARIABLES.contains(&name) {
        return false;
    }
    match name {
        "PYENV_VERSION" | "RUSTUP_TOOLCHAIN" => {
            value.len() < 64
                && value.as_bytes().iter().all(|it| it.is_ascii_alphanumeric() || b".-_:".contains(it))
        }
        // These two are seen in part.
        "CARGO_HOME" | "GOPATH" => Path::new(value).is_absolute() && Path::new(value).is_dir(),
        _ => Path::new(value).is_absolute() && is_seen(Path::new(value)),
    }
}

/// The user's name, or number if nobody knows the name.
fn user(identity: Identity) -> String {
    let id = match identity {
        Identity::Own => rustix::process::geteuid().as_raw(),
        Identity::Other { user, .. } => user,
    };
    let id = id.to_string();
    let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = known.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    });
    name.unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(env: &[(&str, &str)], named: &[(&str, &str)]) -> Vec<String> {
        let options = LocalOptions {
            env: env.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect(),
            ..LocalOptions::default()
        };
        let named = named.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let ground = Ground { path: "/usr/bin".into(), home: "/h".into(), tmp: "/tmp".into() };
        let all = variables(&ground, &options, Identity::Own, |path| path == Path::new("/seen"), &named);
        all.iter()
            .map(|raw| raw.path().display().to_string())
            .filter(|it| !it.contains("USER") && !it.contains("LOGNAME"))
            .collect()
    }

    const FIXED: [&str; 5] =
        ["HOME=/h", "LANG=C.UTF-8", "PATH=/usr/bin", "PYTHONDONTWRITEBYTECODE=1", "TMPDIR=/tmp"];

    #[test]
    fn a_variable_of_the_host_enters_only_if_it_says_where_a_tool_is() {
        let host = [
            ("AWS_SECRET", "x"),
            ("JAVA_HOME", "a secret, not a path"),
            ("RUSTUP_TOOLCHAIN", "a b"),
            ("GOROOT", "/unseen"),
        ];
        assert_eq!(names(&host, &[]), FIXED);
        assert!(names(&[("GOROOT", "/seen")], &[]).contains(&"GOROOT=/seen".to_owned()));
        assert!(names(&[("PYENV_VERSION", "3.11.7")], &[]).contains(&"PYENV_VERSION=3.11.7".to_owned()));
    }

    #[test]
    fn what_the_launch_names_wins() {
        assert!(names(&[], &[("LANG", "de_DE")]).contains(&"LANG=de_DE".to_owned()));
    }
}
