//! Checks whether the version at a destination is the replica of an object.
//!
//! A replica has the key, the version ID, the size and the checksums of its source ("What does Amazon S3 replicate?" in
//! the S3 User Guide). Its ETag may differ: that of an object with a KMS key or a customer key, or of a multipart
//! upload, is not a sum of its bytes. Two ETags that are MD5 sums must agree. The answers, in the order in which they
//! win:
//!
//! | at the destination | verdict |
//! |---|---|
//! | 403 | `denied` |
//! | no bucket, or no usable answer | `unknown` |
//! | no such version, or a delete marker | `missing`; `unknown` if it is not known whether it should be there |
//! | another version answers | `unknown` |
//! | the status is COMPLETED, PENDING, FAILED or absent | `not-a-replica` |
//! | a status that S3 does not document | `unknown` |
//! | one of the sizes is missing | `unknown` |
//! | another size, another checksum of the same algorithm and kind, or another MD5 sum as ETag | `differs` |
//! | the `null` version, and neither ETag nor checksum are the same | `unknown` |
//! | the object is a REPLICA too, and may be the same one under another name of its server | `unknown` |
//! | REPLICA, and nothing of this | `in-sync` |
//!
//! The last `unknown` keeps an object from being compared with itself. A source is never REPLICA, so an object with
//! another status can't be the version at the destination.

use std::cmp::Ordering;

use super::wait_mode::WaitMode;
use super::{Comparison, Destination, DestinationVerdict, HeadAnswer, NamedBy, ObjectHead, another_version};
use crate::model::{Failure, FailureKind, ObjectId, StatusClass};

/// What is known of a destination before its answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expectation<'a> {
    /// Why it is not known whether the object should be there at all.
    pub doubt: Option<&'a str>,
    /// The names of buckets and servers show that the destination's version is not the object itself.
    pub apart: bool,
    /// The server of the object is not AWS, so what AWS promises may not hold.
    pub custom_endpoint: bool,
    /// What the run waited for already.
    pub waited: WaitMode,
    pub named_by: NamedBy,
}

/// Judges a destination's answer to HEAD of `at`, which is the object's key and version in the destination bucket.
pub(crate) fn compare(
    at: &ObjectId,
    source: &ObjectHead,
    answer: Result<HeadAnswer, Failure>,
    expected: Expectation<'_>,
) -> Destination {
    let mut destination = Destination::unknown(at.bucket.as_str(), expected.named_by);
    let judged = match answer {
        Err(failure) => Err(unanswered(at, failure)),
        Ok(HeadAnswer::NotFound) => Err(missing(at, source, "has no such version", expected)),
        Ok(HeadAnswer::DeleteMarker { version_id }) => {
            destination.version_id = version_id;
            Err(missing(at, source, "has a delete marker and no such version", expected))
        }
        Ok(HeadAnswer::Object(there)) => {
            destination.replication_status = there.replication_status.raw().map(str::to_owned);
            destination.version_id.clone_from(&there.version_id);
            destination.size = there.size;
            let judged = compare_heads(at, source, &there, &mut destination.compared);
            judged.and_then(|()| is_another_object(at, source, expected))
        }
    };
    match judged {
        Ok(()) => destination.verdict = DestinationVerdict::InSync,
        Err((verdict, why)) => {
            destination.verdict = verdict;
            destination.why = Some(why);
        }
    }
    destination
}

type Judged = (DestinationVerdict, Failure);

fn no(verdict: DestinationVerdict, code: &str, message: String, hint: &str) -> Result<(), Judged> {
    Err((verdict, Failure::new(code, message, Some(hint))))
}

fn unanswered(at: &ObjectId, failure: Failure) -> Judged {
    let bucket = &at.bucket;
    let hint = match (failure.kind, failure.code.as_str()) {
        (FailureKind::Denied, "AccessDenied" | "Forbidden") => format!(
            "a destination needs s3:GetObjectVersion, and s3:ListBucket to show that a version is missing; to use credentials of another account: --destination {bucket},profile=NAME"
        ),
        (FailureKind::NotImplemented | FailureKind::Other, "NoSuchBucket") => {
            format!("if it is on another server, say where: --destination {bucket},endpoint=URL")
        }
        _ => {
            let verdict = verdict_of(failure.kind);
            return (verdict, failure);
        }
    };
    (verdict_of(failure.kind), Failure { hint: Some(hint), ..failure })
}

fn verdict_of(kind: FailureKind) -> DestinationVerdict {
    match kind {
        FailureKind::Denied => DestinationVerdict::Denied,
        FailureKind::NotImplemented | FailureKind::Other => DestinationVerdict::Unknown,
    }
}

fn missing(at: &ObjectId, source: &ObjectHead, what: &str, expected: Expectation<'_>) -> Judged {
    let bucket = &at.bucket;
    if let Some(doubt) = expected.doubt {
        let message = format!("bucket {bucket} {what}, and it is not known whether it should: {doubt}");
        let hint = Some("compare the rules with the object, or look at `replaudit status --explain`");
        return (DestinationVerdict::Unknown, Failure::new("RuleUncertain", message, hint));
    }
    let hint = match source.replication_status.class() {
        StatusClass::Pending => {
            &format!("it is not replicated yet: try again later ({})", expected.waited.for_pending())
        }
        StatusClass::Failed if expected.custom_endpoint => {
            let wait = expected.waited.for_failed();
            &format!("repair the cause, then upload the object again; some servers retry ({wait})")
        }
        StatusClass::Failed => {
            "S3 does not retry: repair the cause, then run S3 Batch Replication or upload the object again"
        }
        _ if expected.custom_endpoint => "the replica was deleted, or never existed: upload the object again",
        StatusClass::Replicated | StatusClass::Replica | StatusClass::NotReplicated | StatusClass::Unknown => {
            "the replica was deleted, or never existed: run S3 Batch Replication; if the replica was deleted by its version ID, upload the object again"
        }
    };
    (DestinationVerdict::Missing, Failure::new("ReplicaMissing", format!("bucket {bucket} {what}"), Some(hint)))
}

/// Two replicas of one version look the same as one replica that was asked twice.
fn is_another_object(at: &ObjectId, source: &ObjectHead, expected: Expectation<'_>) -> Result<(), Judged> {
    let is_replica = source.replication_status.class() == StatusClass::Replica;
    if !is_replica || expected.apart {
        return Ok(());
    }
    let bucket = &at.bucket;
    let message = format!(
        "bucket {bucket} has the version, and it may be the object itself: both are REPLICA, and the server may be the same under another name"
    );
    let hint = "check the source of both instead: its status is not REPLICA, so a replica is never taken for it";
    no(DestinationVerdict::Unknown, "MayBeItself", message, hint)
}

fn compare_heads(
    at: &ObjectId,
    source: &ObjectHead,
    there: &ObjectHead,
    compared: &mut Vec<Comparison>,
) -> Result<(), Judged> {
    use DestinationVerdict::{Differs, NotAReplica, Unknown};
    let bucket = &at.bucket;
    compared.push(Comparison::VersionId);
    if !at.version_id.as_ref().is_some_and(|version| version.is_named_by(there.version_id.as_deref())) {
        return Err((Unknown, another_version(at)));
    }
    compared.push(Comparison::Status);
    match there.replication_status.class() {
        StatusClass::Replica => {}
        StatusClass::Unknown => {
            let message = format!("bucket {bucket} has the version with a status that S3 does not document");
            return no(Unknown, "UnknownStatus", message, "whether it is a replica is not known");
        }
        StatusClass::Replicated | StatusClass::Pending | StatusClass::Failed | StatusClass::NotReplicated => {
            let word = there.replication_status.raw();
            let says = word.map_or_else(|| "no replication status".to_owned(), |word| format!("status {word}"));
            let message = format!("bucket {bucket} has the version with {says}, not REPLICA");
            let hint = "it may be the source of this object, or another program wrote it; PENDING or FAILED can also mean that a metadata change of a replica is being replicated back";
            return no(NotAReplica, "NotAReplica", message, hint);
        }
    }
    let (Some(here), Some(size)) = (source.size, there.size) else {
        let message = format!("bucket {bucket} has the version, and its size can't be compared");
        return no(Unknown, "SizeNotTold", message, "the server does not give the size");
    };
    compared.push(Comparison::Size);
    let differs = |what: String| {
        let message = format!("bucket {bucket} has the version with {what}");
        no(Differs, "ReplicaDiffers", message, "compare both objects before you delete one of them")
    };
    if here != size {
        return differs(format!("{size} bytes, the object has {here}"));
    }
    let mut proven = source.etag.is_some() && source.etag == there.etag;
    if let (Some(ours), Some(theirs)) = (source.plain_md5(), there.plain_md5()) {
        compared.push(Comparison::Etag);
        if ours != theirs {
            return differs(format!("another ETag: {theirs}, the object has {ours}, and both are MD5 sums"));
        }
        proven = true;
    } else if proven {
        compared.push(Comparison::Etag);
    }
    for ours in &source.checksums {
        let same_kind = there.checksums.iter().find(|sum| (sum.algorithm, sum.kind) == (ours.algorithm, ours.kind));
        if same_kind.is_some() && !compared.contains(&Comparison::Checksum) {
            compared.push(Comparison::Checksum);
        }
        match same_kind.map(|theirs| theirs.value.cmp(&ours.value)) {
            None => {}
            Some(Ordering::Equal) => proven = true,
            Some(Ordering::Less | Ordering::Greater) => {
                return differs(format!("another {} checksum", ours.algorithm));
            }
        }
    }
    if !proven && at.version_id.as_ref().is_some_and(|version| version.is_null()) {
        let message =
            format!("bucket {bucket} has a version null, and neither ETag nor checksums show that it is this one");
        let hint = "any upload to a bucket without versioning makes a version null: compare their contents";
        return no(Unknown, "NotUnique", message, hint);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
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
    };

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
                assert_eq!(
                    (judged.verdict, why.map(|why| why.code.as_str())),
                    (*verdict, *code),
                    "{word:?} {answer:?}"
                );
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
            (None, "the replica was deleted, or never existed"),
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
        for word in [Some("FAILED"), Some("COMPLETED"), None] {
            assert!(hint(word, false).contains("S3 Batch Replication"), "{word:?}");
            assert!(!hint(word, true).contains("Batch Replication"), "{word:?}");
            assert!(!hint(word, true).contains("does not retry"), "{word:?}");
        }
    }
}
