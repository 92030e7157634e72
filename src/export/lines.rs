//! One worker's part of an export: rows go in, whole lines come out in blocks.

use std::io;
use std::sync::Arc;

use jiff::Timestamp;
use s3_inventory::{Columns, Field, FieldKind, InventoryRow, Value, quoted};

use super::classes::{Classes, Wanted};
use super::listed::{NEEDED, listed};
use super::{json, manifest};
use crate::audit::{AuditedObject, Filter, Tally};
use crate::model::StatusClass;

/// Lines are handed over in blocks of this many bytes: enough that workers do not wait for each other.
const BLOCK: usize = 128 << 10;

/// Takes whole lines, from several threads.
pub(crate) type Sink = Arc<dyn Fn(&[u8]) -> io::Result<()> + Send + Sync>;

/// Takes objects one by one, from several threads; it may make them wait.
type ObjectSink = Arc<dyn Fn(AuditedObject) -> io::Result<()> + Send + Sync>;

/// Where objects go, and as what.
#[derive(Clone)]
pub(crate) enum To {
    Lines(Form, Sink),
    /// As values, for requests to S3.
    Objects(ObjectSink),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A manifest for S3 Batch Operations.
    Manifest,
    /// One JSON object a line.
    Ndjson,
}

#[derive(Clone)]
pub(crate) struct Export {
    pub(crate) classes: Classes,
    pub(crate) to: To,
}

/// How many objects were exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Exported {
    pub(crate) objects: u64,
    /// Those that S3 Batch Replication is for: replication failed, or was never tried.
    pub(crate) replicable: u64,
}

impl Exported {
    /// Adds what another worker exported.
    pub(crate) fn and(self, other: Self) -> Self {
        Self { objects: self.objects + other.objects, replicable: self.replicable + other.replicable }
    }
}

/// Why a row that is nothing but good was not exported.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The sink takes no more.
    Sink(io::Error),
    /// The form can't hold its key.
    Key,
}

/// The lines of one worker.
pub(crate) struct Lines {
    export: Export,
    bucket: String,
    columns: Columns,
    filter: Filter,
    overdue_before: Timestamp,
    version_id: Option<usize>,
    block: Vec<u8>,
    exported: Exported,
    /// Set when a row was refused that is not damaged.
    pub(crate) refusal: Option<Refusal>,
}

impl Lines {
    /// No lines yet, of a report about `bucket` with these columns; rows pass as they do for `tally`.
    pub(crate) fn new(export: Export, bucket: &str, columns: &Columns, tally: &Tally) -> Self {
        let version_id = columns.known.iter().position(|(field, _)| field.kind == FieldKind::VersionId);
        Self {
            export,
            bucket: bucket.to_owned(),
            columns: columns.clone(),
            filter: tally.filter().clone(),
            overdue_before: tally.overdue_before(),
            version_id,
            block: Vec::new(),
            exported: Exported::default(),
            refusal: None,
        }
    }

    /// Those of these columns that lines are made from, beyond those that the sums need.
    pub(crate) fn needs<'a>(&self, columns: &'a Columns) -> impl Iterator<Item = &'a str> + use<'a, '_> {
        let needed = |field: &Field| match self.export.to {
            To::Lines(Form::Ndjson, _) => true,
            To::Lines(Form::Manifest, _) => matches!(field.kind, FieldKind::Key | FieldKind::VersionId),
            To::Objects(_) => NEEDED.contains(&field.name),
        };
        let known = columns.known.iter().filter(move |(field, _)| needed(field)).map(|(field, _)| field.name);
        let are_wanted = matches!(self.export.to, To::Lines(Form::Ndjson, _));
        known.chain(columns.others.iter().filter(move |_| are_wanted).map(|other| other.column.as_str()))
    }

    /// Adds the line of a row, if it is wanted.
    pub(crate) fn take(&mut self, row: &impl InventoryRow) -> Result<(), String> {
        if row.is_delete_marker() || (self.filter.current && !row.is_latest()) {
            return Ok(());
        }
        let error = |error: s3_inventory::RowError| error.to_string();
        let status = StatusClass::of_report(row.status());
        match self.export.classes.wants(status) {
            Wanted::No => return Ok(()),
            Wanted::Yes => {}
            // As the sums count it.
            Wanted::IfOverdue => match row.last_modified().map_err(error)? {
                Some(modified) if modified < self.overdue_before => {}
                Some(_) | None => return Ok(()),
            },
        }
        let key = row.key().map_err(error)?;
        if let Some(prefix) = &self.filter.prefix
            && !key.starts_with(prefix.as_bytes())
        {
            return Ok(());
        }
        match &self.export.to {
            To::Lines(Form::Manifest, _) => {
                let version = self.version_id.map(|at| row.value(at)).transpose().map_err(error)?;
                let version = version.map(|value| match value {
                    Value::Text(id) => id,
                    // The null version, which S3 takes under no other name. Version ids are nothing but text.
                    Value::Empty | Value::Flag(_) | Value::Number(_) | Value::Time(_) => "null",
                });
                manifest::line(&mut self.block, &self.bucket, &key, version);
            }
            To::Lines(Form::Ndjson, _) => {
                let Ok(text) = std::str::from_utf8(&key) else {
                    self.refusal = Some(Refusal::Key);
                    return Err(format!(
                        "Key {} is not UTF-8, and NDJSON can't hold it: export to a .csv, which keeps its bytes",
                        quoted(&key)
                    ));
                };
                json::line(&mut self.block, &self.columns, text, row)?;
            }
            To::Objects(sink) => {
                let object = listed(&self.columns, row, key.into_owned(), self.overdue_before).map_err(error)?;
                if let Err(error) = sink(object) {
                    let what = error.to_string();
                    self.refusal = Some(Refusal::Sink(error));
                    return Err(what);
                }
            }
        }
        self.exported.objects += 1;
        self.exported.replicable += u64::from(matches!(status, StatusClass::Failed | StatusClass::NotReplicated));
        if self.block.len() < BLOCK { Ok(()) } else { self.hand_over() }
    }

    /// Hands over what is left.
    pub(crate) fn finish(&mut self) -> Result<Exported, String> {
        if !self.block.is_empty() {
            self.hand_over()?;
        }
        Ok(self.exported)
    }

    fn hand_over(&mut self) -> Result<(), String> {
        let written = match &self.export.to {
            To::Lines(_, sink) => sink(&self.block),
            // Of objects no block is filled.
            To::Objects(_) => Ok(()),
        };
        self.block.clear();
        written.map_err(|error| {
            let what = error.to_string();
            self.refusal = Some(Refusal::Sink(error));
            what
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use jiff::SignedDuration;
    use s3_inventory::{CsvRow, FileFormat, ScanError, scan_text};

    use super::*;

    const SCHEMA: &str = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, LastModifiedDate, ReplicationStatus";

    fn lines(classes: &[&str], form: Form, filter: Filter, sink: Sink) -> (Lines, Columns) {
        let columns = Columns::of(FileFormat::Csv, SCHEMA).unwrap();
        let scanned_at = "2024-05-08T00:00:00Z".parse().unwrap();
        let tally = Tally::new(filter, scanned_at, SignedDuration::from_hours(24), false);
        let classes = Classes::new(classes.iter().map(|class| class.parse().unwrap()).collect());
        (Lines::new(Export { classes, to: To::Lines(form, sink) }, "b", &columns, &tally), columns)
    }

    fn export(classes: &[&str], form: Form, filter: Filter, text: &str) -> (String, Exported, Result<(), String>) {
        let out = Arc::new(Mutex::new(Vec::new()));
        let sink: Sink = {
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
                ScanError::Refused { error, .. } => error,
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
            let (text, exported, scanned) = export(classes, Form::Manifest, filter.clone(), ROWS);
            assert_eq!((text.as_str(), scanned), (expected, Ok(())), "{classes:?} {filter:?}");
            assert_eq!(exported.objects, expected.lines().count() as u64);
            let replicable = if matches!(classes[0], "failed" | "not-replicated") { exported.objects } else { 0 };
            assert_eq!(exported.replicable, replicable, "{classes:?}");
        }
    }

    #[test]
    fn a_key_that_is_not_utf_8_is_kept_or_refused() {
        let row = "b,a%FF,v,true,false,,FAILED\n";
        let (text, ..) = export(&["failed"], Form::Manifest, Filter::default(), row);
        assert_eq!(text, "b,a%FF,v\n");
        let (text, _, scanned) = export(&["failed"], Form::Ndjson, Filter::default(), row);
        assert!(text.is_empty() && scanned.unwrap_err().contains("is not UTF-8"));
    }

    #[test]
    fn blocks_are_whole_lines_and_a_full_sink_ends_it() {
        let blocks = Arc::new(Mutex::new(Vec::new()));
        let sink: Sink = {
            let blocks = Arc::clone(&blocks);
            Arc::new(move |block| {
                let mut blocks = blocks.lock().unwrap();
                blocks.push(block.to_vec());
                if blocks.len() < 3 { Ok(()) } else { Err(io::Error::from(io::ErrorKind::StorageFull)) }
            })
        };
        let (mut lines, columns) = lines(&["failed"], Form::Ndjson, Filter::default(), sink);
        let text = ROWS.repeat(4000);
        let scanned = scan_text(text.as_bytes(), "f", &columns, "b", |record, cells| {
            lines.take(&CsvRow { record, cells, columns: &columns })
        });
        assert!(scanned.is_err());
        assert!(matches!(&lines.refusal, Some(Refusal::Sink(error)) if error.kind() == io::ErrorKind::StorageFull));
        let blocks = blocks.lock().unwrap();
        assert_eq!(blocks.len(), 3);
        for block in blocks.iter() {
            assert!(block.ends_with(b"}\n") && block.len() < BLOCK + 1000, "{}", block.len());
        }
    }
}
