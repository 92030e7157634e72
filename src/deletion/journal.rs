//! What a run writes down before and after each delete, and what a second run makes of it.
//!
//! One JSON object a line: a header; `run` where a run begins; `intent`, on disk before its request leaves; `outcome`, with
//! the whole entry; `finished`. An intent without an outcome is open: its request may have had an effect, and it is looked
//! up before anything else is said. Files are elsewhere: this is about lines.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::connection::{Connection, Difference};
use super::entry::{Entry, Outcome, marker_has_own_id};
use super::identity::{Identities, Identity};
use super::policy::{DeleteOrder, Mode};
use crate::model::{Bucket, Failure, ObjectId, VersionId};
use crate::status::HeadAnswer;

/// Where intents and outcomes go.
pub trait Journal: Sync {
    /// Returns once these intents are on disk.
    fn intend(&self, orders: &[(&DeleteOrder, &Entry)]) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Notes what became of an order. It need not be on disk at once: an intent without an outcome is looked up.
    ///
    /// # Errors
    /// The journal can't be written; nothing more may be sent.
    fn ended(&self, order: &DeleteOrder, entry: &Entry) -> Result<(), Failure>;

    /// Makes sure that the journal is not finished with this run: a request of an earlier run may still take effect.
    fn stay_open(&self);
}

/// Without a journal nothing is written.
impl Journal for () {
    async fn intend(&self, _: &[(&DeleteOrder, &Entry)]) -> Result<(), Failure> {
        Ok(())
    }

    fn ended(&self, _: &DeleteOrder, _: &Entry) -> Result<(), Failure> {
        Ok(())
    }

    fn stay_open(&self) {}
}

/// The format of the lines.
pub const FORMAT: u32 = 2;

/// The first line: which run this is the journal of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The format, [`FORMAT`].
    pub replaudit_journal: u32,
    /// Everything that decides which bucket answers.
    pub connection: Connection,
    /// Stands for the list as given and the options that decide.
    pub arguments_hash: String,
}

/// What the header of every format holds.
#[derive(Deserialize)]
struct Begin {
    replaudit_journal: u32,
}

/// A delete that is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Intent {
    bucket: String,
    key: String,
    /// The version in the list; null where it named none.
    given_version_id: Option<String>,
    version_id: Option<String>,
    mode: ModeWord,
    etag: Option<String>,
    size: Option<u64>,
    replication_status: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ModeWord {
    Hide,
    Permanent,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Ended<E> {
    given_version_id: Option<String>,
    #[serde(flatten)]
    entry: E,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line<E, S> {
    Run { at: S },
    Intent(Intent),
    Outcome(Ended<E>),
    Finished(serde_json::Value),
}

fn given_version(given: &ObjectId) -> Option<String> {
    given.version_id.as_ref().map(|version| version.as_str().to_owned())
}

fn push(line: &impl Serialize, out: &mut Vec<u8>) {
    // Of strings and numbers: there is nothing that JSON could not hold.
    if serde_json::to_writer(&mut *out, line).is_ok() {
        out.push(b'\n');
    }
}

/// Appends the line that opens a journal.
pub fn header_line(header: &Header, out: &mut Vec<u8>) {
    push(header, out);
}

/// Appends the line that begins a run.
pub fn run_line(at: &str, out: &mut Vec<u8>) {
    push(&Line::<(), &str>::Run { at }, out);
}

/// Appends the line of a delete that is about to be sent.
pub fn intent_line(order: &DeleteOrder, entry: &Entry, out: &mut Vec<u8>) {
    let mode = match order.mode() {
        Mode::Hide => ModeWord::Hide,
        Mode::Permanent => ModeWord::Permanent,
    };
    let intent = Intent {
        bucket: entry.bucket.clone(),
        key: entry.key.clone(),
        given_version_id: given_version(&order.given()),
        version_id: entry.version_id.clone(),
        mode,
        etag: Some(order.etag().to_owned()),
        size: Some(order.size()),
        replication_status: entry.replication_status.clone(),
    };
    push(&Line::<(), &str>::Intent(intent), out);
}

/// Appends the line of what became of an object.
pub fn outcome_line(given: &ObjectId, entry: &Entry, out: &mut Vec<u8>) {
    push(&Line::<_, &str>::Outcome(Ended { given_version_id: given_version(given), entry }), out);
}

/// Appends the last line of a run that came to its end.
pub fn finished_line(summary: &impl Serialize, out: &mut Vec<u8>) {
    let summary = serde_json::to_value(summary).unwrap_or_default();
    push(&Line::<(), &str>::Finished(summary), out);
}

/// Why a journal can't be gone on with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The first line is not that of a journal.
    #[error("this is no journal of replaudit")]
    NotAJournal,
    /// Another version of this program wrote it.
    #[error(
        "its format is {0}, this program writes {FORMAT}: finish it with the version that began it, or begin a new journal"
    )]
    OtherFormat(u32),
    /// Another list, or other options that decide.
    #[error("it is the journal of another list, or of other options")]
    OtherArguments,
    /// Another bucket of the same name may answer.
    #[error("it was written with {} {:?}, and this run has {:?}", .0.what, .0.before, .0.now)]
    OtherConnection(Difference),
    /// The run came to its end.
    #[error("its run has finished: begin a new journal for a new run")]
    Finished,
    /// A line that is none, where no line can have been cut off.
    #[error("line {0} is damaged")]
    Damaged(u64),
}

/// What the journal says of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing that counts: it is decided anew.
    New,
    /// A request may have left; the line that says so begins there.
    Open(u64),
    /// Deleted; the line that says so begins there.
    Done(u64),
}

/// Reads a journal line by line and remembers, in a few bytes each, where every object stands.
#[derive(Debug, Default)]
pub struct Fold {
    identities: Identities,
    standing: HashMap<Identity, u64>,
    header: Option<Header>,
    finished: bool,
    lines: u64,
    torn: Option<u64>,
}

/// Added to the offset of an open object: no file is so long.
const OPEN: u64 = 1 << 63;

impl Fold {
    /// Takes the next line, without its end; `offset` is where it begins.
    ///
    /// A line that can't be read was cut off when a run was killed: it may stand at the end, or where a run begins next.
    ///
    /// # Errors
    /// No journal, or a damaged line.
    pub fn take(&mut self, line: &[u8], offset: u64) -> Result<(), JournalError> {
        self.lines += 1;
        if self.header.is_none() {
            // What another format's header holds besides is not known here.
            let begin: Begin = serde_json::from_slice(line).map_err(|_| JournalError::NotAJournal)?;
            if begin.replaudit_journal != FORMAT {
                return Err(JournalError::OtherFormat(begin.replaudit_journal));
            }
            let header = serde_json::from_slice(line).map_err(|_| JournalError::NotAJournal)?;
            self.header = Some(header);
            return Ok(());
        }
        let parsed: Option<Line<Entry, String>> = serde_json::from_slice(line).ok();
        if let Some(torn) = self.torn.take()
            && !matches!(parsed, Some(Line::Run { .. }))
        {
            return Err(JournalError::Damaged(torn));
        }
        let damaged = JournalError::Damaged(self.lines);
        match parsed {
            None => self.torn = Some(self.lines),
            Some(Line::Run { .. }) => {}
            Some(Line::Finished(_)) => self.finished = true,
            Some(Line::Intent(intent)) => {
                let identity = self.identities.of(&intent.given().ok_or(damaged)?);
                self.standing.insert(identity, offset + OPEN);
            }
            Some(Line::Outcome(ended)) => {
                let identity = self.identities.of(&ended.given().ok_or(damaged)?);
                match ended.entry.outcome {
                    Outcome::VersionDeleted | Outcome::MarkerCreated => {
                        self.standing.insert(identity, offset);
                    }
                    // Still open; what is known of it stands in this line as well.
                    Outcome::Unknown => {
                        self.standing.insert(identity, offset + OPEN);
                    }
                    Outcome::WouldDelete
                    | Outcome::Kept
                    | Outcome::AlreadyAbsent
                    | Outcome::Denied
                    | Outcome::Failed
                    | Outcome::NotAttempted => {
                        self.standing.remove(&identity);
                    }
                }
            }
        }
        Ok(())
    }

    /// Makes sure that this is the journal of the same arguments, and that there is something left to do.
    ///
    /// # Errors
    /// It is not, or there is not.
    pub fn check(&self, header: &Header) -> Result<(), JournalError> {
        let Some(found) = &self.header else { return Err(JournalError::NotAJournal) };
        if let Some(difference) = found.connection.difference(&header.connection) {
            return Err(JournalError::OtherConnection(difference));
        }
        if found.arguments_hash != header.arguments_hash {
            return Err(JournalError::OtherArguments);
        }
        if self.finished { Err(JournalError::Finished) } else { Ok(()) }
    }

    /// Where an object of the list stands.
    #[must_use]
    pub fn standing(&self, given: &ObjectId) -> Standing {
        self.standing.get(&self.identities.of(given)).map_or(Standing::New, |marked| standing(*marked))
    }

    /// Where an object stands, which is asked for once: [`Fold::left`] is about the others.
    pub fn take_standing(&mut self, given: &ObjectId) -> Standing {
        self.standing.remove(&self.identities.of(given)).map_or(Standing::New, standing)
    }

    /// Whether nothing stands in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.standing.is_empty()
    }

    /// What stands in the journal and was not asked for, in its order: a prefix no longer lists what was hidden.
    pub fn left(&mut self) -> Vec<Standing> {
        let mut left: Vec<u64> = std::mem::take(&mut self.standing).into_values().collect();
        left.sort_unstable_by_key(|marked| marked % OPEN);
        left.into_iter().map(standing).collect()
    }
}

fn standing(marked: u64) -> Standing {
    marked.checked_sub(OPEN).map_or(Standing::Done(marked), Standing::Open)
}

impl Intent {
    fn given(&self) -> Option<ObjectId> {
        object(&self.bucket, &self.key, self.given_version_id.as_deref())
    }
}

impl Ended<Entry> {
    fn given(&self) -> Option<ObjectId> {
        object(&self.entry.bucket, &self.entry.key, self.given_version_id.as_deref())
    }
}

fn object(bucket: &str, key: &str, version: Option<&str>) -> Option<ObjectId> {
    let version_id = version.map(VersionId::new).transpose().ok()?;
    Some(ObjectId { bucket: Bucket::new(bucket).ok()?, key: key.to_owned(), version_id })
}

/// Reads an intent or an outcome: the object as it was given, and its entry. `None` where the line is another.
#[must_use]
pub fn entry_of(line: &[u8]) -> Option<(ObjectId, Entry)> {
    match serde_json::from_slice(line).ok()? {
        Line::<Entry, String>::Outcome(ended) => Some((ended.given()?, ended.entry)),
        Line::Intent(intent) => {
            let given = intent.given()?;
            let entry = Entry {
                version_id: intent.version_id,
                etag: intent.etag,
                size: intent.size,
                replication_status: intent.replication_status,
                ..Entry::of(&given)
            };
            Some((given, entry))
        }
        Line::Run { .. } | Line::Finished(_) => None,
    }
}

/// What looking up an open object told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The delete had its effect.
    Done(Entry),
    /// Looking did not tell.
    Unknown(Entry),
    /// The version is there as before: it is decided anew.
    Undone,
}

/// Settles an open object with a HEAD made now: of the key for [`Mode::Hide`], of the version for [`Mode::Permanent`].
#[must_use]
pub fn settle(mut entry: Entry, mode: Mode, look: Result<HeadAnswer, Failure>) -> Settled {
    // S3 told of a marker that may have destroyed something: nothing that is found now undoes that.
    if entry.outcome == Outcome::Unknown && entry.new_marker_version_id.is_some() {
        return Settled::Unknown(entry);
    }
    let version = entry.version_id.clone().and_then(|id| VersionId::new(id).ok());
    let is_it = |found: Option<&str>| version.as_ref().is_some_and(|version| version.is_named_by(found));
    let note = |text: &str| {
        Failure::new("Resumed", format!("the run before this one ended before the answer came; {text}"), None)
    };
    match (mode, look) {
        (Mode::Permanent, Ok(HeadAnswer::NotFound)) => {
            entry.end(Outcome::VersionDeleted, note("looked up: the version is gone"));
            Settled::Done(entry)
        }
        (Mode::Hide, Ok(HeadAnswer::DeleteMarker { version_id })) if marker_has_own_id(version_id.as_deref()) => {
            entry.new_marker_version_id = version_id;
            entry.end(
                Outcome::MarkerCreated,
                note("looked up: a delete marker hides it now, that request's or another's"),
            );
            Settled::Done(entry)
        }
        // Some servers go on answering for what they deleted, without its status: only the same is the same.
        (_, Ok(HeadAnswer::Object(head)))
            if is_it(head.version_id.as_deref())
                && (mode == Mode::Hide || head.replication_status.raw() == entry.replication_status.as_deref()) =>
        {
            Settled::Undone
        }
        (_, Err(failure)) => {
            let text = note(&format!("looking it up did not tell what became of it: {failure}"));
            entry.end(Outcome::Unknown, Failure { http_status: failure.http_status, ..text });
            Settled::Unknown(entry)
        }
        (Mode::Hide, Ok(HeadAnswer::Object(head))) => {
            let newer = head.version_id.as_deref().unwrap_or("null");
            let text = format!("looked up: version {newer} is current now, so a marker below it is not seen");
            entry.end(Outcome::Unknown, note(&text));
            Settled::Unknown(entry)
        }
        (_, Ok(_)) => {
            entry.end(Outcome::Unknown, note("looking it up did not tell what became of it"));
            Settled::Unknown(entry)
        }
    }
}

#[cfg(test)]
mod tests;
