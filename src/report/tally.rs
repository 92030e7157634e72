//! Adds up the rows of a report, and exports some of them.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use s3_inventory::{Damage, DamageKind, FileFormat};

use super::columns::{CannotAnswer, check_columns};
use super::error::ReportError;
use super::memory::LEAST_MEMORY;
use super::report::Report;
use super::run::{Progress, lock};
use super::sums::WorkerSums;
use crate::audit::{Dimension, Grouping, MANY_VALUES, MOST_VALUES, Question, Tally, VALUE_BYTES, per_word};
use crate::export::{Export, ExportCounts, ExportLines};

/// Groups may always take this many bytes.
const LEAST_GROUPS: u64 = 2 << 20;

impl Report {
    /// Adds up all data files. Every file is checked to its end before its sums count; the first damaged file ends the run.
    /// Setting `stop` also ends it.
    pub(crate) async fn tally(
        self: &Arc<Self>,
        question: &Question,
        stop: Arc<AtomicBool>,
        progress: Progress,
    ) -> Result<Tally, ReportError> {
        self.tally_and_export(question, None, stop, progress).await.map(|(tally, _)| tally)
    }

    /// As [`Report::tally`], and exports rows while they are read. Until this returns without error, the export may be
    /// incomplete or from a damaged report.
    pub(crate) async fn tally_and_export(
        self: &Arc<Self>,
        question: &Question,
        export: Option<Export>,
        stop: Arc<AtomicBool>,
        progress: Progress,
    ) -> Result<(Tally, ExportCounts), ReportError> {
        let (grouping, of_groups) = self.grouping(question)?;
        let empty = self.empty_tally(question, &grouping);
        let merged = Arc::new(Mutex::new(empty.clone()));
        let columns = Arc::new(self.columns.clone());
        let taker = || {
            let of = &self.manifest.source_bucket;
            let lines = export.clone().map(|export| ExportLines::new(export, of, &self.columns, &empty));
            WorkerSums::new(empty.clone(), lines, Arc::clone(&columns), Arc::clone(&merged))
        };
        let workers = self.scan(of_groups, taker, stop, progress).await?;
        let mut sum = std::mem::replace(&mut *lock(&merged), empty);
        let mut exported = ExportCounts::default();
        for worker in workers {
            let (part, lines) = worker.into_parts();
            sum.merge(&part).map_err(|error| Damage::of_manifest(DamageKind::other(error)))?;
            exported = exported.and(lines);
        }
        self.check_markers(&sum)?;
        Ok((sum, exported))
    }

    /// Sums without a row, for this question.
    pub(super) fn empty_tally(&self, question: &Question, grouping: &Grouping) -> Tally {
        let overdue = jiff::SignedDuration::from_secs(question.overdue_seconds);
        Tally::new(question.filter.clone(), self.manifest.scanned_at, overdue, self.columns.size.is_some())
            .in_groups(grouping, self.manifest.scanned_at)
    }

    /// S3's delete markers have no status. One that has a status is accepted if another column shows that it has no data.
    pub(super) fn check_markers(&self, sum: &Tally) -> Result<(), Damage> {
        let statuses = sum.marker_statuses();
        if statuses.is_empty() || self.columns.size.is_some() || self.columns.e_tag.is_some() {
            return Ok(());
        }
        Err(cannot_answer(CannotAnswer::MarkersWithStatus(per_word(&statuses))))
    }

    /// How rows are grouped, and the memory for that. Refuses a question that needs a column that the report lacks.
    pub(super) fn grouping(&self, question: &Question) -> Result<(Grouping, u64), Damage> {
        check_columns(&self.columns, question.filter.current).map_err(cannot_answer)?;
        for by in &question.by {
            let (column, name) = match by {
                Dimension::Prefix(_) | Dimension::Rule => continue,
                Dimension::StorageClass => (self.columns.storage_class, "StorageClass"),
                Dimension::Encryption => (self.columns.encryption_status, "EncryptionStatus"),
                Dimension::Age => (self.columns.last_modified, "LastModifiedDate"),
            };
            if column.is_none() {
                return Err(cannot_answer(CannotAnswer::Grouping { column: name, by: *by }));
            }
        }
        let (mut grouping, taken) = self.group_memory(&question.by, question.compared);
        grouping.rules.clone_from(&question.rules);
        Ok((grouping, taken))
    }

    /// Groups within the memory that is left for them, and that memory. With `compared`, two reports share it.
    pub(super) fn group_memory(&self, by: &[Dimension], compared: bool) -> (Grouping, u64) {
        let prefixes = by.iter().filter(|by| matches!(by, Dimension::Prefix(_))).count() as u64;
        // At most half of the memory, and the minimum for reading is left: fewer values are better than exceeding the limit.
        // Includes the values that each worker keeps.
        let room = (self.options.memory / 2).min(self.options.memory.saturating_sub(LEAST_MEMORY)).max(LEAST_GROUPS);
        let of_workers = self.workers() as u64 * MANY_VALUES as u64 * VALUE_BYTES;
        // A comparison holds the values of two reports at once.
        let held = prefixes * if compared { 2 } else { 1 };
        let values = room.saturating_sub(of_workers).max(LEAST_GROUPS) / VALUE_BYTES / held.max(1);
        let most = MOST_VALUES.min(usize::try_from(values).unwrap_or(usize::MAX));
        let grouping =
            Grouping { by: by.to_vec(), most, encoded: self.manifest.format == FileFormat::Csv, rules: None };
        let taken = if prefixes == 0 { 0 } else { most as u64 * VALUE_BYTES * held + of_workers };
        (grouping, taken)
    }
}

fn cannot_answer(why: CannotAnswer) -> Damage {
    Damage::of_manifest(DamageKind::other(why))
}
