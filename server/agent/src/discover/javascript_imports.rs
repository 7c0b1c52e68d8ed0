//! What JavaScript and TypeScript files import, read from their text.
//!
//! Lexical: whatever stands in quotes after `from`, `import`, `require` or a mock's call counts, also in a
//! comment. Aliases are guessed (`@/a`, `~/a`, `src/a`), not read from a configuration.

use std::collections::{BTreeMap, BTreeSet};

use bodkin_text::RelPath;

use super::javascript::is_source;
use super::places::{Files, Folder};

/// Above this many files the rest is not looked at.
const MOST_FILES: usize = 4_000;

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

/// Reads what a text imports, as it is written.
pub(super) fn scan(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut before = "";
    while let Some(at) = rest.find(['"', '\'', '`']) {
        let (front, quoted) = rest.split_at(at);
        let quote = quoted.chars().next().unwrap_or('"');
        let inner = quoted.get(1..).unwrap_or_default();
        // What is imported stands on one line: a quote without its end is an apostrophe.
        let end =
            inner.find([quote, '\n']).filter(|end| inner.get(*end..).is_some_and(|it| it.starts_with(quote)));
        let lead = if front.is_empty() { before } else { front };
        match end {
            Some(end) => {
                if is_import(lead) {
                    found.extend(inner.get(..end));
                }
                before = "";
                rest = inner.get(end + 1..).unwrap_or_default();
            }
            None => rest = inner,
        }
    }
    found
}

fn is_import(lead: &str) -> bool {
    let lead = lead.trim_end();
    let calls = ["require", "import", "mock", "doMock", "requireActual", "importActual", "resolve"];
    let (word, keywords) = match lead.strip_suffix('(') {
        Some(call) => (call.trim_end(), calls.as_slice()),
        None => (lead, ["from", "import"].as_slice()),
    };
    keywords.iter().any(|it| {
        let name = word.strip_suffix(it);
        name.is_some_and(|it| !it.ends_with(|it: char| it.is_alphanumeric() || it == '_' || it == '$'))
    })
}

/// The source files of a folder with what they import.
pub(super) struct Sources<'a> {
    files: &'a Files<'a>,
    imports: BTreeMap<&'a RelPath, Vec<String>>,
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
        let imports = all.into_iter().map(|it| {
            let text = files.source(it).unwrap_or_default();
            (it, scan(&text).into_iter().map(str::to_owned).collect())
        });
        Self { files, imports: imports.collect(), packages: packages(files) }
    }

    /// The files that import exactly this, in order.
    pub(super) fn importers_of<'s>(&'s self, what: &'s str) -> impl Iterator<Item = &'a RelPath> + 's {
        self.imports
            .iter()
            .filter(move |(_, imports)| imports.iter().any(|it| it == what))
            .map(|(file, _)| *file)
    }

    /// Whether a file imports exactly this.
    pub(super) fn imports(&self, file: &RelPath, what: &str) -> bool {
        self.imports.get(file).is_some_and(|imports| imports.iter().any(|it| it == what))
    }

    /// Each file with the files that it imports.
    pub(super) fn edges(&self) -> impl Iterator<Item = (&'a RelPath, BTreeSet<RelPath>)> {
        self.imports.iter().map(|(file, imports)| {
            let found = imports.iter().filter_map(|it| self.resolve(file, it)).filter(|it| it != *file);
            (*file, found.collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_of_every_form_are_read() {
        let text = "
import a from './a';
import './b'
import {
  c,
} from \"./c\"
export * from `./d`;
const e = require('./e'), f = await import(\"./f\");
jest.mock('./g', () => ({}));
";
        assert_eq!(scan(text), ["./a", "./b", "./c", "./d", "./e", "./f", "./g"]);
    }

    #[test]
    fn other_strings_are_not_imports() {
        let text = "// it's here\nconst from = 'a'; log('b'); x.upfrom('c'); don't\nimport d from 'd'";
        assert_eq!(scan(text), ["d"]);
    }
}
