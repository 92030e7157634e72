//! Which rules are named, and with what.

use super::*;

#[test]
fn rules_are_named_with_what_makes_them_apply_or_not() {
    let to = |rule: Rule| Rule {
        time_control_minutes: Some(15),
        destination: s3_answers::RuleDestination {
            account: Some("111122223333".into()),
            storage_class: Some("STANDARD_IA".into()),
            ..rule.destination.clone()
        },
        ..rule
    };
    let high = Rule { priority: Some(9), ..named("high", Rule::to("dst")) };
    let low = || named("low", Rule::to("dst"));
    let table: Vec<(Explained, &[(ClaimState, &str)])> = vec![
        (absent().rules(vec![]), &[(Info, "the bucket has no replication configuration today")]),
        (absent(), &[(Holds, "rule \"all\" applies today: it replicates every key to bucket dst")]),
        (
            absent().rules(vec![to(scoped("logs/", &[]))]),
            &[(
                Holds,
                "rule \"scoped\" applies today: it replicates keys that begin with \"logs/\" to bucket dst of account 111122223333 as STANDARD_IA, within 15 minutes by Replication Time Control",
            )],
        ),
        (
            absent().rules(vec![Rule::to("dst")]),
            &[(Holds, "the rule without ID to bucket dst applies today: it replicates every key to bucket dst")],
        ),
        (
            absent()
                .rules(vec![scoped("", &[("a", "1"), ("b", "2")])])
                .with(|c| c.tags = Some(Ok(tags(&[("a", "1")])))),
            &[(RuledOut, "rule \"scoped\" does not apply: the object does not have the tags a=1 and b=2")],
        ),
        (
            absent().rules(vec![scoped("", &[("a", "1")])]).with(|c| c.tags = Some(Err(refused()))),
            &[(
                Unknown,
                "rule \"scoped\" may apply: it applies only to objects with the tag a=1, and the object's tags are not known: S3 answered 403; it needs s3:GetReplicationConfiguration",
            )],
        ),
        (
            absent().rules(vec![scoped("x/", &[])]),
            &[(RuledOut, "rule \"scoped\" does not apply: it applies only to keys that begin with \"x/\"")],
        ),
        (
            absent().rules(vec![Rule { enabled: false, ..low() }]),
            &[(RuledOut, "rule \"low\" does not apply: it is disabled")],
        ),
        (
            absent().rules(vec![low(), high.clone()]),
            &[
                (Holds, "rule \"high\" applies today: it replicates every key to bucket dst"),
                (
                    RuledOut,
                    "rule \"low\" does not apply: rule \"high\" has the same destination and comes first by priority",
                ),
            ],
        ),
        (
            absent().with(|c| c.head.encryption = Some("aws:kms".into())),
            &[(
                RuledOut,
                "rule \"all\" does not apply: the object is encrypted with a KMS key (aws:kms), and the rule does not opt in to KMS keys (SseKmsEncryptedObjects)",
            )],
        ),
        (
            absent()
                .rules(vec![high, Rule { kms_opt_in: true, ..low() }])
                .with(|c| c.head.encryption = Some("aws:kms".into())),
            &[
                (
                    Unknown,
                    "rule \"low\" may apply: another rule with the same destination and a higher priority does not opt in to KMS keys, and S3 does not document which of the two applies",
                ),
                (
                    RuledOut,
                    "rule \"high\" does not apply: the object is encrypted with a KMS key (aws:kms), and the rule does not opt in to KMS keys (SseKmsEncryptedObjects)",
                ),
            ],
        ),
        (
            absent().with(|c| c.head.encryption = Some("aws:new".into())),
            &[(
                Unknown,
                "rule \"all\" may apply: it does not replicate objects encrypted with KMS keys, and it is not known how this object is encrypted",
            )],
        ),
        (
            absent().with(|c| c.rules = Err(refused())),
            &[(
                Unknown,
                "it is not known which rule applies: S3 answered 403; it needs s3:GetReplicationConfiguration",
            )],
        ),
    ];
    for (case, expected) in table {
        let claims = case.explained().claims;
        let found: Vec<(ClaimState, &str)> =
            claims.iter().filter(|c| c.about == "rule").map(|c| (c.state, c.text.as_str())).collect();
        assert_eq!(found, expected);
    }
    let many = (0..1000).map(|n| named(&format!("r{n}"), Rule { enabled: false, ..Rule::to("dst") })).collect();
    let many = absent().rules(many);
    assert_eq!(many.about("rule").len(), 9);
    assert_eq!(many.explained().claims[8].text, "992 more rules do not apply");
}

#[test]
fn the_rule_reported_is_the_one_with_the_highest_priority() {
    let at = |id: &str, priority, to: &str| Rule { priority: Some(priority), ..named(id, Rule::to(to)) };
    let table = [
        (absent().rules(vec![at("a", 1, "x"), at("b", 2, "y")]), Some("b")),
        (absent().rules(vec![at("a", 1, "x"), at("b", 2, "x")]), Some("b")),
        (absent().rules(vec![Rule::to("dst")]), None),
        (absent().rules(vec![]), None),
        (absent().rules(vec![scoped("", &[("team", "a")])]), None),
        (Explained::of(Some("COMPLETED")), Some("all")),
        (Explained::of(Some("REPLICA")), None),
        (Explained::of(Some("COMPLETED")).with(|c| c.rules = Err(refused())), None),
    ];
    for (case, rule) in table {
        assert_eq!(case.explained().rule.as_deref(), rule);
    }
}

#[test]
fn the_rules_for_this_key_decide_whether_delete_markers_are_replicated() {
    let carrying = |prefix: &str| Rule { delete_marker_replication: true, ..scoped(prefix, &[]) };
    let v1 = Rule { scope: RuleScope::default(), ..named("v1", Rule::to("dst")) };
    let table = [
        (absent(), "does not replicate the delete marker"),
        (absent().rules(vec![]), "does not replicate the delete marker"),
        (absent().rules(vec![carrying("other/")]), "does not replicate the delete marker"),
        (absent().rules(vec![Rule { enabled: false, ..carrying("") }]), "does not replicate the delete marker"),
        (absent().rules(vec![carrying("logs/")]), "can be replicated to bucket dst: rule \"scoped\" replicates them"),
        (absent().rules(vec![v1]), "rule \"v1\" has no Filter, and rules without one replicate them"),
    ];
    for (case, text) in table {
        assert!(case.text("delete-markers").contains(text), "{text}: {:?}", case.explained());
    }
    assert_eq!(absent().about("version-deletes"), []);
    assert_eq!(absent().with(|c| c.version_deletes = true).about("version-deletes"), [Info]);
    assert_eq!(absent().with(|c| c.rules = Err(refused())).about("delete-markers"), []);
}

#[test]
fn tags_are_requested_only_where_they_decide() {
    let tagged = || scoped("logs/", &[("team", "a")]);
    let table = [
        (vec![], false),
        (vec![Rule::to("dst")], false),
        (vec![tagged()], true),
        (vec![Rule { enabled: false, ..tagged() }], false),
        (vec![scoped("other/", &[("team", "a")])], false),
        (vec![Rule { priority: Some(0), ..tagged() }, Rule::to("dst")], false),
        (vec![Rule { priority: Some(9), ..tagged() }, Rule::to("dst")], true),
        (vec![tagged(), Rule::to("other")], true),
    ];
    for (rules, matter) in table {
        let rules = ReplicationRules { rules, ..ReplicationRules::default() };
        assert_eq!(tags_matter(&rules, "logs/a", Some("AES256")), matter, "{rules:?}");
    }
    let rules = ReplicationRules { rules: vec![tagged()], ..ReplicationRules::default() };
    assert!(!tags_matter(&rules, "logs/a", Some("aws:kms")), "ruled out by its key already");
}

#[test]
fn a_rule_that_excludes_by_tags_depends_on_tags() {
    let excluding = || {
        let except = vec![s3_answers::Exclusion::Tag("team".to_owned(), "a".to_owned())];
        Rule {
            scope: RuleScope { has_filter: true, except, ..RuleScope::default() },
            ..named("except", Rule::to("dst"))
        }
    };
    let with = |pairs: &[(&str, &str)]| {
        let found = tags(pairs);
        absent().rules(vec![excluding()]).with(|c| c.tags = Some(Ok(found)))
    };
    assert_eq!(with(&[]).about("tag-later"), [Unknown], "it may have been excluded when it was written");
    let excluded = with(&[("team", "a")]);
    assert_eq!((excluded.about("rule"), excluded.about("no-rule")), (vec![RuledOut], vec![Holds]));
    assert!(excluded.text("rule").contains("it excludes objects with the tag team=a"));
}
