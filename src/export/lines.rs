//! One worker's part of an export: it takes rows and writes whole lines in blocks.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use jiff::Timestamp;
use s3_inventory::{Columns, Field, FieldKind, InventoryRow, Value, quoted};

use super::ExportRowError;
use super::classes::{ExportClasses, RowSelection};
use super::json::JsonLines;
use super::listed::{NEEDED, listed};
use super::manifest::{self, manifest_cell};
use crate::audit::{AuditedObject, Filter, Tally};
use crate::coverage::KeyRules;
use crate::model::StatusClass;

/// The size of a block in bytes: large enough that workers do not wait for each other.
const BLOCK: usize = 128 << 10;

/// Takes whole lines, from several threads.
pub(crate) type LineSink = Arc<dyn Fn(&[u8]) -> io::Result<()> + Send + Sync>;

/// Takes objects one by one, from several threads. It may block.
type ObjectSink = Arc<dyn Fn(AuditedObject) -> io::Result<()> + Send + Sync>;

#[derive(Clone)]
pub(crate) enum ExportSink {
    Lines(ExportForm, LineSink),
    /// As values, for requests to S3.
    Objects(ObjectSink),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExportForm {
    /// A manifest for S3 Batch Operations.
    Manifest,
    /// One JSON object a line.
    Ndjson,
}

#[derive(Clone)]
pub(crate) struct Export {
    pub(crate) classes: ExportClasses,
    pub(crate) to: ExportSink,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ExportCounts {
    pub(crate) objects: u64,
    /// The objects that S3 Batch Replication can replicate: FAILED, or without a status.
    pub(crate) replicable: u64,
}

impl ExportCounts {
    /// Adds what another worker exported.
    pub(crate) fn and(self, other: Self) -> Self {
        Self { objects: self.objects + other.objects, replicable: self.replicable + other.replicable }
    }
}

/// Selects rows of a report about a bucket, and writes their lines.
pub(crate) struct ExportLines {
    classes: ExportClasses,
    filter: Filter,
    overdue_before: Timestamp,
    rules: Option<Arc<KeyRules>>,
    writer: LineWriter,
    exported: ExportCounts,
}

impl ExportLines {
    /// Starts an export of a report about `bucket` with these columns, with the filter of `tally`.
    pub(crate) fn new(export: Export, bucket: &str, columns: &Columns, tally: &Tally) -> Self {
        let overdue_before = tally.overdue_before();
        Self {
            classes: export.classes,
            filter: tally.filter().clone(),
            overdue_before,
            rules: tally.rules().cloned(),
            writer: LineWriter::new(export.to, bucket, columns, overdue_before),
            exported: ExportCounts::default(),
        }
    }

    /// The columns that lines need, besides those of the sums.
    pub(crate) fn needs<'a>(&self, columns: &'a Columns) -> impl Iterator<Item = &'a str> + use<'a, '_> {
        self.writer.needs(columns)
    }

    /// Adds the line of a row, if the row is selected.
    pub(crate) fn take(&mut self, row: &impl InventoryRow) -> Result<(), ExportRowError> {
        if row.is_delete_marker() || (self.filter.current && !row.is_latest()) {
            return Ok(());
        }
        let status = StatusClass::of_report(row.status());
        let selection = self.classes.wants(status);
        match selection {
            RowSelection::No => return Ok(()),
            RowSelection::Yes | RowSelection::IfRuled => {}
            // As the sums count it.
            RowSelection::IfOverdue => match row.last_modified()? {
                Some(modified) if modified < self.overdue_before => {}
                Some(_) | None => return Ok(()),
            },
        }
        let key = row.key()?;
        if let Some(prefix) = &self.filter.prefix
            && !key.starts_with(prefix.as_bytes())
        {
            return Ok(());
        }
        let has_rule = self.rules.as_ref().is_some_and(|rules| rules.applies(rules.of(&key).at()));
        if selection == RowSelection::IfRuled && !has_rule {
            return Ok(());
        }
        self.writer.put(row, key, has_rule)?;
        self.exported.objects += 1;
        self.exported.replicable += u64::from(matches!(status, StatusClass::Failed | StatusClass::NotReplicated));
        Ok(())
    }

    /// Writes the last block.
    pub(crate) fn finish(&mut self) -> io::Result<ExportCounts> {
        self.writer.finish()?;
        Ok(self.exported)
    }
}

/// Writes rows of a report about a bucket: as lines in blocks, or as values.
pub(crate) struct LineWriter {
    to: ExportSink,
    /// As a cell of a manifest.
    bucket: Vec<u8>,
    columns: Columns,
    overdue_before: Timestamp,
    version_id: Option<usize>,
    json: JsonLines,
    block: Vec<u8>,
}

impl LineWriter {
    /// A writer for rows with these columns. Pending and written before `overdue_before` is overdue.
    pub(crate) fn new(to: ExportSink, bucket: &str, columns: &Columns, overdue_before: Timestamp) -> Self {
        let version_id = columns.known.iter().position(|(field, _)| field.kind == FieldKind::VersionId);
        let (bucket, json) = (manifest_cell(bucket).into_bytes(), JsonLines::new(columns));
        Self { to, bucket, columns: columns.clone(), overdue_before, version_id, json, block: Vec::new() }
    }

    /// The columns that lines need, besides those that select rows.
    pub(crate) fn needs<'a>(&self, columns: &'a Columns) -> impl Iterator<Item = &'a str> + use<'a, '_> {
        let needed = |field: &Field| match self.to {
            ExportSink::Lines(ExportForm::Ndjson, _) => true,
            ExportSink::Lines(ExportForm::Manifest, _) => matches!(field.kind, FieldKind::Key | FieldKind::VersionId),
            ExportSink::Objects(_) => NEEDED.contains(&field.name),
        };
        let known = columns.known.iter().filter(move |(field, _)| needed(field)).map(|(field, _)| field.name);
        let are_wanted = matches!(self.to, ExportSink::Lines(ExportForm::Ndjson, _));
        known.chain(columns.others.iter().filter(move |_| are_wanted).map(|other| other.column.as_str()))
    }

    /// Adds the line of a row with this decoded key; `has_rule`: whether a rule applies to the key today.
    pub(crate) fn put(
        &mut self,
        row: &impl InventoryRow,
        key: Cow<'_, [u8]>,
        has_rule: bool,
    ) -> Result<(), ExportRowError> {
        match &self.to {
            ExportSink::Lines(ExportForm::Manifest, _) => {
                let version = self.version_id.map(|at| row.value(at)).transpose()?;
                let version = version.map(|value| match value {
                    Value::Text(id) => id,
                    // The null version: S3 accepts no other name for it. Version IDs are always text.
                    Value::Empty | Value::Flag(_) | Value::Number(_) | Value::Time(_) => "null",
                });
                manifest::line(&mut self.block, &self.bucket, &key, version);
            }
            ExportSink::Lines(ExportForm::Ndjson, _) => {
                let text = std::str::from_utf8(&key).map_err(|_| ExportRowError::KeyNotUtf8(quoted(&key)))?;
                self.json.line(&mut self.block, &self.columns, text, row)?;
            }
            ExportSink::Objects(sink) => {
                sink(listed(&self.columns, row, key.into_owned(), self.overdue_before, has_rule)?)?;
            }
        }
        if self.block.len() < BLOCK { Ok(()) } else { Ok(self.hand_over()?) }
    }

    /// Writes the last block.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        if self.block.is_empty() { Ok(()) } else { self.hand_over() }
    }

    fn hand_over(&mut self) -> io::Result<()> {
        let written = match &self.to {
            ExportSink::Lines(_, sink) => sink(&self.block),
            // Objects are not collected in a block.
            ExportSink::Objects(_) => Ok(()),
        };
        self.block.clear();
        written
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use jiff::SignedDuration;
    use s3_inventory::{CsvRow, FileFormat, ScanError, scan_text};

    use super::super::classes::ExportClass;
    use super::*;

    const SCHEMA: &str = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, LastModifiedDate, ReplicationStatus";

    fn lines(classes: &[&str], form: ExportForm, filter: Filter, sink: LineSink) -> (ExportLines, Columns) {
        let columns = Columns::of(FileFormat::Csv, SCHEMA).unwrap();
        let scanned_at = "2024-05-08T00:00:00Z".parse().unwrap();
        let tally = Tally::new(filter, scanned_at, SignedDuration::from_hours(24), false);
        let classes = ExportClasses(ExportClass::all().filter(|class| classes.contains(&class.word())).collect());
        (ExportLines::new(Export { classes, to: ExportSink::Lines(form, sink) }, "b", &columns, &tally), columns)
    }

    fn export(
        classes: &[&str],
        form: ExportForm,
        filter: Filter,
        text: &str,
    ) -> (String, ExportCounts, Result<(), String>) {
        let out = Arc::new(Mutex::new(Vec::new()));
        let sink: LineSink = {
            let out = Arc::clone(&out);
            Arc::new(move |block| {
                out.lock().unwrap().extend_from_slice(block);
                Ok(())
            })
        };
        let (mut lines, columns) = lines(classes, form, filter, sink);
        let scanned = scan_text(text.as_bytes(), "f", &columns, "b", |record, cells| {
            lines.take(&CsvRow { record, cells, columns: &columns })
        });
        let exported = lines.finish().unwrap();
        let text = String::from_utf8(out.lock().unwrap().clone()).unwrap();
        (
            text,
            exported,
            scanned.map(drop).map_err(|error| match error {
                ScanError::Refused { error, .. } => error.to_string(),
                ScanError::Damaged(damage) => damage.to_string(),
            }),
        )
    }

    const ROWS: &str = "\
b,f/1,,true,false,2024-05-07T00:00:00.000Z,FAILED
b,f+2,v2,false,false,2024-05-07T00:00:00.000Z,FAILED
b,n,v3,true,false,2024-05-07T00:00:00.000Z,
b,old,v4,true,false,2024-05-06T23:59:59.000Z,PENDING
b,new,v5,true,false,2024-05-07T00:00:00.000Z,PENDING
b,undated,v5,true,false,,PENDING
b,gone,v6,true,true,2024-05-07T00:00:00.000Z,
b,done,v7,true,false,2024-05-07T00:00:00.000Z,COMPLETED
";

    #[test]
    fn rows_of_the_classes_that_pass_the_filter_are_exported() {
        let all = Filter::default();
        let current = Filter { current: true, ..Filter::default() };
        let prefix = Filter { prefix: Some("f ".into()), ..Filter::default() };
        let table: [(&[&str], &Filter, &str); 7] = [
            (&["failed"], &all, "b,f/1,null\nb,f%202,v2\n"),
            (&["failed"], &current, "b,f/1,null\n"),
            (&["failed"], &prefix, "b,f%202,v2\n"),
            (&["not-replicated"], &all, "b,n,v3\n"),
            (&["overdue"], &all, "b,old,v4\n"),
            (&["pending", "overdue"], &all, "b,old,v4\nb,new,v5\nb,undated,v5\n"),
            (&["completed", "replica"], &all, "b,done,v7\n"),
        ];
        for (classes, filter, expected) in table {
            let (text, exported, scanned) = export(classes, ExportForm::Manifest, filter.clone(), ROWS);
            assert_eq!((text.as_str(), scanned), (expected, Ok(())), "{classes:?} {filter:?}");
            assert_eq!(exported.objects, expected.lines().count() as u64);
            let replicable = if matches!(classes[0], "failed" | "not-replicated") { exported.objects } else { 0 };
            assert_eq!(exported.replicable, replicable, "{classes:?}");
        }
    }

    #[test]
    fn a_key_that_is_not_utf_8_is_kept_or_refused() {
        let row = "b,a%FF,v,true,false,,FAILED\n";
        let (text, ..) = export(&["failed"], ExportForm::Manifest, Filter::default(), row);
        assert_eq!(text, "b,a%FF,v\n");
        let (text, _, scanned) = export(&["failed"], ExportForm::Ndjson, Filter::default(), row);
        assert!(text.is_empty() && scanned.unwrap_err().contains("is not UTF-8"));
    }

    #[test]
    fn blocks_are_whole_lines_and_a_full_sink_ends_it() {
        let blocks = Arc::new(Mutex::new(Vec::new()));
        let sink: LineSink = {
            let blocks = Arc::clone(&blocks);
            Arc::new(move |block| {
                let mut blocks = blocks.lock().unwrap();
                blocks.push(block.to_vec());
                if blocks.len() < 3 { Ok(()) } else { Err(io::Error::from(io::ErrorKind::StorageFull)) }
            })
        };
        let (mut lines, columns) = lines(&["failed"], ExportForm::Ndjson, Filter::default(), sink);
        let text = ROWS.repeat(4000);
        let scanned = scan_text(text.as_bytes(), "f", &columns, "b", |record, cells| {
            lines.take(&CsvRow { record, cells, columns: &columns })
        });
        let Err(ScanError::Refused { error: ExportRowError::Sink(error), .. }) = scanned else { panic!("{scanned:?}") };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        let blocks = blocks.lock().unwrap();
        assert_eq!(blocks.len(), 3);
        for block in blocks.iter() {
            assert!(block.ends_with(b"}\n") && block.len() < BLOCK + 1000, "{}", block.len());
        }
    }
}
