//! The clock on the wall of the server.

use std::time::{Duration, SystemTime};

/// From the question's departure to its arrival, and the same of the delete, on a machine with other work to do.
pub(crate) const SLACK: Duration = Duration::from_millis(1_500);

pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
