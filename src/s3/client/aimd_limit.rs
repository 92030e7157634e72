//! How many requests may be in flight: one more for each successful round, half of them after SlowDown.
//!
//! Additive increase and multiplicative decrease, as TCP does for congestion control ("Best practices design patterns:
//! optimizing Amazon S3 performance" asks clients to lower their rate on 503).

#[derive(Debug)]
pub(super) struct AimdLimit {
    limit: f64,
    most: f64,
    cuts: u64,
}

impl AimdLimit {
    /// Starts at the maximum, which is `--concurrency`.
    pub(super) fn new(most: usize) -> Self {
        let most = most.clamp(1, 1 << 16) as f64;
        Self { limit: most, most, cuts: 0 }
    }

    /// At least one.
    pub(super) fn limit(&self) -> usize {
        self.limit as usize
    }

    /// How often the limit was halved. A request remembers this when it is sent.
    pub(super) fn cuts(&self) -> u64 {
        self.cuts
    }

    pub(super) fn went_well(&mut self) {
        self.limit = (self.limit + 1.0 / self.limit).min(self.most);
    }

    /// Halves the limit after SlowDown to a request that was sent after `cuts`. Requests that were in flight together count
    /// once.
    pub(super) fn slow_down(&mut self, cuts: u64) {
        if cuts == self.cuts {
            self.limit = (self.limit / 2.0).max(1.0);
            self.cuts += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slow_down_halves_the_limit_and_a_round_adds_one() {
        let mut limit = AimdLimit::new(64);
        // All of 64 requests in flight get SlowDown.
        let cuts = limit.cuts();
        (0..64).for_each(|_| limit.slow_down(cuts));
        assert_eq!(limit.limit(), 32);
        (0..33).for_each(|_| limit.went_well());
        assert_eq!(limit.limit(), 33);
        (0..10_000).for_each(|_| limit.went_well());
        assert_eq!(limit.limit(), 64, "never more than the maximum");
    }

    #[test]
    fn the_limit_is_never_zero() {
        let mut limit = AimdLimit::new(64);
        let limits = [(); 8].map(|()| {
            limit.slow_down(limit.cuts());
            limit.limit()
        });
        assert_eq!(limits, [32, 16, 8, 4, 2, 1, 1, 1]);
        assert_eq!(AimdLimit::new(0).limit(), 1);
    }
}
