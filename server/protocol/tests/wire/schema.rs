//! The schemas and the page in the repository are those of the types, and they tell right from wrong.
//! `UPDATE_EXPECT=1 cargo test -p bodkin_protocol --test wire` writes them anew.

use bodkin_protocol::{Envelope, Failure, FailureKind, UndoPayload, document, schema};
use expect_test::expect_file;
use serde::Serialize;
use serde_json::{Value, json};

use crate::sample;

fn schema_of(file: &str) -> Value {
    let found = schema::schemas().into_iter().find(|(name, _)| *name == file);
    found.map(|(_, schema)| schema).unwrap_or_default()
}

/// What is wrong with `value` by the schema in `file`; nothing: it is right.
fn faults(file: &str, value: &Value) -> Vec<String> {
    match jsonschema::validator_for(&schema_of(file)) {
        Ok(validator) => validator.iter_errors(value).map(|error| error.to_string()).collect(),
        Err(error) => vec![error.to_string()],
    }
}

fn right(file: &str, value: &impl Serialize) {
    let value = serde_json::to_value(value).unwrap_or_default();
    assert_eq!(faults(file, &value), Vec::<String>::new(), "{value:#}");
}

fn undone() -> Envelope<UndoPayload> {
    let payload = UndoPayload {
        checkpoint: "c1".to_owned(),
        title: "fix src/a.py:12".to_owned(),
        files: vec!["src/a.py".to_owned()],
        rebased: false,
    };
    Envelope::done("undo", 12, payload).in_workspace("/home/ann/shop")
}

#[test]
fn the_schemas_in_the_repository_are_those_of_the_types() {
    let files = [
        expect_file!["../../../../docs/schema/envelope.schema.json"],
        expect_file!["../../../../docs/schema/fix.schema.json"],
        expect_file!["../../../../docs/schema/undo.schema.json"],
        expect_file!["../../../../docs/schema/doctor.schema.json"],
        expect_file!["../../../../docs/schema/ledger-verify.schema.json"],
        expect_file!["../../../../docs/schema/sandbox-run.schema.json"],
        expect_file!["../../../../docs/schema/sandbox-list.schema.json"],
        expect_file!["../../../../docs/schema/sync.schema.json"],
        expect_file!["../../../../docs/schema/event.schema.json"],
    ];
    let schemas = schema::schemas();
    assert_eq!(files.len(), schemas.len());
    for (file, (_, value)) in files.iter().zip(&schemas) {
        file.assert_eq(&schema::text(value));
    }
}

#[test]
fn the_page_in_the_repository_is_written_from_the_types() {
    expect_file!["../../../../docs/protocol.md"].assert_eq(&document::document());
}

#[test]
fn every_type_and_field_of_the_page_says_what_it_means() {
    let page = document::document();
    assert!(!page.contains("## Others"), "a type stands in no chapter");
    assert!(!page.contains("|  |") && !page.contains("): \n"), "a field has no meaning");
}

#[test]
fn answers_of_every_command_are_valid() {
    right("undo.schema.json", &undone());
    right("envelope.schema.json", &undone());
    right("fix.schema.json", &Envelope::done("fix", 1, sample::fix_payload()));
    right("doctor.schema.json", &Envelope::done("doctor", 1, sample::doctor_payload()));
    right("ledger-verify.schema.json", &Envelope::done("ledger verify", 1, sample::ledger_payload()));
    let failure = Failure::new(FailureKind::Stale, "`a.py` has changed", "run it again");
    right("undo.schema.json", &Envelope::<UndoPayload>::failed("undo", 1, None, failure.clone()));
    right("fix.schema.json", &Envelope::failed("fix", 1, Some(sample::fix_payload()), failure));
}

#[test]
fn every_kind_of_event_is_valid() {
    for event in sample::events() {
        right("event.schema.json", &event);
    }
}

#[test]
fn a_wrong_answer_is_found_wrong() {
    let good = serde_json::to_value(undone()).unwrap();
    for (path, value) in [
        ("/ok", json!("yes")),
        ("/duration_ms", json!(-1)),
        ("/payload/files", json!("a.py")),
        ("/payload", json!({})),
        ("/payload", json!(null)),
        ("/meta/failure", json!({"kind": "no_such_kind", "message": "", "hint": ""})),
        // Ok, and yet a failure is named.
        ("/meta/failure", json!({"kind": "stale", "message": "m", "hint": "h"})),
        // Not ok, and no failure is named.
        ("/ok", json!(false)),
    ] {
        let mut wrong = good.clone();
        *wrong.pointer_mut(path).unwrap() = value.clone();
        assert_ne!(faults("undo.schema.json", &wrong), Vec::<String>::new(), "{path} = {value}");
    }
    for field in ["ok", "cmd", "version", "duration_ms", "payload", "meta"] {
        let mut wrong = good.clone();
        wrong.as_object_mut().unwrap().remove(field);
        assert_ne!(faults("envelope.schema.json", &wrong), Vec::<String>::new(), "without {field}");
    }
}

#[test]
fn a_reader_does_not_mind_what_it_does_not_know() {
    let mut later = serde_json::to_value(undone()).unwrap();
    later["meta"]["new"] = json!(1);
    right("undo.schema.json", &later);
    assert_eq!(serde_json::from_value::<Envelope<UndoPayload>>(later).unwrap(), undone());
}

#[test]
fn the_exit_code_goes_with_the_failure() {
    assert_eq!(undone().exit_code(), 0);
    let failure = Failure::new(FailureKind::NotProved, "m", "h");
    assert_eq!(Envelope::<Value>::failed("fix", 1, None, failure).exit_code(), 1);
}

/// invariant: no-inner-type-is-serialised-directly
#[test]
fn wire_types_hold_no_inner_types() {
    for (file, source) in [
        ("envelope.rs", include_str!("../../src/envelope.rs")),
        ("events.rs", include_str!("../../src/events.rs")),
        ("failure.rs", include_str!("../../src/failure.rs")),
        ("history.rs", include_str!("../../src/history.rs")),
        ("methods.rs", include_str!("../../src/methods.rs")),
        ("offer.rs", include_str!("../../src/offer.rs")),
        ("payloads.rs", include_str!("../../src/payloads.rs")),
        ("plan.rs", include_str!("../../src/plan.rs")),
        ("review.rs", include_str!("../../src/review.rs")),
        ("status.rs", include_str!("../../src/status.rs")),
        ("testing.rs", include_str!("../../src/testing.rs")),
    ] {
        assert!(
            !source.contains("bodkin_"),
            "{file} names an inner crate; translate.rs is the place for that"
        );
    }
}
