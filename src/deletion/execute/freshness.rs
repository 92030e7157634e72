//! How old a check may be when its delete is sent: the rule, and the only place that makes what a send needs.
//!
//! S3 has no condition that tests a replication status or a replica, so a permanent delete has no guard but time. It rests
//! on a check of that very order, whose first question was asked at most [`HOLDS`] before the request is written. A
//! [`FreshOrder`] is the proof of such a check. Every send asks it: the first one, and each one after SlowDown.
//!
//! No client can rule out that a replica vanishes within those seconds, or that S3 carries out a request later than it was
//! written.

use std::time::Duration;

use crate::deletion::decide::DeleteOrder;
use crate::deletion::moment::Moment;

/// The age of a check when its request is written.
pub(super) const HOLDS: Duration = Duration::from_secs(5);
/// Its age when the request is handed to the HTTP client.
const LEAVES_WITHIN: Duration = Duration::from_secs(3);
/// How long the HTTP client may take to connect before it writes the request.
pub(crate) const CONNECTS_WITHIN: Duration = Duration::from_secs(2);
const _: () = assert!(LEAVES_WITHIN.as_secs() + CONNECTS_WITHIN.as_secs() <= HOLDS.as_secs());

/// How long the check of an object to hide is valid. If-Match guards the object, so only the bucket is checked again. A
/// permanent delete has no such guard.
pub(super) const HIDE_CHECK_HOLDS: Duration = Duration::from_secs(60);
/// A batch leaves when its oldest check has this age, however small the batch is.
pub(super) const BATCH_LEAVES_AT: Duration = Duration::from_secs(2);
/// How often an order is checked before it is reported as too slow.
pub(crate) const CHECKS: u32 = 4;
/// The same for an order to hide an object: only its bucket is checked again, and after SlowDown it may wait for all other
/// requests in flight.
pub(super) const HIDE_CHECKS: u32 = 256;

/// An order and its check. Only a check that succeeded makes one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FreshOrder<'a> {
    order: &'a DeleteOrder,
    asked_at: Moment,
}

impl<'a> FreshOrder<'a> {
    /// `asked_at` is when the first question of the check was asked.
    pub(super) fn new(order: &'a DeleteOrder, asked_at: Moment) -> Self {
        Self { order, asked_at }
    }

    /// The order.
    pub(crate) fn order(&self) -> &'a DeleteOrder {
        self.order
    }

    /// When the first question of its check was asked: see [`may_leave`].
    pub(crate) fn asked_at(&self) -> Moment {
        self.asked_at
    }
}

/// Whether a check that began at `asked_at` is fresh enough for a request that is sent immediately.
pub(crate) fn may_leave(asked_at: Moment, now: Moment) -> bool {
    asked_at.age_at(now).is_some_and(|age| age <= LEAVES_WITHIN)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn moment(wall: i64, steady: u64) -> Moment {
        Moment { wall: Timestamp::from_second(wall).unwrap(), steady: Duration::from_secs(steady) }
    }

    #[test]
    fn a_check_carries_a_request_for_three_seconds_and_never_backwards() {
        for (wall, steady, may) in
            [(0, 0, true), (3, 3, true), (4, 4, false), (4, 0, false), (0, 4, false), (-1, 0, false)]
        {
            let now = moment(100 + wall, 100 + steady);
            assert_eq!(may_leave(moment(100, 100), now), may, "{wall} {steady}");
        }
    }
}
