//! ORC files: the tail, then for one stripe after the other the streams of the columns that the question needs.

use std::io::Read;

use bytes::{Buf, Bytes};
use orc_rust::arrow_reader::ArrowReaderBuilder;
use orc_rust::compression::Decompressor;
use orc_rust::projection::ProjectionMask;
use orc_rust::proto::StripeFooter;
use orc_rust::reader::ChunkReader;
use orc_rust::reader::metadata::{FileMetadata, read_metadata};
use orc_rust::schema::RootDataType;
use orc_rust::stripe::StripeMetadata;
use prost::Message;

use super::ReportError;
use super::columns::{BATCH, Counter, Room};
use super::parts::{Held, Parts};
use crate::inventory::Damage;

/// Fetched from the end at first: holds the tail of most files, and is little.
const TAIL: u64 = 64 << 10;
/// A stripe's footer names its streams; one that inflates to more is none.
const MOST_FOOTER: u64 = 16 << 20;

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
            let _room = room.take(parts, MOST_FOOTER.min(size))?;
            let tail = parts.read_all(vec![(size.saturating_sub(MOST_FOOTER), size)])?;
            read_metadata(&mut &tail).map_err(|error| broken(&error))?
        }
        answer => answer.map_err(|error| broken(&error))?,
    };
    let root = metadata.root_data_type();
    let has = |name: &&&str| root.children().iter().any(|column| column.name() == **name);
    if let Some(name) = wanted.iter().find(|name| !has(name)) {
        return Err(damage(format!("the file has no column {name}, which the manifest names")));
    }
    let mask = ProjectionMask::named_roots(root, wanted);
    let columns = root.project(&mask);
    let claimed = metadata.stripe_metadatas().iter().map(StripeMetadata::number_of_rows);
    if claimed.fold(0u64, u64::saturating_add) != metadata.number_of_rows() {
        return Err(damage("its stripes do not have as many rows as the file says".to_owned()));
    }
    for (at, stripe) in metadata.stripe_metadatas().iter().enumerate() {
        let mut ranges = streams(parts, &metadata, stripe, &columns)
            .and_then(|ranges| ranges.ok_or_else(|| damage(format!("stripe {at} has no footer that makes sense"))))?;
        ranges.push((stripe.footer_offset(), stripe.footer_offset() + stripe.footer_length()));
        let _room = room.take(parts, ranges.iter().map(|(from, to)| to - from).sum())?;
        let held = parts.read_all(ranges)?.and(&tail);
        let place = usize::try_from(stripe.offset()).unwrap_or(usize::MAX);
        let reader = ArrowReaderBuilder::try_new(&held)
            .map_err(|error| broken(&error))?
            .with_batch_size(BATCH)
            .with_projection(mask.clone())
            .with_file_byte_range(place..place.saturating_add(1))
            .build();
        let before = counter.rows();
        for batch in reader {
            counter.count(&batch.map_err(|error| broken(&error))?)?;
        }
        let (found, claimed) = (counter.rows() - before, stripe.number_of_rows());
        if found != claimed {
            return Err(damage(format!("stripe {at} has {found} rows and claims {claimed}")));
        }
    }
    Ok(())
}

/// Where the streams of `columns` are in a stripe; `None` where its footer is none or they lie outside of it.
fn streams(
    parts: &Parts<'_>,
    metadata: &FileMetadata,
    stripe: &StripeMetadata,
    columns: &RootDataType,
) -> Result<Option<Vec<(u64, u64)>>, ReportError> {
    let lengths = [stripe.index_length(), stripe.data_length()];
    let Some(from) = lengths.iter().try_fold(stripe.offset(), |sum, length| sum.checked_add(*length)) else {
        return Ok(None);
    };
    let Some(to) = from.checked_add(stripe.footer_length()).filter(|_| stripe.footer_length() <= MOST_FOOTER) else {
        return Ok(None);
    };
    let stored = parts.read(from, to)?;
    let mut footer = Vec::new();
    let inflated =
        Decompressor::new(stored, metadata.compression(), Vec::new()).take(MOST_FOOTER).read_to_end(&mut footer);
    let Some(footer) = inflated.ok().and_then(|_| StripeFooter::decode(footer.as_slice()).ok()) else {
        return Ok(None);
    };
    // The library takes it for granted that a name of a time zone is one.
    if footer.writer_timezone.as_ref().is_some_and(|name| name.parse::<chrono_tz::Tz>().is_err()) {
        return Ok(None);
    }
    let (mut at, mut ranges) = (stripe.offset(), Vec::new());
    for stream in &footer.streams {
        let Some(end) = at.checked_add(stream.length()).filter(|end| *end <= from) else { return Ok(None) };
        if columns.contains_column_index(stream.column() as usize) {
            ranges.push((at, end));
        }
        at = end;
    }
    Ok(Some(ranges))
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
