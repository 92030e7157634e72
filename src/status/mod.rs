//! What S3's replication status says about one object, and what it does not.
//!
//! Words are compared byte for byte; a word that is not known is never good news. The meanings are those of "Getting
//! replication status information" in the S3 User Guide; PROCESSING and COMPLETE come from other servers.

mod destination;
mod explain;
mod head;
mod properties;

pub use explain::{Claim, ClaimState, Explanation, Known, explain, tags_matter};
pub use properties::{Expiration, Properties, Restore};
mod places;
mod replica;
mod verified;

pub use destination::{Comparison, Destination, DestinationVerdict, NamedBy, covers};
pub use head::{Checksum, ChecksumKind, HeadAnswer, ObjectHead, another_version, still_listed};
pub use places::{DestinationOption, Place, are_apart, places, same_endpoint};
pub use replica::{Expectation, compare};
pub use verified::{add_destinations, exit_of_object, not_verified};

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::exit::ExitStatus;
use crate::model::{Failure, FailureKind, ObjectId, ReplicationStatus, StatusClass};

/// The answer for one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// COMPLETED, COMPLETE: every destination that applied when it was written has had it.
    Replicated,
    /// PENDING, PROCESSING: not yet on every destination.
    Pending,
    /// FAILED: at least one destination refused; S3 does not try again.
    Failed,
    /// REPLICA: this is the copy, made by S3.
    Replica,
    /// No status: not eligible, or never attempted.
    NotReplicated,
    /// A word that S3 does not document.
    UnknownStatus,
    /// The current version, or the named one, is a delete marker.
    DeleteMarker,
    /// The bucket exists and has no such key or version.
    NotFound,
    /// S3 refused to say (403).
    Denied,
    /// No usable answer.
    Error,
}

impl Verdict {
    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Replicated => "replicated",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Replica => "replica",
            Self::NotReplicated => "not-replicated",
            Self::UnknownStatus => "unknown-status",
            Self::DeleteMarker => "delete-marker",
            Self::NotFound => "not-found",
            Self::Denied => "denied",
            Self::Error => "error",
        }
    }

    /// One sentence on what it means, for a person. What only AWS promises is not said of another server.
    #[must_use]
    pub fn meaning(self, custom_endpoint: bool) -> Option<&'static str> {
        match self {
            Self::Replicated => None,
            Self::Pending if custom_endpoint => Some("not yet on every destination (--wait waits for it)"),
            Self::Pending => Some("not yet on every destination; S3 continues without your help (--wait waits for it)"),
            Self::Failed if custom_endpoint => Some(
                "at least one destination refused it: repair the cause, then upload it again; some servers retry by themselves (--wait --wait-through-failed)",
            ),
            Self::Failed => Some(
                "at least one destination refused it and S3 does not try again: repair the cause, then run S3 Batch Replication or upload it again",
            ),
            Self::Replica => Some(
                "this is the copy that S3 made, not the source: deleting it may remove the last one (--accept-replica counts it as replicated)",
            ),
            Self::NotReplicated if custom_endpoint => {
                Some("not replicated: S3 gives no status; some servers never give one")
            }
            Self::NotReplicated => Some(
                "not replicated: S3 gives no status; no rule applied when it was written, or it was written before the rule",
            ),
            Self::UnknownStatus => Some("S3 does not document this status, so it proves nothing"),
            Self::DeleteMarker => Some("a delete marker is here, not an object"),
            Self::NotFound => Some("the bucket has no such key or version"),
            Self::Denied | Self::Error => None,
        }
    }
}

impl From<StatusClass> for Verdict {
    fn from(class: StatusClass) -> Self {
        match class {
            StatusClass::Replicated => Self::Replicated,
            StatusClass::Pending => Self::Pending,
            StatusClass::Failed => Self::Failed,
            StatusClass::Replica => Self::Replica,
            StatusClass::NotReplicated => Self::NotReplicated,
            StatusClass::Unknown => Self::UnknownStatus,
        }
    }
}

/// The answer for one object as it is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ObjectStatus {
    /// The bucket asked.
    pub bucket: String,
    /// The key, exactly.
    pub key: String,
    /// The version that answered, else the one asked for.
    pub version_id: Option<String>,
    /// S3's word, raw; `None` when the header was absent.
    #[schemars(with = "Option<String>")]
    pub replication_status: ReplicationStatus,
    /// What it means.
    pub verdict: Verdict,
    /// Bytes.
    pub size: Option<u64>,
    /// Without quotes.
    pub etag: Option<String>,
    /// When the version was written.
    pub last_modified: Option<Timestamp>,
    /// STANDARD where S3 leaves the header out.
    pub storage_class: Option<String>,
    /// `None` when no answer told.
    pub delete_marker: Option<bool>,
    /// Why there is no answer.
    pub error: Option<Failure>,
    /// The rule that applies, where the configuration was read.
    pub rule: Option<String>,
    /// What each destination answered, where they were asked.
    pub destinations: Vec<Destination>,
    /// The server that answered is not AWS: what AWS promises is not said of it.
    #[serde(skip)]
    pub custom_endpoint: bool,
    /// Why the status is what it is, where `--explain` asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Vec<Claim>>,
    /// Everything else that HEAD told, where it was asked for: shown to people, in no other format.
    #[serde(skip)]
    pub properties: Option<Box<Properties>>,
}

/// Counts over the objects of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct StatusSummary {
    /// Objects answered or tried.
    pub objects: u64,
    /// Objects per verdict.
    pub by: BTreeMap<&'static str, u64>,
    /// Answers of destinations per verdict, for people; json has them at each object.
    #[serde(skip)]
    pub replicas: BTreeMap<&'static str, u64>,
    /// The exit code.
    pub exit: u8,
}

impl StatusSummary {
    /// Counts one more object.
    pub fn count(&mut self, verdict: Verdict) {
        self.objects += 1;
        *self.by.entry(verdict.word()).or_default() += 1;
    }

    /// Counts what its destinations answered.
    pub fn count_destinations(&mut self, destinations: &[Destination]) {
        for to in destinations {
            *self.replicas.entry(to.verdict.word()).or_default() += 1;
        }
    }
}

/// What one verdict makes of the exit status: 0 only for what is proven replicated.
#[must_use]
pub fn exit_of(verdict: Verdict, accept_replica: bool) -> ExitStatus {
    match verdict {
        Verdict::Replicated => ExitStatus::Yes,
        Verdict::Replica if accept_replica => ExitStatus::Yes,
        Verdict::Denied | Verdict::Error => ExitStatus::Unknown,
        Verdict::Pending
        | Verdict::Failed
        | Verdict::Replica
        | Verdict::NotReplicated
        | Verdict::UnknownStatus
        | Verdict::DeleteMarker
        | Verdict::NotFound => ExitStatus::No,
    }
}

/// Puts the question and the answer together.
#[must_use]
pub fn classify(object: &ObjectId, answer: Result<HeadAnswer, Failure>) -> ObjectStatus {
    let asked = object.version_id.as_ref().map(|v| v.as_str().to_owned());
    let mut status = ObjectStatus {
        bucket: object.bucket.as_str().to_owned(),
        key: object.key.clone(),
        version_id: asked.clone(),
        replication_status: ReplicationStatus::default(),
        verdict: Verdict::Error,
        size: None,
        etag: None,
        last_modified: None,
        storage_class: None,
        delete_marker: None,
        error: None,
        rule: None,
        destinations: Vec::new(),
        custom_endpoint: false,
        explanation: None,
        properties: None,
    };
    match answer {
        Ok(HeadAnswer::Object(head))
            if object.version_id.as_ref().is_some_and(|asked| !asked.is_named_by(head.version_id.as_deref())) =>
        {
            status.error = Some(another_version(object));
        }
        Ok(HeadAnswer::Object(head)) => {
            status.verdict = head.replication_status.class().into();
            status.version_id = head.version_id.or(asked);
            status.replication_status = head.replication_status;
            status.size = head.size;
            status.etag = head.etag;
            status.last_modified = head.last_modified;
            status.storage_class = head.storage_class;
            status.properties = head.properties;
            status.delete_marker = Some(false);
        }
        Ok(HeadAnswer::DeleteMarker { version_id }) => {
            status.verdict = Verdict::DeleteMarker;
            status.version_id = version_id.or(asked);
            status.delete_marker = Some(true);
        }
        Ok(HeadAnswer::NotFound) => {
            status.verdict = Verdict::NotFound;
            status.delete_marker = Some(false);
        }
        Err(failure) => {
            status.verdict = match failure.kind {
                FailureKind::Denied => Verdict::Denied,
                FailureKind::NotImplemented | FailureKind::Other => Verdict::Error,
            };
            status.error = Some(failure);
        }
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::VersionId;

    #[test]
    fn verdicts_have_one_word_everywhere() {
        use Verdict as V;
        let all = [
            (V::Replicated, "replicated"),
            (V::Pending, "pending"),
            (V::Failed, "failed"),
            (V::Replica, "replica"),
            (V::NotReplicated, "not-replicated"),
            (V::UnknownStatus, "unknown-status"),
            (V::DeleteMarker, "delete-marker"),
            (V::NotFound, "not-found"),
            (V::Denied, "denied"),
            (V::Error, "error"),
        ];
        for (verdict, word) in all {
            assert_eq!((verdict.word(), serde_json::to_value(verdict).unwrap()), (word, word.into()));
        }
    }

    #[test]
    fn every_answer_has_its_verdict() {
        let object = ObjectId::parse("s3://bucket/key").unwrap();
        let head = |word: &str| {
            Ok(HeadAnswer::Object(Box::new(ObjectHead {
                replication_status: ReplicationStatus::of_header(word),
                ..ObjectHead::default()
            })))
        };
        let failure = |kind| Err(Failure { kind, ..Failure::new("X", "x", None) });
        let table = [
            (head("COMPLETED"), Verdict::Replicated),
            (head("FAILED"), Verdict::Failed),
            (head("odd"), Verdict::UnknownStatus),
            (Ok(HeadAnswer::DeleteMarker { version_id: None }), Verdict::DeleteMarker),
            (Ok(HeadAnswer::NotFound), Verdict::NotFound),
            (failure(FailureKind::Denied), Verdict::Denied),
            (failure(FailureKind::Other), Verdict::Error),
        ];
        for (answer, verdict) in table {
            assert_eq!(classify(&object, answer).verdict, verdict);
        }
        let named = object.with_version(VersionId::new("v1").unwrap());
        assert_eq!(classify(&named, head("COMPLETED")).verdict, Verdict::Error, "another version answered");
    }
}
