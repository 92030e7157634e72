use ClaimState::{Holds, Info, RuledOut, Unknown};
use s3_answers::{ReplicationRule, RuleScope};

use super::*;
use crate::model::{FailureKind, ObjectId, ReplicationStatus, VersionId};
use crate::status::{HeadAnswer, ObjectHead, classify};

const NOON: &str = "2026-05-06T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn failure(kind: FailureKind) -> Failure {
    Failure { kind, ..Failure::new("AccessDenied", "S3 answered 403", Some("it needs s3:GetReplicationConfiguration")) }
}

fn named(id: &str, rule: ReplicationRule) -> ReplicationRule {
    ReplicationRule { id: Some(id.to_owned()), ..rule }
}

fn tags(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn scoped(prefix: &str, pairs: &[(&str, &str)]) -> ReplicationRule {
    named(
        "scoped",
        ReplicationRule {
            scope: RuleScope { has_filter: true, prefix: prefix.to_owned(), tags: tags(pairs), ..RuleScope::default() },
            ..ReplicationRule::to("dst")
        },
    )
}

/// An object without a status that one rule is for; each test changes what it is about.
struct Case {
    word: Option<&'static str>,
    rules: Result<Vec<ReplicationRule>, Failure>,
    versioning: Result<Versioning, Failure>,
    tags: Option<Result<Vec<(String, String)>, Failure>>,
    encryption: Option<&'static str>,
    storage_class: &'static str,
    archive_status: Option<&'static str>,
    version_id: Option<&'static str>,
    written: Option<&'static str>,
    custom_endpoint: bool,
    destinations_asked: bool,
    version_deletes: bool,
}

impl Case {
    fn of(word: Option<&'static str>) -> Self {
        Self {
            word,
            rules: Ok(vec![named("all", ReplicationRule::to("dst"))]),
            versioning: Ok(Versioning::Enabled),
            tags: None,
            encryption: Some("AES256"),
            storage_class: "STANDARD",
            archive_status: None,
            version_id: Some("v1"),
            written: Some("2026-05-06T10:00:00Z"),
            custom_endpoint: false,
            destinations_asked: false,
            version_deletes: false,
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn rules(self, rules: Vec<ReplicationRule>) -> Self {
        Self { rules: Ok(rules), ..self }
    }

    fn explained(&self) -> Explanation {
        let head = ObjectHead {
            replication_status: ReplicationStatus::of_header(self.word.unwrap_or_default()),
            storage_class: Some(self.storage_class.to_owned()),
            version_id: self.version_id.map(str::to_owned),
            last_modified: self.written.map(at),
            ..ObjectHead::default()
        };
        self.explained_of(HeadAnswer::Object(Box::new(head)))
    }

    fn explained_of(&self, answer: HeadAnswer) -> Explanation {
        let rules =
            self.rules.clone().map(|rules| ReplicationRules { rules, version_deletes_replicate: self.version_deletes });
        let known = Known {
            rules: &rules,
            versioning: &self.versioning,
            tags: self.tags.as_ref(),
            annotations: None,
            encryption: self.encryption,
            archive_status: self.archive_status,
            custom_endpoint: self.custom_endpoint,
            destinations_asked: self.destinations_asked,
            now: at(NOON),
        };
        explain(&classify(&ObjectId::parse("s3://bucket/logs/a").unwrap(), Ok(answer)), &known)
    }

    /// The states of the claims about one thing.
    fn about(&self, about: &str) -> Vec<ClaimState> {
        self.explained().claims.iter().filter(|claim| claim.about == about).map(|claim| claim.state).collect()
    }

    fn text(&self, about: &str) -> String {
        let found = self.explained().claims.into_iter().find(|claim| claim.about == about);
        found.unwrap_or_else(|| panic!("nothing about {about}")).text
    }
}

fn absent() -> Case {
    Case::of(None)
}

/// One row for each reason that an object has no status, in each state that it can be in.
#[test]
fn every_reason_for_an_absent_status_holds_or_is_ruled_out_or_is_not_known() {
    let denied = || absent().with(|c| c.rules = Err(failure(FailureKind::Denied)));
    let no_rules = || absent().rules(vec![]);
    let elsewhere = || absent().rules(vec![scoped("other/", &[])]);
    let tagged = || absent().rules(vec![scoped("", &[("team", "a")])]);
    let disabled =
        || absent().rules(vec![ReplicationRule { enabled: false, ..named("off", ReplicationRule::to("dst")) }]);
    let kms = |opt_in| {
        absent()
            .rules(vec![named("all", ReplicationRule { kms_opt_in: opt_in, ..ReplicationRule::to("dst") })])
            .with(|c| c.encryption = Some("aws:kms"))
    };
    let untold = || tagged().with(|c| c.tags = Some(Err(failure(FailureKind::Denied))));
    let has = |pairs: &[(&str, &str)]| {
        let pairs = tags(pairs);
        tagged().with(|c| c.tags = Some(Ok(pairs)))
    };
    let versioning = |state| absent().with(|c| c.versioning = state);
    let class = |class| absent().with(|c| c.storage_class = class);
    let table: Vec<(&str, Case, &[ClaimState])> = vec![
        ("no-configuration", no_rules(), &[Holds]),
        ("no-configuration", absent(), &[RuledOut]),
        ("no-configuration", denied(), &[Unknown]),
        ("no-rule", elsewhere(), &[Holds]),
        ("no-rule", has(&[("team", "b")]), &[Holds]),
        ("no-rule", disabled(), &[Holds]),
        ("no-rule", absent(), &[RuledOut]),
        ("no-rule", has(&[("team", "a")]), &[RuledOut]),
        ("no-rule", kms(false), &[RuledOut]),
        ("no-rule", untold(), &[Unknown]),
        ("no-rule", denied(), &[Unknown]),
        ("no-rule", no_rules(), &[]),
        ("before-rule", absent(), &[Unknown]),
        ("before-rule", untold(), &[Unknown]),
        ("before-rule", denied(), &[Unknown]),
        ("before-rule", no_rules(), &[]),
        ("before-rule", elsewhere(), &[]),
        ("rule-disabled", disabled(), &[Holds]),
        ("rule-disabled", elsewhere(), &[RuledOut]),
        ("rule-disabled", absent(), &[Unknown]),
        ("rule-disabled", denied(), &[Unknown]),
        ("tag-later", has(&[("team", "a")]), &[Unknown]),
        ("tag-later", untold(), &[Unknown]),
        ("tag-later", denied(), &[Unknown]),
        ("tag-later", has(&[("team", "b")]), &[RuledOut]),
        ("tag-later", absent(), &[RuledOut]),
        ("kms", kms(false), &[Holds]),
        ("kms", kms(true), &[RuledOut]),
        (
            "kms",
            kms(false).with(|c| {
                let opted = ReplicationRule { kms_opt_in: true, ..scoped("", &[("team", "a")]) };
                c.rules = Ok(vec![named("all", ReplicationRule::to("other")), opted]);
            }),
            &[Unknown],
        ),
        ("kms", absent(), &[RuledOut]),
        ("kms", absent().with(|c| c.encryption = Some("")), &[RuledOut]),
        ("kms", absent().with(|c| c.encryption = Some("aws:new")), &[Unknown]),
        ("kms", denied(), &[RuledOut]),
        ("kms", denied().with(|c| c.encryption = Some("aws:kms:dsse")), &[Unknown]),
        ("kms", elsewhere().with(|c| c.encryption = Some("aws:kms")), &[]),
        ("versioning", versioning(Ok(Versioning::Never)), &[Holds]),
        ("versioning", versioning(Ok(Versioning::Suspended)), &[Holds]),
        ("versioning", absent().with(|c| c.version_id = Some("null")), &[Holds]),
        ("versioning", absent(), &[RuledOut]),
        ("versioning", absent().with(|c| c.version_id = None), &[Unknown]),
        ("versioning", versioning(Err(failure(FailureKind::Denied))), &[Unknown]),
        ("archive", class("GLACIER"), &[Holds]),
        ("archive", class("DEEP_ARCHIVE"), &[Holds]),
        ("archive", class("INTELLIGENT_TIERING").with(|c| c.archive_status = Some("ARCHIVE_ACCESS")), &[Holds]),
        ("archive", class("INTELLIGENT_TIERING"), &[RuledOut]),
        ("archive", class("GLACIER_IR"), &[RuledOut]),
        ("replica", absent(), &[RuledOut]),
        ("owner", absent(), &[Unknown]),
        ("server", absent(), &[]),
        ("server", absent().with(|c| c.custom_endpoint = true), &[Unknown]),
        ("next", absent(), &[Info]),
    ];
    for (row, (about, case, states)) in table.iter().enumerate() {
        assert_eq!(case.about(about), *states, "row {row}: {about} of {:#?}", case.explained());
    }
}

#[test]
fn reasons_that_hold_come_before_those_that_are_not_known_and_what_to_do_comes_last() {
    let case = absent().rules(vec![scoped("other/", &[])]).with(|c| c.storage_class = "GLACIER");
    let claims = case.explained().claims;
    let reasons: Vec<ClaimState> =
        claims.iter().filter(|c| !["rule", "delete-markers", "next"].contains(&c.about)).map(|c| c.state).collect();
    assert!(reasons.is_sorted_by_key(|state| [Holds, Unknown, RuledOut].iter().position(|s| s == state)), "{claims:?}");
    assert_eq!(claims.last().map(|claim| claim.about), Some("next"));
    assert!(case.text("next").contains("restore it"), "Batch Replication can't take it: {claims:?}");
    assert!(absent().text("next").contains("filter ObjectReplicationStatuses NONE"));
    assert!(absent().rules(vec![]).text("next").contains("give the bucket a replication configuration"));
}

#[test]
fn rules_are_named_with_what_makes_them_apply_or_not() {
    let to = |rule: ReplicationRule| ReplicationRule {
        time_control_minutes: Some(15),
        destination: s3_answers::RuleDestination {
            account: Some("111122223333".into()),
            storage_class: Some("STANDARD_IA".into()),
            ..rule.destination.clone()
        },
        ..rule
    };
    let high = ReplicationRule { priority: Some(9), ..named("high", ReplicationRule::to("dst")) };
    let low = || named("low", ReplicationRule::to("dst"));
    let table: Vec<(Case, &[(ClaimState, &str)])> = vec![
        (absent().rules(vec![]), &[(Info, "the bucket has no replication configuration today")]),
        (absent(), &[(Holds, "rule \"all\" applies today: every key to bucket dst")]),
        (
            absent().rules(vec![to(scoped("logs/", &[]))]),
            &[(
                Holds,
                "rule \"scoped\" applies today: keys that begin with \"logs/\" to bucket dst of account 111122223333 as STANDARD_IA, within 15 minutes by Replication Time Control",
            )],
        ),
        (
            absent().rules(vec![ReplicationRule::to("dst")]),
            &[(Holds, "the rule without ID to bucket dst applies today: every key to bucket dst")],
        ),
        (
            absent()
                .rules(vec![scoped("", &[("a", "1"), ("b", "2")])])
                .with(|c| c.tags = Some(Ok(tags(&[("a", "1")])))),
            &[(RuledOut, "rule \"scoped\" does not apply: the object does not have the tags a=1 and b=2")],
        ),
        (
            absent().rules(vec![scoped("", &[("a", "1")])]).with(|c| c.tags = Some(Err(failure(FailureKind::Denied)))),
            &[(
                Unknown,
                "rule \"scoped\" may apply: it goes by the tag a=1, and the object's tags are not known: S3 answered 403; it needs s3:GetReplicationConfiguration",
            )],
        ),
        (
            absent().rules(vec![scoped("x/", &[])]),
            &[(RuledOut, "rule \"scoped\" does not apply: it is for keys that begin with \"x/\"")],
        ),
        (
            absent().rules(vec![ReplicationRule { enabled: false, ..low() }]),
            &[(RuledOut, "rule \"low\" does not apply: it is disabled")],
        ),
        (
            absent().rules(vec![low(), high.clone()]),
            &[
                (Holds, "rule \"high\" applies today: every key to bucket dst"),
                (
                    RuledOut,
                    "rule \"low\" does not apply: rule \"high\" has the same destination and comes first by priority",
                ),
            ],
        ),
        (
            absent().with(|c| c.encryption = Some("aws:kms")),
            &[(
                RuledOut,
                "rule \"all\" does not apply: the object is encrypted with a KMS key (aws:kms), and the rule does not opt in to those (SseKmsEncryptedObjects)",
            )],
        ),
        (
            absent()
                .rules(vec![high, ReplicationRule { kms_opt_in: true, ..low() }])
                .with(|c| c.encryption = Some("aws:kms")),
            &[
                (
                    Unknown,
                    "rule \"low\" may apply: one with the same destination and a higher priority does not opt in to KMS keys, and S3 does not document which of the two counts",
                ),
                (
                    RuledOut,
                    "rule \"high\" does not apply: the object is encrypted with a KMS key (aws:kms), and the rule does not opt in to those (SseKmsEncryptedObjects)",
                ),
            ],
        ),
        (
            absent().with(|c| c.encryption = Some("aws:new")),
            &[(
                Unknown,
                "rule \"all\" may apply: it takes no objects encrypted with KMS keys, and how this one is encrypted is not known",
            )],
        ),
        (
            absent().with(|c| c.rules = Err(failure(FailureKind::Denied))),
            &[(Unknown, "which rule applies is not known: S3 answered 403; it needs s3:GetReplicationConfiguration")],
        ),
    ];
    for (case, expected) in table {
        let claims = case.explained().claims;
        let found: Vec<(ClaimState, &str)> =
            claims.iter().filter(|c| c.about == "rule").map(|c| (c.state, c.text.as_str())).collect();
        assert_eq!(found, expected);
    }
    let many = (0..1000)
        .map(|n| named(&format!("r{n}"), ReplicationRule { enabled: false, ..ReplicationRule::to("dst") }))
        .collect();
    let many = absent().rules(many);
    assert_eq!(many.about("rule").len(), 9);
    assert_eq!(many.explained().claims[8].text, "992 more rules do not apply");
}

#[test]
fn the_rule_reported_is_the_one_with_the_highest_priority() {
    let at = |id: &str, priority, to: &str| ReplicationRule {
        priority: Some(priority),
        ..named(id, ReplicationRule::to(to))
    };
    let table = [
        (absent().rules(vec![at("a", 1, "x"), at("b", 2, "y")]), Some("b")),
        (absent().rules(vec![at("a", 1, "x"), at("b", 2, "x")]), Some("b")),
        (absent().rules(vec![ReplicationRule::to("dst")]), None),
        (absent().rules(vec![]), None),
        (absent().rules(vec![scoped("", &[("team", "a")])]), None),
        (Case::of(Some("COMPLETED")), Some("all")),
        (Case::of(Some("REPLICA")), None),
        (Case::of(Some("COMPLETED")).with(|c| c.rules = Err(failure(FailureKind::Denied))), None),
    ];
    for (case, rule) in table {
        assert_eq!(case.explained().rule.as_deref(), rule);
    }
}

#[test]
fn delete_markers_travel_or_stay_by_the_rules_for_this_key() {
    let carrying = |prefix: &str| ReplicationRule { delete_marker_replication: true, ..scoped(prefix, &[]) };
    let v1 = ReplicationRule { scope: RuleScope::default(), ..named("v1", ReplicationRule::to("dst")) };
    let table = [
        (absent(), "stays in this bucket"),
        (absent().rules(vec![]), "stays in this bucket"),
        (absent().rules(vec![carrying("other/")]), "stays in this bucket"),
        (absent().rules(vec![ReplicationRule { enabled: false, ..carrying("") }]), "stays in this bucket"),
        (absent().rules(vec![carrying("logs/")]), "can travel to bucket dst: rule \"scoped\" replicates them"),
        (absent().rules(vec![v1]), "rule \"v1\" has no Filter, and such rules replicate them"),
    ];
    for (case, text) in table {
        assert!(case.text("delete-markers").contains(text), "{text}: {:?}", case.explained());
    }
    assert_eq!(absent().about("version-deletes"), []);
    assert_eq!(absent().with(|c| c.version_deletes = true).about("version-deletes"), [Info]);
    assert_eq!(absent().with(|c| c.rules = Err(failure(FailureKind::Denied))).about("delete-markers"), []);
}

#[test]
fn completed_is_called_history() {
    let case = Case::of(Some("COMPLETED"));
    assert!(case.text("history").contains("nothing about rules added or changed later"));
    assert!(case.text("proof").contains("--verify-replica"));
    let asked = Case::of(Some("COMPLETED")).with(|c| c.destinations_asked = true);
    assert!(!asked.text("proof").contains("--verify-replica"), "that is what was given");
    assert_eq!(case.about("before-rule"), [], "that it was attempted is known");
}

#[test]
fn pending_says_how_long_and_whether_that_is_late() {
    let timed = || named("rtc", ReplicationRule { time_control_minutes: Some(15), ..ReplicationRule::to("dst") });
    let pending =
        |rule: ReplicationRule, written| Case::of(Some("PENDING")).rules(vec![rule]).with(|c| c.written = written);
    let plain = || ReplicationRule::to("dst");
    let table = [
        (pending(timed(), Some("2026-05-06T11:44:59Z")), "pending for at most 15 min", Holds),
        (pending(timed(), Some("2026-05-06T11:45:00Z")), "pending for at most 15 min", RuledOut),
        (pending(timed(), Some("2026-05-06T11:59:30Z")), "pending for at most 30 s", RuledOut),
        (pending(timed(), Some("2026-05-06T12:00:10Z")), "in the future", Unknown),
        (pending(timed(), None), "no Last-Modified", Unknown),
        (pending(plain(), Some("2026-05-03T10:00:00Z")), "pending for at most 3 d 2 h", Unknown),
    ];
    for (case, text, late) in table {
        assert!(case.text("waiting").contains(text), "{text}: {:?}", case.explained());
        assert_eq!(case.about("late"), [late], "{text}");
    }
    assert_eq!(pending(plain(), None).about("no-rule"), []);
    assert_eq!(pending(scoped("other/", &[]), None).about("no-rule"), [Holds], "nobody may be at it");
    let sync = ReplicationRule { replica_modifications: true, ..plain() };
    assert_eq!(pending(sync, None).about("role"), [Unknown]);
    assert_eq!(pending(plain(), None).about("role"), []);
    assert_eq!(Case::of(Some("PROCESSING")).about("word"), [Info]);
}

#[test]
fn failed_names_causes_and_the_repair() {
    let case = Case::of(Some("FAILED"));
    for cause in ["role", "KMS", "bucket policy", "versioning"] {
        assert!(case.text("cause").contains(cause), "{cause}");
    }
    assert_eq!(case.about("cause"), [Unknown], "HEAD does not name it");
    assert!(case.text("next").contains("upload the object again"));
    assert!(case.text("next").contains("ObjectReplicationStatuses FAILED"));
    assert_eq!(case.about("destination"), []);
    let two = case.rules(vec![ReplicationRule::to("a"), ReplicationRule::to("b")]);
    assert_eq!(two.about("destination"), [Unknown]);
}

#[test]
fn a_replica_is_the_copy_and_no_rule_is_about_it() {
    let case = Case::of(Some("REPLICA"));
    assert_eq!((case.about("copy"), case.about("rule")), (vec![Holds], vec![]));
    assert!(case.text("copy").contains("may be the last one"));
    let denied = Case::of(Some("REPLICA")).with(|c| c.rules = Err(failure(FailureKind::Denied)));
    assert_eq!(denied.about("rule"), [Unknown]);
}

#[test]
fn other_words_and_markers_prove_nothing() {
    assert_eq!(Case::of(Some("odd")).about("word"), [Unknown]);
    let marker = absent().explained_of(HeadAnswer::DeleteMarker { version_id: Some("m".into()) });
    let about: Vec<(&str, ClaimState)> = marker.claims.iter().map(|c| (c.about, c.state)).collect();
    assert_eq!(about, [("marker", Unknown), ("delete-markers", Info)]);
    assert_eq!(marker.rule, None);
    assert_eq!(absent().explained_of(HeadAnswer::NotFound), Explanation::default());
}

#[test]
fn another_version_that_answered_is_not_explained() {
    let object = ObjectId::parse("s3://bucket/k").unwrap().with_version(VersionId::new("v1").unwrap());
    let status = classify(&object, Ok(HeadAnswer::Object(Box::default())));
    let rules = Ok(ReplicationRules::default());
    let known = Known {
        rules: &rules,
        versioning: &Ok(Versioning::Enabled),
        tags: None,
        annotations: None,
        encryption: None,
        archive_status: None,
        custom_endpoint: false,
        destinations_asked: false,
        now: at(NOON),
    };
    assert_eq!(explain(&status, &known), Explanation::default());
}

#[test]
fn tags_are_worth_a_request_only_where_they_decide() {
    let tagged = || scoped("logs/", &[("team", "a")]);
    let table = [
        (vec![], false),
        (vec![ReplicationRule::to("dst")], false),
        (vec![tagged()], true),
        (vec![ReplicationRule { enabled: false, ..tagged() }], false),
        (vec![scoped("other/", &[("team", "a")])], false),
        (vec![ReplicationRule { priority: Some(0), ..tagged() }, ReplicationRule::to("dst")], false),
        (vec![ReplicationRule { priority: Some(9), ..tagged() }, ReplicationRule::to("dst")], true),
        (vec![tagged(), ReplicationRule::to("other")], true),
    ];
    for (rules, matter) in table {
        let rules = ReplicationRules { rules, ..ReplicationRules::default() };
        assert_eq!(tags_matter(&rules, "logs/a", Some("AES256")), matter, "{rules:?}");
    }
    let rules = ReplicationRules { rules: vec![tagged()], ..ReplicationRules::default() };
    assert!(!tags_matter(&rules, "logs/a", Some("aws:kms")), "ruled out by its key already");
}

/// Sentences that are true of AWS because it says so, and of another server only if it does the same.
#[test]
fn what_amazon_promises_is_said_of_amazon_alone() {
    const AWS: [&str; 12] = [
        "does not try again",
        "Batch Replication",
        "takes no objects that are there already",
        "not picked up later",
        "does not notice tags",
        "CloudWatch",
        "does not travel on",
        "by lifecycle rules never",
        "less than 15 minutes",
        "does not replicate out of",
        "without your help",
        "must be there when",
    ];
    let tagged = || scoped("", &[("team", "a")]);
    let cases = || {
        let mut cases = vec![
            absent(),
            absent().rules(vec![tagged()]).with(|c| c.tags = Some(Ok(tags(&[("team", "a")])))),
            absent().rules(vec![]),
            absent().with(|c| c.rules = Err(failure(FailureKind::Denied))),
            absent().with(|c| c.storage_class = "GLACIER"),
            absent().with(|c| c.archive_status = Some("ARCHIVE_ACCESS")),
        ];
        cases.extend(
            ["COMPLETED", "PENDING", "PROCESSING", "FAILED", "REPLICA", "odd"].map(|word| Case::of(Some(word))),
        );
        cases
    };
    let said = |custom_endpoint: bool| {
        let mut texts = String::new();
        for case in cases() {
            let case = case.with(|c| c.custom_endpoint = custom_endpoint);
            let marker = case.explained_of(HeadAnswer::DeleteMarker { version_id: None });
            case.explained().claims.into_iter().chain(marker.claims).for_each(|claim| texts += &(claim.text + "\n"));
        }
        texts
    };
    let (aws, other) = (said(false), said(true));
    for sentence in AWS {
        assert!(aws.contains(sentence), "{sentence}: {aws}");
        assert!(!other.contains(sentence), "{sentence}: {other}");
    }
}

#[test]
fn a_rule_that_excludes_by_tags_goes_by_tags() {
    let excluding = || {
        let except = vec![s3_answers::Exclusion::Tag("team".to_owned(), "a".to_owned())];
        ReplicationRule {
            scope: RuleScope { has_filter: true, except, ..RuleScope::default() },
            ..named("except", ReplicationRule::to("dst"))
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
