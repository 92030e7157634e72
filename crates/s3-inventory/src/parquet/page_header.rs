//! The header of a page, which is checked before memory is allocated for the page ("Parquet Format", `PageHeader`).

use super::thrift::{FALSE, I32, STRUCT, TRUE, Thrift};

/// Kinds of pages, and encodings, in the numbers of the format.
const DATA_PAGE: u64 = 0;
const DICTIONARY_PAGE: u64 = 2;
const DATA_PAGE_V2: u64 = 3;
const PLAIN: u64 = 0;
const PLAIN_DICTIONARY: u64 = 2;
const RLE: u64 = 3;
const BIT_PACKED: u64 = 4;
const RLE_DICTIONARY: u64 = 8;

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct PageHeader {
    kind: u64,
    pub(super) inflated: u64,
    pub(super) stored: u64,
    /// CRC-32 of the stored bytes.
    pub(super) checksum: Option<u32>,
    pub(super) is_dictionary: bool,
    /// Of a dictionary page.
    pub(super) entries: u64,
    /// Of a data page.
    pub(super) values: u64,
    /// Only in the second version.
    pub(super) nulls: u64,
    pub(super) rows: u64,
    pub(super) encoding: u64,
    pub(super) levels: Levels,
    /// Whether the header has all required fields.
    is_whole: bool,
}

/// What a page that this crate decodes has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageValues {
    /// The entries of the column's dictionary.
    Dictionary,
    Plain,
    /// Indexes of the dictionary.
    Indexes,
    /// Runs of flags.
    Runs,
}

/// Where the definition levels of a data page are, which tell NULLs, or how they are encoded.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Levels {
    /// Not a data page.
    #[default]
    Unknown,
    /// First version: after their length, compressed with the values. The encodings.
    Inside { definition: u64, repetition: u64 },
    /// Second version: before the values, never compressed. The lengths in bytes.
    Before { definition: u64, repetition: u64, is_compressed: bool },
}

impl PageHeader {
    pub(super) fn read(header: &mut Thrift<'_>) -> Option<Self> {
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
                    page.dictionary(header)?;
                }
                (_, kind) => header.skip(kind)?,
            }
            Some(())
        })?;
        Some(page)
    }

    fn dictionary(&mut self, header: &mut Thrift<'_>) -> Option<()> {
        let mut said = 0u8;
        header.fields(|header, id, kind| {
            match (id, kind) {
                (1, I32) => self.entries = header.count()?,
                (2, I32) => self.encoding = header.count()?,
                (_, kind) => return header.skip(kind),
            }
            said |= 1 << id;
            Some(())
        })?;
        self.is_whole = said == 0b110;
        Some(())
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
        (self.levels == Levels::Unknown).then_some(())?;
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
        (self.levels == Levels::Unknown).then_some(())?;
        let [_, values, nulls, rows, encoding, definition, repetition] = numbers;
        (self.values, self.encoding, self.nulls, self.rows) = (values, encoding, nulls, rows);
        self.levels = Levels::Before { definition, repetition, is_compressed };
        self.is_whole = said == 0b111_1110;
        Some(())
    }

    /// Whether it is a known type of page, with the header of that type and no other.
    pub(super) fn is_known(&self) -> bool {
        let kind = match self.levels {
            Levels::Unknown => DICTIONARY_PAGE,
            Levels::Inside { .. } => DATA_PAGE,
            Levels::Before { .. } => DATA_PAGE_V2,
        };
        self.kind == kind && self.is_dictionary == (kind == DICTIONARY_PAGE) && self.is_whole
    }

    /// What the page has, if this crate decodes it. `has_levels` if values may be NULL. A list has other levels.
    pub(super) fn values_kind(&self, has_levels: bool) -> Option<PageValues> {
        let are_known = match self.levels {
            Levels::Unknown => true,
            Levels::Inside { definition, repetition } => {
                let is_known = |encoding| matches!(encoding, RLE | BIT_PACKED);
                is_known(repetition) && if has_levels { definition == RLE } else { is_known(definition) }
            }
            Levels::Before { repetition, .. } => repetition == 0,
        };
        match self.encoding {
            _ if !are_known || !self.is_known() => None,
            PLAIN | PLAIN_DICTIONARY | RLE_DICTIONARY if self.is_dictionary => Some(PageValues::Dictionary),
            _ if self.is_dictionary => None,
            PLAIN => Some(PageValues::Plain),
            PLAIN_DICTIONARY | RLE_DICTIONARY => Some(PageValues::Indexes),
            RLE => Some(PageValues::Runs),
            _ => None,
        }
    }
}
