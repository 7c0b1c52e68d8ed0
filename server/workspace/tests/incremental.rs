//! invariant: incremental-equals-from-scratch, over random edits of whole and broken texts with every sort of character.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use bodkin_text::{Edit, Edits, RelPath};
use bodkin_workspace::{Change, Facts, Syntax, Workspace};
use proptest::prelude::*;

const PYTHON: &str = "\u{feff}import os.path as p\nclass A:\n    def f(self, a, b=1):\r\n        if a < b and not (a in [1, 2]):\n            return {'k': a[1:2], **b}\n        for i, x in enumerate(xs):\n            x += i  # é👩‍👧\n\ndef g(n):\n    return [y for y in n if y]\n";
const SCRIPT: &str = "import a, {b as c} from 'x';\nfunction f(a, {b, c: [d]} = {}) {\n  if (a < b && !d) { return a ? `t${b}👩‍👧` : /re/g; }\r  for (const x of xs) x++;\u{2028}\n}\r\nclass B extends C { #p = 1; m(x) { return () => x; } }\nit('é', async (q) => { await q; });\n";
const PIECES: [&str; 30] = [
    "",
    "",
    "a",
    "1",
    " ",
    "\n",
    "\r",
    "\r\n",
    "\n    ",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "'",
    "\"",
    "`",
    ":",
    ";",
    ",",
    "if ",
    "return ",
    "def g():\n",
    "=> ",
    "#",
    "/*",
    "\u{2028}",
    "👩‍👧",
    "\u{feff}",
];

/// One random edit: where (as a share of the text), how many characters go, what comes.
#[derive(Debug, Clone)]
struct Random {
    at: u16,
    removed: usize,
    piece: &'static str,
}

impl Random {
    fn on(&self, text: &str) -> Edit {
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let first = usize::from(self.at) % ends.len();
        let last = (first + self.removed).min(ends.len() - 1);
        Edit::replace(*ends.get(first).unwrap()..*ends.get(last).unwrap(), self.piece)
    }
}

/// Batches of edits; the tree is asked for after each batch.
fn batches() -> impl Strategy<Value = Vec<Vec<Random>>> {
    let piece = proptest::sample::select(PIECES.as_slice());
    let edit =
        (any::<u16>(), 0..4usize, piece).prop_map(|(at, removed, piece)| Random { at, removed, piece });
    proptest::collection::vec(proptest::collection::vec(edit, 1..4), 1..6)
}

fn equals_from_scratch(name: &str, text: &str, batches: &[Vec<Random>]) -> Result<(), TestCaseError> {
    let path = RelPath::new(name).unwrap();
    let (mut workspace, mut oracle) = (Workspace::new(), text.to_owned());
    workspace.open(path.clone(), 0, text.into());
    for (version, batch) in (1..).zip(batches) {
        let mut changes = Vec::new();
        for random in batch {
            let edit = random.on(&oracle);
            oracle = Edits::one(edit.clone()).apply(&oracle).unwrap();
            changes.push(Change::Replace(edit));
        }
        workspace.change(&path, version, &changes).unwrap();
        let snapshot = workspace.snapshot();
        let file = snapshot.file(&path).unwrap();
        let scratch = Syntax::parse(file.language().unwrap(), oracle.as_str().into()).unwrap();
        let syntax = file.syntax().unwrap();
        prop_assert_eq!(&*file.text(), oracle.as_str());
        prop_assert_eq!(syntax.tree().root_node().to_sexp(), scratch.tree().root_node().to_sexp());
        prop_assert_eq!(&*file.facts().unwrap(), &Facts::of(&scratch));
        prop_assert_eq!(points(&syntax), points(&scratch));
        for offset in (0..oracle.len()).step_by(61) {
            prop_assert_eq!(syntax.visible_at(offset), scratch.visible_at(offset));
        }
    }
    Ok(())
}

/// Where the parser thinks each node starts, in its own rows and columns.
fn points(syntax: &Syntax) -> Vec<(usize, tree_sitter::Point)> {
    syntax.root().walk().map(|it| (it.start(), it.raw().start_position())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_python_tree_is_the_same_after_edits_as_from_scratch(batches in batches()) {
        equals_from_scratch("a.py", PYTHON, &batches)?;
    }

    #[test]
    fn a_javascript_tree_is_the_same_after_edits_as_from_scratch(batches in batches()) {
        equals_from_scratch("a.js", SCRIPT, &batches)?;
    }

    #[test]
    fn a_typescript_tree_is_the_same_after_edits_as_from_scratch(batches in batches()) {
        equals_from_scratch("a.tsx", SCRIPT, &batches)?;
    }

    #[test]
    fn a_candidates_tree_is_broken_if_and_only_if_its_text_is(edits in proptest::collection::vec(any::<u16>(), 1..4)) {
        let whole = Syntax::parse(bodkin_workspace::Language::Python, PYTHON.into()).unwrap();
        let pieces = PIECES.iter().copied().cycle();
        let edits = edits.iter().zip(pieces).map(|(at, piece)| Random { at: *at, removed: 1, piece }.on(PYTHON));
        let Ok(edits) = Edits::new(edits.collect()) else { return Ok(()) };
        let after = whole.after(&edits).unwrap();
        let scratch = Syntax::parse(after.language(), after.text().clone()).unwrap();
        prop_assert_eq!(after.has_errors(), scratch.has_errors());
        prop_assert_eq!(points(&after).len() == points(&scratch).len() || after.has_errors(), true);
    }
}
