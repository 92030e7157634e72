//! The comparison of an object with what a destination answers.

use DestinationVerdict as V;

use super::*;
use crate::model::{ReplicationStatus, VersionId};
use crate::status::{Checksum, ChecksumKind};

fn at(version: &str) -> ObjectId {
    ObjectId::parse("s3://dst/k").unwrap().with_version(VersionId::new(version).unwrap())
}

/// A destination that a rule names, in another bucket of AWS.
const PLAIN: Expectation<'_> = Expectation {
    doubt: None,
    apart: true,
    custom_endpoint: false,
    waited: WaitMode::Off,
    named_by: NamedBy::Rule,
    now: Timestamp::UNIX_EPOCH,
};

#[test]
fn an_expired_replica_proves_nothing() {
    let at_second = |second| Timestamp::from_second(second).unwrap();
    for (now, verdict) in [(999, V::InSync), (1000, V::Unknown)] {
        let found = there(ObjectHead { expiry: Some(Expiry::At(at_second(1000))), ..replica() });
        let expected = Expectation { now: at_second(now), ..PLAIN };
        let judged = compare(&at("v1"), &head(Some("v1"), Some("COMPLETED")), found, expected);
        assert_eq!((judged.verdict, judged.expires), (verdict, Some(at_second(1000))));
    }
}

fn doubtful(doubt: &str) -> Expectation<'_> {
    Expectation { doubt: Some(doubt), ..PLAIN }
}

fn sum(algorithm: &'static str, kind: ChecksumKind, value: &str) -> Checksum {
    Checksum { algorithm, kind, value: value.to_owned() }
}

fn head(version: Option<&str>, word: Option<&str>) -> ObjectHead {
    ObjectHead {
        version_id: version.map(str::to_owned),
        replication_status: ReplicationStatus::of_header(word.unwrap_or_default()),
        etag: Some("e1".to_owned()),
        size: Some(5),
        ..ObjectHead::default()
    }
}

fn replica() -> ObjectHead {
    head(Some("v1"), Some("REPLICA"))
}

fn there(head: ObjectHead) -> Result<HeadAnswer, Failure> {
    Ok(HeadAnswer::Object(Box::new(head)))
}

fn refused(kind: FailureKind, code: &str) -> Result<HeadAnswer, Failure> {
    Err(Failure { kind, ..Failure::new(code, "asking", None) })
}

/// The object's own status x what the destination holds x whether it may be asked.
#[test]
fn every_state_of_a_destination_has_its_verdict() {
    let states: [(Result<HeadAnswer, Failure>, V, Option<&str>); 21] = [
        (there(replica()), V::InSync, None),
        (Ok(HeadAnswer::NotFound), V::Missing, Some("ReplicaMissing")),
        (Ok(HeadAnswer::DeleteMarker { version_id: Some("m".to_owned()) }), V::Missing, Some("ReplicaMissing")),
        (there(head(Some("v1"), Some("COMPLETED"))), V::NotAReplica, Some("NotAReplica")),
        (there(head(Some("v1"), Some("COMPLETE"))), V::NotAReplica, Some("NotAReplica")),
        (there(head(Some("v1"), Some("PENDING"))), V::NotAReplica, Some("NotAReplica")),
        (there(head(Some("v1"), Some("PROCESSING"))), V::NotAReplica, Some("NotAReplica")),
        (there(head(Some("v1"), Some("FAILED"))), V::NotAReplica, Some("NotAReplica")),
        (there(head(Some("v1"), None)), V::NotAReplica, Some("NotAReplica")),
        (there(head(Some("v1"), Some("replica"))), V::Unknown, Some("UnknownStatus")),
        (there(head(Some("v1"), Some("REPLICA "))), V::Unknown, Some("UnknownStatus")),
        (there(head(Some("v2"), Some("REPLICA"))), V::Unknown, Some("VersionMismatch")),
        (there(head(Some("null"), Some("REPLICA"))), V::Unknown, Some("VersionMismatch")),
        (there(head(None, Some("REPLICA"))), V::Unknown, Some("VersionMismatch")),
        (there(ObjectHead { size: Some(4), ..replica() }), V::Differs, Some("ReplicaDiffers")),
        (there(ObjectHead { size: None, ..replica() }), V::Unknown, Some("SizeNotTold")),
        (there(ObjectHead { etag: Some("e2".to_owned()), ..replica() }), V::InSync, None),
        (refused(FailureKind::Denied, "AccessDenied"), V::Denied, Some("AccessDenied")),
        (refused(FailureKind::Denied, "InvalidAccessKeyId"), V::Denied, Some("InvalidAccessKeyId")),
        (refused(FailureKind::Other, "NoSuchBucket"), V::Unknown, Some("NoSuchBucket")),
        (refused(FailureKind::Other, "ConnectionFailed"), V::Unknown, Some("ConnectionFailed")),
    ];
    for word in [Some("COMPLETED"), Some("PENDING"), Some("FAILED"), Some("REPLICA"), None, Some("odd")] {
        for (answer, verdict, code) in &states {
            let judged = compare(&at("v1"), &head(Some("v1"), word), answer.clone(), PLAIN);
            let why = judged.why.as_ref();
            assert_eq!((judged.verdict, why.map(|why| why.code.as_str())), (*verdict, *code), "{word:?} {answer:?}");
            assert_eq!(why.is_none(), judged.verdict == V::InSync);
        }
    }
}

#[test]
fn a_missing_replica_is_unknown_if_the_rule_is_doubtful() {
    for answer in [Ok(HeadAnswer::NotFound), Ok(HeadAnswer::DeleteMarker { version_id: None })] {
        let judged = compare(&at("v1"), &head(Some("v1"), None), answer, doubtful("its tags are not known"));
        assert_eq!(judged.verdict, V::Unknown);
        assert!(judged.why.unwrap().message.contains("its tags are not known"));
    }
    // An existing version is judged in spite of the doubt.
    let judged = |answer| compare(&at("v1"), &head(Some("v1"), None), answer, doubtful("x")).verdict;
    assert_eq!(judged(there(replica())), V::InSync);
    assert_eq!(judged(there(ObjectHead { size: Some(1), ..replica() })), V::Differs);
}

#[test]
fn the_hint_for_a_missing_replica_depends_on_the_status() {
    let table = [
        (Some("PENDING"), "--wait"),
        (Some("FAILED"), "repair the cause"),
        (Some("COMPLETED"), "the replica was deleted, or never existed"),
        (None, "no proof that a replica ever existed"),
    ];
    for (word, says) in table {
        let why = compare(&at("v1"), &head(Some("v1"), word), Ok(HeadAnswer::NotFound), PLAIN).why.unwrap();
        assert!(why.hint.unwrap().contains(says), "{word:?}");
    }
}

#[test]
fn the_hint_suggests_no_option_that_was_not_enough() {
    for (waited, word, given, helps) in [
        (WaitMode::Pending, "PENDING", "--wait", "longer --timeout"),
        (WaitMode::Pending, "FAILED", "--wait ", "--wait-through-failed"),
        (WaitMode::PendingAndFailed, "FAILED", "--wait", "longer --timeout"),
    ] {
        let expected = Expectation { custom_endpoint: true, waited, ..PLAIN };
        let judged = compare(&at("v1"), &head(Some("v1"), Some(word)), Ok(HeadAnswer::NotFound), expected);
        let hint = judged.why.unwrap().hint.unwrap();
        assert!(!hint.contains(given) && hint.contains(helps), "{waited:?} {word}: {hint}");
    }
}

#[test]
fn a_destination_that_is_not_found_has_a_hint() {
    let hint = |answer| compare(&at("v1"), &replica(), answer, PLAIN).why.unwrap().hint.unwrap();
    assert!(hint(refused(FailureKind::Other, "NoSuchBucket")).contains("--destination dst,endpoint=URL"));
    assert!(hint(refused(FailureKind::Denied, "AccessDenied")).contains("s3:GetObjectVersion, and s3:ListBucket"));
}

#[test]
fn checksums_differ_only_where_they_can_be_compared() {
    use ChecksumKind::{Composite, FullObject};
    let whole = |value| vec![sum("SHA256", FullObject, value)];
    let parts = |n, value| vec![sum("SHA256", Composite(n), value)];
    let two = |crc, sha| vec![sum("CRC32", FullObject, crc), sum("SHA256", FullObject, sha)];
    let table = [
        (vec![], vec![], V::InSync),
        (whole("a"), vec![], V::InSync),
        (vec![], whole("a"), V::InSync),
        (whole("a"), whole("a"), V::InSync),
        (whole("a"), whole("b"), V::Differs),
        (parts(2, "a"), parts(2, "a"), V::InSync),
        (parts(2, "a"), parts(2, "b"), V::Differs),
        (parts(2, "a"), parts(3, "b"), V::InSync),
        (parts(2, "a"), whole("b"), V::InSync),
        (whole("a"), vec![sum("CRC32", FullObject, "b")], V::InSync),
        (two("a", "b"), two("a", "c"), V::Differs),
        (two("a", "b"), whole("c"), V::Differs),
        (two("a", "b"), two("a", "b"), V::InSync),
    ];
    for (ours, theirs, verdict) in table {
        // Another ETag proves nothing.
        let source = ObjectHead { checksums: ours, etag: Some("e2".to_owned()), ..replica() };
        let answer = there(ObjectHead { checksums: theirs, ..replica() });
        assert_eq!(compare(&at("v1"), &source, answer.clone(), PLAIN).verdict, verdict, "{source:?} {answer:?}");
    }
}

#[test]
fn the_null_version_is_the_same_only_with_the_same_etag_or_checksum() {
    let sums = |value| vec![sum("SHA256", ChecksumKind::FullObject, value)];
    let etag = |text: &str| Some(text.to_owned());
    // source's ETag and checksums, destination's
    let table = [
        (etag("e1"), vec![], etag("e1"), vec![], V::InSync),
        (etag("e1"), vec![], etag("e2"), vec![], V::Unknown),
        (etag("e1"), vec![], None, vec![], V::Unknown),
        (None, vec![], None, vec![], V::Unknown),
        (etag(""), vec![], etag(""), vec![], V::Unknown),
        (etag("e1"), sums("a"), etag("e2"), sums("a"), V::InSync),
        (etag("e1"), sums("a"), etag("e1"), sums("b"), V::Differs),
        (etag("e1"), sums("a"), etag("e2"), vec![], V::Unknown),
    ];
    for (etag, checksums, their_etag, theirs, verdict) in table {
        for version in [None, Some("null")] {
            let plain = head(version, Some("REPLICA"));
            let source = ObjectHead { etag: etag.clone(), checksums: checksums.clone(), ..plain.clone() };
            let answer = ObjectHead { etag: their_etag.clone(), checksums: theirs.clone(), ..plain };
            let judged = compare(&at("null"), &source, there(answer.clone()), PLAIN);
            assert_eq!(judged.verdict, verdict, "{source:?} {answer:?}");
        }
    }
    let other = compare(&at("null"), &head(None, None), there(replica()), PLAIN);
    assert_eq!(other.verdict, V::Unknown, "a version with an id is not the null version");
}

#[test]
fn etags_differ_only_where_both_are_sums_of_the_bytes() {
    let (one, other) = ("0123456789abcdef0123456789abcdef", "fedcba98765432100123456789abcdef");
    let with = |etag: &str, encryption: &str| ObjectHead {
        etag: Some(etag.to_owned()),
        encryption: Some(encryption.to_owned()),
        ..replica()
    };
    let table = [
        (with(one, ""), with(one, ""), V::InSync, true),
        (with(one, ""), with(&one.to_uppercase(), "AES256"), V::InSync, true),
        (with(one, ""), with(other, ""), V::Differs, true),
        (with(one, "AES256"), with(other, ""), V::Differs, true),
        (with(one, "aws:kms"), with(other, ""), V::InSync, false),
        (with(one, ""), with(other, "aws:kms"), V::InSync, false),
        (with(one, ""), with(other, "aws:kms:dsse"), V::InSync, false),
        (with(one, ""), with(&format!("{other}-2"), ""), V::InSync, false),
        (with(&format!("{one}-2"), ""), with(&format!("{one}-2"), ""), V::InSync, true),
        (with(one, ""), ObjectHead { customer_key: true, ..with(other, "") }, V::InSync, false),
    ];
    for (source, answer, verdict, etag) in table {
        let judged = compare(&at("v1"), &source, there(answer.clone()), PLAIN);
        assert_eq!(judged.verdict, verdict, "{source:?} {answer:?}");
        assert_eq!(judged.compared.contains(&Comparison::Etag), etag, "{source:?} {answer:?}");
    }
}

#[test]
fn a_replica_may_be_itself_unless_the_names_show_that_it_is_not() {
    let unclear = Expectation { apart: false, ..PLAIN };
    let judged = |word, answer, expected| compare(&at("v1"), &head(Some("v1"), word), answer, expected);
    for word in [Some("COMPLETED"), Some("PENDING"), Some("FAILED"), None, Some("odd")] {
        assert_eq!(judged(word, there(replica()), unclear).verdict, V::InSync, "{word:?}: they are two");
    }
    let itself = judged(Some("REPLICA"), there(replica()), unclear);
    assert_eq!((itself.verdict, itself.why.unwrap().code.as_str()), (V::Unknown, "MayBeItself"));
    assert_eq!(judged(Some("REPLICA"), there(replica()), PLAIN).verdict, V::InSync);
    // Another object, or none, is not the object itself.
    for (answer, verdict) in [
        (there(ObjectHead { size: Some(4), ..replica() }), V::Differs),
        (there(head(Some("v1"), Some("COMPLETED"))), V::NotAReplica),
        (Ok(HeadAnswer::NotFound), V::Missing),
    ] {
        assert_eq!(judged(Some("REPLICA"), answer, unclear).verdict, verdict);
    }
}

#[test]
fn comparisons_are_listed_up_to_the_first_difference() {
    use Comparison::{Checksum, Etag, Size, Status, VersionId};
    let compared = |source: ObjectHead, answer| compare(&at("v1"), &source, answer, PLAIN).compared;
    let sums =
        |value| vec![sum("SHA256", ChecksumKind::FullObject, value), sum("CRC32", ChecksumKind::FullObject, "x")];
    let summed = |value| ObjectHead { checksums: sums(value), ..replica() };
    assert_eq!(compared(replica(), Ok(HeadAnswer::NotFound)), []);
    assert_eq!(compared(replica(), there(head(Some("v2"), Some("REPLICA")))), [VersionId]);
    assert_eq!(compared(replica(), there(head(Some("v1"), None))), [VersionId, Status]);
    let shorter = ObjectHead { size: Some(1), ..summed("a") };
    assert_eq!(compared(summed("a"), there(shorter)), [VersionId, Status, Size]);
    let other = ObjectHead { etag: Some("e2".to_owned()), ..replica() };
    assert_eq!(compared(replica(), there(other.clone())), [VersionId, Status, Size]);
    assert_eq!(compared(replica(), there(replica())), [VersionId, Status, Size, Etag]);
    assert_eq!(compared(summed("a"), there(summed("b"))), [VersionId, Status, Size, Etag, Checksum]);
    assert_eq!(compared(summed("a"), there(other)), [VersionId, Status, Size]);
}

#[test]
fn promises_of_aws_are_in_hints_for_aws_only() {
    let hint = |word, custom_endpoint| {
        let expected = Expectation { custom_endpoint, ..PLAIN };
        compare(&at("v1"), &head(Some("v1"), word), Ok(HeadAnswer::NotFound), expected).why.unwrap().hint.unwrap()
    };
    for word in [Some("FAILED"), Some("COMPLETED")] {
        assert!(hint(word, false).contains("S3 Batch Replication"), "{word:?}");
        assert!(!hint(word, true).contains("Batch Replication"), "{word:?}");
        assert!(!hint(word, true).contains("does not retry"), "{word:?}");
    }
}
