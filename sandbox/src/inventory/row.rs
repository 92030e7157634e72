//! One row of a report, and the texts of its optional columns.

use std::borrow::Cow;

use super::InventoryField;
use crate::store::{ChecksumKind, Sse, Version};
use crate::text::date_time;

pub(super) struct ReportRow<'a> {
    pub(super) key: &'a str,
    pub(super) version: &'a Version,
    pub(super) latest: bool,
}

/// Texts that neighbouring rows share: formatting them for each row is most of the cost of a report.
pub(super) struct SharedTexts {
    owner: String,
    time: (i64, String),
}

impl SharedTexts {
    pub(super) fn new(owner: &str) -> Self {
        Self { owner: format!("{owner:0<64}"), time: (0, date_time(0)) }
    }

    /// The text of an optional column. Of a marker only what does not depend on its content is filled.
    pub(super) fn field<'a>(&'a mut self, field: InventoryField, version: &'a Version) -> Cow<'a, str> {
        use InventoryField as F;
        let extra = version.extra();
        match field {
            F::LastModifiedDate => {
                if self.time.0 != version.modified {
                    self.time = (version.modified, date_time(version.modified));
                }
                return self.time.1.as_str().into();
            }
            F::BucketKeyStatus => return "DISABLED".into(),
            F::ObjectOwner => return self.owner.as_str().into(),
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
            F::ObjectLockRetainUntilDate => extra.retention.map_or("".into(), |(_, until)| date_time(until).into()),
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
}
