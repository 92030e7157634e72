//! Entries of `safe-delete` as rows.

use super::rows::{Rows, Summarised, destinations};
use super::{Style, plural};
use crate::deletion::{Decision, DeleteEntry, DeleteOutcome, DeleteSummary, KeepReason};
use crate::model::{escape, human_bytes, human_count};
use crate::status::NamedBy;

impl Rows for DeleteEntry {
    const COLUMNS: &'static [&'static str] = &[
        "bucket",
        "key",
        "version_id",
        "replication_status",
        "decision",
        "reason",
        "outcome",
        "size",
        "etag",
        "new_marker_version_id",
        "error",
        "destinations",
    ];

    const BRIEF: &'static [&'static str] = &["outcome", "reason", "bucket", "key", "version_id", "error"];

    fn cells(&self) -> Vec<String> {
        let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
        let decision = match self.decision {
            Decision::Delete => "delete",
            Decision::Keep => "keep",
        };
        vec![
            self.bucket.clone(),
            self.key.clone(),
            text(&self.version_id),
            text(&self.replication_status),
            decision.to_owned(),
            self.reason_word().to_owned(),
            self.outcome.word().to_owned(),
            self.size.map(|n| n.to_string()).unwrap_or_default(),
            text(&self.etag),
            text(&self.new_marker_version_id),
            self.error.as_ref().map(|e| e.code.clone()).unwrap_or_default(),
            destinations(&self.destinations),
        ]
    }

    fn heading() -> String {
        format!("{:<15}  {:<20}  {:<10}  {:>10}  OBJECT", "OUTCOME", "REASON", "S3 SAYS", "SIZE")
    }

    fn line(&self, style: Style) -> String {
        let paint = match self.outcome {
            DeleteOutcome::VersionDeleted
            | DeleteOutcome::MarkerCreated
            | DeleteOutcome::WouldDelete
            | DeleteOutcome::AlreadyAbsent => Style::good,
            DeleteOutcome::Kept | DeleteOutcome::NotAttempted => Style::warn,
            DeleteOutcome::Denied | DeleteOutcome::Failed | DeleteOutcome::Unknown => Style::bad,
        };
        let version = self.version_id.as_ref().map(|id| style.faint(&format!(" (version {})", escape(id))));
        format!(
            "{}  {:<20}  {:<10}  {:>10}  s3://{}/{}{}",
            paint(style, &format!("{:<15}", self.outcome.word())),
            self.reason_word(),
            escape(self.replication_status.as_deref().unwrap_or("-")),
            self.size.map_or_else(|| "-".to_owned(), human_bytes),
            self.bucket,
            escape(&self.key),
            version.unwrap_or_default()
        )
    }

    fn explained(&self) -> Option<(&'static str, String)> {
        // Where there is an error it says more than the reason does.
        let told = |reason: &KeepReason| matches!(reason, KeepReason::Denied | KeepReason::Error);
        let reason = self.reason.filter(|reason| !told(reason));
        reason.map(|reason| (reason.word(), format!("{}: {}", reason.word(), reason.meaning())))
    }

    fn details(&self) -> Vec<String> {
        let marker = self.new_marker_version_id.as_ref().map(|id| format!("hidden by delete marker {id}"));
        let narrowed = self.destinations.iter().any(|to| to.named_by == NamedBy::OptionOnly);
        let narrowed = narrowed
            .then(|| "replicas were looked for only where --destination says: the rules could not be read".to_owned());
        marker.into_iter().chain(self.error.iter().map(ToString::to_string)).chain(narrowed).collect()
    }
}

impl Summarised for DeleteSummary {
    const SCHEMA: &'static str = "replaudit.safe-delete/1";

    fn line(&self, style: Style) -> Option<String> {
        let parts: Vec<String> =
            self.counts.by.iter().map(|(outcome, count)| format!("{} {outcome}", human_count(*count))).collect();
        let counts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
        Some(style.strong(&format!("{}{counts}", plural(self.counts.objects, "object"))))
    }
}
