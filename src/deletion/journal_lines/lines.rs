//! The lines that every journal has, and the kinds of journals.

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

use crate::deletion::connection::{Connection, ConnectionDifference};
use crate::deletion::report::OutcomeClass;
use crate::model::ObjectId;

/// One kind of journal: of a safe-delete, or of an undo.
pub(crate) trait JournalKind {
    /// The first field of the header. Each kind has its own, so that the kinds cannot be confused.
    const NAME: &'static str;
    /// The value of that field: the format of the lines.
    const FORMAT: u32;
    /// What is written before a request is sent.
    type Intent: DeserializeOwned;
    /// What is written after its answer.
    type Outcome: DeserializeOwned;
    type Entry;

    /// The object and its entry; `None` where the line names no object.
    fn intended(intent: Self::Intent) -> Option<(ObjectId, Self::Entry)>;

    /// The object and its entry; `None` where the line names no object.
    fn ended(outcome: Self::Outcome) -> Option<(ObjectId, Self::Entry)>;

    fn class(entry: &Self::Entry) -> OutcomeClass;

    /// Whether an answer about it was not true. A kind that looks everything up anyway does not ask.
    fn is_contradicted(_: &Self::Entry) -> bool {
        false
    }
}

/// The run that wrote a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct JournalHeader {
    /// Everything that decides which bucket answers.
    pub(crate) connection: Connection,
    /// Identifies the list as given and the options that decide.
    pub(crate) arguments_hash: String,
}

/// Why a run can't resume a journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JournalError {
    #[error("this is not a journal of replaudit")]
    NotAJournal,
    /// Another version of this program wrote it.
    #[error(
        "its format is {found}, and this program writes {written}: resume it with the version that started it, or start a new journal"
    )]
    OtherFormat { found: u32, written: u32 },
    #[error("it belongs to another list, or to other options: repeat the command of that run, or name a new file")]
    OtherArguments,
    /// Another bucket of the same name may answer.
    #[error("it was written with {} {:?}, and this run has {:?}", .0.what, .0.before, .0.now)]
    OtherConnection(ConnectionDifference),
    #[error("its run is finished: start a new journal for a new run")]
    Finished,
    /// What the journal says of its objects is not true any more.
    #[error("an undo has begun to remove delete markers that it names: start a new journal for a new run")]
    Undone,
    /// A line that is not cut off and that no run writes, or a cut-off line at a place where none can be.
    #[error("line {0} is damaged")]
    Damaged(u64),
    /// Lines of another journal follow, which may be about another server.
    #[error("line {0} begins another journal: use each journal in a file of its own")]
    OtherJournal(u64),
}

/// The lines after the header. [`CutOffLine`] reads them.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum JournalLine<I, O> {
    Run(RunBegin),
    Intent(I),
    Outcome(O),
    Finished(serde_json::Value),
    /// Written by an undo before it removes a marker.
    Undone(RunBegin),
}

#[derive(Serialize, Deserialize)]
pub(crate) struct RunBegin {
    #[serde(default)]
    at: String,
}

/// Reads lines that may be cut off at the end, and before `run` or `undone`: one line, and the beginnings of runs that wrote
/// nothing more.
#[derive(Debug, Default)]
pub(crate) struct CutOffLine(Option<u64>);

impl CutOffLine {
    /// Reads the next line; `None` where it is cut off.
    pub(crate) fn parse<I, O>(&mut self, text: &[u8], number: u64) -> Result<Option<JournalLine<I, O>>, JournalError>
    where
        I: DeserializeOwned,
        O: DeserializeOwned,
    {
        let line = serde_json::from_slice(text).ok();
        if line.is_none() {
            if text.starts_with(HEADER_BEGIN) {
                return Err(JournalError::OtherJournal(number));
            }
            if !is_incomplete(text) {
                return Err(JournalError::Damaged(number));
            }
        }
        match self.0.take() {
            // On a full disk, the line of the next run may be cut off too.
            Some(damaged) if line.is_none() && is_begun(text) => {
                self.0 = Some(damaged);
                Ok(None)
            }
            Some(damaged) if !matches!(line, Some(JournalLine::Run(_) | JournalLine::Undone(_))) => {
                Err(JournalError::Damaged(damaged))
            }
            Some(_) | None => {
                self.0 = line.is_none().then_some(number);
                Ok(line)
            }
        }
    }
}

/// What every [`JournalKind::NAME`] begins with, as [`header_line`] writes it.
const HEADER_BEGIN: &[u8] = br#"{"replaudit_"#;

/// Whether the end of a JSON value is missing, or was lost: after a loss of power, zeros are in its place. A value that is
/// whole was written whole, so it is not cut off, even if no journal has such a line.
fn is_incomplete(text: &[u8]) -> bool {
    let written = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
    match serde_json::from_slice::<IgnoredAny>(&text[..written]) {
        Ok(_) => written < text.len(),
        Err(error) => error.is_eof(),
    }
}

/// Whether this is the beginning of the first line of a run, or of the line of an undo. After a loss of power, zeros may follow.
fn is_begun(text: &[u8]) -> bool {
    const BEGIN: [&[u8]; 2] = [br#"{"run":"#, br#"{"undone":"#];
    let written = text.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    BEGIN.iter().any(|begin| begin.starts_with(&text[..written]) || text.starts_with(begin))
}

pub(super) fn read_header<K: JournalKind>(line: &[u8]) -> Result<JournalHeader, JournalError> {
    let fields: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(line).map_err(|_| JournalError::NotAJournal)?;
    let found = fields.get(K::NAME).and_then(serde_json::Value::as_u64).and_then(|found| u32::try_from(found).ok());
    match found {
        None => Err(JournalError::NotAJournal),
        // The other fields of another format are not known.
        Some(found) if found != K::FORMAT => Err(JournalError::OtherFormat { found, written: K::FORMAT }),
        Some(_) => serde_json::from_slice(line).map_err(|_| JournalError::NotAJournal),
    }
}

pub(crate) fn header_line<K: JournalKind>(header: &JournalHeader, out: &mut Vec<u8>) {
    let start = out.len();
    push(header, out);
    // The name of the first field, and its value, depend on the kind.
    out.splice(start..=start, format!("{{\"{}\":{},", K::NAME, K::FORMAT).into_bytes());
}

pub(crate) fn run_line(at: &str, out: &mut Vec<u8>) {
    push(&JournalLine::<(), ()>::Run(RunBegin { at: at.to_owned() }), out);
}

pub(crate) fn undone_line(at: &str, out: &mut Vec<u8>) {
    push(&JournalLine::<(), ()>::Undone(RunBegin { at: at.to_owned() }), out);
}

/// Appends the last line of a finished run.
pub(crate) fn finished_line(summary: &impl Serialize, out: &mut Vec<u8>) {
    let summary = serde_json::to_value(summary).unwrap_or_default();
    push(&JournalLine::<(), ()>::Finished(summary), out);
}

pub(super) fn push(line: &impl Serialize, out: &mut Vec<u8>) {
    // Strings and numbers always fit into JSON.
    if serde_json::to_writer(&mut *out, line).is_ok() {
        out.push(b'\n');
    }
}
