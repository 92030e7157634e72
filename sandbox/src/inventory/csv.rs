//! Reports in CSV: every value quoted, keys form-encoded, no header, gzip around it.

use std::io::Write;

use flate2::{Compression, GzBuilder};

use super::Inventory;
use super::row::{ReportRow, SharedTexts};
use crate::text::form_encoded;

/// The columns as the manifest names them.
pub(super) fn schema(inventory: &Inventory) -> String {
    let mut columns = vec!["Bucket".to_owned(), "Key".to_owned()];
    if inventory.all_versions {
        columns.extend(["VersionId", "IsLatest", "IsDeleteMarker"].map(str::to_owned));
    }
    columns.extend(inventory.fields.iter().map(|field| field.name()));
    columns.join(", ")
}

pub(super) fn file(inventory: &Inventory, owner: &str, rows: &[ReportRow<'_>]) -> Vec<u8> {
    let mut file = GzBuilder::new().write(Vec::new(), Compression::fast());
    let mut shared = SharedTexts::new(owner);
    let mut text = String::new();
    for row in rows {
        text.clear();
        line(&mut text, inventory, &mut shared, row);
        file.write_all(text.as_bytes()).expect("writing to memory");
    }
    file.finish().expect("writing to memory")
}

fn line(line: &mut String, inventory: &Inventory, shared: &mut SharedTexts, row: &ReportRow<'_>) {
    value(line, &inventory.source);
    value(line, &form_encoded(row.key));
    if inventory.all_versions {
        let id = if row.version.id.is_null() { "" } else { row.version.id.as_str() };
        value(line, id);
        value(line, if row.latest { "true" } else { "false" });
        value(line, if row.version.marker { "true" } else { "false" });
    }
    for column in &inventory.fields {
        value(line, &shared.field(*column, row.version));
    }
    line.push('\n');
}

/// Appends a value, with a comma before it unless it begins the line.
fn value(line: &mut String, value: &str) {
    if !line.is_empty() {
        line.push(',');
    }
    line.push('"');
    match value.contains('"') {
        true => line.push_str(&value.replace('"', "\"\"")),
        false => line.push_str(value),
    }
    line.push('"');
}
