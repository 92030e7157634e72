//! The two clocks by which ages are measured.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::deletion::Moment;

/// Some time before anything happened, so that a moment can lie further back than the first one.
const BEFORE: Duration = Duration::from_secs(3600);
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

/// This moment.
#[must_use]
pub fn now() -> Moment {
    Moment { steady: BEGINNING.elapsed() + BEFORE, wall: Timestamp::now() }
}
