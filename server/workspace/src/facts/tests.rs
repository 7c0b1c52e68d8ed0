//! The tests that a file writes down, as its runner would collect them.
//!
//! Static: what a program makes while it runs (`it.each`, generated classes) is not seen; parameters belong to their
//! function. Whether a runner looks into the file at all is for those who know how it is run.
#![expect(clippy::wildcard_enum_match_arm, reason = "a role that is not named is no test")]

use bodkin_text::ByteRange;

use crate::node::Node;
use crate::role::{Role, Slot};
use crate::walk::Walk;

/// A test, or a group of tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestItem {
    /// Its function's or class's name, or what it says.
    pub name: Box<str>,
    /// Which of the two.
    pub kind: TestKind,
    /// All of it.
    pub range: ByteRange,
    /// Where its name stands.
    pub selection: ByteRange,
    /// The place in the list of the group that it is in; smaller than its own.
    pub parent: Option<usize>,
}

/// Whether a runner runs it or what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TestKind {
    /// A class or a suite.
    Group,
    /// One test.
    Test,
}

/// The tests below a node, groups before what is in them, in order of the text; a group without tests is none.
pub(super) fn of(root: Node<'_>) -> Vec<TestItem> {
    let mut pass = Pass::default();
    let mut walk = root.walk();
    while let Some(node) = walk.next() {
        if node.is_named() {
            pass.visit(node, &mut walk);
        }
    }
    without_empty_groups(pass.found)
}

#[derive(Default)]
struct Pass<'s> {
    found: Vec<TestItem>,
    /// The groups that the pass is in: how deep each lies, and its place.
    around: Vec<(u32, usize)>,
    /// Classes of this file that hold tests, for those that extend them.
    classes: Vec<&'s str>,
}

impl<'s> Pass<'s> {
    fn visit(&mut self, node: Node<'s>, walk: &mut Walk<'s>) {
        let depth = walk.depth();
        while self.around.last().is_some_and(|(group, _)| *group >= depth) {
            self.around.pop();
        }
        let grammar = node.syntax().language().table().grammar;
        if grammar.test_calls.is_empty() {
            self.by_name(node, walk);
        } else if node.kind_role() == Role::Call {
            self.by_call(node, depth, walk);
        }
    }

    /// Languages in which a test is a function with the right name.
    fn by_name(&mut self, node: Node<'s>, walk: &mut Walk<'s>) {
        match node.kind_role() {
            Role::Function => {
                if let Some(name) = node.name().filter(|it| it.text().starts_with("test")) {
                    self.add(name.text(), name, node, TestKind::Test);
                }
                walk.skip_below();
            }
            Role::Class => match node.name().filter(|name| self.holds_tests(node, *name)) {
                Some(name) => {
                    self.classes.push(name.text());
                    let place = self.add(name.text(), name, node, TestKind::Group);
                    self.around.push((walk.depth(), place));
                }
                None => walk.skip_below(),
            },
            Role::Lambda | Role::Import => walk.skip_below(),
            _ => {}
        }
    }

    /// `TestX`, `X(unittest.TestCase)`, and what extends such a class of this file.
    fn holds_tests(&self, class: Node<'s>, name: Node<'s>) -> bool {
        let bases = class.slot(Slot::Bases).map(Node::parts).unwrap_or_default();
        let last = |it: &Node<'s>| it.text().rsplit('.').next().unwrap_or_default();
        name.text().starts_with("Test")
            || bases.iter().any(|it| last(it).ends_with("TestCase") || self.classes.contains(&it.text()))
    }

    /// `it("does this", () => …)`, `describe("a thing", () => …)`.
    fn by_call(&mut self, node: Node<'s>, depth: u32, walk: &mut Walk<'s>) {
        let grammar = node.syntax().language().table().grammar;
        let Some(callee) = node.callee() else { return };
        let base = callee.object().unwrap_or(callee);
        if base.role() != Role::Identifier {
            return;
        }
        let kind = match base.text() {
            name if grammar.test_calls.contains(&name) => TestKind::Test,
            name if grammar.group_calls.contains(&name) => TestKind::Group,
            _ => return,
        };
        let arguments = node.arguments();
        let label = arguments.first().filter(|it| it.role() == Role::StringLiteral);
        let has_body = arguments.iter().any(|it| it.kind_role().is_function());
        let Some(label) = label.filter(|_| has_body) else { return };
        let place = self.add(&said(label.text()), *label, node, kind);
        match kind {
            TestKind::Group => self.around.push((depth, place)),
            TestKind::Test => walk.skip_below(),
        }
    }

    fn add(&mut self, name: &str, label: Node<'s>, node: Node<'s>, kind: TestKind) -> usize {
        self.found.push(TestItem {
            name: name.into(),
            kind,
            range: node.range(),
            selection: label.range(),
            parent: self.around.last().map(|(_, place)| *place),
        });
        self.found.len() - 1
    }
}

/// What a string literal says, its quotes and the backslashes before marks taken away.
fn said(literal: &str) -> String {
    let quote = |it: char| matches!(it, '"' | '\'' | '`');
    let inner = literal.strip_prefix(quote).and_then(|it| it.strip_suffix(quote)).unwrap_or(literal);
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(it) = chars.next() {
        match chars.next_if(|next| it == '\\' && (quote(*next) || *next == '\\')) {
            Some(escaped) => out.push(escaped),
            None => out.push(it),
        }
    }
    out
}

fn without_empty_groups(found: Vec<TestItem>) -> Vec<TestItem> {
    let mut used: Vec<bool> = found.iter().map(|it| it.kind == TestKind::Test).collect();
    for (place, it) in found.iter().enumerate().rev() {
        if used.get(place) == Some(&true)
            && let Some(parent) = it.parent.and_then(|parent| used.get_mut(parent))
        {
            *parent = true;
        }
    }
    let mut now = Vec::with_capacity(found.len());
    let mut places = Vec::with_capacity(found.len());
    for (mut it, used) in found.into_iter().zip(used) {
        places.push(now.len());
        if used {
            it.parent = it.parent.and_then(|parent| places.get(parent).copied());
            now.push(it);
        }
    }
    now
}
