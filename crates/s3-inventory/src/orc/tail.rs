//! Reads and checks the end of a file and of a stripe.

use bytes::{Buf, Bytes};
use prost::Message;
use prost::encoding::{self, DecodeContext};

use super::blocks::{Compression, inflate};
use super::error::OrcDamage;
use super::messages::{
    ColumnEncoding, ColumnStatistics, CompressionKind, Footer, Metadata, PostScript, StreamInformation, StreamKind,
    StripeFooter, StripeInformation, StripeStatistics, Type, TypeKind,
};
use super::stripe::{ColumnKind, WantedColumn};
use crate::fault::{Fault, Feature, FileDamage, MemoryUse, Shortage};
use crate::field::FIELDS;
use crate::ranges::Span;

/// The number of kinds of streams.
const STREAMS: usize = 5;

/// The postscript of a file: the place of its footer, and its compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileEnd {
    pub(super) footer: Span,
    /// Statistics of the stripes, before the footer.
    pub(super) metadata: Span,
    pub(super) compression: Compression,
}

impl FileEnd {
    /// Parses the last bytes of a file of `size` bytes; 256 are always enough.
    pub(super) fn read(end: &[u8], size: u64) -> Result<Self, Fault> {
        let script = end.split_last().and_then(|(length, rest)| {
            let length = usize::from(*length);
            Some((rest.get(rest.len().checked_sub(length)?..)?, length as u64 + 1))
        });
        let (script, length) = script.ok_or(OrcDamage::TooShort)?;
        let script = PostScript::decode(script).ok().filter(|script| script.magic.as_deref() == Some("ORC"));
        let script = script.ok_or(OrcDamage::NotOrc)?;
        let to = size.checked_sub(length).ok_or(OrcDamage::TooShort)?;
        let from = to.checked_sub(script.footer_length()).ok_or(OrcDamage::FooterTooLong)?;
        let compression = CompressionKind::try_from(script.compression.unwrap_or_default());
        let compression = compression.map_err(|_| OrcDamage::Compression)?;
        // Before HIVE-8732 (version 1), writers ordered texts as UTF-16 and merged their bounds wrongly.
        let stated = if script.writer_version() == 0 { 0 } else { script.metadata_length() };
        let metadata = from.saturating_sub(stated);
        let compression = Compression::new(compression, script.compression_block_size)?;
        Ok(Self { footer: (from, to), metadata: (metadata, from), compression })
    }
}

impl Footer {
    /// Parses the stored footer of a file, with at most about `most` bytes of memory.
    pub(super) fn read(stored: Bytes, compression: Compression, most: usize) -> Result<Self, Fault> {
        let footer: Self = message(stored, compression, most, |field, length| match field {
            3 => size_of::<StripeInformation>(),
            // Names of one letter take two bytes, and need the most memory.
            4 => size_of::<Type>() + length.saturating_mul(size_of::<String>()),
            _ => length,
        })?;
        if footer.encryption.is_some() {
            return Err(Feature::EncryptedColumns.into());
        }
        let rows = footer.stripes.iter().try_fold(0u64, |sum, stripe| sum.checked_add(stripe.number_of_rows()));
        if rows != Some(footer.number_of_rows()) {
            return Err(OrcDamage::Rows.into());
        }
        Ok(footer)
    }

    pub(super) fn columns(&self, names: &[&str]) -> Result<Vec<WantedColumn>, Fault> {
        let row = self.types.first().ok_or(OrcDamage::NoColumns)?;
        let wanted = names.iter().map(|name| {
            let mut found = row.field_names.iter().zip(&row.subtypes).filter(|(field, _)| field == name);
            let (_, column) = found.next().ok_or_else(|| FileDamage::MissingColumn((*name).to_owned()))?;
            if found.next().is_some() {
                return Err(FileDamage::ColumnTwice((*name).to_owned()).into());
            }
            let kind = usize::try_from(*column).ok().and_then(|at| self.types.get(at));
            let kind = match kind.map(|of| TypeKind::try_from(of.kind.unwrap_or_default())) {
                Some(Ok(TypeKind::Boolean)) => ColumnKind::Boolean,
                Some(Ok(TypeKind::Short | TypeKind::Int | TypeKind::Long)) => ColumnKind::Integer,
                Some(Ok(TypeKind::Timestamp)) => ColumnKind::Time,
                Some(Ok(TypeKind::TimestampInstant)) => ColumnKind::Instant,
                Some(Ok(TypeKind::String | TypeKind::Varchar | TypeKind::Char)) => ColumnKind::Text,
                Some(Ok(TypeKind::Binary)) => ColumnKind::Binary,
                Some(Ok(other)) if FIELDS.iter().all(|field| field.name != *name) => {
                    return Err(Feature::ColumnType { column: (*name).to_owned(), found: format!("{other:?}") }.into());
                }
                other => {
                    let found = format!("{other:?}");
                    return Err(FileDamage::ColumnType { column: (*name).to_owned(), found }.into());
                }
            };
            Ok(WantedColumn { name: (*name).to_owned(), column: *column, kind })
        });
        wanted.collect()
    }
}

/// Inflates and decodes a message, if both together take at most `most` bytes. `weight` is the memory for a field with this
/// many bytes.
fn message<M: Message + Default>(
    stored: Bytes,
    compression: Compression,
    most: usize,
    weight: impl Fn(u32, usize) -> usize,
) -> Result<M, Fault> {
    // Buffers double when they grow.
    let bytes = inflate(stored, compression, most / 4)?;
    let (mut rest, mut sum) = (bytes.as_slice(), 0usize);
    while rest.has_remaining() {
        let (field, wire) = encoding::decode_key(&mut rest).map_err(OrcDamage::from)?;
        let before = rest.len();
        encoding::skip_field(wire, field, &mut rest, DecodeContext::default()).map_err(OrcDamage::from)?;
        sum = sum.saturating_add(weight(field, before - rest.len()));
    }
    if sum > most / 4 {
        return Err(Shortage::new(MemoryUse::DecodedFooter, sum as u64, (most / 4) as u64).into());
    }
    Ok(M::decode(bytes.as_slice()).map_err(OrcDamage::from)?)
}

impl Metadata {
    /// Parses the stored statistics of the stripes, with at most about `most` bytes of memory.
    pub(super) fn read(stored: Bytes, compression: Compression, most: usize) -> Result<Self, Fault> {
        // Statistics without content take two bytes.
        message(stored, compression, most, |_, length| size_of::<StripeStatistics>() + length * size_of::<Bytes>())
    }
}

impl StripeStatistics {
    /// The smallest and the largest text of a column, or texts that are smaller and larger; `None` if not all of the `rows` have
    /// a text, or if that is not known.
    pub(super) fn bounds(&self, column: u32, rows: u64) -> Option<(Bytes, Bytes)> {
        let stated = self.columns.get(usize::try_from(column).ok()?)?;
        let ColumnStatistics { number_of_values, texts } = ColumnStatistics::decode(stated.clone()).ok()?;
        let texts = texts.filter(|_| number_of_values == Some(rows))?;
        Some((texts.minimum.or(texts.lower_bound)?, texts.maximum.or(texts.upper_bound)?))
    }
}

impl StripeInformation {
    pub(super) fn footer(&self) -> Option<Span> {
        let data = self.index_length().checked_add(self.data_length())?;
        let from = self.offset().checked_add(data)?;
        Some((from, from.checked_add(self.footer_length())?))
    }
}

impl StripeFooter {
    /// Parses the stored footer of a stripe, with at most about `most` bytes of memory.
    pub(super) fn read(stored: Bytes, compression: Compression, most: usize) -> Result<Self, Fault> {
        message(stored, compression, most, |field, length| match field {
            1 => size_of::<StreamInformation>(),
            2 => size_of::<ColumnEncoding>(),
            _ => length,
        })
    }

    /// The streams of `columns`: column, kind and place.
    pub(super) fn streams(
        &self,
        stripe: &StripeInformation,
        columns: &[WantedColumn],
    ) -> Result<Vec<(u32, StreamKind, Span)>, OrcDamage> {
        let end = stripe.footer().map_or(0, |(from, _)| from);
        let (mut at, mut streams) = (stripe.offset(), Vec::new());
        for stream in &self.streams {
            let next = at.checked_add(stream.length()).filter(|next| *next <= end);
            let next = next.ok_or(OrcDamage::StreamsOutside)?;
            let is_wanted = columns.iter().any(|wanted| wanted.column == stream.column());
            match StreamKind::try_from(stream.kind.unwrap_or_default()) {
                Ok(_) if is_wanted && streams.len() == STREAMS * columns.len() => {
                    return Err(OrcDamage::TooManyStreams);
                }
                Ok(kind) if is_wanted => streams.push((stream.column(), kind, (at, next))),
                _ => {}
            }
            at = next;
        }
        Ok(streams)
    }
}
