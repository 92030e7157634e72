//! What the pages of a Parquet column claim, before anything is allocated for them.
//!
//! The decoder takes as much memory as a page's header asks for, and as much more as the texts of a batch have. So every
//! header is read first ("Parquet Format", `PageHeader`), and what a batch takes is reckoned from all of them.

use super::thrift::{I32, STRUCT, Thrift};

/// Rows that may be decoded at once: fewer, where their texts are long.
pub(super) const BATCHES: [u64; 6] = [super::columns::BATCH as u64, 1024, 256, 64, 8, 1];
/// `DELTA_BYTE_ARRAY`: a text says how much it shares with the one before.
const SHARED_PREFIXES: u64 = 7;
/// `DELTA_LENGTH_BYTE_ARRAY`, and the one above: all lengths of a page are decoded at once.
const LENGTHS_FIRST: [u64; 2] = [6, SHARED_PREFIXES];

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
        let mut header = Thrift { rest: column };
        let page = Page::read(&mut header).ok_or("a page header is damaged")?;
        if page.inflated > most {
            return Err(format!("a page claims {} bytes, and --memory leaves {most} for one", page.inflated));
        }
        // An entry of a dictionary takes at least a byte; of a text, four for its length.
        if page.entries > page.inflated {
            return Err(format!("a dictionary of {} bytes claims {} entries", page.inflated, page.entries));
        }
        pages.largest = pages.largest.max(page.inflated);
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
        let stored = usize::try_from(page.stored).ok().filter(|stored| *stored <= header.rest.len());
        column = &header.rest[stored.ok_or("a page is longer than its column")?..];
    }
    Ok(pages)
}

/// What one page claims.
#[derive(Default)]
struct Page {
    inflated: u64,
    stored: u64,
    is_dictionary: bool,
    /// Of a dictionary page.
    entries: u64,
    /// Of a data page.
    values: u64,
    encoding: u64,
}

impl Page {
    fn read(header: &mut Thrift<'_>) -> Option<Self> {
        let mut page = Self::default();
        header.fields(|header, id, kind| {
            match (id, kind) {
                (2, I32) => page.inflated = header.count()?,
                (3, I32) => page.stored = header.count()?,
                // Of the second version, the encoding stands behind the numbers of NULLs and of rows.
                (5, STRUCT) => header.fields(|header, id, kind| page.data(header, (id, kind), 2))?,
                (8, STRUCT) => header.fields(|header, id, kind| page.data(header, (id, kind), 4))?,
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

    /// Takes a field of the header of a data page.
    fn data(&mut self, header: &mut Thrift<'_>, field: (i64, u8), encoding: i64) -> Option<()> {
        match field {
            (1, I32) => self.values = header.count()?,
            (id, I32) if id == encoding => self.encoding = header.count()?,
            (_, kind) => header.skip(kind)?,
        }
        Some(())
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
