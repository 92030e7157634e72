//! Reports in CSV: every value quoted, keys form-encoded, no header, gzip around it.

use std::borrow::Cow;
use std::io::Write;

use flate2::{Compression, GzBuilder};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::deliver::Row;
use super::{Inventory, InventoryField};
use crate::store::{ChecksumKind, Sse, Version};

/// Form encoding leaves these; `/` stays literal in S3's reports, and space becomes `+`.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b' ');

/// The columns as the manifest names them.
pub(super) fn schema(inventory: &Inventory) -> String {
    let mut columns = vec!["Bucket".to_owned(), "Key".to_owned()];
    if inventory.all_versions {
        columns.extend(["VersionId", "IsLatest", "IsDeleteMarker"].map(str::to_owned));
    }
    columns.extend(inventory.fields.iter().map(|field| field.name()));
    columns.join(", ")
}

/// A data file.
pub(super) fn file(inventory: &Inventory, owner: &str, rows: &[Row<'_>]) -> Vec<u8> {
    let mut file = GzBuilder::new().write(Vec::new(), Compression::fast());
    let mut shared = Shared::new(owner);
    let mut text = String::new();
    for row in rows {
        text.clear();
        line(&mut text, inventory, &mut shared, row);
        file.write_all(text.as_bytes()).expect("writing to memory");
    }
    file.finish().expect("writing to memory")
}

fn line(line: &mut String, inventory: &Inventory, shared: &mut Shared, row: &Row<'_>) {
    value(line, &inventory.source);
    value(line, &encoded_key(row.key));
    if inventory.all_versions {
        let id = if row.version.id.is_null() { "" } else { row.version.id.as_str() };
        value(line, id);
        value(line, if row.latest { "true" } else { "false" });
        value(line, if row.version.marker { "true" } else { "false" });
    }
    for column in &inventory.fields {
        value(line, &field(*column, shared, row.version));
    }
    line.push('\n');
}

fn encoded_key(key: &str) -> String {
    utf8_percent_encode(key, KEPT).to_string().replace(' ', "+")
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

/// Texts that neighbouring rows share: formatting them anew is most of the cost of a report.
pub(super) struct Shared {
    owner: String,
    time: (i64, String),
}

impl Shared {
    pub(super) fn new(owner: &str) -> Self {
        Self { owner: format!("{owner:0<64}"), time: (0, time(0)) }
    }
}

/// The text of an optional column. Of a marker only what does not depend on its content is filled.
pub(super) fn field<'a>(field: InventoryField, shared: &'a mut Shared, version: &'a Version) -> Cow<'a, str> {
    use InventoryField as F;
    let extra = version.extra();
    match field {
        F::LastModifiedDate => {
            if shared.time.0 != version.modified {
                shared.time = (version.modified, time(version.modified));
            }
            return shared.time.1.as_str().into();
        }
        F::BucketKeyStatus => return "DISABLED".into(),
        F::ObjectOwner => return shared.owner.as_str().into(),
        _ if version.marker => return "".into(),
        _ => {}
    }
    match field {
        F::LastModifiedDate | F::BucketKeyStatus | F::ObjectOwner => "".into(),
        F::ObjectLockEventHoldStatus => match extra.event_hold {
            Some((true, _)) => "ON".into(),
            Some((false, _)) => "OFF".into(),
            None => "".into(),
        },
        F::ObjectLockEventHoldDuration => {
            extra.event_hold.map_or_else(String::new, |(_, duration)| duration.number().to_string()).into()
        }
        F::ObjectLockEventHoldDurationUnit => extra.event_hold.map_or("", |(_, duration)| duration.unit()).into(),
        F::IntelligentTieringReferenceDate => "".into(),
        F::Size => version.body.len().to_string().into(),
        F::ETag => version.etag.to_string().into(),
        F::StorageClass => extra.storage_class.as_deref().unwrap_or("STANDARD").into(),
        F::IsMultipartUploaded if version.etag.parts > 0 => "true".into(),
        F::IsMultipartUploaded => "false".into(),
        F::ReplicationStatus => version.status.word().unwrap_or("").into(),
        F::EncryptionStatus => match extra.sse {
            Sse::S3 => "SSE-S3",
            Sse::Kms(_) => "SSE-KMS",
            Sse::Customer(_) => "SSE-C",
        }
        .into(),
        F::ObjectLockRetainUntilDate => extra.retention.map_or("".into(), |(_, until)| time(until).into()),
        F::ObjectLockMode => extra.retention.map_or("", |(mode, _)| mode.word()).into(),
        F::ObjectLockLegalHoldStatus => match extra.legal_hold {
            None => "",
            Some(true) => "On",
            Some(false) => "Off",
        }
        .into(),
        F::IntelligentTieringAccessTier => match extra.storage_class.as_deref() {
            Some("INTELLIGENT_TIERING") => "FREQUENT",
            _ => "",
        }
        .into(),
        F::ChecksumAlgorithm => extra
            .checksum
            .as_ref()
            .map_or("", |(kind, _)| ChecksumKind::ALL.iter().find(|row| row.0 == *kind).map_or("", |row| row.2))
            .into(),
        // The sandbox knows no ACLs, nor lifecycle rules.
        F::ObjectAccessControlList | F::LifecycleExpirationDate => "".into(),
    }
}

fn time(ms: i64) -> String {
    crate::errors::time(ms).strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_form_encoded() {
        assert_eq!(encoded_key("a/b c+d.txt"), "a/b+c%2Bd.txt");
        assert_eq!(encoded_key("dt=1/\u{e9}\n\"~,*-_"), "dt%3D1/%C3%A9%0A%22%7E%2C*-_");
    }
}
