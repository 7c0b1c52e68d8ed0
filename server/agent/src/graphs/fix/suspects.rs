//! Where the fault of a failing test may be: the files that it runs, but no test.
//!
//! First the places that the failures name, innermost first; then the lines that the tests ran, file by file, the
//! nearest by imports first; where nobody recorded lines, what the test's file imports.

use bodkin_guard::report::Baseline;
use bodkin_repair::{Certainty, Place};
use bodkin_text::{Line0, RelPath};

use super::{search, understand};
use crate::discover::{self, Chosen};
use crate::run::Start;

/// Places of failures that are looked at.
const MOST_FRAMES: usize = 12;

/// Files that are looked at.
const MOST_FILES: usize = 24;

/// Files that are looked at as a whole.
const MOST_WHOLE: usize = 6;

/// Every place worth a look, the likeliest first.
pub(super) fn places(start: &Start, chosen: &Chosen, test: &RelPath, baseline: &Baseline) -> Vec<Place> {
    let is_suspect = |path: &RelPath| {
        let file = start.snapshot.file(path).filter(|_| !crate::is_test_file(path) && path != test);
        file.is_some_and(|it| {
            it.language().is_some() && it.suspect().is_none() && !understand::is_generated(path, &it.text())
        })
    };
    let place = |file: &RelPath, lines| Place { file: file.clone(), lines, certainty: Certainty::Suspected };
    let mut places: Vec<Place> = Vec::new();
    let failures = baseline.tests.iter().filter_map(|it| it.failure.as_ref());
    let frames = failures.flat_map(|failure| failure.frames.iter().rev());
    for frame in frames.filter(|frame| is_suspect(&frame.path)) {
        let line = Line0::from(frame.line);
        if places.len() < MOST_FRAMES && !places.iter().any(|it| it.file == frame.path && it.lines.0 == line)
        {
            places.push(place(&frame.path, (line, line)));
        }
    }
    let near = imported(start, chosen, test);
    let distance = |path: &RelPath| near.iter().position(|it| it == path).unwrap_or(usize::MAX);
    let mut ran: Vec<_> = baseline.lines.iter().filter(|(path, _)| is_suspect(path)).collect();
    ran.sort_by_key(|(path, _)| distance(path));
    for (path, lines) in ran.iter().take(MOST_FILES) {
        let runs = search::runs(lines.iter().map(|line| Line0::from(*line)));
        places.extend(runs.into_iter().map(|run| place(path, run)));
    }
    if ran.is_empty() {
        for path in near.iter().filter(|path| is_suspect(path)).take(MOST_WHOLE) {
            let text = start.snapshot.file(path).map(bodkin_workspace::File::text).unwrap_or_default();
            let last = Line0(understand::line_count(&text).saturating_sub(1));
            places.push(place(path, (Line0(0), last)));
        }
    }
    places
}

/// What a test's file imports, directly and through others; nearest first.
fn imported(start: &Start, chosen: &Chosen, test: &RelPath) -> Vec<RelPath> {
    let read = |path: &RelPath| start.snapshot.file(path).map(bodkin_workspace::File::text);
    let exists = |path: &RelPath| start.listing.binary_search(path).is_ok();
    let tree = discover::Tree { files: &start.listing, read: &read, exists: &exists };
    discover::imported_by(tree, chosen.cwd.as_ref(), test)
}
