//! One row group of a Parquet file: what is decoded at once, and by whom.
//!
//! Plain numbers are decoded here ([`super::numbers`]), all else by the library; batch by batch they are put together again.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow::array::RecordBatch;
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use arrow::error::ArrowError;
use bytes::{Buf, Bytes};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, RowGroups, RowSelection, RowSelector,
};
use parquet::arrow::{ProjectionMask, parquet_to_arrow_field_levels};
use parquet::basic::Type;
use parquet::column::page::{Page, PageIterator, PageMetadata, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;
use s3_inventory::Unread;

use super::numbers::{self, Numbers};
use super::pages::{BATCHES, Budget, Decoded, Pages, place};
use super::parts::Parts;

/// A column of the row group.
pub(super) struct Column<'a> {
    pub(super) leaf: usize,
    pub(super) chunk: &'a ColumnChunkMetaData,
    /// Where it is in the file.
    pub(super) range: (u64, u64),
}

impl Column<'_> {
    fn decoded(&self) -> Decoded {
        match self.chunk.column_type() {
            _ if numbers::is_ours(self.chunk) => Decoded::Here,
            Type::BYTE_ARRAY => Decoded::Texts,
            _ => Decoded::Numbers,
        }
    }
}

/// A row group, and what is wanted of it.
pub(super) struct Group<'a> {
    pub(super) parts: &'a Parts,
    pub(super) arrow: &'a ArrowReaderMetadata,
    /// Its number in the file.
    pub(super) at: usize,
    pub(super) columns: Vec<Column<'a>>,
    /// Bytes that decoding may take.
    pub(super) most: u64,
}

/// Its batches. As many rows are decoded at once as do not take too much; when a page shows that it was too many, the row
/// group is opened anew for fewer, behind the rows that were taken.
pub(super) struct Rows<'a> {
    group: Group<'a>,
    /// `BATCHES[batch]` rows are decoded at once.
    batch: usize,
    /// Rows taken so far.
    taken: u64,
    /// `None` before the first batch, and while it is opened anew: what it held is given back before more is taken.
    opened: Option<Opened>,
}

/// A row group, from some row on.
struct Opened {
    budget: Arc<Budget>,
    reader: ParquetRecordBatchReader,
    ours: Vec<(Numbers, FieldRef)>,
    /// Of all columns together, once the first batch has told those of the library.
    schema: Option<SchemaRef>,
}

impl<'a> Group<'a> {
    /// Its batches, `BATCHES[batch]` rows at once or fewer.
    pub(super) fn rows(self, batch: usize) -> Rows<'a> {
        Rows { group: self, batch, taken: 0, opened: None }
    }

    fn open(&self, batch: usize, taken: u64) -> Result<Opened, String> {
        let Self { parts, arrow, at, columns, most } = self;
        let text = |error: ParquetError| error.to_string();
        let budget = Budget::new(*most, batch, columns.iter().map(|column| column.chunk.column_descr().name()));
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        let ranges: Vec<_> = columns.iter().map(|column| column.range).collect();
        let windows = parts.windows(&ranges)?;
        for (number, (column, window)) in columns.iter().zip(windows).enumerate() {
            let decoded = column.decoded();
            let pages = Pages::new(window, column.range, decoded, &budget, number);
            if decoded == Decoded::Here {
                let field = arrow.schema().field_with_name(column.chunk.column_descr().name());
                let field = Arc::new(field.map_err(|error| error.to_string())?.clone());
                let mut numbers = Numbers::new(pages, column.chunk, field.data_type(), parts.buffer());
                skip(&mut numbers, taken).map_err(|what| format!("column {}: {what}", field.name()))?;
                ours.push((numbers, field));
            } else {
                theirs.push((column.leaf, pages));
            }
        }
        let mask = ProjectionMask::leaves(arrow.parquet_schema(), theirs.iter().map(|(leaf, _)| *leaf));
        let levels = parquet_to_arrow_field_levels(arrow.parquet_schema(), mask, Some(arrow.schema().fields()));
        let of = Columns {
            metadata: arrow.metadata(),
            at: *at,
            size: parts.size(),
            pages: RefCell::new(theirs.into_iter().map(Some).collect()),
        };
        // One row more than there are: a column that has it must be noticed.
        let rest = (of.num_rows() + 1).saturating_sub(place(taken)?);
        let selection = vec![RowSelector::skip(place(taken)?), RowSelector::select(rest)];
        let selection = (taken > 0).then(|| RowSelection::from(selection));
        let reader = ParquetRecordBatchReader::try_new_with_row_groups(
            &levels.map_err(text)?,
            &of,
            place(BATCHES[batch])?,
            selection,
        );
        Ok(Opened { budget, reader: reader.map_err(text)?, ours, schema: None })
    }
}

/// Leaves so many rows behind.
fn skip(numbers: &mut Numbers, rows: u64) -> Result<(), String> {
    let mut left = rows;
    while left > 0 {
        let now = left.min(BATCHES[0]);
        numbers.take(place(now)?)?;
        left -= now;
    }
    Ok(())
}

impl Rows<'_> {
    /// The next batch, if there is one.
    ///
    /// # Errors
    /// What is damaged, or takes too much memory whatever is done.
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>, Unread> {
        loop {
            let opened = match &mut self.opened {
                Some(opened) => opened,
                none => none.insert(self.group.open(self.batch, self.taken).map_err(damaged)?),
            };
            let error = match opened.next() {
                Ok(batch) => {
                    self.taken += batch.as_ref().map_or(0, |batch| batch.num_rows() as u64);
                    return Ok(batch);
                }
                Err(error) => error,
            };
            match opened.budget.refusal() {
                None => return Err(damaged(error).into()),
                Some(refusal) if self.batch + 1 == BATCHES.len() => {
                    return Err(Unread::NoRoom(refusal.to_owned()));
                }
                Some(_) => self.batch += 1,
            }
            self.opened = None;
        }
    }

    /// When all batches were taken: the place in [`BATCHES`] of how many rows were decoded at once.
    ///
    /// # Errors
    /// A column has more rows than the others.
    pub(super) fn finish(self) -> Result<usize, String> {
        let finish = |(numbers, field): (Numbers, FieldRef)| {
            numbers.finish().map_err(|what| damaged(format!("column {}: {what}", field.name())))
        };
        self.opened.into_iter().flat_map(|opened| opened.ours).try_for_each(finish)?;
        Ok(self.batch)
    }
}

impl Opened {
    fn next(&mut self) -> Result<Option<RecordBatch>, String> {
        let Some(batch) = self.reader.next().transpose().map_err(|error| error.to_string())? else { return Ok(None) };
        if self.ours.is_empty() {
            return Ok(Some(batch));
        }
        let schema = self.schema.get_or_insert_with(|| {
            let ours = self.ours.iter().map(|(_, field)| Arc::clone(field));
            Arc::new(Schema::new(batch.schema().fields().iter().cloned().chain(ours).collect::<Vec<_>>()))
        });
        let rows = batch.num_rows();
        let (_, mut columns, _) = batch.into_parts();
        for (numbers, field) in &mut self.ours {
            columns.push(numbers.take(rows).map_err(|what| format!("column {}: {what}", field.name()))?);
        }
        RecordBatch::try_new(Arc::clone(schema), columns).map(Some).map_err(|error: ArrowError| error.to_string())
    }
}

/// Columns of a row group that the library decodes.
struct Columns<'a> {
    metadata: &'a ParquetMetaData,
    at: usize,
    /// Of the file.
    size: u64,
    /// Those that it has not asked for yet.
    pages: RefCell<Vec<Option<(usize, Pages)>>>,
}

impl RowGroups for Columns<'_> {
    fn num_rows(&self) -> usize {
        usize::try_from(self.metadata.row_group(self.at).num_rows()).unwrap_or(0)
    }

    fn column_chunks(&self, leaf: usize) -> Result<Box<dyn PageIterator>, ParquetError> {
        let mut pages = self.pages.borrow_mut();
        let found = pages.iter_mut().find(|pages| pages.as_ref().is_some_and(|(of, _)| *of == leaf));
        let (_, pages) =
            found.and_then(Option::take).ok_or_else(|| general("a column is asked for that is not there"))?;
        let pages = Arc::new(Mutex::new(pages));
        let (shown, chunk) = (Shown { pages: Arc::clone(&pages), size: self.size }, self.metadata.row_group(self.at));
        let library = SerializedPageReader::new(Arc::new(shown), chunk.column(leaf), self.num_rows(), None)?;
        Ok(Box::new(OneColumn(Some(Box::new(Checked { library, pages })))))
    }

    fn row_groups(&self) -> Box<dyn Iterator<Item = &RowGroupMetaData> + '_> {
        Box::new(std::iter::once(self.metadata.row_group(self.at)))
    }

    fn metadata(&self) -> &ParquetMetaData {
        self.metadata
    }
}

/// The column, of the one row group that is read.
struct OneColumn(Option<Box<dyn PageReader>>);

impl Iterator for OneColumn {
    type Item = Result<Box<dyn PageReader>, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}

impl PageIterator for OneColumn {}

/// The library's reader of pages, to which no page gets that was not checked.
struct Checked {
    library: SerializedPageReader<Shown>,
    pages: Arc<Mutex<Pages>>,
}

impl Checked {
    /// Looks at the next page, and reads it; says whether there is one.
    fn look(&self) -> Result<bool, ParquetError> {
        let mut pages = lock(&self.pages);
        let Some(page) = pages.peek().map_err(general)? else { return Ok(false) };
        if !page.is_known() {
            return Err(general("a page is of a kind that columns do not have"));
        }
        pages.stored().map_err(general)?;
        Ok(true)
    }
}

impl PageReader for Checked {
    fn get_next_page(&mut self) -> Result<Option<Page>, ParquetError> {
        if !self.look()? {
            return Ok(None);
        }
        let page = self.library.get_next_page()?;
        let mut pages = lock(&self.pages);
        if let Some(Page::DictionaryPage { buf, .. }) = &page {
            pages.has_dictionary(buf).map_err(general)?;
        }
        pages.skip();
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>, ParquetError> {
        if self.look()? { self.library.peek_next_page() } else { Ok(None) }
    }

    fn skip_next_page(&mut self) -> Result<(), ParquetError> {
        if self.look()? {
            self.library.skip_next_page()?;
            lock(&self.pages).skip();
        }
        Ok(())
    }
}

impl Iterator for Checked {
    type Item = Result<Page, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

/// The page that was looked at: no other byte of the file is there.
struct Shown {
    pages: Arc<Mutex<Pages>>,
    /// Of the file.
    size: u64,
}

impl Shown {
    fn part(&self, start: u64, length: Option<usize>) -> Result<Bytes, ParquetError> {
        let shown = lock(&self.pages).shown(start, length);
        shown.ok_or_else(|| ParquetError::EOF(format!("a page at byte {start} is outside of its column")))
    }
}

impl Length for Shown {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for Shown {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(self.part(start, None)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.part(start, Some(length))
    }
}

fn damaged(what: impl std::fmt::Display) -> String {
    format!("its Parquet structure is damaged: {what}")
}

fn lock(pages: &Mutex<Pages>) -> MutexGuard<'_, Pages> {
    pages.lock().unwrap_or_else(PoisonError::into_inner)
}

fn general(what: impl Into<String>) -> ParquetError {
    ParquetError::General(what.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use arrow::array::{ArrayRef, BooleanArray, Int64Array, StringArray, TimestampMillisecondArray};
    use arrow::compute::concat_batches;
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use parquet::basic::{Compression, Encoding, ZstdLevel};
    use parquet::file::metadata::ParquetMetaDataReader;
    use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
    use proptest::prelude::*;
    use s3_inventory::DataFile;

    use super::*;
    use crate::report::kept::Kept;
    use crate::report::parts::Source;
    use crate::report::tally::Progress;
    use crate::report::window::Window;

    type Edit = fn(WriterPropertiesBuilder) -> WriterPropertiesBuilder;

    fn rows(sizes: &[Option<i64>]) -> RecordBatch {
        let times = (0..sizes.len() as i64).map(|at| 1_700_000_000_000 + at * 977);
        let texts = |text| Arc::new(StringArray::from(vec![text; sizes.len()])) as ArrayRef;
        let markers = sizes.iter().map(|size| Some(size.is_none())).collect::<BooleanArray>();
        RecordBatch::try_from_iter_with_nullable([
            ("bucket", texts("src"), false),
            ("is_delete_marker", Arc::new(markers) as ArrayRef, true),
            ("size", Arc::new(sizes.iter().copied().collect::<Int64Array>()) as ArrayRef, true),
            (
                "last_modified_date",
                Arc::new(TimestampMillisecondArray::from_iter_values(times).with_timezone("UTC")) as ArrayRef,
                false,
            ),
            ("replication_status", texts("COMPLETED"), true),
        ])
        .unwrap()
    }

    fn written(rows: &RecordBatch, edit: impl FnOnce(WriterPropertiesBuilder) -> WriterPropertiesBuilder) -> Bytes {
        let snappy = WriterProperties::builder().set_compression(Compression::SNAPPY).set_dictionary_enabled(false);
        let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), Some(edit(snappy).build())).unwrap();
        writer.write(rows).unwrap();
        writer.into_inner().unwrap().into()
    }

    /// The first row group, by the way of the program: its batches, and how many columns were decoded here.
    fn read(file: &Bytes, kept: &Kept) -> Result<(Vec<RecordBatch>, usize), Unread> {
        let memory = read_from(Source::Memory(file.clone()), file, 8 << 20, kept)?;
        let mut local = tempfile::tempfile().unwrap();
        local.write_all(file).unwrap();
        let (batches, ours) = read_from(Source::Local(local), file, 8 << 20, kept)?;
        assert!(memory == (batches.clone(), ours), "it is the same wherever it is read from");
        Ok((batches, ours))
    }

    fn read_from(source: Source, file: &Bytes, most: u64, kept: &Kept) -> Result<(Vec<RecordBatch>, usize), Unread> {
        let arrow = ArrowReaderMetadata::load(file, Default::default()).map_err(|error| error.to_string())?;
        let group = arrow.metadata().row_group(0);
        let column = |leaf: usize| {
            let chunk = group.column(leaf);
            let (from, length) = chunk.byte_range();
            Column { leaf, chunk, range: (from, from + length) }
        };
        let columns = (0..group.num_columns()).map(column).collect();
        let named = DataFile { key: "report.parquet".to_owned(), size: file.len() as u64, md5: None };
        let progress: Progress = Arc::new(|_| {});
        let parts = Parts::new(&named, source, &progress, kept);
        let mut rows = Group { parts: &parts, arrow: &arrow, at: 0, columns, most }.rows(0);
        let mut batches = Vec::new();
        while let Some(batch) = rows.next()? {
            batches.push(batch);
        }
        let ours = rows.opened.as_ref().unwrap().ours.len();
        rows.finish()?;
        Ok((batches, ours))
    }

    fn assert_reads(file: &Bytes, expected: &RecordBatch, ours: usize, kept: &Kept) {
        let (batches, found) = read(file, kept).unwrap();
        assert_eq!(found, ours);
        let mut at = 0;
        for batch in &batches {
            for field in expected.schema().fields() {
                let wanted = expected.column_by_name(field.name()).unwrap().slice(at, batch.num_rows());
                assert_eq!(batch.column_by_name(field.name()).unwrap(), &wanted, "{} from {at}", field.name());
            }
            at += batch.num_rows();
        }
        assert_eq!(at, expected.num_rows());
    }

    /// Sizes with NULLs alone, in runs, and among others.
    fn sizes() -> impl Strategy<Value = Vec<Option<i64>>> {
        let run = (0usize..300, prop::option::weighted(0.7, any::<u32>())).prop_map(|(count, size)| vec![size; count]);
        let mixed = prop::collection::vec(prop::option::weighted(0.8, any::<u32>()), 0..300);
        let all = prop::collection::vec(prop_oneof![run, mixed], 1..40);
        all.prop_map(|parts| parts.concat().into_iter().map(|size| size.map(i64::from)).chain([Some(1)]).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn columns_are_what_was_written(sizes in sizes(), limit in 1usize..5000, second: bool, checks: bool) {
            let rows = rows(&sizes);
            let version = if second { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 };
            let limited = |it: WriterPropertiesBuilder| {
                it.set_data_page_row_count_limit(limit).set_write_batch_size(limit.min(64)).set_writer_version(version)
                    .set_encoding(Encoding::PLAIN).set_write_page_header_statistics(checks)
            };
            assert_reads(&written(&rows, limited), &rows, 2, &Kept::new(4 << 20));
        }

        /// Pages have checksums here, so nothing that is changed in one comes out.
        #[test]
        fn damage_is_noticed(at: prop::sample::Index, bits in 1u8..=255, second: bool) {
            let rows = rows(&(0..40).map(|at| (at % 7 != 3).then_some(at * 1000)).collect::<Vec<_>>());
            let version = if second { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 };
            let file = written(&rows, |it| it.set_writer_version(version).set_encoding(Encoding::PLAIN));
            let metadata = ParquetMetaDataReader::new().parse_and_finish(&file).unwrap();
            let (from, length) = metadata.row_group(0).column(2).byte_range();
            let mut damaged = file.to_vec();
            damaged[from as usize + at.index(length as usize)] ^= bits;
            let damaged = Bytes::from(damaged);
            // The library gives up in its own way; the program catches that.
            let ours = catch_unwind(AssertUnwindSafe(|| read(&damaged, &Kept::new(4 << 20))));
            if let Ok(Ok((batches, _))) = ours {
                // Headers are in no checksum: then it is what the library makes of it.
                let library = ParquetRecordBatchReaderBuilder::try_new(damaged).unwrap().build().unwrap().next();
                let library = library.unwrap().unwrap();
                prop_assert_eq!(batches[0].column_by_name("size"), library.column_by_name("size"));
            }
        }
    }

    #[test]
    fn what_is_written_otherwise_stays_with_the_library() {
        let rows = rows(&(0..20_000).map(|at| (at % 97 != 3).then_some(at % 1000)).collect::<Vec<_>>());
        let table: [(Edit, usize); 6] = [
            (|it| it, 2),
            (|it| it.set_compression(Compression::UNCOMPRESSED), 0),
            (|it| it.set_compression(Compression::ZSTD(ZstdLevel::default())), 0),
            (|it| it.set_dictionary_enabled(true), 0),
            (|it| it.set_column_dictionary_enabled("size".into(), true), 1),
            (|it| it.set_column_encoding("size".into(), Encoding::DELTA_BINARY_PACKED), 1),
        ];
        let kept = Kept::new(4 << 20);
        for (edit, ours) in table {
            assert_reads(&written(&rows, edit), &rows, ours, &kept);
        }
    }

    #[test]
    fn fewer_rows_are_decoded_at_once_where_texts_are_long() {
        // Short texts first, so that some rows were taken already when it shows.
        let texts = (0..30_000).map(|at| if at < 20_000 { "k".repeat(at % 9) } else { format!("{at:0900}") });
        let texts: ArrayRef = Arc::new(StringArray::from_iter_values(texts));
        let marks: ArrayRef =
            Arc::new((0..30_000).map(|at| (at % 7 > 0).then_some(at % 3 == 0)).collect::<BooleanArray>());
        let sizes: ArrayRef = Arc::new((0..30_000).map(|at| (at % 5 > 0).then_some(at)).collect::<Int64Array>());
        let rows = [("key", texts, false), ("is_delete_marker", marks, true), ("size", sizes, true)];
        let rows = RecordBatch::try_from_iter_with_nullable(rows).unwrap();
        // A dictionary is given up when it gets too long: then both kinds of pages have to be left behind. As any row may
        // name its longest text, it takes more.
        let table: [(Edit, u64); 3] = [
            (|it| it, 12 << 20),
            (|it| it.set_column_dictionary_enabled("key".into(), true).set_dictionary_page_size_limit(4096), 48 << 20),
            (
                |it| {
                    it.set_writer_version(WriterVersion::PARQUET_2_0).set_column_encoding("key".into(), Encoding::PLAIN)
                },
                12 << 20,
            ),
        ];
        for (edit, too_little) in table {
            let file = written(&rows, |it| edit(it.set_data_page_size_limit(64 << 10).set_write_batch_size(64)));
            let sizes_at = |most: u64| -> Result<Vec<usize>, Unread> {
                let mut local = tempfile::tempfile().unwrap();
                local.write_all(&file).unwrap();
                let (batches, _) = read_from(Source::Local(local), &file, most, &Kept::new(4 << 20))?;
                let together = concat_batches(&batches[0].schema(), &batches).unwrap();
                for field in rows.schema().fields() {
                    assert_eq!(together.column_by_name(field.name()), rows.column_by_name(field.name()), "{most}");
                }
                Ok(batches.iter().map(RecordBatch::num_rows).collect())
            };
            assert_eq!(sizes_at(64 << 20).unwrap(), [8192, 8192, 8192, 5424]);
            let fewer = sizes_at(too_little).unwrap();
            assert!(fewer[..2] == [8192, 8192] && fewer.contains(&1024), "{fewer:?}");
            let least = sizes_at(2 << 20).unwrap();
            assert!(least[least.len() - 2] < 256, "{least:?}");
            let why = sizes_at(300 << 10).unwrap_err();
            assert!(matches!(&why, Unread::NoRoom(what) if what.contains("bytes, and --memory leaves")), "{why:?}");
        }
    }

    #[test]
    fn columns_have_as_many_rows_as_each_other() {
        let long = written(&rows(&[Some(1); 30]), |it| it);
        let arrow = ArrowReaderMetadata::load(&long, Default::default()).unwrap();
        let chunk = arrow.metadata().row_group(0).column(2);
        let (from, length) = chunk.byte_range();
        let column = long.slice(from as usize..(from + length) as usize);
        let open = |column: Bytes| {
            let (budget, end) = (Budget::new(1 << 20, 0, ["size"].into_iter()), column.len() as u64);
            let pages = Pages::new(Window::Whole(column), (0, end), Decoded::Here, &budget, 0);
            Numbers::new(pages, chunk, &arrow::datatypes::DataType::Int64, Kept::new(0).take())
        };
        let mut numbers = open(column.clone());
        assert_eq!(numbers.take(30).unwrap().len(), 30);
        assert!(numbers.take(1).unwrap_err().contains("fewer values"));
        let mut numbers = open(column.clone());
        numbers.take(29).unwrap();
        assert!(numbers.finish().unwrap_err().contains("more values"));
        let mut numbers = open([&column[..], &column[..]].concat().into());
        assert_eq!(numbers.take(45).unwrap().len(), 45);
        assert!(numbers.take(15).and_then(|_| numbers.finish()).is_ok());
    }
}
