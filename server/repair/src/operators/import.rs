//! An import of a well-known module that a message says is missing.

use super::Operator;
use crate::priors::Template;
use crate::proposal::{Proposals, Why};
use crate::site::Site;
use crate::symptom::FailureClass;
use crate::tree::{Kind, Slot, Tree};
use bodkin_text::ByteRange;

pub(super) struct Import;

impl Operator for Import {
    fn name(&self) -> &'static str {
        "import"
    }

    fn doc(&self) -> &'static str {
        "imports a well-known module whose name is not defined"
    }

    fn propose(&self, site: &Site<'_>, out: &mut Proposals) {
        let unknown = site.unit.signs.classes.contains(&FailureClass::Name);
        if site.kind() != Kind::Name
            || !unknown
            || site.slot() == Slot::Target
            || !site.unit.signs.speak_of(site.text())
        {
            return;
        }
        let tree = site.tree;
        if site.unit.facts.resolve(site.text(), tree.range(site.node).start).is_some() {
            return;
        }
        for line in if site.family().is_python() { python(site.text()) } else { javascript(site) } {
            let (at, text) = place(tree, &line);
            let why = Why::Sentence(format!("add `{line}`"));
            out.change(site, at, text, Template::ImportAdded, 0.0, why);
        }
    }
}

/// Before the first import, or before the first statement after the module's own documentation.
fn place(tree: &Tree, line: &str) -> (ByteRange, String) {
    let statements: Vec<_> = tree.children(Tree::ROOT).to_vec();
    let import = statements
        .iter()
        .copied()
        .find(|&it| tree.kind(it) == Kind::Import && !tree.text(it).contains("__future__"));
    let code = statements.iter().copied().find(|&it| {
        tree.child(it, Slot::Value).is_none_or(|value| tree.kind(value) != Kind::Text)
            && !tree.text(it).contains("__future__")
    });
    let start = import.or(code).map_or(0, |it| tree.range(it).start);
    // A decorated definition begins before its node.
    let start = tree.text.get(..start).and_then(|it| it.rfind('\n')).map_or(0, |at| at + 1);
    let gap = if import.is_some() { "" } else { "\n" };
    (ByteRange::at(start), format!("{line}\n{gap}"))
}

fn python(name: &str) -> Vec<String> {
    const MODULES: &[&str] = &[
        "abc",
        "argparse",
        "asyncio",
        "base64",
        "bisect",
        "calendar",
        "collections",
        "contextlib",
        "copy",
        "csv",
        "datetime",
        "decimal",
        "enum",
        "functools",
        "glob",
        "hashlib",
        "heapq",
        "io",
        "itertools",
        "json",
        "logging",
        "math",
        "operator",
        "os",
        "pathlib",
        "pickle",
        "random",
        "re",
        "shutil",
        "socket",
        "sqlite3",
        "statistics",
        "string",
        "struct",
        "subprocess",
        "sys",
        "tempfile",
        "textwrap",
        "threading",
        "time",
        "traceback",
        "types",
        "typing",
        "unicodedata",
        "urllib",
        "uuid",
        "warnings",
        "zlib",
    ];
    const MEMBERS: &[(&str, &[&str])] = &[
        ("collections", &["Counter", "OrderedDict", "defaultdict", "deque", "namedtuple", "ChainMap"]),
        ("dataclasses", &["dataclass", "field", "asdict", "replace"]),
        ("datetime", &["date", "timedelta", "timezone"]),
        ("decimal", &["Decimal", "ROUND_HALF_UP"]),
        ("enum", &["Enum", "IntEnum", "auto"]),
        ("fractions", &["Fraction"]),
        ("functools", &["lru_cache", "partial", "reduce", "wraps", "cache", "total_ordering", "cmp_to_key"]),
        ("heapq", &["heappush", "heappop", "heapify", "nlargest", "nsmallest"]),
        (
            "itertools",
            &[
                "chain",
                "combinations",
                "permutations",
                "product",
                "groupby",
                "islice",
                "count",
                "accumulate",
                "zip_longest",
                "repeat",
                "cycle",
                "takewhile",
                "dropwhile",
            ],
        ),
        ("math", &["sqrt", "floor", "ceil", "pi", "gcd", "inf", "log", "sin", "cos", "isclose"]),
        ("operator", &["itemgetter", "attrgetter"]),
        ("pathlib", &["Path"]),
        (
            "typing",
            &[
                "Any", "Callable", "Dict", "Iterable", "Iterator", "List", "Optional", "Sequence", "Set",
                "Tuple", "Union",
            ],
        ),
        ("bisect", &["bisect_left", "bisect_right", "insort"]),
        ("copy", &["deepcopy"]),
        ("contextlib", &["contextmanager", "suppress"]),
        ("abc", &["ABC", "abstractmethod"]),
    ];
    let mut lines: Vec<String> =
        MODULES.iter().filter(|it| **it == name).map(|it| format!("import {it}")).collect();
    let members = MEMBERS.iter().filter(|(_, members)| members.contains(&name));
    lines.extend(members.map(|(module, _)| format!("from {module} import {name}")));
    match name {
        "datetime" => lines.push("from datetime import datetime".to_owned()),
        "np" => lines.push("import numpy as np".to_owned()),
        "pd" => lines.push("import pandas as pd".to_owned()),
        _ => {}
    }
    lines
}

fn javascript(site: &Site<'_>) -> Vec<String> {
    const MODULES: &[&str] = &[
        "assert", "crypto", "events", "fs", "http", "https", "os", "path", "readline", "stream", "url",
        "util", "zlib",
    ];
    let name = site.text();
    if !MODULES.contains(&name) {
        return Vec::new();
    }
    let modules = site.tree.children(Tree::ROOT).iter().any(|&it| site.tree.kind(it) == Kind::Import);
    if modules {
        vec![format!("import {name} from \"node:{name}\";")]
    } else {
        vec![format!("const {name} = require(\"node:{name}\");")]
    }
}
