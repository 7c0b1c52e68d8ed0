//! The walk over the work tree, and what stands at a path.
//!
//! Honours ignore files, with or without a git repository around them.
#![expect(clippy::disallowed_methods, reason = "the walk reads the disk")]

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bodkin_agent::graphs::fix::MAX_FILE_BYTES;
use bodkin_agent::run::Target;
use bodkin_text::RelPath;
use bodkin_workspace::Language;
use ignore::WalkBuilder;

/// What a walk found.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    /// Every file, ordered.
    pub(crate) listing: Vec<RelPath>,
    /// The texts of files that are worked with, ordered.
    pub(crate) texts: Vec<(RelPath, Arc<str>)>,
}

/// Files that say how a project is tested, whatever their language.
const MANIFESTS: &[&str] = &[
    "package.json",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "tox.ini",
    "pytest.ini",
    "conftest.py",
    "Makefile",
    "makefile",
    "GNUmakefile",
    "go.mod",
    "Cargo.toml",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "Pipfile",
];

/// What a project may bring along to run its tests with.
const TOOLS: &[&str] = &[
    ".venv/bin/python",
    "venv/bin/python",
    ".venv/Scripts/python.exe",
    "venv/Scripts/python.exe",
    "node_modules/.bin/jest",
    "node_modules/.bin/vitest",
    "node_modules/.bin/mocha",
];

/// Walks the whole tree below `root`; `enter` is told of each folder before it is read.
pub(crate) fn walk(root: &Path, enter: impl FnMut(&Path)) -> Walked {
    let mut found = Walked::gathered(root, walker(root), enter);
    found.tools(root);
    found.sort();
    found
}

/// Walks only to these paths and what is below them, from `root` down, so that the same is ignored.
pub(crate) fn walk_only(root: &Path, paths: &BTreeSet<PathBuf>, mut enter: impl FnMut(&Path)) -> Walked {
    let wanted = paths.clone();
    let mut walker = walker(root);
    walker.filter_entry(move |entry| {
        let path = entry.path();
        let leads_there = wanted.range(path.to_owned()..).next().is_some_and(|it| it.starts_with(path));
        leads_there || path.ancestors().any(|it| wanted.contains(it))
    });
    let is_wanted = |path: &Path| path.ancestors().any(|it| paths.contains(it));
    let mut found = Walked::gathered(root, walker, |folder| {
        if is_wanted(folder) {
            enter(folder);
        }
    });
    found.listing.retain(|path| is_wanted(&root.join(path.as_str())));
    found.texts.retain(|(path, _)| is_wanted(&root.join(path.as_str())));
    found.sort();
    found
}

fn walker(root: &Path) -> WalkBuilder {
    let mut walker = WalkBuilder::new(root);
    walker.require_git(false).follow_links(false);
    walker
}

/// Whether a change of this file changes what is ignored.
pub(crate) fn is_ignore_file(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == ".gitignore" || name == ".ignore")
}

impl Walked {
    fn gathered(root: &Path, walker: WalkBuilder, mut enter: impl FnMut(&Path)) -> Self {
        let mut found = Self::default();
        for entry in walker.build().flatten() {
            let path = entry.path();
            match entry.file_type() {
                Some(kind) if kind.is_dir() => enter(path),
                Some(kind) if kind.is_symlink() => found.take_link(root, path),
                Some(_) => found.take(root, path),
                None => {}
            }
        }
        found
    }

    fn sort(&mut self) {
        self.listing.sort();
        self.listing.dedup();
        self.texts.sort_by(|a, b| a.0.cmp(&b.0));
    }

    /// A link counts where it names a file inside the workspace; it never leads out, and no folder is entered by it.
    fn take_link(&mut self, root: &Path, path: &Path) {
        if fs::canonicalize(path).is_ok_and(|real| real.starts_with(root) && real.is_file()) {
            self.take(root, path);
        }
    }

    fn take(&mut self, root: &Path, path: &Path) {
        let Some(rel) = relative(root, path) else { return };
        if is_worked_with(&rel)
            && let Some(text) = inspect(path).text
        {
            self.texts.push((rel.clone(), text));
        }
        self.listing.push(rel);
    }

    /// Interpreters and test runners stand in folders that most projects ignore, and still say how to test.
    fn tools(&mut self, root: &Path) {
        let manifests = self.listing.iter().filter(|path| MANIFESTS.contains(&path.file_name()));
        let mut folders: Vec<Option<RelPath>> = manifests.map(RelPath::parent).collect();
        folders.push(None);
        folders.sort();
        folders.dedup();
        for folder in folders {
            for tool in TOOLS {
                let path = folder.as_ref().map_or_else(|| RelPath::new(tool), |folder| folder.join(tool));
                self.listing.extend(path.into_iter().filter(|path| root.join(path.as_str()).exists()));
            }
        }
    }
}

/// Whether a file's text is kept: a known language, or a manifest.
pub(crate) fn is_worked_with(path: &RelPath) -> bool {
    let name = path.file_name();
    path.extension().and_then(Language::of_extension).is_some()
        || MANIFESTS.contains(&name)
        || (name.starts_with("requirements") && name.ends_with(".txt"))
        || name.ends_with(".toml") && name.starts_with("pyproject")
        || ["jest.config", "vitest.config", "vite.config"].contains(&path.stem())
}

/// The path below the root, with `/` between its parts; `None` for what is outside or not UTF-8.
pub(crate) fn relative(root: &Path, path: &Path) -> Option<RelPath> {
    let below = path.strip_prefix(root).ok()?;
    let text = below.to_str()?;
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.to_owned() };
    RelPath::new(&text).ok()
}

/// What stands at a path, and its text where it is one.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) target: Target,
    pub(crate) text: Option<Arc<str>>,
}

/// Looks at one file of the workspace; a link that leads out of it is not followed.
pub(crate) fn look(root: &Path, path: &RelPath) -> Found {
    let full = root.join(path.as_str());
    match fs::canonicalize(&full) {
        Ok(real) if !real.starts_with(root) => Found { target: Target::Outside, text: None },
        Ok(_) | Err(_) => inspect(&full),
    }
}

/// Looks at one path.
fn inspect(path: &Path) -> Found {
    let only = |target| Found { target, text: None };
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return only(Target::Missing);
        }
        Err(_) => return only(Target::Unreadable),
    };
    if metadata.is_dir() {
        return only(Target::Folder);
    }
    if !metadata.is_file() {
        return only(Target::Unreadable);
    }
    if metadata.len() > MAX_FILE_BYTES {
        return only(Target::TooLarge(metadata.len()));
    }
    let Ok(bytes) = fs::read(path) else { return only(Target::Unreadable) };
    if bytes.contains(&0) {
        return only(Target::Binary);
    }
    match String::from_utf8(bytes) {
        Ok(text) => Found { target: Target::Text, text: Some(text.into()) },
        Err(error) => only(Target::NotUtf8(error.utf8_error().valid_up_to() as u64)),
    }
}
