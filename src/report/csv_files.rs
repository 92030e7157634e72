//! Reads CSV data files: hashes, inflates and counts them chunk by chunk, so that a long file takes no more memory than a
//! short one.
//!
//! A worker reads two files side by side, because two digests at once cost little more than one. When one of them ends,
//! the worker takes the next file. If there are fewer files than cores, another thread inflates.

use s3_inventory::codec::Md5;
use s3_inventory::{CsvPiece, CsvReader, Damage, DataFile, ScanError};

use super::data_file::check_md5;
use super::error::ReportError;
use super::inflating::{Inflated, InflatingThread};
use super::report::{Report, ReportLocation};
use super::run::{FileBytes, FileJob, RowTaker, SharedRun};
use super::stored_file::StoredFile;

/// The first bytes of a gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// How a worker reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CsvReading {
    OneFile,
    /// One file, with a thread of its own that inflates it.
    OneFileInflatedApart,
    TwoFiles,
}

impl CsvReading {
    /// For one of `workers` on a machine with `cores`.
    pub(super) fn of(files: usize, workers: usize, cores: usize, verify: bool) -> Self {
        if 2 * files <= cores {
            Self::OneFileInflatedApart
        } else if files <= workers || !verify {
            // Another worker takes the second file. Without digests, two files at a time only need more of the cache.
            Self::OneFile
        } else {
            Self::TwoFiles
        }
    }
}

/// Reads files until none is left.
pub(super) fn read(
    report: &Report,
    reading: CsvReading,
    taker: &mut impl RowTaker,
    shared: &SharedRun,
) -> Result<(), ReportError> {
    let columns = taker.columns(&report.columns);
    let lane = || Lane { rows: CsvReader::new(&columns, &report.manifest.source_bucket), file: None, inflating: None };
    let [mut left, mut right] = [lane(), lane()];
    if reading == CsvReading::OneFileInflatedApart {
        // Without another thread, the worker inflates the file itself.
        left.inflating = InflatingThread::start().ok();
    }
    let two = reading == CsvReading::TwoFiles;
    let mut reader = LaneReader { report, taker, shared };
    loop {
        reader.advance(&mut left, right.file.is_none())?;
        if two {
            reader.advance(&mut right, left.file.is_none())?;
        }
        match (&mut left.file, &mut right.file) {
            (None, None) => return Ok(()),
            _ if !report.options.verify => {}
            // A download may wait for the other one here. Hashed one after the other, each would cost a whole digest.
            (Some(left), Some(right)) => Md5::update_two([left.hashing(), right.hashing()]),
            (Some(file), None) | (None, Some(file)) => file.hash(),
        }
        reader.pass_on(&mut left)?;
        reader.pass_on(&mut right)?;
    }
}

/// Reads one file after the other.
struct Lane<'a> {
    rows: CsvReader<'a>,
    /// `None` between two files.
    file: Option<OpenCsv<'a>>,
    inflating: Option<InflatingThread>,
}

struct OpenCsv<'a> {
    of: &'a DataFile,
    stored: StoredFile,
    md5: Md5,
    is_gzip: bool,
}

impl OpenCsv<'_> {
    fn hashing(&mut self) -> (&mut Md5, &[u8]) {
        (&mut self.md5, self.stored.chunk())
    }

    fn hash(&mut self) {
        self.md5.update(self.stored.chunk());
    }
}

/// What the lanes of a worker share.
struct LaneReader<'a, 'b, T> {
    report: &'a Report,
    taker: &'b mut T,
    shared: &'b SharedRun,
}

impl<'a, T: RowTaker> LaneReader<'a, '_, T> {
    /// Moves to the next chunk of the lane's file, or of the next file after its end. With `wait`, waits for a next file.
    fn advance(&mut self, lane: &mut Lane<'a>, wait: bool) -> Result<(), ReportError> {
        loop {
            let is_new = lane.file.is_none();
            if is_new {
                let Some(job) = self.shared.next(wait) else { return Ok(()) };
                lane.file = Some(self.open(job)?);
            }
            let Some(OpenCsv { of, stored, md5, is_gzip }) = &mut lane.file else { return Ok(()) };
            if stored.advance(of, self.shared.is_stopped())? {
                (self.shared.progress)(stored.chunk().len() as u64);
                if is_new {
                    // By its first bytes, not by its name: some writers do not compress.
                    *is_gzip = stored.chunk().starts_with(&GZIP);
                    lane.rows.begin(&of.key, *is_gzip);
                    lane.inflating.iter_mut().for_each(InflatingThread::begin);
                }
                return Ok(());
            }
            check_md5(of, self.report.options.verify.then(|| md5.digest()))?;
            match &mut lane.inflating {
                _ if is_new => {}
                Some(inflating) if *is_gzip => {
                    inflating.end();
                    while self.take_inflated(of, &mut lane.rows, inflating, stored)? {}
                }
                Some(_) | None => self.take(of, &mut lane.rows, CsvPiece::Stored(&[]), true)?,
            }
            lane.file = None;
        }
    }

    fn open(&self, FileJob { at, bytes }: FileJob) -> Result<OpenCsv<'a>, ReportError> {
        let of = &self.report.manifest.files[at];
        let stored = match (bytes, &self.report.location) {
            (FileBytes::Arriving(stored), _) => stored,
            (_, ReportLocation::Local(folders)) => StoredFile::local(self.report.open_local_file(folders, at)?),
            (_, ReportLocation::S3 { .. }) => unreachable!("downloads begin before a worker takes the file"),
        };
        Ok(OpenCsv { of, stored, md5: Md5::new(), is_gzip: false })
    }

    /// Passes on the rows of the lane's chunk.
    fn pass_on(&mut self, lane: &mut Lane<'a>) -> Result<(), ReportError> {
        let Some(file) = &mut lane.file else { return Ok(()) };
        let counted = match &mut lane.inflating {
            Some(inflating) if file.is_gzip => {
                inflating.push(file.stored.take_chunk());
                let mut counted = Ok(true);
                while inflating.is_busy() && counted.is_ok() {
                    counted = self.take_inflated(file.of, &mut lane.rows, inflating, &mut file.stored);
                }
                counted.map(drop)
            }
            Some(_) | None => self.take(file.of, &mut lane.rows, CsvPiece::Stored(file.stored.chunk()), false),
        };
        counted.map_err(|error| self.cause(file, error))
    }

    /// Passes on the rows of the next inflated text; returns whether there is more.
    fn take_inflated(
        &mut self,
        of: &DataFile,
        rows: &mut CsvReader<'a>,
        inflating: &mut InflatingThread,
        stored: &mut StoredFile,
    ) -> Result<bool, ReportError> {
        match inflating.next() {
            Inflated::Text(text) => {
                self.take(of, rows, CsvPiece::Inflated(&text), false)?;
                inflating.reuse(text);
            }
            Inflated::Last(text) => {
                self.take(of, rows, CsvPiece::Inflated(&text), true)?;
                return Ok(false);
            }
            Inflated::Used(chunk) => stored.reuse(chunk),
            Inflated::Damaged(damage) => return Err(rows.damage(damage).into()),
        }
        Ok(true)
    }

    fn take(
        &mut self,
        of: &DataFile,
        rows: &mut CsvReader<'a>,
        piece: CsvPiece<'_>,
        last: bool,
    ) -> Result<(), ReportError> {
        let taken = self.taker.take_text(rows, piece, last);
        taken.map_err(|error| match error {
            ScanError::Damaged(damage) => damage.into(),
            ScanError::Refused { row, error } => error.explain(|kind| Damage::of_file(&of.key, Some(row), kind)),
        })
    }

    /// The error of a file whose rows ended with `error`. Another MD5 is the better explanation: then no row can be trusted,
    /// and neither can the place of the damage.
    fn cause(&self, file: &mut OpenCsv<'_>, error: ReportError) -> ReportError {
        if !self.report.options.verify || matches!(error, ReportError::Export(_)) {
            return error;
        }
        loop {
            match file.stored.advance(file.of, self.shared.is_stopped()) {
                Ok(true) => file.hash(),
                Ok(false) => return check_md5(file.of, Some(file.md5.digest())).map_or_else(Into::into, |()| error),
                Err(other) => return other,
            }
        }
    }
}
