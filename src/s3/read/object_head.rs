//! Converts the answer of HEAD from the SDK's types.
//!
//! Properties need no further request. Checksums are only included if a comparison asked for them, because S3 then requires
//! `kms:Decrypt`.

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::ChecksumType;
use jiff::Timestamp;

use crate::model::{ReplicationStatus, plural};
use crate::s3::store::HeadDetail;
use crate::status::{Checksum, Expiry, ObjectHead, Properties};

/// Reads everything that decisions need, and the properties that `detail` asks for.
///
/// For Object Lock, any word but the known harmless one counts as locked: `x-amz-object-lock-legal-hold` and `-event-hold` are
/// `ON` or `OFF`, and `-mode` comes with `-retain-until-date` ("Locking objects with Object Lock" in the S3 User Guide).
pub(super) fn read(output: HeadObjectOutput, detail: HeadDetail) -> ObjectHead {
    let holds = |word: Option<&str>| word.is_some_and(|word| word != "OFF");
    let retain_until = output.object_lock_retain_until_date().and_then(timestamp);
    ObjectHead {
        properties: properties(&output, detail),
        archive_status: output.archive_status().map(|tier| tier.as_str().to_owned()),
        replication_status: ReplicationStatus::of_header(output.replication_status().map_or("", |word| word.as_str())),
        etag: output.e_tag().map(|etag| etag.trim_matches('"').to_owned()),
        size: output.content_length().and_then(|size| u64::try_from(size).ok()),
        last_modified: output.last_modified().and_then(timestamp),
        storage_class: Some(output.storage_class().map_or("STANDARD", |class| class.as_str()).to_owned()),
        retain_until,
        retention_unclear: output.object_lock_mode().is_some() && retain_until.is_none(),
        legal_hold: holds(output.object_lock_legal_hold_status().map(|word| word.as_str())),
        event_hold: holds(output.object_lock_event_hold().map(|word| word.as_str())),
        encryption: Some(output.server_side_encryption().map_or("", |word| word.as_str()).to_owned()),
        tag_count: output.tag_count().and_then(|count| u64::try_from(count).ok()),
        expiry: output.expiration().map(Expiry::parse),
        customer_key: output.sse_customer_algorithm().is_some() || output.sse_customer_key_md5().is_some(),
        checksums: checksums(&output),
        version_id: output.version_id,
    }
}

fn properties(output: &HeadObjectOutput, detail: HeadDetail) -> Option<Box<Properties>> {
    let is_brief = match detail {
        HeadDetail::Status => return None,
        HeadDetail::Brief => true,
        HeadDetail::All => false,
    };
    Some(Box::new(Properties { is_brief, ..all_properties(output) }))
}

fn all_properties(output: &HeadObjectOutput) -> Properties {
    let text = |value: Option<&str>| value.map(str::to_owned);
    let count = |value: Option<i32>| value.and_then(|count| u32::try_from(count).ok());
    let mut metadata: Vec<(String, String)> =
        output.metadata().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect();
    metadata.sort();
    Properties {
        content_type: text(output.content_type()),
        content_encoding: text(output.content_encoding()),
        content_language: text(output.content_language()),
        content_disposition: text(output.content_disposition()),
        cache_control: text(output.cache_control()),
        expires: text(output.expires_string()),
        encryption: text(output.server_side_encryption().map(|word| word.as_str())),
        kms_key_id: text(output.ssekms_key_id()),
        bucket_key: output.bucket_key_enabled() == Some(true),
        lock_mode: text(output.object_lock_mode().map(|mode| mode.as_str())),
        retain_until: output.object_lock_retain_until_date().and_then(timestamp),
        legal_hold: text(output.object_lock_legal_hold_status().map(|hold| hold.as_str())),
        event_hold: text(output.object_lock_event_hold().map(|hold| hold.as_str())),
        event_hold_duration: match (
            output.object_lock_event_hold_duration_days(),
            output.object_lock_event_hold_duration_years(),
        ) {
            (Some(days), _) => Some(plural(u64::try_from(days).unwrap_or_default(), "day")),
            (None, Some(years)) => Some(plural(u64::try_from(years).unwrap_or_default(), "year")),
            (None, None) => None,
        },
        expiration: text(output.expiration()),
        restore: text(output.restore()),
        archive_status: text(output.archive_status().map(|tier| tier.as_str())),
        checksums: checksum_headers(output).map(|(name, value)| (name, value.to_owned())).collect(),
        checksum_type: text(output.checksum_type().map(|kind| kind.as_str())),
        parts: count(output.parts_count()),
        tag_count: count(output.tag_count()),
        website_redirect: text(output.website_redirect_location()),
        request_charged: text(output.request_charged().map(|who| who.as_str())),
        metadata,
        missing_metadata: count(output.missing_meta()).unwrap_or(0),
        is_brief: false,
    }
}

fn checksums(output: &HeadObjectOutput) -> Vec<Checksum> {
    let composite = output.checksum_type() == Some(&ChecksumType::Composite);
    checksum_headers(output).map(|(algorithm, value)| Checksum::read(algorithm, value, composite)).collect()
}

/// The additional checksums, with S3's names of the algorithms.
fn checksum_headers(output: &HeadObjectOutput) -> impl Iterator<Item = (&'static str, &str)> {
    let headers = [
        ("CRC32", output.checksum_crc32()),
        ("CRC32C", output.checksum_crc32_c()),
        ("CRC64NVME", output.checksum_crc64_nvme()),
        ("SHA1", output.checksum_sha1()),
        ("SHA256", output.checksum_sha256()),
        ("SHA512", output.checksum_sha512()),
        ("MD5", output.checksum_md5()),
        ("XXHASH64", output.checksum_xxhash64()),
        ("XXHASH3", output.checksum_xxhash3()),
        ("XXHASH128", output.checksum_xxhash128()),
    ];
    headers.into_iter().filter_map(|(algorithm, value)| Some((algorithm, value?)))
}

fn timestamp(time: &aws_sdk_s3::primitives::DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), time.subsec_nanos().try_into().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::operation::head_object::builders::HeadObjectOutputBuilder;
    use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};

    use super::*;

    fn head(build: impl Fn(HeadObjectOutputBuilder) -> HeadObjectOutputBuilder) -> ObjectHead {
        read(build(HeadObjectOutput::builder()).build(), HeadDetail::Status)
    }

    #[test]
    fn one_header_shows_a_customer_key() {
        assert!(!head(|output| output).customer_key);
        assert!(head(|output| output.sse_customer_algorithm("AES256")).customer_key);
        assert!(head(|output| output.sse_customer_key_md5("sum")).customer_key);
    }

    #[test]
    fn any_word_but_off_is_a_hold() {
        for (word, expected) in [(None, false), (Some("OFF"), false), (Some("ON"), true), (Some("other"), true)] {
            let found = head(|output| {
                let output = output.set_object_lock_legal_hold_status(word.map(Into::into));
                output.set_object_lock_event_hold(word.map(Into::into))
            });
            assert_eq!((found.legal_hold, found.event_hold), (expected, expected), "{word:?}");
        }
    }

    #[test]
    fn a_retention_without_its_end_is_unclear() {
        const END: &str = "2030-01-02T03:04:05.5Z";
        let end = DateTime::from_str(END, DateTimeFormat::DateTime).unwrap();
        let table = [
            (Some("GOVERNANCE"), Some(end), (Some(END.parse().unwrap()), false)),
            (Some("GOVERNANCE"), None, (None, true)),
            (None, Some(end), (Some(END.parse().unwrap()), false)),
            (None, None, (None, false)),
        ];
        for (mode, end, expected) in table {
            let found =
                head(|output| output.set_object_lock_mode(mode.map(Into::into)).set_object_lock_retain_until_date(end));
            assert_eq!((found.retain_until, found.retention_unclear), expected, "{mode:?} {end:?}");
        }
    }

    #[test]
    fn properties_are_read_as_far_as_asked_for() {
        let read = |detail| {
            let output = HeadObjectOutput::builder()
                .content_type("text/plain")
                .bucket_key_enabled(true)
                .object_lock_event_hold_duration_years(1)
                .missing_meta(2)
                .metadata("b", "2")
                .metadata("a", "1");
            read(output.build(), detail).properties.map(|found| *found)
        };
        let all = Properties {
            content_type: Some("text/plain".to_owned()),
            bucket_key: true,
            event_hold_duration: Some("1 year".to_owned()),
            missing_metadata: 2,
            metadata: [("a", "1"), ("b", "2")].map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            ..Properties::default()
        };
        assert_eq!(read(HeadDetail::Status), None);
        assert_eq!(read(HeadDetail::Brief), Some(Properties { is_brief: true, ..all.clone() }));
        assert_eq!(read(HeadDetail::All), Some(all));
    }

    #[test]
    fn a_composite_checksum_is_told_from_one_of_the_whole_object() {
        let sums = |kind: ChecksumType| {
            head(|output| output.checksum_sha256("c3Vt").checksum_crc64_nvme("bnZt").checksum_type(kind.clone()))
                .checksums
        };
        for (kind, composite) in [(ChecksumType::Composite, true), (ChecksumType::FullObject, false)] {
            let expected =
                [Checksum::read("CRC64NVME", "bnZt", composite), Checksum::read("SHA256", "c3Vt", composite)];
            assert_eq!(sums(kind), expected);
        }
    }
}
