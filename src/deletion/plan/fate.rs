//! What a lifecycle rule does next with the versions that a plan hides.
//!
//! A delete marker makes the version below it noncurrent, and `NoncurrentVersionExpiration` removes noncurrent versions for
//! good after some days ("Elements to describe lifecycle actions" in the S3 User Guide).

use s3_answers::{LifecycleRule, LifecycleRules, NoncurrentExpiration};

use crate::model::Failure;

/// What happens to one version once it is hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HiddenFate {
    /// No lifecycle rule removes it.
    Stays,
    /// A rule removes it permanently.
    Expires(NoncurrentExpiry),
    /// A rule may remove it: its filter depends on something that is not known of the object.
    MayExpire(NoncurrentExpiry),
    /// The lifecycle could not be read.
    NotKnown(Failure),
}

/// A lifecycle rule and when it acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoncurrentExpiry {
    /// Days after the version was hidden.
    pub(crate) days: u32,
    /// The rule's ID, where it has one.
    pub(crate) rule: Option<String>,
}

impl NoncurrentExpiry {
    fn of(rule: &LifecycleRule) -> Self {
        Self { days: rule.days, rule: rule.id.clone() }
    }
}

impl HiddenFate {
    /// The fate of a version of this key and size, whose tags are not known.
    pub(crate) fn of(lifecycle: Result<&LifecycleRules, &Failure>, key: &str, size: Option<u64>) -> Self {
        match lifecycle.map(|rules| rules.noncurrent_expiration(key, size, None)) {
            Err(failure) => Self::NotKnown(failure.clone()),
            Ok(NoncurrentExpiration::Never) => Self::Stays,
            Ok(NoncurrentExpiration::After(rule)) => Self::Expires(NoncurrentExpiry::of(rule)),
            Ok(NoncurrentExpiration::Unsure(rule)) => Self::MayExpire(NoncurrentExpiry::of(rule)),
        }
    }
}

/// The fates of all versions that a plan hides: their number, and the rule that acts first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct HiddenFates {
    /// Removed permanently by a rule.
    pub(crate) expire: Option<(u64, NoncurrentExpiry)>,
    /// Perhaps removed permanently by a rule.
    pub(crate) may_expire: Option<(u64, NoncurrentExpiry)>,
    /// The lifecycle could not be read, and the first reason.
    pub(crate) not_known: Option<(u64, Failure)>,
}

impl HiddenFates {
    /// Adds one.
    pub(crate) fn add(&mut self, fate: HiddenFate) {
        match fate {
            HiddenFate::Stays => {}
            HiddenFate::Expires(expiry) => soonest(&mut self.expire, expiry),
            HiddenFate::MayExpire(expiry) => soonest(&mut self.may_expire, expiry),
            HiddenFate::NotKnown(failure) => self.not_known.get_or_insert((0, failure)).0 += 1,
        }
    }
}

fn soonest(found: &mut Option<(u64, NoncurrentExpiry)>, expiry: NoncurrentExpiry) {
    match found {
        None => *found = Some((1, expiry)),
        Some((count, first)) => {
            *count += 1;
            if expiry.days < first.days {
                *first = expiry;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expiry(days: u32) -> NoncurrentExpiry {
        NoncurrentExpiry { days, rule: Some(format!("r{days}")) }
    }

    #[test]
    fn fates_are_counted_and_the_first_rule_to_act_is_kept() {
        let mut fates = HiddenFates::default();
        let failure = |code: &str| Failure::new(code, "x", None);
        for fate in [
            HiddenFate::Stays,
            HiddenFate::Expires(expiry(30)),
            HiddenFate::Expires(expiry(7)),
            HiddenFate::Expires(expiry(60)),
            HiddenFate::Expires(NoncurrentExpiry { rule: Some("later".into()), ..expiry(7) }),
            HiddenFate::MayExpire(expiry(1)),
            HiddenFate::NotKnown(failure("first")),
            HiddenFate::NotKnown(failure("second")),
        ] {
            fates.add(fate);
        }
        assert_eq!(fates.expire, Some((4, expiry(7))));
        assert_eq!(fates.may_expire, Some((1, expiry(1))));
        assert_eq!(fates.not_known, Some((2, failure("first"))));
    }

    #[test]
    fn a_fate_is_what_the_rules_say_of_the_key_and_its_size() {
        let rule =
            LifecycleRule { id: Some("tidy".into()), prefix: "logs/".into(), days: 3, ..LifecycleRule::default() };
        let tagged = LifecycleRule { tags: vec![("t".into(), "v".into())], ..rule.clone() };
        let fate = |rule: LifecycleRule, key: &str| {
            HiddenFate::of(Ok(&LifecycleRules { rules: vec![rule], ..LifecycleRules::default() }), key, Some(1))
        };
        let expiry = || NoncurrentExpiry { days: 3, rule: Some("tidy".into()) };
        assert_eq!(fate(rule.clone(), "logs/a"), HiddenFate::Expires(expiry()));
        assert_eq!(fate(rule, "other"), HiddenFate::Stays);
        assert_eq!(fate(tagged, "logs/a"), HiddenFate::MayExpire(expiry()));
        let failure = Failure::new("X", "x", None);
        assert_eq!(HiddenFate::of(Err(&failure), "k", None), HiddenFate::NotKnown(failure.clone()));
    }
}
