//! Passes inflated pages to the library that decodes Parquet, after each page was checked.
//!
//! The library turns errors of its readers into text (`From<ParquetError> for ArrowError`). So a column whose pages failed keeps
//! the fault, and the row group asks for it: see [`LibraryColumn::fault`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use parquet::arrow::arrow_reader::RowGroups;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

use super::error::ParquetDamage;
use super::page_codec::PageCodec;
use super::page_header::{Levels, PageHeader};
use super::pages::{Pages, to_usize};
use crate::fault::Fault;
use crate::memory::BufferPool;

/// A column that the library decodes.
#[derive(Clone)]
pub(super) struct LibraryColumn {
    pub(super) leaf: usize,
    pages: Arc<Mutex<CheckedPages>>,
}

struct CheckedPages {
    pages: Pages,
    /// What ended the column.
    fault: Option<Fault>,
}

impl LibraryColumn {
    pub(super) fn new(leaf: usize, pages: Pages) -> Self {
        Self { leaf, pages: Arc::new(Mutex::new(CheckedPages { pages, fault: None })) }
    }

    /// The fault that ended the column. The library's own error has less information.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.lock().fault.take()
    }

    fn lock(&self) -> MutexGuard<'_, CheckedPages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `act` with the pages, and keeps its fault.
    fn with<T>(&self, act: impl FnOnce(&mut Pages) -> Result<T, Fault>) -> Result<T, ParquetError> {
        let checked = &mut *self.lock();
        act(&mut checked.pages).map_err(|fault| {
            checked.fault.get_or_insert(fault);
            ParquetError::General("the column has no further pages".to_owned())
        })
    }
}

/// Columns of a row group that the library decodes.
pub(super) struct LibraryColumns<'a> {
    pub(super) metadata: &'a ParquetMetaData,
    /// Number of the row group.
    pub(super) at: usize,
    pub(super) columns: &'a [LibraryColumn],
}

impl RowGroups for LibraryColumns<'_> {
    fn num_rows(&self) -> usize {
        usize::try_from(self.metadata.row_group(self.at).num_rows()).unwrap_or(0)
    }

    fn column_chunks(&self, leaf: usize) -> Result<Box<dyn PageIterator>, ParquetError> {
        let column = self.columns.iter().find(|column| column.leaf == leaf);
        let column =
            column.ok_or_else(|| ParquetError::General("a column is asked for that is not there".to_owned()))?;
        let chunk = self.metadata.row_group(self.at).column(leaf);
        let codec = column.with(|_| PageCodec::new(chunk.compression()))?;
        let reader = CheckedPageReader { column: column.clone(), codec };
        Ok(Box::new(OneColumn(Some(Box::new(reader)))))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(std::iter::once(self.metadata.row_group(self.at)))
    }

    fn metadata(&self) -> &ParquetMetaData {
        self.metadata
    }
}

struct OneColumn(Option<Box<dyn PageReader>>);

impl Iterator for OneColumn {
    type Item = Result<Box<dyn PageReader>, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}

impl PageIterator for OneColumn {}

struct CheckedPageReader {
    column: LibraryColumn,
    codec: PageCodec,
}

impl CheckedPageReader {
    /// Checks the next page's header; `None` after the last page.
    fn peek(&self) -> Result<Option<PageHeader>, ParquetError> {
        self.column.with(|pages| match pages.peek()? {
            Some(page) if !page.is_known() => Err(ParquetDamage::PageKind.into()),
            page => Ok(page.copied()),
        })
    }
}

impl PageReader for CheckedPageReader {
    fn get_next_page(&mut self) -> Result<Option<Page>, ParquetError> {
        if self.peek()?.is_none() {
            return Ok(None);
        }
        let Self { column, codec } = self;
        column.with(|pages| {
            // Not kept: with the buffers of all other columns that takes more memory than it saves time.
            let mut buffer = BufferPool::new(0).take();
            let Some(page) = pages.inflate_next(codec, &mut buffer)? else { return Ok(None) };
            let bytes = Bytes::from_owner(buffer).slice(..to_usize(page.inflated)?);
            if page.is_dictionary {
                pages.has_dictionary(&bytes)?;
            }
            Ok(Some(page_of(&page, bytes).ok_or(ParquetDamage::PageKind)?))
        })
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        let metadata = |page: PageHeader| {
            let (rows, values) = (usize::try_from(page.rows).ok(), usize::try_from(page.values).ok());
            let is_second = matches!(page.levels, Levels::Before { .. });
            PageMetadata { num_rows: rows.filter(|_| is_second), num_levels: values, is_dict: page.is_dictionary }
        };
        Ok(self.peek()?.map(metadata))
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        self.peek()?;
        self.column.with(Pages::skip_next)
    }
}

impl Iterator for CheckedPageReader {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

/// The library's form of an inflated page; `None` if its header is damaged.
fn page_of(page: &PageHeader, buf: Bytes) -> Option<Page> {
    let count = |count: u64| u32::try_from(count).ok();
    let (encoding, num_values) = (encoding(page.encoding)?, count(page.values)?);
    Some(match page.levels {
        Levels::Unknown => Page::DictionaryPage { buf, num_values: count(page.entries)?, encoding, is_sorted: false },
        Levels::Inside { definition, repetition } => Page::DataPage {
            buf,
            num_values,
            encoding,
            def_level_encoding: self::encoding(definition)?,
            rep_level_encoding: self::encoding(repetition)?,
            statistics: None,
        },
        Levels::Before { definition, repetition, is_compressed } => Page::DataPageV2 {
            buf,
            num_values,
            encoding,
            num_nulls: count(page.nulls)?,
            num_rows: count(page.rows)?,
            def_levels_byte_len: count(definition)?,
            rep_levels_byte_len: count(repetition)?,
            is_compressed,
            statistics: None,
        },
    })
}

/// An encoding by its number in the format.
fn encoding(number: u64) -> Option<Encoding> {
    Some(match number {
        0 => Encoding::PLAIN,
        2 => Encoding::PLAIN_DICTIONARY,
        3 => Encoding::RLE,
        4 => super::column::BIT_PACKED,
        5 => Encoding::DELTA_BINARY_PACKED,
        6 => Encoding::DELTA_LENGTH_BYTE_ARRAY,
        7 => Encoding::DELTA_BYTE_ARRAY,
        8 => Encoding::RLE_DICTIONARY,
        9 => Encoding::BYTE_STREAM_SPLIT,
        _ => return None,
    })
}
