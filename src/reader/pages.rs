//! What the pages of a Parquet column claim, before anything is allocated for them.
//!
//! The decoder takes as much memory as a page's header asks for. So every header is read first: Thrift's compact protocol,
//! of which it needs numbers, flags, texts and nested structures ("Parquet Format", `PageHeader`).

/// Depth of nesting that no page header reaches.
const DEEPEST: u8 = 8;

/// Walks over all pages of a column chunk.
///
/// # Errors
/// A header that is none, a page that goes beyond its column, or one that claims to take more than `most` bytes.
pub(super) fn check(mut column: &[u8], most: u64) -> Result<(), String> {
    while !column.is_empty() {
        let mut header = Header { rest: column };
        let page = header.read().ok_or("a page header is damaged")?;
        if page.inflated > most {
            return Err(format!("a page claims {} bytes, and --memory leaves {most} for one", page.inflated));
        }
        // An entry of a dictionary takes at least a byte; of a text, four for its length.
        if page.entries > page.inflated {
            return Err(format!("a dictionary of {} bytes claims {} entries", page.inflated, page.entries));
        }
        let stored = usize::try_from(page.stored).ok().filter(|stored| *stored <= header.rest.len());
        column = &header.rest[stored.ok_or("a page is longer than its column")?..];
    }
    Ok(())
}

/// What one page claims.
#[derive(Default)]
struct Page {
    inflated: u64,
    stored: u64,
    /// Of a dictionary page.
    entries: u64,
}

struct Header<'a> {
    rest: &'a [u8],
}

impl Header<'_> {
    fn read(&mut self) -> Option<Page> {
        let mut page = Page::default();
        let mut field = 0;
        while let Some((id, kind)) = self.field(&mut field)? {
            match (id, kind) {
                (2, 5) => page.inflated = u64::try_from(self.number()?).ok()?,
                (3, 5) => page.stored = u64::try_from(self.number()?).ok()?,
                (7, 12) => page.entries = self.entries()?,
                (_, kind) => self.skip(kind, 0)?,
            }
        }
        Some(page)
    }

    /// `DictionaryPageHeader`, whose first field is the number of entries.
    fn entries(&mut self) -> Option<u64> {
        let (mut entries, mut field) = (0, 0);
        while let Some((id, kind)) = self.field(&mut field)? {
            match (id, kind) {
                (1, 5) => entries = u64::try_from(self.number()?).ok()?,
                (_, kind) => self.skip(kind, 1)?,
            }
        }
        Some(entries)
    }

    /// The next field's id and type; `Some(None)` at the end of the structure.
    fn field(&mut self, last: &mut i64) -> Option<Option<(i64, u8)>> {
        let byte = self.byte()?;
        let kind = byte & 15;
        if kind == 0 {
            return Some(None);
        }
        *last = match byte >> 4 {
            0 => self.number()?,
            step => last.checked_add(i64::from(step))?,
        };
        Some(Some((*last, kind)))
    }

    fn skip(&mut self, kind: u8, depth: u8) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        match kind {
            // Flags are in the field's own header.
            1 | 2 => {}
            3 => self.bytes(1)?,
            4..=6 => drop(self.number()?),
            7 => self.bytes(8)?,
            8 => {
                let length = self.unsigned()?;
                self.bytes(length)?;
            }
            9 | 10 => {
                let byte = self.byte()?;
                let count = if byte >> 4 == 15 { self.unsigned()? } else { u64::from(byte >> 4) };
                for _ in 0..count {
                    // In a list, a flag has a byte of its own.
                    self.skip(if matches!(byte & 15, 1 | 2) { 3 } else { byte & 15 }, depth + 1)?;
                }
            }
            12 => {
                let mut field = 0;
                while let Some((_, kind)) = self.field(&mut field)? {
                    self.skip(kind, depth + 1)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    fn bytes(&mut self, count: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// Zigzag: the lowest bit is the sign.
    fn number(&mut self) -> Option<i64> {
        let number = self.unsigned()?;
        Some((number >> 1).cast_signed() ^ -((number & 1).cast_signed()))
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
        assert_eq!(check(&column, 40), Ok(()));
        assert!(check(&column, 39).unwrap_err().contains("claims 40 bytes"));
        assert!(check(&column[..column.len() - 1], 40).unwrap_err().contains("longer than its column"));
        for end in 1..page(1, 0).len() {
            assert!(check(&page(1, 0)[..end], 40).is_err(), "{end}");
        }
    }

    #[test]
    fn a_dictionary_has_no_more_entries_than_bytes() {
        let dictionary = |entries: u8| vec![0x15, 4, 0x15, 20, 0x15, 0, 0x4c, 0x15, entries << 1, 0x15, 0, 0x11, 0, 0];
        assert_eq!(check(&dictionary(10), 40), Ok(()));
        assert!(check(&dictionary(11), 40).unwrap_err().contains("11 entries"));
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = check(&bytes, 1000);
        }
    }
}
