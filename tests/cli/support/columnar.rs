//! Reports of one data file in any of the three formats, from the same rows.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use arrow::datatypes::DataType;
use orc_rust::ArrowWriterBuilder;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression as Codec;
use parquet::file::properties::WriterProperties;
use serde_json::json;

use super::report::{Local, gzip};

/// The formats, in S3's words.
pub(crate) const FORMATS: [&str; 3] = ["CSV", "Parquet", "ORC"];

/// A column: its name in CSV, its name in the columnar formats, and its cells.
pub(crate) type Column = (&'static str, &'static str, Cells);

/// The cells of a column; `None` is NULL, and empty in CSV.
#[derive(Clone)]
pub(crate) enum Cells {
    Text(Vec<Option<&'static str>>),
    Flag(Vec<Option<bool>>),
    Number(Vec<Option<i64>>),
    /// Milliseconds since 1970.
    Time(Vec<Option<i64>>),
}

impl Cells {
    /// What a CSV report has in a row.
    fn text(&self, row: usize) -> String {
        match self {
            Self::Text(cells) => cells[row].unwrap_or_default().to_owned(),
            Self::Flag(cells) => cells[row].map(|flag| flag.to_string()).unwrap_or_default(),
            Self::Number(cells) => cells[row].map(|number| number.to_string()).unwrap_or_default(),
            Self::Time(cells) => cells[row].map_or_else(String::new, |ms| {
                let time = jiff::Timestamp::from_millisecond(ms).expect("a time");
                time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
            }),
        }
    }

    fn array(&self, zone: Option<&'static str>) -> ArrayRef {
        match self {
            Self::Text(cells) => Arc::new(cells.iter().copied().collect::<StringArray>()),
            Self::Flag(cells) => Arc::new(cells.iter().copied().collect::<BooleanArray>()),
            Self::Number(cells) => Arc::new(cells.iter().copied().collect::<Int64Array>()),
            Self::Time(cells) => {
                let times: TimestampMillisecondArray = cells.iter().copied().collect();
                Arc::new(times.with_timezone_opt(zone))
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Flag(cells) => cells.len(),
            Self::Number(cells) | Self::Time(cells) => cells.len(),
        }
    }
}

/// A report with these columns in a format.
pub(crate) fn report(format: &str, columns: &[Column]) -> Local {
    let (schema, bytes) = match format {
        "CSV" => (columns.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", "), csv(columns)),
        "Parquet" => parquet(batch(columns, Some("UTC"))),
        "ORC" => orc(batch(columns, None)),
        other => panic!("unknown format {other}"),
    };
    let report = Local::new(&schema, &[("1.data", bytes)]);
    report.edit(|json| json["fileFormat"] = json!(format));
    report
}

/// A report with these columns in a format, in a file for each part of its rows.
pub(crate) fn report_in_files(format: &str, parts: &[Vec<Column>]) -> Local {
    let mut schema = String::new();
    let mut files = Vec::new();
    for (at, columns) in parts.iter().enumerate() {
        let (found, bytes) = match format {
            "CSV" => (columns.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", "), csv(columns)),
            "Parquet" => parquet(batch(columns, Some("UTC"))),
            "ORC" => orc(batch(columns, None)),
            other => panic!("unknown format {other}"),
        };
        schema = found;
        files.push((format!("{at}.data"), bytes));
    }
    let files: Vec<(&str, Vec<u8>)> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    let report = Local::new(&schema, &files);
    report.edit(|json| json["fileFormat"] = json!(format));
    report
}

fn csv(columns: &[Column]) -> Vec<u8> {
    let rows = columns.first().map_or(0, |(.., cells)| cells.len());
    let line = |row: usize| {
        let cells: Vec<String> = columns.iter().map(|(.., cells)| format!("\"{}\"", cells.text(row))).collect();
        cells.join(",") + "\n"
    };
    gzip((0..rows).map(line).collect::<String>().as_bytes())
}

fn batch(columns: &[Column], zone: Option<&'static str>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns.iter().map(|(_, name, cells)| (*name, cells.array(zone), !["bucket", "key"].contains(name))),
    )
    .expect("columns of one length")
}

/// fileSchema and a file.
pub(crate) fn parquet(rows: RecordBatch) -> (String, Vec<u8>) {
    let fields = rows.schema().fields().iter().fold(String::new(), |text, field| {
        let (kind, meaning) = match field.data_type() {
            DataType::Boolean => ("boolean", ""),
            DataType::Int32 => ("int32", ""),
            DataType::Float64 => ("double", ""),
            DataType::Int64 => ("int64", ""),
            DataType::Timestamp(..) => ("int64", " (TIMESTAMP(MILLIS,true))"),
            _ => ("binary", " (STRING)"),
        };
        format!("{text} optional {kind} {}{meaning};", field.name())
    });
    let properties = WriterProperties::builder().set_compression(Codec::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties)).unwrap();
    writer.write(&rows).unwrap();
    (format!("message s3.inventory {{{fields} }}"), writer.into_inner().unwrap())
}

fn orc(rows: RecordBatch) -> (String, Vec<u8>) {
    let fields: Vec<String> = rows
        .schema()
        .fields()
        .iter()
        .map(|field| {
            let kind = match field.data_type() {
                DataType::Boolean => "boolean",
                DataType::Int64 => "bigint",
                DataType::Timestamp(..) => "timestamp",
                _ => "string",
            };
            format!("{}:{kind}", field.name())
        })
        .collect();
    let mut file = Vec::new();
    let mut writer = ArrowWriterBuilder::new(&mut file, rows.schema()).try_build().unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
    (format!("struct<{}>", fields.join(",")), file)
}
