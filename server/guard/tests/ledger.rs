//! What can be seen of a ledger that was tampered with.

use bodkin_guard::ledger::{Chain, Head, Report, Tail, Timestamp, verify, verify_against, verify_bytes};
use bodkin_guard::{Entry, Kind, RunId};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::json;

/// The lines of a ledger with so many entries after the first, and its head.
fn ledger(entries: u64) -> (Vec<String>, Head) {
    let (mut chain, first) = Chain::start("shop", Timestamp::from_unix_ms(0));
    let mut lines = vec![first.render()];
    for n in 1..=entries {
        let entry =
            Entry::new(Some(RunId(n)), Kind::Decided, json!({"z": n, "a": ["x", null, {"c": 1, "b": "é"}]}));
        lines.push(chain.append(entry, Timestamp::from_unix_ms(n * 1000)).render());
    }
    (lines, chain.head())
}

fn told(report: &Report) -> String {
    let breaks: String = report.breaks.iter().map(|it| format!("{it}\n")).collect();
    format!("{breaks}{} entries, {:?}", report.entries, report.tail)
}

/// Tampers with a ledger of four lines, and tells what is seen.
fn check(tamper: impl FnOnce(&mut Vec<String>), seen: Expect) {
    let (mut lines, _) = ledger(3);
    tamper(&mut lines);
    seen.assert_eq(&told(&verify(lines.iter().map(String::as_str))));
}

fn bytes(lines: &[String]) -> Vec<u8> {
    lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes()
}

#[test]
fn a_line_is_text_with_its_fields_in_a_fixed_order() {
    let (lines, _) = ledger(1);
    expect![[r#"
        {"seq":0,"time":"1970-01-01T00:00:00.000Z","run":null,"kind":"genesis","body":{"format":1,"workspace":"shop"},"prev":"af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262","hash":"8feb2afbd7cf1530e5e214fa9b3d699542fc075808b7bba7dc9de06bada890fe"}
        {"seq":1,"time":"1970-01-01T00:00:01.000Z","run":"r1","kind":"decided","body":{"a":["x",null,{"b":"é","c":1}],"z":1},"prev":"8feb2afbd7cf1530e5e214fa9b3d699542fc075808b7bba7dc9de06bada890fe","hash":"1dd2fafa49f6bdf5dec14b8d531d09a1c0644a750be22263d5042b71f34c3945"}"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn a_ledger_as_it_was_written_is_intact() {
    let (lines, head) = ledger(3);
    let report = verify_bytes(&bytes(&lines), Some(head));
    assert!(report.is_intact(), "{}", told(&report));
    assert_eq!((report.entries, report.resume()), (4, Some(head)));
    assert_eq!(report.workspace.as_deref(), Some("shop"));
}

#[test]
fn adding_goes_on_from_where_reading_ended() {
    let (mut lines, head) = ledger(2);
    let mut chain = Chain::resume(head);
    lines.push(chain.append(Entry::new(None, Kind::Ended, json!({})), Timestamp::from_unix_ms(9)).render());
    assert!(verify_against(lines.iter().map(String::as_str), Some(chain.head())).is_intact());
}

#[test]
fn a_changed_line_is_named_alone() {
    check(
        |lines| lines[2] = lines[2].replace("\"z\":2", "\"z\":3"),
        expect![[r#"
        line 3: it was changed after it was written
        4 entries, Whole"#]],
    );
    check(
        |lines| lines[2] = lines[2].replace("r2", "r1"),
        expect![[r#"
        line 3: it was changed after it was written
        4 entries, Whole"#]],
    );
    check(
        |lines| lines[2] = lines[2].replace("\"seq\":2", "\"seq\":7"),
        expect![[r#"
        line 3: it was changed after it was written
        4 entries, Whole"#]],
    );
    // The same values in another spelling.
    check(
        |lines| lines[2] = lines[2].replace("\"z\":2", "\"z\": 2"),
        expect![[r#"
        line 3: it was changed after it was written
        4 entries, Whole"#]],
    );
    check(
        |lines| lines[2] = lines[2].replace("é", "\\u00e9"),
        expect![[r#"
        line 3: it was changed after it was written
        4 entries, Whole"#]],
    );
}

#[test]
fn a_changed_hash_is_named_alone() {
    check(
        |lines| {
            let at = lines[2].len() - 5;
            let other = if lines[2][at..].starts_with('0') { "1" } else { "0" };
            lines[2].replace_range(at..=at, other);
        },
        expect![[r#"
            line 3: it was changed after it was written
            4 entries, Whole"#]],
    );
}

#[test]
fn a_removed_line_is_named_by_the_one_after_it() {
    check(
        |lines| drop(lines.remove(2)),
        expect![[r#"
        line 3: entry 2 before it is missing
        3 entries, Whole"#]],
    );
    check(
        |lines| drop(lines.drain(1..3)),
        expect![[r#"
        line 2: entries 1 to 2 before it are missing
        2 entries, Whole"#]],
    );
    check(
        |lines| drop(lines.remove(0)),
        expect![[r#"
        line 1: the ledger does not begin with its first entry
        3 entries, Whole"#]],
    );
}

#[test]
fn two_lines_that_changed_places_are_named() {
    check(
        |lines| lines.swap(1, 2),
        expect![[r#"
        line 2: entry 1 before it is missing
        line 3: entry 1 stands after a later one
        4 entries, Whole"#]],
    );
}

#[test]
fn a_line_that_stands_twice_is_named() {
    check(
        |lines| lines.insert(2, lines[1].clone()),
        expect![[r#"
        line 3: the entry before it stands here a second time
        5 entries, Whole"#]],
    );
}

#[test]
fn a_line_put_in_with_a_right_hash_of_its_own_is_named() {
    check(
        |lines| {
            let other = Chain::start("shop", Timestamp::from_unix_ms(5)).1.head();
            let forged = Entry::new(None, Kind::Decided, json!({"forged": true}));
            let mut chain = Chain::resume(Head { seq: 1, ..other });
            lines[2] = chain.append(forged, Timestamp::from_unix_ms(2)).render();
        },
        expect![[r#"
            line 3: it does not follow the line before; one of the two was put in later
            line 4: it does not follow the line before; one of the two was put in later
            4 entries, Whole"#]],
    );
}

#[test]
fn an_unreadable_line_is_named_alone() {
    check(
        |lines| lines[2].truncate(20),
        expect![[r#"
        line 3: it is no line of a ledger
        3 entries, Whole"#]],
    );
    check(
        |lines| lines[2] = String::new(),
        expect![[r#"
        line 3: it is no line of a ledger
        3 entries, Whole"#]],
    );
}

#[test]
fn a_torn_last_line_can_be_repaired_and_is_no_break() {
    let (lines, _) = ledger(2);
    let mut torn = bytes(&lines);
    let keep = torn.len() - lines[2].len() - 1;
    torn.truncate(torn.len() - 10);
    let report = verify_bytes(&torn, None);
    assert_eq!(report.tail, Tail::Torn { keep_bytes: u64::try_from(keep).unwrap() });
    assert_eq!(report.resume().map(|head| head.seq), Some(1));
    assert!(verify_bytes(&torn[..keep], None).is_intact(), "what is kept is whole");
}

#[test]
fn a_torn_last_line_is_known_among_lines_too() {
    let (lines, _) = ledger(2);
    let text = String::from_utf8(bytes(&lines)).unwrap();
    let keep_bytes = u64::try_from(text.len() - lines[2].len() - 1).unwrap();
    let torn = &text[..text.len() - 10];
    for report in [verify(torn.split_inclusive('\n')), verify(torn.lines())] {
        assert_eq!((report.entries, report.tail), (2, Tail::Torn { keep_bytes }));
        assert_eq!(report.breaks, []);
    }
    assert!(verify(text.split_inclusive('\n')).is_intact());
}

#[test]
fn a_file_that_ends_in_zeros_after_a_power_cut_can_be_repaired() {
    let (lines, head) = ledger(1);
    let mut zeros = bytes(&lines);
    let keep_bytes = u64::try_from(zeros.len()).unwrap();
    zeros.extend([0; 64]);
    let report = verify_bytes(&zeros, None);
    assert_eq!((report.tail, report.resume()), (Tail::Torn { keep_bytes }, Some(head)));
}

#[test]
fn a_whole_last_line_without_its_end_counts() {
    let (lines, head) = ledger(1);
    let mut unended = bytes(&lines);
    unended.pop();
    let report = verify_bytes(&unended, Some(head));
    assert_eq!((report.tail, report.resume()), (Tail::Unended, Some(head)));
}

#[test]
fn lines_cut_off_at_the_end_show_against_a_remembered_head_alone() {
    let (mut lines, head) = ledger(3);
    lines.pop();
    assert!(verify_bytes(&bytes(&lines), None).is_intact(), "nothing in the file says that more was there");
    expect![[r#"
        line 3: the ledger ends here, but entry 3 is remembered to have been its last
        3 entries, Whole"#]]
    .assert_eq(&told(&verify_bytes(&bytes(&lines), Some(head))));
    expect![[r#"
        line 1: the ledger ends here, but entry 3 is remembered to have been its last
        0 entries, Whole"#]]
    .assert_eq(&told(&verify_bytes(b"", Some(head))));
}

#[test]
fn a_ledger_rewritten_as_a_whole_shows_against_a_remembered_head() {
    let (_, head) = ledger(3);
    let (mut chain, first) = Chain::start("shop", Timestamp::from_unix_ms(0));
    let mut lines = vec![first.render()];
    for n in 1..=5 {
        let line = chain.append(Entry::new(None, Kind::Decided, json!({"z": n})), Timestamp::from_unix_ms(n));
        lines.push(line.render());
    }
    expect![[r#"
        line 4: the ledger was rewritten: another entry is remembered here
        6 entries, Whole"#]]
    .assert_eq(&told(&verify_bytes(&bytes(&lines), Some(head))));
}

#[test]
fn no_ledger_yet_is_no_break() {
    let report = verify_bytes(b"", None);
    assert!(report.is_intact());
    assert_eq!((report.entries, report.resume()), (0, None));
}

#[test]
fn a_fraction_is_kept_as_text_so_that_it_reads_back_to_the_same_bytes() {
    let (mut chain, first) = Chain::start("shop", Timestamp::from_unix_ms(0));
    let line =
        chain.append(Entry::new(None, Kind::Did, json!({"x": 0.1, "y": -3})), Timestamp::from_unix_ms(1));
    assert_eq!(line.body, json!({"x": "0.1", "y": -3}));
    assert!(verify([first.render().as_str(), line.render().as_str()]).is_intact());
}

#[test]
fn a_secret_in_a_body_is_taken_out() {
    let body = json!({"said": [format!("ghp_{}", "a1B2".repeat(9))]});
    assert_eq!(Entry::new(None, Kind::Asked, body).body, json!({"said": ["[redacted github-token]"]}));
}

proptest! {
    #[test]
    fn any_changed_byte_is_seen(entries in 0_u64..5, at: prop::sample::Index, byte: u8) {
        let mut text = bytes(&ledger(entries).0);
        let at = at.index(text.len());
        prop_assume!(text[at] != byte);
        text[at] = byte;
        prop_assert!(!verify_bytes(&text, None).is_intact());
    }

    #[test]
    fn any_removed_byte_is_seen(entries in 0_u64..5, at: prop::sample::Index) {
        let mut text = bytes(&ledger(entries).0);
        text.remove(at.index(text.len()));
        prop_assert!(!verify_bytes(&text, None).is_intact());
    }

    #[test]
    fn any_inserted_byte_is_seen(entries in 0_u64..5, at: prop::sample::Index, byte: u8) {
        let mut text = bytes(&ledger(entries).0);
        text.insert(at.index(text.len() + 1), byte);
        prop_assert!(!verify_bytes(&text, None).is_intact());
    }

    #[test]
    fn any_lines_removed_repeated_or_moved_are_seen(
        entries in 1_u64..8, from: prop::sample::Index, to: prop::sample::Index, how in 0..3,
    ) {
        let (lines, head) = ledger(entries);
        let (from, to) = (from.index(lines.len()), to.index(lines.len()));
        let mut other = lines.clone();
        match how {
            0 => drop(other.remove(from)),
            1 => other.insert(to, lines[from].clone()),
            _ => other.swap(from, to),
        }
        let report = verify_against(other.iter().map(String::as_str), Some(head));
        prop_assert_eq!(report.is_intact(), other == lines);
    }

    #[test]
    fn no_bytes_at_all_make_the_reader_fail(text in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(text.is_empty() || !verify_bytes(&text, None).is_intact());
    }
}
