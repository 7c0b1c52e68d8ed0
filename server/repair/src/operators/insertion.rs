//! Where a statement may be inserted beside or in another, and its insertion: shared by the operators that insert.

use bodkin_text::ByteRange;

use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::site::Site;
use crate::tree::{Kind, Slot};

/// Where a statement may be inserted: offset, text before, text after, cost.
pub(super) type Insertion = (ByteRange, String, String, f32);

/// Before the statement, after it, into its block, behind the blocks that end with it.
pub(super) fn places(site: &Site<'_>) -> Vec<Insertion> {
    let tree = site.tree;
    let Some(indent) = site.indent() else { return Vec::new() };
    let range = tree.range(site.node);
    let mut places: Vec<Insertion> =
        vec![(ByteRange::at(range.start), String::new(), format!("\n{indent}"), 0.3)];
    if !matches!(site.kind(), Kind::Return | Kind::Raise | Kind::Break | Kind::Continue) {
        places.push((ByteRange::at(range.end), format!("\n{indent}"), String::new(), 0.0));
    }
    // Into the block of a header, as its first.
    let body = tree.child(site.node, Slot::Body).or_else(|| tree.child(site.node, Slot::Then));
    if let Some(first) = body.and_then(|it| tree.children(it).first().copied())
        && let Some(inner) = tree.indent(first)
    {
        places.push((ByteRange::at(tree.range(first).start), String::new(), format!("\n{inner}"), 0.7));
    }
    for (at, (offset, outer)) in endings(site).into_iter().enumerate() {
        places.push((ByteRange::at(offset), format!("\n{outer}"), String::new(), 0.7 + at as f32 * 0.3));
    }
    places
}

/// Ends of the blocks that end with this statement, innermost first: offset behind, indentation there.
pub(super) fn endings(site: &Site<'_>) -> Vec<(usize, String)> {
    let tree = site.tree;
    let mut found = Vec::new();
    let mut at = site.node;
    while tree.siblings(at).last() == Some(&at) {
        let owner = tree.ancestors(at).find(|&it| tree.kind(it).is_statement());
        let Some(owner) = owner.filter(|&it| !matches!(tree.kind(it), Kind::Function | Kind::Class)) else {
            break;
        };
        if let Some(outer) = tree.indent(owner).filter(|_| found.len() < 3) {
            found.push((tree.range(owner).end, outer.to_owned()));
        }
        at = owner;
    }
    found
}

/// Proposes the statement at each place.
pub(super) fn insert(
    site: &Site<'_>,
    places: &[Insertion],
    statement: &str,
    template: Template,
    cost: f32,
    out: &mut Proposals,
) {
    for (at, before, after, extra) in places {
        let text = format!("{before}{statement}{}{after}", site.family().end());
        let why = Why::Sentence(format!("insert `{statement}`"));
        out.change(site, *at, text, template, cost + extra, why);
    }
}
