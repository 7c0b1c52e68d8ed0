//! Small fixes that are certain, with their edit: for the light bulb, without a test or a sandbox.
//!
//! Pure and quick: one text, a few lines of it, a bounded number of tries. A fix of broken syntax is offered only if the
//! text is whole with it and no other place for the same fix would make it whole; a name only if one other is close.
//! One file a fix; a new one is a line in [`FIXES`].

mod body;
mod bracket;
mod colon;
mod equals;
mod import;
mod line;
mod modules;
mod name;
mod quote;

use bodkin_text::{ByteRange, Edit, Edits};
use bodkin_workspace::{Language, Syntax};

use line::Line;

/// A fix with its edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickFix {
    /// What it does: ``Insert missing `:` ``.
    pub title: String,
    /// The change.
    pub edits: Edits,
    /// Whether it mends broken syntax; else it is about a name.
    pub mends_syntax: bool,
}

impl QuickFix {
    /// What is wrong without it, for broken syntax: ``missing `:` ``.
    pub fn problem(&self) -> String {
        let title = self.title.as_str();
        let of = |start: &str| title.strip_prefix(start).map(str::to_owned);
        of("Insert ").or_else(|| of("Remove the ")).unwrap_or_else(|| match title {
            "Compare with `==`" => "`=` where `==` compares".to_owned(),
            "Add `pass` as the body" => "this block has no body".to_owned(),
            other => other.to_owned(),
        })
    }

    /// Where the text is wrong: the first place that changes.
    pub fn place(&self) -> ByteRange {
        self.edits.iter().next().map_or_else(|| ByteRange::at(0), |it| it.range)
    }
}

/// Longer texts are not looked at, bytes.
const LONGEST: usize = 256 << 10;
/// Lines that are looked at, of a longer selection the first.
const MOST_LINES: usize = 3;
/// Results that are looked at for one fix in one line.
const MOST_TRIES: usize = 60;

/// One line that may be broken: each possible change of it with its title.
type Fix = fn(&Line<'_>) -> Vec<(String, Edit)>;

const FIXES: &[Fix] =
    &[colon::changes, equals::changes, bracket::missing, bracket::unmatched, quote::changes, body::changes];

/// The fixes for the lines that share a byte with `range`, or the line before them where they are not whole.
pub fn fixes(syntax: &Syntax, range: ByteRange) -> Vec<QuickFix> {
    if syntax.text().len() > LONGEST {
        return Vec::new();
    }
    if syntax.has_errors() {
        return Line::all(syntax, range).iter().take(MOST_LINES).flat_map(of_syntax).collect();
    }
    let mut found = name::fixes(syntax, range);
    found.extend(import::fixes(syntax, range));
    found
}

/// The fixes of one line: of each sort the only change with which the text is whole.
fn of_syntax(line: &Line<'_>) -> Vec<QuickFix> {
    FIXES.iter().filter_map(|fix| only_one(line, &fix(line))).collect()
}

fn only_one(line: &Line<'_>, changes: &[(String, Edit)]) -> Option<QuickFix> {
    let mut whole: Option<(String, QuickFix)> = None;
    for (title, edit) in changes.iter().take(MOST_TRIES) {
        let edits = Edits::one(edit.clone());
        let Some(after) = line.syntax.after(&edits).filter(|after| !after.has_errors()) else { continue };
        match &whole {
            // Of two equal brackets side by side it does not matter which one goes.
            Some((known, _)) if **known == **after.text() => {}
            Some(_) => return None,
            None => {
                let fix = QuickFix { title: title.clone(), edits, mends_syntax: true };
                whole = Some((after.text().to_string(), fix));
            }
        }
    }
    // What was not tried may do as well.
    (changes.len() <= MOST_TRIES).then_some(whole)?.map(|it| it.1)
}

/// Whether a language is one of the JavaScript family.
fn is_script(language: Language) -> bool {
    match language {
        Language::JavaScript | Language::TypeScript | Language::Tsx => true,
        Language::Python => false,
    }
}
