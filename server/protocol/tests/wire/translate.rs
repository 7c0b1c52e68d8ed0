//! What the outside is told of inner values.

use bodkin_agent::{Outcome, Refused, Why};
use bodkin_guard::RunId;
use bodkin_guard::action::CommandLine;
use bodkin_guard::ledger::{Chain, Entry, Kind, Timestamp, verify_bytes};
use bodkin_protocol::{FailureKind, translate};
use expect_test::expect;
use serde_json::json;

use crate::sample;

#[test]
fn an_offer_is_told_as_a_diff_and_in_hunks() {
    let offer = translate::offer(&sample::offer(), |_| false);
    let file = &offer.files[0];
    expect![[r#"
        --- a/src/a.py
        +++ b/src/a.py
        @@ -1,5 +1,5 @@
        -a = 1
        +a = 2
         x = 0
         b = 2
         c = 3
        -d = é
        +d = é + 1
    "#]]
    .assert_eq(&file.diff);
    let hunks: Vec<_> =
        file.hunks.iter().map(|it| (it.line, it.before.as_str(), it.after.as_str())).collect();
    assert_eq!(hunks, [(1, "a = 1\n", "a = 2\n"), (5, "d = é\n", "d = é + 1\n")]);
    let edit = &file.hunks[1].edits[0];
    assert_eq!((edit.start_byte, edit.end_byte, edit.text.as_str()), (30, 30, " + 1"));
    assert_eq!(offer.proof.command, r"pytest -k 'it'\''s a'");
}

#[test]
fn a_changed_test_is_told() {
    assert!(translate::offer(&sample::offer(), |path| *path == sample::path()).proof.tests_changed);
    assert!(!translate::offer(&sample::offer(), |_| false).proof.tests_changed);
}

#[test]
fn a_line_for_a_shell_is_told_word_for_word() {
    assert_eq!(translate::command(&CommandLine::Shell("a | b 'c'".to_owned())), "a | b 'c'");
    assert_eq!(translate::command(&CommandLine::Argv(vec!["a b".to_owned(), String::new()])), "'a b' ''");
}

#[test]
fn only_what_is_proved_is_no_failure() {
    let kind = |outcome: Outcome| translate::failure(&outcome).map(|it| it.kind);
    let refused = |why| Outcome::Refused(Refused { why, message: "m".to_owned(), hint: "h".to_owned() });
    assert_eq!(kind(Outcome::Proved), None);
    assert_eq!(kind(Outcome::Unproved { missing: Vec::new() }), Some(FailureKind::NotProved));
    assert_eq!(kind(Outcome::Exhausted { reason: String::new() }), Some(FailureKind::NotProved));
    assert_eq!(kind(Outcome::Cancelled), Some(FailureKind::Cancelled));
    assert_eq!(kind(refused(Why::BadRequest)), Some(FailureKind::BadRequest));
    assert_eq!(kind(refused(Why::Policy)), Some(FailureKind::Refused));
    assert_eq!(kind(refused(Why::Stale)), Some(FailureKind::Stale));
    assert_eq!(kind(refused(Why::Unavailable)), Some(FailureKind::Unavailable));
    assert_eq!(kind(Outcome::Failed { reason: String::new() }), Some(FailureKind::Bug));
}

#[test]
fn an_entry_of_the_ledger_is_told_in_a_line() {
    let (mut chain, first) = Chain::start("/shop", Timestamp::from_unix_ms(0));
    let mut add =
        |kind, body| chain.append(Entry::new(Some(RunId(3)), kind, body), Timestamp::from_unix_ms(42));
    let run = json!({"do": "run_command", "command": {"argv": ["pytest", "-q"]}});
    let write = json!({"do": "write_files", "files": [{"path": "a.py"}, {"path": "b.py"}]});
    let mut lines = vec![
        add(Kind::Asked, json!({"intent": "fix a.py:1"})),
        add(Kind::Permitted, json!({"action": run})),
        add(Kind::Permitted, json!({"action": {"do": "probe", "candidates": 12}})),
        add(Kind::Permitted, json!({"action": write})),
        add(Kind::Did, json!({"summary": "12 tried"})),
        add(Kind::Decided, json!({"decision": "accepted", "change": "swap"})),
        add(Kind::Checkpoint, json!({"checkpoint": "c2", "state": "undone", "by": "hand"})),
        add(Kind::Refused, json!({"action": {"do": "fly_high"}, "reason": "no wings"})),
        add(Kind::Ended, json!({"outcome": "proved", "candidates": 12})),
    ];
    lines.insert(0, first);
    let text: String = lines.iter().map(|it| format!("{}\n", it.render())).collect();
    let page = translate::ledger_page("/l", Some(&verify_bytes(text.as_bytes(), None)), &lines);
    assert!(page.intact, "{}", page.message);
    let told: Vec<String> =
        page.entries.iter().map(|it| format!("{} {}: {}", it.seq, it.kind, it.summary)).collect();
    expect![[r#"
        0 genesis: the ledger of /shop begins
        1 asked: fix a.py:1
        2 permitted: run `pytest -q`
        3 permitted: try 12 candidates
        4 permitted: write `a.py`, `b.py`
        5 did: 12 tried
        6 decided: accepted: swap
        7 checkpoint: c2 is undone, by hand
        8 refused: fly high: no wings
        9 ended: proved, 12 candidates tried"#]]
    .assert_eq(&told.join("\n"));
    let entry = &page.entries[1];
    assert_eq!((entry.at.as_str(), entry.run_id.as_deref()), ("1970-01-01T00:00:00.042Z", Some("r3")));
    assert_eq!(translate::ledger_page("/l", None, &[]).path, None);
}

#[test]
fn a_broken_ledger_is_told_line_by_line() {
    let told = sample::ledger_payload();
    assert_eq!((told.intact, told.entries, told.breaks.len()), (false, 1, 1));
    assert_eq!(told.breaks[0].line, 2);
    assert!(translate::no_ledger().intact);
}
