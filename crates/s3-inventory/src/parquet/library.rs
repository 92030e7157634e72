//! Passes pages to the library that decodes Parquet, after each page was checked.
//!
//! The library turns errors of its readers into text (`From<ParquetError> for ArrowError`). So a column whose pages failed keeps
//! the fault, and the row group asks for it: see [`LibraryColumn::fault`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Buf, Bytes};
use parquet::arrow::arrow_reader::RowGroups;
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

use super::error::ParquetDamage;
use super::pages::Pages;
use crate::fault::Fault;

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
    /// Bytes of the file.
    pub(super) size: u64,
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
        let (page, chunk) = (CheckedPage { column: column.clone(), size: self.size }, self.metadata.row_group(self.at));
        let library = SerializedPageReader::new(Arc::new(page), chunk.column(leaf), self.num_rows(), None)?;
        Ok(Box::new(OneColumn(Some(Box::new(CheckedPageReader { library, column: column.clone() })))))
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
    library: SerializedPageReader<CheckedPage>,
    column: LibraryColumn,
}

impl CheckedPageReader {
    /// Checks the next page's header, and reads the page; returns whether there is one.
    fn check_next(&self) -> Result<bool, ParquetError> {
        self.column.with(|pages| {
            let Some(page) = pages.peek()? else { return Ok(false) };
            if !page.is_known() {
                return Err(ParquetDamage::PageKind.into());
            }
            pages.stored()?;
            Ok(true)
        })
    }
}

impl PageReader for CheckedPageReader {
    fn get_next_page(&mut self) -> Result<Option<Page>, ParquetError> {
        if !self.check_next()? {
            return Ok(None);
        }
        let page = self.library.get_next_page()?;
        self.column.with(|pages| {
            if let Some(Page::DictionaryPage { buf, .. }) = &page {
                pages.has_dictionary(buf)?;
            }
            pages.skip();
            Ok(())
        })?;
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        if self.check_next()? { self.library.peek_next_page() } else { Ok(None) }
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        if self.check_next()? {
            self.library.skip_next_page()?;
            self.column.lock().pages.skip();
        }
        Ok(())
    }
}

impl Iterator for CheckedPageReader {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

/// The checked page. The library gets no other byte of the file.
struct CheckedPage {
    column: LibraryColumn,
    /// Bytes of the file.
    size: u64,
}

impl CheckedPage {
    fn part(&self, start: u64, length: Option<usize>) -> Result<Bytes, ParquetError> {
        let bytes = self.column.lock().pages.bytes_of_page(start, length);
        bytes.ok_or_else(|| ParquetError::EOF(format!("a page at byte {start} is outside of its column")))
    }
}

impl Length for CheckedPage {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for CheckedPage {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(self.part(start, None)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.part(start, Some(length))
    }
}
