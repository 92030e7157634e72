//! A moment on two clocks, so that an age is right even if one of them is set or stops.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The clocks that every age and every decision goes by. A simulation has its own.
#[derive(Debug, Clone, Copy)]
pub struct Clock(pub fn() -> Moment);

impl Clock {
    pub(crate) fn now(self) -> Moment {
        (self.0)()
    }
}

/// A moment on two clocks. One can be set, the other stops while the machine sleeps: an age is the larger of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The clock on the wall.
    pub wall: Timestamp,
    /// Time since some beginning, on a clock that is never set.
    pub steady: Duration,
}

impl Moment {
    /// The time that has passed at `now`; `None` if a clock was set back since.
    pub(crate) fn age_at(self, now: Self) -> Option<Duration> {
        let wall = Duration::try_from(now.wall.duration_since(self.wall)).ok()?;
        Some(wall.max(now.steady.checked_sub(self.steady)?))
    }

    /// Whether it was before `other` on either clock.
    pub(crate) fn is_before(self, other: Self) -> bool {
        self.wall < other.wall || self.steady < other.steady
    }

    /// A moment that lies further back.
    pub(crate) fn earlier(self, by: Duration) -> Self {
        let wall = SignedDuration::try_from(by).ok().and_then(|by| self.wall.checked_sub(by).ok());
        Self { wall: wall.unwrap_or(Timestamp::MIN), steady: self.steady.saturating_sub(by) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(wall: i64, steady: u64) -> Moment {
        Moment { wall: Timestamp::from_second(wall).unwrap(), steady: Duration::from_secs(steady) }
    }

    #[test]
    fn an_age_is_that_of_the_clock_that_went_further_and_none_if_one_went_back() {
        // wall and steady clock, ten seconds after both said 100
        let table = [
            ((100, 100), Some(0)),
            ((103, 103), Some(3)),
            // The machine slept: the steady clock stood still.
            ((160, 101), Some(60)),
            // The wall clock was set back, or forward.
            ((99, 110), None),
            ((102, 110), Some(10)),
            ((500, 101), Some(400)),
            ((100, 99), None),
        ];
        for ((wall, steady), age) in table {
            let found = moment(100, 100).age_at(moment(wall, steady));
            assert_eq!(found, age.map(Duration::from_secs), "{wall} {steady}");
        }
    }

    #[test]
    fn a_clock_that_is_set_hides_no_moment_that_was_before() {
        let table = [((100, 100), false), ((99, 99), true), ((99, 100), true), ((500, 99), true), ((101, 101), false)];
        for ((wall, steady), before) in table {
            assert_eq!(moment(wall, steady).is_before(moment(100, 100)), before, "{wall} {steady}");
        }
    }

    #[test]
    fn earlier_is_older() {
        let now = moment(100, 100);
        assert_eq!(now.earlier(Duration::from_secs(2)).age_at(now), Some(Duration::from_secs(2)));
        assert_eq!(moment(100, 1).earlier(Duration::from_secs(2)).age_at(moment(100, 1)), Some(Duration::from_secs(2)));
    }
}
