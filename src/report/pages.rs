//! The pages of a Parquet column, one after the other, and what they claim before anything is allocated for them.
//!
//! The decoder takes as much memory as a page's header asks for, and as much more as the texts of a batch have. So every
//! header is read first ("Parquet Format", `PageHeader`), and what decoding takes is reckoned from those that were seen.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use s3_inventory::orc::Flow;

use super::thrift::{FALSE, I32, STRUCT, TRUE, Thrift};
use super::window::{WINDOW, Window};

/// Rows that may be decoded at once: fewer, where their texts are long.
pub(super) const BATCHES: [u64; 6] = [super::columns::BATCH as u64, 1024, 256, 64, 8, 1];
/// `DELTA_BYTE_ARRAY`: a text says how much it shares with the one before.
const SHARED_PREFIXES: u64 = 7;
/// `DELTA_LENGTH_BYTE_ARRAY`, and the one above: all lengths of a page are decoded at once.
const LENGTHS_FIRST: [u64; 2] = [6, SHARED_PREFIXES];
/// A dictionary of so few bytes has no entry that is worth looking for.
const SMALL_DICTIONARY: u64 = 512;
/// The header of a page is read in pieces that double; it holds the least and the largest text of the page. None fills a
/// window.
const HEADER: usize = 64;
const MOST_HEADER: usize = 128 << 10;

/// Kinds of pages, and encodings, in the numbers of the format.
const DATA_PAGE: u64 = 0;
const DICTIONARY_PAGE: u64 = 2;
const DATA_PAGE_V2: u64 = 3;
const PLAIN: u64 = 0;
const RLE: u64 = 3;
const BIT_PACKED: u64 = 4;

/// What decoding the columns of a row group takes, as far as their pages were seen.
#[derive(Debug)]
pub(super) struct Budget {
    /// Bytes that it may take.
    most: u64,
    /// Rows decoded at once: `BATCHES[batch]`.
    batch: usize,
    /// Their names, and what each takes.
    columns: Vec<(String, AtomicU64)>,
    /// Why a column was not decoded further, where it would have taken too much.
    refusal: OnceLock<String>,
}

impl Budget {
    pub(super) fn new<'a>(most: u64, batch: usize, columns: impl Iterator<Item = &'a str>) -> Arc<Self> {
        let columns = columns.map(|name| (name.to_owned(), AtomicU64::new(0))).collect();
        Arc::new(Self { most, batch, columns, refusal: OnceLock::new() })
    }

    /// Why a column was not decoded further, where it would have taken too much.
    pub(super) fn refusal(&self) -> Option<&str> {
        self.refusal.get().map(String::as_str)
    }

    /// # Errors
    /// All columns together would take too much.
    fn set(&self, column: usize, bytes: u64) -> Result<(), String> {
        self.columns[column].1.store(bytes, Ordering::Relaxed);
        let sum = self.columns.iter().fold(0u64, |sum, (_, bytes)| sum.saturating_add(bytes.load(Ordering::Relaxed)));
        if sum > self.most { self.refuse(column, "with it, decoding takes", sum, self.most) } else { Ok(()) }
    }

    fn refuse(&self, column: usize, what: &str, bytes: u64, most: u64) -> Result<(), String> {
        let (name, _) = &self.columns[column];
        let what = format!("column {name}: {what} {bytes} bytes, and --memory leaves {most} for that: give more");
        Err(self.refusal.get_or_init(|| what).clone())
    }
}

/// What a column is decoded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoded {
    /// Here, in one buffer for its pages.
    Here,
    Numbers,
    Texts,
}

/// The pages of a column chunk.
pub(super) struct Pages {
    window: Window,
    /// ReportLocation in the file of the next page, and of the end.
    at: u64,
    end: u64,
    /// The next page, where it was looked at, and the length of its header.
    next: Option<(Page, usize)>,
    claims: Claims,
    decoded: Decoded,
    budget: Arc<Budget>,
    column: usize,
}

impl Pages {
    /// Of a column, by its number in the budget, that is decoded so and is in this place.
    pub(super) fn new(
        window: Window,
        (at, end): (u64, u64),
        decoded: Decoded,
        budget: &Arc<Budget>,
        column: usize,
    ) -> Self {
        Self { window, at, end, next: None, claims: Claims::default(), decoded, budget: Arc::clone(budget), column }
    }

    /// Looks at the next page; `None` behind the last.
    ///
    /// # Errors
    /// A header that is none, a page that goes beyond its column, or one that claims too much.
    pub(super) fn peek(&mut self) -> Result<Option<&Page>, String> {
        if self.next.is_none() {
            let Some((page, header)) = self.header()? else { return Ok(None) };
            if page.stored > (self.end - self.at).saturating_sub(header as u64) {
                return Err("a page is longer than its column".to_owned());
            }
            // Two pages of each column are at hand now and then.
            let (larger, most) = (page.inflated.max(page.stored), self.budget.most / 2);
            if larger > most {
                self.budget.refuse(self.column, "a page claims", larger, most)?;
            }
            self.claims.add(&page)?;
            self.weigh()?;
            self.next = Some((page, header));
        }
        Ok(self.next.as_ref().map(|(page, _)| page))
    }

    fn header(&mut self) -> Result<Option<(Page, usize)>, String> {
        let mut least = 1;
        loop {
            let ahead = self.window.ahead(least)?;
            if ahead.is_empty() {
                return Ok(None);
            }
            let mut header = Thrift { rest: ahead };
            if let Some(page) = Page::read(&mut header) {
                let length = ahead.len() - header.rest.len();
                return Ok(Some((page, length)));
            }
            if ahead.len() < least || ahead.len() >= MOST_HEADER {
                return Err("a page header is damaged".to_owned());
            }
            least = (2 * ahead.len()).clamp(HEADER, MOST_HEADER);
        }
    }

    fn weigh(&self) -> Result<(), String> {
        let Self { claims, budget, .. } = self;
        // The library is given a copy of what the window shows.
        let (decoding, times_stored) = match self.decoded {
            Decoded::Here => (claims.for_here(), 1),
            Decoded::Numbers => (claims.for_numbers(), 2),
            Decoded::Texts => (claims.for_texts(budget.batch), 2),
        };
        // Windows are paid for where they are no longer than usual.
        let stored = claims.stored.saturating_sub(WINDOW).saturating_mul(times_stored);
        budget.set(self.column, decoding.saturating_add(stored))
    }

    /// The page that was looked at, and its stored bytes.
    pub(super) fn stored(&mut self) -> Result<Option<(&Page, &[u8])>, String> {
        let Some((page, header)) = &self.next else { return Ok(None) };
        let end = header + place(page.stored)?;
        let stored = self.window.ahead(end)?.get(*header..end).ok_or("a page is longer than its column")?;
        Ok(Some((page, stored)))
    }

    /// Bytes of the page that was looked at, which are read: from this place in the file on, all of its header's or so
    /// many.
    pub(super) fn shown(&self, from: u64, length: Option<usize>) -> Option<Bytes> {
        let (_, header) = self.next.as_ref()?;
        let skip = usize::try_from(from.checked_sub(self.at)?).ok()?;
        let end = length.map_or(Some(*header), |length| skip.checked_add(length))?;
        self.window.shown(skip..end)
    }

    /// Leaves the page behind that was looked at.
    pub(super) fn skip(&mut self) {
        if let Some((page, header)) = self.next.take() {
            let length = header as u64 + page.stored;
            self.at += length;
            self.window.skip(usize::try_from(length).unwrap_or(usize::MAX));
        }
    }

    /// Learns how long the longest of these texts is, which are a dictionary: every row of a batch may name that one.
    ///
    /// # Errors
    /// A text is cut off.
    pub(super) fn has_dictionary(&mut self, mut texts: &[u8]) -> Result<(), String> {
        if self.decoded != Decoded::Texts || self.claims.dictionary <= SMALL_DICTIONARY {
            self.claims.longest = self.claims.dictionary;
            return Ok(());
        }
        while let Some((length, rest)) = texts.split_first_chunk() {
            let length = u32::from_le_bytes(*length);
            self.claims.longest = self.claims.longest.max(length.into());
            texts = rest.get(place(length.into())?..).ok_or("a text of its dictionary is cut off")?;
        }
        Ok(())
    }
}

pub(super) fn place(number: u64) -> Result<usize, String> {
    usize::try_from(number).map_err(|error| error.to_string())
}

/// What the pages claim that were seen.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Claims {
    /// Inflated bytes of the dictionary, and of its longest text.
    dictionary: u64,
    longest: u64,
    /// Inflated bytes of the largest page.
    largest: u64,
    /// Stored bytes of the longest page.
    stored: u64,
    /// Lengths that are decoded at once.
    lengths: u64,
    /// Bytes that one text may have, because it takes them from the one before.
    shared: u64,
    windows: [Values; BATCHES.len()],
}

/// The most bytes of pages that hold so many values one behind the other.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Values {
    count: u64,
    now: u64,
    before: u64,
    most: u64,
}

impl Values {
    /// Any so many values lie within two neighbours of those runs of pages that have at least so many.
    fn add(&mut self, page: &Page, many: u64) {
        if self.count >= many {
            (self.count, self.before, self.now) = (0, self.now, 0);
        }
        self.count = self.count.saturating_add(page.values);
        self.now = self.now.saturating_add(page.inflated);
        self.most = self.most.max(self.now.saturating_add(self.before));
    }
}

impl Claims {
    /// # Errors
    /// The page claims what no page has.
    fn add(&mut self, page: &Page) -> Result<(), String> {
        // An entry of a dictionary takes at least a byte; of a text, four for its length.
        if page.entries > page.inflated {
            return Err(format!("a dictionary of {} bytes claims {} entries", page.inflated, page.entries));
        }
        self.largest = self.largest.max(page.inflated);
        self.stored = self.stored.max(page.stored);
        if page.is_dictionary {
            self.dictionary = self.dictionary.max(page.inflated);
            return Ok(());
        }
        if LENGTHS_FIRST.contains(&page.encoding) {
            self.lengths = self.lengths.max(page.values);
        }
        if page.encoding == SHARED_PREFIXES {
            self.shared = self.shared.max(page.inflated);
        }
        self.windows.iter_mut().zip(BATCHES).for_each(|(window, many)| window.add(page, many));
        Ok(())
    }

    /// Bytes of the buffer that pages are decoded in here.
    fn for_here(&self) -> u64 {
        super::numbers::buffer_for(self.largest)
    }

    /// Bytes that decoding numbers or flags takes: the page, the one before, the dictionary and what it is made from.
    fn for_numbers(&self) -> u64 {
        self.largest.saturating_mul(2).saturating_add(self.dictionary.saturating_mul(3))
    }

    /// Bytes that decoding texts takes, `BATCHES[batch]` at once: buffers double when they grow, and words are counted in a
    /// table.
    fn for_texts(&self, batch: usize) -> u64 {
        let repeated = BATCHES[batch].saturating_mul(self.longest.max(self.shared));
        let texts = self.windows[batch].most.saturating_add(repeated);
        self.for_numbers().saturating_add(texts.saturating_mul(4)).saturating_add(self.lengths.saturating_mul(16))
    }
}

/// What one page claims.
#[derive(Default)]
pub(super) struct Page {
    kind: u64,
    pub(super) inflated: u64,
    pub(super) stored: u64,
    /// CRC-32 of the stored bytes.
    pub(super) checksum: Option<u32>,
    is_dictionary: bool,
    /// Of a dictionary page.
    entries: u64,
    /// Of a data page.
    pub(super) values: u64,
    /// Of those, where the second version says it.
    pub(super) nulls: u64,
    encoding: u64,
    pub(super) levels: Levels,
    /// Whether the header of a data page says all that it must.
    is_whole: bool,
}

/// Where a data page has the levels that say which of its values are NULL, or how they are encoded.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Levels {
    /// There is no header of a data page.
    #[default]
    Unknown,
    /// Of the first version: behind their length, compressed with the values.
    Inside { definition: u64, repetition: u64 },
    /// Of the second version, by their bytes: before the values, never compressed.
    Before { definition: u64, repetition: u64, is_compressed: bool },
}

impl Page {
    fn read(header: &mut Thrift<'_>) -> Option<Self> {
        let mut page = Self::default();
        header.fields(|header, id, kind| {
            match (id, kind) {
                (1, I32) => page.kind = header.count()?,
                (2, I32) => page.inflated = header.count()?,
                (3, I32) => page.stored = header.count()?,
                (4, I32) => page.checksum = Some(i32::try_from(header.number()?).ok()?.cast_unsigned()),
                (5, STRUCT) => page.first_version(header)?,
                (8, STRUCT) => page.second_version(header)?,
                (7, STRUCT) => {
                    page.is_dictionary = true;
                    header.fields(|header, id, kind| {
                        match (id, kind) {
                            (1, I32) => page.entries = header.count()?,
                            (_, kind) => header.skip(kind)?,
                        }
                        Some(())
                    })?;
                }
                (_, kind) => header.skip(kind)?,
            }
            Some(())
        })?;
        Some(page)
    }

    fn first_version(&mut self, header: &mut Thrift<'_>) -> Option<()> {
        let (mut numbers, mut said) = ([0; 5], 0u8);
        header.fields(|header, id, kind| {
            match (id, kind) {
                (1..=4, I32) => {
                    numbers[usize::try_from(id).ok()?] = header.count()?;
                    said |= 1 << id;
                }
                (_, kind) => header.skip(kind)?,
            }
            Some(())
        })?;
        let [_, values, encoding, definition, repetition] = numbers;
        (self.values, self.encoding) = (values, encoding);
        self.levels = Levels::Inside { definition, repetition };
        self.is_whole = said == 0b1_1110;
        Some(())
    }

    fn second_version(&mut self, header: &mut Thrift<'_>) -> Option<()> {
        let (mut numbers, mut said, mut is_compressed) = ([0; 7], 0u8, true);
        header.fields(|header, id, kind| {
            match (id, kind) {
                (1..=6, I32) => {
                    numbers[usize::try_from(id).ok()?] = header.count()?;
                    said |= 1 << id;
                }
                (7, TRUE | FALSE) => is_compressed = kind == TRUE,
                (_, kind) => header.skip(kind)?,
            }
            Some(())
        })?;
        let [_, values, nulls, _rows, encoding, definition, repetition] = numbers;
        (self.values, self.encoding, self.nulls) = (values, encoding, nulls);
        self.levels = Levels::Before { definition, repetition, is_compressed };
        self.is_whole = said == 0b111_1110;
        Some(())
    }

    /// Whether it is of a kind that columns are made of.
    pub(super) fn is_known(&self) -> bool {
        matches!(self.kind, DATA_PAGE | DICTIONARY_PAGE | DATA_PAGE_V2)
    }

    /// Whether it is a data page of values as they are, that may be NULL but are no lists.
    pub(super) fn is_plain(&self) -> bool {
        let is_known = match self.levels {
            Levels::Unknown => false,
            Levels::Inside { definition, repetition } => {
                self.kind == DATA_PAGE && definition == RLE && matches!(repetition, RLE | BIT_PACKED)
            }
            Levels::Before { repetition, .. } => self.kind == DATA_PAGE_V2 && repetition == 0,
        };
        is_known && self.is_whole && self.encoding == PLAIN && !self.is_dictionary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A data page of `stored` bytes behind a header that claims `inflated`; varints of one byte.
    fn page(inflated: u8, stored: u8) -> Vec<u8> {
        let mut page = vec![0x15, 0, 0x15, inflated << 1, 0x15, stored << 1, 0x2c, 0x15, 8, 0x15, 0, 0x15, 6, 0x15, 6];
        // Statistics with a text, then the ends of three structures.
        page.extend([0x1c, 0x18, 2, b'a', b'b', 0, 0, 0]);
        page.extend(vec![0; stored.into()]);
        page
    }

    /// Walks to the end; gives what the pages claim, and whether there were others than plain ones.
    fn walk(column: &[u8], most: u64) -> Result<(Claims, bool), String> {
        let (budget, length) = (Budget::new(most, 0, ["it"].into_iter()), column.len() as u64);
        let window = Window::Whole(Bytes::copy_from_slice(column));
        let mut pages = Pages::new(window, (7, 7 + length), Decoded::Numbers, &budget, 0);
        let mut are_odd = false;
        while let Some(page) = pages.peek()? {
            are_odd |= !page.is_plain();
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
        assert!(walk(&column, 79).unwrap_err().contains("claims 40 bytes"));
        assert!(walk(&column[..column.len() - 1], 80).unwrap_err().contains("longer than its column"));
        for end in 1..page(1, 0).len() {
            assert!(walk(&page(1, 0)[..end], 40).is_err(), "{end}");
        }
    }

    #[test]
    fn columns_share_what_they_may_take() {
        let budget = Budget::new(100, 0, ["a", "b"].into_iter());
        assert!(budget.set(0, 60).is_ok() && budget.set(1, 40).is_ok() && budget.refusal().is_none());
        assert!(
            budget
                .set(1, 41)
                .unwrap_err()
                .contains("column b: with it, decoding takes 101 bytes, and --memory leaves 100")
        );
        assert!(budget.refusal().is_some_and(|why| why.contains("101 bytes")));
    }

    #[test]
    fn what_is_not_plain_is_known() {
        let odd = |column: &[u8]| walk(column, 80).unwrap().1;
        assert!(!odd(&[page(40, 3), page(20, 7)].concat()));
        // Its kind, its encoding, that of its levels; and one of them left out.
        for (at, byte) in [(1, 2), (10, 16), (12, 8)] {
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
        let first = |page: &[u8]| Page::read(&mut Thrift { rest: page }).unwrap();
        let page = first(&second(0));
        assert!(page.is_plain() && (page.values, page.nulls) == (4, 1));
        assert!(page.levels == Levels::Before { definition: 2, repetition: 0, is_compressed: false });
        assert!(!first(&second(2)).is_plain());
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
        assert_eq!(Claims { longest: 7, ..claims }.for_texts(5) - claims.for_texts(5), 28);
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = walk(&bytes, 1000);
        }
    }
}
