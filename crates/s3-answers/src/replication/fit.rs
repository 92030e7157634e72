//! Which rules apply to an object, given what is known about it.

use super::rules::{Exclusion, ReplicationRule, ReplicationRules};

/// What is known about an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The exact key.
    pub key: &'a str,
    /// Its current tags; `None` if not known.
    pub tags: Option<&'a [(String, String)]>,
    /// `x-amz-server-side-encryption` of HEAD: `AES256`, `aws:kms` or `aws:kms:dsse`, empty without the header; `None` if not
    /// known.
    pub encryption: Option<&'a str>,
}

/// Whether a rule applies to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "see the type")]
pub enum Fit {
    Fits,
    Not(Misfit),
    Unknown(Doubt),
}

/// Why a rule is not for an object: the first of these reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// The rule's status is Disabled.
    Disabled,
    /// The key has another prefix.
    Prefix,
    /// A tag is missing, or has another value.
    Tags,
    /// The rule excludes this key, or one of the object's tags.
    Excluded,
    /// The object is encrypted with a KMS key, and the rule does not opt in to such objects.
    Kms,
}

/// What is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The object's tags.
    Tags,
    /// How the object is encrypted.
    Encryption,
    /// The meaning of an unknown element of the rule.
    Element,
}

impl ReplicationRule {
    /// Whether this rule applies to the object, without regard to other rules. [`Fit::Not`] only if that is certain.
    pub fn fit(&self, subject: &Subject<'_>) -> Fit {
        if !self.enabled {
            return Fit::Not(Misfit::Disabled);
        }
        if !self.unknown.is_empty() {
            return Fit::Unknown(Doubt::Element);
        }
        if !subject.key.starts_with(&self.scope.prefix) {
            return Fit::Not(Misfit::Prefix);
        }
        let tags = match subject.tags {
            _ if self.scope.tags.is_empty() => Some(true),
            None => None,
            Some(tags) => Some(self.scope.tags.iter().all(|wanted| tags.contains(wanted))),
        };
        let excluded = self.excludes(subject);
        let encryption = match subject.encryption {
            _ if self.kms_opt_in => Some(true),
            Some("" | "AES256") => Some(true),
            Some("aws:kms" | "aws:kms:dsse") => Some(false),
            // A word that S3 may add tomorrow.
            Some(_) | None => None,
        };
        match (excluded, tags, encryption) {
            (Some(true), _, _) => Fit::Not(Misfit::Excluded),
            (_, Some(false), _) => Fit::Not(Misfit::Tags),
            (_, _, Some(false)) => Fit::Not(Misfit::Kms),
            (None, _, _) | (_, None, _) => Fit::Unknown(Doubt::Tags),
            (_, _, None) => Fit::Unknown(Doubt::Encryption),
            (Some(false), Some(true), Some(true)) => Fit::Fits,
        }
    }

    /// Whether the rule excludes the object: one match is enough. `None` if it depends on tags that are not known.
    fn excludes(&self, subject: &Subject<'_>) -> Option<bool> {
        let mut by_tags = false;
        for one in &self.scope.except {
            match (one, subject.tags) {
                (Exclusion::Prefix(prefix), _) if subject.key.starts_with(prefix) => return Some(true),
                (Exclusion::Tag(key, value), Some(tags)) if tags.iter().any(|(k, v)| k == key && v == value) => {
                    return Some(true);
                }
                (Exclusion::Tag(..), None) => by_tags = true,
                (Exclusion::Prefix(_), _) | (Exclusion::Tag(..), Some(_)) => {}
            }
        }
        (!by_tags).then_some(false)
    }

    /// Whether this rule decides before `other`: the same destination and a higher priority.
    fn outranks(&self, other: &Self) -> bool {
        self.destination.is_same_place(&other.destination) && self.priority > other.priority
    }
}

/// The rules that apply to an object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applying<'a> {
    /// The rules that apply, highest priority first: one per destination.
    pub rules: Vec<&'a ReplicationRule>,
    /// The rules that may apply. This includes a fitting rule below one with the same destination that only misses the KMS
    /// opt-in: S3 does not document whether the higher rule prevents the lower one.
    pub unsure: Vec<&'a ReplicationRule>,
}

impl ReplicationRules {
    /// The enabled and fitting rules; of several with one destination, the one with the highest priority. If a rule
    /// that may fit outranks one that does, both are returned, the former as unsure.
    pub fn applying(&self, subject: &Subject<'_>) -> Applying<'_> {
        let mut ranked: Vec<(&ReplicationRule, Fit)> =
            self.rules.iter().map(|rule| (rule, rule.fit(subject))).collect();
        // Stable: rules with equal priority keep their order.
        ranked.sort_by_key(|(rule, _)| std::cmp::Reverse(rule.priority));
        let mut applying = Applying::default();
        for (rule, fit) in &ranked {
            let shadow = |fit: Fit| ranked.iter().any(|(other, found)| *found == fit && other.outranks(rule));
            match fit {
                Fit::Not(_) => {}
                _ if applying.rules.iter().any(|taken| taken.destination.is_same_place(&rule.destination)) => {}
                Fit::Unknown(_) => applying.unsure.push(rule),
                Fit::Fits if shadow(Fit::Not(Misfit::Kms)) => applying.unsure.push(rule),
                Fit::Fits => applying.rules.push(rule),
            }
        }
        applying
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RuleDestination, RuleScope};

    fn tags(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn scoped(prefix: &str, pairs: &[(&str, &str)]) -> ReplicationRule {
        let scope =
            RuleScope { has_filter: true, prefix: prefix.to_owned(), tags: tags(pairs), ..RuleScope::default() };
        ReplicationRule { scope, ..ReplicationRule::to("dst") }
    }

    fn plain(key: &str) -> Subject<'_> {
        Subject { key, tags: Some(&[]), encryption: Some("AES256") }
    }

    #[test]
    fn prefixes_are_compared_byte_for_byte() {
        let v1 = |prefix: &str| ReplicationRule {
            scope: RuleScope { has_filter: false, prefix: prefix.to_owned(), ..RuleScope::default() },
            priority: None,
            ..ReplicationRule::to("dst")
        };
        let table = [
            ("", "anything", Fit::Fits),
            ("logs/", "logs/a", Fit::Fits),
            ("logs/", "logs/", Fit::Fits),
            ("logs/", "logs", Fit::Not(Misfit::Prefix)),
            ("logs/", "Logs/a", Fit::Not(Misfit::Prefix)),
            ("logs/", "/logs/a", Fit::Not(Misfit::Prefix)),
            ("a b", "a+b", Fit::Not(Misfit::Prefix)),
            ("ü", "ü/x", Fit::Fits),
            ("*", "a", Fit::Not(Misfit::Prefix)),
        ];
        for (prefix, key, fit) in table {
            for rule in [scoped(prefix, &[]), v1(prefix)] {
                assert_eq!(rule.fit(&plain(key)), fit, "{prefix:?} {key:?}");
            }
        }
    }

    #[test]
    fn all_tags_must_match_and_unknown_tags_exclude_nothing() {
        let one = &[("team", "a")][..];
        let two = &[("team", "a"), ("tier", "1")][..];
        // rule's tags, object's tags -> fit
        let table = [
            (&[][..], None, Fit::Fits),
            (&[][..], Some(one), Fit::Fits),
            (one, Some(one), Fit::Fits),
            (one, Some(two), Fit::Fits),
            (two, Some(two), Fit::Fits),
            (two, Some(one), Fit::Not(Misfit::Tags)),
            (one, Some(&[][..]), Fit::Not(Misfit::Tags)),
            (one, Some(&[("team", "b")][..]), Fit::Not(Misfit::Tags)),
            (one, Some(&[("Team", "a")][..]), Fit::Not(Misfit::Tags)),
            (one, Some(&[("a", "team")][..]), Fit::Not(Misfit::Tags)),
            (one, None, Fit::Unknown(Doubt::Tags)),
        ];
        for (wanted, found, fit) in table {
            let found = found.map(tags);
            let subject = Subject { tags: found.as_deref(), ..plain("p/k") };
            assert_eq!(scoped("p/", wanted).fit(&subject), fit, "{wanted:?} {found:?}");
            let elsewhere = Subject { key: "k", ..subject };
            assert_eq!(scoped("p/", wanted).fit(&elsewhere), Fit::Not(Misfit::Prefix), "And means both");
        }
    }

    #[test]
    fn a_rule_does_not_fit_what_it_excludes() {
        let one = &[("team", "a")][..];
        let prefix = Exclusion::Prefix("p/tmp".to_owned());
        let tag = Exclusion::Tag("team".to_owned(), "a".to_owned());
        let unknown = Fit::Unknown(Doubt::Tags);
        let table = [
            (vec![prefix.clone()], "p/tmp/k", None, Fit::Not(Misfit::Excluded)),
            (vec![prefix.clone()], "p/k", None, Fit::Fits),
            (vec![tag.clone()], "p/k", Some(one), Fit::Not(Misfit::Excluded)),
            (vec![tag.clone()], "p/k", Some(&[("team", "b")][..]), Fit::Fits),
            (vec![tag.clone()], "p/k", None, unknown),
            (vec![tag.clone(), prefix.clone()], "p/tmp/k", None, Fit::Not(Misfit::Excluded)),
            (vec![prefix, tag], "p/k", Some(&[][..]), Fit::Fits),
        ];
        for (except, key, found, fit) in table {
            let found = found.map(tags);
            let subject = Subject { tags: found.as_deref(), ..plain(key) };
            let rule = ReplicationRule {
                scope: RuleScope { except, ..scoped("p/", &[]).scope },
                ..ReplicationRule::to("dst")
            };
            assert_eq!(rule.fit(&subject), fit, "{rule:?} {subject:?}");
            assert_eq!(rule.fit(&Subject { key: "k", ..subject }), Fit::Not(Misfit::Prefix));
        }
    }

    #[test]
    fn an_unknown_element_makes_the_fit_unknown() {
        let strange = ReplicationRule { unknown: vec!["Suffix".to_owned()], ..scoped("p/", &[("team", "a")]) };
        assert_eq!(strange.fit(&plain("other")), Fit::Unknown(Doubt::Element));
        assert_eq!(ReplicationRule { enabled: false, ..strange }.fit(&plain("p/k")), Fit::Not(Misfit::Disabled));
    }

    #[test]
    fn kms_objects_need_the_opt_in() {
        let table = [
            (Some("AES256"), false, Fit::Fits),
            (Some(""), false, Fit::Fits),
            (Some("aws:kms"), false, Fit::Not(Misfit::Kms)),
            (Some("aws:kms:dsse"), false, Fit::Not(Misfit::Kms)),
            (Some("aws:kms"), true, Fit::Fits),
            (Some("aws:kms:dsse"), true, Fit::Fits),
            (None, true, Fit::Fits),
            (None, false, Fit::Unknown(Doubt::Encryption)),
            (Some("aws:new"), false, Fit::Unknown(Doubt::Encryption)),
        ];
        for (encryption, kms_opt_in, fit) in table {
            let rule = ReplicationRule { kms_opt_in, ..ReplicationRule::to("dst") };
            assert_eq!(rule.fit(&Subject { encryption, ..plain("k") }), fit, "{encryption:?} {kms_opt_in}");
        }
        let tagged = ReplicationRule { kms_opt_in: false, ..scoped("", &[("team", "a")]) };
        let kms = Subject { key: "k", tags: None, encryption: Some("aws:kms") };
        assert_eq!(tagged.fit(&kms), Fit::Not(Misfit::Kms), "with any tags");
    }

    #[test]
    fn a_disabled_rule_fits_nothing() {
        let rule = ReplicationRule { enabled: false, ..scoped("x", &[("team", "a")]) };
        assert_eq!(rule.fit(&Subject { key: "k", tags: None, encryption: None }), Fit::Not(Misfit::Disabled));
    }

    fn ranked(id: &str, priority: i64, rule: ReplicationRule) -> ReplicationRule {
        ReplicationRule { id: Some(id.to_owned()), priority: Some(priority), ..rule }
    }

    /// A rule for every key.
    fn all(id: &str, priority: i64, bucket: &str) -> ReplicationRule {
        ranked(id, priority, ReplicationRule::to(bucket))
    }

    fn ids(rules: Vec<ReplicationRule>, subject: &Subject<'_>) -> (Vec<String>, Vec<String>) {
        let rules = ReplicationRules { rules, ..ReplicationRules::default() };
        let id = |rule: &ReplicationRule| rule.id.clone().unwrap_or_default();
        let Applying { rules, unsure } = rules.applying(subject);
        (rules.into_iter().map(id).collect(), unsure.into_iter().map(id).collect())
    }

    #[test]
    fn one_rule_applies_for_each_destination_by_priority() {
        let off = ReplicationRule { enabled: false, ..ReplicationRule::to("dst") };
        let v1 = ReplicationRule { priority: None, ..all("v1", 1, "dst") };
        let zone = |zone: &str, priority: i64| {
            let destination = RuleDestination { zone: Some(zone.to_owned()), ..ReplicationRule::to("dst").destination };
            ReplicationRule { destination, ..all(zone, priority, "dst") }
        };
        let table: [(Vec<ReplicationRule>, &[&str]); 9] = [
            (vec![], &[]),
            (vec![zone("z2", 1), zone("z3", 2)], &["z3", "z2"]),
            (vec![zone("z2", 1), ReplicationRule { id: Some("same".into()), ..zone("z2", 2) }], &["same"]),
            (vec![all("low", 1, "dst"), all("high", 2, "dst")], &["high"]),
            (vec![all("high", 2, "dst"), all("low", 1, "dst")], &["high"]),
            (vec![all("a", 1, "dst"), all("b", 2, "other")], &["b", "a"]),
            (vec![ranked("off", 9, off), all("on", 1, "dst")], &["on"]),
            (vec![ranked("elsewhere", 9, scoped("x/", &[])), all("all", 1, "dst")], &["all"]),
            (vec![v1], &["v1"]),
        ];
        for (rules, applying) in table {
            let found = ids(rules.clone(), &plain("k"));
            assert_eq!(found, (applying.iter().map(|id| (*id).to_owned()).collect(), vec![]), "{rules:?}");
        }
    }

    #[test]
    fn an_unknown_fit_is_unsure_and_hides_nothing() {
        let tagged = || scoped("", &[("team", "a")]);
        let unknown_tags = Subject { tags: None, ..plain("k") };
        for (tagged_at, all_at, bucket, unsure) in
            [(2, 1, "dst", vec!["tagged".to_owned()]), (1, 2, "dst", vec![]), (1, 2, "b", vec!["tagged".to_owned()])]
        {
            let rules = vec![ranked("tagged", tagged_at, tagged()), all("all", all_at, bucket)];
            assert_eq!(ids(rules.clone(), &unknown_tags), (vec!["all".to_owned()], unsure), "{rules:?}");
        }
    }

    #[test]
    fn a_rule_below_one_without_the_opt_in_is_unsure() {
        let kms = Subject { encryption: Some("aws:kms"), ..plain("k") };
        // priority and destination of a rule without the opt-in, priority of one with it -> whether that one surely applies
        for (priority, bucket, opted_priority, is_sure) in
            [(2, "dst", 1, false), (2, "dst", 2, true), (1, "dst", 2, true), (2, "b", 1, true)]
        {
            let opted = ReplicationRule { kms_opt_in: true, ..all("opted", opted_priority, "dst") };
            let (mut sure, mut unsure) = (vec!["opted".to_owned()], vec![]);
            if !is_sure {
                std::mem::swap(&mut sure, &mut unsure);
            }
            let found = ids(vec![all("other", priority, bucket), opted], &kms);
            assert_eq!(found, (sure, unsure), "{priority} {bucket} {opted_priority}");
        }
    }
}
