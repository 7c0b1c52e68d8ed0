//! Text to tree, within a bound.
//!
//! The bound is counted in steps of the parser, not in time: the same text is given up on every machine or on none.
//! invariant: incremental-equals-from-scratch

use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, ParseState, Parser, Tree};

use crate::languages::Language;

/// Hundreds of parser steps that any text may take.
const STEPS_FLOOR: usize = 20_000;
/// Hundreds of parser steps per kilobyte beyond that; code that is whole takes 3 to 8.
const STEPS_PER_KILOBYTE: usize = 100;

/// Parses `text`; `old` is a tree of an earlier text with the edits since then told to it.
/// `None`: the parser was given up, because it took too many steps.
pub(crate) fn parse(language: Language, text: &str, old: Option<&Tree>) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&language.table().language).ok()?;
    let mut left = STEPS_FLOOR + text.len() / 1024 * STEPS_PER_KILOBYTE;
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
