//! Which deletes are looked up afterwards: the answer of a server is not always true.

/// `--verify-deleted`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum VerifyDeleted {
    /// Every one.
    All,
    /// The first thousand, and then every hundredth; every one as soon as a deleted version still exists.
    #[default]
    Sample,
    /// None.
    None,
}

/// Of more, one in a hundred is looked up.
const ALL_UP_TO: u64 = 1000;
const ONE_IN: u64 = 100;

impl VerifyDeleted {
    /// What is looked up of a server whose answers were not true before.
    pub(crate) fn after_a_contradiction(self) -> Self {
        match self {
            Self::All | Self::Sample => Self::All,
            Self::None => Self::None,
        }
    }

    /// Whether the `nth` order is looked up; `stayed`: a deleted version still exists.
    pub(crate) fn wants(self, nth: u64, stayed: bool) -> bool {
        match self {
            Self::All => true,
            Self::Sample => stayed || nth < ALL_UP_TO || nth.is_multiple_of(ONE_IN),
            Self::None => false,
        }
    }
}

/// Places in the plan, a bit each.
#[derive(Debug, Default)]
pub(super) struct UnseenPositions(Vec<u64>);

impl UnseenPositions {
    pub(super) fn add(&mut self, at: u64) {
        let Ok(word) = usize::try_from(at / 64) else { return };
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (at % 64);
    }

    pub(super) fn has(&self, at: u64) -> bool {
        let word = usize::try_from(at / 64).ok().and_then(|word| self.0.get(word));
        word.is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_all_of_few_and_one_in_a_hundred_of_many() {
        let looks = |verify: VerifyDeleted, orders: u64| (0..orders).filter(|nth| verify.wants(*nth, false)).count();
        assert_eq!(looks(VerifyDeleted::Sample, 1000), 1000);
        assert_eq!(looks(VerifyDeleted::Sample, 20_000), 1190);
        assert_eq!([looks(VerifyDeleted::All, 2000), looks(VerifyDeleted::None, 2000)], [2000, 0]);
        let all = [VerifyDeleted::All, VerifyDeleted::Sample, VerifyDeleted::None]
            .map(|verify| looks(verify.after_a_contradiction(), 2000));
        assert_eq!(all, [2000, 2000, 0]);
        assert!(VerifyDeleted::Sample.wants(1001, true) && !VerifyDeleted::None.wants(1, true));
    }

    #[test]
    fn places_are_remembered_exactly() {
        let mut unseen = UnseenPositions::default();
        assert!(unseen.is_empty());
        for at in [0, 63, 64, 1000] {
            unseen.add(at);
        }
        assert_eq!((0..2000).filter(|at| unseen.has(*at)).collect::<Vec<_>>(), [0, 63, 64, 1000]);
    }
}
