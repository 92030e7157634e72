//! Whether a delete marker may be removed: one rule, and the one place that makes an order of it.

use super::candidate::is_null;
use super::entry::{MarkerOutcome, MarkerReason};
use crate::deletion::execute::MarkerLook;
use crate::deletion::moment::Moment;
use crate::model::{Failure, FailureKind, ObjectId};

/// A lookup of one version ID, and when it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MarkerCheck {
    pub(crate) look: Result<MarkerLook, Failure>,
    /// When the request was sent; the answer may be about an older state.
    pub(crate) asked_at: Moment,
}

/// A marker that a check has just shown to be a marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MarkerOrder {
    marker: ObjectId,
    asked_at: Moment,
}

impl MarkerOrder {
    /// The marker, pinned to its own version ID.
    pub(crate) fn marker(&self) -> &ObjectId {
        &self.marker
    }

    /// When the check began: [`may_leave`](crate::deletion::may_leave) says whether it is still fresh enough.
    pub(crate) fn asked_at(&self) -> Moment {
        self.asked_at
    }
}

/// What a check means for one marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MarkerVerdict {
    Remove(MarkerOrder),
    Ended(MarkerOutcome, Option<MarkerReason>, Option<Failure>),
}

/// Decides about one marker; missing evidence means that nothing is sent.
pub(super) fn decide_marker(marker: &ObjectId, check: &MarkerCheck) -> MarkerVerdict {
    if is_null(marker) {
        return MarkerVerdict::Ended(MarkerOutcome::Kept, Some(MarkerReason::NullMarker), None);
    }
    match &check.look {
        Ok(MarkerLook::Marker) => {
            MarkerVerdict::Remove(MarkerOrder { marker: marker.clone(), asked_at: check.asked_at })
        }
        Ok(MarkerLook::Version) => MarkerVerdict::Ended(MarkerOutcome::Kept, Some(MarkerReason::NotAMarker), None),
        Ok(MarkerLook::Absent) => MarkerVerdict::Ended(MarkerOutcome::AlreadyAbsent, None, None),
        Err(failure) => {
            let denied = failure.kind == FailureKind::Denied;
            let outcome = if denied { MarkerOutcome::Denied } else { MarkerOutcome::Failed };
            MarkerVerdict::Ended(outcome, None, Some(failure.clone()))
        }
    }
}
