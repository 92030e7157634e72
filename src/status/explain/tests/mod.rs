use ClaimState::{Holds, Info, RuledOut, Unknown};
use jiff::Timestamp;
use s3_answers::{ReplicationRule as Rule, RuleScope, Versioning};

mod absent;
mod rules;

use super::*;
use crate::model::{Failure, FailureKind, ObjectId, ReplicationStatus, VersionId};
use crate::status::{HeadAnswer, ObjectHead, classify};

const NOON: &str = "2026-05-06T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn refused() -> Failure {
    Failure {
        kind: FailureKind::Denied,
        ..Failure::new("AccessDenied", "S3 answered 403", Some("it needs s3:GetReplicationConfiguration"))
    }
}

fn named(id: &str, rule: Rule) -> Rule {
    Rule { id: Some(id.to_owned()), ..rule }
}

fn tags(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn scoped(prefix: &str, pairs: &[(&str, &str)]) -> Rule {
    named(
        "scoped",
        Rule {
            scope: RuleScope { has_filter: true, prefix: prefix.to_owned(), tags: tags(pairs), ..RuleScope::default() },
            ..Rule::to("dst")
        },
    )
}

/// An object without a status that one rule is for; each test changes what it is about.
struct Explained {
    head: ObjectHead,
    rules: Result<Vec<Rule>, Failure>,
    versioning: Result<Versioning, Failure>,
    tags: Option<Result<Vec<(String, String)>, Failure>>,
    custom_endpoint: bool,
    destinations_asked: bool,
    version_deletes: bool,
}

impl Explained {
    fn of(word: Option<&'static str>) -> Self {
        Self {
            head: ObjectHead {
                replication_status: ReplicationStatus::of_header(word.unwrap_or_default()),
                encryption: Some("AES256".to_owned()),
                storage_class: Some("STANDARD".to_owned()),
                version_id: Some("v1".to_owned()),
                last_modified: Some(at("2026-05-06T10:00:00Z")),
                ..ObjectHead::default()
            },
            rules: Ok(vec![named("all", Rule::to("dst"))]),
            versioning: Ok(Versioning::Enabled),
            tags: None,
            custom_endpoint: false,
            destinations_asked: false,
            version_deletes: false,
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn rules(self, rules: Vec<Rule>) -> Self {
        Self { rules: Ok(rules), ..self }
    }

    fn explained(&self) -> Explanation {
        self.explained_of(HeadAnswer::Object(Box::new(self.head.clone())))
    }

    fn explained_of(&self, answer: HeadAnswer) -> Explanation {
        self.explained_status(&classify(&ObjectId::parse("s3://bucket/logs/a").unwrap(), Ok(answer)))
    }

    fn explained_status(&self, status: &ObjectStatus) -> Explanation {
        let rules = self.rules.clone().map(|rules| ReplicationRules {
            rules,
            version_deletes_replicate: self.version_deletes,
            role: None,
        });
        let known = ExplanationFacts {
            rules: &rules,
            versioning: &self.versioning,
            tags: self.tags.as_ref(),
            annotations: None,
            encryption: self.head.encryption.as_deref(),
            archive_status: self.head.archive_status.as_deref(),
            custom_endpoint: self.custom_endpoint,
            destinations_asked: self.destinations_asked,
            waited: crate::status::WaitMode::Off,
            now: at(NOON),
        };
        explain(status, &known)
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

fn absent() -> Explained {
    Explained::of(None)
}

#[test]
fn completed_describes_the_past() {
    let case = Explained::of(Some("COMPLETED"));
    assert!(case.text("history").contains("nothing about rules added or changed later"));
    assert!(case.text("proof").contains("--verify-replica"));
    let asked = Explained::of(Some("COMPLETED")).with(|c| c.destinations_asked = true);
    assert!(!asked.text("proof").contains("--verify-replica"), "that is what was given");
    assert_eq!(case.about("before-rule"), [], "that it was attempted is known");
}

#[test]
fn pending_says_how_long_and_whether_that_is_late() {
    let timed = || named("rtc", Rule { time_control_minutes: Some(15), ..Rule::to("dst") });
    let pending = |rule: Rule, written: Option<&str>| {
        Explained::of(Some("PENDING")).rules(vec![rule]).with(|c| c.head.last_modified = written.map(at))
    };
    let plain = || Rule::to("dst");
    let table = [
        (pending(timed(), Some("2026-05-06T11:44:59Z")), "pending for at most 15 min:", Unknown),
        (pending(timed(), Some("2026-05-06T11:45:00Z")), "pending for at most 15 min:", RuledOut),
        (pending(timed(), Some("2026-05-06T11:59:30Z")), "pending for at most 30 s:", RuledOut),
        (pending(timed(), Some("2026-05-06T12:00:10Z")), "in the future", Unknown),
        (pending(timed(), None), "no Last-Modified", Unknown),
        (pending(plain(), Some("2026-05-03T10:00:00Z")), "pending for at most 3 d 2 h:", Unknown),
    ];
    for (case, text, late) in table {
        assert!(case.text("waiting").contains(text), "{text}: {:?}", case.explained());
        assert_eq!(case.about("late"), [late], "{text}");
    }
    assert_eq!(pending(plain(), None).about("no-rule"), []);
    assert_eq!(pending(scoped("other/", &[]), None).about("no-rule"), [Holds], "no rule may apply");
    let sync = Rule { replica_modifications: true, ..plain() };
    assert_eq!(pending(sync, None).about("role"), [Unknown]);
    assert_eq!(pending(plain(), None).about("role"), []);
    assert_eq!(Explained::of(Some("PROCESSING")).about("word"), [Info]);
}

#[test]
fn failed_names_causes_and_the_repair() {
    let case = Explained::of(Some("FAILED"));
    for cause in ["role", "KMS", "bucket policy", "versioning"] {
        assert!(case.text("cause").contains(cause), "{cause}");
    }
    assert_eq!(case.about("cause"), [Unknown], "HEAD does not name it");
    assert!(case.text("next").contains("upload the object again"));
    assert!(case.text("next").contains("ObjectReplicationStatuses FAILED"));
    assert_eq!(case.about("destination"), []);
    let two = case.rules(vec![Rule::to("a"), Rule::to("b")]);
    assert_eq!(two.about("destination"), [Unknown]);
}

#[test]
fn a_replica_is_the_copy_and_no_rule_is_about_it() {
    let case = Explained::of(Some("REPLICA"));
    assert_eq!((case.about("copy"), case.about("rule")), (vec![Holds], vec![]));
    assert!(case.text("copy").contains("may be the last copy"));
    let denied = Explained::of(Some("REPLICA")).with(|c| c.rules = Err(refused()));
    assert_eq!(denied.about("rule"), [Unknown]);
}

#[test]
fn other_words_and_markers_prove_nothing() {
    assert_eq!(Explained::of(Some("odd")).about("word"), [Unknown]);
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
    assert_eq!(absent().explained_status(&status), Explanation::default());
}

/// These sentences are true of AWS because its documentation says so.
#[test]
fn promises_of_aws_are_shown_for_aws_only() {
    const AWS: [&str; 13] = [
        "does not retry",
        "Batch Replication",
        "does not apply to existing objects",
        "does not replicate objects later",
        "ignores tags",
        "CloudWatch",
        "does not replicate a replica further",
        "never replicates markers",
        "less than 15 minutes",
        "does not replicate objects of that class",
        "does not replicate objects in archive tiers",
        "S3 continues",
        "must be there when",
    ];
    let tagged = || scoped("", &[("team", "a")]);
    let cases = || {
        let mut cases = vec![
            absent(),
            absent().rules(vec![tagged()]).with(|c| c.tags = Some(Ok(tags(&[("team", "a")])))),
            absent().rules(vec![]),
            absent().with(|c| c.rules = Err(refused())),
            absent().with(|c| c.head.storage_class = Some("GLACIER".into())),
            absent().with(|c| c.head.archive_status = Some("ARCHIVE_ACCESS".into())),
        ];
        cases.extend(
            ["COMPLETED", "PENDING", "PROCESSING", "FAILED", "REPLICA", "odd"].map(|word| Explained::of(Some(word))),
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
