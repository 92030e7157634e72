//! Whether what a destination holds is the replica of an object.
//!
//! A replica has the key, the version id, the size and the checksums of its source ("What does Amazon S3 replicate?" in
//! the S3 User Guide). Its ETag may differ: that of an encrypted or a multipart object is no sum of its bytes, so another
//! ETag proves nothing. The answers, in the order in which they win:
//!
//! | at the destination | verdict |
//! |---|---|
//! | 403 | `denied` |
//! | no bucket, or no usable answer | `unknown` |
//! | no such version, or a delete marker | `missing`; `unknown` where it can't be told that it should be there |
//! | another version answers | `unknown` |
//! | the status is COMPLETED, PENDING, FAILED or absent | `not-a-replica` |
//! | a status that S3 does not document | `unknown` |
//! | a size is not told | `unknown` |
//! | another size, or another checksum of the same algorithm and kind | `differs` |
//! | the `null` version, and neither ETag nor checksum are the same | `unknown` |
//! | REPLICA, and nothing of this | `in-sync` |

use std::cmp::Ordering;

use super::{Destination, DestinationVerdict, HeadAnswer, ObjectHead, StatusClass, another_version};
use crate::model::{Failure, FailureKind, ObjectId};

/// Judges the answer that a destination gave to HEAD of `at`: the object's key there, pinned to its version.
///
/// `doubt` says why it is not known whether the object should be there at all.
#[must_use]
pub fn compare(
    at: &ObjectId,
    source: &ObjectHead,
    answer: Result<HeadAnswer, Failure>,
    doubt: Option<&str>,
) -> Destination {
    let mut destination = Destination {
        bucket: at.bucket.as_str().to_owned(),
        region: None,
        verdict: DestinationVerdict::Unknown,
        replication_status: None,
        version_id: None,
        size: None,
        why: None,
    };
    let judged = match answer {
        Err(failure) => Err(unanswered(at, failure)),
        Ok(HeadAnswer::NotFound) => Err(missing(at, source, "has no such version", doubt)),
        Ok(HeadAnswer::DeleteMarker { version_id }) => {
            destination.version_id = version_id;
            Err(missing(at, source, "has a delete marker and no such version", doubt))
        }
        Ok(HeadAnswer::Object(there)) => {
            destination.replication_status.clone_from(&there.replication_status);
            destination.version_id.clone_from(&there.version_id);
            destination.size = there.size;
            compare_heads(at, source, &there)
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

fn unanswered(at: &ObjectId, failure: Failure) -> Judged {
    let bucket = &at.bucket;
    let hint = match (failure.kind, failure.code.as_str()) {
        (FailureKind::Denied, "AccessDenied" | "Forbidden") => format!(
            "a destination needs s3:GetObjectVersion, and s3:ListBucket to tell what is missing from what is forbidden; credentials of another account: --destination {bucket},profile=NAME"
        ),
        (FailureKind::Other, "NoSuchBucket") => {
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
        FailureKind::Other => DestinationVerdict::Unknown,
    }
}

fn missing(at: &ObjectId, source: &ObjectHead, what: &str, doubt: Option<&str>) -> Judged {
    let bucket = &at.bucket;
    if let Some(doubt) = doubt {
        let message = format!("bucket {bucket} {what}, and it can't be told whether it should: {doubt}");
        let hint = Some("compare the rules with the object, or look at `replaudit status --explain`");
        return (DestinationVerdict::Unknown, Failure::new("RuleUncertain", message, hint));
    }
    let hint = match StatusClass::of_header(source.replication_status.as_deref()) {
        StatusClass::Pending => "S3 goes on by itself: try again later, or with --wait",
        StatusClass::Failed => {
            "S3 does not try again: repair the cause, then run S3 Batch Replication or upload it again"
        }
        StatusClass::Replicated | StatusClass::Replica | StatusClass::NotReplicated | StatusClass::Unknown => {
            "deleted there, or never copied: run S3 Batch Replication, or where the replica was deleted by its version id upload it again"
        }
    };
    (DestinationVerdict::Missing, Failure::new("ReplicaMissing", format!("bucket {bucket} {what}"), Some(hint)))
}

fn compare_heads(at: &ObjectId, source: &ObjectHead, there: &ObjectHead) -> Result<(), Judged> {
    use DestinationVerdict::{Differs, NotAReplica, Unknown};
    let bucket = &at.bucket;
    if !at.version_id.as_ref().is_some_and(|version| version.is_named_by(there.version_id.as_deref())) {
        return Err((Unknown, another_version(at)));
    }
    let word = there.replication_status.as_deref();
    match StatusClass::of_header(word) {
        StatusClass::Replica => {}
        StatusClass::Unknown => {
            let message = format!("bucket {bucket} has the version with a status that S3 does not document");
            return Err((
                Unknown,
                Failure::new("UnknownStatus", message, Some("whether it is a replica is not known")),
            ));
        }
        StatusClass::Replicated | StatusClass::Pending | StatusClass::Failed | StatusClass::NotReplicated => {
            let says = word.map_or_else(|| "no replication status".to_owned(), |word| format!("status {word}"));
            return Err((
                NotAReplica,
                Failure::new(
                    "NotAReplica",
                    format!("bucket {bucket} has the version with {says}, not REPLICA"),
                    Some(
                        "it may be the source of this one, or be written by something other than S3 Replication; PENDING or FAILED may also be a change of a replica's metadata on its way back",
                    ),
                ),
            ));
        }
    }
    let (Some(here), Some(size)) = (source.size, there.size) else {
        let message = format!("bucket {bucket} has the version, and its size can't be compared");
        return Err((Unknown, Failure::new("SizeNotTold", message, Some("the server does not tell the size"))));
    };
    let differs = |what: String| {
        let message = format!("bucket {bucket} has the version with {what}");
        (Differs, Failure::new("ReplicaDiffers", message, Some("read both before either of them is deleted")))
    };
    if here != size {
        return Err(differs(format!("{size} bytes, the object has {here}")));
    }
    let mut proven = false;
    for ours in &source.checksums {
        let same_kind = there.checksums.iter().find(|sum| (sum.algorithm, sum.kind) == (ours.algorithm, ours.kind));
        match same_kind.map(|theirs| theirs.value.cmp(&ours.value)) {
            None => {}
            Some(Ordering::Equal) => proven = true,
            Some(Ordering::Less | Ordering::Greater) => {
                return Err(differs(format!("another {} checksum", ours.algorithm)));
            }
        }
    }
    proven |= source.etag.is_some() && source.etag == there.etag;
    if !proven && at.version_id.as_ref().is_some_and(|version| version.is_null()) {
        return Err((
            Unknown,
            Failure::new(
                "NotUnique",
                format!("bucket {bucket} has a version null, and neither ETag nor checksums show that it is this one"),
                Some("any upload to a bucket without versioning makes a version null: compare their contents"),
            ),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use DestinationVerdict as V;

    use super::*;
    use crate::model::VersionId;
    use crate::status::{Checksum, ChecksumKind};

    fn at(version: &str) -> ObjectId {
        ObjectId::parse("s3://dst/k").unwrap().with_version(VersionId::new(version).unwrap())
    }

    fn sum(algorithm: &'static str, kind: ChecksumKind, value: &str) -> Checksum {
        Checksum { algorithm, kind, value: value.to_owned() }
    }

    fn head(version: Option<&str>, word: Option<&str>) -> ObjectHead {
        ObjectHead {
            version_id: version.map(str::to_owned),
            replication_status: word.map(str::to_owned),
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
                let judged = compare(&at("v1"), &head(Some("v1"), word), answer.clone(), None);
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
    fn what_is_missing_where_it_need_not_be_is_unknown() {
        for answer in [Ok(HeadAnswer::NotFound), Ok(HeadAnswer::DeleteMarker { version_id: None })] {
            let judged = compare(&at("v1"), &head(Some("v1"), None), answer, Some("its tags are not known"));
            assert_eq!(judged.verdict, V::Unknown);
            assert!(judged.why.unwrap().message.contains("its tags are not known"));
        }
        // What is there is judged all the same.
        let judged = |answer| compare(&at("v1"), &head(Some("v1"), None), answer, Some("x")).verdict;
        assert_eq!(judged(there(replica())), V::InSync);
        assert_eq!(judged(there(ObjectHead { size: Some(1), ..replica() })), V::Differs);
    }

    #[test]
    fn what_to_do_about_a_missing_one_depends_on_what_s3_still_does() {
        let table = [
            (Some("PENDING"), "--wait"),
            (Some("FAILED"), "repair the cause"),
            (Some("COMPLETED"), "deleted there, or never copied"),
            (None, "deleted there, or never copied"),
        ];
        for (word, says) in table {
            let why = compare(&at("v1"), &head(Some("v1"), word), Ok(HeadAnswer::NotFound), None).why.unwrap();
            assert!(why.hint.unwrap().contains(says), "{word:?}");
        }
    }

    #[test]
    fn a_destination_that_is_not_found_is_looked_for_elsewhere() {
        let hint = |answer| compare(&at("v1"), &replica(), answer, None).why.unwrap().hint.unwrap();
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
            assert_eq!(compare(&at("v1"), &source, answer.clone(), None).verdict, verdict, "{source:?} {answer:?}");
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
                let judged = compare(&at("null"), &source, there(answer.clone()), None);
                assert_eq!(judged.verdict, verdict, "{source:?} {answer:?}");
            }
        }
        let other = compare(&at("null"), &head(None, None), there(replica()), None);
        assert_eq!(other.verdict, V::Unknown, "a version with an id is not the null version");
    }
}
