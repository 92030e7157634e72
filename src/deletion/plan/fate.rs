//! What a lifecycle rule does next with the versions that a plan hides.
//!
//! A delete marker makes the version below it noncurrent, and `NoncurrentVersionExpiration` removes noncurrent versions for
//! good after some days ("Elements to describe lifecycle actions" in the S3 User Guide). A rule that keeps a number of them
//! may then remove an older version. Rules of MinIO may remove all versions below a delete marker.

use s3_answers::{LifecycleRule, LifecycleRules, NoncurrentExpiration};

use crate::model::Failure;

/// What one lifecycle rule does, or may do, once a version is hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HiddenFate {
    /// The rule removes the version permanently.
    Expires(NoncurrentExpiry),
    /// The rule may remove it: its filter depends on something that is not known of the object.
    MayExpire(NoncurrentExpiry),
    /// The rule keeps some of the newest noncurrent versions, and may remove an older one of the key instead.
    OlderMayExpire(NoncurrentExpiry),
    /// The rule may remove all versions of the key.
    AllMayExpire(NoncurrentExpiry),
    /// The lifecycle could not be read.
    NotKnown(Failure),
}

/// A lifecycle rule and when it acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NoncurrentExpiry {
    /// Days after the version was hidden.
    pub(crate) days: u32,
    /// How many of the newest noncurrent versions of a key it keeps, if it keeps any.
    pub(crate) newest: Option<u32>,
    /// The rule's ID, where it has one.
    pub(crate) rule: Option<String>,
}

impl NoncurrentExpiry {
    fn of(rule: &LifecycleRule) -> Self {
        Self { days: rule.days, newest: rule.newer_noncurrent_versions, rule: rule.id.clone() }
    }
}

impl HiddenFate {
    /// What happens if the current version of this key, with this size and with tags that are not known, is hidden. Empty if
    /// no rule removes anything.
    pub(crate) fn of(lifecycle: Result<&LifecycleRules, &Failure>, key: &str, size: Option<u64>) -> Vec<Self> {
        let expirations = match lifecycle {
            Err(failure) => return vec![Self::NotKnown(failure.clone())],
            Ok(rules) => rules.noncurrent_expirations(key, size, None),
        };
        let fates = expirations.into_iter().map(|expiration| match expiration {
            NoncurrentExpiration::After(rule) => Self::Expires(NoncurrentExpiry::of(rule)),
            NoncurrentExpiration::Unsure(rule) => Self::MayExpire(NoncurrentExpiry::of(rule)),
            NoncurrentExpiration::Older(rule) => Self::OlderMayExpire(NoncurrentExpiry::of(rule)),
            NoncurrentExpiration::AllVersions(rule) => Self::AllMayExpire(NoncurrentExpiry::of(rule)),
        });
        fates.collect()
    }
}

/// The fates of all versions that a plan hides.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct HiddenFates {
    /// Removed permanently by a rule.
    pub(crate) expire: Option<ExpiryTally>,
    /// Perhaps removed permanently by a rule.
    pub(crate) may_expire: Option<ExpiryTally>,
    /// A rule may remove an older version of the key.
    pub(crate) older_may_expire: Option<ExpiryTally>,
    /// A rule may remove all versions of the key.
    pub(crate) all_may_expire: Option<ExpiryTally>,
    /// The lifecycle could not be read, and the first reason.
    pub(crate) not_known: Option<(u64, Failure)>,
}

/// Versions that expire in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExpiryTally {
    pub(crate) count: u64,
    /// The rule that acts first.
    pub(crate) first: NoncurrentExpiry,
    /// Whether another rule acts on some of them.
    pub(crate) others: bool,
}

impl HiddenFates {
    /// Adds one.
    pub(crate) fn add(&mut self, fate: HiddenFate) {
        match fate {
            HiddenFate::Expires(expiry) => tally(&mut self.expire, expiry),
            HiddenFate::MayExpire(expiry) => tally(&mut self.may_expire, expiry),
            HiddenFate::OlderMayExpire(expiry) => tally(&mut self.older_may_expire, expiry),
            HiddenFate::AllMayExpire(expiry) => tally(&mut self.all_may_expire, expiry),
            HiddenFate::NotKnown(failure) => self.not_known.get_or_insert((0, failure)).0 += 1,
        }
    }
}

fn tally(found: &mut Option<ExpiryTally>, expiry: NoncurrentExpiry) {
    match found {
        None => *found = Some(ExpiryTally { count: 1, first: expiry, others: false }),
        Some(ExpiryTally { count, first, others }) => {
            *count += 1;
            *others |= expiry != *first;
            if (expiry.days, expiry.newest) < (first.days, first.newest) {
                *first = expiry;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expiry(days: u32) -> NoncurrentExpiry {
        NoncurrentExpiry { days, newest: None, rule: Some(format!("r{days}")) }
    }

    #[test]
    fn fates_are_counted_and_the_first_rule_to_act_is_kept() {
        let mut fates = HiddenFates::default();
        let newest = |count| NoncurrentExpiry { newest: Some(count), ..expiry(9) };
        let tally = |count, first, others| Some(ExpiryTally { count, first, others });
        let failure = |code: &str| Failure::new(code, "x", None);
        for fate in [
            HiddenFate::Expires(expiry(30)),
            HiddenFate::Expires(expiry(7)),
            HiddenFate::Expires(expiry(60)),
            HiddenFate::Expires(NoncurrentExpiry { rule: Some("later".into()), ..expiry(7) }),
            HiddenFate::MayExpire(expiry(1)),
            HiddenFate::MayExpire(expiry(1)),
            HiddenFate::OlderMayExpire(newest(5)),
            HiddenFate::OlderMayExpire(newest(2)),
            HiddenFate::AllMayExpire(expiry(4)),
            HiddenFate::NotKnown(failure("first")),
            HiddenFate::NotKnown(failure("second")),
        ] {
            fates.add(fate);
        }
        assert_eq!(fates.expire, tally(4, expiry(7), true));
        assert_eq!(fates.may_expire, tally(2, expiry(1), false));
        assert_eq!(fates.older_may_expire, tally(2, newest(2), true));
        assert_eq!(fates.all_may_expire, tally(1, expiry(4), false));
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
        let numbered = LifecycleRule { newer_noncurrent_versions: Some(5), ..rule.clone() };
        let all = LifecycleRule { all_versions: true, ..rule.clone() };
        let expiry = || NoncurrentExpiry { days: 3, newest: None, rule: Some("tidy".into()) };
        assert_eq!(fate(rule.clone(), "logs/a"), [HiddenFate::Expires(expiry())]);
        assert_eq!(fate(rule, "other"), []);
        assert_eq!(fate(tagged, "logs/a"), [HiddenFate::MayExpire(expiry())]);
        let newest = NoncurrentExpiry { newest: Some(5), ..expiry() };
        assert_eq!(fate(numbered, "logs/a"), [HiddenFate::OlderMayExpire(newest)]);
        assert_eq!(fate(all, "logs/a"), [HiddenFate::AllMayExpire(expiry())]);
        let failure = Failure::new("X", "x", None);
        assert_eq!(HiddenFate::of(Err(&failure), "k", None), [HiddenFate::NotKnown(failure.clone())]);
    }
}
