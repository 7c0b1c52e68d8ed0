//! What version control ignores: one answer for the walk over everything and for a single file.
#![expect(clippy::disallowed_methods, reason = "ignore files are read from the disk")]

mod git;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::path::FilePath;
use crate::rules::Rules;

pub(crate) use git::GitFolders;

/// An ignore file beyond this is not one, bytes.
const MOST: u64 = 1 << 20;

/// The ignore files of a workspace, each read when it is first needed.
#[derive(Default)]
pub(crate) struct Ignores {
    root: PathBuf,
    chains: Mutex<HashMap<Option<FilePath>, Chain>>,
    /// What comes before any of the workspace's own.
    outer: Chain,
    /// Files that are ignored and tracked all the same.
    tracked: BTreeSet<FilePath>,
    pub(crate) git: Option<GitFolders>,
}

/// The ignore files that count in one folder, the strongest first.
pub(crate) type Chain = Option<Arc<Link>>;

/// One ignore file, and those that count where it says nothing.
pub(crate) struct Link {
    own: Gitignore,
    weaker: Chain,
}

impl Ignores {
    pub(crate) fn new(root: &Path, rules: &Rules) -> Self {
        let mut outer = None;
        let mut add = |own: Option<Gitignore>| {
            if let Some(own) = own.filter(|it| !it.is_empty()) {
                outer = Some(Arc::new(Link { own, weaker: outer.take() }));
            }
        };
        if rules.global_ignore {
            add(Some(Gitignore::global().0));
        }
        let git = GitFolders::of(root);
        if let Some(git) = &git {
            add(read(&git.top, &git.common.join("info").join("exclude")));
            let above: Vec<&Path> =
                root.ancestors().skip(1).take_while(|it| it.starts_with(&git.top)).collect();
            for folder in above.iter().rev() {
                add(read(folder, &folder.join(".gitignore")));
            }
        }
        Self { root: root.to_owned(), chains: Mutex::default(), outer, tracked: BTreeSet::new(), git }
    }

    /// The ignore files that count for what lies in a folder; `None` is the root.
    pub(crate) fn chain(&self, folder: Option<&FilePath>) -> Chain {
        let known = self.chains.lock().unwrap_or_else(PoisonError::into_inner).get(&folder.cloned()).cloned();
        known.unwrap_or_else(|| {
            let above = match folder {
                Some(folder) => self.chain(folder.parent().as_ref()),
                None => self.outer.clone(),
            };
            let at = folder.map_or_else(|| self.root.clone(), |it| self.root.join(it.to_path()));
            let chain = match read(&at, &at.join(".gitignore")) {
                Some(own) => Some(Arc::new(Link { own, weaker: above })),
                None => above,
            };
            let mut chains = self.chains.lock().unwrap_or_else(PoisonError::into_inner);
            chains.insert(folder.cloned(), chain.clone());
            chain
        })
    }

    /// Whether it is ignored, or one of the folders above it is.
    pub(crate) fn hides(&self, path: &FilePath, is_folder: bool) -> bool {
        if self.tracked.contains(path) {
            return false;
        }
        let depth = path.parts().count();
        path.ancestors().enumerate().any(|(at, it)| {
            let chain = self.chain(it.parent().as_ref());
            ignores(&chain, &self.root.join(it.to_path()), is_folder || at + 1 < depth)
        })
    }

    /// Files that are ignored and tracked all the same.
    pub(crate) fn tracked(&self) -> &BTreeSet<FilePath> {
        &self.tracked
    }

    /// Says which those are.
    pub(crate) fn set_tracked(&mut self, tracked: BTreeSet<FilePath>) {
        self.tracked = tracked;
    }
}

/// Whether what stands at `full` is ignored by itself; the folders above it are not asked.
pub(crate) fn ignores(chain: &Chain, full: &Path, is_folder: bool) -> bool {
    let mut link = chain.as_ref();
    while let Some(it) = link {
        match it.own.matched(full, is_folder) {
            Match::Ignore(_) => return true,
            Match::Whitelist(_) => return false,
            Match::None => link = it.weaker.as_ref(),
        }
    }
    false
}

/// Reads an ignore file whose patterns count below `folder`. Never through a link, and never a FIFO.
fn read(folder: &Path, file: &Path) -> Option<Gitignore> {
    let about = std::fs::symlink_metadata(file).ok()?;
    if !about.is_file() || about.len() > MOST {
        return None;
    }
    let text = std::fs::read(file).ok()?;
    let mut builder = GitignoreBuilder::new(folder);
    for line in String::from_utf8_lossy(&text).lines() {
        // A pattern that can not be read matches nothing, as in git.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok()
}
