//! Which rows of a page are NULL ("Parquet Format", "Run Length Encoding").

use std::ops::Range;

/// The runs of a page that are left.
pub(super) struct NullRuns {
    rest: Range<usize>,
    /// Rows of the current run.
    rows: usize,
    run: NullRun,
}

#[derive(Clone, Copy)]
pub(super) enum NullRun {
    Nulls,
    Values,
    /// One bit per row, from this bit of the page on.
    Bits(usize),
}

impl NullRuns {
    /// A page of `rows` rows with a value.
    pub(super) fn without(rows: usize) -> Self {
        Self { rest: 0..0, rows, run: NullRun::Values }
    }

    /// A page whose runs are here.
    pub(super) fn encoded(rest: Range<usize>) -> Self {
        Self { rest, rows: 0, run: NullRun::Values }
    }

    /// The next rows, at least one and at most `most`. `None` if the runs are damaged, or have no more rows.
    pub(super) fn take(&mut self, most: usize, page: &[u8]) -> Option<(usize, NullRun)> {
        while self.rows == 0 {
            self.next(page)?;
        }
        let (rows, run) = (most.min(self.rows), self.run);
        self.rows -= rows;
        if let NullRun::Bits(first) = &mut self.run {
            *first += rows;
        }
        Some((rows, run))
    }

    /// Moves to the next run. Its header has the number of rows, and whether each row has its own bit.
    fn next(&mut self, page: &[u8]) -> Option<()> {
        let mut header = 0u64;
        for shift in (0..35).step_by(7) {
            let byte = self.byte(page)?;
            header |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
            // Longer runs are invalid.
            (shift < 28).then_some(())?;
        }
        let count = usize::try_from(header >> 1).ok()?;
        (self.rows, self.run) = match header & 1 {
            0 => match self.byte(page)? {
                0 => (count, NullRun::Nulls),
                1 => (count, NullRun::Values),
                _ => return None,
            },
            // In bytes. Writers may omit bytes without rows.
            _ => {
                let first = self.rest.start;
                let bytes = count.min(self.rest.len());
                self.rest.start += bytes;
                (bytes.checked_mul(8)?, NullRun::Bits(first.checked_mul(8)?))
            }
        };
        Some(())
    }

    fn byte(&mut self, page: &[u8]) -> Option<u8> {
        let at = self.rest.next()?;
        page.get(at).copied()
    }
}
