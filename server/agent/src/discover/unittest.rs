//! What to tell unittest, so that it loads the tests that were found.
//!
//! Its discovery only enters packages, and its default pattern only sees `test*.py`; files that are named
//! are imported from the folder it runs in.

use bodkin_text::RelPath;

use super::places::{Files, Folder};
use super::python_imports::{Import, Modules};

/// Arguments that load every one of `tests`.
pub(super) fn whole(files: &Files<'_>, folder: &Folder, tests: &[&RelPath]) -> Vec<String> {
    let pattern = match tests.iter().all(|it| it.file_name().starts_with("test")) {
        true => None,
        false if tests.iter().all(|it| it.file_name().ends_with("_test.py")) => Some("*_test.py"),
        false => return tests.iter().map(|it| folder.relative(it)).collect(),
    };
    let mut tops: Vec<Folder> = tests.iter().map(|it| top(files, folder, it)).collect();
    tops.dedup();
    let start = match tops.as_slice() {
        [one] if one == folder => None,
        [Folder(Some(one))] => Some(folder.relative(one)),
        _ => return tests.iter().map(|it| folder.relative(it)).collect(),
    };
    let option = |flag: &str, value: String| [flag.to_owned(), value];
    let mut args = vec!["discover".to_owned()];
    args.extend(start.into_iter().flat_map(|it| option("-s", it)));
    args.extend(pattern.into_iter().flat_map(|it| option("-p", it.to_owned())));
    args
}

/// Arguments that load only `tests`, a part of what `all` loads. `None` where unittest can not be told so.
pub(super) fn narrowed(
    files: &Files<'_>,
    folder: &Folder,
    modules: &Modules<'_>,
    all: &[String],
    tests: &[RelPath],
) -> Option<Vec<String>> {
    let named = || tests.iter().map(|it| folder.relative(it)).collect();
    let start = all.iter().position(|it| it == "-s").and_then(|at| all.get(at + 1));
    let Some(start) = start.and_then(|it| folder.folder(it)) else { return Some(named()) };
    // Discovery puts its start folder on the path; naming files does not, which their neighbours may need.
    let needs_start = |test: &RelPath| {
        modules.of(test).iter().flat_map(Import::modules).any(|module| {
            let top = module.split('/').next().unwrap_or_default();
            let near = [format!("{top}.py"), format!("{top}/__init__.py")];
            near.iter().filter_map(|it| start.at(it)).any(|it| files.has(&it))
        })
    };
    let is_identifier = |part: &str| {
        part.chars().all(|it| it.is_alphanumeric() || it == '_')
            && !part.starts_with(|it: char| it.is_ascii_digit())
    };
    let is_importable =
        |test: &RelPath| folder.relative(test).trim_end_matches(".py").split('/').all(is_identifier);
    if tests.iter().all(|it| is_importable(it) && !needs_start(it)) {
        return Some(named());
    }
    match tests {
        [one] => Some(
            ["discover", "-s", &folder.relative(start.0.as_ref()?), "-p", one.file_name()]
                .map(str::to_owned)
                .to_vec(),
        ),
        _ => None,
    }
}

/// The folder from which discovery reaches a test: the highest above it with only packages between.
fn top(files: &Files<'_>, folder: &Folder, test: &RelPath) -> Folder {
    let is_package = |it: &Folder| it.at("__init__.py").is_some_and(|init| files.has(&init));
    let above = Folder::of(test).upwards();
    above.into_iter().find(|it| it == folder || !is_package(it)).unwrap_or_else(|| folder.clone())
}
