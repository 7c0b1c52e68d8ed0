//! Sees through pyenv's shims: slow shell scripts that need all of pyenv and its settings.
//!
//! Follows pyenv's own order: PYENV_VERSION, `.python-version` from the workspace upwards, `version` of its root.
#![expect(clippy::disallowed_methods, reason = "reads pyenv's version files")]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::options::LocalOptions;

/// A folder of the PATH as it is, or, for pyenv's shims, the programs of the versions in force.
pub(super) fn resolve(folder: PathBuf, options: &LocalOptions, workspace: &Path) -> Vec<PathBuf> {
    let named = options.env.get("PYENV_ROOT").map(PathBuf::from);
    let Some(root) = named.or_else(|| Some(options.home.as_ref()?.join(".pyenv"))) else {
        return vec![folder];
    };
    if folder.file_name() != Some(OsStr::new("shims")) || !folder.starts_with(&root) {
        return vec![folder];
    }
    if folder != root.join("shims") {
        return Vec::new(); // a plug-in's shims work only within a login shell
    }
    let wanted = options.env.get("PYENV_VERSION").and_then(|it| it.to_str().map(str::to_owned));
    let text = wanted
        .or_else(|| {
            workspace.ancestors().find_map(|above| fs::read_to_string(above.join(".python-version")).ok())
        })
        .or_else(|| fs::read_to_string(root.join("version")).ok())
        .unwrap_or_default();
    versions(&text).filter_map(|name| programs(&root, name)).collect()
}

/// Names in a version file: one a line or separated by colons, `#` begins a comment.
fn versions(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or(line));
    lines.flat_map(|line| line.split([':', ' ', '\t'])).map(str::trim).filter(|name| is_name(name))
}

/// The file may be a stranger's: no part of it may lead elsewhere.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name != ".." && !name.contains('/')
}

/// The folder of programs of a version, or of the newest whose name begins like it (`3.11`).
fn programs(root: &Path, name: &str) -> Option<PathBuf> {
    let versions = root.join("versions");
    let exact = versions.join(name).join("bin");
    if exact.is_dir() {
        return Some(exact);
    }
    let prefix = format!("{}.", name.strip_prefix("python-").unwrap_or(name));
    let names = versions
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok());
    let newest = names.filter(|it| it.starts_with(&prefix)).max_by_key(|it| numbers(it))?;
    Some(versions.join(newest).join("bin")).filter(|bin| bin.is_dir())
}

fn numbers(name: &str) -> Vec<u32> {
    name.split('.').filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene(project_version: Option<&str>, variable: Option<&str>) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join(".pyenv");
        for version in ["3.9.2", "3.11.7", "3.11.12"] {
            fs::create_dir_all(root.join("versions").join(version).join("bin")).unwrap();
        }
        fs::write(root.join("version"), "3.9.2\n").unwrap();
        let workspace = folder.path().join("project/sub");
        fs::create_dir_all(&workspace).unwrap();
        if let Some(text) = project_version {
            fs::write(folder.path().join("project/.python-version"), text).unwrap();
        }
        let mut options = LocalOptions { home: Some(folder.path().to_path_buf()), ..LocalOptions::default() };
        if let Some(variable) = variable {
            options.env.insert("PYENV_VERSION".to_owned(), variable.into());
        }
        let found = resolve(root.join("shims"), &options, &workspace);
        found
            .iter()
            .map(|bin| bin.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn the_version_in_force_is_the_variables_then_the_projects_then_the_users() {
        assert_eq!(scene(None, None), ["3.9.2"]);
        assert_eq!(scene(Some("3.11.7 # why\n"), None), ["3.11.7"]);
        assert_eq!(scene(Some("3.11.7"), Some("3.9.2")), ["3.9.2"]);
    }

    #[test]
    fn the_beginning_of_a_version_means_its_newest() {
        assert_eq!(scene(Some("3.11"), None), ["3.11.12"]);
    }

    #[test]
    fn several_versions_keep_their_order_and_unknown_ones_are_left_out() {
        assert_eq!(scene(Some("3.11.7\nsystem\n../../etc\n3.9.2\n"), None), ["3.11.7", "3.9.2"]);
    }

    #[test]
    fn other_folders_of_the_path_stay_as_they_are() {
        let folder = PathBuf::from("/usr/bin");
        assert_eq!(resolve(folder.clone(), &LocalOptions::default(), Path::new("/w")), [folder]);
    }
}
