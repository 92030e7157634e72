//! The buffer of the inflated text: the part that was not used yet, and before it the history that matches refer to.

use super::error::GzipError;
use super::quick::{MARGIN, WINDOW};

/// How far back a match reaches.
pub(crate) const HISTORY: usize = 32 << 10;

pub(super) struct Window {
    bytes: Vec<u8>,
    /// Start of the member, or of the history that is kept of it.
    floor: usize,
    /// Start of the unused text.
    start: usize,
    end: usize,
}

impl Window {
    pub(super) fn new() -> Self {
        Self { bytes: vec![0; WINDOW], floor: 0, start: 0, end: 0 }
    }

    pub(super) fn clear(&mut self) {
        (self.floor, self.start, self.end) = (0, 0, 0);
    }

    /// Matches may no longer refer to text before this point.
    pub(super) fn seal(&mut self) {
        self.floor = self.end;
    }

    pub(super) fn end(&self) -> usize {
        self.end
    }

    pub(super) fn since(&self, start: usize) -> &[u8] {
        &self.bytes[start..self.end]
    }

    /// The unused text.
    pub(super) fn text(&self) -> &[u8] {
        self.since(self.start)
    }

    /// Whether another symbol would not fit.
    pub(super) fn is_full(&self) -> bool {
        self.room() < MARGIN
    }

    fn room(&self) -> usize {
        self.bytes.len() - self.end
    }

    /// Removes used text that matches can't refer to.
    pub(super) fn make_room(&mut self, used: usize) {
        self.start += used;
        let gone = self.start.min(self.end.saturating_sub(HISTORY));
        self.bytes.copy_within(gone..self.end, 0);
        self.floor = self.floor.saturating_sub(gone);
        self.start -= gone;
        self.end -= gone;
        // A row that is longer than the window; the scanner limits its length.
        if self.room() < WINDOW / 2 {
            // Exactly, so that the reader takes no more memory than its longest row needs.
            self.bytes.reserve_exact(WINDOW);
            self.bytes.resize(self.bytes.len() + WINDOW, 0);
        }
    }

    /// Goes on in another buffer, which may be empty. Returns the full one, where its unused text starts, and where that ends. The
    /// new buffer starts with a copy of the history.
    pub(super) fn exchange(&mut self, mut other: Vec<u8>) -> (Vec<u8>, usize, usize) {
        let kept = self.end.min(HISTORY);
        let gone = self.end - kept;
        other.resize(WINDOW, 0);
        other[..kept].copy_from_slice(&self.bytes[gone..self.end]);
        let full = (std::mem::replace(&mut self.bytes, other), self.start, self.end);
        self.floor = self.floor.saturating_sub(gone);
        (self.start, self.end) = (kept, kept);
        full
    }

    /// The part of the window for the quick loop, and the start of the member and the end of the text in it.
    pub(super) fn quick(&mut self) -> (&mut [u8; WINDOW], usize, usize) {
        let from = self.end.saturating_sub(HISTORY).min(self.bytes.len() - WINDOW);
        let (floor, end) = (self.floor.saturating_sub(from), self.end - from);
        let part = self.bytes[from..].first_chunk_mut().expect("there is never less");
        (part, floor, end)
    }

    pub(super) fn push(&mut self, byte: u8) {
        self.bytes[self.end] = byte;
        self.end += 1;
    }

    /// Appends as much as fits; returns the number of bytes.
    pub(super) fn append(&mut self, bytes: &[u8]) -> usize {
        let many = bytes.len().min(self.room());
        self.bytes[self.end..self.end + many].copy_from_slice(&bytes[..many]);
        self.end += many;
        many
    }

    /// Adds bytes that the quick loop has written after the end.
    pub(super) fn extend(&mut self, many: usize) {
        self.end += many;
    }

    /// Appends a match.
    pub(super) fn repeat(&mut self, distance: usize, length: usize) -> Result<(), GzipError> {
        if distance > self.end - self.floor {
            return Err(GzipError::Distance);
        }
        for _ in 0..length {
            self.push(self.bytes[self.end - distance]);
        }
        Ok(())
    }
}
