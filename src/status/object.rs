//! The status of one object as it is reported.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::destination::{Destination, NamedBy};
use super::explain::Claim;
use super::head::{HeadAnswer, another_version};
use super::properties::Properties;
use super::verdict::Verdict;
use super::wait_mode::WaitMode;
use crate::exit::ExitStatus;
use crate::model::{Failure, FailureKind, ObjectId, ReplicationStatus};

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
    /// `None` if S3 did not say.
    pub delete_marker: Option<bool>,
    /// Why the object has no answer.
    pub error: Option<Failure>,
    /// The rule that applies, if the configuration was read.
    pub rule: Option<String>,
    /// What each destination answered, if they were asked.
    pub destinations: Vec<Destination>,
    /// The server that answered is not AWS, so texts leave out what only AWS promises.
    #[serde(skip)]
    pub custom_endpoint: bool,
    /// What the run waited for, so that texts do not suggest it again.
    #[serde(skip)]
    pub(crate) waited: WaitMode,
    /// What it makes of the exit status.
    #[serde(skip)]
    pub(crate) exit: ExitStatus,
    /// Why the object has its status; only with `--explain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Vec<Claim>>,
    /// The other headers of HEAD, if they were requested: shown to people, in no other format.
    #[serde(skip)]
    pub properties: Option<Box<Properties>>,
}

/// Counts over the objects of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub(crate) struct StatusSummary {
    /// Objects answered or tried.
    pub objects: u64,
    /// Objects per verdict.
    pub by: BTreeMap<&'static str, u64>,
    /// Answers of destinations per verdict, for people; json has them at each object.
    #[serde(skip)]
    pub replicas: BTreeMap<&'static str, u64>,
    /// Objects per verdict that the exit code does not depend on: gone since they were listed, or listed as delete markers.
    #[serde(skip)]
    pub aside: BTreeMap<&'static str, u64>,
    /// The listing or the list could not be read whole, so there may be more objects.
    #[serde(skip)]
    pub incomplete: bool,
    /// The rules could not be read, and only the destinations of `--destination` were asked.
    #[serde(skip)]
    pub rules_unread: bool,
    /// The exit code.
    pub exit: u8,
}

impl StatusSummary {
    pub(crate) fn count(&mut self, verdict: Verdict) {
        self.objects += 1;
        *self.by.entry(verdict.word()).or_default() += 1;
    }

    pub(crate) fn set_aside(&mut self, verdict: Verdict) {
        *self.aside.entry(verdict.word()).or_default() += 1;
    }

    pub(crate) fn count_destinations(&mut self, destinations: &[Destination]) {
        for to in destinations {
            self.rules_unread |= to.named_by == NamedBy::OptionOnly;
            *self.replicas.entry(to.verdict.word()).or_default() += 1;
        }
    }
}

/// Makes the status of an object from the answer to HEAD.
pub(crate) fn classify(object: &ObjectId, answer: Result<HeadAnswer, Failure>) -> ObjectStatus {
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
        waited: WaitMode::Off,
        exit: ExitStatus::Unknown,
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
    use crate::status::ObjectHead;

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

    #[test]
    fn objects_are_counted_by_their_verdicts_and_destinations_by_theirs() {
        use crate::status::DestinationVerdict::{InSync, Missing};
        let mut summary = StatusSummary::default();
        for verdict in [Verdict::Replicated, Verdict::Pending, Verdict::Replicated] {
            summary.count(verdict);
        }
        summary.set_aside(Verdict::NotFound);
        summary.set_aside(Verdict::NotFound);
        let to = |verdict, named_by| Destination { verdict, ..Destination::unknown("dst", named_by) };
        summary.count_destinations(&[to(InSync, NamedBy::Rule), to(Missing, NamedBy::Rule)]);
        assert!(!summary.rules_unread);
        summary.count_destinations(&[to(InSync, NamedBy::OptionOnly), to(InSync, NamedBy::Rule)]);
        assert!(summary.rules_unread);
        assert_eq!((summary.objects, summary.by), (3, BTreeMap::from([("pending", 1), ("replicated", 2)])));
        assert_eq!(summary.aside, BTreeMap::from([("not-found", 2)]));
        assert_eq!(summary.replicas, BTreeMap::from([("in-sync", 3), ("missing", 1)]));
    }
}
