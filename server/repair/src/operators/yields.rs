//! One value or many: `yield`, `yield from` and `return`.

use super::Operator;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::site::Site;
use crate::tree::{Kind, NodeId};
use bodkin_text::ByteRange;

pub(super) struct Yields;

impl Operator for Yields {
    fn name(&self) -> &'static str {
        "yields"
    }

    fn doc(&self) -> &'static str {
        "`yield`, `yield from` and `return` for one another"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        let forms: &[&str] = if site.family().is_python() {
            &["yield from", "yield", "return"]
        } else {
            &["yield*", "yield", "return"]
        };
        let is_statement = site.kind() == Kind::Return;
        let generates = site
            .unit
            .function
            .is_some_and(|it: NodeId| site.tree.within(it).any(|id| site.tree.kind(id) == Kind::Yield));
        if !(site.kind() == Kind::Yield || is_statement && generates) {
            return;
        }
        let text = site.text();
        let Some(own) =
            forms.iter().find(|it| text.strip_prefix(**it).is_some_and(|rest| rest.starts_with([' ', '('])))
        else {
            return;
        };
        let start = site.tree.range(site.node).start;
        for (at, other) in forms.iter().filter(|it| *it != own).enumerate() {
            let range = ByteRange::new(start, start + own.len());
            out.change(site, range, (*other).to_owned(), Template::YieldForm, at as f32 * 0.7, Why::Instead);
        }
    }
}
