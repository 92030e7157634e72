//! Rows of CSV data files whose stored bytes come in pieces: inflated where they are compressed, and read as they come.
//!
//! Nothing is asked for, so whoever has the bytes can hash them on the way, and take turns between files.

mod delimiters;
mod scan;

use self::scan::Scanner;
pub use self::scan::{Cells, MAX_ROW, scan_text};
use crate::codec::inflate::Inflater;
use crate::error::Damage;
use crate::record::Record;
use crate::schema::Columns;

/// Reads one file after the other. What it takes depends on the longest row, not on how long the files are.
pub struct Rows<'a> {
    scanner: Scanner<'a>,
    is_gzip: bool,
    inflater: Inflater,
    /// Text that came as it is, from the first row on that is not whole.
    plain: Vec<u8>,
}

impl<'a> Rows<'a> {
    /// Of files with these columns, about this bucket.
    #[must_use]
    pub fn new(columns: &'a Columns, source_bucket: &'a str) -> Self {
        let (inflater, plain) = (Inflater::default(), Vec::new());
        Self { scanner: Scanner::new(columns, source_bucket), is_gzip: false, inflater, plain }
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
    pub fn take(
        &mut self,
        piece: &[u8],
        last: bool,
        mut each: impl FnMut(&Record<'_>, Cells<'_>) -> Result<(), String>,
    ) -> Result<(), Damage> {
        if self.is_gzip {
            self.inflate(piece, last, &mut each)
        } else {
            // Not twice as much, as vectors grow: `--memory` counts with what the longest row takes.
            self.plain.reserve_exact(piece.len());
            self.plain.extend_from_slice(piece);
            let used = self.scanner.take(&self.plain, last, &mut each)?;
            self.plain.drain(..used);
            Ok(())
        }
    }

    /// Rows of the file so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.scanner.rows()
    }

    /// Rows are looked for where the window is full of them, however small the pieces are.
    fn inflate(
        &mut self,
        mut piece: &[u8],
        last: bool,
        each: &mut impl FnMut(&Record<'_>, Cells<'_>) -> Result<(), String>,
    ) -> Result<(), Damage> {
        loop {
            let is_full = self.inflater.take(&mut piece);
            if is_full.map_err(|broken| self.scanner.damage(format!("its gzip stream is damaged: {broken}")))? {
                let used = self.scanner.take(self.inflater.text(), false, each)?;
                self.inflater.make_room(used);
            } else if !last {
                return Ok(());
            } else if self.inflater.is_between_members() {
                self.scanner.take(self.inflater.text(), true, each)?;
                return Ok(());
            } else {
                return Err(self.scanner.damage("the file is truncated: its gzip stream ends too soon"));
            }
        }
    }
}
