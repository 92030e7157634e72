//! The rule for one pair of rows.

use super::class::PairClass;
use super::record::ObjectRecord;
use super::words::StatusWords;
use crate::model::StatusClass;

/// The class of a COMPLETED object of the source that is old enough, beside what the destination lists under its identity.
///
/// An id other than `null` names one version for ever, and a replica keeps it ("Replicating objects within and across
/// Regions" in the S3 User Guide): the size shows whether it is whole. The null version, and the current version of a key,
/// may be another object at the destination: size and ETag must agree.
#[inline]
pub(super) fn judge(source: &ObjectRecord, destination: Option<&ObjectRecord>) -> PairClass {
    let Some(destination) = destination.filter(|record| !record.flags.is_marker) else { return PairClass::Missing };
    if source.flags.is_replaceable {
        let is_same = source.size == destination.size && source.content == destination.content && source.content != 0;
        if !is_same {
            return PairClass::Unsure;
        }
    } else if source.size != destination.size {
        return PairClass::SizeDiffers;
    }
    match StatusWords::class(destination.status) {
        StatusClass::Replica => PairClass::InSync,
        StatusClass::Replicated
        | StatusClass::Pending
        | StatusClass::Failed
        | StatusClass::NotReplicated
        | StatusClass::Unknown => PairClass::NotAReplica,
    }
}
