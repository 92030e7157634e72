//! Rows as records for `reconcile`: only the columns that are compared, and only rows under the prefix.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use s3_inventory::{Batch, Columns, CsvPiece, CsvReader, Record, RowCells, decode_key_into};

use super::error::ReportError;
use super::memory::WIDE_COLUMNS;
use super::record_store::{RecordStore, RecordWriter};
use super::run::{BatchRefusal, RowRefusal, RowTaker, TextTaken, lock};
use crate::audit::TallyError;
use crate::model::StatusClass;
use crate::reconcile::{IdentitySecret, ObjectRecord, RowFlags, RowHasher, StatusWords};

/// How rows become records; the same for both reports of a pair.
#[derive(Clone)]
pub(super) struct RecordRules {
    pub(super) secret: IdentitySecret,
    /// The status words of both reports.
    pub(super) words: Arc<Mutex<StatusWords>>,
    /// Only keys that begin with this.
    pub(super) prefix: Option<Arc<str>>,
    /// What was written before is in both reports.
    pub(super) old_before: Timestamp,
    /// Whether ETags are left out of columnar reports. They take a fourth of the bytes, and decide about null versions only.
    pub(super) without_etags: bool,
}

/// Rows of one report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct RowCounts {
    /// Every row.
    pub(crate) scanned: u64,
    /// Rows under the prefix.
    pub(crate) rows: u64,
    /// COMPLETED objects without a date.
    pub(crate) undated: u64,
}

impl RowCounts {
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            scanned: self.scanned + other.scanned,
            rows: self.rows + other.rows,
            undated: self.undated + other.undated,
        }
    }
}

/// Makes records of the rows of one report.
#[derive(Clone)]
pub(super) struct RecordMaker {
    rules: RecordRules,
    hasher: RowHasher,
    /// Those of `rules` that this worker has seen.
    words: StatusWords,
    version_id: Option<usize>,
    e_tag: Option<usize>,
    pub(super) counts: RowCounts,
    /// The status numbers of a batch.
    numbers: Vec<u32>,
}

/// The cells of a row that a record needs, beside its key.
struct RowFacts<'a> {
    version_id: &'a [u8],
    e_tag: &'a [u8],
    size: u64,
    status: u8,
    /// Whether it was written so long ago that both reports list it; `None` without a date.
    is_old: Option<bool>,
    is_marker: bool,
    is_latest: bool,
}

impl RecordMaker {
    pub(super) fn new(rules: &RecordRules, columns: &Columns) -> Self {
        Self {
            hasher: RowHasher::new(rules.secret),
            words: lock(&rules.words).clone(),
            rules: rules.clone(),
            version_id: columns.version_id,
            e_tag: columns.e_tag,
            counts: RowCounts::default(),
            numbers: Vec::new(),
        }
    }

    /// The columns that records need, by their names in columnar formats.
    pub(super) fn wanted(&self, columns: &Columns) -> Vec<&'static str> {
        let has = |name, place: Option<usize>| place.map(|_| name);
        let e_tag = columns.e_tag.filter(|_| !self.leaves_out_etags());
        [
            Some("bucket"),
            Some("key"),
            has("version_id", columns.version_id),
            has("is_latest", columns.is_latest),
            has("is_delete_marker", columns.is_delete_marker),
            has("size", columns.size),
            has("last_modified_date", columns.last_modified),
            has("e_tag", e_tag),
            has("replication_status", columns.replication_status),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The record of a row of a CSV report; `None` if the key is not under the prefix.
    #[inline]
    pub(super) fn of_text(
        &mut self,
        record: &Record<'_>,
        cells: RowCells<'_>,
    ) -> Result<Option<ObjectRecord>, TallyError> {
        self.counts.scanned += 1;
        if !decode_key_into(record.key, self.hasher.key()) {
            return Err(TallyError::of_key(record.key));
        }
        if !self.is_in_scope() {
            return Ok(None);
        }
        let cell = |place: Option<usize>| place.map_or(&b""[..], |at| cells.get(at));
        let facts = RowFacts {
            version_id: cell(self.version_id),
            e_tag: cell(self.e_tag),
            size: record.size.unwrap_or(0),
            status: self.number(record.replication_status)?,
            is_old: record.last_modified.map(|modified| modified < self.rules.old_before),
            is_marker: record.is_delete_marker,
            is_latest: record.is_latest,
        };
        Ok(Some(self.finish(&facts)))
    }

    /// Calls `each` for every row of a batch under the prefix.
    pub(super) fn of_batch(
        &mut self,
        batch: &Batch<'_>,
        mut each: impl FnMut(usize, ObjectRecord) -> Result<(), RowRefusal>,
    ) -> Result<(), BatchRefusal> {
        let mut numbers = std::mem::take(&mut self.numbers);
        let numbered = batch.words(&mut numbers, |word| self.number(word).map(u32::from));
        numbered.map_err(|(row, error)| BatchRefusal::of_row(row, error))?;
        let old = batch.numbers_before(self.rules.old_before);
        for (row, number) in numbers.iter().enumerate() {
            self.counts.scanned += 1;
            self.hasher.key().extend_from_slice(batch.key(row).unwrap_or_default());
            if !self.is_in_scope() {
                continue;
            }
            let is_old = match batch.last_modified(row) {
                Some(number) if !old.contains(&number) => batch.time(number).map(|_| Some(false)),
                number => Ok(number.map(|_| true)),
            };
            let facts = RowFacts {
                version_id: batch.version_id(row),
                e_tag: batch.e_tag(row),
                size: batch.size(row),
                // A number of a status word.
                status: *number as u8,
                is_old: is_old.map_err(|error| BatchRefusal::of_row(row, error))?,
                is_marker: batch.is_delete_marker(row),
                is_latest: batch.is_latest(row),
            };
            let record = self.finish(&facts);
            if record.flags.is_replaceable && !facts.is_marker && self.leaves_out_etags() {
                return Err(BatchRefusal::of_row(row, RowRefusal::Run(Box::new(ReportError::NeedsEtags))));
            }
            each(row, record).map_err(|why| BatchRefusal { row: Some(row), why })?;
        }
        self.numbers = numbers;
        Ok(())
    }

    fn leaves_out_etags(&self) -> bool {
        self.rules.without_etags && self.version_id.is_some() && self.e_tag.is_some()
    }

    #[inline]
    fn is_in_scope(&self) -> bool {
        self.rules.prefix.as_ref().is_none_or(|prefix| self.hasher.current_key().starts_with(prefix.as_bytes()))
    }

    #[inline]
    fn number(&mut self, word: &str) -> Result<u8, TallyError> {
        match self.words.find(word) {
            Some(number) => Ok(number),
            None => self.new_number(word),
        }
    }

    #[cold]
    fn new_number(&mut self, word: &str) -> Result<u8, TallyError> {
        let mut words = lock(&self.rules.words);
        let number = words.number(word)?;
        self.words = words.clone();
        Ok(number)
    }

    #[inline]
    fn finish(&mut self, facts: &RowFacts<'_>) -> ObjectRecord {
        self.counts.rows += 1;
        // S3 leaves the cell of the null version empty; other writers and corrected reports have the word.
        let version_id = if facts.version_id == b"null" { b"" } else { facts.version_id };
        let is_replaceable = version_id.is_empty();
        let content = match (is_replaceable, facts.e_tag.trim_ascii()) {
            (true, e_tag @ [_, ..]) => {
                let quoted = e_tag.strip_prefix(b"\"").and_then(|e_tag| e_tag.strip_suffix(b"\""));
                // An empty one says nothing, also in quotes.
                match quoted.unwrap_or(e_tag) {
                    [] => 0,
                    e_tag => self.hasher.content(e_tag),
                }
            }
            (true, []) | (false, _) => 0,
        };
        if facts.is_old.is_none() && !facts.is_marker && StatusWords::class(facts.status) == StatusClass::Replicated {
            self.counts.undated += 1;
        }
        ObjectRecord {
            identity: self.hasher.finish(version_id),
            size: if facts.is_marker { 0 } else { facts.size },
            content,
            status: facts.status,
            flags: RowFlags {
                is_marker: facts.is_marker,
                is_latest: facts.is_latest,
                is_replaceable,
                is_old: facts.is_old == Some(true),
            },
        }
    }
}

/// Puts the records of one worker into partitions.
pub(super) struct RecordPartitioner {
    pub(super) maker: RecordMaker,
    writer: RecordWriter,
}

impl RecordPartitioner {
    pub(super) fn new(maker: RecordMaker, store: &RecordStore) -> Self {
        Self { maker, writer: store.writer() }
    }
}

impl RowTaker for RecordPartitioner {
    const COLUMNS: u64 = WIDE_COLUMNS;

    fn wanted<'a>(&self, all: &'a Columns) -> Vec<&'a str> {
        self.maker.wanted(all)
    }

    fn take_text(&mut self, rows: &mut CsvReader<'_>, piece: CsvPiece<'_>, last: bool) -> TextTaken {
        let Self { maker, writer } = self;
        rows.take_piece(piece, last, |record, cells| {
            if let Some(record) = maker.of_text(record, cells)? {
                writer.put(record).map_err(|error| RowRefusal::Run(Box::new(error.into())))?;
            }
            Ok(())
        })
    }

    fn take_batch(&mut self, batch: &Batch<'_>) -> Result<(), BatchRefusal> {
        let Self { maker, writer } = self;
        maker.of_batch(batch, |_, record| writer.put(record).map_err(|error| RowRefusal::Run(Box::new(error.into()))))
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        Ok(self.writer.finish()?)
    }
}
