//! The pass that fills a [`Scope`].
#![expect(clippy::wildcard_enum_match_arm, reason = "a role that is not named binds and refers to nothing")]

use std::collections::HashSet;

use bodkin_text::ByteRange;

use super::scope::{Binding, BindingKind, Scope};
use super::uses::{CallUse, LiteralUse, MemberUse, NameUse};
use crate::grammar::Frame;
use crate::node::Node;
use crate::role::{Role, Slot};
use crate::walk::Walk;

/// Fills a scope while it goes over nodes, parents before children.
pub(super) struct Collector {
    scope: Scope,
    range: ByteRange,
    into_functions: bool,
    frames: Vec<Open>,
    /// Starts of names that are no uses: they are bound there, or label a member or an argument.
    labels: HashSet<usize>,
    /// Names that a function takes from outside, though it assigns them.
    outer: Vec<(ByteRange, Box<str>)>,
}

/// Where a name is bound: what sort of part of the text, and which.
type Place = (Frame, ByteRange);

/// A part of the text that keeps names to itself, and how deep it lies.
struct Open {
    frame: Frame,
    range: ByteRange,
    depth: u32,
}

impl Collector {
    /// For a function and all in it.
    pub(super) fn whole(range: ByteRange) -> Self {
        Self {
            scope: Scope::default(),
            range,
            into_functions: true,
            frames: Vec::new(),
            labels: HashSet::new(),
            outer: Vec::new(),
        }
    }

    /// For a module without what is in its functions.
    pub(super) fn outside_functions(range: ByteRange) -> Self {
        Self { into_functions: false, ..Self::whole(range) }
    }

    pub(super) fn run(mut self, root: Node<'_>) -> Scope {
        let mut walk = root.walk();
        while let Some(node) = walk.next() {
            if node.is_named() {
                self.visit(node, &mut walk);
            }
        }
        let Self { mut scope, outer, .. } = self;
        let is_outer =
            |it: &Binding| outer.iter().any(|(range, name)| *range == it.within && *name == it.name);
        let (taken, bound): (Vec<_>, Vec<_>) = scope.bindings.into_iter().partition(is_outer);
        scope.bindings = bound;
        scope.names.extend(taken.into_iter().map(|it| NameUse { name: it.name, range: it.range }));
        scope.names.sort_by_key(|it| it.range);
        scope
    }

    fn visit(&mut self, node: Node<'_>, walk: &mut Walk<'_>) {
        let (role, depth) = (node.kind_role(), walk.depth());
        while self.frames.last().is_some_and(|it| it.depth >= depth) {
            self.frames.pop();
        }
        self.bind_around(node, role);
        let closed = matches!(role, Role::Import | Role::OuterNames | Role::Type | Role::TypeDeclaration);
        if closed || (role.is_function() && depth > 0 && !self.into_functions) {
            walk.skip_below();
            return;
        }
        if let Some(frame) = node.entry().and_then(|it| it.frame) {
            let range = if depth == 0 { self.range } else { node.range() };
            self.frames.push(Open { frame, range, depth });
        }
        self.bind_inside(node, role);
        self.refer(node, role);
    }

    /// Names that a node binds in the part around it.
    fn bind_around(&mut self, node: Node<'_>, role: Role) {
        let assigns = node.syntax().language().table().grammar.assignment_declares;
        let target = || node.target().filter(|_| assigns);
        match role {
            Role::Function if node.is_statement() => {
                self.bind_name(node.name(), BindingKind::Function, self.nearest());
            }
            Role::Class if node.is_statement() => {
                self.bind_name(node.name(), BindingKind::Class, self.nearest());
            }
            Role::Assignment => self.bind(target(), BindingKind::Assigned, Self::function),
            Role::AugmentedAssignment => {
                self.bind(target(), BindingKind::Assigned, Self::function);
                // It is read as well.
                if let Some(target) = target() {
                    self.labels.remove(&target.start());
                }
            }
            Role::ForEach if assigns => self.bind(node.target(), BindingKind::Loop, Self::function),
            Role::Declaration => self.declare(node),
            Role::Pattern => self.bind(node.slot(Slot::Alias), alias_kind(node), Self::function),
            Role::Catch => self.bind(node.slot(Slot::Alias), BindingKind::Caught, Self::function),
            Role::CaseName => {
                self.bind_name(case_name(node), BindingKind::Case, self.function());
                node.parts().into_iter().skip(1).for_each(|it| self.label(Some(it)));
            }
            Role::Import => self.import(node),
            Role::OuterNames => self.take_outer(node),
            Role::KeywordArgument => self.label(node.name()),
            Role::Attribute => self.label(node.member()),
            _ => {}
        }
    }

    /// Names that a node binds for what is in it.
    fn bind_inside(&mut self, node: Node<'_>, role: Role) {
        match role {
            Role::Function | Role::Lambda => {
                for parameter in node.parameters() {
                    self.bind(Some(parameter), BindingKind::Parameter, Self::nearest);
                }
                if !node.is_statement() {
                    self.bind(node.name(), BindingKind::Function, Self::nearest);
                }
                self.label(node.name());
            }
            Role::ComprehensionFor => {
                self.bind(node.target(), BindingKind::Comprehension, Self::comprehension);
            }
            Role::Catch => self.bind(node.target(), BindingKind::Caught, Self::nearest),
            Role::ForEach => match node.slot(Slot::Keyword).map(Node::text) {
                Some("var") => self.bind(node.target(), BindingKind::Loop, Self::function),
                Some(_) => self.bind(node.target(), BindingKind::Loop, Self::nearest),
                None => {}
            },
            _ => {}
        }
    }

    fn refer(&mut self, node: Node<'_>, role: Role) {
        match role {
            Role::Identifier if !self.labels.contains(&node.start()) => {
                self.scope.names.push(NameUse::of(node));
            }
            Role::Attribute => self.scope.members.extend(MemberUse::of(node)),
            Role::Call | Role::New => self.scope.calls.extend(CallUse::of(node)),
            role if role.is_literal() && node.role().is_literal() => {
                self.scope.literals.push(LiteralUse { role: node.role(), range: node.range() });
            }
            _ => {}
        }
    }

    fn declare(&mut self, node: Node<'_>) {
        let hoisted = node.slot(Slot::Keyword).is_some_and(|it| it.text() == "var");
        let place = if hoisted { Self::function } else { Self::nearest };
        for declared in node.parts() {
            self.bind(declared.target(), BindingKind::Assigned, place);
        }
    }

    fn import(&mut self, node: Node<'_>) {
        let Some((frame, within)) = self.nearest() else { return };
        let kind = if frame == Frame::Class { BindingKind::Member } else { BindingKind::Import };
        for it in super::Import::of(node).names {
            self.scope.bindings.push(Binding { name: it.bound, kind, range: it.range, within });
        }
    }

    fn take_outer(&mut self, node: Node<'_>) {
        if let Some((_, range)) = self.function() {
            self.outer.extend(node.parts().into_iter().map(|it| (range, it.text().into())));
        }
    }

    fn bind(&mut self, pattern: Option<Node<'_>>, kind: BindingKind, place: fn(&Self) -> Option<Place>) {
        let place = place(self);
        for name in pattern.map(Node::bound_names).unwrap_or_default() {
            self.bind_name(Some(name), kind, place);
        }
    }

    fn bind_name(&mut self, name: Option<Node<'_>>, kind: BindingKind, place: Option<Place>) {
        let Some(name) = name else { return };
        self.labels.insert(name.start());
        if let Some((frame, within)) = place {
            let kind = if frame == Frame::Class { BindingKind::Member } else { kind };
            self.scope.bindings.push(Binding { name: name.text().into(), kind, range: name.range(), within });
        }
    }

    fn label(&mut self, name: Option<Node<'_>>) {
        self.labels.extend(name.map(Node::start));
    }

    /// The innermost part that is no comprehension.
    fn nearest(&self) -> Option<Place> {
        self.innermost(|frame| frame != Frame::Comprehension)
    }

    /// The innermost function, class or module.
    fn function(&self) -> Option<Place> {
        self.innermost(|frame| matches!(frame, Frame::Function | Frame::Class))
    }

    fn comprehension(&self) -> Option<Place> {
        self.innermost(|frame| frame == Frame::Comprehension)
    }

    fn innermost(&self, is: impl Fn(Frame) -> bool) -> Option<Place> {
        self.frames.iter().rev().find(|it| is(it.frame)).map(|it| (it.frame, it.range))
    }
}

/// What `… as name` binds its name for.
fn alias_kind(pattern: Node<'_>) -> BindingKind {
    match pattern.parent().map(Node::kind_role) {
        Some(Role::Catch) => BindingKind::Caught,
        Some(Role::Pattern) => BindingKind::Case,
        _ => BindingKind::With,
    }
}

/// The name that a name in a case's pattern binds; none if it names a class or a constant in a module.
fn case_name(node: Node<'_>) -> Option<Node<'_>> {
    let mut names = node.parts().into_iter();
    let first = names.next()?;
    let is_class = node.parent().is_some_and(|it| it.kind() == "class_pattern");
    (names.next().is_none() && !is_class).then_some(first)
}
