//! One row group of a Parquet file whose columns are in memory: what is decoded at once, and by whom.
//!
//! Plain numbers are decoded here ([`super::numbers`]), all else by the library; batch by batch they are put together again.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use arrow::error::ArrowError;
use bytes::{Buf, Bytes};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Type;
use parquet::column::page::{Page, PageReader};
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

use super::numbers::{self, Kept, Numbers};
use super::pages::{self, BATCHES, Pages};
use super::parts::Held;

/// A dictionary of so few bytes has no entry that is worth looking for.
const SMALL_DICTIONARY: u64 = 512;

/// A column of the row group.
pub(super) struct Column<'a> {
    pub(super) leaf: usize,
    pub(super) chunk: &'a ColumnChunkMetaData,
    /// Where it is in the file.
    pub(super) range: (u64, u64),
}

/// A row group that was weighed.
pub(super) struct Group<'a> {
    held: Held,
    /// And the length of its buffer where it is decoded here.
    columns: Vec<(Column<'a>, Option<u64>)>,
    /// Rows that are decoded at once.
    batch: usize,
}

impl<'a> Group<'a> {
    /// Looks for the most rows that can be decoded at once without taking more than `most` bytes.
    ///
    /// # Errors
    /// A page that can't be what it claims, or one row takes more.
    pub(super) fn weigh(held: Held, columns: Vec<Column<'a>>, most: u64) -> Result<Self, String> {
        let weights = columns.iter().map(|column| {
            let of = |what: String| format!("column {}: {what}", column.chunk.column_path().string());
            Weight::of(&held, column, most).map_err(of)
        });
        let weights = weights.collect::<Result<Vec<_>, String>>()?;
        let take = |batch: usize| weights.iter().fold(0u64, |sum, weight| sum.saturating_add(weight.bytes(batch)));
        let batch = (0..BATCHES.len()).find(|batch| take(*batch) <= most).ok_or_else(|| {
            let least = take(BATCHES.len() - 1);
            format!("its columns take {least} bytes to be decoded, and --memory leaves {most} for that: give more")
        })?;
        let buffers = weights.iter().map(|weight| match weight {
            Weight::Buffer(length) => Some(*length),
            Weight::Numbers(_) | Weight::Texts(..) => None,
        });
        let columns = columns.into_iter().zip(buffers).collect();
        let batch = usize::try_from(BATCHES[batch]).map_err(|error| error.to_string())?;
        Ok(Self { held, columns, batch })
    }

    /// Begins to decode it: row group `at` of a file with this schema. Buffers are taken from those that are kept.
    pub(super) fn rows(self, arrow: &ArrowReaderMetadata, at: usize, kept: &Kept) -> Result<Rows, ParquetError> {
        let lengths: Vec<u64> = self.columns.iter().filter_map(|(_, buffer)| *buffer).collect();
        let mut buffers = kept.take(&lengths).into_iter();
        let mut ours = Vec::with_capacity(lengths.len());
        let mut theirs = Vec::with_capacity(self.columns.len());
        for (Column { leaf, chunk, range: (from, to) }, buffer) in self.columns {
            let Some(buffer) = buffer.and_then(|_| buffers.next()) else {
                theirs.push(leaf);
                continue;
            };
            let column = self.held.part(from, to).ok_or_else(|| not_held(from))?;
            let field = Arc::new(arrow.schema().field_with_name(chunk.column_descr().name())?.clone());
            ours.push((Numbers::new(column, chunk, field.data_type(), buffer), field));
        }
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(self.held, arrow.clone())
            .with_row_groups(vec![at])
            .with_projection(ProjectionMask::leaves(arrow.parquet_schema(), theirs))
            .with_batch_size(self.batch)
            .build()?;
        Ok(Rows { reader, ours, schema: None })
    }
}

/// What decoding a column takes.
enum Weight {
    /// The buffer that it is decoded in here.
    Buffer(u64),
    Numbers(Pages),
    /// And the bytes of the longest one in the dictionary.
    Texts(Pages, u64),
}

impl Weight {
    fn of(held: &Held, column: &Column<'_>, most: u64) -> Result<Self, String> {
        let Column { chunk, range: (from, to), .. } = column;
        // Two pages of each column are at hand now and then.
        let pages = pages::check(&held.part(*from, *to).unwrap_or_default(), most / 2)?;
        Ok(match chunk.column_type() {
            _ if numbers::is_ours(chunk, &pages) => Self::Buffer(numbers::buffer_for(&pages)),
            Type::BYTE_ARRAY if pages.for_numbers() <= most => Self::Texts(pages, longest(held, chunk, &pages)?),
            Type::BYTE_ARRAY => Self::Texts(pages, pages.dictionary),
            _ => Self::Numbers(pages),
        })
    }

    /// Bytes for `BATCHES[batch]` rows at once.
    fn bytes(&self, batch: usize) -> u64 {
        match self {
            Self::Buffer(length) => *length,
            Self::Numbers(pages) => pages.for_numbers(),
            Self::Texts(pages, longest) => pages.for_texts(batch, *longest),
        }
    }
}

/// Bytes of the longest entry of a column's dictionary: every row of a batch may name that one.
fn longest(held: &Held, chunk: &ColumnChunkMetaData, pages: &Pages) -> Result<u64, String> {
    if pages.dictionary <= SMALL_DICTIONARY {
        return Ok(pages.dictionary);
    }
    let reader = SerializedPageReader::new(Arc::new(held.clone()), chunk, 0, None);
    let page = reader.and_then(|mut reader| reader.get_next_page()).map_err(|error| error.to_string())?;
    // It stands first or not at all.
    let Some(Page::DictionaryPage { buf, .. }) = page else { return Ok(pages.dictionary) };
    let (mut rest, mut longest) = (&buf[..], 0);
    while let Some((length, texts)) = rest.split_first_chunk() {
        let length = u32::from_le_bytes(*length);
        longest = longest.max(u64::from(length));
        let end = usize::try_from(length).map_err(|error| error.to_string())?;
        rest = texts.get(end..).ok_or("a text of its dictionary is cut off")?;
    }
    Ok(longest)
}

/// The batches of a row group.
pub(super) struct Rows {
    reader: ParquetRecordBatchReader,
    ours: Vec<(Numbers, FieldRef)>,
    /// Of all columns together, once the first batch has told those of the library.
    schema: Option<SchemaRef>,
}

impl Rows {
    /// The next batch, if there is one.
    ///
    /// # Errors
    /// What is damaged.
    pub(super) fn next(&mut self) -> Result<Option<RecordBatch>, String> {
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

    /// Gives the buffers back when all batches were taken.
    ///
    /// # Errors
    /// A column has more rows than the others.
    pub(super) fn finish(self) -> Result<Vec<Vec<u8>>, String> {
        let finish = |(numbers, field): (Numbers, FieldRef)| {
            numbers.finish().map_err(|what| format!("column {}: {what}", field.name()))
        };
        self.ours.into_iter().map(finish).collect()
    }
}

impl Length for Held {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for Held {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(self.from(start).ok_or_else(|| not_held(start))?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.part(start, start.saturating_add(length as u64)).ok_or_else(|| not_held(start))
    }
}

fn not_held(start: u64) -> ParquetError {
    ParquetError::EOF(format!("a page at byte {start} is outside of its column"))
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use arrow::array::{ArrayRef, BooleanArray, Int64Array, StringArray, TimestampMillisecondArray};
    use parquet::arrow::ArrowWriter;
    use parquet::basic::{Compression, Encoding, ZstdLevel};
    use parquet::file::metadata::ParquetMetaDataReader;
    use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
    use proptest::prelude::*;

    use super::*;

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
    fn read(file: &Bytes, kept: &Kept) -> Result<(Vec<RecordBatch>, usize), String> {
        let text = |error: ParquetError| error.to_string();
        let arrow = ArrowReaderMetadata::load(file, Default::default()).map_err(text)?;
        let group = arrow.metadata().row_group(0);
        let column = |leaf: usize| {
            let chunk = group.column(leaf);
            let (from, length) = chunk.byte_range();
            Column { leaf, chunk, range: (from, from + length) }
        };
        let columns = (0..group.num_columns()).map(column).collect();
        let mut rows =
            Group::weigh(Held::whole(file.clone()), columns, 8 << 20)?.rows(&arrow, 0, kept).map_err(text)?;
        let ours = rows.ours.len();
        let mut batches = Vec::new();
        while let Some(batch) = rows.next()? {
            batches.push(batch);
        }
        kept.keep(rows.finish()?);
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
            assert_reads(&written(&rows, limited), &rows, 2, &Kept::default());
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
            let ours = catch_unwind(AssertUnwindSafe(|| read(&damaged, &Kept::default())));
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
        let kept = Kept::default();
        for (edit, ours) in table {
            assert_reads(&written(&rows, edit), &rows, ours, &kept);
        }
    }

    #[test]
    fn columns_have_as_many_rows_as_each_other() {
        let long = written(&rows(&[Some(1); 30]), |it| it);
        let arrow = ArrowReaderMetadata::load(&long, Default::default()).unwrap();
        let chunk = arrow.metadata().row_group(0).column(2);
        let (from, length) = chunk.byte_range();
        let column = || long.slice(from as usize..(from + length) as usize);
        let pages = pages::check(&column(), 1 << 20).map(|pages| numbers::buffer_for(&pages)).unwrap();
        let open = |column| Numbers::new(column, chunk, &arrow::datatypes::DataType::Int64, vec![9; pages as usize]);
        let mut numbers = open(column());
        assert_eq!(numbers.take(30).unwrap().len(), 30);
        assert!(numbers.take(1).unwrap_err().contains("fewer values"));
        let mut numbers = open(column());
        numbers.take(29).unwrap();
        assert!(numbers.finish().unwrap_err().contains("more values"));
        let mut numbers = open([column(), column()].concat().into());
        assert_eq!(numbers.take(45).unwrap().len(), 45);
        assert_eq!(numbers.take(15).and_then(|_| numbers.finish()).unwrap().len() as u64, pages);
    }

    #[test]
    fn buffers_are_kept_for_columns_of_the_same_length() {
        let kept = Kept::default();
        kept.keep(vec![vec![1; 10], vec![2; 20], vec![3; 2 << 20]]);
        assert_eq!(kept.take(&[20, 10, 20]), [vec![2; 20], vec![1; 10], vec![0; 20]]);
        kept.keep(vec![vec![1; 10], vec![3; 2 << 20]]);
        assert_eq!(kept.take(&[2 << 20]), [vec![0; 2 << 20]]);
        assert_eq!(kept.take(&[10]), [vec![0; 10]], "the others were freed");
    }
}
