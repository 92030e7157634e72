//! Lines of JSON: `bucket`, `key`, and `version_id` where one version is meant. Other fields are left alone, so that what
//! our own commands write can be read again. A field that is one of the three in another spelling is not left alone: without
//! its version a line would be about the current one.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};

use super::LineFault;
use crate::model::{Bucket, ObjectId, VersionId};

#[derive(Default)]
struct JsonLine {
    bucket: Option<String>,
    key: Option<String>,
    /// `"null"` is the null version; null and absent mean the current one.
    version_id: Option<String>,
}

impl<'de> Deserialize<'de> for JsonLine {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(JsonLineVisitor)
    }
}

struct JsonLineVisitor;

impl<'de> Visitor<'de> for JsonLineVisitor {
    type Value = JsonLine;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with bucket, key and version_id")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<JsonLine, A::Error> {
        let mut line = JsonLine::default();
        let mut has_version = false;
        while let Some(name) = fields.next_key::<Cow<'de, str>>()? {
            match &*name {
                "bucket" if line.bucket.is_none() => line.bucket = Some(fields.next_value()?),
                "key" if line.key.is_none() => line.key = Some(fields.next_value()?),
                "version_id" if !has_version => {
                    has_version = true;
                    line.version_id = fields.next_value()?;
                }
                "bucket" | "key" | "version_id" => return Err(A::Error::custom(format!("duplicate field `{name}`"))),
                other => {
                    if let Some(meant) = misspelled(other) {
                        return Err(A::Error::custom(format!("the field {other:?} is written {meant:?}")));
                    }
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(line)
    }
}

/// The field that another spelling means: other letters' case, `-` or nothing for `_`, and for the version, whose loss
/// would change what the line is about, also a slip of the pen.
fn misspelled(name: &str) -> Option<&'static str> {
    // No slip makes so much of it.
    if name.len() > 64 {
        return None;
    }
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match plain.as_str() {
        "bucket" => Some("bucket"),
        "key" => Some("key"),
        "ver" | "verid" | "vid" | "versions" | "objectversion" | "objectversionid" | "s3versionid" => {
            Some("version_id")
        }
        other if slips(other, "versionid") <= 2 || slips(other, "version") <= 1 => Some("version_id"),
        _ => None,
    }
}

/// How many letters have to be put in, taken out or changed (Levenshtein).
fn slips(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, theirs) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *theirs);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

pub(super) fn read(line: &str) -> Result<ObjectId, LineFault> {
    let line: JsonLine = serde_json::from_str(line)?;
    let (Some(bucket), Some(key)) = (line.bucket, line.key) else {
        return Err(LineFault::MissingField);
    };
    if key.is_empty() {
        return Err(LineFault::EmptyKey);
    }
    Ok(ObjectId { bucket: Bucket::new(&bucket)?, key, version_id: line.version_id.map(VersionId::new).transpose()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str) -> Result<ObjectId, LineFault> {
        read(&format!(r#"{{"bucket":"src","key":"k",{}:"v1"}}"#, serde_json::to_string(name).unwrap()))
    }

    #[test]
    fn another_spelling_of_the_version_is_not_the_current_version() {
        let misspelled = "VersionId|versionId|version-id|version|VERSION_ID|version_ID|version id|versionid|Version|\
             version_|_version_id|ver_id|verison_id|vesion_id|version_i|version_idx|versions|objectVersionId|\
             object_version|version\u{200b}_id|versi\u{f6}n_id|VERSIONID";
        for name in misspelled.split('|') {
            let error = with(name).unwrap_err().to_string();
            assert!(error.contains("version_id"), "{name}: {error}");
        }
        for name in ["Bucket", "BUCKET", "Key", "KEY", "_key"] {
            let error = with(name).unwrap_err().to_string();
            assert!(error.contains(&name.to_lowercase().replace('_', "")), "{name}: {error}");
        }
        let line = r#"{"bucket":"src","key":"k","VersionId":null}"#;
        assert!(read(line).is_err(), "null as well");
        let nested = r#"{"bucket":"src","key":"k","more":{"VersionId":"x"}}"#;
        assert_eq!(read(nested).unwrap().version_id, None, "what is inside another field is not of the line");
    }

    /// The fields of our own outputs, and of inventory reports.
    #[test]
    fn other_fields_are_left_alone() {
        let names = "replication_status|verdict|size|etag|last_modified|storage_class|delete_marker|error|rule|\
             destinations|explanation|decision|reason|outcome|new_marker_version_id|marker_from_lookup|named_by|is_latest|\
             is_delete_marker|last_modified_date|e_tag|is_multipart_uploaded|encryption_status|\
             object_lock_retain_until_date|object_lock_mode|object_lock_legal_hold_status|\
             intelligent_tiering_access_tier|bucket_key_status|checksum_algorithm|object_access_control_list|\
             object_owner|lifecycle_expiration_date|http_status|message|destination|time|source|class|region|\
             person|reversion|conversion_id|tversion_label|";
        for name in names.split('|') {
            assert_eq!(with(name).unwrap().version_id, None, "{name}");
        }
        let long = "version_id".repeat(1000);
        assert_eq!(with(&long).unwrap().version_id, None);
    }

    #[test]
    fn slips_are_counted() {
        for (one, other, count) in
            [("", "ab", 2), ("ab", "ab", 0), ("ba", "ab", 2), ("abc", "ac", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!((slips(one, other), slips(other, one)), (count, count), "{one} {other}");
        }
    }
}
