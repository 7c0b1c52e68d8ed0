//! How the tests went before and after.

use expect_test::{Expect, expect};

use super::{Change, FIXED, finished, gate, verdict};
use crate::proof::summarise;

fn check(before: &str, after: &str, expected: Expect) {
    expected.assert_eq(&verdict(&gate(before, after, &FIXED, &[], &[])));
}

#[test]
fn a_failing_test_that_passes_with_the_rest_green_is_a_proof() {
    // invariant: only-the-gate-says-proved
    check("1 +a -b", "0 +a +b", expect![[r#"proved: mended ["b"], still []"#]]);
    check("1 +a !b", "0 +a +b", expect![[r#"proved: mended ["b"], still []"#]]);
    check("hangs +a ?b", "0 +a +b +c", expect![[r#"proved: mended ["b"], still []"#]]);
}

#[test]
fn an_exit_code_alone_is_a_proof_where_tests_can_not_be_told() {
    check("1", "0", expect!["proved: mended [], still []"]);
    check("1", "2", expect!["rejected: with the change the test command ended with exit code 2"]);
    check("hangs", "0", expect!["proved: mended [], still []"]);
}

#[test]
fn a_command_that_passed_before_proves_nothing() {
    check(
        "0 +a",
        "0 +a",
        expect!["unproved: the test command passed without the change, in a fresh sandbox"],
    );
}

#[test]
fn a_newly_failing_test_rejects() {
    check(
        "1 +a -b",
        "1 -a +b",
        expect!["rejected: 1 test(s) that did not fail before fail with it, first a"],
    );
    check("1 -b", "0 -c +b", expect!["rejected: 1 test(s) that did not fail before fail with it, first c"]);
}

#[test]
fn a_runner_that_names_only_what_fails_leaves_open_what_ran() {
    check(
        "1 -a -b",
        "0",
        expect!["unproved: whether the tests that failed before were run could not be told with the change"],
    );
}

#[test]
fn a_test_that_is_skipped_or_gone_with_the_change_rejects() {
    check("1 +a -b", "0 +a ~b", expect!["rejected: b was run before and is skipped or gone with it"]);
    check("1 +a -b", "0 +a", expect!["rejected: b was run before and is skipped or gone with it"]);
    check("1 +a -b", "0 ~a +b", expect!["rejected: a was run before and is skipped or gone with it"]);
    check("1 +a -b", "0 +b", expect!["rejected: a was run before and is skipped or gone with it"]);
    check("1 +a -b", "0", expect!["rejected: a was run before and is skipped or gone with it"]);
    check("1 -b", "0 +a", expect!["rejected: b was run before and is skipped or gone with it"]);
}

#[test]
fn a_file_that_could_not_be_loaded_may_vanish_for_its_tests() {
    check("1 !t.py", "0 +t.py::a +t.py::b", expect![[r#"proved: mended ["t.py"], still []"#]]);
    check("1 +a !t.py", "0 +a", expect!["rejected: t.py was run before and is skipped or gone with it"]);
}

#[test]
fn failing_all_the_same_needs_something_mended_and_nothing_new() {
    check("1 -a -b", "1 +a -b", expect![[r#"proved: mended ["a"], still ["b"]"#]]);
    check("1 -a -b", "1 -a -b", expect!["rejected: no failing test passes with it"]);
    check("1 +a -b", "3 +a +b", expect!["rejected: with the change the test command ended with exit code 3"]);
}

#[test]
fn a_test_that_was_seen_failing_must_not_fail_any_more() {
    let judged = gate("1 -a -b", "1 +a -b", &FIXED, &["b"], &[]);
    assert_eq!(verdict(&judged), "rejected: b still fails with it in a fresh sandbox");
    let judged = gate("1 -a -b", "1 +a -b", &FIXED, &["a"], &[]);
    assert_eq!(verdict(&judged), r#"proved: mended ["a"], still ["b"]"#);
}

#[test]
fn a_command_that_is_stopped_or_dies_rejects() {
    check(
        "1 -a",
        "hangs +a",
        expect!["rejected: with the change the test command did not end within its time"],
    );
    check("1 -a", "dies +a", expect!["rejected: with the change the test command died of signal 11"]);
}

#[test]
fn a_changed_test_a_smell_or_unknown_lines_leave_it_unproved() {
    let judged = gate("1 -a", "0 +a", &FIXED, &[], &["it writes down the value that the test expects"]);
    assert_eq!(verdict(&judged), "unproved: it writes down the value that the test expects");
    let judged = gate("1 -a", "0 +a", &Change { file: "tests/test_a.py", ..FIXED }, &[], &[]);
    assert_eq!(
        verdict(&judged),
        "unproved: `tests/test_a.py` is itself a test: a change to it proves nothing about the code"
    );
    let judged = gate("1 -a", "0 +a", &Change { ran: None, ..FIXED }, &[], &[]);
    assert_eq!(
        verdict(&judged),
        "unproved: which lines the tests executed could not be told for this test command"
    );
}

#[test]
fn a_file_of_which_no_line_ran_was_not_executed() {
    let judged = gate("1 -a", "0 +a", &Change { ran: Some(&[]), ..FIXED }, &[], &[]);
    assert_eq!(verdict(&judged), "unproved: changed lines that no test executed: 2");
}

#[test]
fn a_summary_names_the_failing_tests_or_shows_the_tail_of_the_output() {
    let said = summarise(&finished("1 +a -b"));
    assert_eq!((said.passed, said.failed, said.succeeded), (Some(1), vec!["b".to_owned()], false));
    let mut silent = finished("2");
    silent.output = "one\n\ntwo  \n".to_owned();
    let said = summarise(&silent);
    assert_eq!(
        (said.passed, said.said.as_str(), said.ended.as_str()),
        (None, "one\ntwo", "ended with exit code 2")
    );
}
