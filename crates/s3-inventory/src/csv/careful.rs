//! Reads one row of any form, byte by byte. A cell is either quoted completely or has no quote.

use super::error::CsvError;

/// The longest row, in bytes of all its cells.
pub const MAX_ROW: usize = 1 << 20;

/// A row, possibly incomplete.
#[derive(Default)]
pub(super) struct CarefulRow {
    cells: Vec<u8>,
    /// Where each finished cell ends.
    ends: Vec<usize>,
    state: State,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing of the row was read yet.
    #[default]
    Before,
    /// After a comma.
    CellStart,
    Plain,
    Quoted,
    /// After a quote in a quoted cell: its end, or the first of two.
    Quote,
}

impl CarefulRow {
    /// Takes bytes up to the end of the row; returns how many, `None` if the row is not complete.
    pub(super) fn take(&mut self, bytes: &[u8], width: usize) -> Result<Option<usize>, CsvError> {
        let mut at = 0;
        while at < bytes.len() {
            // Up to the next special byte.
            let plain = match self.state {
                State::Quoted => memchr::memchr(b'"', &bytes[at..]),
                State::Plain => bytes[at..].iter().position(|byte| matches!(byte, b',' | b'\n' | b'\r' | b'"')),
                State::Before | State::CellStart | State::Quote => Some(0),
            }
            .unwrap_or(bytes.len() - at);
            self.push(&bytes[at..at + plain])?;
            at += plain;
            let Some(byte) = bytes.get(at) else { return Ok(None) };
            at += 1;
            self.state = match (self.state, byte) {
                (State::Before, b'\n' | b'\r') => State::Before,
                (State::Before | State::CellStart, b'"') => State::Quoted,
                (State::Quoted, _) => State::Quote,
                (State::Quote, b'"') => {
                    self.push(b"\"")?;
                    State::Quoted
                }
                (State::Plain, b'"') => return Err(CsvError::StrayQuote),
                (_, b',') => {
                    self.ends.push(self.cells.len());
                    if self.ends.len() > width {
                        return Err(CsvError::TooWide { found: width + 1, expected: width });
                    }
                    State::CellStart
                }
                (_, b'\n' | b'\r') => {
                    self.ends.push(self.cells.len());
                    return Ok(Some(at));
                }
                (State::Quote, _) => return Err(CsvError::AfterQuote),
                (State::Before | State::CellStart | State::Plain, byte) => {
                    self.push(&[*byte])?;
                    State::Plain
                }
            };
        }
        Ok(None)
    }

    /// Cells that are finished.
    pub(super) fn width(&self) -> usize {
        self.ends.len()
    }

    /// At the end of the input: whether there is a last row without a line end.
    pub(super) fn end(&mut self) -> Result<bool, CsvError> {
        match self.state {
            State::Before => Ok(false),
            State::Quoted => Err(CsvError::OpenQuote),
            State::CellStart | State::Plain | State::Quote => {
                self.ends.push(self.cells.len());
                Ok(true)
            }
        }
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), CsvError> {
        let length = self.cells.len() + bytes.len();
        if length > MAX_ROW {
            return Err(CsvError::RowTooLong);
        }
        if length > self.cells.capacity() {
            // Never more than the longest row, so that the memory of a reader is known.
            let capacity = (2 * self.cells.capacity()).clamp(length, MAX_ROW);
            self.cells.reserve_exact(capacity - self.cells.len());
        }
        self.cells.extend_from_slice(bytes);
        Ok(())
    }

    pub(super) fn cell(&self, at: usize) -> &[u8] {
        &self.cells[if at == 0 { 0 } else { self.ends[at - 1] }..self.ends[at]]
    }

    pub(super) fn clear(&mut self) {
        self.cells.clear();
        self.ends.clear();
        self.state = State::Before;
    }
}
