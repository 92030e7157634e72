//! The clock on the wall. A client whose clock is ahead takes a lock for over; S3 then refuses the delete.

use std::time::{Duration, SystemTime};

/// Ages are exact.
pub(crate) const SLACK: Duration = Duration::ZERO;

pub(crate) fn now() -> SystemTime {
    crate::clock::latest().into()
}
