//! The pass that fills [`Facts`].
#![expect(clippy::wildcard_enum_match_arm, reason = "a role that is not named defines nothing")]

use std::collections::{HashMap, HashSet};

use super::imports::Import;
use super::outline::{Class, Facts, Function, Symbol, SymbolKind};
use crate::node::Node;
use crate::role::{Role, Slot};
use crate::walk::Walk;

/// Fills facts while it goes over nodes, parents before children.
#[derive(Default)]
pub(super) struct Definer<'s> {
    facts: Facts,
    around: Vec<Around<'s>>,
    /// What a value that has no name of its own is known by; by where the value starts.
    names: HashMap<usize, Name<'s>>,
    /// Variables that are in the outline, by what they are in.
    variables: HashSet<(Option<usize>, &'s str)>,
}

/// A definition that the pass is in, and how deep it lies.
struct Around<'s> {
    depth: u32,
    symbol: Option<usize>,
    /// The name if it is a class.
    class: Option<&'s str>,
}

#[derive(Clone, Copy)]
struct Name<'s> {
    node: Node<'s>,
    is_test: bool,
}

impl<'s> Definer<'s> {
    pub(super) fn run(mut self, root: Node<'s>) -> Facts {
        let mut walk = root.walk();
        while let Some(node) = walk.next() {
            if node.is_named() {
                self.visit(node, &mut walk);
            }
        }
        self.facts
    }

    fn visit(&mut self, node: Node<'s>, walk: &mut Walk<'s>) {
        let depth = walk.depth();
        while self.around.last().is_some_and(|it| it.depth >= depth) {
            self.around.pop();
        }
        match node.kind_role() {
            Role::Import => {
                self.facts.imports.push(Import::of(node));
                walk.skip_below();
            }
            Role::Type => walk.skip_below(),
            Role::TypeDeclaration => {
                self.type_declaration(node);
                walk.skip_below();
            }
            Role::Assignment => self.assignment(node),
            Role::Pair => {
                self.name_value(node.slot(Slot::Key), node.value());
            }
            Role::Field => self.field(node),
            Role::Call => self.test_call(node),
            Role::Function | Role::Lambda => self.function(node, depth),
            Role::Class => self.class(node, depth),
            _ => {}
        }
    }

    fn function(&mut self, node: Node<'s>, depth: u32) {
        let given = self.names.remove(&node.start());
        let class = self.around.last().and_then(|it| it.class);
        let name = node.name().map(|node| Name { node, is_test: false }).or(given);
        let symbol = name.map(|Name { node: label, is_test }| {
            let name = label_text(label);
            let named_so = (node.syntax().language().table().grammar.is_test)(name, class);
            self.facts.functions.push(Function {
                name: name.into(),
                range: node.range(),
                selection: label.range(),
                parameters: parameter_names(node),
                class: class.map(Into::into),
                is_test: is_test || named_so,
            });
            let kind = if class.is_some() { SymbolKind::Method } else { SymbolKind::Function };
            self.symbol(label, if is_test { SymbolKind::Test } else { kind }, node)
        });
        let symbol = symbol.or(self.parent());
        self.around.push(Around { depth, symbol, class: None });
    }

    fn class(&mut self, node: Node<'s>, depth: u32) {
        let given = self.names.remove(&node.start());
        let label = node.name().or(given.map(|it| it.node));
        let symbol = label.map(|label| {
            let class = Class { name: label.text().into(), range: node.range(), selection: label.range() };
            self.facts.classes.push(class);
            let is_enum = node.kind() == "enum_declaration";
            self.symbol(label, if is_enum { SymbolKind::Enum } else { SymbolKind::Class }, node)
        });
        let class = Some(label.map_or("", Node::text));
        let symbol = symbol.or(self.parent());
        self.around.push(Around { depth, symbol, class });
    }

    /// A variable, unless what it holds is a definition by that name.
    fn assignment(&mut self, node: Node<'s>) {
        let grammar = node.syntax().language().table().grammar;
        self.facts.imports.extend((grammar.required)(node));
        let Some(target) = node.target() else { return };
        if self.name_value(Some(target), node.value()) {
            return;
        }
        let (in_class, in_function) = match self.around.last() {
            Some(around) => (around.class.is_some(), around.class.is_none()),
            None => (false, false),
        };
        let declares = grammar.assignment_declares
            || node.parent().is_some_and(|it| it.kind_role() == Role::Declaration);
        if declares && !in_function {
            let kind = if in_class { SymbolKind::Field } else { SymbolKind::Variable };
            for name in target.bound_names() {
                self.variable(name, kind, node);
            }
        }
    }

    fn field(&mut self, node: Node<'s>) {
        if !self.name_value(node.name(), node.value()) {
            node.name().into_iter().for_each(|name| self.variable(name, SymbolKind::Field, node));
        }
    }

    fn variable(&mut self, name: Node<'s>, kind: SymbolKind, node: Node<'s>) {
        if self.variables.insert((self.parent(), name.text())) {
            self.symbol(name, kind, node);
        }
    }

    fn type_declaration(&mut self, node: Node<'s>) {
        let kind = match node.kind() {
            "interface_declaration" => SymbolKind::Interface,
            "function_signature" => SymbolKind::Function,
            _ => SymbolKind::Type,
        };
        if let Some(name) = node.name() {
            self.symbol(name, kind, node);
        }
    }

    /// Names a function or class after what holds it; whether there is one.
    fn name_value(&mut self, label: Option<Node<'s>>, value: Option<Node<'s>>) -> bool {
        let (Some(label), Some(value)) = (label, value.map(Node::unwrapped)) else { return false };
        let defines = value.kind_role().is_function() || value.kind_role() == Role::Class;
        if defines && label.kind_role() != Role::Pattern {
            let node = label.member().unwrap_or(label);
            self.names.insert(value.start(), Name { node, is_test: false });
        }
        defines
    }

    /// `it("does this", () => …)`.
    fn test_call(&mut self, node: Node<'s>) {
        let calls = node.syntax().language().table().grammar.test_calls;
        let is_test = node.callee().is_some_and(|callee| {
            let base = callee.object().unwrap_or(callee);
            base.role() == Role::Identifier && calls.contains(&base.text())
        });
        if !is_test {
            return;
        }
        let arguments = node.arguments();
        let label = arguments.first().filter(|it| matches!(it.role(), Role::StringLiteral | Role::Template));
        let body = arguments.iter().find(|it| it.kind_role().is_function());
        if let (Some(label), Some(body)) = (label, body) {
            self.names.insert(body.start(), Name { node: *label, is_test: true });
        }
    }

    fn symbol(&mut self, label: Node<'s>, kind: SymbolKind, node: Node<'s>) -> usize {
        let (name, parent) = (label_text(label).into(), self.parent());
        let symbol = Symbol { name, kind, range: node.range(), selection: label.range(), parent };
        self.facts.symbols.push(symbol);
        self.facts.symbols.len() - 1
    }

    fn parent(&self) -> Option<usize> {
        self.around.last().and_then(|it| it.symbol)
    }
}

/// A name, or what a string says.
fn label_text<'s>(label: Node<'s>) -> &'s str {
    let text: &'s str = label.text();
    if label.role() == Role::Identifier { text } else { text.trim_matches(['"', '\'', '`']) }
}

fn parameter_names(function: Node<'_>) -> Vec<Box<str>> {
    let names = function.parameters().into_iter().flat_map(Node::bound_names);
    names.map(|it| it.text().into()).collect()
}
