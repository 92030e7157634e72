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
//! | a lifecycle rule was to remove it at a time that is past, or that can't be read | `unknown` |
//! | the object is a REPLICA too, and may be the same one under another name of its server | `unknown` |
//! | REPLICA, and nothing of this | `in-sync` |
//!
//! The last `unknown` keeps an object from being compared with itself. A source is never REPLICA, so an object with
//! another status can't be the version at the destination.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::wait_mode::WaitMode;
use super::{Comparison, Destination, DestinationVerdict, Expiry, HeadAnswer, NamedBy, ObjectHead, another_version};
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
    /// The time of the check.
    pub now: Timestamp,
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
            destination.expires = there.expiry.and_then(Expiry::at);
            judged
                .and_then(|()| has_not_expired(at, there.expiry, expected.now))
                .and_then(|()| is_another_object(at, source, expected))
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
        StatusClass::NotReplicated => "there is no proof that a replica ever existed: --explain shows possible causes",
        _ if expected.custom_endpoint => "the replica was deleted, or never existed: upload the object again",
        StatusClass::Replicated | StatusClass::Replica | StatusClass::Unknown => {
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

/// A replica that S3 may remove at any moment proves nothing.
fn has_not_expired(at: &ObjectId, expiry: Option<Expiry>, now: Timestamp) -> Result<(), Judged> {
    let Some(why) = expiry.and_then(|expiry| expiry.may_be_over(now)) else { return Ok(()) };
    let message = format!("bucket {} has the version, and a lifecycle rule removes it: {why}", at.bucket);
    no(DestinationVerdict::Unknown, "ReplicaExpires", message, "look at the lifecycle rules of the destination")
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
    let mut proven = source.etag.as_deref().is_some_and(|etag| !etag.is_empty()) && source.etag == there.etag;
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
mod tests;
