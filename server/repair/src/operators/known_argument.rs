//! An argument that a well-known function is often called without: an order, a key, a base, a default.

use super::Operator;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::site::Site;
use crate::tree::{Kind, Slot};
use bodkin_text::ByteRange;

pub(super) struct KnownArgument;

impl Operator for KnownArgument {
    fn name(&self) -> &'static str {
        "known_argument"
    }

    fn doc(&self) -> &'static str {
        "an order, a key, a base or a default that a well-known function is often called without"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        if site.kind() != Kind::Call {
            return;
        }
        let arguments = site.tree.arguments(site.node);
        let Some(list) =
            site.tree.child(site.node, Slot::Arguments).filter(|&it| site.tree.kind(it) == Kind::Arguments)
        else {
            return;
        };
        let end = site.tree.range(list).end.saturating_sub(1);
        for (at, text) in usual(site.family().is_python(), site.tree.callee_name(site.node), arguments.len())
            .iter()
            .enumerate()
        {
            let name = text.split('=').next().unwrap_or(text);
            if text.contains('=') && arguments.iter().any(|&it| site.tree.text(it).starts_with(name)) {
                continue;
            }
            let inserted = if arguments.is_empty() { (*text).to_owned() } else { format!(", {text}") };
            let why = Why::Sentence(format!("pass `{text}`"));
            out.change(site, ByteRange::at(end), inserted, Template::ArgumentKnown, at as f32 * 0.5, why);
        }
        for (at, &argument) in arguments.iter().enumerate() {
            if site.tree.kind(argument) == Kind::Keyword
                && site.tree.text(argument).ends_with("True")
                && at > 0
            {
                let range = site.tree.range(argument);
                let text = site.tree.text(argument).replace("True", "False");
                out.change(site, range, text, Template::ArgumentKnown, 0.5, Why::Instead);
            }
        }
    }
}

fn usual(python: bool, name: &str, count: usize) -> &'static [&'static str] {
    match (python, name, count) {
        (true, "sorted", 1..) | (true, "sort", _) => &[
            "reverse=True",
            "key=len",
            "key=str.lower",
            "key=abs",
            "key=lambda it: it[1]",
            "key=lambda it: it[0]",
        ],
        (true, "max" | "min", 1) => &["default=0", "default=None", "key=len", "key=abs"],
        (true, "enumerate", 1) => &["1", "start=1"],
        (true, "round", 1) => &["2", "1"],
        (true, "int", 1) => &["2", "16", "10"],
        (true, "get", 1) => &["0", "[]", "\"\"", "{}", "None", "False"],
        (true, "pop", 0) => &["0", "-1"],
        (true, "pop", 1) => &["None", "0"],
        (true, "next", 1) => &["None"],
        (true, "getattr", 2) => &["None"],
        (true, "split", 0) => &["\",\"", "\" \"", "\"\\n\""],
        (true, "split" | "rsplit", 1) => &["1"],
        (true, "replace", 2) => &["1"],
        (true, "sum", 1) => &["[]", "0"],
        (true, "zip", 2..) => &["strict=True"],
        (true, "dumps", 1) => &["sort_keys=True", "indent=2", "default=str"],
        (false, "sort", 0) => &["(a, b) => a - b", "(a, b) => b - a", "(a, b) => a.localeCompare(b)"],
        (false, "parseInt", 1) => &["10"],
        (false, "toString", 0) => &["2", "16"],
        (false, "reduce", 1) => &["0", "\"\"", "[]", "{}", "1"],
        (false, "toFixed", 0) => &["2"],
        (false, "join", 0) => &["\"\"", "\" \"", "\", \"", "\"\\n\""],
        (false, "split", 0) => &["\"\"", "\" \"", "\",\""],
        (false, "fill", 0) => &["0", "null", "false"],
        (false, "flat", 0) => &["Infinity"],
        (false, "stringify", 1) => &["null, 2"],
        (false, "localeCompare", 1) => &["undefined, { sensitivity: \"base\" }"],
        _ => &[],
    }
}
