//! Looks at what changed, and makes the manifest say it.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use super::{Dirty, Inner};
use crate::ignores::Ignores;
use crate::look::{Seen, Trust};
use crate::manifest::Node;
use crate::path::FilePath;
use crate::rules::{Judged, Why, judge};
use crate::scan::Told;

/// How often changes that come while others are looked at are followed at once.
const ROUNDS: u32 = 4;

impl Inner {
    /// Comes to where nothing is known to have changed. Fails when the workspace itself is gone.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        self.news = false;
        if self.watch.is_err() {
            self.dirty.all = true;
        }
        for _ in 0..ROUNDS {
            self.gather();
            let dirty = std::mem::take(&mut self.dirty);
            if dirty.is_empty() {
                return Ok(());
            }
            if dirty.all {
                self.everything()?;
            } else {
                self.some(dirty);
            }
            if self.watch.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn everything(&mut self) -> io::Result<()> {
        if let Err(error) = std::fs::read_dir(&self.eye.root) {
            self.dirty.all = true;
            return Err(error);
        }
        let watch = &mut self.watch;
        let mut failed = None;
        let (manifest, told) = self.eye.all(&self.manifest, &mut |folder| {
            if let Ok(watch) = watch.as_mut()
                && let Err(why) = watch.add(folder)
            {
                failed = Some(why);
            }
        });
        (self.manifest, self.told) = (manifest, Arc::new(told));
        match (failed, &mut self.watch) {
            (Some(why), watch) => *watch = Err(why),
            (None, Ok(watch)) => {
                let folders: BTreeSet<FilePath> = self.manifest.folders().into_iter().collect();
                let ways = self.eye.ignores.tracked().iter().filter_map(FilePath::parent);
                for folder in ways.collect::<BTreeSet<_>>() {
                    // Where it can not be watched, what is tracked there is seen at the next look at everything.
                    let _ = watch.add(Some(&folder));
                }
                watch.retain(|it| folders.contains(it));
                if let Some(git) = &self.eye.ignores.git {
                    watch.add_git(git);
                }
            }
            (None, Err(_)) => {}
        }
        Ok(())
    }

    fn some(&mut self, dirty: Dirty) {
        let Dirty { mut paths, folders, index, .. } = dirty;
        if folders.iter().any(|it| paths.contains(&ignore_file(it))) {
            let mut ignores = Ignores::new(&self.eye.root, &self.eye.rules);
            ignores.set_tracked(self.eye.ignores.tracked().clone());
            self.eye.ignores = Arc::new(ignores);
        }
        if index {
            paths.extend(self.tracked_anew());
        }
        for folder in &folders {
            let hidden = self.eye.ignores.hides(folder, true) || judge(folder) != Judged::Fine;
            match self.manifest.node(folder) {
                Some(Node::Folder(_)) if !hidden => self.read_folder(folder),
                Some(_) | None => drop(paths.insert(folder.clone())),
            }
        }
        let mut files = Vec::new();
        for path in paths {
            self.sort_out(path, &mut files);
        }
        for (path, seen) in self.eye.look_at(files, &self.manifest, Trust::Nothing) {
            self.take(path, seen);
        }
    }

    /// What is gone or stays is forgotten, a new folder is read; files are to be looked at.
    fn sort_out(&mut self, path: FilePath, files: &mut Vec<FilePath>) {
        let full = self.eye.root.join(path.to_path());
        let Ok(about) = std::fs::symlink_metadata(&full) else { return self.forget(&path) };
        match judge(&path) {
            Judged::Fine => {}
            Judged::Unspoken => return,
            Judged::Stays(why) => {
                self.forget(&path);
                return self.tell(path, why);
            }
        }
        if self.eye.ignores.hides(&path, about.is_dir()) {
            return self.forget(&path);
        }
        if !about.is_dir() {
            files.push(path);
        } else if !self.watch.as_ref().is_ok_and(|it| it.has(&path)) || self.manifest.node(&path).is_none() {
            self.read_folder(&path);
        }
    }

    fn take(&mut self, path: FilePath, seen: Seen) {
        match seen {
            Seen::Nothing => self.forget(&path),
            Seen::Folder => drop(self.dirty.paths.insert(path)),
            Seen::Leaf(leaf, why) => {
                if self.told.contains_key(&path) {
                    Arc::make_mut(&mut self.told).remove(&path);
                }
                self.manifest.put(&path, Node::Leaf(leaf));
                if let Some(why) = why {
                    self.tell(path, why);
                }
            }
            Seen::Stays(why) => {
                self.forget(&path);
                self.tell(path, why);
            }
        }
    }

    fn forget(&mut self, path: &FilePath) {
        if let Some(Node::Folder(_)) = self.manifest.remove(path)
            && let Ok(watch) = &mut self.watch
        {
            watch.forget(path);
        }
        self.untell(path);
    }

    fn tell(&mut self, path: FilePath, why: Why) {
        Arc::make_mut(&mut self.told).insert(path, why);
    }

    /// Takes back what was told of a path and of all below.
    fn untell(&mut self, path: &FilePath) {
        let below = |told: &Told| told.keys().filter(|it| it.is_within(path)).cloned().collect::<Vec<_>>();
        for path in below(&self.told) {
            Arc::make_mut(&mut self.told).remove(&path);
        }
    }

    fn read_folder(&mut self, path: &FilePath) {
        self.untell(path);
        let (watch, mut failed) = (&mut self.watch, None);
        let told = self.eye.folder(path, &mut self.manifest, &mut |folder| {
            if let Ok(watch) = watch.as_mut()
                && let Err(why) = watch.add(folder)
            {
                failed = Some(why);
            }
        });
        if !told.is_empty() {
            Arc::make_mut(&mut self.told).extend(told);
        }
        if let Some(why) = failed {
            self.watch = Err(why);
        }
    }

    /// Files that came to be tracked although they are ignored, or are so no longer.
    fn tracked_anew(&mut self) -> Vec<FilePath> {
        let Some(git) = &self.eye.ignores.git else { return Vec::new() };
        let before = self.eye.ignores.tracked();
        let is_new = |it: &FilePath| self.manifest.node(it).is_none() && judge(it) == Judged::Fine;
        let listed = git.tracked(&self.eye.root);
        let kept = |it: &&FilePath| before.contains(*it) || is_new(it);
        let after: BTreeSet<FilePath> = listed.iter().filter(kept).cloned().collect();
        if after == *before {
            return Vec::new();
        }
        let changed = before.symmetric_difference(&after).cloned().collect();
        let mut ignores = Ignores::new(&self.eye.root, &self.eye.rules);
        ignores.set_tracked(after);
        self.eye.ignores = Arc::new(ignores);
        changed
    }
}

fn ignore_file(folder: &FilePath) -> FilePath {
    // A name too long to have an ignore file in it has none.
    folder.join(b".gitignore").unwrap_or_else(|_| folder.clone())
}
