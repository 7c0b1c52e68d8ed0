//! Lines that were selected on the screen, found again in the text that a run begins with.
//!
//! A run begins a moment after it was asked for; what is typed in between must not move the selection to
//! other lines.

use std::sync::Arc;

use bodkin_agent::{Fix, Intent};
use bodkin_text::{Bias, Edits, Line0, LineIndex};
use bodkin_workspace::Snapshot;

/// The text that the lines of an intent speak of, if its file is on the screen.
pub(crate) fn text_of(intent: &Intent, snapshot: &Snapshot) -> Option<Arc<str>> {
    let file = match intent {
        Intent::Fix(Fix { file, .. }) => file,
        Intent::FixTest(_) | Intent::Test(_) => return None,
    };
    snapshot.file(file).filter(|it| it.is_open()).map(bodkin_workspace::File::text)
}

/// The intent with its lines as they stand in `now`.
pub(crate) fn follow(intent: Intent, selected: Option<&str>, now: &Snapshot) -> Intent {
    let text = text_of(&intent, now);
    let mut fix = match intent {
        Intent::Fix(fix) => fix,
        Intent::FixTest(_) | Intent::Test(_) => return intent,
    };
    if let (Some(old), Some(new), Some(lines)) = (selected, text, fix.lines) {
        fix.lines = Some(moved(lines, old, &new));
    }
    Intent::Fix(fix)
}

fn moved((first, last): (Line0, Line0), old: &str, new: &str) -> (Line0, Line0) {
    let (was, is) = (LineIndex::new(old), LineIndex::new(new));
    let (Some(start), Some(end)) = (was.line_range(first), was.line_range(last)) else {
        return (first, last);
    };
    if old == new {
        return (first, last);
    }
    let edits = Edits::between(old, new);
    let first = is.line(edits.map_offset(start.start, Bias::Right));
    let last = is.line(edits.map_offset(end.end, Bias::Left));
    (first.min(last), last.max(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: (u32, u32), old: &str, new: &str, expected: (u32, u32)) {
        let (first, last) = moved((Line0(lines.0), Line0(lines.1)), old, new);
        assert_eq!((first.0, last.0), expected);
    }

    #[test]
    fn a_selection_moves_with_its_lines() {
        check((1, 1), "a\nb\nc\n", "a\nb\nc\n", (1, 1));
        check((1, 1), "a\nb\nc\n", "x\na\nb\nc\n", (2, 2));
        check((1, 1), "a\nb\nc\n", "a\nnew\nb\nc\n", (2, 2));
        check((1, 2), "a\nb\nc\n", "b\nc\n", (0, 1));
        check((1, 1), "a\nb\nc\n", "a\nb!\nc\n", (1, 1));
        check((0, 1), "a\nb\nc\n", "a\nx\nb\nc\n", (0, 2));
        check((1, 1), "a\nb\nc\n", "a\nb\nbelow\nc\n", (1, 1));
    }

    #[test]
    fn lines_past_the_end_stay_for_the_run_to_refuse() {
        check((9, 9), "a\n", "b\na\n", (9, 9));
    }
}
