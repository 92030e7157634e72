//! The lines of a journal of safe-delete, and of undo.

use serde::{Deserialize, Serialize};

use super::lines::{JournalKind, JournalLine, push};
use crate::deletion::decide::{DeleteMode, DeleteOrder};
use crate::deletion::report::{DeleteEntry, OutcomeClass};
use crate::deletion::undo::{MarkerEntry, marker_id};
use crate::model::{Bucket, ObjectId, VersionId};

/// The journal of a safe-delete.
#[derive(Debug, Default)]
pub(crate) struct DeleteLines;

/// A delete that is about to be sent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DeleteIntent {
    bucket: String,
    key: String,
    /// The version in the list; null if it has none.
    given_version_id: Option<String>,
    version_id: Option<String>,
    mode: ModeWord,
    etag: Option<String>,
    size: Option<u64>,
    replication_status: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ModeWord {
    Hide,
    Permanent,
}

/// What became of a delete; `E` is an entry, or a reference to one.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EndedDelete<E> {
    given_version_id: Option<String>,
    #[serde(flatten)]
    entry: E,
}

impl JournalKind for DeleteLines {
    const NAME: &'static str = "replaudit_journal";
    const FORMAT: u32 = 2;
    type Intent = DeleteIntent;
    type Outcome = EndedDelete<DeleteEntry>;
    type Entry = DeleteEntry;

    fn intended(intent: DeleteIntent) -> Option<(ObjectId, DeleteEntry)> {
        let given = object(&intent.bucket, &intent.key, intent.given_version_id.as_deref())?;
        let entry = DeleteEntry {
            version_id: intent.version_id,
            etag: intent.etag,
            size: intent.size,
            replication_status: intent.replication_status,
            ..DeleteEntry::of(&given)
        };
        Some((given, entry))
    }

    fn ended(outcome: EndedDelete<DeleteEntry>) -> Option<(ObjectId, DeleteEntry)> {
        let EndedDelete { given_version_id, entry } = outcome;
        Some((object(&entry.bucket, &entry.key, given_version_id.as_deref())?, entry))
    }

    fn class(entry: &DeleteEntry) -> OutcomeClass {
        entry.outcome.class()
    }

    fn is_contradicted(entry: &DeleteEntry) -> bool {
        entry.is_contradicted()
    }
}

fn object(bucket: &str, key: &str, version: Option<&str>) -> Option<ObjectId> {
    let version_id = version.map(VersionId::new).transpose().ok()?;
    Some(ObjectId { bucket: Bucket::new(bucket).ok()?, key: key.to_owned(), version_id })
}

fn given_version(given: &ObjectId) -> Option<String> {
    given.version_id.as_ref().map(|version| version.as_str().to_owned())
}

pub(crate) fn intent_line(order: &DeleteOrder, entry: &DeleteEntry, out: &mut Vec<u8>) {
    let mode = match order.mode() {
        DeleteMode::Hide => ModeWord::Hide,
        DeleteMode::Permanent => ModeWord::Permanent,
    };
    let intent = DeleteIntent {
        bucket: entry.bucket.clone(),
        key: entry.key.clone(),
        given_version_id: given_version(&order.given()),
        version_id: entry.version_id.clone(),
        mode,
        etag: Some(order.etag().to_owned()),
        size: Some(order.size()),
        replication_status: entry.replication_status.clone(),
    };
    push(&JournalLine::<_, ()>::Intent(intent), out);
}

pub(crate) fn outcome_line(given: &ObjectId, entry: &DeleteEntry, out: &mut Vec<u8>) {
    push(&JournalLine::<(), _>::Outcome(EndedDelete { given_version_id: given_version(given), entry }), out);
}

/// The journal of an undo.
#[derive(Debug, Default)]
pub(crate) struct UndoLines;

impl JournalKind for UndoLines {
    const NAME: &'static str = "replaudit_undo_journal";
    const FORMAT: u32 = 1;
    type Intent = MarkerEntry;
    type Outcome = MarkerEntry;
    type Entry = MarkerEntry;

    fn intended(entry: MarkerEntry) -> Option<(ObjectId, MarkerEntry)> {
        Some((marker_id(&entry.bucket, &entry.key, entry.marker_version_id.as_deref())?, entry))
    }

    fn ended(entry: MarkerEntry) -> Option<(ObjectId, MarkerEntry)> {
        Self::intended(entry)
    }

    fn class(entry: &MarkerEntry) -> OutcomeClass {
        entry.outcome.class()
    }
}

pub(crate) fn undo_intent_line(entry: &MarkerEntry, out: &mut Vec<u8>) {
    push(&JournalLine::<_, ()>::Intent(entry), out);
}

pub(crate) fn undo_outcome_line(entry: &MarkerEntry, out: &mut Vec<u8>) {
    push(&JournalLine::<(), _>::Outcome(entry), out);
}
