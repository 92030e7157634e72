//! ORC files: the tail, then for one stripe after the other the streams of the columns that the question needs.

use bytes::{Buf, Bytes};
use orc_rust::proto::{PostScript, StripeFooter, stream};
use orc_rust::reader::ChunkReader;
use orc_rust::reader::metadata::read_metadata;
use orc_rust::schema::{DataType, RootDataType};
use orc_rust::stripe::StripeMetadata;
use prost::Message;

use super::ReportError;
use super::columns::{BATCH, Counter, Room};
use super::parts::{Held, Parts};
use crate::inventory::Damage;
use crate::inventory::orc::{Compression, Kind, Stream, StripeColumns, Wanted, inflate};

/// Fetched from the end at first: holds the tail of most files, and is little.
const TAIL: u64 = 64 << 10;
/// A stripe's footer names its streams; one that inflates to more is none.
const MOST_FOOTER: usize = 16 << 20;

/// Counts the rows of a file.
///
/// # Errors
/// Damage, or the file can't be read.
pub(super) fn read(
    parts: &Parts<'_>,
    wanted: &[&str],
    room: &Room<'_>,
    counter: &mut Counter<'_>,
) -> Result<(), ReportError> {
    let damage = |what: String| ReportError::from(Damage::of_file(&parts.file.key, None, what));
    let broken = |error: &dyn std::fmt::Display| damage(format!("its ORC structure is damaged: {error}"));
    let size = parts.size();
    let tail = Held::of(size, parts.tail(TAIL)?);
    let metadata = match read_metadata(&mut &tail) {
        // The tail may be longer than what was fetched of it.
        Err(_) if size > TAIL => {
            let most = (MOST_FOOTER as u64).min(size);
            let _room = room.take(parts, most)?;
            let tail = parts.read_all(vec![(size - most, size)])?;
            read_metadata(&mut &tail).map_err(|error| broken(&error))?
        }
        answer => answer.map_err(|error| broken(&error))?,
    };
    let compression = compression(&tail).map_err(|error| broken(&error))?;
    let root = metadata.root_data_type();
    let has = |name: &&&str| root.children().iter().any(|column| column.name() == **name);
    if let Some(name) = wanted.iter().find(|name| !has(name)) {
        return Err(damage(format!("the file has no column {name}, which the manifest names")));
    }
    let columns = columns(root, wanted).map_err(damage)?;
    let claimed = metadata.stripe_metadatas().iter().map(StripeMetadata::number_of_rows);
    if claimed.fold(0u64, u64::saturating_add) != metadata.number_of_rows() {
        return Err(damage("its stripes do not have as many rows as the file says".to_owned()));
    }
    for (at, stripe) in metadata.stripe_metadatas().iter().enumerate() {
        let (footer, places) = streams(parts, compression, stripe, &columns)
            .and_then(|found| found.ok_or_else(|| damage(format!("stripe {at} has no footer that makes sense"))))?;
        let ranges: Vec<(u64, u64)> = places.iter().map(|(_, _, range)| *range).collect();
        let _room = room.take(parts, ranges.iter().map(|(from, to)| to - from).sum())?;
        let held = parts.read_all(ranges)?;
        let streams = places.into_iter().map(|(column, kind, (from, to))| {
            // Nothing is held of what is empty.
            let bytes = if from == to { Bytes::new() } else { (&held).get_bytes(from, to - from)? };
            Ok(Stream { column, kind, bytes })
        });
        let streams = streams.collect::<std::io::Result<Vec<_>>>().map_err(|error| broken(&error))?;
        let rows = StripeColumns::new(&columns, &footer, &streams, compression, stripe.number_of_rows());
        let mut rows = rows.map_err(|error| broken(&error))?;
        let before = counter.rows();
        while let Some(batch) = rows.next(BATCH).map_err(|error| broken(&error))? {
            counter.count(&batch)?;
        }
        let (found, claimed) = (counter.rows() - before, stripe.number_of_rows());
        if found != claimed {
            return Err(damage(format!("stripe {at} has {found} rows and claims {claimed}")));
        }
    }
    Ok(())
}

/// How the file is compressed, from its last bytes: the library keeps the size of a block to itself.
fn compression(tail: &Held) -> Result<Compression, String> {
    let end = tail.from(tail.size.saturating_sub(256)).ok_or("its end is missing")?;
    let script = end.split_last().and_then(|(length, rest)| rest.get(rest.len().checked_sub(usize::from(*length))?..));
    let script = PostScript::decode(script.ok_or("its postscript is cut off")?).map_err(|error| error.to_string())?;
    Compression::new(script.compression(), script.compression_block_size)
}

/// The wanted columns, as the file numbers them.
fn columns<'a>(root: &'a RootDataType, wanted: &[&str]) -> Result<Vec<Wanted<'a>>, String> {
    let columns = root.children().iter().filter(|column| wanted.contains(&column.name()));
    let columns = columns.map(|column| {
        let name = column.name();
        let kind = match column.data_type() {
            DataType::Boolean { .. } => Kind::Boolean,
            DataType::Short { .. } | DataType::Int { .. } | DataType::Long { .. } => Kind::Integer,
            DataType::Timestamp { .. } => Kind::Time,
            DataType::TimestampWithLocalTimezone { .. } => Kind::Instant,
            DataType::String { .. } | DataType::Varchar { .. } | DataType::Char { .. } => Kind::Text,
            DataType::Binary { .. } => Kind::Binary,
            other => return Err(format!("column {name} holds {other}, which no report does")),
        };
        let column = u32::try_from(column.data_type().column_index()).map_err(|error| error.to_string())?;
        Ok(Wanted { name, column, kind })
    });
    columns.collect()
}

/// A stream: its column, what it is to the column, and where it is.
type Place = (u32, stream::Kind, (u64, u64));

/// A stripe's footer, and where the streams of `columns` are; `None` where its footer is none or they lie outside of it.
fn streams(
    parts: &Parts<'_>,
    compression: Compression,
    stripe: &StripeMetadata,
    columns: &[Wanted<'_>],
) -> Result<Option<(StripeFooter, Vec<Place>)>, ReportError> {
    let lengths = [stripe.index_length(), stripe.data_length()];
    let Some(from) = lengths.iter().try_fold(stripe.offset(), |sum, length| sum.checked_add(*length)) else {
        return Ok(None);
    };
    let small = stripe.footer_length() <= MOST_FOOTER as u64;
    let Some(to) = from.checked_add(stripe.footer_length()).filter(|_| small) else { return Ok(None) };
    let stored = parts.read(from, to)?;
    let footer = inflate(stored, compression, MOST_FOOTER).ok();
    let Some(footer) = footer.and_then(|footer| StripeFooter::decode(footer.as_slice()).ok()) else {
        return Ok(None);
    };
    let (mut at, mut places) = (stripe.offset(), Vec::new());
    for stream in &footer.streams {
        let Some(end) = at.checked_add(stream.length()).filter(|end| *end <= from) else { return Ok(None) };
        let known = stream::Kind::try_from(stream.kind.unwrap_or_default()).ok();
        if let Some(kind) = known.filter(|kind| is_read(*kind))
            && columns.iter().any(|wanted| wanted.column == stream.column())
        {
            places.push((stream.column(), kind, (at, end)));
        }
        at = end;
    }
    Ok(Some((footer, places)))
}

/// Indexes and filters are not.
fn is_read(kind: stream::Kind) -> bool {
    use stream::Kind::{Data, DictionaryData, Length, Present, Secondary};
    matches!(kind, Present | Data | Length | DictionaryData | Secondary)
}

impl ChunkReader for &Held {
    type T = bytes::buf::Reader<Bytes>;

    fn len(&self) -> u64 {
        self.size
    }

    fn get_read(&self, from: u64) -> std::io::Result<Self::T> {
        Ok(self.from(from).ok_or_else(not_held)?.reader())
    }

    fn get_bytes(&self, from: u64, length: u64) -> std::io::Result<Bytes> {
        let length = usize::try_from(length).map_err(std::io::Error::other)?;
        let bytes = self.from(from).filter(|bytes| bytes.len() >= length).ok_or_else(not_held)?;
        Ok(bytes.slice(..length))
    }
}

fn not_held() -> std::io::Error {
    std::io::Error::other("it names bytes that are no part of it")
}
