//! Looks at a whole workspace, or at one folder of it.
//!
//! What git would track, plus what it tracks although it is ignored, plus what is untracked and not ignored; never the
//! inside of a version control system, never what holds secrets. What stays for another reason than being ignored is told.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bodkin_text::Layer;

use crate::entry::Leaf;
use crate::ignores::{Ignores, ignores};
use crate::look::{Seen, Trust, look};
use crate::manifest::{Folder, Manifest, Node};
use crate::path::{FilePath, is_name, join, to_bytes};
use crate::rules::{Judged, Rules, Why, judge};
use crate::state::State;

/// What is told of paths: what stays and why, and what travels otherwise than it looks.
pub type Told = BTreeMap<FilePath, Why>;

/// A workspace as it was found.
#[derive(Clone)]
pub struct Scanned {
    /// What travels.
    pub state: State,
    /// What is told; [`Why::travels`] says of each whether it travels all the same.
    pub told: Arc<Told>,
}

impl Scanned {
    /// The files.
    pub fn manifest(&self) -> &Manifest {
        self.state.manifest()
    }

    /// What stays here and why.
    pub fn left_out(&self) -> impl Iterator<Item = (&FilePath, &Why)> {
        self.told.iter().filter(|(_, why)| !why.travels())
    }
}

/// Looks at the workspace in `root`. `known` is what was found last time: files whose times have not changed are not
/// read again.
pub fn scan(root: &Path, rules: &Rules, known: Option<&Manifest>) -> io::Result<Scanned> {
    let root = std::fs::canonicalize(root)?;
    std::fs::read_dir(&root)?;
    let empty = Manifest::empty();
    let mut eye = Eye { root, rules: rules.clone(), ignores: Arc::new(Ignores::default()) };
    let (manifest, told) = eye.all(known.unwrap_or(&empty), &mut |_| {});
    let state = State { root: eye.root, manifest, layer: Arc::new(Layer::empty()), ignores: eye.ignores };
    Ok(Scanned { state, told: Arc::new(told) })
}

/// What looks: at everything, at a folder, at some files.
pub(crate) struct Eye {
    pub(crate) root: PathBuf,
    pub(crate) rules: Rules,
    pub(crate) ignores: Arc<Ignores>,
}

/// What a walk found, not looked at yet.
#[derive(Default)]
struct Walked {
    folders: Vec<FilePath>,
    files: Vec<FilePath>,
    told: Told,
}

/// Told of each folder before it is read; `None` is the root.
pub(crate) type Enter<'e> = &'e mut dyn FnMut(Option<&FilePath>);

impl Eye {
    /// Reads the ignore files anew, and everything.
    pub(crate) fn all(&mut self, known: &Manifest, enter: Enter<'_>) -> (Manifest, Told) {
        self.ignores = Arc::new(Ignores::new(&self.root, &self.rules));
        let mut walked = self.walk(None, enter);
        let tracked = self.tracked(&walked.files);
        if !tracked.is_empty() {
            walked.files.extend(tracked.iter().cloned());
            let mut ignores = Ignores::new(&self.root, &self.rules);
            ignores.set_tracked(tracked);
            self.ignores = Arc::new(ignores);
        }
        let mut manifest = Manifest::empty();
        let told = self.take(walked, known, &mut manifest);
        (manifest, told)
    }

    /// Reads one folder and all below it into the manifest, in place of what it says of it.
    pub(crate) fn folder(&self, at: &FilePath, manifest: &mut Manifest, enter: Enter<'_>) -> Told {
        let known = manifest.clone();
        let mut walked = self.walk(Some(at), enter);
        walked.files.extend(self.ignores.tracked().iter().filter(|it| it.is_within(at)).cloned());
        manifest.put(at, Node::Folder(Arc::default()));
        self.take(walked, &known, manifest)
    }

    fn take(&self, walked: Walked, known: &Manifest, manifest: &mut Manifest) -> Told {
        let mut told = walked.told;
        for folder in walked.folders {
            manifest.put(&folder, Node::Folder(Arc::new(Folder::default())));
        }
        for (path, seen) in self.look_at(walked.files, known, Trust::Times) {
            match seen {
                Seen::Leaf(leaf, why) => {
                    manifest.put(&path, Node::Leaf(leaf));
                    told.extend(why.map(|why| (path, why)));
                }
                Seen::Stays(why) => drop(told.insert(path, why)),
                Seen::Nothing | Seen::Folder => {}
            }
        }
        told
    }

    /// Files that are ignored and tracked all the same.
    fn tracked(&self, found: &[FilePath]) -> BTreeSet<FilePath> {
        let Some(git) = &self.ignores.git else { return BTreeSet::new() };
        let found: std::collections::HashSet<&FilePath> = found.iter().collect();
        let mut tracked = git.tracked(&self.root);
        tracked.retain(|it| !found.contains(it) && judge(it) == Judged::Fine);
        let is_file = |it: &FilePath| {
            let about = std::fs::symlink_metadata(self.root.join(it.to_path()));
            about.is_ok_and(|it| it.is_file() || it.is_symlink())
        };
        // A path through a link is no file of the workspace.
        let is_inside = |it: &FilePath| {
            it.parent().is_none_or(|it| it.ancestors().all(|it| self.root.join(it.to_path()).is_dir_itself()))
        };
        tracked.into_iter().filter(|it| is_inside(it) && is_file(it)).collect()
    }

    fn walk(&self, at: Option<&FilePath>, enter: Enter<'_>) -> Walked {
        let mut walked = Walked::default();
        let mut left: Vec<Option<FilePath>> = vec![at.cloned()];
        while let Some(folder) = left.pop() {
            enter(folder.as_ref());
            let below = self.read_folder(folder.as_ref(), &mut walked);
            left.extend(below.iter().cloned().map(Some));
            walked.folders.extend(below);
        }
        walked
    }

    /// Reads one folder; gives the folders in it that are to be entered.
    fn read_folder(&self, folder: Option<&FilePath>, walked: &mut Walked) -> Vec<FilePath> {
        let full = folder.map_or_else(|| self.root.clone(), |it| self.root.join(it.to_path()));
        let mut below = Vec::new();
        let entries = match std::fs::read_dir(&full) {
            Ok(entries) => entries,
            Err(error) => {
                let gone = error.kind() == io::ErrorKind::NotFound;
                if let (Some(folder), false) = (folder, gone) {
                    walked.told.insert(folder.clone(), Why::Unreadable(error.to_string()));
                }
                return below;
            }
        };
        let chain = self.ignores.chain(folder);
        for entry in entries.flatten() {
            let name = to_bytes(Path::new(&entry.file_name()));
            let Ok(path) = join(folder, &name) else {
                if let (Some(folder), true) = (folder, is_name(&name)) {
                    walked.told.insert(folder.clone(), Why::TooDeep);
                }
                continue;
            };
            let is_folder = entry.file_type().is_ok_and(|it| it.is_dir());
            if ignores(&chain, &entry.path(), is_folder) {
                continue;
            }
            match judge(&path) {
                Judged::Fine if is_folder => below.push(path),
                Judged::Fine => walked.files.push(path),
                Judged::Unspoken => {}
                Judged::Stays(why) => drop(walked.told.insert(path, why)),
            }
        }
        below
    }

    /// Looks at files, on all cores where there are many.
    pub(crate) fn look_at(
        &self,
        paths: Vec<FilePath>,
        known: &Manifest,
        trust: Trust,
    ) -> Vec<(FilePath, Seen)> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
        let one = |path: &FilePath| {
            let known: Option<&Leaf> = known.leaf(path);
            look(&self.root.join(path.to_path()), path, known, trust, &self.rules)
        };
        if cores == 1 || paths.len() < MANY {
            return paths
                .into_iter()
                .map(|path| (one(&path), path))
                .map(|(seen, path)| (path, seen))
                .collect();
        }
        let next = AtomicUsize::new(0);
        let work = || {
            let mut seen = Vec::new();
            loop {
                let from = next.fetch_add(MANY, Ordering::Relaxed);
                let Some(some) = paths.get(from..paths.len().min(from + MANY)).filter(|it| !it.is_empty())
                else {
                    return seen;
                };
                seen.extend(some.iter().map(|path| (path.clone(), one(path))));
            }
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..cores).map(|_| scope.spawn(work)).collect();
            let mut seen = work();
            for other in others {
                seen.extend(other.join().unwrap_or_default());
            }
            seen
        })
    }
}

/// From so many files on, more than one thread looks.
const MANY: usize = 64;

trait DirItself {
    /// Whether it is a folder and no link to one.
    fn is_dir_itself(&self) -> bool;
}

impl DirItself for PathBuf {
    fn is_dir_itself(&self) -> bool {
        std::fs::symlink_metadata(self).is_ok_and(|it| it.is_dir())
    }
}
