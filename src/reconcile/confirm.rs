//! Confirmation: what both buckets say now about an object that exceeds a limit in the reports.

use jiff::Timestamp;

use crate::audit::{AuditedObject, ConfirmOutcome};
use crate::model::StatusClass;
use crate::status::{HeadAnswer, ObjectHead};

/// What two answers to HEAD mean for a source object of a class that is not in sync. Only a proof takes it off the count.
pub(crate) fn confirm_pair(
    listed: &AuditedObject,
    source: &HeadAnswer,
    destination: &HeadAnswer,
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
    match destination {
        HeadAnswer::Object(there) if is_replica_of(there, here, listed.is_replaceable(), now) => {
            if is_replaced {
                ConfirmOutcome::Changed
            } else {
                ConfirmOutcome::Healed
            }
        }
        HeadAnswer::Object(_) | HeadAnswer::NotFound | HeadAnswer::DeleteMarker { .. } => ConfirmOutcome::Still,
    }
}

/// Whether the object at the destination is the replica, by what `status --verify-replica` compares too. Without a version ID that
/// names it, the ETags must be the same.
fn is_replica_of(there: &ObjectHead, here: &ObjectHead, is_replaceable: bool, now: Timestamp) -> bool {
    let is_same_size = here.size.is_some() && here.size == there.size;
    let is_same_content = !is_replaceable || here.etag.is_some() && here.etag == there.etag;
    let has_other_bytes = here.plain_md5().zip(there.plain_md5()).is_some_and(|(ours, theirs)| ours != theirs);
    let is_replica = there.replication_status.class() == StatusClass::Replica;
    is_same_size && is_same_content && !has_other_bytes && is_replica && !there.may_be_expired(now)
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
        let (named, null) = (Some("v"), None);
        let table = [
            (named, same(), replica(), Healed),
            (null, same(), replica(), Healed),
            (named, same(), nothing(), Still),
            (named, same(), marker(), Still),
            (named, same(), is(head("COMPLETED", MD5, 1)), Still),
            (named, same(), is(head("REPLICA", MD5, 2)), Still),
            // MD5 sums that differ; an ETag that is none says nothing of a named version.
            (named, same(), is(head("REPLICA", OTHER_MD5, 1)), Still),
            (named, same(), is(head("REPLICA", "x-2", 1)), Healed),
            (null, same(), is(head("REPLICA", "x-2", 1)), Still),
            (named, same(), expiring(2999), Still),
            (named, same(), expiring(3001), Healed),
            (named, nothing(), replica(), Gone),
            (null, marker(), replica(), Changed),
            (named, marker(), replica(), Unchecked),
            // Replaced: by one that is pending, or replicated too.
            (null, newer("PENDING"), nothing(), Changed),
            (null, newer("COMPLETED"), nothing(), Still),
            (null, newer("COMPLETED"), replica(), Still),
            (null, newer("COMPLETED"), is(head("REPLICA", OTHER_MD5, 2)), Changed),
            (null, newer("FAILED"), nothing(), Still),
            (named, newer("COMPLETED"), replica(), Unchecked),
        ];
        for (row, (id, source, destination, expected)) in table.into_iter().enumerate() {
            assert_eq!(confirm_pair(&listed(id), &source, &destination, at(3000)), expected, "row {row}");
        }
    }
}
