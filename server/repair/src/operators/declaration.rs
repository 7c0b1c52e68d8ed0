//! How a name is declared: `let` for `const`, a default that all calls share.

use super::Operator;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::site::Site;
use crate::tree::{Kind, NodeId, Slot};
use bodkin_text::ByteRange;

pub(super) struct Declaration;

impl Operator for Declaration {
    fn name(&self) -> &'static str {
        "declaration"
    }

    fn doc(&self) -> &'static str {
        "`let` for `const` or `var`, a fresh default for each call"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        match site.kind() {
            Kind::Declaration => {
                for (from, to) in [("const", "let"), ("var", "let")] {
                    if site.text().starts_with(from) {
                        let start = site.tree.range(site.node).start;
                        let range = ByteRange::new(start, start + from.len());
                        out.change(site, range, to.to_owned(), Template::DeclarationForm, 0.0, Why::Instead);
                    }
                }
            }
            Kind::Parameter if site.family().is_python() => fresh_default(site, out),
            _ => {}
        }
    }
}

/// `def f(x=[])` and `def f(x=None)` with `if x is None: x = []` at the start of the body.
fn fresh_default(site: &Site<'_>, out: &mut Proposals) {
    let tree = site.tree;
    let (Some(name), Some(default)) =
        (tree.child(site.node, Slot::Declared), tree.child(site.node, Slot::Default))
    else {
        return;
    };
    let shared =
        matches!(tree.kind(default), Kind::List | Kind::Dict | Kind::Set) || tree.text(default) == "set()";
    let Some(body) = tree.function_of(site.node).and_then(|it| tree.child(it, Slot::Body)) else { return };
    let Some(first) = first_after_doc(site, body).filter(|_| shared) else { return };
    let Some(indent) = tree.indent(first) else { return };
    let (from, to) = (tree.range(default), tree.range(first).start);
    let between = tree.slice(ByteRange::new(from.end, to));
    let (name, value) = (tree.text(name), tree.text(default));
    let guard = site.family().guarded(
        &site.family().is_null(name),
        &format!("{name} = {value}"),
        indent,
        &site.unit.facts.step,
    );
    let text = format!("None{between}{guard}\n{indent}");
    let why = Why::Sentence(format!("make a fresh `{value}` in each call: a default is shared by all calls"));
    out.change(site, ByteRange::new(from.start, to), text, Template::DefaultShared, 0.0, why);
}

fn first_after_doc(site: &Site<'_>, body: NodeId) -> Option<NodeId> {
    let tree = site.tree;
    tree.children(body).iter().copied().find(|&it| {
        !tree
            .child(it, Slot::Value)
            .is_some_and(|value| tree.kind(it) == Kind::ExpressionStatement && tree.kind(value) == Kind::Text)
    })
}
