//! Reports by columns: keys as they are, and null where CSV has nothing between the quotes.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Int32Array, Int64Array, StringArray, StringBuilder, TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::record_batch::RecordBatch;
use orc_rust::ArrowWriterBuilder;
use orc_rust::compression::CompressionType;
use parquet::arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions};
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::row::{ReportRow, SharedTexts};
use super::{Inventory, InventoryField as Field};

/// Rows made into arrays at a time: keeps memory flat.
const BATCH: usize = 8192;

pub(super) fn parquet(inventory: &Inventory, owner: &str, rows: &[ReportRow<'_>]) -> Vec<u8> {
    let options = ArrowWriterOptions::new()
        .with_properties(WriterProperties::builder().set_compression(Compression::SNAPPY).build())
        .with_schema_root("s3.inventory".to_owned())
        // S3's files come from Java and know nothing of Arrow.
        .with_skip_arrow_metadata(true);
    let table = Table { inventory, owner, zone: Some("UTC") };
    let mut writer =
        ArrowWriter::try_new_with_options(Vec::new(), table.schema(), options).expect("types that Parquet has");
    for group in rows.chunks(inventory.group_rows) {
        for batch in group.chunks(BATCH) {
            writer.write(&table.batch(batch)).expect("writing to memory");
        }
        writer.flush().expect("writing to memory");
    }
    writer.into_inner().expect("writing to memory")
}

pub(super) fn orc(inventory: &Inventory, owner: &str, rows: &[ReportRow<'_>]) -> Vec<u8> {
    let table = Table { inventory, owner, zone: None };
    let mut file = Vec::new();
    let mut writer = ArrowWriterBuilder::new(&mut file, table.schema())
        .with_compression(CompressionType::Zlib)
        .try_build()
        .expect("writing to memory");
    for group in rows.chunks(inventory.group_rows) {
        for batch in group.chunks(BATCH) {
            writer.write(&table.batch(batch)).expect("writing to memory");
        }
        writer.flush_stripe().expect("writing to memory");
    }
    writer.close().expect("writing to memory");
    file
}

/// The manifest's text for the columns.
pub(super) fn orc_schema(inventory: &Inventory) -> String {
    let schema = Table::of(inventory).schema();
    let fields = schema.fields().iter().map(|field| {
        let kind = match field.data_type() {
            DataType::Boolean => "boolean",
            DataType::Int32 => "int",
            DataType::Int64 => "bigint",
            DataType::Timestamp(..) => "timestamp",
            _ => "string",
        };
        format!("{}:{kind}", field.name())
    });
    format!("struct<{}>", fields.collect::<Vec<_>>().join(","))
}

/// The manifest's text for the columns, spaces included.
pub(super) fn parquet_schema(inventory: &Inventory) -> String {
    let mut text = "message s3.inventory {".to_owned();
    for field in Table::of(inventory).schema().fields() {
        let presence = if field.is_nullable() { "optional" } else { "required" };
        let (kind, meaning) = match field.data_type() {
            DataType::Boolean => ("boolean", ""),
            DataType::Int32 => ("int32", ""),
            DataType::Int64 => ("int64", ""),
            DataType::Timestamp(..) => ("int64", " (TIMESTAMP(MILLIS,true))"),
            _ => ("binary", " (STRING)"),
        };
        text += &format!("  {presence} {kind} {}{meaning};", field.name());
    }
    text + "}"
}

struct Table<'a> {
    inventory: &'a Inventory,
    owner: &'a str,
    /// The zone that times are said to be in; ORC's have none.
    zone: Option<&'static str>,
}

impl<'a> Table<'a> {
    /// For its schema only.
    fn of(inventory: &'a Inventory) -> Self {
        Self { inventory, owner: "", zone: None }
    }

    fn schema(&self) -> SchemaRef {
        self.batch(&[]).schema()
    }

    fn batch(&self, rows: &[ReportRow<'_>]) -> RecordBatch {
        let bucket = std::iter::repeat_n(&self.inventory.source, rows.len());
        let mut columns: Vec<(String, ArrayRef, bool)> = vec![
            ("bucket".to_owned(), Arc::new(StringArray::from_iter_values(bucket)), false),
            ("key".to_owned(), Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.key))), false),
        ];
        if self.inventory.all_versions {
            let ids = rows.iter().map(|row| (!row.version.id.is_null()).then(|| row.version.id.as_str()));
            let versions: [(&str, ArrayRef); 3] = [
                ("version_id", Arc::new(StringArray::from_iter(ids))),
                ("is_latest", flags(rows, |row| Some(row.latest))),
                ("is_delete_marker", flags(rows, |row| Some(row.version.marker))),
            ];
            columns.extend(versions.map(|(name, array)| (name.to_owned(), array, true)));
        }
        columns
            .extend(self.inventory.fields.iter().map(|field| (snake(&field.name()), self.column(*field, rows), true)));
        RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one length")
    }

    fn column(&self, field: Field, rows: &[ReportRow<'_>]) -> ArrayRef {
        match field {
            Field::Size => {
                let size = |row: &ReportRow<'_>| (!row.version.marker).then_some(row.version.body.len() as i64);
                Arc::new(rows.iter().map(size).collect::<Int64Array>())
            }
            Field::IsMultipartUploaded => {
                flags(rows, |row| (!row.version.marker).then_some(row.version.etag.parts > 0))
            }
            Field::LastModifiedDate => self.times(rows, |row| Some(row.version.modified)),
            Field::ObjectLockRetainUntilDate => {
                self.times(rows, |row| row.version.extra().retention.map(|(_, until)| until))
            }
            // The sandbox knows no lifecycle rules.
            Field::LifecycleExpirationDate | Field::IntelligentTieringReferenceDate => self.times(rows, |_| None),
            Field::ObjectLockEventHoldDuration => {
                let duration =
                    |row: &ReportRow<'_>| row.version.extra().event_hold.map(|(_, duration)| duration.number() as i32);
                Arc::new(rows.iter().map(duration).collect::<Int32Array>())
            }
            _ => {
                let mut shared = SharedTexts::new(self.owner);
                let mut texts = StringBuilder::new();
                for row in rows {
                    let text = shared.field(field, row.version);
                    texts.append_option((!text.is_empty()).then_some(text));
                }
                Arc::new(texts.finish())
            }
        }
    }

    fn times(&self, rows: &[ReportRow<'_>], time: impl Fn(&ReportRow<'_>) -> Option<i64>) -> ArrayRef {
        let times: TimestampMillisecondArray = rows.iter().map(time).collect();
        Arc::new(times.with_timezone_opt(self.zone))
    }
}

fn flags(rows: &[ReportRow<'_>], flag: impl Fn(&ReportRow<'_>) -> Option<bool>) -> ArrayRef {
    Arc::new(rows.iter().map(flag).collect::<BooleanArray>())
}

/// `ETag` is `e_tag`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
