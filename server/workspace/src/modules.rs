//! From what an import names to the file that it means.
//!
//! By paths alone: no search path is read and no package is looked into. What is not found so is outside of the
//! workspace, or found by ways that only its program knows.

use bodkin_text::RelPath;

use crate::languages::Language;
use crate::snapshot::Snapshot;

/// What may be left out at the end of an import of a script, in the order that it is looked for.
const ENDINGS: [&str; 16] = [
    "",
    ".ts",
    ".tsx",
    ".js",
    ".jsx",
    ".mjs",
    ".cjs",
    ".mts",
    ".cts",
    ".d.ts",
    "/index.ts",
    "/index.tsx",
    "/index.js",
    "/index.jsx",
    "/index.mjs",
    "/index.cjs",
];

impl Snapshot {
    /// The file of a module as `importer` names it: `a.b`, `..a`, `./b.js`.
    pub(crate) fn module_file(
        &self,
        importer: &RelPath,
        language: Language,
        module: &str,
    ) -> Option<RelPath> {
        match language {
            Language::Python => self.python_module(importer, module),
            Language::JavaScript | Language::TypeScript | Language::Tsx => self.script(importer, module),
        }
    }

    fn python_module(&self, importer: &RelPath, module: &str) -> Option<RelPath> {
        let dots = module.len() - module.trim_start_matches('.').len();
        let path = module.get(dots..)?.replace('.', "/");
        let folders: Vec<Option<RelPath>> = folders(importer);
        if dots > 0 {
            return self.python_file(folders.get(dots - 1)?.as_ref(), &path);
        }
        // The nearest folder that holds it, or its `src`: some folder above is on the path of the program.
        folders.iter().find_map(|folder| {
            let sources = below(folder.as_ref(), "src");
            self.python_file(folder.as_ref(), &path).or_else(|| self.python_file(sources.as_ref(), &path))
        })
    }

    fn python_file(&self, folder: Option<&RelPath>, path: &str) -> Option<RelPath> {
        let names = if path.is_empty() {
            vec!["__init__.py".to_owned()]
        } else {
            vec![format!("{path}.py"), format!("{path}/__init__.py"), format!("{path}.pyi")]
        };
        names.iter().filter_map(|name| below(folder, name)).find(|it| self.file(it).is_some())
    }

    fn script(&self, importer: &RelPath, module: &str) -> Option<RelPath> {
        if !module.starts_with('.') {
            return None;
        }
        let folder = importer.parent();
        let bare = module.trim_end_matches(".js").trim_end_matches(".mjs").trim_end_matches(".cjs");
        // `./a.js` may be written for `a.ts`.
        let names = ENDINGS.iter().flat_map(|end| [format!("{module}{end}"), format!("{bare}{end}")]);
        names.filter_map(|name| below(folder.as_ref(), &name)).find(|it| self.file(it).is_some())
    }
}

/// The folders above a file, the nearest first; `None` is the root.
fn folders(file: &RelPath) -> Vec<Option<RelPath>> {
    let mut all = Vec::new();
    let mut at = file.parent();
    while let Some(folder) = at {
        at = folder.parent();
        all.push(Some(folder));
    }
    all.push(None);
    all
}

fn below(folder: Option<&RelPath>, path: &str) -> Option<RelPath> {
    match folder {
        Some(folder) => folder.join(path).ok(),
        None => RelPath::new(path).ok(),
    }
}
