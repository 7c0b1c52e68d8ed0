//! What Python files import, read from their lines.
//!
//! Lexical: an import in a comment's neighbour, a string or a branch that never runs counts too. A package's
//! `__init__` is looked through: who takes a name from it depends on the file that the name comes from.

use std::collections::{BTreeMap, BTreeSet};

use bodkin_text::RelPath;

use super::places::{Files, Folder};

/// Above this many files the rest is not looked at.
const MOST_FILES: usize = 4_000;

/// How many packages a name is followed through.
const DEEPEST: usize = 4;

/// One `import a.b` or `from ..a import b`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    /// Leading dots.
    dots: usize,
    /// The module's parts.
    module: Vec<String>,
    /// What is taken from it, and as what; `None`: the module itself.
    names: Option<Vec<(String, String)>>,
}

impl Import {
    /// Whether it takes the module or package `name`, by its whole path from the top.
    pub(super) fn is_of(&self, name: &str) -> bool {
        self.dots == 0 && self.module.first().is_some_and(|it| it == name)
    }

    /// The modules that it may mean, by their paths from the top.
    pub(super) fn modules(&self) -> Vec<String> {
        if self.dots > 0 {
            return Vec::new();
        }
        let module = self.module.join("/");
        let names = self.names.iter().flatten().map(|(name, _)| format!("{module}/{name}"));
        std::iter::once(module.clone()).chain(names).collect()
    }
}

/// Reads the imports of a text.
pub(super) fn scan(text: &str) -> Vec<Import> {
    let mut imports = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        dynamic(line, &mut imports);
        let start = line.trim_start();
        if !(start.starts_with("from ") || start.starts_with("import ")) {
            continue;
        }
        let mut logical = without_comment(start).to_owned();
        while logical.ends_with('\\') || (logical.contains('(') && !logical.contains(')')) {
            let Some(more) = lines.next() else { break };
            if logical.ends_with('\\') {
                logical.pop();
            }
            logical.push(' ');
            logical.push_str(without_comment(more).trim());
        }
        logical.split(';').filter_map(|it| statement(it.trim())).for_each(|it| imports.extend(it));
    }
    imports
}

fn without_comment(line: &str) -> &str {
    line.split('#').next().unwrap_or(line).trim_end()
}

fn statement(text: &str) -> Option<Vec<Import>> {
    let parts = |path: &str| path.split('.').filter(|it| !it.is_empty()).map(str::to_owned).collect();
    let named = |item: &str| {
        let mut words = item.split_whitespace();
        let name = words.next()?;
        Some((name.to_owned(), words.nth(1).unwrap_or(name).to_owned()))
    };
    if let Some(rest) = text.strip_prefix("import ") {
        let modules = rest.split(',').filter_map(named);
        return Some(modules.map(|(it, _)| Import { dots: 0, module: parts(&it), names: None }).collect());
    }
    let (from, names) = text.strip_prefix("from ")?.split_once(" import")?;
    let from = from.trim();
    let dots = from.chars().take_while(|it| *it == '.').count();
    let names = names.trim_matches([' ', '(', ')']).split(',').filter_map(named).collect();
    Some(vec![Import { dots, module: parts(from), names: Some(names) }])
}

/// `import_module("a.b")` and `__import__("a.b")`.
fn dynamic(line: &str, imports: &mut Vec<Import>) {
    for call in ["import_module(", "__import__("] {
        let argument = line.split_once(call).and_then(|(_, rest)| {
            let quote = rest.chars().next().filter(|it| matches!(it, '"' | '\''))?;
            rest.split(quote).nth(1)
        });
        if let Some(it) = argument.filter(|it| !it.is_empty() && !it.starts_with('.')) {
            let module = it.split('.').map(str::to_owned).collect();
            imports.push(Import { dots: 0, module, names: None });
        }
    }
}

/// The Python files of a folder with their imports.
pub(super) struct Modules<'a> {
    files: &'a Files<'a>,
    imports: BTreeMap<&'a RelPath, Vec<Import>>,
    by_name: BTreeMap<&'a str, Vec<&'a RelPath>>,
}

impl<'a> Modules<'a> {
    /// Reads the files below `folder`; those that `first` likes are read even where there are too many.
    pub(super) fn below(files: &'a Files<'a>, folder: &Folder, first: impl Fn(&RelPath) -> bool) -> Self {
        let mut all: Vec<&RelPath> = files.below(folder).filter(|it| it.extension() == Some("py")).collect();
        all.sort_by_key(|it| !first(it));
        all.truncate(MOST_FILES);
        let mut by_name: BTreeMap<&str, Vec<&RelPath>> = BTreeMap::new();
        for file in &all {
            by_name.entry(module_name(file)).or_default().push(file);
        }
        let imports =
            all.into_iter().map(|it| (it, files.source(it).map_or_else(Vec::new, |text| scan(&text))));
        Self { files, imports: imports.collect(), by_name }
    }

    /// The imports of one file.
    pub(super) fn of(&self, file: &RelPath) -> &[Import] {
        self.imports.get(file).map_or(&[], Vec::as_slice)
    }

    /// Each file with the files that it imports; a package that only passes names on is one of them where it
    /// is the target.
    pub(super) fn edges(&self, target: &RelPath) -> impl Iterator<Item = (&'a RelPath, BTreeSet<RelPath>)> {
        self.imports.iter().map(move |(file, imports)| {
            let mut found = BTreeSet::new();
            for import in imports {
                self.resolve(file, import, &mut found);
                let from = self.module(file, import.dots, &import.module);
                found.extend(from.filter(|it| it == target));
            }
            // pytest loads the conftest.py of every folder above a test before it.
            let conftests = Folder::of(file).upwards().filter_map(|it| it.at("conftest.py"));
            found.extend(conftests.filter(|it| self.files.has(it) && it != *file));
            (*file, found)
        })
    }

    fn resolve(&self, importer: &RelPath, import: &Import, found: &mut BTreeSet<RelPath>) {
        let Some(names) = &import.names else {
            let longest = (1..=import.module.len()).rev();
            let mut prefixes = longest.filter_map(|len| import.module.get(..len));
            found.extend(prefixes.find_map(|it| self.module(importer, 0, it)));
            return;
        };
        for (name, _) in names {
            found.extend(self.provider(importer, import, name, DEEPEST));
        }
    }

    /// The file that `name` of a `from … import name` comes from.
    fn provider(&self, importer: &RelPath, import: &Import, name: &str, deep: usize) -> Option<RelPath> {
        let mut whole = import.module.clone();
        whole.push(name.to_owned());
        if let Some(submodule) = self.module(importer, import.dots, &whole).filter(|it| it != importer) {
            return Some(submodule);
        }
        let module = self.module(importer, import.dots, &import.module)?;
        if module.file_name() != "__init__.py" || name == "*" || deep == 0 {
            return Some(module);
        }
        let passed_on = self.of(&module).iter().find_map(|inner| {
            let (original, _) = inner.names.iter().flatten().find(|(_, known_as)| known_as == name)?;
            self.provider(&module, inner, original, deep - 1)
        });
        passed_on.or(Some(module))
    }

    /// The file of a module, seen from a file that imports it.
    fn module(&self, importer: &RelPath, dots: usize, parts: &[String]) -> Option<RelPath> {
        let own = Folder::of(importer);
        if dots > 0 {
            return self.file_in(&own.upwards().nth(dots - 1)?, parts);
        }
        let is_package = |it: &Folder| it.at("__init__.py").is_some_and(|init| self.files.has(&init));
        let (packages, tops): (Vec<_>, Vec<_>) = own.upwards().partition(is_package);
        let sources = |it: &Folder| {
            [Some(it.clone()), it.folder("src"), it.folder("lib")].into_iter().flatten().collect::<Vec<_>>()
        };
        let on_path = tops.iter().flat_map(sources).chain(packages);
        on_path.into_iter().find_map(|it| self.file_in(&it, parts)).or_else(|| self.only_one_named(parts))
    }

    fn file_in(&self, folder: &Folder, parts: &[String]) -> Option<RelPath> {
        let path = parts.join("/");
        let names = match parts.is_empty() {
            true => vec!["__init__.py".to_owned()],
            false => vec![format!("{path}/__init__.py"), format!("{path}.py")],
        };
        names.iter().filter_map(|it| folder.at(it)).find(|it| self.files.has(it))
    }

    /// The one file that ends so, wherever it is: somebody put its folder on the path.
    fn only_one_named(&self, parts: &[String]) -> Option<RelPath> {
        let path = parts.join("/");
        let ends_so = |file: &&&RelPath| {
            let bare = file.as_str().trim_end_matches(".py").trim_end_matches("/__init__");
            bare.strip_suffix(path.as_str()).is_some_and(|it| it.is_empty() || it.ends_with('/'))
        };
        let mut named = self.by_name.get(parts.last()?.as_str())?.iter().filter(ends_so);
        match (named.next(), named.next()) {
            (Some(one), None) => Some((*one).clone()),
            _ => None,
        }
    }
}

/// The last part of the name by which a file is imported.
fn module_name(file: &RelPath) -> &str {
    match file.file_name() {
        "__init__.py" => file.parts().rev().nth(1).unwrap_or_default(),
        _ => file.stem(),
    }
}
