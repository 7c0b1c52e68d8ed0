//! `cargo test`: the harness's own lines.

use bodkin_guard::report::TestOutcome;

use super::Told;

/// The tests of the standard harness's output; none if it is not that.
pub(super) fn tests(output: &str) -> Vec<Told> {
    if !output.lines().any(|line| line.starts_with("test result: ")) {
        return Vec::new();
    }
    let mut tests: Vec<Told> = output.lines().filter_map(line).collect();
    for test in tests.iter_mut().filter(|test| test.outcome == TestOutcome::Failed) {
        let said =
            output.split_once(&format!("\n---- {} stdout ----\n", test.name)).map_or("", |(_, rest)| rest);
        let said = said.split("\n---- ").next().unwrap_or(said).split("\n\nfailures:").next().unwrap_or(said);
        let said = said.split("\nnote: run with").next().unwrap_or(said).trim();
        let kind = if said.contains("panicked at") { "panic" } else { "Failed" };
        test.failure = Some((kind.to_owned(), said.to_owned()));
    }
    tests
}

/// `test path::name ... ok`.
fn line(line: &str) -> Option<Told> {
    let (name, how) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let outcome = match how.split(' ').next().unwrap_or(how).trim_end_matches(',') {
        "ok" => TestOutcome::Passed,
        "FAILED" => TestOutcome::Failed,
        "ignored" => TestOutcome::Skipped,
        _ => return None,
    };
    Some(Told::new(name.trim_end_matches(" - should panic"), outcome))
}

#[cfg(test)]
mod tests {
    use crate::observe::tests_of;

    #[test]
    fn tests_are_named_with_what_they_said() {
        let output = "running 3 tests\ntest a::works ... ok\ntest a::fails ... FAILED\ntest later ... ignored, slow\n\nfailures:\n\n---- a::fails stdout ----\nthread 'a::fails' panicked at src/lib.rs:9:5:\nassertion failed\nnote: run with `RUST_BACKTRACE=1`\n\n\nfailures:\n    a::fails\n\ntest result: FAILED. 1 passed; 1 failed; 1 ignored\n";
        let tests = tests_of(output, "/w");
        let seen: Vec<String> = tests.iter().map(|test| format!("{} {:?}", test.id, test.outcome)).collect();
        assert_eq!(seen, ["a::works Passed", "a::fails Failed", "later Skipped"]);
        let failure = tests.get(1).unwrap().failure.as_ref().unwrap();
        assert_eq!(failure.kind, "panic");
        assert!(failure.message.ends_with("assertion failed"), "{}", failure.message);
    }
}
