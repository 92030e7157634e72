//! The properties of one object, as S3's console and `aws s3api head-object` show them. All of it is S3's or a user's
//! text, and is escaped.

use super::Style;
use super::explanation::beside;
use crate::model::{human_bytes, human_count};
use crate::status::{Expiration, ObjectStatus, Properties, Restore, Verdict};

const COLUMNS: usize = 19;

/// Label and value of everything that is known, in the order of the console.
pub(super) fn lines(object: &ObjectStatus, style: Style) -> Vec<String> {
    let Some(properties) = &object.properties else { return Vec::new() };
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut row = |label: &str, value: Option<String>| rows.extend(value.map(|value| (label.to_owned(), value)));
    row("Size", object.size.map(size));
    row("Last modified", object.last_modified.map(|at| at.to_string()));
    row("ETag", object.etag.as_deref().map(|etag| etag_of(etag, properties.parts)));
    row("Storage class", object.storage_class.clone());
    row("Version id", object.version_id.clone());
    row("Content type", properties.content_type.clone());
    row("Content encoding", properties.content_encoding.clone());
    row("Content language", properties.content_language.clone());
    row("Content disposition", properties.content_disposition.clone());
    row("Cache control", properties.cache_control.clone());
    row("Expires", properties.expires.clone());
    row("Encryption", encryption(properties));
    row("Object Lock", Some(lock(properties)));
    row("Expiration", properties.expiration.as_deref().map(expiration));
    row("Lifecycle", lifecycle(object.verdict).map(str::to_owned));
    row("Archive status", properties.archive_status.clone());
    row("Restore", properties.restore.as_deref().map(restore));
    row("Checksum", checksums(properties));
    row("Tags", properties.tag_count.map(|count| human_count(count.into())));
    row("Website redirect", properties.website_redirect.clone());
    row("Request charged", properties.request_charged.clone());
    for (name, value) in properties.replication_words() {
        row("Replication header", Some(format!("x-amz-meta-{name}: {value}")));
    }
    metadata(properties).into_iter().for_each(|text| row("Metadata", Some(text)));
    let lines =
        rows.iter().flat_map(|(label, value)| beside(&style.faint(&format!("{label:<COLUMNS$}")), COLUMNS, value));
    lines.collect()
}

fn size(bytes: u64) -> String {
    match bytes {
        ..1024 => human_bytes(bytes),
        1024.. => format!("{} ({} bytes)", human_bytes(bytes), human_count(bytes)),
    }
}

/// The ETag of an upload in parts ends in their number.
fn etag_of(etag: &str, told: Option<u32>) -> String {
    let counted = etag.rsplit_once('-').and_then(|(_, parts)| parts.parse().ok());
    match told.or(counted) {
        Some(parts) => format!("{etag} ({})", super::plural(parts.into(), "part")),
        None => etag.to_owned(),
    }
}

fn encryption(properties: &Properties) -> Option<String> {
    let mut text = properties.encryption.clone()?;
    if let Some(key) = &properties.kms_key_id {
        text += &format!(", key {key}");
    }
    if properties.bucket_key {
        text += ", with a bucket key";
    }
    Some(text)
}

fn lock(properties: &Properties) -> String {
    let Properties { lock_mode, retain_until, legal_hold, .. } = properties;
    let retention = match (lock_mode, retain_until) {
        (None, None) => None,
        (mode, until) => Some(format!(
            "{}{}",
            mode.as_deref().unwrap_or("retained"),
            until.map(|at| format!(" until {at}")).unwrap_or_default()
        )),
    };
    let hold = legal_hold.as_ref().map(|word| format!("legal hold {word}"));
    match (retention, hold) {
        (Some(retention), Some(hold)) => format!("{retention}, {hold}"),
        (Some(retention), None) => {
            format!("{retention}; legal hold not shown: none, or no s3:GetObjectLegalHold")
        }
        (None, Some(hold)) => format!("{hold}; retention not shown: none, or no s3:GetObjectRetention"),
        (None, None) => "not shown: none, or no s3:GetObjectRetention and s3:GetObjectLegalHold".to_owned(),
    }
}

fn expiration(header: &str) -> String {
    match Expiration::parse(header) {
        Some(Expiration { at, rule }) => format!("{at} by lifecycle rule \"{rule}\""),
        None => header.to_owned(),
    }
}

fn restore(header: &str) -> String {
    match Restore::parse(header) {
        Some(Restore::Ongoing) => "under way".to_owned(),
        Some(Restore::Until(at)) => format!("restored until {at}"),
        None => header.to_owned(),
    }
}

/// "Lifecycle and other bucket configurations" in the S3 User Guide.
fn lifecycle(verdict: Verdict) -> Option<&'static str> {
    match verdict {
        Verdict::Pending => Some("held: S3 neither expires nor moves an object while it is PENDING"),
        Verdict::Failed => {
            Some("held: S3 neither expires nor moves an object while it is FAILED, so it goes on costing its storage")
        }
        Verdict::Replicated
        | Verdict::Replica
        | Verdict::NotReplicated
        | Verdict::UnknownStatus
        | Verdict::DeleteMarker
        | Verdict::NotFound
        | Verdict::Denied
        | Verdict::Error => None,
    }
}

fn checksums(properties: &Properties) -> Option<String> {
    let sums: Vec<String> = properties.checksums.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let kind = properties.checksum_type.as_ref().map(|kind| format!(" ({kind})")).unwrap_or_default();
    (!sums.is_empty()).then(|| format!("{}{kind}", sums.join(", ")))
}

fn metadata(properties: &Properties) -> Vec<String> {
    let shown = properties.user_metadata().map(|(name, value)| format!("{name}: {value}"));
    let hidden = match (properties.metadata_hidden, properties.missing_metadata) {
        (0, 0) => None,
        (0, missing) => Some(format!("{} that S3 can't show in a header", entries(missing))),
        (hidden, 0) => Some(format!("{} (-v shows them)", entries(hidden))),
        (hidden, missing) => {
            Some(format!("{} (-v shows them), and {missing} that S3 can't show in a header", entries(hidden)))
        }
    };
    shown.chain(hidden).collect()
}

fn entries(count: u32) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{} entries", human_count(count.into())) }
}
