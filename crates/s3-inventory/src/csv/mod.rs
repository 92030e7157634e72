//! Reads CSV data files whose stored bytes arrive in pieces, and inflates them if they are compressed.
//!
//! The caller has the bytes, so it can also hash them, and read several files in turn.

mod apart;
mod careful;
mod delimiters;
mod error;
mod scan;

pub use self::apart::{InflatedText, TextInflater};
pub use self::careful::MAX_ROW;
pub use self::error::CsvError;
use self::scan::RowScanner;
pub use self::scan::{RowCells, ScanError, scan_text};
use crate::codec::GzipInflater;
use crate::error::{Damage, DamageKind};
use crate::record::Record;
use crate::schema::Columns;

/// A piece of a file.
#[derive(Debug, Clone, Copy)]
pub enum CsvPiece<'a> {
    /// Bytes as they are stored.
    Stored(&'a [u8]),
    /// Text that a [`TextInflater`] has inflated.
    Inflated(&'a InflatedText),
}

/// Reads one file after the other. Its memory depends on the longest row, not on the size of the files.
pub struct CsvReader<'a> {
    scanner: RowScanner<'a>,
    is_gzip: bool,
    inflater: GzipInflater,
    /// Text that is not in a buffer of inflated text, from the first incomplete row on.
    plain: Vec<u8>,
    /// Bytes of an incomplete row at the end of the last [`InflatedText`].
    begun: usize,
}

impl<'a> CsvReader<'a> {
    /// A reader for files with these columns, about this bucket.
    pub fn new(columns: &'a Columns, source_bucket: &'a str) -> Self {
        let (inflater, plain) = (GzipInflater::default(), Vec::new());
        Self { scanner: RowScanner::new(columns, source_bucket), is_gzip: false, inflater, plain, begun: 0 }
    }

    /// Starts a file. `file` is its name in errors.
    pub fn begin(&mut self, file: &'a str, is_gzip: bool) {
        self.scanner.begin(file);
        self.is_gzip = is_gzip;
        self.inflater.restart();
        self.plain.clear();
        self.begun = 0;
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
        each: impl FnMut(&Record<'_>, RowCells<'_>) -> Result<(), E>,
    ) -> Result<(), ScanError<E>> {
        self.take_piece(CsvPiece::Stored(piece), last, each)
    }

    /// As [`CsvReader::take`], for pieces that may be inflated already: all of them, or none of them.
    ///
    /// # Errors
    /// As [`CsvReader::take`].
    pub fn take_piece<E>(
        &mut self,
        piece: CsvPiece<'_>,
        last: bool,
        mut each: impl FnMut(&Record<'_>, RowCells<'_>) -> Result<(), E>,
    ) -> Result<(), ScanError<E>> {
        match piece {
            CsvPiece::Stored(piece) if self.is_gzip => self.inflate(piece, last, &mut each),
            CsvPiece::Stored(piece) => self.take_plain(piece, last, &mut each),
            CsvPiece::Inflated(text) => self.take_text(text, last, &mut each),
        }
    }

    /// Damage of the file before its next row.
    pub fn damage(&self, kind: impl Into<DamageKind>) -> Damage {
        self.scanner.damage(kind)
    }

    /// Rows of the file so far.
    pub fn count(&self) -> u64 {
        self.scanner.rows()
    }

    fn take_text<E>(
        &mut self,
        text: &InflatedText,
        last: bool,
        each: &mut impl FnMut(&Record<'_>, RowCells<'_>) -> Result<(), E>,
    ) -> Result<(), ScanError<E>> {
        match text.with(self.begun) {
            Some(rows) if self.plain.is_empty() => {
                let used = self.scanner.take(rows, last, each)?;
                self.begun = rows.len() - used;
                if self.begun > InflatedText::KEPT {
                    self.plain.extend_from_slice(&rows[used..]);
                }
            }
            Some(_) | None => {
                self.take_plain(text.new_text(), last, each)?;
                self.begun = self.plain.len();
                if self.begun <= InflatedText::KEPT {
                    // The next text begins with it.
                    self.plain.clear();
                }
            }
        }
        Ok(())
    }

    fn take_plain<E>(
        &mut self,
        piece: &[u8],
        last: bool,
        each: &mut impl FnMut(&Record<'_>, RowCells<'_>) -> Result<(), E>,
    ) -> Result<(), ScanError<E>> {
        // Exactly, so that the reader takes no more memory than its longest row needs.
        self.plain.reserve_exact(piece.len());
        self.plain.extend_from_slice(piece);
        let used = self.scanner.take(&self.plain, last, each)?;
        self.plain.drain(..used);
        Ok(())
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
