//! `docs/protocol.md`, written from the types themselves.
//!
//! What a field means is its doc comment; nothing is said here that the types do not say.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::failure::{FailureKind, Retry};
use crate::methods::METHODS;
use crate::schema::definitions;

const HEAD: &str = "\
# Protocol

Written from the types of `server/protocol` by `cargo xtask codegen`; edit those, not this page.

Field names are camelCase, names of states snake_case. Lines that people read count from one, positions of
editors from zero, offsets are UTF-8 bytes. Every field is always there; what is not known is null. New fields
may come: a reader ignores those that it does not know.
";

const ANSWERS: &str = "\
Every command prints one envelope with `--json`. The schema of the whole answer is in
[`docs/schema/`](schema/), one file a command. Here `payload` may be anything; the payloads follow.
";

const METHODS_HEAD: &str = "\
Beside the Language Server Protocol itself, which alone is enough to fix, follow and undo.
";

const REVIEW: &str = "\
A client that shows a review of its own says so in `initialize`, by `capabilities.experimental.bodkin` or by
`initializationOptions.bodkin`: `{\"events\": true, \"review\": true}`. While the setting `bodkin.review` is
`hunks`, its proved offers wait for `bodkin/decide`; to all other clients they are sent as an edit at once. When
no hunk is undecided any more the accepted ones are put in place. A part that is not the whole is proved again
first, by the same rules; what is rejected is never sent to the editor.
";

/// Headings, with the types under each in the order in which they are met.
const CHAPTERS: &[(&str, &str, &[&str])] = &[
    ("Answers of commands", ANSWERS, &["Envelope", "Meta", "Failure", "FailureKind"]),
    (
        "Payloads",
        "",
        &[
            "FixPayload",
            "UndoPayload",
            "DoctorPayload",
            "DoctorCheck",
            "DoctorStatus",
            "LedgerPayload",
            "LedgerHead",
            "LedgerBreak",
            "LedgerFault",
            "LedgerTail",
            "TrialPayload",
            "TrialChange",
            "TrialChangeKind",
            "TrialVerdict",
            "LivingPayload",
            "LivingSandbox",
            "SyncPayload",
            "SyncFile",
            "SyncLeft",
        ],
    ),
    ("Runs", "", &["Plan", "PlanEntry", "StepState", "Outcome", "RunSummary"]),
    (
        "Offers and proofs",
        "",
        &[
            "Offer",
            "OfferedFile",
            "OfferedHunk",
            "OfferedEdit",
            "Proof",
            "Check",
            "FileLines",
            "Isolation",
            "IsolationLevel",
        ],
    ),
    ("Events", "", &["Event", "News", "MessageLevel"]),
    (
        "Commands",
        "",
        &[
            "FixArguments",
            "SelectedLines",
            "FixTestArguments",
            "TestArguments",
            "Started",
            "RunArguments",
            "AcceptArguments",
            "UndoArguments",
        ],
    ),
    ("Present state", "", &["Runs", "RunState"]),
    (
        "Review",
        REVIEW,
        &[
            "DecideArguments",
            "Choice",
            "Review",
            "ReviewState",
            "ReviewedFile",
            "ReviewedHunk",
            "HunkState",
            "ContentArguments",
            "ContentSide",
            "Content",
        ],
    ),
    ("Status", "", &["Status", "Health", "FolderStatus", "FolderState", "TestsFound"]),
    (
        "Tests",
        "",
        &[
            "TestsArguments",
            "Tests",
            "TestItem",
            "TestItemKind",
            "TextRange",
            "TextPosition",
            "TestResult",
            "TestState",
        ],
    ),
    (
        "Changes and ledger",
        "",
        &[
            "ChangesArguments",
            "Changes",
            "Change",
            "ChangedFile",
            "ChangeState",
            "LedgerArguments",
            "Ledger",
            "LedgerEntry",
        ],
    ),
];

/// The page.
pub fn document() -> String {
    let mut types = definitions();
    let mut page = HEAD.to_owned();
    page.push_str(&failures());
    page.push_str(&methods());
    for (heading, text, names) in CHAPTERS {
        let _ = write!(page, "\n## {heading}\n");
        if !text.is_empty() {
            let _ = write!(page, "\n{text}");
        }
        for name in *names {
            if let Some(schema) = types.remove(*name) {
                describe(&mut page, name, &schema);
            }
        }
    }
    if !types.is_empty() {
        page.push_str("\n## Others\n");
    }
    for (name, schema) in &types {
        describe(&mut page, name, schema);
    }
    page
}

fn failures() -> String {
    let mut text =
        "\n## Failures\n\n| kind | LSP | HTTP | exit | again? |\n| --- | --- | --- | --- | --- |\n"
            .to_owned();
    for kind in FailureKind::ALL {
        let lsp = match (kind.lsp_name(), kind.lsp_code()) {
            (Some(name), Some(code)) => format!("{name} ({code})"),
            (Some(_) | None, _) => "no error, but an outcome".to_owned(),
        };
        let (name, http, exit) = (wire_name(kind), kind.http_status(), kind.exit_code());
        let _ = writeln!(text, "| `{name}` | {lsp} | {http} | {exit} | {} |", again(kind.retry()));
    }
    text
}

fn wire_name(kind: FailureKind) -> String {
    serde_json::to_value(kind).ok().and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default()
}

fn again(retry: Retry) -> &'static str {
    match retry {
        Retry::No => "no",
        Retry::AfterRuleChange => "after a rule or a consent was changed",
        Retry::RunAgain => "now, on the present text",
        Retry::Later => "later",
        Retry::WithMoreBudget => "with a larger budget",
        Retry::Report => "no: report it",
    }
}

fn methods() -> String {
    let mut text = format!(
        "\n## Methods\n\n{METHODS_HEAD}\n| name | how | with | answer | meaning |\n| --- | --- | --- | --- | --- |\n"
    );
    let linked = |name: &str| if name == "-" { "-".to_owned() } else { link(name) };
    for it in METHODS {
        let (with, answer) = (linked(it.params), linked(it.result));
        let _ = writeln!(text, "| `{}` | {} | {with} | {answer} | {} |", it.name, it.how.said(), it.meaning);
    }
    text
}

fn describe(page: &mut String, name: &str, schema: &Value) {
    let _ = write!(page, "\n### {name}\n\n{}\n", said(schema));
    if let Some(fields) = schema.get("properties").and_then(Value::as_object) {
        page.push('\n');
        table(page, schema, fields);
    } else if let Some(variants) = schema.get("oneOf").and_then(Value::as_array) {
        page.push('\n');
        for variant in variants {
            describe_variant(page, variant);
        }
    }
}

fn describe_variant(page: &mut String, variant: &Value) {
    let fields = variant.get("properties").and_then(Value::as_object);
    let tag = fields.and_then(|fields| fields.get("kind")).unwrap_or(variant);
    let name = tag.get("const").and_then(Value::as_str).unwrap_or("?");
    let _ = writeln!(page, "- `{name}`: {}", said(variant));
    for (field, schema) in in_order(variant, fields.into_iter().flatten()) {
        if field != "kind" {
            let _ = writeln!(page, "  - `{field}` ({}): {}", type_of(schema), said(schema));
        }
    }
}

fn table(page: &mut String, schema: &Value, fields: &Map<String, Value>) {
    page.push_str("| field | type | meaning |\n| --- | --- | --- |\n");
    for (name, field) in in_order(schema, fields) {
        let _ = writeln!(page, "| `{name}` | {} | {} |", type_of(field), said(field));
    }
}

/// The fields in the order in which they are declared, which is that of `required`.
fn in_order<'s>(
    schema: &'s Value,
    fields: impl IntoIterator<Item = (&'s String, &'s Value)>,
) -> Vec<(&'s String, &'s Value)> {
    let declared: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut fields: Vec<_> = fields.into_iter().collect();
    fields.sort_by_key(|(name, _)| declared.iter().position(|it| it == name).unwrap_or(declared.len()));
    fields
}

fn said(schema: &Value) -> String {
    let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn type_of(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return link(name.rsplit('/').next().unwrap_or(name));
    }
    if let Some(either) = schema.get("anyOf").and_then(Value::as_array) {
        return either.iter().map(type_of).collect::<Vec<_>>().join(" or ");
    }
    match schema.get("type") {
        Some(Value::String(name)) => simple(name, schema),
        Some(Value::Array(names)) => {
            let names = names.iter().filter_map(Value::as_str);
            names.map(|name| simple(name, schema)).collect::<Vec<_>>().join(" or ")
        }
        Some(_) | None => "anything".to_owned(),
    }
}

fn simple(name: &str, schema: &Value) -> String {
    match name {
        "array" => format!("list of {}", schema.get("items").map_or("anything".to_owned(), type_of)),
        "integer" => "whole number".to_owned(),
        "boolean" => "true or false".to_owned(),
        other => other.to_owned(),
    }
}

fn link(name: &str) -> String {
    format!("[{name}](#{})", name.to_lowercase())
}
