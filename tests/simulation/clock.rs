//! The clocks of a simulated machine: one that never goes back, and one on the wall that can be set. Both stand still until
//! the runtime advances them.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use aws_smithy_async::time::TimeSource;
use jiff::{SignedDuration, Timestamp};
use replaudit::simulation::{Clock, Moment};
use tokio::time::Instant;

/// 2026-01-01T00:00:00Z.
const BEGINNING: i64 = 1_767_225_600;

thread_local! {
    static BEGAN: Cell<Option<Instant>> = const { Cell::new(None) };
    /// How far the wall clock of the client was set, in milliseconds.
    static SET_BY: Cell<i64> = const { Cell::new(0) };
    /// The furthest that it was ahead.
    static AHEAD: Cell<i64> = const { Cell::new(0) };
    /// How long the client has stood still so far.
    static STOOD_STILL: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Begins a history, inside its runtime.
pub(crate) fn begin() {
    BEGAN.set(Some(Instant::now()));
    SET_BY.set(0);
    AHEAD.set(0);
    STOOD_STILL.set(Duration::ZERO);
}

/// The client stands still.
pub(crate) async fn stand_still(duration: Duration) {
    STOOD_STILL.set(STOOD_STILL.get() + duration);
    tokio::time::advance(duration).await;
}

/// How long the client has stood still since the beginning.
pub(crate) fn stood_still() -> Duration {
    STOOD_STILL.get()
}

/// Sets the wall clock forward, or back.
pub(crate) fn set_by(millis: i64) {
    SET_BY.set(SET_BY.get() + millis);
    AHEAD.set(AHEAD.get().max(SET_BY.get()));
}

/// The time since the beginning.
pub(crate) fn elapsed() -> Duration {
    BEGAN.get().map_or(Duration::ZERO, |began| began.elapsed())
}

/// The wall clock of the server, which nothing sets.
pub(crate) fn server_time() -> Timestamp {
    let beginning = Timestamp::from_second(BEGINNING).expect("a time");
    beginning + SignedDuration::try_from(elapsed()).expect("it is short")
}

/// The latest time that the client may have thought it was.
pub(crate) fn latest() -> Timestamp {
    server_time() + SignedDuration::from_millis(AHEAD.get())
}

/// The clock of the client.
pub(crate) const CLOCK: Clock = Clock(|| Moment {
    wall: server_time() + SignedDuration::from_millis(SET_BY.get()),
    // A moment can be earlier than the first one.
    steady: elapsed() + Duration::from_secs(3600),
});

/// The same for the SDK.
#[derive(Debug)]
pub(crate) struct SdkClock;

impl TimeSource for SdkClock {
    fn now(&self) -> SystemTime {
        (CLOCK.0)().wall.into()
    }
}
