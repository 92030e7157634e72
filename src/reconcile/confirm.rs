//! Confirmation: what both buckets say now about an object that exceeds a limit in the reports.

use jiff::Timestamp;

use crate::audit::{AuditedObject, ConfirmOutcome};
use crate::model::{ObjectId, StatusClass, VersionId};
use crate::status::{DestinationVerdict, Expectation, HeadAnswer, NamedBy, ObjectHead, WaitMode, compare};

/// What two answers to HEAD mean for a source object of a class that is not in sync: of the object, and of `at`, which is its key
/// and version in the destination bucket. Only a proof takes it off the count.
pub(crate) fn confirm_pair(
    listed: &AuditedObject,
    source: &HeadAnswer,
    at: &ObjectId,
    destination: HeadAnswer,
    now: Timestamp,
) -> ConfirmOutcome {
    let here = match source {
        HeadAnswer::NotFound => return ConfirmOutcome::Gone,
        HeadAnswer::DeleteMarker { .. } if listed.is_replaceable() => return ConfirmOutcome::Changed,
        // An object does not become a marker.
        HeadAnswer::DeleteMarker { .. } => return ConfirmOutcome::Unchecked,
        HeadAnswer::Object(here) if listed.is_contradicted_by(here) => return ConfirmOutcome::Unchecked,
        HeadAnswer::Object(here) => here,
    };
    let is_replaced = listed.is_replaced_by(here);
    // Objects that are pending now are not judged.
    if is_replaced && here.replication_status.class() == StatusClass::Pending {
        return ConfirmOutcome::Changed;
    }
    // Without a version ID in the report, the content must be the same too, as in the comparison of rows.
    let is_same_content = match &destination {
        HeadAnswer::Object(there) => !listed.is_replaceable() || here.etag.is_some() && here.etag == there.etag,
        HeadAnswer::NotFound | HeadAnswer::DeleteMarker { .. } => false,
    };
    match (is_same_content && is_in_sync(here, at, destination, now), is_replaced) {
        (true, false) => ConfirmOutcome::Healed,
        (true, true) => ConfirmOutcome::Changed,
        (false, _) => ConfirmOutcome::Still,
    }
}

/// Whether the destination has the replica, as `status --verify-replica` judges it. If the report names no version, the replica
/// must have the version ID that the source has now.
fn is_in_sync(here: &ObjectHead, at: &ObjectId, destination: HeadAnswer, now: Timestamp) -> bool {
    let current = || VersionId::new(here.version_id.as_deref().unwrap_or("null")).ok();
    let at = ObjectId { version_id: at.version_id.clone().or_else(current), ..at.clone() };
    // The rest of what is expected only chooses the words of a hint.
    let expected = Expectation {
        doubt: None,
        apart: false,
        custom_endpoint: false,
        waited: WaitMode::Off,
        named_by: NamedBy::Rule,
        now,
    };
    compare(&at, here, Ok(destination), expected).verdict == DestinationVerdict::InSync
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ReplicationStatus;
    use crate::status::Expiry;

    const MD5: &str = "0123456789abcdef0123456789abcdef";
    const OTHER_MD5: &str = "1123456789abcdef0123456789abcdef";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn listed(version_id: Option<&str>) -> AuditedObject {
        AuditedObject {
            key: b"k".to_vec(),
            version_id: version_id.map(str::to_owned),
            status: StatusClass::Replicated,
            is_overdue: false,
            has_rule: false,
            etag: Some(MD5.to_owned()),
            size: Some(1),
            last_modified: Some(at(1000)),
        }
    }

    fn head(word: &str, etag: &str, size: u64) -> ObjectHead {
        ObjectHead {
            version_id: Some("v".to_owned()),
            replication_status: ReplicationStatus::of_header(word),
            etag: Some(etag.to_owned()),
            encryption: Some("AES256".to_owned()),
            size: Some(size),
            last_modified: Some(at(1000)),
            ..ObjectHead::default()
        }
    }

    #[test]
    fn only_what_is_at_the_destination_takes_an_object_off_the_count() {
        use ConfirmOutcome::{Changed, Gone, Healed, Still, Unchecked};
        let is = |head: ObjectHead| HeadAnswer::Object(Box::new(head));
        let same = || is(head("COMPLETED", MD5, 1));
        let newer = |word: &str| is(ObjectHead { last_modified: Some(at(2000)), ..head(word, OTHER_MD5, 2) });
        let replica = || is(head("REPLICA", MD5, 1));
        let expiring = |second| is(ObjectHead { expiry: Some(Expiry::At(at(second))), ..head("REPLICA", MD5, 1) });
        let (nothing, marker) = (|| HeadAnswer::NotFound, || HeadAnswer::DeleteMarker { version_id: None });
        let (named, current) = (Some("v"), None);
        let other_version = || is(ObjectHead { version_id: Some("w".to_owned()), ..head("REPLICA", MD5, 1) });
        let table = [
            (named, same(), replica(), Healed),
            (current, same(), replica(), Healed),
            (current, same(), other_version(), Still),
            (named, same(), nothing(), Still),
            (named, same(), marker(), Still),
            (named, same(), is(head("COMPLETED", MD5, 1)), Still),
            (named, same(), is(head("REPLICA", MD5, 2)), Still),
            // MD5 sums that differ; an ETag that is none says nothing of a named version.
            (named, same(), is(head("REPLICA", OTHER_MD5, 1)), Still),
            (named, same(), is(head("REPLICA", "x-2", 1)), Healed),
            (current, same(), is(head("REPLICA", "x-2", 1)), Still),
            (named, same(), expiring(2999), Still),
            (named, same(), expiring(3001), Healed),
            (named, nothing(), replica(), Gone),
            (current, marker(), replica(), Changed),
            (named, marker(), replica(), Unchecked),
            // Replaced: by one that is pending, or replicated too.
            (current, newer("PENDING"), nothing(), Changed),
            (current, newer("COMPLETED"), nothing(), Still),
            (current, newer("COMPLETED"), replica(), Still),
            (current, newer("COMPLETED"), is(head("REPLICA", OTHER_MD5, 2)), Changed),
            (current, newer("FAILED"), nothing(), Still),
            (named, newer("COMPLETED"), replica(), Unchecked),
        ];
        for (row, (id, source, destination, expected)) in table.into_iter().enumerate() {
            let there = ObjectId {
                version_id: id.and_then(|id| VersionId::new(id).ok()),
                ..ObjectId::parse("s3://dst/k").unwrap()
            };
            let found = confirm_pair(&listed(id), &source, &there, destination, at(3000));
            assert_eq!(found, expected, "row {row}");
        }
    }
}
