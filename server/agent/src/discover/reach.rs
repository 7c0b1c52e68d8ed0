//! Which tests reach a file by imports, which files a test reaches, and how far they are.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bodkin_text::RelPath;

/// Tests farther than this run most of the program, and say little about one file.
const FARTHEST: usize = 4;

/// More test files than this are no quicker than the whole, and the nearest few say most.
const MOST: usize = 16;

/// The tests that import `target`, directly or through other files, nearest first: by imports, then those that
/// are named after it, then by folders, then by path.
///
/// `imports` gives each file with the files that it imports.
pub(super) fn tests_of<'a>(
    target: &RelPath,
    is_test: impl Fn(&RelPath) -> bool,
    imports: impl IntoIterator<Item = (&'a RelPath, BTreeSet<RelPath>)>,
) -> Vec<RelPath> {
    let mut importers: BTreeMap<RelPath, Vec<&RelPath>> = BTreeMap::new();
    for (file, imported) in imports {
        for it in imported {
            importers.entry(it).or_default().push(file);
        }
    }
    let mut seen = BTreeSet::from([target.clone()]);
    let mut queue = VecDeque::from([(0, target.clone())]);
    let mut tests = Vec::new();
    while let Some((distance, file)) = queue.pop_front() {
        if is_test(&file) {
            let is_namesake = file.stem().contains(target.stem());
            tests.push((distance, !is_namesake, steps(&file, target), file.clone()));
        }
        if distance == FARTHEST {
            continue;
        }
        for next in importers.get(&file).into_iter().flatten() {
            if seen.insert((*next).clone()) {
                queue.push_back((distance + 1, (*next).clone()));
            }
        }
    }
    tests.sort();
    tests.into_iter().map(|(.., file)| file).take(MOST).collect()
}

/// The files that `file` imports, directly or through others, nearest first, then by path.
pub(super) fn files_of<'a>(
    file: &RelPath,
    imports: impl IntoIterator<Item = (&'a RelPath, BTreeSet<RelPath>)>,
) -> Vec<RelPath> {
    let imports: BTreeMap<&RelPath, BTreeSet<RelPath>> = imports.into_iter().collect();
    let mut seen = BTreeSet::from([file.clone()]);
    let mut queue = VecDeque::from([file.clone()]);
    let mut found = Vec::new();
    while let Some(file) = queue.pop_front() {
        for next in imports.get(&file).into_iter().flatten() {
            if seen.insert(next.clone()) {
                found.push(next.clone());
                queue.push_back(next.clone());
            }
        }
    }
    found
}

/// How many folders lie between two files.
fn steps(one: &RelPath, other: &RelPath) -> usize {
    let common = one.parts().zip(other.parts()).take_while(|(a, b)| a == b).count();
    one.parts().count() + other.parts().count() - 2 * common
}
