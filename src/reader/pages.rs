//! What the pages of a Parquet column claim, before anything is allocated for them.
//!
//! The decoder takes as much memory as a page's header asks for, and as much more as the texts of a batch have. So every
//! header is read first ("Parquet Format", `PageHeader`), and what a batch takes is reckoned from all of them.

use super::thrift::{FALSE, I32, STRUCT, TRUE, Thrift};

/// Rows that may be decoded at once: fewer, where their texts are long.
pub(super) const BATCHES: [u64; 6] = [super::columns::BATCH as u64, 1024, 256, 64, 8, 1];
/// `DELTA_BYTE_ARRAY`: a text says how much it shares with the one before.
const SHARED_PREFIXES: u64 = 7;
/// `DELTA_LENGTH_BYTE_ARRAY`, and the one above: all lengths of a page are decoded at once.
const LENGTHS_FIRST: [u64; 2] = [6, SHARED_PREFIXES];

/// Kinds of pages, and encodings, in the numbers of the format.
const DATA_PAGE: u64 = 0;
const DATA_PAGE_V2: u64 = 3;
const PLAIN: u64 = 0;
const RLE: u64 = 3;
const BIT_PACKED: u64 = 4;

/// What the pages of a column chunk claim.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pages {
    /// Inflated bytes of the dictionary.
    pub(super) dictionary: u64,
    /// Inflated bytes of the largest page.
    pub(super) largest: u64,
    /// Lengths that are decoded at once.
    lengths: u64,
    /// Bytes that one text may have, because it takes them from the one before.
    shared: u64,
    windows: [Window; BATCHES.len()],
    /// Some are other than [`Page::is_plain`].
    pub(super) are_odd: bool,
}

/// The most bytes of pages that hold so many values one behind the other.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Window {
    values: u64,
    now: u64,
    before: u64,
    most: u64,
}

impl Window {
    /// Any so many values lie within two neighbours of those runs of pages that have at least so many.
    fn add(&mut self, page: &Page, many: u64) {
        if self.values >= many {
            (self.values, self.before, self.now) = (0, self.now, 0);
        }
        self.values = self.values.saturating_add(page.values);
        self.now = self.now.saturating_add(page.inflated);
        self.most = self.most.max(self.now.saturating_add(self.before));
    }
}

impl Pages {
    /// Bytes that decoding numbers or flags takes: the page, the one before, the dictionary and what it is made from.
    pub(super) fn for_numbers(&self) -> u64 {
        self.largest.saturating_mul(2).saturating_add(self.dictionary.saturating_mul(3))
    }

    /// Bytes that decoding texts takes, `BATCHES[batch]` at once, of which one from the dictionary has at most `longest`
    /// bytes: buffers double when they grow, and words are counted in a table.
    pub(super) fn for_texts(&self, batch: usize, longest: u64) -> u64 {
        let repeated = BATCHES[batch].saturating_mul(longest.max(self.shared));
        let texts = self.windows[batch].most.saturating_add(repeated);
        self.for_numbers().saturating_add(texts.saturating_mul(4)).saturating_add(self.lengths.saturating_mul(16))
    }
}

/// Walks over all pages of a column chunk.
///
/// # Errors
/// A header that is none, a page that goes beyond its column, or one that claims to take more than `most` bytes.
pub(super) fn check(mut column: &[u8], most: u64) -> Result<Pages, String> {
    let mut pages = Pages::default();
    while !column.is_empty() {
        let (page, _, rest) = first(column)?;
        column = rest;
        if page.inflated > most {
            return Err(format!("a page claims {} bytes, and --memory leaves {most} for one", page.inflated));
        }
        // An entry of a dictionary takes at least a byte; of a text, four for its length.
        if page.entries > page.inflated {
            return Err(format!("a dictionary of {} bytes claims {} entries", page.inflated, page.entries));
        }
        pages.largest = pages.largest.max(page.inflated);
        pages.are_odd |= !page.is_plain();
        if page.is_dictionary {
            pages.dictionary = pages.dictionary.max(page.inflated);
        } else {
            if LENGTHS_FIRST.contains(&page.encoding) {
                pages.lengths = pages.lengths.max(page.values);
            }
            if page.encoding == SHARED_PREFIXES {
                pages.shared = pages.shared.max(page.inflated);
            }
            pages.windows.iter_mut().zip(BATCHES).for_each(|(window, many)| window.add(&page, many));
        }
    }
    Ok(pages)
}

/// What the first page of a column claims, its stored bytes, and all pages behind it.
///
/// # Errors
/// A header that is none, a page that goes beyond its column.
pub(super) fn first(column: &[u8]) -> Result<(Page, &[u8], &[u8]), String> {
    let mut header = Thrift { rest: column };
    let page = Page::read(&mut header).ok_or("a page header is damaged")?;
    let stored = usize::try_from(page.stored).ok().and_then(|stored| header.rest.split_at_checked(stored));
    let (stored, rest) = stored.ok_or("a page is longer than its column")?;
    Ok((page, stored, rest))
}

/// What one page claims.
#[derive(Default)]
pub(super) struct Page {
    kind: u64,
    pub(super) inflated: u64,
    stored: u64,
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

    /// Whether it is a data page of values as they are, that may be NULL but are no lists.
    fn is_plain(&self) -> bool {
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

    #[test]
    fn pages_are_walked_to_the_end() {
        let column = [page(40, 3), page(10, 0), page(20, 7)].concat();
        let pages = check(&column, 40).unwrap();
        assert_eq!((pages.largest, pages.dictionary), (40, 0));
        assert!(check(&column, 39).unwrap_err().contains("claims 40 bytes"));
        assert!(check(&column[..column.len() - 1], 40).unwrap_err().contains("longer than its column"));
        for end in 1..page(1, 0).len() {
            assert!(check(&page(1, 0)[..end], 40).is_err(), "{end}");
        }
    }

    #[test]
    fn what_is_not_plain_is_known() {
        assert!(!check(&[page(40, 3), page(20, 7)].concat(), 40).unwrap().are_odd);
        // Its kind, its encoding, that of its levels; and one of them left out.
        for (at, byte) in [(1, 2), (10, 16), (12, 8)] {
            let mut odd = page(40, 3);
            odd[at] = byte;
            assert!(check(&[page(1, 0), odd].concat(), 40).unwrap().are_odd, "{at}");
        }
        let whole = page(40, 0);
        let less = [&whole[..13], &whole[15..]].concat();
        assert!(check(&less, 40).unwrap().are_odd);
        // Of the second version: NULLs, rows, the encoding, bytes of definition and of repetition levels.
        let second = |repetition: u8| {
            let mut page =
                vec![0x15, 6, 0x15, 20, 0x15, 0, 0x5c, 0x15, 8, 0x15, 2, 0x15, 8, 0x15, 0, 0x15, 4, 0x15, repetition];
            page.extend([0x12, 0, 0]);
            page
        };
        let (page, _, rest) = first(&second(0)).map(|(page, stored, rest)| (page, stored.len(), rest.len())).unwrap();
        assert!(page.is_plain() && rest == 0 && (page.values, page.nulls) == (4, 1));
        assert!(page.levels == Levels::Before { definition: 2, repetition: 0, is_compressed: false });
        assert!(!first(&second(2)).unwrap().0.is_plain());
    }

    #[test]
    fn a_dictionary_has_no_more_entries_than_bytes() {
        let dictionary = |entries: u8| vec![0x15, 4, 0x15, 20, 0x15, 0, 0x4c, 0x15, entries << 1, 0x15, 0, 0x11, 0, 0];
        assert_eq!(check(&dictionary(10), 40).unwrap().dictionary, 10);
        assert!(check(&dictionary(11), 40).unwrap_err().contains("11 entries"));
    }

    #[test]
    fn texts_of_a_batch_are_those_of_neighbours() {
        // Each page has 4 values.
        let column = [page(40, 0), page(10, 0), page(20, 0), page(30, 0), page(1, 0)].concat();
        let pages = check(&column, 40).unwrap();
        let most = |rows: u64| pages.windows[BATCHES.iter().position(|many| *many == rows).unwrap()].most;
        assert_eq!((most(1), most(8), most(64)), (50, 100, 101));
        assert_eq!(pages.for_texts(5, 7) - pages.for_texts(5, 0), 28);
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = check(&bytes, 1000);
        }
    }
}
