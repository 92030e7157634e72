//! Inflates a CSV file on another thread than the one that reads its rows. The threads exchange buffers.

use super::error::CsvError;
use crate::codec::{GzipInflater, HISTORY};
use crate::error::DamageKind;

/// Inflated text of a file: a part that is new, and before it at least the end of the text before.
#[derive(Debug, Default)]
pub struct InflatedText {
    bytes: Vec<u8>,
    new: usize,
    end: usize,
}

impl InflatedText {
    pub(super) fn new_text(&self) -> &[u8] {
        &self.bytes[self.new..self.end]
    }

    /// The new text, and this many bytes before it; `None` if that many were not kept.
    pub(super) fn with(&self, before: usize) -> Option<&[u8]> {
        Some(&self.bytes[self.new.checked_sub(before)?..self.end])
    }

    /// The most bytes before the new text that are certainly kept.
    pub(super) const KEPT: usize = HISTORY;
}

/// Inflates one file after the other for a [`CsvReader`](super::CsvReader).
#[derive(Default)]
pub struct TextInflater(GzipInflater);

impl TextInflater {
    /// Starts another file.
    pub fn begin(&mut self) {
        self.0.restart();
    }

    /// Inflates the start of `piece` until a buffer is full; `None` if all of it was inflated. `spare` is a text that was used.
    ///
    /// # Errors
    /// A damaged gzip stream.
    pub fn take(
        &mut self,
        piece: &mut &[u8],
        spare: impl FnOnce() -> InflatedText,
    ) -> Result<Option<InflatedText>, DamageKind> {
        Ok(self.0.take(piece)?.then(|| self.exchange(spare())))
    }

    /// The rest of the text, after the last piece.
    ///
    /// # Errors
    /// The file ends inside the gzip stream.
    pub fn end(&mut self) -> Result<InflatedText, DamageKind> {
        if self.0.is_between_members() {
            Ok(self.exchange(InflatedText::default()))
        } else {
            Err(CsvError::Truncated.into())
        }
    }

    fn exchange(&mut self, spare: InflatedText) -> InflatedText {
        let (bytes, new, end) = self.0.exchange(spare.bytes);
        InflatedText { bytes, new, end }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::csv::{CsvPiece, CsvReader, ScanError};
    use crate::manifest::FileFormat;
    use crate::schema::Columns;

    /// The keys, and the damage after them.
    fn read(stream: &[u8], piece: usize, apart: bool) -> (Vec<Vec<u8>>, Option<String>) {
        let columns = Columns::of(FileFormat::Csv, "Bucket, Key, ReplicationStatus").unwrap();
        let (mut reader, mut inflater, mut keys) = (CsvReader::new(&columns, "b"), TextInflater::default(), Vec::new());
        reader.begin("f", true);
        inflater.begin();
        let mut take = |piece: CsvPiece<'_>, last| {
            reader.take_piece(piece, last, |record, _| {
                keys.push(record.key.to_vec());
                Ok::<_, Infallible>(())
            })
        };
        let mut pieces = stream.chunks(piece);
        let damage = if apart {
            let mut used = InflatedText::default();
            pieces
                .try_for_each(|mut piece| {
                    while let Some(text) = inflater.take(&mut piece, || std::mem::take(&mut used)).map_err(Err)? {
                        take(CsvPiece::Inflated(&text), false).map_err(Ok)?;
                        used = text;
                    }
                    Ok(())
                })
                .and_then(|()| take(CsvPiece::Inflated(&inflater.end().map_err(Err)?), true).map_err(Ok))
        } else {
            pieces
                .try_for_each(|piece| take(CsvPiece::Stored(piece), false))
                .and_then(|()| take(CsvPiece::Stored(&[]), true))
                .map_err(Ok)
        };
        let damage = damage.err().map(|error: Result<ScanError<Infallible>, DamageKind>| match error {
            Ok(ScanError::Damaged(damage)) => damage.to_string(),
            Ok(ScanError::Refused { error, .. }) => match error {},
            Err(kind) => reader.damage(kind).to_string(),
        });
        (keys, damage)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

        /// Short rows, rows that are longer than the kept text, several members, and damage.
        #[test]
        fn inflated_apart_there_are_the_same_rows(
            rows in vec((0usize..4000, prop_oneof![8 => 0usize..80, 1 => 30_000usize..70_000, 1 => 200_000usize..600_000]), 0..12),
            piece in 1usize..100_000,
            member in 1usize..3_000_000,
            damage in prop::option::of((any::<prop::sample::Index>(), 1u8..)),
            cut in prop::option::of(any::<prop::sample::Index>()),
        ) {
            let mut text = Vec::new();
            for (many, length) in rows {
                let many = if length > 80 { 1 } else { many };
                for at in 0..many {
                    writeln!(text, "\"b\",\"{at}{}\",\"\"", "k".repeat(length)).unwrap();
                }
            }
            let mut stream = Vec::new();
            for part in text.chunks(member) {
                let mut gzip = GzEncoder::new(&mut stream, Compression::fast());
                gzip.write_all(part).unwrap();
                gzip.finish().unwrap();
            }
            if !stream.is_empty() {
                if let Some((at, by)) = damage {
                    let at = at.index(stream.len());
                    stream[at] ^= by;
                }
                if let Some(cut) = cut {
                    stream.truncate(cut.index(stream.len()));
                }
            }
            let ((keys, damage), (apart, found)) = (read(&stream, piece, false), read(&stream, piece, true));
            prop_assert_eq!(damage.is_some(), found.is_some(), "{:?} {:?}", damage, found);
            if damage.is_none() {
                prop_assert_eq!(keys, apart);
            } else {
                // Buffers are full at other places after a long row, so damage of the stream may be found earlier or later.
                let both = keys.len().min(apart.len());
                prop_assert_eq!(&keys[..both], &apart[..both]);
            }
        }
    }
}
