//! From a name to where it is defined, and to where else it is used.
//!
//! By scopes and imports of the files as they are, without types: a member is looked for in the module that it is taken
//! of, else among all members of that name. What is found is likely, not certain; nothing may be renamed by it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use bodkin_text::{ByteRange, RelPath};

use crate::facts::{BindingKind, Facts, ImportedName, SymbolKind};
use crate::file::File;
use crate::languages::Language;
use crate::node::Node;
use crate::role::Role;
use crate::snapshot::Snapshot;
use crate::syntax::Syntax;

/// A name in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The file.
    pub path: RelPath,
    /// Where the name stands; the start of the file where a module as a whole is meant.
    pub range: ByteRange,
}

/// Through how many files an import is followed.
const DEEPEST: usize = 4;
/// Members of one name that are told.
const MOST_MEMBERS: usize = 20;
/// Uses of one name that are looked at.
const MOST_USES: usize = 2_000;

impl Snapshot {
    /// Where the name at a byte of a file is defined; nothing where that is not in the workspace.
    pub fn definitions(&self, path: &RelPath, offset: usize) -> Vec<Spot> {
        Navigator::new(self).definitions(path, offset)
    }

    /// Where the name at a byte of a file is used, its definition included; in order.
    pub fn references(&self, path: &RelPath, offset: usize) -> Vec<Spot> {
        Navigator::new(self).references(path, offset)
    }
}

struct Navigator<'s> {
    snapshot: &'s Snapshot,
    /// Members by name, once they were looked for.
    members: RefCell<BTreeMap<String, Vec<Spot>>>,
}

impl<'s> Navigator<'s> {
    fn new(snapshot: &'s Snapshot) -> Self {
        Self { snapshot, members: RefCell::default() }
    }

    fn definitions(&self, path: &RelPath, offset: usize) -> Vec<Spot> {
        let Some(syntax) = self.snapshot.file(path).and_then(File::syntax) else { return Vec::new() };
        match name_at(&syntax, offset) {
            Some(name) => self.of_name(path, &syntax, name),
            None => Vec::new(),
        }
    }

    fn references(&self, path: &RelPath, offset: usize) -> Vec<Spot> {
        let meant = self.definitions(path, offset);
        let Some(syntax) = self.snapshot.file(path).and_then(File::syntax) else { return Vec::new() };
        let Some(name) = name_at(&syntax, offset).map(|it| it.text().to_owned()) else { return Vec::new() };
        if meant.is_empty() {
            return Vec::new();
        }
        let mut found = meant.clone();
        let mut looked = 0;
        for (path, file) in self.snapshot.files().filter(|(_, file)| file.text().contains(&name)) {
            let Some(syntax) = file.syntax() else { continue };
            let uses = syntax.root().walk().filter(|it| is_name(*it) && it.text() == name);
            for node in uses {
                looked += 1;
                if looked > MOST_USES {
                    break;
                }
                if self.of_name(path, &syntax, node).iter().any(|it| meant.contains(it)) {
                    found.push(Spot { path: path.clone(), range: node.range() });
                }
            }
        }
        found.retain(|it| !it.range.is_empty());
        found.sort();
        found.dedup();
        found
    }

    fn of_name(&self, path: &RelPath, syntax: &Syntax, name: Node<'_>) -> Vec<Spot> {
        let parent = name.parent();
        if let Some(object) = parent.filter(|it| it.member() == Some(name)).and_then(Node::object) {
            return self.of_member(path, syntax, object, name);
        }
        let Some(facts) = self.snapshot.file(path).and_then(File::facts) else { return Vec::new() };
        let here = || vec![Spot { path: path.clone(), range: name.range() }];
        if let Some(import) = facts.imports.iter().find(|it| it.range.contains(name.range())) {
            let named =
                import.names.iter().find(|it| it.range.contains(name.range()) || *it.name == *name.text());
            let found =
                named.and_then(|it| self.follow(path, syntax.language(), &import.module, it, DEEPEST));
            return found.map_or_else(here, |it| vec![it]);
        }
        if facts.symbols.iter().any(|it| it.selection == name.range()) {
            return here();
        }
        let visible = syntax.visible_at(name.start()).into_iter().find(|it| *it.name == *name.text());
        let Some((bound_at, kind)) = visible.and_then(|it| Some((it.bound_at?, it.kind?))) else {
            return Vec::new();
        };
        if kind == BindingKind::Import
            && let Some(found) = self.imported_at(path, syntax.language(), &facts, bound_at)
        {
            return vec![found];
        }
        vec![Spot { path: path.clone(), range: bound_at }]
    }

    /// What an import that binds a name at a place means.
    fn imported_at(&self, path: &RelPath, language: Language, facts: &Facts, at: ByteRange) -> Option<Spot> {
        let (import, name) = facts
            .imports
            .iter()
            .find_map(|import| Some((import, import.names.iter().find(|it| it.range == at)?)))?;
        self.follow(path, language, &import.module, name, DEEPEST)
    }

    fn follow(
        &self,
        importer: &RelPath,
        language: Language,
        module: &str,
        name: &ImportedName,
        deep: usize,
    ) -> Option<Spot> {
        let whole = |path: RelPath| Spot { path, range: ByteRange::at(0) };
        if module.is_empty() {
            // `import a.b` binds `a`.
            let is_first = name.name.strip_prefix(&*name.bound).is_some_and(|rest| rest.starts_with('.'));
            let module = if is_first { &*name.bound } else { &*name.name };
            return self.snapshot.module_file(importer, language, module).map(whole);
        }
        if language == Language::Python {
            let dot = if module.ends_with('.') { "" } else { "." };
            let inner = format!("{module}{dot}{}", name.name);
            if let Some(path) = self.snapshot.module_file(importer, language, &inner) {
                return Some(whole(path));
            }
        }
        let path = self.snapshot.module_file(importer, language, module)?;
        if matches!(&*name.name, "default" | "*") {
            return Some(whole(path));
        }
        self.top_level(&path, &name.name, deep)
    }

    /// Where a module binds a name for others; followed where it only passes it on.
    fn top_level(&self, path: &RelPath, name: &str, deep: usize) -> Option<Spot> {
        let file = self.snapshot.file(path)?;
        let facts = file.facts()?;
        let binding = facts.top_level.iter().find(|it| *it.name == *name)?;
        let passed_on = (binding.kind == BindingKind::Import && deep > 0).then(|| {
            let at = |import: &crate::facts::Import| {
                import.names.iter().find(|it| it.range == binding.range).cloned()
            };
            let (module, named) =
                facts.imports.iter().find_map(|import| Some((import.module.clone(), at(import)?)))?;
            self.follow(path, file.language()?, &module, &named, deep - 1)
        });
        passed_on.flatten().or_else(|| Some(Spot { path: path.clone(), range: binding.range }))
    }

    /// A member of a module that was imported, else every member of that name.
    fn of_member(&self, path: &RelPath, syntax: &Syntax, object: Node<'_>, member: Node<'_>) -> Vec<Spot> {
        let base =
            if object.role() == Role::Identifier { self.of_name(path, syntax, object) } else { Vec::new() };
        let modules = base.iter().filter(|it| it.range.is_empty() && it.path != *path);
        let in_module: Vec<Spot> =
            modules.filter_map(|it| self.top_level(&it.path, member.text(), DEEPEST)).collect();
        if in_module.is_empty() { self.members(member.text()) } else { in_module }
    }

    fn members(&self, name: &str) -> Vec<Spot> {
        if let Some(known) = self.members.borrow().get(name) {
            return known.clone();
        }
        let mut found = Vec::new();
        for (path, file) in self.snapshot.files().filter(|(_, file)| file.text().contains(name)) {
            let Some(facts) = file.facts() else { continue };
            let own = facts
                .symbols
                .iter()
                .filter(|it| *it.name == *name && matches!(it.kind, SymbolKind::Method | SymbolKind::Field));
            found.extend(own.map(|it| Spot { path: path.clone(), range: it.selection }));
        }
        found.truncate(MOST_MEMBERS);
        self.members.borrow_mut().insert(name.to_owned(), found.clone());
        found
    }
}

fn is_name(node: Node<'_>) -> bool {
    matches!(node.role(), Role::Identifier | Role::MemberName) && node.raw().child_count() == 0
}

/// The name at a byte, or the one that ends there.
fn name_at(syntax: &Syntax, offset: usize) -> Option<Node<'_>> {
    let at = |offset: usize| {
        let end = offset + 1;
        syntax.node_at(ByteRange::new(offset, end.min(syntax.text().len()))).filter(|it| is_name(*it))
    };
    at(offset).or_else(|| at(offset.checked_sub(1)?))
}
