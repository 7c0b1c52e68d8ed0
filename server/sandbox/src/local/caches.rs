//! Layers over tools' caches that are kept from one run to the next: one set for each workspace, by the user's wish.
//!
//! What a run wrote into a cache is seen by later runs over the same workspace and by nobody else, never outside.
//! One run at a time has them; another that starts meanwhile gets layers that are thrown away, as without the wish.
#![expect(clippy::disallowed_methods, reason = "the scratch folder belongs to the sandbox")]

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use bodkin_text::ContentHash;

use super::scratch;
use super::wire::{Place, Raw, What};

/// The layers of one workspace, ours until dropped.
#[derive(Debug)]
pub(super) struct Layers {
    folder: PathBuf,
    _lock: File,
}

impl Layers {
    /// Takes the layers of `workspace` below the folder `scratch`; `None` where another run has them.
    pub(super) fn take(scratch: &Path, workspace: &Path) -> io::Result<Option<Self>> {
        let folder = scratch.join("caches").join(name_of(workspace));
        fs::create_dir_all(&folder)?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        let lock = File::options().create(true).truncate(false).write(true).open(folder.join("lock"))?;
        Ok(lock.try_lock().is_ok().then_some(Self { folder, _lock: lock }))
    }

    /// Folders for the layers over the caches among `places`, by place; made where there are none.
    pub(super) fn over(&self, places: &[Place]) -> io::Result<Vec<(Raw, Raw)>> {
        let caches = places.iter().filter_map(|place| match &place.what {
            What::Private(cache) => Some((place, cache)),
            What::ReadOnly(_)
            | What::Device(_)
            | What::Link(_)
            | What::Text(_)
            | What::Fresh(_)
            | What::Workspace
            | What::Processes
            | What::Terminals
            | What::Support => None,
        });
        caches
            .map(|(place, cache)| {
                let layer = self.folder.join(name_of(cache.path()));
                let work = layer.join("work");
                if work.exists() {
                    scratch::remove(&work)?; // an overlay does not take one that was used
                }
                for folder in [&layer, &layer.join("upper"), &work] {
                    fs::create_dir_all(folder)?;
                    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
                }
                Ok((place.at.clone(), Raw::from(layer)))
            })
            .collect()
    }
}

/// A name that every path has for itself.
fn name_of(path: &Path) -> String {
    let hash = ContentHash::of(path.as_os_str().as_encoded_bytes()).to_string();
    hash.chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_never_have_the_same_layers_and_two_workspaces_never_share_them() {
        let scratch = tempfile::tempdir().unwrap();
        let take = |workspace: &str| Layers::take(scratch.path(), Path::new(workspace)).unwrap();
        let first = take("/a").unwrap();
        assert!(take("/a").is_none());
        assert_ne!(take("/b").unwrap().folder, first.folder);
        drop(first);
        assert!(take("/a").is_some());
    }
}
