//! What a safe-delete left behind: its json or ndjson report, or its journal, as candidates for `undo`.
//!
//! The whole is read before anything is asked of S3. A line that can't be read makes the file unusable, because a marker may
//! be named in it; only in a journal may a line be cut off, where a run was killed.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Cursor, Read};

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::candidate::{CandidateError, CandidateFinder, MarkerTrace, ReportedDelete, UndoCandidate};
use crate::deletion::connection::Connection;
use crate::deletion::identity::SeenObjects;
use crate::deletion::journal_lines::{CutOffLine, JournalError, JournalLine};
use crate::deletion::report::DeleteOutcome;
use crate::model::{ObjectId, without_userinfo};

/// Why a file can't be used. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error(transparent)]
    File(#[from] io::Error),
    #[error(
        "this is not a report of safe-delete that undo can read: it needs the json or ndjson report (-o or --write), or the journal"
    )]
    Foreign,
    #[error("this is a {0:?} document, and undo reads replaudit.safe-delete/1")]
    OtherDocument(String),
    #[error("its format is {0}, which this program does not read")]
    OtherFormat(u32),
    /// `--only` and `--summary` shorten a report.
    #[error(
        "its summary counts more deletes ({counted}) than it lists ({listed}): --only or --summary left objects out; use the journal of that run; to undo only what is listed, give the listed objects as NDJSON (jq -c '.objects[]')"
    )]
    LeftOut { counted: u64, listed: u64 },
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("the document is cut off or damaged: {0}")]
    Document(serde_json::Error),
    #[error("line {line} is not a result of safe-delete: {why}")]
    Line {
        /// Its number, the first being 1.
        line: u64,
        why: LineError,
    },
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LineError {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Candidate(#[from] CandidateError),
    #[error("it is longer than {LONGEST_LINE} bytes")]
    TooLong,
}

#[derive(Debug)]
pub(crate) struct SourceSummary {
    pub(crate) candidates: u64,
    /// The endpoint that a journal was written for; in it, `None` is AWS.
    pub(crate) endpoint: Option<Option<String>>,
    /// A journal without the line of a finished run: it may be cut off, and then it does not name every marker.
    pub(crate) is_unfinished: bool,
    /// Versions that were reported as removed, and of which a later line says that this is not known.
    doubted: SeenObjects,
}

impl SourceSummary {
    /// What the whole file says of a candidate.
    pub(crate) fn corrected(&self, mut candidate: UndoCandidate) -> UndoCandidate {
        let is_doubted = |version: &ObjectId| self.doubted.has(version);
        if candidate.trace == MarkerTrace::Lost && candidate.version_id().is_ok_and(|version| is_doubted(&version)) {
            candidate.trace = MarkerTrace::Unsure;
        }
        candidate
    }
}

/// The schema that is read.
const SCHEMA: &str = "replaudit.safe-delete/1";
/// No line of a report is longer.
const LONGEST_LINE: u64 = 1 << 20;
/// The first name of an object is within this many bytes.
const FIRST_NAME: u64 = 4 << 10;

/// Reads `source` to its end, and gives each candidate to `take` once.
pub(crate) fn read_source(
    mut source: impl BufRead,
    take: impl FnMut(&UndoCandidate) -> io::Result<()>,
) -> Result<SourceSummary, SourceError> {
    let mut found = CandidateFinder::new(take);
    let mut begin = Vec::new();
    let first = first_name(&mut source, &mut begin)?;
    let whole = Cursor::new(begin).chain(source);
    let journal = match first.as_deref() {
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
    let is_unfinished = journal.as_ref().is_some_and(|journal| !journal.is_finished);
    let endpoint = journal.map(|journal| journal.endpoint);
    let CandidateFinder { candidates, doubted, .. } = found;
    Ok(SourceSummary { candidates, endpoint, is_unfinished, doubted })
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

/// Reads every line with its number.
fn each_line(
    mut source: impl BufRead,
    mut take: impl FnMut(u64, &[u8]) -> Result<(), SourceError>,
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
            return Err(SourceError::Line { line: number, why: LineError::TooLong });
        }
        take(number, line.trim_ascii())?;
    }
}

fn lines<T: FnMut(&UndoCandidate) -> io::Result<()>>(
    source: impl BufRead,
    found: &mut CandidateFinder<T>,
) -> Result<(), SourceError> {
    each_line(source, |line, text| {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        if text.is_empty() {
            return Ok(());
        }
        let changed = serde_json::from_slice(text).map_err(LineError::from);
        changed.and_then(|changed| Ok(found.changed(changed)?)).map_err(|why| SourceError::Line { line, why })
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

struct JournalRead {
    /// The endpoint that it was written for.
    endpoint: Option<String>,
    is_finished: bool,
}

fn journal<T: FnMut(&UndoCandidate) -> io::Result<()>>(
    source: impl BufRead,
    found: &mut CandidateFinder<T>,
) -> Result<JournalRead, SourceError> {
    let (mut head, mut is_finished): (Option<JournalHead>, _) = (None, false);
    let mut cut_off = CutOffLine::default();
    each_line(source, |line, text| {
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
        let taken = match cut_off.parse(text, line)? {
            None | Some(JournalLine::Run(_) | JournalLine::Undone(_)) => Ok(()),
            Some(JournalLine::Finished(_)) => {
                is_finished = true;
                Ok(())
            }
            Some(JournalLine::Intent(intent)) => found.intent(intent),
            Some(JournalLine::Outcome(changed)) => found.changed(changed),
        };
        taken.map_err(|why| SourceError::Line { line, why: why.into() })
    })?;
    let head = head.ok_or(SourceError::Foreign)?;
    let endpoint = head.connection.map_or(head.endpoint, |connection| connection.endpoint);
    Ok(JournalRead { endpoint: endpoint.as_deref().map(without_userinfo), is_finished })
}

fn document<T: FnMut(&UndoCandidate) -> io::Result<()>>(
    source: impl Read,
    found: &mut CandidateFinder<T>,
) -> Result<(), SourceError> {
    let mut json = serde_json::Deserializer::from_reader(io::BufReader::new(source));
    let mut counted = None;
    let document = ReportDocument { found, counted: &mut counted };
    let read = document.deserialize(&mut json).and_then(|schema| json.end().map(|()| schema));
    match read {
        Ok(Some(schema)) if schema == SCHEMA => match (counted, found.changed) {
            (Some(counted), listed) if listed < counted => Err(SourceError::LeftOut { counted, listed }),
            (Some(_), _) => Ok(()),
            (None, _) => Err(SourceError::Document(serde_json::Error::missing_field("by"))),
        },
        Ok(Some(schema)) => Err(SourceError::OtherDocument(schema)),
        Ok(None) => Err(SourceError::Foreign),
        Err(error) if error.is_io() => Err(SourceError::File(error.into())),
        Err(error) => Err(SourceError::Document(error)),
    }
}

/// Reads a document object by object; gives its schema.
struct ReportDocument<'a, T> {
    found: &'a mut CandidateFinder<T>,
    /// How many objects the summary counts that may have been changed.
    counted: &'a mut Option<u64>,
}

/// The summary, as far as it matters here.
#[derive(Deserialize)]
struct ReportCounts {
    by: Option<BTreeMap<DeleteOutcome, u64>>,
}

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
                    // The rest of another document is skipped.
                    let foreign = named != SCHEMA;
                    schema = Some(named);
                    if foreign {
                        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                        return Ok(schema);
                    }
                }
                "objects" if !objects => {
                    map.next_value_seed(ReportObjects(&mut *self.found))?;
                    objects = true;
                }
                "summary" => {
                    let ReportCounts { by } = map.next_value()?;
                    *self.counted = by.map(|by| {
                        let changed = by.iter().filter(|(outcome, _)| outcome.class().may_have_changed_something());
                        changed.fold(0, |sum: u64, (_, count)| sum.saturating_add(*count))
                    });
                    summary = true;
                }
                other => return Err(A::Error::custom(format!("{other:?} is unexpected there"))),
            }
        }
        if objects && summary { Ok(schema) } else { Err(A::Error::custom("objects or summary is missing")) }
    }
}

struct ReportObjects<'a, T>(&'a mut CandidateFinder<T>);

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
        while let Some(changed) = seq.next_element::<ReportedDelete>()? {
            self.0.changed(changed).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"bucket":"bucket","key":"k","version_id":"v","replication_status":"COMPLETED","decision":"delete","reason":"completed","outcome":"marker-created","size":1,"etag":"e","new_marker_version_id":"m","error":null,"destinations":[]}"#;

    fn read(source: impl BufRead) -> Result<SourceSummary, SourceError> {
        read_source(source, |_| Ok(()))
    }

    /// Ends in an error.
    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::ConnectionReset))
        }
    }

    #[test]
    fn what_is_wrong_with_a_document_is_said() {
        let of = |text: &str| read(text.as_bytes()).unwrap_err();
        let (schema, summary) = (r#""schema":"replaudit.safe-delete/1""#, r#""summary":{"by":{"marker-created":1}}"#);
        let whole = format!("{{{schema},\"objects\":[{ROW}],{summary}}}");
        assert!(read(whole.as_bytes()).is_ok());
        let other = whole.replace("safe-delete/1", "status/1");
        assert!(matches!(of(&other), SourceError::OtherDocument(found) if found == "replaudit.status/1"));
        for text in [
            format!("{{{schema},{schema},\"objects\":[{ROW}],{summary}}}"),
            format!("{{{schema},\"objects\":[{ROW}],\"objects\":[],{summary}}}"),
            format!("{{{schema},\"objects\":[{ROW}]}}"),
            format!("{{{schema},{summary}}}"),
            format!("{{{schema},\"objects\":7,{summary}}}"),
            format!("{whole} x"),
        ] {
            assert!(matches!(of(&text), SourceError::Document(_)), "{text}");
        }
        assert!(of(&format!("{{{schema},\"objects\":7,{summary}}}")).to_string().contains("the objects of a report"));
        let broken = io::BufReader::new(whole.as_bytes()[..100].chain(Broken));
        assert!(
            matches!(read(broken), Err(SourceError::File(error)) if error.kind() == io::ErrorKind::ConnectionReset)
        );
    }

    #[test]
    fn a_line_that_is_wrong_or_too_long_is_named() {
        let line_of = |text: &str| match read(text.as_bytes()) {
            Err(SourceError::Line { line, why }) => (line, matches!(why, LineError::TooLong)),
            other => panic!("{other:?}"),
        };
        assert_eq!(line_of(&format!("{ROW}\n{{}}\n")), (2, false));
        let longest = usize::try_from(LONGEST_LINE).unwrap();
        let padded = |bytes: usize| format!("{ROW}\n{ROW}{}\n{ROW}\n", " ".repeat(bytes - ROW.len() - 1));
        assert!(read(padded(longest).as_bytes()).is_ok());
        assert_eq!(line_of(&padded(longest + 1)), (2, true));
    }

    #[test]
    fn a_journal_without_the_line_of_its_end_is_unfinished() {
        let begun = format!("{{\"replaudit_journal\":1,\"endpoint\":null}}\n{{\"outcome\":{ROW}}}\n");
        let finished = format!("{begun}{{\"finished\":{{}}}}\n");
        for (text, is_unfinished) in [(begun, true), (finished, false), (format!("{ROW}\n"), false)] {
            assert_eq!(read(text.as_bytes()).unwrap().is_unfinished, is_unfinished, "{text}");
        }
    }
}
