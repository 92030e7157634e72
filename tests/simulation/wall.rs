//! The clock on the wall of the server.

use std::time::{Duration, SystemTime};

/// Ages are exact.
pub(crate) const SLACK: Duration = Duration::ZERO;

pub(crate) fn now() -> SystemTime {
    crate::clock::server_time().into()
}
