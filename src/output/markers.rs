//! Entries of `undo` as rows.

use super::rows::{Rows, Summarised};
use super::{Style, plural};
use crate::deletion::{MarkerEntry, MarkerOutcome, UndoSummary};
use crate::model::{escape, human_count};

impl Rows for MarkerEntry {
    const COLUMNS: &'static [&'static str] =
        &["bucket", "key", "marker_version_id", "version_id", "outcome", "reason", "current_version_id", "error"];

    const BRIEF: &'static [&'static str] = &["outcome", "reason", "bucket", "key", "marker_version_id", "error"];

    fn cells(&self) -> Vec<String> {
        let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
        vec![
            self.bucket.clone(),
            self.key.clone(),
            text(&self.marker_version_id),
            text(&self.version_id),
            self.outcome.word().to_owned(),
            self.reason.map(|reason| reason.word().to_owned()).unwrap_or_default(),
            text(&self.current_version_id),
            self.error.as_ref().map(|error| error.code.clone()).unwrap_or_default(),
        ]
    }

    fn heading() -> String {
        format!("{:<15}  {:<20}  OBJECT", "OUTCOME", "REASON")
    }

    fn line(&self, style: Style) -> String {
        let paint = match self.outcome {
            MarkerOutcome::MarkerRemoved | MarkerOutcome::WouldRemove | MarkerOutcome::AlreadyAbsent => Style::good,
            MarkerOutcome::Kept | MarkerOutcome::NotAttempted => Style::warn,
            MarkerOutcome::Lost | MarkerOutcome::Denied | MarkerOutcome::Failed | MarkerOutcome::Unknown => Style::bad,
        };
        let id = match (&self.marker_version_id, &self.version_id) {
            (Some(marker), _) => format!(" (marker {})", escape(marker)),
            (None, Some(version)) => format!(" (version {})", escape(version)),
            (None, None) => String::new(),
        };
        format!(
            "{}  {:<20}  s3://{}/{}{}",
            paint(style, &format!("{:<15}", self.outcome.word())),
            self.reason.map_or("-", |reason| reason.word()),
            self.bucket,
            escape(&self.key),
            style.faint(&id)
        )
    }

    fn explained(&self) -> Option<(&'static str, String)> {
        self.reason.map(|reason| (reason.word(), format!("{}: {}", reason.word(), reason.meaning())))
    }

    fn details(&self) -> Vec<String> {
        // That the hidden version is current again is what undo is for.
        let current = self.current_version_id.as_ref().filter(|id| self.version_id.as_ref() != Some(*id));
        let current = current.map(|id| format!("version {id} is current now"));
        current.into_iter().chain(self.error.iter().map(ToString::to_string)).collect()
    }
}

impl Summarised for UndoSummary {
    const SCHEMA: &'static str = "replaudit.undo/1";

    fn line(&self, style: Style) -> Option<String> {
        let parts: Vec<String> =
            self.counts.by.iter().map(|(outcome, count)| format!("{} {outcome}", human_count(*count))).collect();
        let counts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
        Some(style.strong(&format!("{}{counts}", plural(self.counts.objects, "object"))))
    }
}
