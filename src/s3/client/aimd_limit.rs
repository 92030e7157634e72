//! How many requests may be in flight: one more for each round that went well, half of them after SlowDown.
//!
//! Additive increase, multiplicative decrease: what keeps TCP from drowning a network ("Best practices design patterns:
//! optimizing Amazon S3 performance" asks clients to lower their rate on 503).

#[derive(Debug)]
pub(super) struct AimdLimit {
    limit: f64,
    most: f64,
    cuts: u64,
}

impl AimdLimit {
    /// Starts at the most, which is `--concurrency`.
    pub(super) fn new(most: usize) -> Self {
        let most = most.clamp(1, 1 << 16) as f64;
        Self { limit: most, most, cuts: 0 }
    }

    /// How many requests may be in flight now, at least one.
    pub(super) fn limit(&self) -> usize {
        self.limit as usize
    }

    /// How often the limit was cut. A request notes it when it leaves.
    pub(super) fn cuts(&self) -> u64 {
        self.cuts
    }

    pub(super) fn went_well(&mut self) {
        self.limit = (self.limit + 1.0 / self.limit).min(self.most);
    }

    /// Halves the limit after SlowDown to a request that left when there had been `cuts`. Requests that were in flight
    /// together count once.
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
        // Sixty-four under way together, and all of them turned away.
        let cuts = limit.cuts();
        (0..64).for_each(|_| limit.slow_down(cuts));
        assert_eq!(limit.limit(), 32);
        (0..33).for_each(|_| limit.went_well());
        assert_eq!(limit.limit(), 33);
        (0..10_000).for_each(|_| limit.went_well());
        assert_eq!(limit.limit(), 64, "never more than was asked for");
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
