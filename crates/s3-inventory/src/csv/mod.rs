//! Reads CSV data files whose stored bytes arrive in pieces, and inflates them if they are compressed.
//!
//! The caller has the bytes, so it can also hash them, and read several files in turn.

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

/// Reads one file after the other. Its memory depends on the longest row, not on the size of the files.
pub struct CsvReader<'a> {
    scanner: RowScanner<'a>,
    is_gzip: bool,
    inflater: GzipInflater,
    /// Uncompressed text, from the first incomplete row on.
    plain: Vec<u8>,
}

impl<'a> CsvReader<'a> {
    /// A reader for files with these columns, about this bucket.
    pub fn new(columns: &'a Columns, source_bucket: &'a str) -> Self {
        let (inflater, plain) = (GzipInflater::default(), Vec::new());
        Self { scanner: RowScanner::new(columns, source_bucket), is_gzip: false, inflater, plain }
    }

    /// Starts a file. `file` is its name in errors.
    pub fn begin(&mut self, file: &'a str, is_gzip: bool) {
        self.scanner.begin(file);
        self.is_gzip = is_gzip;
        self.inflater.restart();
        self.plain.clear();
    }

    /// Takes the next piece of the file, and passes every row and its cells to `each`. `last` marks the last piece. The rows at
    /// the end of a piece may be passed later. Empty lines are not rows.
    ///
    /// # Errors
    /// The first damaged row, an error of `each`, a damaged gzip stream, or a last piece that ends inside a quoted cell or
    /// inside the gzip stream.
    pub fn take<E>(
        &mut self,
        piece: &[u8],
        last: bool,
        mut each: impl FnMut(&Record<'_>, RowCells<'_>) -> Result<(), E>,
    ) -> Result<(), ScanError<E>> {
        if self.is_gzip {
            self.inflate(piece, last, &mut each)
        } else {
            // Exactly, so that the reader takes no more memory than its longest row needs.
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

    /// Scans for rows when the window is full, even if the pieces are small.
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
