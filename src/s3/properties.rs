//! The properties of an object as HEAD tells them. No further request is made, and none of the options is sent that could
//! turn an answer into a refusal: checksums are asked for by no one here, because S3 then wants `kms:Decrypt` as well.

use aws_sdk_s3::operation::head_object::HeadObjectOutput;

use super::head::{checksum_headers, timestamp};
use crate::status::Properties;

pub(super) fn read(output: &HeadObjectOutput) -> Properties {
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
            (Some(days), _) => Some(format!("{days} days")),
            (None, Some(years)) => Some(format!("{years} years")),
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
        metadata_hidden: 0,
        missing_metadata: count(output.missing_meta()).unwrap_or(0),
    }
}
