//! Which files are tests, by the conventions of their languages.

use bodkin_text::RelPath;

/// Whether a file is a test or belongs to one, by its name and its folder.
pub fn is_test_file(path: &RelPath) -> bool {
    let (name, stem) = (path.file_name(), path.stem());
    let by_name = match path.extension() {
        Some("py") => stem.starts_with("test_") || stem.ends_with("_test") || stem == "conftest",
        Some("js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx") => {
            name.contains(".test.") || name.contains(".spec.") || stem == "test" || stem.starts_with("test-")
        }
        Some("go") => stem.ends_with("_test"),
        Some("java" | "kt") => stem.ends_with("Test") || stem.ends_with("Tests") || stem.ends_with("IT"),
        _ => false,
    };
    // Only the folder that it stands in: below `tests/` there may be whole projects to test with.
    let folder = path.parts().rev().nth(1);
    by_name
        || folder.is_some_and(|folder| ["tests", "test", "__tests__", "spec", "testing"].contains(&folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_known_by_name_or_folder() {
        let is = |text| is_test_file(&RelPath::new(text).unwrap());
        for text in
            ["a/test_b.py", "b_test.py", "tests/helpers.py", "src/a.test.ts", "x/__tests__/a.js", "a_test.go"]
        {
            assert!(is(text), "{text}");
        }
        for text in ["a.py", "src/contest.py", "src/latest.js", "attest/a.py", "tests/samples/a.py"] {
            assert!(!is(text), "{text}");
        }
    }
}
