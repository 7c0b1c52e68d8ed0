//! A statement in the wrong place: swapped with its neighbour, in or out of a block, after instead of before.

use super::Operator;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::site::Site;
use crate::tree::{Kind, NodeId, Slot};
use bodkin_text::ByteRange;

pub(super) struct Movement;

impl Operator for Movement {
    fn name(&self) -> &'static str {
        "movement"
    }

    fn doc(&self) -> &'static str {
        "swaps neighbouring statements, moves one in or out of a block"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        if !site.is_statement() {
            return;
        }
        let siblings = site.tree.siblings(site.node);
        let Some(at) = siblings.iter().position(|&it| it == site.node) else { return };
        let before = at.checked_sub(1).and_then(|it| siblings.get(it)).copied();
        let after = siblings.get(at + 1).copied();
        for (one, other) in
            [before.map(|it| (it, site.node)), after.map(|it| (site.node, it))].into_iter().flatten()
        {
            swap(site, one, other, out);
        }
        if before.is_some() && after.is_none() {
            move_out(site, out);
        }
        if before.is_none() && after.is_some() {
            move_before(site, out);
        }
        if let Some(before) = before {
            move_in(site, before, out);
        }
        move_further(site, &siblings, at, out);
    }
}

/// Whether it may stand elsewhere.
fn is_free(site: &Site<'_>, id: NodeId) -> bool {
    !matches!(site.tree.kind(id), Kind::Import | Kind::Function | Kind::Class | Kind::Pass)
        && site.tree.indent(id).is_some()
}

fn swap(site: &Site<'_>, one: NodeId, other: NodeId, out: &mut Proposals) {
    let tree = site.tree;
    if !is_free(site, one) || !is_free(site, other) {
        return;
    }
    let (a, b) = (tree.range(one), tree.range(other));
    if b.end.saturating_sub(a.start) > 2_000 {
        return;
    }
    let between = tree.slice(ByteRange::new(a.end, b.start));
    let text = format!("{}{between}{}", tree.text(other), tree.text(one));
    let leaves = [one, other]
        .iter()
        .any(|&it| matches!(tree.kind(it), Kind::Return | Kind::Raise | Kind::Break | Kind::Continue));
    let why = Why::Sentence("swap two neighbouring statements".to_owned());
    out.change(
        site,
        ByteRange::new(a.start, b.end),
        text,
        Template::StatementsSwapped,
        if leaves { 2.0 } else { 0.0 },
        why,
    );
}

/// The statement's text with every further line moved from one indentation to another.
fn at_indent(site: &Site<'_>, from: &str, to: &str) -> String {
    let mut lines = site.text().split('\n');
    let mut text = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        text.push('\n');
        match line.strip_prefix(from) {
            Some(rest) => {
                text.push_str(to);
                text.push_str(rest);
            }
            None => text.push_str(line),
        }
    }
    text
}

/// The statement's lines, with the newline before them.
fn lines_of(site: &Site<'_>, indent: &str) -> ByteRange {
    let range = site.tree.range(site.node);
    let start = range.start.saturating_sub(indent.len());
    let before = site.tree.text.get(..start).unwrap_or_default();
    let newline = if before.ends_with("\r\n") { 2 } else { usize::from(before.ends_with('\n')) };
    ByteRange::new(start - newline, range.end)
}

/// The last statement of a block, behind the block.
fn move_out(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let Some(owner) =
        tree.parent(site.node).and_then(|it| tree.parent(it)).and_then(|it| tree.statement_of(it))
    else {
        return;
    };
    let owner = if tree.kind(owner).is_statement() {
        owner
    } else {
        tree.parent(owner).and_then(|it| tree.statement_of(it)).unwrap_or(owner)
    };
    let inner = tree.kind(owner).is_statement()
        && !matches!(tree.kind(owner), Kind::Function | Kind::Class | Kind::Try);
    let (Some(indent), Some(outer)) =
        (site.indent(), tree.indent(owner).filter(|_| inner && is_free(site, site.node)))
    else {
        return;
    };
    let (lines, end) = (lines_of(site, indent), tree.range(owner).end);
    let rest = tree.slice(ByteRange::new(lines.end, end));
    let text = format!("{rest}\n{outer}{}", at_indent(site, indent, outer));
    let why = Why::Sentence("move the statement out of its block".to_owned());
    out.change(site, ByteRange::new(lines.start, end), text, Template::StatementMoved, 0.0, why);
}

/// The first statement of a loop's or a condition's block, before it.
fn move_before(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let Some(owner) = tree
        .parent(site.node)
        .and_then(|it| tree.parent(it))
        .filter(|&it| tree.kind(it).is_loop() || tree.kind(it) == Kind::If)
    else {
        return;
    };
    let (Some(indent), Some(outer)) =
        (site.indent(), tree.indent(owner).filter(|_| is_free(site, site.node)))
    else {
        return;
    };
    let lines = lines_of(site, indent);
    let start = tree.range(owner).start;
    let head = tree.slice(ByteRange::new(start, lines.start));
    let text = format!("{}\n{outer}{head}", at_indent(site, indent, outer));
    let why = Why::Sentence("move the statement before its block".to_owned());
    out.change(site, ByteRange::new(start, lines.end), text, Template::StatementMoved, 0.5, why);
}

/// Into the block that ends before it.
fn move_in(site: &Site<'_>, before: NodeId, out: &mut Proposals) {
    let tree = site.tree;
    let block = tree.child(before, Slot::Body).or_else(|| tree.child(before, Slot::Then));
    let last = block.and_then(|it| tree.children(it).last().copied());
    let (Some(last), Some(indent)) = (last.filter(|_| is_free(site, site.node)), site.indent()) else {
        return;
    };
    if matches!(tree.kind(before), Kind::Function | Kind::Class) {
        return;
    }
    let Some(inner) = tree.indent(last) else { return };
    let own = tree.range(site.node);
    let why = || Why::Sentence("move the statement into the block before it".to_owned());
    let text = at_indent(site, indent, inner);
    if site.family().is_python() {
        let between = tree.slice(ByteRange::new(tree.range(before).end, own.start - indent.len()));
        let with = format!("{between}{inner}{text}");
        out.change(
            site,
            ByteRange::new(tree.range(before).end, own.end),
            with,
            Template::StatementMoved,
            0.3,
            why(),
        );
    } else {
        let end = tree.range(last).end;
        let rest = tree.slice(ByteRange::new(end, tree.range(before).end));
        let with = format!("\n{inner}{text}{rest}");
        out.change(site, ByteRange::new(end, own.end), with, Template::StatementMoved, 0.3, why());
    }
}

/// Past more than one neighbour: to the front or to the end of its block.
fn move_further(site: &Site<'_>, siblings: &[NodeId], at: usize, out: &mut Proposals) {
    let tree = site.tree;
    let Some(indent) = site.indent().filter(|_| is_free(site, site.node)) else { return };
    let lines = lines_of(site, indent);
    let why = |place: &str| Why::Sentence(format!("move the statement to the {place} of its block"));
    if let (Some(&last), true) = (siblings.last(), at + 2 < siblings.len()) {
        let end = tree.range(last).end;
        let rest = tree.slice(ByteRange::new(lines.end, end));
        if rest.len() < 2_000 {
            let text = format!("{rest}\n{indent}{}", site.text());
            out.change(
                site,
                ByteRange::new(lines.start, end),
                text,
                Template::StatementMoved,
                1.2,
                why("end"),
            );
        }
    }
    if let (Some(&first), true) = (siblings.first(), at >= 2) {
        let start = tree.range(first).start;
        let rest = tree.slice(ByteRange::new(start, lines.start));
        if rest.len() < 2_000 && tree.indent(first).is_some() {
            let text = format!("{}\n{indent}{rest}", site.text());
            out.change(
                site,
                ByteRange::new(start, lines.end),
                text,
                Template::StatementMoved,
                1.2,
                why("front"),
            );
        }
    }
}
