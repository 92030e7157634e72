//! JSON Schema of the json documents, derived from the types that are written.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Value, json};

use super::model::ReportRow;
use crate::audit::Audit;
use crate::deletion::{DeleteEntry, DeleteSummary, MarkerEntry, UndoSummary};
use crate::doctor::{CHECKS, CheckRow, DoctorSummary};
use crate::reasons::ReasonsReport;
use crate::reconcile::Reconciliation;
use crate::status::{ObjectStatus, StatusSummary};

type MakeSchema = fn() -> Value;

/// The schema of every document, by the command that writes it.
pub(crate) const SCHEMAS: [(&str, MakeSchema); 7] = [
    ("status", row_by_row::<ObjectStatus, StatusSummary>),
    ("inventory", || titled::<Audit>("replaudit.inventory/1")),
    ("reconcile", || titled::<Reconciliation>("replaudit.reconcile/1")),
    ("doctor", doctor),
    ("safe-delete", row_by_row::<DeleteEntry, DeleteSummary>),
    ("undo", row_by_row::<MarkerEntry, UndoSummary>),
    ("reasons", || titled::<ReasonsReport>("replaudit.reasons/1")),
];

/// A document that is written row by row; it never exists as a whole.
#[derive(Serialize, JsonSchema)]
struct RowByRow<R, S> {
    /// What this document is.
    schema: &'static str,
    /// One for each object, in the order they were asked about.
    objects: Vec<R>,
    /// Counts over the objects.
    summary: S,
}

fn row_by_row<R: ReportRow + Serialize + JsonSchema, S: Serialize + JsonSchema>() -> Value {
    let name = R::layout().schema;
    let mut schema = titled::<RowByRow<R, S>>(name);
    schema["description"] = "Objects one by one, and their counts.".into();
    schema["properties"]["schema"]["const"] = name.into();
    schema
}

/// As the others, with checks instead of objects; their names are those of the table.
fn doctor() -> Value {
    let mut schema = row_by_row::<CheckRow, DoctorSummary>();
    schema["description"] = "Checks of buckets one by one, and their counts.".into();
    let rows = CheckRow::layout().rows;
    if let Some(properties) = schema["properties"].as_object_mut()
        && let Some(mut objects) = properties.remove("objects")
    {
        objects["description"] = "One for each check of each bucket, in the order in which they were made.".into();
        properties.insert(rows.to_owned(), objects);
    }
    let names: Vec<&str> = CHECKS.iter().flat_map(|group| group.iter()).map(|check| check.id).collect();
    schema["$defs"]["CheckRow"]["properties"]["id"]["enum"] = names.into();
    schema["properties"]["summary"]["description"] = "Counts over the checks.".into();
    if let Some(required) = schema["required"].as_array_mut() {
        required.iter_mut().filter(|name| **name == "objects").for_each(|name| *name = rows.into());
    }
    schema
}

fn titled<T: JsonSchema>(title: &str) -> Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema = json!(generator.into_root_schema_for::<T>());
    schema["title"] = title.into();
    in_words_of_json(&mut schema);
    schema
}

/// The doc comments speak of Rust.
fn in_words_of_json(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::String(text)) = fields.get_mut("description") {
                *text = text.replace("`None`", "null");
            }
            fields.values_mut().for_each(in_words_of_json);
        }
        Value::Array(items) => items.iter_mut().for_each(in_words_of_json),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_has_a_schema_that_reads_as_text() {
        for (word, schema) in SCHEMAS {
            let schema = schema();
            let name = format!("replaudit.{word}/1");
            assert_eq!((&schema["title"], &schema["properties"]["schema"]["const"]), (&json!(name), &json!(name)));
            let text = schema.to_string();
            for rust in ["[`", "::", "`None`", "RowByRow"] {
                assert!(!text.contains(rust), "{word}: {rust} in {text}");
            }
        }
    }
}
