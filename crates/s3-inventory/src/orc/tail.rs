//! What the end of a file and of a stripe say, held against what is there.

use bytes::{Buf, Bytes};
use prost::Message;
use prost::encoding::{self, DecodeContext};

use super::blocks::{Compression, inflate};
use super::proto::{
    ColumnEncoding, CompressionKind, Footer, PostScript, StreamInformation, StreamKind, StripeFooter,
    StripeInformation, Type, TypeKind,
};
use super::stripe::{Kind, Wanted};
use crate::error::Unread;
use crate::fields::FIELDS;

/// Kinds of streams that a column has.
const STREAMS: usize = 5;

/// Bytes of a file, from the first to behind the last.
pub type Span = (u64, u64);

/// What the last bytes of a file say: where its footer is, and how it is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Script {
    /// Where the footer is.
    pub footer: Span,
    /// How everything else is compressed.
    pub compression: Compression,
}

impl Script {
    /// Reads the last bytes of a file of `size` bytes; 256 are always enough.
    ///
    /// # Errors
    /// It does not end as an ORC file does, or says what can't be.
    pub fn of(end: &[u8], size: u64) -> Result<Self, Unread> {
        let script = end.split_last().and_then(|(length, rest)| {
            let length = usize::from(*length);
            Some((rest.get(rest.len().checked_sub(length)?..)?, length as u64 + 1))
        });
        let (script, length) = script.ok_or("it is too short")?;
        let script = PostScript::decode(script).ok().filter(|script| script.magic.as_deref() == Some("ORC"));
        let script = script.ok_or("it does not end as an ORC file does: is it whole?")?;
        let to = size.checked_sub(length).ok_or("it is too short")?;
        let from = to.checked_sub(script.footer_length()).ok_or("its footer claims to be longer than the file")?;
        let compression = CompressionKind::try_from(script.compression.unwrap_or_default());
        let compression = compression.map_err(|_| "its compression is unknown")?;
        Ok(Self { footer: (from, to), compression: Compression::new(compression, script.compression_block_size)? })
    }
}

impl Footer {
    /// Reads the footer of a file from its bytes as they are stored, and takes at most some `most` bytes of memory.
    ///
    /// # Errors
    /// Damage, encrypted columns, stripes that do not have as many rows as the file says, or more bytes than that.
    pub fn of(stored: Bytes, compression: Compression, most: usize) -> Result<Self, Unread> {
        let footer: Self = message(stored, compression, most, |field, length| match field {
            3 => size_of::<StripeInformation>(),
            // Of two bytes each, names of one letter have the most.
            4 => size_of::<Type>() + length.saturating_mul(size_of::<String>()),
            _ => length,
        })?;
        if footer.encryption.is_some() {
            let what = "it has encrypted columns, which replaudit cannot read";
            return Err(Unread::Unsupported(what.to_owned()));
        }
        let rows = footer.stripes.iter().try_fold(0u64, |sum, stripe| sum.checked_add(stripe.number_of_rows()));
        if rows != Some(footer.number_of_rows()) {
            return Err("its stripes do not have as many rows as the file says".into());
        }
        Ok(footer)
    }

    /// The columns of these names.
    ///
    /// # Errors
    /// One is missing, stands twice, or holds what no report does; or one that S3 does not document holds what is not read
    /// here.
    pub fn columns<'a>(&self, names: &[&'a str]) -> Result<Vec<Wanted<'a>>, Unread> {
        let row = self.types.first().ok_or("it has no columns")?;
        let wanted = names.iter().map(|name| {
            let mut found = row.field_names.iter().zip(&row.subtypes).filter(|(field, _)| field == name);
            let (_, column) =
                found.next().ok_or_else(|| format!("the file has no column {name}, which the manifest names"))?;
            if found.next().is_some() {
                return Err(format!("column {name} stands twice in the file").into());
            }
            let kind = usize::try_from(*column).ok().and_then(|at| self.types.get(at));
            let kind = match kind.map(|of| TypeKind::try_from(of.kind.unwrap_or_default())) {
                Some(Ok(TypeKind::Boolean)) => Kind::Boolean,
                Some(Ok(TypeKind::Short | TypeKind::Int | TypeKind::Long)) => Kind::Integer,
                Some(Ok(TypeKind::Timestamp)) => Kind::Time,
                Some(Ok(TypeKind::TimestampInstant)) => Kind::Instant,
                Some(Ok(TypeKind::String | TypeKind::Varchar | TypeKind::Char)) => Kind::Text,
                Some(Ok(TypeKind::Binary)) => Kind::Binary,
                Some(Ok(other)) if FIELDS.iter().all(|field| field.name != *name) => {
                    let what = format!("column {name} holds {other:?}, which replaudit cannot read");
                    return Err(Unread::Unsupported(what));
                }
                other => return Err(format!("column {name} holds {other:?}, which no report does").into()),
            };
            Ok(Wanted { name, column: *column, kind })
        });
        wanted.collect()
    }
}

/// Inflates and decodes a message, unless both together take more than `most` bytes; `weight` says what one of its fields
/// takes that has so many bytes.
fn message<M: Message + Default>(
    stored: Bytes,
    compression: Compression,
    most: usize,
    weight: impl Fn(u32, usize) -> usize,
) -> Result<M, Unread> {
    // Buffers double when they grow.
    let bytes = inflate(stored, compression, most / 4)?;
    let damaged = |error: prost::DecodeError| error.to_string();
    let (mut rest, mut sum) = (bytes.as_slice(), 0usize);
    while rest.has_remaining() {
        let (field, wire) = encoding::decode_key(&mut rest).map_err(damaged)?;
        let before = rest.len();
        encoding::skip_field(wire, field, &mut rest, DecodeContext::default()).map_err(damaged)?;
        sum = sum.saturating_add(weight(field, before - rest.len()));
    }
    if sum > most / 4 {
        let what = format!("its footer takes {sum} bytes, and --memory leaves {} for that: give more", most / 4);
        return Err(Unread::NoRoom(what));
    }
    Ok(M::decode(bytes.as_slice()).map_err(damaged)?)
}

impl StripeInformation {
    /// Where the stripe's footer is.
    #[must_use]
    pub fn footer(&self) -> Option<Span> {
        let data = self.index_length().checked_add(self.data_length())?;
        let from = self.offset().checked_add(data)?;
        Some((from, from.checked_add(self.footer_length())?))
    }
}

impl StripeFooter {
    /// Reads the footer of a stripe from its bytes as they are stored, and takes at most some `most` bytes of memory.
    ///
    /// # Errors
    /// Damage, or more bytes than that.
    pub fn of(stored: Bytes, compression: Compression, most: usize) -> Result<Self, Unread> {
        message(stored, compression, most, |field, length| match field {
            1 => size_of::<StreamInformation>(),
            2 => size_of::<ColumnEncoding>(),
            _ => length,
        })
    }

    /// The streams that hold values of `columns`: column, what it is to the column, and where.
    ///
    /// # Errors
    /// Streams go beyond the stripe's own, or there are more than columns can have.
    pub fn streams(
        &self,
        stripe: &StripeInformation,
        columns: &[Wanted<'_>],
    ) -> Result<Vec<(u32, StreamKind, Span)>, String> {
        let end = stripe.footer().map_or(0, |(from, _)| from);
        let (mut at, mut streams) = (stripe.offset(), Vec::new());
        for stream in &self.streams {
            let next = at.checked_add(stream.length()).filter(|next| *next <= end);
            let next = next.ok_or("its streams go beyond the stripe")?;
            let is_wanted = columns.iter().any(|wanted| wanted.column == stream.column());
            match StreamKind::try_from(stream.kind.unwrap_or_default()) {
                Ok(_) if is_wanted && streams.len() == STREAMS * columns.len() => {
                    return Err("it has more streams than its columns can have".to_owned());
                }
                Ok(kind) if is_wanted => streams.push((stream.column(), kind, (at, next))),
                _ => {}
            }
            at = next;
        }
        Ok(streams)
    }
}
