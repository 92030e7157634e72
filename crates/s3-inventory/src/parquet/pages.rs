//! The pages of a Parquet column, one after the other. Every header is checked before its page is read.

use std::sync::Arc;

use super::bounds::{self, Bounds};
use super::decode_memory::{DecodeBudget, Decoder, PageClaims};
use super::error::ParquetDamage;
use super::page_codec::PageCodec;
use super::page_header::{Levels, PageHeader};
use super::thrift::Thrift;
use crate::fault::Fault;
use crate::memory::PooledBuffer;
use crate::ranges::{ColumnStream, Span};

/// In a dictionary of at most this many bytes, the longest entry is not looked for.
const SMALL_DICTIONARY: u64 = 512;
/// The header of a page is read in pieces that double, because it has the smallest and the largest text of the page. It is always
/// shorter than a window.
const HEADER: usize = 64;
const MOST_HEADER: usize = 128 << 10;

/// The pages of a column chunk.
pub(super) struct Pages {
    stream: ColumnStream,
    /// Offsets in the file of the next page, and of the end.
    at: u64,
    end: u64,
    /// The header of the next page, if it was read, and the header's length.
    next: Option<(PageHeader, usize)>,
    claims: PageClaims,
    decoder: Decoder,
    budget: Arc<DecodeBudget>,
    column: usize,
}

impl Pages {
    /// `column` is the index of the column in the budget.
    pub(super) fn new(
        stream: ColumnStream,
        (at, end): Span,
        decoder: Decoder,
        budget: &Arc<DecodeBudget>,
        column: usize,
    ) -> Self {
        let (claims, budget) = (PageClaims::default(), Arc::clone(budget));
        Self { stream, at, end, next: None, claims, decoder, budget, column }
    }

    /// Reads and checks the next header; `None` after the last page.
    pub(super) fn peek(&mut self) -> Result<Option<&PageHeader>, Fault> {
        if self.next.is_none() {
            let Some((page, header)) = self.header()? else { return Ok(None) };
            if page.stored > (self.end - self.at).saturating_sub(header as u64) {
                return Err(ParquetDamage::PageTooLong.into());
            }
            self.budget.check_page(page.inflated.max(page.stored))?;
            self.claims.add(&page)?;
            self.budget.set(self.column, &self.claims, self.decoder)?;
            self.next = Some((page, header));
        }
        Ok(self.next.as_ref().map(|(page, _)| page))
    }

    fn header(&mut self) -> Result<Option<(PageHeader, usize)>, Fault> {
        let mut least = 1;
        loop {
            let ahead = self.stream.ahead(least)?;
            if ahead.is_empty() {
                return Ok(None);
            }
            let mut header = Thrift { rest: ahead };
            if let Some(page) = PageHeader::read(&mut header) {
                let length = ahead.len() - header.rest.len();
                return Ok(Some((page, length)));
            }
            if ahead.len() < least || ahead.len() >= MOST_HEADER {
                return Err(ParquetDamage::PageHeader.into());
            }
            least = (2 * ahead.len()).clamp(HEADER, MOST_HEADER);
        }
    }

    /// Inflates the next page to the start of a buffer, and skips it; `None` after the last page.
    pub(super) fn inflate_next(
        &mut self,
        codec: &mut PageCodec,
        buffer: &mut PooledBuffer,
    ) -> Result<Option<PageHeader>, Fault> {
        self.peek()?;
        let decoder = self.decoder;
        let Some((page, stored)) = self.stored()? else { return Ok(None) };
        if page.checksum.is_some_and(|checksum| libdeflater::crc32(stored) != checksum) {
            return Err(ParquetDamage::Checksum.into());
        }
        let (length, room) = (to_usize(page.inflated)?, to_usize(decoder.buffer_for(page.inflated))?);
        buffer.make_room(room);
        let (levels, is_compressed) = match page.levels {
            Levels::Unknown | Levels::Inside { .. } => (0, true),
            Levels::Before { definition, repetition, is_compressed } => {
                (to_usize(definition.saturating_add(repetition))?, is_compressed)
            }
        };
        let (plain, stored) = stored.split_at_checked(levels).ok_or(ParquetDamage::LevelsTooLong)?;
        let length = length.checked_sub(levels).ok_or(ParquetDamage::LevelsTooLong)?;
        let (head, room) = buffer.split_at_mut_checked(levels).ok_or(ParquetDamage::LevelsTooLong)?;
        head.copy_from_slice(plain);
        let codec = if is_compressed { codec } else { &mut PageCodec::Uncompressed };
        // An empty page may be compressed to nothing.
        if length > 0 {
            codec.inflate(stored, length, room)?;
        }
        self.skip();
        Ok(Some(page))
    }

    /// The checked page, and its stored bytes.
    fn stored(&mut self) -> Result<Option<(PageHeader, &[u8])>, Fault> {
        let Some((page, header)) = &self.next else { return Ok(None) };
        let end = header + to_usize(page.stored)?;
        let stored = self.stream.ahead(end)?.get(*header..end).ok_or(ParquetDamage::PageTooLong)?;
        Ok(Some((*page, stored)))
    }

    /// Skips the next page without reading it, if it is a data page and `is_known` says so of the bounds in its header. Returns it.
    pub(super) fn skip_if(
        &mut self,
        is_known: impl FnOnce(&PageHeader, Option<Bounds<&[u8]>>) -> bool,
    ) -> Result<Option<PageHeader>, Fault> {
        self.peek()?;
        let Some((page, header)) = self.next else { return Ok(None) };
        let bytes = self.stream.ahead(header)?.get(..header).unwrap_or_default();
        if page.levels == Levels::Unknown || !page.is_known() || !is_known(&page, bounds::of_header(bytes)) {
            return Ok(None);
        }
        self.next = None;
        let length = header as u64 + page.stored;
        self.at += length;
        self.stream.skip_unread(length)?;
        Ok(Some(page))
    }

    /// Skips the next page without inflating it.
    pub(super) fn skip_next(&mut self) -> Result<(), Fault> {
        self.peek()?;
        self.stored()?;
        self.skip();
        Ok(())
    }

    /// Skips the checked page, whose stored bytes were read.
    fn skip(&mut self) {
        if let Some((page, header)) = self.next.take() {
            let length = header as u64 + page.stored;
            self.at += length;
            self.stream.skip(usize::try_from(length).unwrap_or(usize::MAX));
        }
    }

    /// Finds the longest text of a dictionary: every row of a batch may refer to it.
    pub(super) fn has_dictionary(&mut self, mut texts: &[u8]) -> Result<(), ParquetDamage> {
        if self.decoder != Decoder::LibraryTexts || self.claims.dictionary <= SMALL_DICTIONARY {
            self.claims.longest = self.claims.dictionary;
            return Ok(());
        }
        while let Some((length, rest)) = texts.split_first_chunk() {
            let length = u32::from_le_bytes(*length);
            self.claims.longest = self.claims.longest.max(length.into());
            texts = rest.get(to_usize(length.into())?..).ok_or(ParquetDamage::DictionaryCutOff)?;
        }
        Ok(())
    }
}

pub(super) fn to_usize(number: u64) -> Result<usize, ParquetDamage> {
    usize::try_from(number).map_err(|_| ParquetDamage::Length)
}

#[cfg(test)]
mod tests {
    use super::super::decode_memory::BATCHES;
    use bytes::Bytes;

    use super::super::page_header::PageValues;
    use super::*;
    use crate::error::ReadError;

    /// A data page of `stored` bytes behind a header that claims `inflated`; varints of one byte.
    fn page(inflated: u8, stored: u8) -> Vec<u8> {
        let mut page = vec![0x15, 0, 0x15, inflated << 1, 0x15, stored << 1, 0x2c, 0x15, 8, 0x15, 0, 0x15, 6, 0x15, 6];
        // Statistics with a text, then the ends of three structures.
        page.extend([0x1c, 0x18, 2, b'a', b'b', 0, 0, 0]);
        page.extend(vec![0; stored.into()]);
        page
    }

    /// Walks to the end; returns the claims, and whether any page was not plain.
    fn walk(column: &[u8], most: u64) -> Result<(PageClaims, bool), String> {
        walk_pages(column, most).map_err(|fault| ReadError::of("f", fault).to_string())
    }

    fn walk_pages(column: &[u8], most: u64) -> Result<(PageClaims, bool), Fault> {
        let (budget, length) = (DecodeBudget::new(most, 0, 1), column.len() as u64);
        let stream = ColumnStream::Whole(Bytes::copy_from_slice(column));
        let mut pages = Pages::new(stream, (7, 7 + length), Decoder::LibraryNumbers, &budget, 0);
        let mut are_odd = false;
        while let Some(page) = pages.peek()? {
            are_odd |= page.values_kind(true) != Some(PageValues::Plain);
            let stored = pages.stored()?.map(|(page, stored)| (page.stored, stored.len() as u64));
            assert!(stored.is_some_and(|(claimed, found)| claimed == found));
            pages.skip();
        }
        Ok((pages.claims, are_odd))
    }

    #[test]
    fn pages_are_walked_to_the_end() {
        let column = [page(40, 3), page(10, 0), page(20, 7)].concat();
        let (claims, _) = walk(&column, 80).unwrap();
        assert_eq!((claims.largest, claims.stored, claims.dictionary), (40, 7, 0));
        assert!(walk(&column, 79).unwrap_err().contains("its pages need 40 bytes"));
        assert!(walk(&column[..column.len() - 1], 80).unwrap_err().contains("longer than its column"));
        for end in 1..page(1, 0).len() {
            assert!(walk(&page(1, 0)[..end], 40).is_err(), "{end}");
        }
    }

    #[test]
    fn what_is_not_plain_is_known() {
        let odd = |column: &[u8]| walk(column, 80).unwrap().1;
        assert!(!odd(&[page(40, 3), page(20, 7)].concat()));
        // Its type, its encoding, that of its levels; then a missing one.
        for (at, byte) in [(1, 2), (10, 16), (10, 12), (12, 8)] {
            let mut page = page(40, 3);
            page[at] = byte;
            assert!(odd(&page), "{at}");
        }
        let whole = page(40, 0);
        assert!(odd(&[&whole[..13], &whole[15..]].concat()));
        // Of the second version: NULLs, rows, the encoding, bytes of definition and of repetition levels.
        let second = |repetition: u8| {
            let mut page =
                vec![0x15, 6, 0x15, 20, 0x15, 0, 0x5c, 0x15, 8, 0x15, 2, 0x15, 8, 0x15, 0, 0x15, 4, 0x15, repetition];
            page.extend([0x12, 0, 0]);
            page
        };
        let first = |page: &[u8]| PageHeader::read(&mut Thrift { rest: page }).unwrap();
        let page = first(&second(0));
        assert!(page.values_kind(true) == Some(PageValues::Plain) && (page.values, page.nulls) == (4, 1));
        assert!(page.levels == Levels::Before { definition: 2, repetition: 0, is_compressed: false });
        assert!(first(&second(2)).values_kind(true).is_none());
    }

    #[test]
    fn a_dictionary_has_no_more_entries_than_bytes() {
        let dictionary = |entries: u8| vec![0x15, 4, 0x15, 20, 0x15, 0, 0x4c, 0x15, entries << 1, 0x15, 0, 0x11, 0, 0];
        assert_eq!(walk(&dictionary(10), 80).unwrap().0.dictionary, 10);
        assert!(walk(&dictionary(11), 80).unwrap_err().contains("11 entries"));
    }

    #[test]
    fn texts_of_a_batch_are_those_of_neighbours() {
        // Each page has 4 values.
        let column = [page(40, 0), page(10, 0), page(20, 0), page(30, 0), page(1, 0)].concat();
        let (claims, _) = walk(&column, 80).unwrap();
        let most = |rows: u64| claims.windows[BATCHES.iter().position(|many| *many == rows).unwrap()].most;
        assert_eq!((most(1), most(8), most(64)), (50, 100, 101));
        let mut longer = claims;
        longer.longest = 7;
        assert_eq!(longer.for_texts(5) - claims.for_texts(5), 28);
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = walk(&bytes, 1000);
        }
    }
}
