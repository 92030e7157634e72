//! The columns that S3 documents, in S3's order, and the kinds of their values ("Amazon S3 Inventory list" in the S3 User
//! Guide).

use jiff::Timestamp;

use crate::cell::{RowError, bad, boolean, integer, time};

/// A column that S3 documents.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in CSV reports.
    pub csv: &'static str,
    /// Its name in ORC and Parquet reports, and in exports.
    pub name: &'static str,
    /// The kind of its values.
    pub kind: FieldKind,
}

/// The kind of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum FieldKind {
    /// The key: encoded in CSV reports, and not always UTF-8.
    Key,
    /// A version ID; empty for the null version.
    VersionId,
    Text,
    Flag,
    Number,
    Time,
    /// A number, or text with a number and its unit: writers differ.
    NumberOrText,
    /// A time, or text in another form.
    TimeOrText,
}

const fn field(csv: &'static str, name: &'static str, kind: FieldKind) -> Field {
    Field { csv, name, kind }
}

/// Every column that S3 documents. S3 may add others: see [`super::OtherColumn`].
pub static FIELDS: [Field; 25] = [
    field("Bucket", "bucket", FieldKind::Text),
    field("Key", "key", FieldKind::Key),
    field("VersionId", "version_id", FieldKind::VersionId),
    field("IsLatest", "is_latest", FieldKind::Flag),
    field("IsDeleteMarker", "is_delete_marker", FieldKind::Flag),
    field("Size", "size", FieldKind::Number),
    field("LastModifiedDate", "last_modified_date", FieldKind::Time),
    field("ETag", "e_tag", FieldKind::Text),
    field("StorageClass", "storage_class", FieldKind::Text),
    field("IsMultipartUploaded", "is_multipart_uploaded", FieldKind::Flag),
    field("ReplicationStatus", "replication_status", FieldKind::Text),
    field("EncryptionStatus", "encryption_status", FieldKind::Text),
    field("ObjectLockRetainUntilDate", "object_lock_retain_until_date", FieldKind::Time),
    field("ObjectLockMode", "object_lock_mode", FieldKind::Text),
    field("ObjectLockLegalHoldStatus", "object_lock_legal_hold_status", FieldKind::Text),
    field("ObjectLockEventHoldStatus", "object_lock_event_hold_status", FieldKind::Text),
    field("ObjectLockEventHoldDuration", "object_lock_event_hold_duration", FieldKind::NumberOrText),
    field("ObjectLockEventHoldDurationUnit", "object_lock_event_hold_duration_unit", FieldKind::Text),
    field("IntelligentTieringAccessTier", "intelligent_tiering_access_tier", FieldKind::Text),
    field("BucketKeyStatus", "bucket_key_status", FieldKind::Text),
    field("ChecksumAlgorithm", "checksum_algorithm", FieldKind::Text),
    field("ObjectAccessControlList", "object_access_control_list", FieldKind::Text),
    field("ObjectOwner", "object_owner", FieldKind::Text),
    field("LifecycleExpirationDate", "lifecycle_expiration_date", FieldKind::Time),
    field("IntelligentTieringReferenceDate", "intelligent_tiering_reference_date", FieldKind::TimeOrText),
];

/// The value of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Value<'a> {
    /// An empty cell, or NULL.
    Empty,
    Text(&'a str),
    Flag(bool),
    Number(i128),
    Time(Timestamp),
}

/// Takes a cell: quicker than a [`Value`], which is made of several kinds.
#[expect(missing_docs, reason = "as in `Value`")]
pub trait CellTaker<'a> {
    fn empty(&mut self);
    fn text(&mut self, text: &'a str);
    fn flag(&mut self, flag: bool);
    fn number(&mut self, number: i128);
    fn time(&mut self, time: Timestamp);
}

impl<'a> CellTaker<'a> for Value<'a> {
    fn empty(&mut self) {
        *self = Self::Empty;
    }

    fn text(&mut self, text: &'a str) {
        *self = Self::Text(text);
    }

    fn flag(&mut self, flag: bool) {
        *self = Self::Flag(flag);
    }

    fn number(&mut self, number: i128) {
        *self = Self::Number(number);
    }

    fn time(&mut self, time: Timestamp) {
        *self = Self::Time(time);
    }
}

impl<'a> Value<'a> {
    pub(crate) fn give(self, to: &mut impl CellTaker<'a>) {
        match self {
            Self::Empty => to.empty(),
            Self::Text(text) => to.text(text),
            Self::Flag(flag) => to.flag(flag),
            Self::Number(number) => to.number(number),
            Self::Time(time) => to.time(time),
        }
    }
}

impl Field {
    /// Parses a cell of a CSV report. A key is not decoded.
    ///
    /// # Errors
    /// The cell is invalid for the column's kind.
    pub fn read<'a>(&self, cell: &'a [u8]) -> Result<Value<'a>, RowError> {
        if cell.is_empty() {
            return Ok(Value::Empty);
        }
        let text = || std::str::from_utf8(cell).ok().map(Value::Text);
        let value = match self.kind {
            FieldKind::Key | FieldKind::VersionId | FieldKind::Text => text(),
            FieldKind::NumberOrText => integer(cell).map(|number| Value::Number(number.into())).or_else(text),
            FieldKind::TimeOrText => time(cell).map(Value::Time).or_else(text),
            FieldKind::Flag => boolean(cell).map(Value::Flag),
            FieldKind::Number => integer(cell).map(|number| Value::Number(number.into())),
            FieldKind::Time => time(cell).map(Value::Time),
        };
        value.ok_or_else(|| bad(self.csv, cell, self.kind.word()))
    }
}

impl FieldKind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Key | Self::VersionId | Self::Text | Self::NumberOrText | Self::TimeOrText => "UTF-8 text",
            Self::Flag => "boolean",
            Self::Number => "number",
            Self::Time => "time",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_by_the_kind_of_their_column() {
        let read = |name: &str, cell: &'static [u8]| {
            FIELDS.iter().find(|field| field.name == name).expect("a field").read(cell)
        };
        let time = "2024-05-06T22:44:22Z".parse().unwrap();
        for (name, cell, value) in [
            ("e_tag", &b""[..], Value::Empty),
            ("is_latest", b"", Value::Empty),
            ("e_tag", "ü".as_bytes(), Value::Text("ü")),
            ("version_id", b"v", Value::Text("v")),
            ("is_multipart_uploaded", b"TRUE", Value::Flag(true)),
            ("size", b"18446744073709551615", Value::Number(i128::from(u64::MAX))),
            ("object_lock_retain_until_date", b"2024-05-06T22:44:22.000Z", Value::Time(time)),
            ("object_lock_event_hold_duration", b"30", Value::Number(30)),
            ("object_lock_event_hold_duration", b"30 Days", Value::Text("30 Days")),
            ("intelligent_tiering_reference_date", b"2024-05-06T22:44:22.000Z", Value::Time(time)),
            ("intelligent_tiering_reference_date", b"2024-05-06", Value::Text("2024-05-06")),
        ] {
            assert_eq!(read(name, cell), Ok(value), "{name}");
        }
        for (name, cell, says) in [
            ("object_owner", &b"\xff"[..], "ObjectOwner"),
            ("is_multipart_uploaded", b"yes", "boolean"),
            ("size", b"-1", "number"),
            ("lifecycle_expiration_date", b"soon", "time"),
        ] {
            let error = read(name, cell).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
