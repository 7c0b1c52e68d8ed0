//! What a file offers as material: its names with where they may be used, its literals, its conditions.
//!
//! Gathered in two passes over the neutral tree. Names are resolved by text and extent, as far as one file tells.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a place speaks of a few kinds of node; a new kind means nothing to it until it says so"
)]

use std::collections::HashMap;

use bodkin_text::ByteRange;

use crate::binding;
pub(crate) use crate::binding::{is_bound, is_word};

use crate::shape::{self, Shape};
use crate::tree::{Kind, NodeId, Slot, Tree};

/// How a name came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Parameter,
    /// Assigned, walked over, caught.
    Variable,
    Function,
    Class,
    Import,
}

/// A name and where it may be used.
#[derive(Debug, Clone)]
pub(crate) struct Binding {
    pub(crate) name: String,
    pub(crate) origin: Origin,
    /// Where in the file it may be used.
    pub(crate) extent: ByteRange,
    /// Where it is first bound.
    pub(crate) at: usize,
    pub(crate) shape: Shape,
    /// How often it is read.
    pub(crate) uses: u32,
    /// Fewest and most positional arguments, for a function.
    pub(crate) arity: Option<(usize, usize)>,
}

/// The material of one file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    bindings: Vec<Binding>,
    by_name: HashMap<String, Vec<usize>>,
    /// Functions that are members of a class, by name and arity.
    pub(crate) methods: Vec<(String, NodeId)>,
    pub(crate) literals: Vec<NodeId>,
    pub(crate) conditions: Vec<NodeId>,
    pub(crate) calls: Vec<NodeId>,
    /// Attributes, elements, calls and sums: what may stand elsewhere as a value.
    pub(crate) values: Vec<NodeId>,
    /// The step by which blocks are indented.
    pub(crate) step: String,
}

impl Facts {
    /// Gathers the facts of a tree.
    pub(crate) fn of(tree: &Tree) -> Self {
        let mut facts = Self { step: "    ".to_owned(), ..Self::default() };
        for id in tree.all() {
            facts.gather(tree, id);
        }
        facts.step = binding::indent_step(tree);
        for id in tree.all().filter(|&it| tree.kind(it) == Kind::Name) {
            facts.note_use(tree, id);
        }
        for binding in &mut facts.bindings {
            if binding.shape.is_unknown() {
                binding.shape = shape::of_custom(&binding.name);
            }
        }
        facts
    }

    /// The innermost binding of `name` at an offset.
    pub(crate) fn resolve(&self, name: &str, offset: usize) -> Option<&Binding> {
        self.index_of(name, offset).and_then(|at| self.bindings.get(at))
    }

    /// Every name that may be used at an offset; of several with one name the innermost.
    pub(crate) fn visible(&self, offset: usize) -> Vec<&Binding> {
        self.bindings
            .iter()
            .enumerate()
            .filter(|(_, it)| it.extent.contains(ByteRange::at(offset)))
            .filter(|(at, it)| self.index_of(&it.name, offset) == Some(*at))
            .map(|(_, it)| it)
            .collect()
    }

    /// The shape of an expression, names looked up.
    pub(crate) fn shape(&self, tree: &Tree, id: NodeId) -> Shape {
        match tree.kind(id) {
            Kind::Name => {
                self.resolve(tree.text(id), tree.range(id).start).map_or(Shape::UNKNOWN, |it| it.shape)
            }
            _ => shape::of_form(tree, id),
        }
    }

    fn index_of(&self, name: &str, offset: usize) -> Option<usize> {
        let here = ByteRange::at(offset);
        let candidates = self.by_name.get(name)?;
        candidates
            .iter()
            .copied()
            .filter(|&at| self.bindings.get(at).is_some_and(|it| it.extent.contains(here)))
            .min_by_key(|&at| self.bindings.get(at).map_or(usize::MAX, |it| it.extent.len()))
    }

    fn gather(&mut self, tree: &Tree, id: NodeId) {
        match tree.kind(id) {
            Kind::Name if is_bound(tree, id) => self.bind_variable(tree, id),
            Kind::Parameter => self.bind_parameter(tree, id),
            Kind::Function => self.bind_definition(tree, id, Origin::Function),
            Kind::Class => self.bind_definition(tree, id, Origin::Class),
            Kind::Import => self.bind_imports(tree, id),
            Kind::Integer | Kind::Float | Kind::Text => self.literals.push(id),
            Kind::Comparison | Kind::Boolean | Kind::Not => self.conditions.push(id),
            Kind::Call => {
                self.calls.push(id);
                self.values.push(id);
            }
            Kind::Attribute if tree.slot(id) != Slot::Callee => self.values.push(id),
            Kind::Subscript | Kind::Arithmetic => self.values.push(id),
            _ => {}
        }
    }

    fn bind(&mut self, binding: Binding) {
        let known = self.by_name.get(&binding.name).into_iter().flatten().copied();
        let same =
            known.into_iter().find(|&at| self.bindings.get(at).is_some_and(|it| it.extent == binding.extent));
        if let Some(old) = same.and_then(|at| self.bindings.get_mut(at)) {
            old.shape = old.shape.or(binding.shape);
            return;
        }
        self.by_name.entry(binding.name.clone()).or_default().push(self.bindings.len());
        self.bindings.push(binding);
    }

    fn bind_variable(&mut self, tree: &Tree, id: NodeId) {
        let Some(extent) = binding::extent(tree, id) else { return };
        let shape = tree
            .parent(id)
            .filter(|&it| matches!(tree.kind(it), Kind::Assignment | Kind::AugmentedAssignment))
            .and_then(|it| tree.child(it, Slot::Value))
            .map(|it| shape::of_form(tree, it))
            // A name that begins as nothing will be something else.
            .filter(|it| *it != Shape::NOTHING)
            .unwrap_or_default();
        self.bind(Binding {
            name: tree.text(id).to_owned(),
            origin: if shape == Shape::FUNCTION { Origin::Function } else { Origin::Variable },
            extent,
            at: tree.range(id).start,
            shape,
            uses: 0,
            arity: None,
        });
    }

    fn bind_parameter(&mut self, tree: &Tree, id: NodeId) {
        let Some(function) = tree.function_of(id) else { return };
        let name = tree.child(id, Slot::Declared).unwrap_or(id);
        let default = tree.child(id, Slot::Default).map_or(Shape::UNKNOWN, |it| shape::of_form(tree, it));
        let text = tree.text(name).trim_start_matches(['*', '.']);
        if !is_word(text) {
            return;
        }
        self.bind(Binding {
            name: text.to_owned(),
            origin: Origin::Parameter,
            extent: tree.range(function),
            at: tree.range(id).start,
            shape: if default == Shape::NOTHING { Shape::UNKNOWN } else { default },
            uses: 0,
            arity: None,
        });
    }

    fn bind_definition(&mut self, tree: &Tree, id: NodeId, origin: Origin) {
        let Some(name) = tree.child(id, Slot::Declared) else { return };
        let text = tree.text(name).to_owned();
        let home = tree
            .ancestors(id)
            .find(|&it| matches!(tree.kind(it), Kind::Function | Kind::Lambda | Kind::Class | Kind::Module));
        if home.is_some_and(|it| tree.kind(it) == Kind::Class) {
            self.methods.push((text, id));
            return;
        }
        self.bind(Binding {
            name: text,
            origin,
            extent: tree.range(home.unwrap_or(Tree::ROOT)),
            at: tree.range(id).start,
            shape: Shape::FUNCTION,
            uses: 0,
            arity: (origin == Origin::Function).then(|| arity(tree, id)),
        });
    }

    fn bind_imports(&mut self, tree: &Tree, id: NodeId) {
        let home = tree.function_of(id).unwrap_or(Tree::ROOT);
        for name in binding::imported_names(tree.family, tree.text(id)) {
            self.bind(Binding {
                name,
                origin: Origin::Import,
                extent: tree.range(home),
                at: tree.range(id).start,
                shape: Shape::UNKNOWN,
                uses: 0,
                arity: None,
            });
        }
    }

    fn note_use(&mut self, tree: &Tree, id: NodeId) {
        if is_bound(tree, id) && tree.parent(id).is_none_or(|it| tree.kind(it) != Kind::AugmentedAssignment) {
            return;
        }
        let Some(at) = self.index_of(tree.text(id), tree.range(id).start) else { return };
        if let Some(binding) = self.bindings.get_mut(at) {
            binding.uses = binding.uses.saturating_add(1);
            if binding.shape.is_unknown() || binding.origin == Origin::Parameter {
                binding.shape = narrow(binding.shape, shape::of_use(tree, id));
            }
        }
    }
}

/// Two observations of one name: their common part, or both when they have none.
fn narrow(known: Shape, seen: Shape) -> Shape {
    if known.is_unknown() || !known.agrees(seen) { known.or(seen) } else { known.and(seen) }
}

/// Fewest and most positional arguments of a function, `self` left out.
pub(crate) fn arity(tree: &Tree, function: NodeId) -> (usize, usize) {
    let parameters: Vec<NodeId> = tree
        .children(function)
        .iter()
        .filter(|&&it| tree.kind(it) == Kind::Parameters)
        .flat_map(|&it| tree.children(it).iter().copied())
        .filter(|&it| !matches!(tree.text(it), "self" | "cls"))
        .collect();
    let open = parameters.iter().any(|&it| tree.text(it).starts_with(['*', '.']));
    let needed = parameters
        .iter()
        .filter(|&&it| tree.child(it, Slot::Default).is_none() && !tree.text(it).starts_with(['*', '.']))
        .count();
    (needed, if open { usize::MAX } else { parameters.len() })
}
