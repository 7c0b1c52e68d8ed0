//! JSON Schemas of what is printed, as files of the repository.
//!
//! Keys are sorted, so that the text is the same however the JSON library was built.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};

use crate::envelope::Envelope;
use crate::events::Event;
use crate::history::{Changes, ChangesArguments, Ledger, LedgerArguments, UndoArguments};
use crate::methods::{AcceptArguments, FixArguments, RunArguments, Runs, Started};
use crate::payloads::{DoctorPayload, FixPayload, LedgerPayload, UndoPayload};
use crate::review::{Content, ContentArguments, DecideArguments, Review};
use crate::status::Status;
use crate::sync::SyncPayload;
use crate::testing::{FixTestArguments, TestArguments, Tests, TestsArguments};
use crate::trial::{LivingPayload, TrialPayload};

/// Each schema with the name of its file below `docs/schema/`. `cargo xtask codegen` writes them.
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("envelope.schema.json", schema::<Envelope<Value>>()),
        ("fix.schema.json", schema::<Envelope<FixPayload>>()),
        ("undo.schema.json", schema::<Envelope<UndoPayload>>()),
        ("doctor.schema.json", schema::<Envelope<DoctorPayload>>()),
        ("ledger-verify.schema.json", schema::<Envelope<LedgerPayload>>()),
        ("sandbox-run.schema.json", schema::<Envelope<TrialPayload>>()),
        ("sandbox-list.schema.json", schema::<Envelope<LivingPayload>>()),
        ("sync.schema.json", schema::<Envelope<SyncPayload>>()),
        ("event.schema.json", schema::<Event>()),
    ]
}

/// The text of a schema as it stands in its file.
pub fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}

fn schema<T: JsonSchema>() -> Value {
    sorted(generator().into_root_schema_for::<T>().to_value())
}

/// Every public type by its name, for the documentation and the generated clients.
pub fn definitions() -> Map<String, Value> {
    let mut generator = generator();
    generator.subschema_for::<Envelope<Value>>();
    generator.subschema_for::<FixPayload>();
    generator.subschema_for::<UndoPayload>();
    generator.subschema_for::<DoctorPayload>();
    generator.subschema_for::<LedgerPayload>();
    generator.subschema_for::<SyncPayload>();
    generator.subschema_for::<TrialPayload>();
    generator.subschema_for::<LivingPayload>();
    generator.subschema_for::<Event>();
    generator.subschema_for::<Runs>();
    generator.subschema_for::<Started>();
    generator.subschema_for::<FixArguments>();
    generator.subschema_for::<RunArguments>();
    generator.subschema_for::<AcceptArguments>();
    generator.subschema_for::<UndoArguments>();
    generator.subschema_for::<DecideArguments>();
    generator.subschema_for::<Review>();
    generator.subschema_for::<ContentArguments>();
    generator.subschema_for::<Content>();
    generator.subschema_for::<Status>();
    generator.subschema_for::<TestsArguments>();
    generator.subschema_for::<Tests>();
    generator.subschema_for::<TestArguments>();
    generator.subschema_for::<FixTestArguments>();
    generator.subschema_for::<ChangesArguments>();
    generator.subschema_for::<Changes>();
    generator.subschema_for::<LedgerArguments>();
    generator.subschema_for::<Ledger>();
    let definitions = generator.take_definitions(true);
    definitions.into_iter().map(|(name, schema)| (name, sorted(schema))).collect()
}

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().for_serialize().into_generator()
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(fields.into_iter().map(|(name, field)| (name, sorted(field))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => plain,
    }
}
