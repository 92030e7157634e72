//! How many requests may be under way: one more for each round that went well, half of them after S3 said SlowDown.
//!
//! Additive increase, multiplicative decrease: what keeps TCP from drowning a network ("Best practices design patterns:
//! optimizing Amazon S3 performance" asks clients to lower their rate on 503).

/// The number of requests that may be under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Pace {
    limit: f64,
    most: f64,
    cuts: u64,
}

impl Pace {
    /// Starts at the most, as `--concurrency` has it.
    #[must_use]
    pub fn new(most: usize) -> Self {
        let most = most.clamp(1, 1 << 16) as f64;
        Self { limit: most, most, cuts: 0 }
    }

    /// How many requests may be under way now; never none.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit as usize
    }

    /// How often it was cut: a request notes it when it leaves.
    #[must_use]
    pub fn cuts(&self) -> u64 {
        self.cuts
    }

    /// A request came back without a complaint.
    pub fn went_well(&mut self) {
        self.limit = (self.limit + 1.0 / self.limit).min(self.most);
    }

    /// S3 said SlowDown to a request that left when there had been `cuts`.
    ///
    /// Those that were under way together are one complaint.
    pub fn slow_down(&mut self, cuts: u64) {
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
    fn one_complaint_halves_and_a_round_gives_one_back() {
        let mut pace = Pace::new(64);
        // Sixty-four under way together, and all of them turned away.
        let cuts = pace.cuts();
        (0..64).for_each(|_| pace.slow_down(cuts));
        assert_eq!(pace.limit(), 32);
        (0..33).for_each(|_| pace.went_well());
        assert_eq!(pace.limit(), 33);
        (0..10_000).for_each(|_| pace.went_well());
        assert_eq!(pace.limit(), 64, "never more than was asked for");
    }

    #[test]
    fn it_never_stops() {
        let mut pace = Pace::new(64);
        let limits = [(); 8].map(|()| {
            pace.slow_down(pace.cuts());
            pace.limit()
        });
        assert_eq!(limits, [32, 16, 8, 4, 2, 1, 1, 1]);
        assert_eq!(Pace::new(0).limit(), 1);
    }
}
