//! Confirmation: what both buckets say now about an object that exceeds a limit in the reports.

use crate::audit::{AuditedObject, ConfirmOutcome};
use crate::model::StatusClass;
use crate::status::HeadAnswer;

/// What two answers to HEAD mean for a source object of a class that is not in sync. Only a proof takes it off the count.
pub(crate) fn confirm_pair(listed: &AuditedObject, source: &HeadAnswer, destination: &HeadAnswer) -> ConfirmOutcome {
    let now = match source {
        HeadAnswer::NotFound => return ConfirmOutcome::Gone,
        HeadAnswer::DeleteMarker { .. } if listed.is_replaceable() => return ConfirmOutcome::Changed,
        // An object does not become a marker.
        HeadAnswer::DeleteMarker { .. } => return ConfirmOutcome::Unchecked,
        HeadAnswer::Object(now) if listed.is_replaced_by(now) => return ConfirmOutcome::Changed,
        HeadAnswer::Object(now) => now,
    };
    let there = match destination {
        HeadAnswer::NotFound | HeadAnswer::DeleteMarker { .. } => return ConfirmOutcome::Still,
        HeadAnswer::Object(there) => there,
    };
    let is_same_size = now.size.is_some() && now.size == there.size;
    let is_same_content = !listed.is_replaceable() || now.etag.is_some() && now.etag == there.etag;
    let is_replica = there.replication_status.class() == StatusClass::Replica;
    if is_same_size && is_same_content && is_replica { ConfirmOutcome::Healed } else { ConfirmOutcome::Still }
}
