//! Rows of CSV data files whose stored bytes come in pieces: inflated where they are compressed, and read as they come.
//!
//! The caller has the bytes, so it can hash them on the way, and take turns between files.

mod careful;
mod delimiters;
mod error;
mod scan;

pub use self::careful::MAX_ROW;
pub use self::error::CsvError;
use self::scan::RowScanner;
pub use self::scan::{RowCells, ScanError, scan_text};
use crate::codec::GzipInflater;
use crate::record::Record;
use crate::schema::Columns;

/// Reads one file after the other. What it takes depends on the longest row, not on how long the files are.
pub struct CsvReader<'a> {
    scanner: RowScanner<'a>,
    is_gzip: bool,
    inflater: GzipInflater,
    /// Text that came as it is, from the first row on that is not whole.
    plain: Vec<u8>,
}

impl<'a> CsvReader<'a> {
    /// Of files with these columns, about this bucket.
    pub fn new(columns: &'a Columns, source_bucket: &'a str) -> Self {
        let (inflater, plain) = (GzipInflater::default(), Vec::new());
        Self { scanner: RowScanner::new(columns, source_bucket), is_gzip: false, inflater, plain }
    }

    /// Begins with a file, which `file` names in errors.
    pub fn begin(&mut self, file: &'a str, is_gzip: bool) {
        self.scanner.begin(file);
        self.is_gzip = is_gzip;
        self.inflater.restart();
        self.plain.clear();
    }

    /// Takes the next piece of the file, with `last` the last one, and gives every row, and all cells it was read from,
    /// to `each`. Of what has come, the rows at the end may be given later. Empty lines are no rows.
    ///
    /// # Errors
    /// The first row that is damaged, an error of `each`, a gzip stream that is damaged, or a last piece that ends in a
    /// quoted cell or in the gzip stream.
    pub fn take<E>(
        &mut self,
        piece: &[u8],
        last: bool,
        mut each: impl FnMut(&Record<'_>, RowCells<'_>) -> Result<(), E>,
    ) -> Result<(), ScanError<E>> {
        if self.is_gzip {
            self.inflate(piece, last, &mut each)
        } else {
            // Not twice as much, as vectors grow: what a reader takes is what the longest row takes.
            self.plain.reserve_exact(piece.len());
            self.plain.extend_from_slice(piece);
            let used = self.scanner.take(&self.plain, last, &mut each)?;
            self.plain.drain(..used);
            Ok(())
        }
    }

    /// Rows of the file so far.
    pub fn count(&self) -> u64 {
        self.scanner.rows()
    }

    /// Rows are looked for where the window is full of them, however small the pieces are.
    fn inflate<E>(
        &mut self,
        mut piece: &[u8],
        last: bool,
        each: &mut impl FnMut(&Record<'_>, RowCells<'_>) -> Result<(), E>,
    ) -> Result<(), ScanError<E>> {
        loop {
            let is_full = self.inflater.take(&mut piece);
            if is_full.map_err(|error| self.scanner.damage(error))? {
                let used = self.scanner.take(self.inflater.text(), false, each)?;
                self.inflater.make_room(used);
            } else if !last {
                return Ok(());
            } else if self.inflater.is_between_members() {
                self.scanner.take(self.inflater.text(), true, each)?;
                return Ok(());
            } else {
                return Err(self.scanner.damage(CsvError::Truncated).into());
            }
        }
    }
}
