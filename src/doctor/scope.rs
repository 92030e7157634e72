//! Which keys a rule applies to, compared with other rules: certain answers only, from prefixes, tags and exclusions.

use s3_answers::{Exclusion, ReplicationRule, RuleScope};

/// Whether every object that `inner` is for is one that `outer` is for too. `false` if that is not certain.
pub(super) fn contains(outer: &ReplicationRule, inner: &ReplicationRule) -> bool {
    let kms = outer.kms_opt_in || !inner.kms_opt_in;
    outer.enabled && outer.unknown.is_empty() && kms && scope_contains(&outer.scope, &inner.scope)
}

fn scope_contains(outer: &RuleScope, inner: &RuleScope) -> bool {
    inner.prefix.starts_with(&outer.prefix)
        && outer.tags.iter().all(|tag| inner.tags.contains(tag))
        && outer.except.iter().all(|one| inner.except.contains(one) || is_apart(one, inner))
}

/// Whether nothing in the scope can match the exclusion.
fn is_apart(one: &Exclusion, scope: &RuleScope) -> bool {
    match one {
        Exclusion::Prefix(prefix) => !overlap(prefix, &scope.prefix),
        Exclusion::Tag(..) => false,
    }
}

/// Whether a key can begin with both.
pub(super) fn overlap(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

/// Whether the rule excludes every object that it is for.
pub(super) fn excludes_everything(scope: &RuleScope) -> bool {
    scope.except.iter().any(|one| match one {
        Exclusion::Prefix(prefix) => scope.prefix.starts_with(prefix.as_str()),
        Exclusion::Tag(key, value) => scope.tags.iter().any(|(k, v)| k == key && v == value),
    })
}

/// Whether the rule applies to every key and all tags.
pub(super) fn is_for_every_key(rule: &ReplicationRule) -> bool {
    covers_prefix(rule, "")
}

/// Whether the rule applies to every object under the prefix, apart from how it is encrypted.
pub(super) fn covers_prefix(rule: &ReplicationRule, prefix: &str) -> bool {
    let excluded = |one: &Exclusion| match one {
        Exclusion::Prefix(excluded) => overlap(excluded, prefix),
        Exclusion::Tag(..) => true,
    };
    let scope = &rule.scope;
    rule.enabled
        && rule.unknown.is_empty()
        && scope.tags.is_empty()
        && prefix.starts_with(&scope.prefix)
        && !scope.except.iter().any(excluded)
}

/// `keys under "logs/" with tag "a"="b" except under "logs/tmp/"`.
pub(super) fn text(scope: &RuleScope) -> String {
    let mut text = match scope.prefix.as_str() {
        "" => "every key".to_owned(),
        prefix => format!("keys under {prefix:?}"),
    };
    for (at, (key, value)) in scope.tags.iter().enumerate() {
        text += &format!("{} tag {key:?}={value:?}", if at == 0 { " with" } else { " and" });
    }
    let except: Vec<String> = scope.except.iter().map(exclusion).collect();
    if !except.is_empty() {
        text += &format!(" except {}", except.join(" and "));
    }
    text
}

pub(super) fn exclusion(one: &Exclusion) -> String {
    match one {
        Exclusion::Prefix(prefix) => format!("keys under {prefix:?}"),
        Exclusion::Tag(key, value) => format!("objects with tag {key:?}={value:?}"),
    }
}

/// `rule "logs" applies to keys under "logs/"`. A rule without ID is named by its keys.
pub(super) fn applies_to(rule: &ReplicationRule) -> String {
    match &rule.id {
        Some(_) if !rule.unknown.is_empty() => {
            format!("{} may apply to {}, and has an unknown element", name(rule), text(&rule.scope))
        }
        Some(_) => format!("{} applies to {}", name(rule), text(&rule.scope)),
        None => name(rule),
    }
}

/// How a rule is named in a sentence.
pub(super) fn name(rule: &ReplicationRule) -> String {
    match &rule.id {
        Some(id) => format!("rule {id:?}"),
        None => format!("the rule for {} to bucket {}", text(&rule.scope), rule.destination.bucket),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(prefix: &str, tags: &[&str], except: &[&str]) -> ReplicationRule {
        let scope = RuleScope {
            has_filter: true,
            prefix: prefix.to_owned(),
            tags: tags.iter().map(|tag| ((*tag).to_owned(), "1".to_owned())).collect(),
            except: except.iter().map(|prefix| Exclusion::Prefix((*prefix).to_owned())).collect(),
        };
        ReplicationRule { scope, ..ReplicationRule::to("dst") }
    }

    #[test]
    fn only_certain_containment_counts() {
        let table = [
            (rule("", &[], &[]), rule("", &[], &[]), true),
            (rule("", &[], &[]), rule("logs/", &["a"], &["logs/x"]), true),
            (rule("logs/", &[], &[]), rule("", &[], &[]), false),
            (rule("logs/", &[], &[]), rule("logs", &[], &[]), false),
            (rule("", &["a"], &[]), rule("", &[], &[]), false),
            (rule("", &["a"], &[]), rule("", &["a", "b"], &[]), true),
            (rule("", &[], &["tmp/"]), rule("logs/", &[], &[]), true),
            (rule("", &[], &["tmp/"]), rule("tmp/a/", &[], &[]), false),
            (rule("", &[], &["tmp/"]), rule("", &[], &[]), false),
            (rule("", &[], &["tmp/"]), rule("", &[], &["tmp/"]), true),
            (ReplicationRule { enabled: false, ..rule("", &[], &[]) }, rule("", &[], &[]), false),
            (ReplicationRule { unknown: vec!["X".into()], ..rule("", &[], &[]) }, rule("", &[], &[]), false),
            (rule("", &[], &[]), ReplicationRule { kms_opt_in: true, ..rule("", &[], &[]) }, false),
        ];
        for (outer, inner, expected) in table {
            assert_eq!(contains(&outer, &inner), expected, "{outer:?} {inner:?}");
        }
    }

    #[test]
    fn a_rule_that_excludes_all_of_its_keys_is_for_nothing() {
        let table = [
            (rule("a/", &[], &["a/"]), true),
            (rule("a/b/", &[], &["a/"]), true),
            (rule("a/", &[], &["a/b/"]), false),
            (rule("", &[], &["a/"]), false),
        ];
        for (rule, expected) in table {
            assert_eq!(excludes_everything(&rule.scope), expected, "{rule:?}");
        }
        let mut tagged = rule("", &["a"], &[]);
        tagged.scope.except.push(Exclusion::Tag("a".into(), "1".into()));
        assert!(excludes_everything(&tagged.scope));
    }

    #[test]
    fn a_prefix_is_covered_only_as_a_whole() {
        assert!(is_for_every_key(&rule("", &[], &[])));
        for part in [rule("a", &[], &[]), rule("", &["t"], &[]), rule("", &[], &["a"])] {
            assert!(!is_for_every_key(&part), "{part:?}");
        }
        assert!(covers_prefix(&rule("", &[], &["tmp/"]), "logs/"));
        assert!(!covers_prefix(&rule("", &[], &["logs/tmp/"]), "logs/"));
        assert_eq!(
            text(&rule("a/", &["t"], &["a/b/"]).scope),
            "keys under \"a/\" with tag \"t\"=\"1\" except keys under \"a/b/\""
        );
    }
}
