//! The names that may be used at a place.

use std::collections::HashSet;

use bodkin_text::ByteRange;

use super::scope::{Binding, BindingKind};
use crate::node::Node;
use crate::syntax::Syntax;

/// A name that may be used at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleName {
    /// The name.
    pub name: Box<str>,
    /// From how far away.
    pub origin: Origin,
    /// What binds it; `None` for a builtin.
    pub kind: Option<BindingKind>,
    /// Where it is bound: the last place before, else the first after; `None` for a builtin.
    pub bound_at: Option<ByteRange>,
}

/// From how far away a name is seen; nearer is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// The same function.
    Local,
    /// A function around it.
    Enclosing,
    /// The module, or a class around a place that is in no function of it.
    Module,
    /// An import at the top of the module.
    Imported,
    /// The language.
    Builtin,
}

impl Syntax {
    /// The names that may be used at `offset`, each once, nearest first: by origin, then by the distance of the place
    /// that binds it. A name that is bound only further down is among them.
    pub fn visible_at(&self, offset: usize) -> Vec<VisibleName> {
        let around: Vec<Node<'_>> = self.functions_around(offset);
        let inner = around.first().map(|it| it.range());
        let outermost = around.last().map(|it| self.scope_of(*it)).unwrap_or_default();
        let module = self.module_scope();
        let mut seen: Vec<(Origin, bool, usize, Binding)> = Vec::new();
        for (bindings, is_module) in [(outermost.bindings, false), (module.bindings, true)] {
            for it in bindings.into_iter().filter(|it| sees(it, offset, inner)) {
                let origin = origin(&it, is_module, inner);
                seen.push((origin, it.range.start > offset, it.range.start.abs_diff(offset), it));
            }
        }
        seen.sort_by_key(|(origin, is_after, distance, _)| (*origin, *is_after, *distance));
        let mut names = HashSet::new();
        let bound = seen.into_iter().map(|(origin, _, _, it)| VisibleName {
            name: it.name,
            origin,
            kind: Some(it.kind),
            bound_at: Some(it.range),
        });
        let builtin = self.language().builtins().iter().map(|name| VisibleName {
            name: name.into(),
            origin: Origin::Builtin,
            kind: None,
            bound_at: None,
        });
        bound.chain(builtin).filter(|it| names.insert(it.name.clone())).collect()
    }

    /// The functions and lambdas around a place, innermost first.
    fn functions_around(&self, offset: usize) -> Vec<Node<'_>> {
        let Some(node) = self.node_at(ByteRange::at(offset)) else { return Vec::new() };
        std::iter::once(node).chain(node.ancestors()).filter(|it| it.kind_role().is_function()).collect()
    }
}

/// Whether a place sees a binding; `inner` is the function that the place is in.
fn sees(binding: &Binding, offset: usize, inner: Option<ByteRange>) -> bool {
    let within = binding.within.contains(ByteRange::at(offset));
    // A method does not see the names of its class.
    let hidden = binding.kind == BindingKind::Member && inner.is_some_and(|it| binding.within.contains(it));
    within && !hidden
}

fn origin(binding: &Binding, is_module: bool, inner: Option<ByteRange>) -> Origin {
    match (is_module, binding.kind == BindingKind::Import) {
        (true, true) => Origin::Imported,
        (true, false) => Origin::Module,
        (false, _) if inner.is_some_and(|it| it.contains(binding.within)) => Origin::Local,
        (false, _) => Origin::Enclosing,
    }
}
