//! What a safe-delete left behind: its json or ndjson report, or its journal, as candidates for `undo`.
//!
//! The whole is read before anything is asked of S3. A line that can't be read makes the file unusable, because a marker may
//! be named in it; only in a journal may a line be cut off, where a run was killed.

use std::collections::HashMap;
use std::io::{self, BufRead, Cursor, Read};

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::deletion::connection::Connection;
use crate::deletion::entry::{Decision, DeleteOutcome};
use crate::deletion::identity::{Identities, Identity, SeenObjects};
use crate::model::{Bucket, ObjectId, VersionId, without_userinfo};

/// What the safe-delete says of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MarkerTrace {
    /// A delete marker was created.
    Created,
    /// One may have been created, and its id is not known.
    Unsure,
    /// A version was removed permanently.
    Lost,
}

/// An object that a safe-delete may have changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoCandidate {
    /// What the safe-delete says of it.
    pub trace: MarkerTrace,
    /// Its bucket.
    pub bucket: String,
    /// Its key, exactly.
    pub key: String,
    /// The version id of the delete marker.
    pub marker: Option<String>,
    /// The version that was hidden or removed.
    pub version: Option<String>,
}

impl UndoCandidate {
    /// The delete marker, pinned to its own version id.
    #[must_use]
    pub fn marker_id(&self) -> Option<ObjectId> {
        marker_id(&self.bucket, &self.key, self.marker.as_deref())
    }

    /// Whether S3 has to be asked about it before anything can be decided.
    #[must_use]
    pub fn needs_check(&self) -> bool {
        self.trace == MarkerTrace::Created && self.marker_id().is_some_and(|marker| !super::decide::is_null(&marker))
    }
}

pub(super) fn marker_id(bucket: &str, key: &str, marker: Option<&str>) -> Option<ObjectId> {
    let version_id = VersionId::new(marker?).ok()?;
    Some(ObjectId { bucket: Bucket::new(bucket).ok()?, key: key.to_owned(), version_id: Some(version_id) })
}

/// Why a file can't be used. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file can't be read.
    #[error(transparent)]
    File(#[from] io::Error),
    /// It is something else.
    #[error("it is not a json or ndjson report of safe-delete, and not its journal")]
    Foreign,
    /// It is a report of another command.
    #[error("it is a {0:?} document, and undo reads replaudit.safe-delete/1")]
    OtherDocument(String),
    /// A later program wrote the journal.
    #[error("its format is {0}, which this program does not read")]
    OtherFormat(u32),
    /// The document is cut off or damaged.
    #[error("the document is cut off or damaged: {0}")]
    Document(serde_json::Error),
    /// A line is cut off or damaged.
    #[error("line {line} is not a result of safe-delete: {why}")]
    Line {
        /// Its number, the first being 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSummary {
    /// How many candidates were found.
    pub candidates: u64,
    /// How many objects the safe-delete did not change.
    pub unchanged: u64,
    /// The endpoint that a journal was written at; in it, `None` is AWS.
    pub endpoint: Option<Option<String>>,
}

/// The document that is read.
const SCHEMA: &str = "replaudit.safe-delete/1";
/// No line of a report is longer.
const LONGEST_LINE: u64 = 1 << 20;
/// The first name of an object is within this many bytes.
const FIRST_NAME: u64 = 4 << 10;

/// Reads `source` to its end, and gives each candidate to `take` once.
///
/// # Errors
/// See [`SourceError`]; what `take` refuses is one of the file.
pub fn read_source(
    mut source: impl BufRead,
    take: impl FnMut(&UndoCandidate) -> io::Result<()>,
) -> Result<SourceSummary, SourceError> {
    let mut found = Finder::new(take);
    let mut begin = Vec::new();
    let first = first_name(&mut source, &mut begin)?;
    let whole = Cursor::new(begin).chain(source);
    let endpoint = match first.as_deref() {
        None => return Err(SourceError::Foreign),
        Some("schema" | "objects" | "summary") => {
            document(whole, &mut found)?;
            None
        }
        Some("replaudit_journal") => Some(journal(whole, &mut found)?),
        Some(_) => {
            lines(whole, &mut found)?;
            None
        }
    };
    found.finish()?;
    Ok(SourceSummary { candidates: found.candidates, unchanged: found.unchanged, endpoint })
}

/// The first name in the first object; what was read for that is kept in `begin`.
fn first_name(source: &mut impl BufRead, begin: &mut Vec<u8>) -> io::Result<Option<String>> {
    let mut limited = source.take(FIRST_NAME);
    loop {
        let before = begin.len();
        limited.read_until(b'"', begin)?;
        if begin.len() == before {
            return Ok(None);
        }
        let text = begin.trim_ascii_start();
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let Some(inner) = text.strip_prefix(b"{") else { return Ok(None) };
        let inner = inner.trim_ascii_start();
        if let Some(name) = inner.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) {
            return Ok(String::from_utf8(name.to_vec()).ok());
        }
    }
}

/// One object of a report, as far as it matters here. What other commands write lacks these fields.
#[derive(Deserialize)]
struct Changed {
    bucket: String,
    key: String,
    version_id: Option<String>,
    #[serde(rename = "decision")]
    _decision: Decision,
    outcome: DeleteOutcome,
    new_marker_version_id: Option<String>,
}

/// A delete that was about to be sent.
#[derive(Deserialize)]
struct Intent {
    bucket: String,
    key: String,
    version_id: Option<String>,
}

/// Sorts what is read into candidates, each marker once.
struct Finder<T> {
    take: T,
    markers: SeenObjects,
    identities: Identities,
    /// ReportObjects whose fate is known.
    known: std::collections::HashSet<Identity>,
    /// ReportObjects of which only an intent or an unknown outcome is known yet.
    unsure: HashMap<Identity, (u64, UndoCandidate)>,
    candidates: u64,
    unchanged: u64,
    refused: io::Result<()>,
}

impl<T: FnMut(&UndoCandidate) -> io::Result<()>> Finder<T> {
    fn new(take: T) -> Self {
        Self {
            take,
            markers: SeenObjects::default(),
            identities: Identities::default(),
            known: std::collections::HashSet::new(),
            unsure: HashMap::new(),
            candidates: 0,
            unchanged: 0,
            refused: Ok(()),
        }
    }

    fn changed(&mut self, object: Changed) -> Result<(), String> {
        let Changed { bucket, key, version_id, outcome, new_marker_version_id, .. } = object;
        let trace = match outcome {
            DeleteOutcome::MarkerCreated => MarkerTrace::Created,
            // With an id S3 did name a marker.
            DeleteOutcome::Unknown if new_marker_version_id.is_some() => MarkerTrace::Created,
            DeleteOutcome::Unknown => MarkerTrace::Unsure,
            DeleteOutcome::VersionDeleted => MarkerTrace::Lost,
            DeleteOutcome::WouldDelete
            | DeleteOutcome::Kept
            | DeleteOutcome::AlreadyAbsent
            | DeleteOutcome::Denied
            | DeleteOutcome::Failed
            | DeleteOutcome::NotAttempted => {
                let identity = self.identity(&bucket, &key, version_id.as_deref())?;
                self.unsure.remove(&identity);
                self.unchanged += 1;
                return Ok(());
            }
        };
        self.candidate(UndoCandidate { trace, bucket, key, marker: new_marker_version_id, version: version_id })
    }

    fn intent(&mut self, intent: Intent) -> Result<(), String> {
        let Intent { bucket, key, version_id } = intent;
        self.candidate(UndoCandidate { trace: MarkerTrace::Unsure, bucket, key, marker: None, version: version_id })
    }

    fn candidate(&mut self, candidate: UndoCandidate) -> Result<(), String> {
        let identity = self.identity(&candidate.bucket, &candidate.key, candidate.version.as_deref())?;
        if candidate.trace == MarkerTrace::Unsure {
            // A lookup afterwards that told nothing does not unmake the marker that S3 named before.
            if !self.known.contains(&identity) {
                let at = self.unsure.len() as u64;
                self.unsure.insert(identity, (at, candidate));
            }
            return Ok(());
        }
        self.unsure.remove(&identity);
        self.known.insert(identity);
        let once = match candidate.trace {
            MarkerTrace::Created => {
                let Some(marker) = candidate.marker_id() else {
                    return Err("a marker was created, and its version id is missing".to_owned());
                };
                self.markers.insert(&marker)
            }
            MarkerTrace::Lost | MarkerTrace::Unsure => {
                let object = object(&candidate.bucket, &candidate.key, candidate.version.as_deref())?;
                self.markers.insert(&object)
            }
        };
        if once {
            self.give(&candidate);
        }
        Ok(())
    }

    fn identity(&self, bucket: &str, key: &str, version: Option<&str>) -> Result<Identity, String> {
        Ok(self.identities.of(&object(bucket, key, version)?))
    }

    fn give(&mut self, candidate: &UndoCandidate) {
        self.candidates += 1;
        if self.refused.is_ok() {
            self.refused = (self.take)(candidate);
        }
    }

    /// What is unsure to the end.
    fn finish(&mut self) -> io::Result<()> {
        let mut unsure: Vec<(u64, UndoCandidate)> = std::mem::take(&mut self.unsure).into_values().collect();
        unsure.sort_by_key(|(at, _)| *at);
        unsure.iter().for_each(|(_, candidate)| self.give(candidate));
        std::mem::replace(&mut self.refused, Ok(()))
    }
}

fn object(bucket: &str, key: &str, version: Option<&str>) -> Result<ObjectId, String> {
    if key.is_empty() {
        return Err("the key is empty".to_owned());
    }
    Ok(ObjectId {
        bucket: Bucket::new(bucket).map_err(|error| error.to_string())?,
        key: key.to_owned(),
        version_id: version.map(VersionId::new).transpose().map_err(|error| error.to_string())?,
    })
}

/// Reads every line with its number; false where it is the last one and has no end.
fn each_line(
    mut source: impl BufRead,
    mut take: impl FnMut(u64, &[u8], bool) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let (mut number, mut line) = (0, Vec::new());
    loop {
        line.clear();
        number += 1;
        let read = (&mut source).take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(());
        }
        let whole = line.ends_with(b"\n");
        if !whole && read as u64 == LONGEST_LINE {
            return Err(SourceError::Line { line: number, why: format!("it is longer than {LONGEST_LINE} bytes") });
        }
        take(number, line.trim_ascii(), whole)?;
    }
}

fn lines<T: FnMut(&UndoCandidate) -> io::Result<()>>(
    source: impl BufRead,
    found: &mut Finder<T>,
) -> Result<(), SourceError> {
    each_line(source, |line, text, _| {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        if text.is_empty() {
            return Ok(());
        }
        let changed = serde_json::from_slice::<Changed>(text).map_err(|error| error.to_string());
        changed.and_then(|changed| found.changed(changed)).map_err(|why| SourceError::Line { line, why })
    })
}

#[derive(Deserialize)]
struct JournalHead {
    replaudit_journal: u32,
    /// In format 1.
    endpoint: Option<String>,
    /// Since format 2.
    connection: Option<Connection>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum JournalLine {
    Run(IgnoredAny),
    Intent(Intent),
    Outcome(Changed),
    Finished(IgnoredAny),
}

/// Gives the endpoint that the journal was written at.
fn journal<T: FnMut(&UndoCandidate) -> io::Result<()>>(
    source: impl BufRead,
    found: &mut Finder<T>,
) -> Result<Option<String>, SourceError> {
    let mut head: Option<JournalHead> = None;
    let mut torn: Option<u64> = None;
    each_line(source, |line, text, _| {
        if head.is_none() {
            let read: JournalHead = serde_json::from_slice(text).map_err(|_| SourceError::Foreign)?;
            match (read.replaudit_journal, &read.connection) {
                (1, _) | (2, Some(_)) => {}
                (2, None) => return Err(SourceError::Foreign),
                (other, _) => return Err(SourceError::OtherFormat(other)),
            }
            head = Some(read);
            return Ok(());
        }
        let damaged = |line| SourceError::Line { line, why: "it is damaged".to_owned() };
        let parsed: Option<JournalLine> = serde_json::from_slice(text).ok();
        // A line that was cut off stands where a run begins next, or at the end.
        if let Some(torn) = torn.take()
            && !matches!(parsed, Some(JournalLine::Run(_)))
        {
            return Err(damaged(torn));
        }
        let taken = match parsed {
            None => {
                torn = Some(line);
                Ok(())
            }
            Some(JournalLine::Run(_) | JournalLine::Finished(_)) => Ok(()),
            Some(JournalLine::Intent(intent)) => found.intent(intent),
            Some(JournalLine::Outcome(changed)) => found.changed(changed),
        };
        taken.map_err(|why| SourceError::Line { line, why })
    })?;
    let head = head.ok_or(SourceError::Foreign)?;
    let endpoint = head.connection.map_or(head.endpoint, |connection| connection.endpoint);
    Ok(endpoint.as_deref().map(without_userinfo))
}

fn document<T: FnMut(&UndoCandidate) -> io::Result<()>>(
    source: impl Read,
    found: &mut Finder<T>,
) -> Result<(), SourceError> {
    let mut json = serde_json::Deserializer::from_reader(io::BufReader::new(source));
    let read = ReportDocument(found).deserialize(&mut json).and_then(|schema| json.end().map(|()| schema));
    match read {
        Ok(Some(schema)) if schema == SCHEMA => Ok(()),
        Ok(Some(schema)) => Err(SourceError::OtherDocument(schema)),
        Ok(None) => Err(SourceError::Foreign),
        Err(error) if error.is_io() => Err(SourceError::File(error.into())),
        Err(error) => Err(SourceError::Document(error)),
    }
}

/// Reads a document object by object; gives its schema.
struct ReportDocument<'a, T>(&'a mut Finder<T>);

impl<'de, T: FnMut(&UndoCandidate) -> io::Result<()>> DeserializeSeed<'de> for ReportDocument<'_, T> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: FnMut(&UndoCandidate) -> io::Result<()>> Visitor<'de> for ReportDocument<'_, T> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a report of safe-delete")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut schema: Option<String> = None;
        let (mut objects, mut summary) = (false, false);
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "schema" if schema.is_none() => {
                    let named: String = map.next_value()?;
                    // What follows in another document is not looked at.
                    let foreign = named != SCHEMA;
                    schema = Some(named);
                    if foreign {
                        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                        return Ok(schema);
                    }
                }
                "objects" if !objects => {
                    map.next_value_seed(ReportObjects(&mut *self.0))?;
                    objects = true;
                }
                "summary" => {
                    map.next_value::<IgnoredAny>()?;
                    summary = true;
                }
                other => return Err(A::Error::custom(format!("{other:?} is unexpected there"))),
            }
        }
        if objects && summary { Ok(schema) } else { Err(A::Error::custom("objects or summary is missing")) }
    }
}

struct ReportObjects<'a, T>(&'a mut Finder<T>);

impl<'de, T: FnMut(&UndoCandidate) -> io::Result<()>> DeserializeSeed<'de> for ReportObjects<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: FnMut(&UndoCandidate) -> io::Result<()>> Visitor<'de> for ReportObjects<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the objects of a report")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(changed) = seq.next_element::<Changed>()? {
            self.0.changed(changed).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}
