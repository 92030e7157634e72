//! What compiled rules say of keys, against the rules themselves.

use proptest::prelude::*;
use s3_answers::{ReplicationRule, RuleScope};

use super::*;

fn rule(id: &str, prefix: &str, to: &str, priority: i64) -> ReplicationRule {
    let scope = RuleScope { has_filter: true, prefix: prefix.to_owned(), ..RuleScope::default() };
    ReplicationRule { id: Some(id.to_owned()), priority: Some(priority), scope, ..ReplicationRule::to(to) }
}

fn compiled(rules: Vec<ReplicationRule>) -> KeyRules {
    KeyRules::new(&ReplicationRules { rules, ..ReplicationRules::default() })
}

fn name<'a>(rules: &'a KeyRules, key: &str) -> &'a str {
    rules.name(rules.of(key.as_bytes()).at())
}

#[test]
fn keys_have_the_rule_of_their_longest_prefix() {
    let mut logs = rule("logs", "logs/", "dst", 2);
    logs.scope.except = vec![Exclusion::Prefix("logs/tmp/".into())];
    let mut tagged = rule("tagged", "tags/", "dst", 5);
    tagged.scope.tags = vec![("a".into(), "b".into())];
    let mut off = rule("off", "off/", "dst", 9);
    off.enabled = false;
    let rules = compiled(vec![logs, tagged, off, rule("also", "logs/a", "other", 1)]);
    for (key, expected) in [
        ("logs/x", "logs"),
        ("logs/", "logs"),
        ("logs", "no-rule"),
        ("logs/tmp/x", "excluded"),
        ("logs/tmp", "logs"),
        ("logs/a/1", "logs, also"),
        ("tags/x", "depends-on-tags"),
        ("off/x", "no-rule"),
        ("", "no-rule"),
        ("zzz", "no-rule"),
    ] {
        assert_eq!(name(&rules, key), expected, "{key}");
        let ruling = rules.of(key.as_bytes()).at();
        assert_eq!(rules.applies(ruling), !["no-rule", "excluded", "depends-on-tags"].contains(&expected), "{key}");
    }
    assert_eq!(rules.only(), None);
    assert_eq!(compiled(vec![rule("one", "a/", "dst", 1)]).only(), None, "other keys have no rule");
    // No rule, the one, both, excluded, and by tags.
    assert_eq!(rules.len(), 5);
    for named in ["no-rule", "logs", "logs, also", "excluded", "depends-on-tags"] {
        assert_eq!(rules.named(named).map(|at| rules.name(at)), Some(named));
    }
    assert_eq!(rules.named("off"), None);
    let owned = |(prefix, name): (&str, &'static str)| (prefix.to_owned(), name);
    let cases = [("logs/tmp/", "excluded"), ("logs/a", "logs, also"), ("logs/", "logs"), ("tags/", "depends-on-tags")];
    let (found, without) = rules.cases();
    assert_eq!(without, "no-rule");
    assert!(found.is_sorted_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len())), "{found:?}");
    assert!(cases.into_iter().all(|case| found.contains(&owned(case))), "{found:?}");
    let [none, all] = [compiled(vec![]), compiled(vec![rule("all", "", "dst", 1), rule("more", "", "other", 0)])];
    assert_eq!((name(&none, "any"), none.only()), ("no-rule", Some(none.of(b"any"))));
    assert_eq!((name(&all, "any"), all.only()), ("all, more", Some(all.of(b"any"))));
    let nameless = ReplicationRule { id: None, ..rule("", "", "dst", 1) };
    assert_eq!(name(&compiled(vec![nameless]), "any"), "(no ID, to dst)");
    let strange = ReplicationRule { unknown: vec!["Suffix".into()], ..rule("x", "a/", "dst", 1) };
    assert_eq!(name(&compiled(vec![strange]), "any"), "depends-on-tags", "it may apply");
}

fn any_rule() -> impl Strategy<Value = ReplicationRule> {
    let text = || "[ab/]{0,3}";
    (text(), prop::collection::vec(text(), 0..3), any::<[bool; 3]>(), 0i64..3, "[xy]").prop_map(
        |(prefix, except, [tagged, enabled, unknown], priority, to)| {
            let mut rule = rule(&format!("{prefix}-{to}-{priority}"), &prefix, &format!("dst{to}"), priority);
            rule.enabled = enabled || priority == 1;
            rule.scope.except = except.into_iter().filter(|text| !text.is_empty()).map(Exclusion::Prefix).collect();
            rule.scope.tags = if tagged { vec![("k".into(), "v".into())] } else { vec![] };
            rule.unknown = if unknown && tagged { vec!["Odd".into()] } else { vec![] };
            rule
        },
    )
}

proptest! {
    /// Compiled and remembered, in any order of rows: what the rules themselves say.
    #[test]
    fn compiled_rules_say_what_the_rules_say(
        rules in prop::collection::vec(any_rule(), 0..5),
        keys in prop::collection::vec("[ab/ +%]{0,5}", 1..80),
    ) {
        let all = ReplicationRules { rules, ..ReplicationRules::default() };
        let compiled = KeyRules::new(&all);
        let (mut plain, mut encoded) = (RuleMemo::new(false), RuleMemo::new(true));
        for key in &keys {
            let subject = Subject { key, tags: None, encryption: Some("AES256") };
            let applying = all.applying(&subject);
            let found = compiled.of(key.as_bytes());
            prop_assert_eq!(compiled.applies(found.at()), !applying.rules.is_empty());
            let name = compiled.name(found.at());
            prop_assert_eq!(name == "depends-on-tags", applying.rules.is_empty() && !applying.unsure.is_empty());
            if let Some(first) = applying.rules.first() {
                prop_assert!(name.starts_with(first.id.as_deref().unwrap()));
            }
            prop_assert_eq!(plain.ruling(&compiled, key.as_bytes()), Some(found));
            let cell = percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC).to_string();
            let cell = cell.replace("%2F", "/").replace("%20", "+");
            prop_assert_eq!(encoded.ruling(&compiled, cell.as_bytes()), Some(found), "{}", cell);
        }
    }
}

proptest! {
    /// Rulings of a range are those of its keys, and a range of one key has one.
    #[test]
    fn a_range_of_keys_has_the_ruling_of_each(
        rules in prop::collection::vec(any_rule(), 0..5),
        mut keys in prop::collection::vec("[ab/]{0,5}", 3),
    ) {
        let rules = compiled(rules);
        keys.sort_unstable();
        let [smallest, key, largest] = [0, 1, 2].map(|at| keys[at].as_bytes());
        if let Some(ruling) = rules.between(smallest, largest) {
            prop_assert_eq!(ruling, rules.of(key), "{:?}", keys);
            prop_assert_eq!(rules.between(key, largest), Some(ruling));
        }
        prop_assert_eq!(rules.between(key, key), Some(rules.of(key)));
        if smallest < key {
            prop_assert_eq!(rules.between(key, smallest), None);
        }
    }
}

#[test]
fn a_broken_cell_has_no_ruling() {
    let rules = compiled(vec![rule("a", "a b/", "dst", 1)]);
    let mut memo = RuleMemo::new(true);
    for _ in 0..2 {
        for key in ["a%zz", "a+b/c%zz", "a+b/%", "zzz%2", "zzz/%2x"] {
            assert_eq!(memo.ruling(&rules, key.as_bytes()), None, "{key}");
        }
        assert_eq!(memo.ruling(&rules, b"a+b/c%20").map(|found| rules.name(found.at())), Some("a"));
    }
    assert_eq!(memo.known[0].0, b"a+b/");
}

#[test]
fn kms_is_left_out_only_if_no_rule_that_may_apply_takes_it() {
    let takes_kms = |id: &str, priority| ReplicationRule { kms_opt_in: true, ..rule(id, "a/", "other", priority) };
    let plain = rule("plain", "a/", "dst", 1);
    let left_out = |rules: Vec<ReplicationRule>| {
        let rules = compiled(rules);
        rules.leaves_out_kms(rules.of(b"a/x").at())
    };
    assert!(left_out(vec![plain.clone()]));
    assert!(!left_out(vec![takes_kms("kms", 1)]));
    assert!(!left_out(vec![plain, takes_kms("kms", 2)]));
    assert!(!left_out(vec![]), "no rule applies at all");
}
