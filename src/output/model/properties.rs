//! The properties of one object, as S3's console and `aws s3api head-object` show them. All of it is S3's or a user's
//! text, and is escaped.

use super::super::terminal::Style;
use super::explanation::beside;
use crate::model::{human_bytes, human_count};
use crate::status::{Expiration, ObjectStatus, Properties, Restore, Verdict};

const COLUMNS: usize = 19;

/// Label and value of everything that is known, in the order of the console; without `-v`, of what says something about
/// replication, locks and lifecycle.
pub(super) fn lines(object: &ObjectStatus, style: Style) -> Vec<String> {
    let Some(properties) = &object.properties else { return Vec::new() };
    let mut rows: Vec<(String, String)> = Vec::new();
    let is_brief = properties.is_brief;
    let mut add = |label: &str, value: Option<String>, in_brief: bool| {
        rows.extend(value.filter(|_| in_brief || !is_brief).map(|value| (label.to_owned(), value)));
    };
    add("Size", object.size.map(size), false);
    add("Last modified", object.last_modified.map(|at| at.to_string()), false);
    add("ETag", object.etag.as_deref().map(|etag| etag_of(etag, properties.parts)), false);
    add("Storage class", object.storage_class.clone(), false);
    add("Version ID", object.version_id.clone(), false);
    add("Content type", properties.content_type.clone(), false);
    add("Content encoding", properties.content_encoding.clone(), false);
    add("Content language", properties.content_language.clone(), false);
    add("Content disposition", properties.content_disposition.clone(), false);
    add("Cache control", properties.cache_control.clone(), false);
    add("Expires", properties.expires.clone(), false);
    add("Encryption", encryption(properties), false);
    add("Object Lock", Some(lock(properties)), is_locked(properties));
    add("Event hold", event_hold(properties), true);
    add("Expiration", properties.expiration.as_deref().map(expiration), true);
    add("Lifecycle", lifecycle(object).map(str::to_owned), true);
    add("Archive status", properties.archive_status.clone(), false);
    add("Restore", properties.restore.as_deref().map(restore), false);
    add("Checksum", checksums(properties), false);
    add("Tags", properties.tag_count.map(|count| human_count(count.into())), false);
    add("Website redirect", properties.website_redirect.clone(), false);
    add("Request charged", properties.request_charged.clone(), false);
    for (name, value) in properties.replication_words() {
        add("Replication header", Some(format!("x-amz-meta-{name}: {value}")), true);
    }
    metadata(properties).into_iter().for_each(|text| add("Metadata", Some(text), false));
    let lines = rows
        .iter()
        .flat_map(|(label, value)| beside(&style.faint(&format!("{label:<COLUMNS$}")), COLUMNS, value, style));
    lines.collect()
}

fn size(bytes: u64) -> String {
    match bytes {
        ..1024 => human_bytes(bytes),
        1024.. => format!("{} ({} bytes)", human_bytes(bytes), human_count(bytes)),
    }
}

/// The ETag of an upload in parts ends in their number.
fn etag_of(etag: &str, stated: Option<u32>) -> String {
    let counted = etag.rsplit_once('-').and_then(|(_, parts)| parts.parse().ok());
    match stated.or(counted) {
        Some(parts) => format!("{etag} ({})", super::text::plural(parts.into(), "part")),
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

/// While it is on, the end of retention is not known.
fn event_hold(properties: &Properties) -> Option<String> {
    let hold = properties.event_hold.as_ref()?;
    let then = properties.event_hold_duration.as_ref().map(|span| format!(", then retained for {span}"));
    Some(format!("{hold}{}", then.unwrap_or_default()))
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

fn is_locked(properties: &Properties) -> bool {
    let held = properties.legal_hold.as_deref().is_some_and(|word| word != "OFF");
    properties.lock_mode.is_some() || properties.retain_until.is_some() || held
}

fn expiration(header: &str) -> String {
    match Expiration::parse(header) {
        Some(Expiration { at, rule }) => format!("{at} by lifecycle rule \"{rule}\""),
        None => header.to_owned(),
    }
}

fn restore(header: &str) -> String {
    match Restore::parse(header) {
        Some(Restore::Ongoing) => "in progress".to_owned(),
        Some(Restore::Until(at)) => format!("restored until {at}"),
        None => header.to_owned(),
    }
}

/// "Lifecycle and other bucket configurations" in the S3 User Guide. Other servers promise nothing of it.
fn lifecycle(object: &ObjectStatus) -> Option<&'static str> {
    match object.verdict {
        _ if object.custom_endpoint => None,
        Verdict::Pending => Some("on hold: S3 does not expire or move an object while it is PENDING"),
        Verdict::Failed => Some(
            "on hold: S3 does not expire or move an object while it is FAILED, so you continue to pay for its storage",
        ),
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
    let missing = match properties.missing_metadata {
        0 => None,
        1 => Some("1 entry that S3 cannot show in a header".to_owned()),
        many => Some(format!("{} entries that S3 cannot show in a header", human_count(many.into()))),
    };
    shown.chain(missing).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::{HOSTILE, at};
    use super::*;
    use crate::model::{ObjectId, ReplicationStatus};
    use crate::status::{HeadAnswer, ObjectHead, classify};

    fn object(word: &str, properties: Properties) -> ObjectStatus {
        let head = ObjectHead {
            replication_status: ReplicationStatus::of_header(word),
            size: Some(1536),
            etag: Some("e-3".to_owned()),
            properties: Some(Box::new(properties)),
            ..ObjectHead::default()
        };
        classify(&ObjectId::parse("s3://bucket/key").unwrap(), Ok(HeadAnswer::Object(Box::new(head))))
    }

    fn shown(word: &str, properties: Properties) -> Vec<String> {
        lines(&object(word, properties), Style::PLAIN)
    }

    fn text(value: &str) -> Option<String> {
        Some(value.to_owned())
    }

    #[test]
    fn everything_has_its_line() {
        let properties = Properties {
            content_type: text("text/csv"),
            content_encoding: text("gzip"),
            content_language: text("de"),
            content_disposition: text("attachment"),
            cache_control: text("no-store"),
            expires: text("soon"),
            encryption: text("aws:kms"),
            kms_key_id: text("arn:key"),
            bucket_key: true,
            lock_mode: text("GOVERNANCE"),
            retain_until: Some(at(0)),
            legal_hold: text("ON"),
            event_hold: text("ON"),
            event_hold_duration: text("7 days"),
            expiration: text("expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\", rule-id=\"old%20ones\""),
            restore: text("ongoing-request=\"true\""),
            archive_status: text("ARCHIVE_ACCESS"),
            checksums: vec![("CRC32", "AAAAAA==".to_owned())],
            checksum_type: text("FULL_OBJECT"),
            parts: None,
            tag_count: Some(2),
            website_redirect: text("/x"),
            request_charged: text("requester"),
            metadata: vec![("owner".to_owned(), "me".to_owned()), ("replica".to_owned(), "true".to_owned())],
            missing_metadata: 1,
            is_brief: false,
        };
        assert_eq!(
            shown("COMPLETED", properties),
            [
                "Size                 1.5 KiB (1,536 bytes)",
                "ETag                 e-3 (3 parts)",
                "Content type         text/csv",
                "Content encoding     gzip",
                "Content language     de",
                "Content disposition  attachment",
                "Cache control        no-store",
                "Expires              soon",
                "Encryption           aws:kms, key arn:key, with a bucket key",
                "Object Lock          GOVERNANCE until 2026-09-21T14:13:20Z, legal hold ON",
                "Event hold           ON, then retained for 7 days",
                "Expiration           2012-12-21T00:00:00Z by lifecycle rule \"old ones\"",
                "Archive status       ARCHIVE_ACCESS",
                "Restore              in progress",
                "Checksum             CRC32 AAAAAA== (FULL_OBJECT)",
                "Tags                 2",
                "Website redirect     /x",
                "Request charged      requester",
                "Replication header   x-amz-meta-replica: true",
                "Metadata             owner: me",
                "Metadata             1 entry that S3 cannot show in a header",
            ]
        );
    }

    #[test]
    fn without_verbose_only_locks_and_lifecycle_are_shown() {
        let brief = |properties| shown("COMPLETED", Properties { is_brief: true, ..properties });
        let plain = Properties { content_type: text("text/csv"), legal_hold: text("OFF"), ..Properties::default() };
        assert_eq!(brief(plain.clone()), [""; 0]);
        let held = Properties { legal_hold: text("ON"), expiration: text("soon"), event_hold: text("ON"), ..plain };
        assert_eq!(
            brief(held),
            [
                "Object Lock          legal hold ON; retention not shown: none, or no s3:GetObjectRetention",
                "Event hold           ON",
                "Expiration           soon",
            ]
        );
    }

    #[test]
    fn an_absent_lock_is_not_called_absent() {
        let lock = |lock_mode: Option<&str>, legal_hold: Option<&str>| {
            lock(&Properties {
                lock_mode: lock_mode.map(str::to_owned),
                legal_hold: legal_hold.map(str::to_owned),
                ..Properties::default()
            })
        };
        assert_eq!(lock(None, None), "not shown: none, or no s3:GetObjectRetention and s3:GetObjectLegalHold");
        assert_eq!(
            lock(Some("COMPLIANCE"), None),
            "COMPLIANCE; legal hold not shown: none, or no s3:GetObjectLegalHold"
        );
        assert_eq!(lock(None, Some("OFF")), "legal hold OFF; retention not shown: none, or no s3:GetObjectRetention");
    }

    #[test]
    fn lifecycle_is_held_while_pending_and_failed_only() {
        for (word, held) in [
            ("PENDING", true),
            ("PROCESSING", true),
            ("FAILED", true),
            ("COMPLETED", false),
            ("REPLICA", false),
            ("", false),
        ] {
            let found = shown(word, Properties::default()).iter().any(|line| line.starts_with("Lifecycle"));
            assert_eq!(found, held, "{word}");
            let mut elsewhere = object(word, Properties::default());
            elsewhere.custom_endpoint = true;
            let lines = lines(&elsewhere, Style::PLAIN);
            assert!(!lines.iter().any(|line| line.starts_with("Lifecycle")), "only AWS promises it: {lines:?}");
        }
    }

    #[test]
    fn without_properties_there_is_nothing() {
        let mut object = object("COMPLETED", Properties::default());
        object.properties = None;
        assert_eq!(lines(&object, Style::PLAIN), Vec::<String>::new());
    }

    #[test]
    fn hostile_values_are_harmless() {
        for value in HOSTILE {
            let value = || text(value);
            let pair = |name: &str| (name.to_owned(), value().unwrap_or_default());
            let properties = Properties {
                content_type: value(),
                content_encoding: value(),
                content_language: value(),
                content_disposition: value(),
                cache_control: value(),
                expires: value(),
                encryption: value(),
                kms_key_id: value(),
                lock_mode: value(),
                legal_hold: value(),
                event_hold: value(),
                event_hold_duration: value(),
                expiration: value(),
                restore: value(),
                archive_status: value(),
                checksums: vec![("CRC32", value().unwrap_or_default())],
                checksum_type: value(),
                website_redirect: value(),
                request_charged: value(),
                metadata: vec![pair("a"), (value().unwrap_or_default(), String::new()), pair("z-replication-status")],
                ..Properties::default()
            };
            let lines = shown("COMPLETED", properties);
            assert!(lines.len() > 17, "{lines:?}");
            let obeyed = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
            assert!(!lines.iter().any(|line| line.chars().any(obeyed) || line.starts_with("::")), "{lines:?}");
        }
    }
}
