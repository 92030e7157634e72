//! What a safe-delete may have changed: an object of its report or journal, as a candidate for `undo`.

use std::collections::{HashMap, HashSet};
use std::io;

use serde::{Deserialize, Deserializer, Serialize};

use crate::deletion::identity::{IdentityHasher, ObjectIdentity, SeenObjects};
use crate::deletion::report::{Decision, DeleteOutcome, is_about_what_is_hidden};
use crate::model::{AddressError, Bucket, ObjectId, VersionId};

/// What the safe-delete says of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MarkerTrace {
    /// A delete marker was created.
    Created,
    /// A lookup showed a delete marker after the answer was lost: another request may have created it.
    Seen,
    /// One may have been created, and its id is not known.
    Unsure,
    /// A version was removed permanently.
    Lost,
}

/// An object that a safe-delete may have changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UndoCandidate {
    pub(crate) trace: MarkerTrace,
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) marker: Option<String>,
    /// The version that was hidden or removed.
    pub(crate) version: Option<String>,
}

impl UndoCandidate {
    /// The delete marker, pinned to its own version ID.
    pub(crate) fn marker_id(&self) -> Option<ObjectId> {
        marker_id(&self.bucket, &self.key, self.marker.as_deref())
    }

    /// The version that was hidden or removed.
    pub(super) fn version_id(&self) -> Result<ObjectId, CandidateError> {
        object(&self.bucket, &self.key, self.version.as_deref())
    }

    /// Whether S3 has to be asked about it before anything can be decided.
    pub(crate) fn needs_check(&self) -> bool {
        matches!(self.trace, MarkerTrace::Created | MarkerTrace::Seen)
            && self.marker_id().is_some_and(|marker| !is_null(&marker))
    }
}

pub(crate) fn marker_id(bucket: &str, key: &str, marker: Option<&str>) -> Option<ObjectId> {
    let version_id = VersionId::new(marker?).ok()?;
    Some(ObjectId { bucket: Bucket::new(bucket).ok()?, key: key.to_owned(), version_id: Some(version_id) })
}

/// Whether this id is never removed, even if S3 shows a marker: an upload in a bucket whose versioning is suspended takes
/// the id over.
pub(super) fn is_null(marker: &ObjectId) -> bool {
    marker.version_id.as_ref().is_none_or(VersionId::is_null)
}

/// Why an object of a report or a journal can't be one of a safe-delete.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CandidateError {
    #[error("the key is empty")]
    EmptyKey,
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error("a marker was created, and its version ID is missing")]
    NoMarkerId,
}

/// One object of a report, as far as it matters here. What other commands write lacks these fields.
#[derive(Deserialize)]
pub(super) struct ReportedDelete {
    bucket: String,
    key: String,
    version_id: Option<String>,
    #[serde(default, deserialize_with = "present")]
    given_version_id: Option<Option<String>>,
    #[serde(rename = "decision")]
    _decision: Decision,
    outcome: DeleteOutcome,
    new_marker_version_id: Option<String>,
    #[serde(default)]
    marker_from_lookup: bool,
    error: Option<ReportedError>,
}

#[derive(Deserialize)]
struct ReportedError {
    code: String,
}

impl ReportedDelete {
    /// Whether only a lookup showed the marker. Reports of earlier versions don't say so: there, every error of a marker is that
    /// its answer was lost, except those about what it hides.
    fn is_from_lookup(&self) -> bool {
        self.marker_from_lookup || self.error.as_ref().is_some_and(|error| !is_about_what_is_hidden(&error.code))
    }
}

/// A delete that was about to be sent.
#[derive(Deserialize)]
pub(super) struct JournalIntent {
    bucket: String,
    key: String,
    version_id: Option<String>,
    #[serde(default, deserialize_with = "present")]
    given_version_id: Option<Option<String>>,
}

/// The version in the list of the run, as a journal has it: `Some(None)` if the list names none.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// Sorts what is read into candidates, each marker once.
pub(super) struct CandidateFinder<T> {
    take: T,
    markers: SeenObjects,
    identities: IdentityHasher,
    /// Orders whose fate is known, by the version that the list of the run names.
    known: HashSet<ObjectIdentity>,
    /// Orders of which only an intent or an unknown outcome is known yet, and when each was read.
    unsure: HashMap<ObjectIdentity, (u64, UndoCandidate)>,
    read: u64,
    /// Versions that were reported as removed, and of which a later line says that this is not known.
    pub(super) doubted: SeenObjects,
    pub(super) candidates: u64,
    /// Results that say that something was or may have been changed.
    pub(super) changed: u64,
    refused: io::Result<()>,
}

impl<T: FnMut(&UndoCandidate) -> io::Result<()>> CandidateFinder<T> {
    pub(super) fn new(take: T) -> Self {
        Self {
            take,
            markers: SeenObjects::default(),
            identities: IdentityHasher::default(),
            known: HashSet::new(),
            unsure: HashMap::new(),
            read: 0,
            doubted: SeenObjects::default(),
            candidates: 0,
            changed: 0,
            refused: Ok(()),
        }
    }

    pub(super) fn changed(&mut self, object: ReportedDelete) -> Result<(), CandidateError> {
        let is_from_lookup = object.is_from_lookup();
        let ReportedDelete { bucket, key, version_id, given_version_id, outcome, .. } = object;
        let ReportedDelete { new_marker_version_id, marker_from_lookup, .. } = object;
        let is_journal = given_version_id.is_some();
        let given = given_version_id.unwrap_or_else(|| version_id.clone());
        let identity = self.identity(&bucket, &key, given.as_deref())?;
        let trace = match outcome {
            DeleteOutcome::MarkerCreated if is_from_lookup => MarkerTrace::Seen,
            DeleteOutcome::MarkerCreated => MarkerTrace::Created,
            // S3 named the marker, or a lookup showed it.
            DeleteOutcome::Unknown if new_marker_version_id.is_some() && marker_from_lookup => MarkerTrace::Seen,
            DeleteOutcome::Unknown if new_marker_version_id.is_some() => MarkerTrace::Created,
            DeleteOutcome::Unknown => MarkerTrace::Unsure,
            DeleteOutcome::VersionDeleted => MarkerTrace::Lost,
            DeleteOutcome::WouldDelete
            | DeleteOutcome::Kept
            | DeleteOutcome::AlreadyAbsent
            | DeleteOutcome::Denied
            | DeleteOutcome::Failed
            | DeleteOutcome::NotAttempted => {
                // A report does not say which order of its list a row is about: another one may be unsure.
                if is_journal {
                    self.unsure.remove(&identity);
                }
                return Ok(());
            }
        };
        self.changed += 1;
        let candidate = UndoCandidate { trace, bucket, key, marker: new_marker_version_id, version: version_id };
        self.candidate(identity, candidate)
    }

    pub(super) fn intent(&mut self, intent: JournalIntent) -> Result<(), CandidateError> {
        let JournalIntent { bucket, key, version_id, given_version_id } = intent;
        let given = given_version_id.unwrap_or_else(|| version_id.clone());
        let identity = self.identity(&bucket, &key, given.as_deref())?;
        let trace = MarkerTrace::Unsure;
        self.candidate(identity, UndoCandidate { trace, bucket, key, marker: None, version: version_id })
    }

    fn candidate(&mut self, identity: ObjectIdentity, candidate: UndoCandidate) -> Result<(), CandidateError> {
        let version = candidate.version_id()?;
        if candidate.trace == MarkerTrace::Unsure {
            // A later lookup without a result does not discard the marker that S3 reported before.
            if self.known.contains(&identity) {
                self.doubted.insert(&version);
            } else {
                self.read += 1;
                self.unsure.insert(identity, (self.read, candidate));
            }
            return Ok(());
        }
        self.unsure.remove(&identity);
        self.known.insert(identity);
        let once = match candidate.trace {
            MarkerTrace::Created | MarkerTrace::Seen => {
                let Some(marker) = candidate.marker_id() else {
                    return Err(CandidateError::NoMarkerId);
                };
                self.markers.insert(&marker)
            }
            MarkerTrace::Lost | MarkerTrace::Unsure => {
                self.doubted.remove(&version);
                self.markers.insert(&version)
            }
        };
        if once {
            self.give(&candidate);
        }
        Ok(())
    }

    fn identity(&self, bucket: &str, key: &str, version: Option<&str>) -> Result<ObjectIdentity, CandidateError> {
        Ok(self.identities.of(&object(bucket, key, version)?))
    }

    fn give(&mut self, candidate: &UndoCandidate) {
        self.candidates += 1;
        if self.refused.is_ok() {
            self.refused = (self.take)(candidate);
        }
    }

    /// The objects that are still unsure at the end.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        let mut unsure: Vec<(u64, UndoCandidate)> = std::mem::take(&mut self.unsure).into_values().collect();
        unsure.sort_by_key(|(at, _)| *at);
        unsure.iter().for_each(|(_, candidate)| self.give(candidate));
        std::mem::replace(&mut self.refused, Ok(()))
    }
}

fn object(bucket: &str, key: &str, version: Option<&str>) -> Result<ObjectId, CandidateError> {
    if key.is_empty() {
        return Err(CandidateError::EmptyKey);
    }
    Ok(ObjectId {
        bucket: Bucket::new(bucket)?,
        key: key.to_owned(),
        version_id: version.map(VersionId::new).transpose()?,
    })
}
