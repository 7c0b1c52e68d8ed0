//! Text to tree, within a bound.
//!
//! The bound is counted in steps of the parser, not in time: the same text is given up on every machine or on none.
//! invariant: incremental-equals-from-scratch

use std::cell::RefCell;
use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, ParseState, Parser, Tree};

use crate::languages::Language;

/// Hundreds of parser steps that any text may take.
const STEPS_FLOOR: usize = 5_000;
/// Hundreds of parser steps per kilobyte beyond that. Measured: the standard library of Python takes 5 in the median
/// and 15 at most, minified JavaScript 28, the worst of fourteen hostile texts 41.
const STEPS_PER_KILOBYTE: usize = 100;

thread_local! {
    /// The parser that this thread used last: spares a candidate's parse of 35 microseconds about 10.
    static PARSER: RefCell<Option<(Language, Parser)>> = const { RefCell::new(None) };
}

/// Parses `text`; `old` is a tree of an earlier text with the edits since then told to it.
/// `None`: the parser was given up, because it took too many steps.
pub(crate) fn parse(language: Language, text: &str, old: Option<&Tree>) -> Option<Tree> {
    let kept = PARSER.take().filter(|(of, _)| *of == language);
    let mut parser = match kept {
        Some((_, parser)) => parser,
        None => new(language)?,
    };
    let tree = bounded(&mut parser, text, old, STEPS_FLOOR + text.len() / 1024 * STEPS_PER_KILOBYTE);
    // A parser that was given up would go on where it stopped.
    parser.reset();
    PARSER.set(Some((language, parser)));
    tree
}

fn new(language: Language) -> Option<Parser> {
    let mut parser = Parser::new();
    parser.set_language(&language.table().language).ok()?;
    Some(parser)
}

fn bounded(parser: &mut Parser, text: &str, old: Option<&Tree>, steps: usize) -> Option<Tree> {
    let mut left = steps;
    let mut progress = |_: &ParseState| match left.checked_sub(1) {
        Some(rest) => {
            left = rest;
            ControlFlow::Continue(())
        }
        None => ControlFlow::Break(()),
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    parser.parse_with_options(&mut |at, _| text.as_bytes().get(at..).unwrap_or_default(), old, Some(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_takes_too_many_steps_is_given_up_and_the_parser_still_serves() {
        let text = "a = 1\n".repeat(200);
        let mut parser = new(Language::Python).unwrap();
        assert!(bounded(&mut parser, &text, None, 1).is_none());
        parser.reset();
        let tree = bounded(&mut parser, "b", None, 1).unwrap();
        assert_eq!(tree.root_node().byte_range(), 0..1);
    }
}
