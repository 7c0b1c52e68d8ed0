//! Files and folders of the workspace, looked up by name.

use std::sync::Arc;

use bodkin_text::RelPath;

use super::Tree;

/// Folders that hold other people's files, should they be listed.
const FOREIGN: [&str; 7] = ["node_modules", ".venv", "venv", "site-packages", ".tox", ".nox", ".git"];

/// Files longer than this are not scanned for imports: they are generated.
const LONGEST_SOURCE: usize = 512 * 1024;

/// The listed files in order, and their texts.
pub(super) struct Files<'a> {
    tree: Tree<'a>,
    /// In order.
    known: Vec<&'a RelPath>,
}

impl<'a> Files<'a> {
    pub(super) fn new(tree: Tree<'a>) -> Self {
        let is_own = |it: &&RelPath| !it.parts().any(|part| FOREIGN.contains(&part));
        let mut known: Vec<&RelPath> = tree.files.iter().filter(is_own).collect();
        known.sort();
        Self { tree, known }
    }

    pub(super) fn has(&self, path: &RelPath) -> bool {
        self.known.binary_search(&path).is_ok()
    }

    /// Whether a folder with listed files is at `path`.
    pub(super) fn has_folder(&self, path: &RelPath) -> bool {
        self.below(&Folder(Some(path.clone()))).next().is_some()
    }

    /// Whether a file exists, be it ignored or not.
    pub(super) fn exists(&self, path: &RelPath) -> bool {
        self.has(path) || (self.tree.exists)(path)
    }

    /// A listed file's text.
    pub(super) fn read(&self, path: &RelPath) -> Option<Arc<str>> {
        if self.has(path) { (self.tree.read)(path) } else { None }
    }

    /// A source's text, unless it is too long to have been written by hand.
    pub(super) fn source(&self, path: &RelPath) -> Option<Arc<str>> {
        self.read(path).filter(|it| it.len() <= LONGEST_SOURCE)
    }

    /// The listed files in a folder and all below it, in order of path.
    pub(super) fn below(&self, folder: &Folder) -> impl Iterator<Item = &'a RelPath> + use<'a, '_> {
        let start = self.known.partition_point(|it| folder.0.as_ref().is_some_and(|at| *it < at));
        let rest = self.known.get(start..).unwrap_or_default().iter().copied();
        let folder = folder.clone();
        // `a-b` sorts between `a` and `a/x`: such a neighbour is passed over, and is not the end.
        let front = folder.0.as_ref().map_or(String::new(), |it| it.as_str().to_owned());
        rest.take_while(move |it| it.as_str().starts_with(&front)).filter(move |it| folder.holds(it))
    }
}

/// A folder of the workspace; `None` is its root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Folder(pub(super) Option<RelPath>);

impl Folder {
    pub(super) const ROOT: Self = Self(None);

    /// The folder that holds a file.
    pub(super) fn of(path: &RelPath) -> Self {
        Self(path.parent())
    }

    /// This folder, then each one that holds the last, up to the root.
    pub(super) fn upwards(&self) -> impl Iterator<Item = Self> + use<> {
        std::iter::successors(Some(self.clone()), |it| it.0.as_ref().map(Self::of))
    }

    /// A path in it. `None` where it leaves the workspace.
    pub(super) fn at(&self, below: &str) -> Option<RelPath> {
        match &self.0 {
            Some(folder) => folder.join(below).ok(),
            None => RelPath::new(below).ok(),
        }
    }

    /// A folder in it.
    pub(super) fn folder(&self, below: &str) -> Option<Self> {
        self.at(below).map(|it| Self(Some(it)))
    }

    pub(super) fn holds(&self, path: &RelPath) -> bool {
        self.0.as_ref().is_none_or(|it| path.is_within(it) && path != it)
    }

    /// A path as it is written in this folder: `tests/a.py`, `../gradlew`.
    pub(super) fn relative(&self, path: &RelPath) -> String {
        let own: Vec<&str> = self.0.iter().flat_map(RelPath::parts).collect();
        let parts: Vec<&str> = path.parts().collect();
        let common = own.iter().zip(&parts).take_while(|(a, b)| a == b).count();
        let up = std::iter::repeat_n("..", own.len() - common);
        up.chain(parts.into_iter().skip(common)).collect::<Vec<_>>().join("/")
    }
}
