//! How often quick fixes are offered and right, on code that nobody wrote for them: tokens, letters and imports are
//! taken out of the files of a folder at random places, and what is offered at the line is compared with the original.
//!
//! `cargo run --release -p bodkin_repair --example quick_rate -- /usr/lib/python3.13 400`
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement reads files and prints"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bodkin_repair::quick::{self, QuickFix};
use bodkin_text::ByteRange;
use bodkin_workspace::{Language, Role, Syntax};

/// A small generator, so that the figures can be had again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % count.max(1)
    }
}

#[derive(Default)]
struct Count {
    tried: u32,
    right: u32,
    wrong: u32,
    shown: Vec<String>,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "/usr/lib/python3".to_owned());
    let most: usize = arguments.next().and_then(|it| it.parse().ok()).unwrap_or(200);
    let mut files = Vec::new();
    collect(Path::new(&folder), &mut files);
    files.sort();
    let mut dice = Dice(7);
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    let mut looked = 0;
    while looked < most && !files.is_empty() {
        let file = files.swap_remove(dice.below(files.len()));
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let Some(syntax) = Syntax::parse(Language::Python, text.as_str().into()) else { continue };
        let broken = counts.entry("5 whole files that the parser calls broken").or_default();
        broken.tried += 1;
        if syntax.has_errors() {
            broken.wrong += 1;
            broken.shown.push(file.display().to_string());
            continue;
        }
        looked += 1;
        for _ in 0..10 {
            for (name, damage) in [("1 token", token as Damage), ("2 letter", letter), ("3 import", import)] {
                if let Some((broken, at)) = damage(&syntax, &mut dice) {
                    let count = counts.entry(name).or_default();
                    judge(count, &text, &broken, at);
                }
            }
            let count = counts.entry("4 nothing").or_default();
            let at = dice.below(text.len());
            judge(count, &text, &text, at);
        }
    }
    for (name, count) in counts {
        let Count { tried, right, wrong, shown } = count;
        println!("{name}: {tried} tried, {right} right, {wrong} wrong");
        shown.iter().take(12).for_each(|it| println!("    {it}"));
    }
}

type Damage = fn(&Syntax, &mut Dice) -> Option<(String, usize)>;

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_odd = |it: &str| path.to_string_lossy().contains(it);
        if path.is_dir()
            && !is_odd("lib2to3/tests/data")
            && !is_odd("site-packages")
            && !is_odd("dist-packages")
        {
            collect(&path, files);
        } else if path.extension().is_some_and(|it| it == "py") {
            files.push(path);
        }
    }
}

/// Without one token.
fn token(syntax: &Syntax, dice: &mut Dice) -> Option<(String, usize)> {
    let leaves: Vec<ByteRange> = syntax
        .root()
        .walk()
        .filter(|it| it.raw().child_count() == 0 && !it.range().is_empty() && it.role() != Role::Comment)
        .map(bodkin_workspace::Node::range)
        .collect();
    let range = *leaves.get(dice.below(leaves.len()))?;
    without(syntax.text(), range)
}

/// Without one letter of a name that is read.
fn letter(syntax: &Syntax, dice: &mut Dice) -> Option<(String, usize)> {
    let names: Vec<ByteRange> = syntax
        .root()
        .walk()
        .filter(|it| it.is_variable() && it.text().len() > 4)
        .map(bodkin_workspace::Node::range)
        .collect();
    let range = *names.get(dice.below(names.len()))?;
    let at = range.start + 1 + dice.below(range.end - range.start - 1);
    without(syntax.text(), ByteRange::new(at, at + 1))
}

/// Without one import of a module; looked at where the module is used first.
fn import(syntax: &Syntax, dice: &mut Dice) -> Option<(String, usize)> {
    let text = syntax.text();
    let plain: Vec<ByteRange> = syntax
        .root()
        .parts()
        .into_iter()
        .filter(|it| {
            it.role() == Role::Import && it.text().starts_with("import ") && !it.text().contains([',', '.'])
        })
        .filter(|it| !it.text().contains(" as "))
        .map(bodkin_workspace::Node::range)
        .collect();
    let range = *plain.get(dice.below(plain.len()))?;
    let name = range.of(text)?.trim_start_matches("import ").to_owned();
    let (broken, _) = without(text, range)?;
    let at = broken.find(&format!("{name}."))?;
    Some((broken, at))
}

fn without(text: &str, range: ByteRange) -> Option<(String, usize)> {
    Some((format!("{}{}", text.get(..range.start)?, text.get(range.end..)?), range.start))
}

fn judge(count: &mut Count, original: &str, broken: &str, at: usize) {
    count.tried += 1;
    let start = broken.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
    let end = broken.get(at..).and_then(|it| it.find('\n')).map_or(broken.len(), |it| at + it);
    let Some(syntax) = Syntax::parse(Language::Python, broken.into()) else { return };
    let fixes = quick::fixes(&syntax, ByteRange::new(start, end));
    // An import may come back in another place.
    let words = |text: &str| {
        let mut lines: Vec<String> = text
            .lines()
            .map(|it| it.split('#').next().unwrap_or(it).trim_end().to_owned())
            .filter(|it| !it.is_empty())
            .collect();
        lines.sort();
        lines
    };
    let is_right = |fix: &QuickFix| {
        let after = fix.edits.apply(broken).unwrap();
        after == original || (fix.title.starts_with("Import ") && words(&after) == words(original))
    };
    if let Some(wrong) = fixes.iter().find(|it| !is_right(it)) {
        count.wrong += 1;
        let line = broken.get(start..end).unwrap_or_default().trim();
        count.shown.push(format!("{} | {}", wrong.title, line.chars().take(100).collect::<String>()));
    } else if !fixes.is_empty() {
        count.right += 1;
    }
}
