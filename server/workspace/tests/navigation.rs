//! From names to their definitions and uses.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::sync::Arc;

use bodkin_text::{LineIndex, RelPath};
use bodkin_workspace::{Snapshot, Workspace};

const SHOP: &str = "
=== shop/__init__.py
from .price import net
=== shop/price.py
TAX = 1
def net(gross):
    tax = TAX
    return gross - tax
class Till:
    def total(self, items):
        return sum(net(it) for it in items)
=== app.py
import shop.price as price
from shop import net as after_tax
from shop.price import Till
def main(till):
    print(price.TAX, after_tax(2), Till().total([]))
=== web/a.js
import { b } from './b.js';
b(1);
=== web/b.ts
export function b(x: number) { return x; }
";

/// Files begin at `=== path`; the one place `<|>` is taken out and told.
fn scene(files: &str) -> (Snapshot, RelPath, usize) {
    let mut texts: Vec<(RelPath, String)> = Vec::new();
    for line in files.trim_start().split_inclusive('\n') {
        match line.strip_prefix("=== ") {
            Some(path) => texts.push((RelPath::new(path.trim()).unwrap(), String::new())),
            None => texts.last_mut().unwrap().1.push_str(line),
        }
    }
    let (path, text) = texts.iter_mut().find(|it| it.1.contains("<|>")).unwrap();
    let (path, at) = (path.clone(), text.find("<|>").unwrap());
    *text = text.replace("<|>", "");
    let mut workspace = Workspace::new();
    texts.into_iter().for_each(|(path, text)| workspace.set_disk(path, Arc::from(text)));
    (workspace.snapshot(), path, at)
}

fn shown(snapshot: &Snapshot, spots: Vec<bodkin_workspace::Spot>) -> Vec<String> {
    let line = |it: bodkin_workspace::Spot| {
        let text = snapshot.file(&it.path).unwrap().text();
        format!(
            "{}:{} {}",
            it.path,
            LineIndex::new(&text).line(it.range.start).0 + 1,
            it.range.of(&text).unwrap()
        )
    };
    spots.into_iter().map(line).collect()
}

/// Where the name in `from` (with its mark) of [`SHOP`] is defined.
fn definitions(from: &str) -> Vec<String> {
    let (snapshot, path, at) = scene(&SHOP.replacen(&from.replace("<|>", ""), from, 1));
    shown(&snapshot, snapshot.definitions(&path, at))
}

fn references(from: &str) -> Vec<String> {
    let (snapshot, path, at) = scene(&SHOP.replacen(&from.replace("<|>", ""), from, 1));
    shown(&snapshot, snapshot.references(&path, at))
}

#[test]
fn a_name_leads_to_where_it_is_bound() {
    assert_eq!(definitions("gross - ta<|>x"), ["shop/price.py:3 tax"]);
    assert_eq!(definitions("return gro<|>ss"), ["shop/price.py:2 gross"]);
    assert_eq!(definitions("tax = TAX<|>"), ["shop/price.py:1 TAX"]);
    assert_eq!(definitions("pri<|>nt(price"), Vec::<String>::new(), "a builtin");
}

#[test]
fn an_import_leads_through_the_files_that_only_pass_it_on() {
    assert_eq!(definitions("after_t<|>ax(2)"), ["shop/price.py:2 net"]);
    assert_eq!(definitions("Ti<|>ll().total"), ["shop/price.py:5 Till"]);
    assert_eq!(definitions("import n<|>et as"), ["shop/price.py:2 net"]);
    assert_eq!(definitions("b<|>(1);"), ["web/b.ts:1 b"]);
}

#[test]
fn a_member_is_looked_for_in_its_module_else_among_all_members() {
    assert_eq!(definitions("price.TA<|>X"), ["shop/price.py:1 TAX"]);
    assert_eq!(definitions("().tot<|>al("), ["shop/price.py:6 total"]);
}

#[test]
fn the_uses_of_a_name_are_those_that_lead_to_the_same_definition() {
    assert_eq!(
        references("def ne<|>t(gross)"),
        ["app.py:2 net", "shop/__init__.py:1 net", "shop/price.py:2 net", "shop/price.py:7 net"]
    );
    assert_eq!(references("gross - ta<|>x"), ["shop/price.py:3 tax", "shop/price.py:4 tax"]);
    assert_eq!(references("class Ti<|>ll"), ["app.py:3 Till", "app.py:5 Till", "shop/price.py:5 Till"]);
}

#[test]
fn broken_files_and_places_without_a_name_lead_nowhere() {
    let (snapshot, path, at) = scene("=== a.py\ndef f(:\n  <|>  (\n");
    assert_eq!(shown(&snapshot, snapshot.definitions(&path, at)), Vec::<String>::new());
    assert_eq!(shown(&snapshot, snapshot.references(&path, 9_999)), Vec::<String>::new());
}
