//! Lines of NDJSON: every column of the report under the names of columnar reports. Unknown columns come last, as text.
//!
//! `--from` reads these lines: `bucket`, `key`, and `version_id`, which is `"null"` for the null version.

use std::ops::Range;

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use s3_inventory::{CellTaker, Columns, DictionaryEntry, FieldKind, InventoryRow, RowError};

/// As `Display` does, without its detour.
const TIMES: DateTimePrinter = DateTimePrinter::new();

/// Entries of a dictionary whose cells are kept, for each column, and the bytes of all of them. S3's own words are few and
/// short.
const MOST_ENTRIES: usize = 64;
const MOST_BYTES: usize = 64 << 10;

/// Writes rows of a report as lines.
pub(super) struct JsonLines {
    /// What precedes each cell: `{"bucket":`, `,"key":`, and so on.
    names: Vec<Vec<u8>>,
    written: WrittenCells,
}

/// Cells that were written for entries of a batch's dictionaries, with their names.
#[derive(Default)]
struct WrittenCells {
    batch: Option<u64>,
    /// For each column and entry: its place in `bytes`. Empty if it is not there.
    places: Vec<[Range<usize>; MOST_ENTRIES]>,
    bytes: Vec<u8>,
}

impl JsonLines {
    pub(super) fn new(columns: &Columns) -> Self {
        // Names of known columns need no escaping.
        let known = columns.known.iter().map(|(field, _)| format!("\"{}\":", field.name).into_bytes());
        let others = columns.others.iter().map(|other| serde_json::Value::from(other.name.as_str()));
        let others = others.map(|name| format!("{name}:").into_bytes());
        let names = known.chain(others).enumerate();
        let names = names.map(|(at, name)| [if at == 0 { b"{" } else { b"," }, name.as_slice()].concat()).collect();
        Self { names, written: WrittenCells::default() }
    }

    /// Writes the line of a row with this key; `columns` are those of [`JsonLines::new`].
    pub(super) fn line(
        &mut self,
        out: &mut Vec<u8>,
        columns: &Columns,
        key: &str,
        row: &impl InventoryRow,
    ) -> Result<(), RowError> {
        let Self { names, written } = self;
        for (at, ((field, _), name)) in columns.known.iter().zip(&*names).enumerate() {
            let entry = row.entry(at);
            if let Some(cell) = entry.and_then(|entry| written.cell(at, entry)) {
                out.extend_from_slice(cell);
                continue;
            }
            let from = out.len();
            out.extend_from_slice(name);
            match field.kind {
                FieldKind::Key => text(out, key),
                kind => row.give(at, &mut JsonCell { out, kind })?,
            }
            if let Some(entry) = entry {
                written.keep(at, entry, &out[from..]);
            }
        }
        for (at, name) in names.iter().skip(columns.known.len()).enumerate() {
            out.extend_from_slice(name);
            match row.other(at)? {
                Some(value) => text(out, &value),
                None => out.extend_from_slice(b"null"),
            }
        }
        out.extend_from_slice(b"}\n");
        Ok(())
    }
}

impl WrittenCells {
    #[inline]
    fn cell(&self, column: usize, DictionaryEntry { batch, entry }: DictionaryEntry) -> Option<&[u8]> {
        let place = self.places.get(column).filter(|_| self.batch == Some(batch))?.get(entry)?;
        (!place.is_empty()).then(|| &self.bytes[place.clone()])
    }

    fn keep(&mut self, column: usize, DictionaryEntry { batch, entry }: DictionaryEntry, cell: &[u8]) {
        if self.batch != Some(batch) {
            *self = Self { batch: Some(batch), ..Self::default() };
        }
        if entry >= MOST_ENTRIES || self.bytes.len() + cell.len() > MOST_BYTES {
            return;
        }
        if self.places.len() <= column {
            self.places.resize(column + 1, [const { 0..0 }; MOST_ENTRIES]);
        }
        self.places[column][entry] = self.bytes.len()..self.bytes.len() + cell.len();
        self.bytes.extend_from_slice(cell);
    }
}

/// Writes a cell of this kind.
struct JsonCell<'a> {
    out: &'a mut Vec<u8>,
    kind: FieldKind,
}

impl CellTaker<'_> for JsonCell<'_> {
    fn empty(&mut self) {
        self.out.extend_from_slice(if self.kind == FieldKind::VersionId { b"\"null\"" } else { b"null" });
    }

    fn text(&mut self, text: &str) {
        self::text(self.out, text);
    }

    fn flag(&mut self, flag: bool) {
        self.out.extend_from_slice(if flag { b"true" } else { b"false" });
    }

    fn number(&mut self, number: i128) {
        // The shorter type is formatted much faster.
        match i64::try_from(number) {
            Ok(number) => self.out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
            Err(_) => self.out.extend_from_slice(number.to_string().as_bytes()),
        }
    }

    fn time(&mut self, time: Timestamp) {
        self.out.push(b'"');
        let printed = TIMES.print_timestamp(&time, &mut *self.out);
        debug_assert!(printed.is_ok(), "writing to memory does not fail");
        self.out.push(b'"');
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    // Compares many bytes at once. Most texts need no escaping.
    let is_special = |byte: u8| (byte < b' ') | (byte == b'"') | (byte == b'\\');
    if text.bytes().fold(false, |found, byte| found | is_special(byte)) {
        return out.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, BinaryArray, BooleanArray, DictionaryArray, Int64Array, RecordBatch, StringArray,
        TimestampMicrosecondArray,
    };
    use arrow::datatypes::Int32Type;
    use proptest::prelude::*;
    use s3_inventory::{Batch, BatchCells, BatchRow, CsvRow, FileFormat, ScanError, Value, scan_text};
    use serde_json::json;

    use super::*;

    fn lined(schema: &str, cells: &[&str]) -> Result<String, String> {
        let columns = Columns::of(FileFormat::Csv, schema).unwrap();
        let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        let (mut out, mut lines) = (Vec::new(), JsonLines::new(&columns));
        scan_text(format!("{}\n", quoted.join(",")).as_bytes(), "f", &columns, "b", |record, cells| {
            lines.line(&mut out, &columns, "k\n\u{202e}\"", &CsvRow { record, cells, columns: &columns })
        })
        .map_err(|error| match error {
            ScanError::Refused { error, .. } => error.to_string(),
            ScanError::Damaged(damage) => damage.to_string(),
        })?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn a_line_has_the_columns_of_the_report_in_s3s_order() {
        let schema = "Key, Bucket, Other, VersionId, IsLatest, Size, LastModifiedDate, ETag, ObjectOwner, IsMultipartUploaded, LifecycleExpirationDate";
        let cells =
            ["k", "b", "x", "", "TRUE", "18446744073709551615", "2024-05-06T22:44:22.000Z", "e\"", "", "false", ""];
        assert_eq!(
            lined(schema, &cells).unwrap(),
            "{\"bucket\":\"b\",\"key\":\"k\\n\u{202e}\\\"\",\"version_id\":\"null\",\"is_latest\":true,\"size\":18446744073709551615,\
             \"last_modified_date\":\"2024-05-06T22:44:22Z\",\"e_tag\":\"e\\\"\",\"is_multipart_uploaded\":false,\
             \"object_owner\":null,\"lifecycle_expiration_date\":null,\"other\":\"x\"}\n"
        );
        assert_eq!(lined("Bucket, Key", &["b", "k"]).unwrap(), "{\"bucket\":\"b\",\"key\":\"k\\n\u{202e}\\\"\"}\n");
        let wrong = lined("Bucket, Key, IsMultipartUploaded", &["b", "k", "yes"]).unwrap_err();
        assert_eq!(wrong, "IsMultipartUploaded: invalid boolean: \"yes\"");
    }

    const KEY: &str = "k\"";

    /// Cells of one row: three texts, a number, a time and a flag.
    type TextRow = (Option<String>, Option<String>, Option<String>, Option<i64>, Option<i64>, Option<bool>);

    fn arrays(rows: &[TextRow]) -> RecordBatch {
        let texts = |text: fn(&TextRow) -> &Option<String>| rows.iter().map(move |row| text(row).as_deref());
        let dictionary = |text| Arc::new(texts(text).collect::<DictionaryArray<Int32Type>>()) as ArrayRef;
        let version_ids: BinaryArray = texts(|row| &row.1).map(|text| text.map(str::as_bytes)).collect();
        let times: TimestampMicrosecondArray = rows.iter().map(|row| row.4).collect();
        RecordBatch::try_from_iter_with_nullable([
            ("bucket", Arc::new(StringArray::from(vec!["b"; rows.len()])) as ArrayRef, false),
            ("key", Arc::new(StringArray::from(vec![KEY; rows.len()])), false),
            ("version_id", Arc::new(version_ids), true),
            ("size", Arc::new(rows.iter().map(|row| row.3).collect::<Int64Array>()), true),
            ("is_multipart_uploaded", Arc::new(rows.iter().map(|row| row.5).collect::<BooleanArray>()), true),
            ("last_modified_date", Arc::new(times.with_timezone("UTC")), true),
            ("e_tag", Arc::new(texts(|row| &row.2).collect::<StringArray>()), true),
            ("storage_class", dictionary(|row| &row.0), true),
            ("object_owner", dictionary(|row| &row.2), true),
            ("new_\"column", dictionary(|row| &row.1), true),
        ])
        .unwrap()
    }

    /// The same line, without anything quick.
    fn plain(columns: &Columns, row: &impl InventoryRow) -> String {
        let known = columns.known.iter().enumerate().map(|(at, (field, _))| {
            let value = match row.value(at).unwrap() {
                _ if field.kind == FieldKind::Key => json!(KEY),
                Value::Empty if field.kind == FieldKind::VersionId => json!("null"),
                Value::Empty => json!(null),
                Value::Text(text) => json!(text),
                Value::Flag(flag) => json!(flag),
                Value::Number(number) => json!(i64::try_from(number).unwrap()),
                Value::Time(time) => json!(time.to_string()),
            };
            format!("{}:{value}", json!(field.name))
        });
        let others = columns.others.iter().enumerate();
        let others = others.map(|(at, other)| format!("{}:{}", json!(other.name), json!(row.other(at).unwrap())));
        format!("{{{}}}\n", known.chain(others).collect::<Vec<_>>().join(","))
    }

    fn any_row() -> impl Strategy<Value = TextRow> {
        let text = || proptest::option::of("[a-c\"\\\\\u{1}ü]{0,2}");
        let size = proptest::option::of(0..=i64::MAX);
        // Years 1 to 9999, half of them in whole seconds.
        let seconds = -62_000_000_000..253_000_000_000i64;
        let time =
            (seconds, prop_oneof![Just(0), 0..1_000_000i64]).prop_map(|(second, rest)| second * 1_000_000 + rest);
        (text(), text(), text(), size, proptest::option::of(time), proptest::option::of(any::<bool>()))
    }

    proptest! {
        /// Kept cells are those of the row's own batch, also if rows of two batches take turns.
        #[test]
        fn a_line_has_the_cells_of_its_row(
            batches in proptest::array::uniform2(proptest::collection::vec(any_row(), 1..100)),
            order in proptest::collection::vec((0..2usize, any::<prop::sample::Index>()), 1..200),
        ) {
            // An object has a size.
            let batches = batches.map(|mut rows| {
                rows.iter_mut().for_each(|row| row.3 = row.3.or(Some(0)));
                rows
            });
            let arrays = batches.each_ref().map(|rows| arrays(rows));
            let schema = arrays[0].schema();
            let names: Vec<String> = schema.fields().iter().map(|field| format!("{}:string", field.name())).collect();
            let columns = Columns::of(FileFormat::Orc, &format!("struct<{}>", names.join(","))).unwrap();
            let batches = arrays.each_ref().map(|arrays| Batch::read(arrays, "b").unwrap());
            let cells = batches.each_ref().map(|batch| BatchCells::of(batch, &columns).unwrap());
            let mut lines = JsonLines::new(&columns);
            for (of, row) in order {
                let row = BatchRow { batch: &batches[of], cells: &cells[of], row: row.index(batches[of].rows) };
                let mut out = Vec::new();
                lines.line(&mut out, &columns, KEY, &row).unwrap();
                prop_assert_eq!(String::from_utf8(out).unwrap(), plain(&columns, &row));
            }
        }
    }
}
