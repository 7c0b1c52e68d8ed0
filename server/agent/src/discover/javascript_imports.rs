//! Which JavaScript and TypeScript files import which.
//!
//! A file that passes on what others have (`export * from`) is looked through: who takes a name from it
//! depends on the file that the name comes from. Aliases are guessed (`@/a`, `~/a`, `src/a`), not read from
//! a configuration.

use std::collections::{BTreeMap, BTreeSet};

use bodkin_text::RelPath;

use super::javascript::is_source;
use super::javascript_scan::{Import, Scanned, scan};
use super::places::{Files, Folder};

/// Above this many files the rest is not looked at.
const MOST_FILES: usize = 4_000;

/// How many files a name is followed through.
const DEEPEST: usize = 4;

/// What may be left out at the end of an import, in the order that it is looked for.
const ENDINGS: [&str; 18] = [
    "",
    ".ts",
    ".tsx",
    ".js",
    ".jsx",
    ".mjs",
    ".cjs",
    ".mts",
    ".cts",
    ".vue",
    ".svelte",
    "/index.ts",
    "/index.tsx",
    "/index.js",
    "/index.jsx",
    "/index.mjs",
    "/index.cjs",
    "/index.mts",
];

/// The source files of a folder with what they import.
pub(super) struct Sources<'a> {
    files: &'a Files<'a>,
    scanned: BTreeMap<&'a RelPath, Scanned>,
    /// The file of each import of a file, in the order of its imports.
    resolved: BTreeMap<&'a RelPath, Vec<Option<RelPath>>>,
    /// The packages of the workspace, by name.
    packages: BTreeMap<String, Folder>,
}

impl<'a> Sources<'a> {
    /// Reads the files below `folder`; those that `first` likes are read even where there are too many.
    pub(super) fn below(files: &'a Files<'a>, folder: &Folder, first: impl Fn(&RelPath) -> bool) -> Self {
        let is_read = |it: &&RelPath| it.extension().is_some_and(is_source);
        let mut all: Vec<&RelPath> = files.below(folder).filter(is_read).collect();
        all.sort_by_key(|it| !first(it));
        all.truncate(MOST_FILES);
        let scanned =
            all.into_iter().map(|it| (it, files.source(it).map(|text| scan(&text)).unwrap_or_default()));
        let packages = packages(files);
        let mut sources = Self { files, scanned: scanned.collect(), resolved: BTreeMap::new(), packages };
        let resolve = |(file, scanned): (&&'a RelPath, &Scanned)| {
            (*file, scanned.imports.iter().map(|it| sources.resolve(file, &it.from)).collect())
        };
        sources.resolved = sources.scanned.iter().map(resolve).collect();
        sources
    }

    /// The files that import exactly this, in order.
    pub(super) fn importers_of<'s>(&'s self, what: &'s str) -> impl Iterator<Item = &'a RelPath> + 's {
        self.scanned.keys().copied().filter(move |it| self.imports(it, what))
    }

    /// Whether a file imports exactly this.
    pub(super) fn imports(&self, file: &RelPath, what: &str) -> bool {
        self.scanned.get(file).is_some_and(|it| it.imports.iter().any(|it| it.from == what))
    }

    /// Each file with the files that it imports; one that only passes names on is one of them where it is the
    /// target.
    pub(super) fn edges(&self, target: &RelPath) -> impl Iterator<Item = (&'a RelPath, BTreeSet<RelPath>)> {
        self.scanned.keys().map(move |file| {
            let mut found = BTreeSet::new();
            for (import, from) in self.imports_of(file) {
                match &import.names {
                    Some(names) => {
                        found.extend(names.iter().map(|(name, _)| self.provider(from, name, DEEPEST)));
                        found.extend(Some(from).filter(|it| *it == target).cloned());
                    }
                    None => _ = found.insert(from.clone()),
                }
            }
            found.remove(*file);
            (*file, found)
        })
    }

    /// The imports of a file that are files of the workspace.
    fn imports_of(&self, file: &RelPath) -> impl Iterator<Item = (&Import, &RelPath)> {
        let imports = self.scanned.get(file).into_iter().flat_map(|it| &it.imports);
        let files = self.resolved.get(file).into_iter().flatten();
        imports.zip(files).filter_map(|(import, file)| Some((import, file.as_ref()?)))
    }

    /// The file that a name taken from `file` comes from; `file` itself where that can not be told.
    fn provider(&self, file: &RelPath, name: &str, deep: usize) -> RelPath {
        self.passed_on(file, name, deep).unwrap_or_else(|| file.clone())
    }

    fn passed_on(&self, file: &RelPath, name: &str, deep: usize) -> Option<RelPath> {
        let scanned = self.scanned.get(file).filter(|_| deep > 0)?;
        if scanned.exports.contains(name) {
            return Some(file.clone());
        }
        let mut passed_on = self.imports_of(file).filter(|(it, _)| it.is_passed_on);
        passed_on.find_map(|(import, from)| match &import.names {
            Some(names) => {
                let (original, _) = names.iter().find(|(_, known_as)| known_as == name)?;
                Some(self.provider(from, original, deep - 1))
            }
            None => self.passed_on(from, name, deep - 1),
        })
    }

    fn resolve(&self, importer: &RelPath, written: &str) -> Option<RelPath> {
        let written = written.split(['?', '#']).next().filter(|it| !it.is_empty()).unwrap_or(written);
        let own = Folder::of(importer);
        if written == "." || written == ".." || written.starts_with("./") || written.starts_with("../") {
            return self.file(&own, written);
        }
        let bare = written.strip_prefix("@/").or_else(|| written.strip_prefix("~/"));
        let places = own.upwards().flat_map(|it| [it.folder("src"), Some(it)].into_iter().flatten());
        match bare {
            Some(alias) => places.into_iter().find_map(|it| self.file(&it, alias)),
            None => self.of_package(written).or_else(|| {
                // `src/a`, from a folder that the compiler takes as its base.
                let has_folder = written.contains('/') && !written.starts_with('@');
                has_folder.then(|| own.upwards().find_map(|it| self.file(&it, written))).flatten()
            }),
        }
    }

    /// A file of another package of the workspace, or of its own by its name.
    fn of_package(&self, written: &str) -> Option<RelPath> {
        let parts = if written.starts_with('@') { 2 } else { 1 };
        let end = written.match_indices('/').nth(parts - 1).map_or(written.len(), |(at, _)| at);
        let (name, below) = written.split_at_checked(end)?;
        let folder = self.packages.get(name)?;
        let below = below.trim_start_matches('/');
        let entry = if below.is_empty() { "index" } else { below };
        let places = [folder.folder("src"), folder.folder("lib"), Some(folder.clone())];
        places
            .iter()
            .flatten()
            .find_map(|it| self.file(it, entry))
            .or_else(|| self.main(folder).filter(|_| below.is_empty()))
    }

    fn main(&self, folder: &Folder) -> Option<RelPath> {
        let text = self.files.read(&folder.at("package.json")?)?;
        let json: serde_json::Value = serde_json::from_str(&text).ok()?;
        let fields = ["source", "module", "main"].iter().filter_map(|it| json.get(it)?.as_str());
        fields.into_iter().find_map(|it| self.file(folder, it))
    }

    /// The file that an import means, its ending left out or that of the compiled file.
    fn file(&self, folder: &Folder, written: &str) -> Option<RelPath> {
        let written = written.trim_end_matches('/');
        let whole = ENDINGS.iter().map(|it| format!("{written}{it}"));
        let compiled =
            [(".js", ".ts"), (".js", ".tsx"), (".jsx", ".tsx"), (".mjs", ".mts"), (".cjs", ".cts")];
        let sources =
            compiled.iter().filter_map(|(js, ts)| Some(format!("{}{ts}", written.strip_suffix(js)?)));
        whole.chain(sources).filter_map(|it| folder.at(&it)).find(|it| self.files.has(it))
    }
}

/// The packages of the workspace by the names that they give themselves.
fn packages(files: &Files<'_>) -> BTreeMap<String, Folder> {
    let manifests = files.below(&Folder::ROOT).filter(|it| it.file_name() == "package.json");
    let named = manifests.filter_map(|it| {
        let json: serde_json::Value = serde_json::from_str(&files.read(it)?).ok()?;
        Some((json.get("name")?.as_str()?.to_owned(), Folder::of(it)))
    });
    named.collect()
}
