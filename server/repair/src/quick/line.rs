//! One line as tokens, read by itself: the text around it may not parse.

use bodkin_text::ByteRange;
use bodkin_workspace::{Language, Syntax};

/// One line of a text.
pub(super) struct Line<'s> {
    pub(super) syntax: &'s Syntax,
    /// Without its end.
    pub(super) range: ByteRange,
    pub(super) tokens: Vec<Token>,
}

/// A token; blanks are between them, a comment ends them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) range: ByteRange,
    pub(super) kind: Kind,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, a keyword or a number.
    Word,
    /// A string with its quotes.
    Text,
    /// A string that begins and does not end in this line; what its quote is.
    Open(char),
    /// A mark of one character.
    Mark(char),
}

impl<'s> Line<'s> {
    /// The lines that share a byte with a range, then the last line with code before them.
    pub(super) fn all(syntax: &'s Syntax, range: ByteRange) -> Vec<Self> {
        let text: &'s str = syntax.text();
        let mut lines = Vec::new();
        let mut before = None;
        let mut start = 0;
        for piece in text.split_inclusive('\n') {
            let code = piece.trim_end_matches(['\n', '\r']);
            let line = ByteRange::new(start, start + code.len());
            start += piece.len();
            if line.end < range.start {
                if !code.trim().is_empty() {
                    before = Some(line);
                }
            } else if line.start <= range.end {
                lines.push(line);
            } else {
                break;
            }
        }
        lines.extend(before);
        lines.into_iter().map(|range| Self { syntax, range, tokens: tokens(syntax, range) }).collect()
    }

    /// The text of a token or of any other part.
    pub(super) fn text(&self, range: ByteRange) -> &'s str {
        let text: &'s str = self.syntax.text();
        range.of(text).unwrap_or_default()
    }

    /// The first word.
    pub(super) fn first_word(&self) -> &'s str {
        match self.tokens.first() {
            Some(Token { range, kind: Kind::Word }) => self.text(*range),
            Some(_) | None => "",
        }
    }

    /// The blanks before the code.
    pub(super) fn indentation(&self) -> &'s str {
        let code = self.text(self.range);
        code.get(..code.len() - code.trim_start().len()).unwrap_or_default()
    }
}

fn tokens(syntax: &Syntax, range: ByteRange) -> Vec<Token> {
    let is_python = syntax.language() == Language::Python;
    let code = range.of(syntax.text()).unwrap_or_default();
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let at = range.start + (code.len() - rest.len());
        let (length, kind) = if first.is_whitespace() {
            (first.len_utf8(), None)
        } else if (is_python && first == '#') || (!is_python && rest.starts_with("//")) {
            break;
        } else if first.is_alphanumeric() || matches!(first, '_' | '$' | '@') {
            let is_part = |it: char| it.is_alphanumeric() || matches!(it, '_' | '$' | '@');
            (rest.find(|it: char| !is_part(it)).unwrap_or(rest.len()), Some(Kind::Word))
        } else if matches!(first, '"' | '\'') || (!is_python && first == '`') {
            match string(rest, first) {
                Some(length) => (length, Some(Kind::Text)),
                None => (rest.len(), Some(Kind::Open(first))),
            }
        } else {
            (first.len_utf8(), Some(Kind::Mark(first)))
        };
        tokens.extend(kind.map(|kind| Token { range: ByteRange::new(at, at + length), kind }));
        rest = rest.get(length..).unwrap_or_default();
    }
    tokens
}

/// How long the string at the start is; `None` where it does not end in this line.
fn string(rest: &str, quote: char) -> Option<usize> {
    let triple: String = [quote; 3].iter().collect();
    if rest.starts_with(&triple) {
        let inner = rest.get(3..)?;
        return inner.find(&triple).map(|at| at + 6);
    }
    let mut escaped = false;
    for (at, it) in rest.char_indices().skip(1) {
        match it {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            it if it == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}
