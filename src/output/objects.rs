//! Objects of `status` as rows.

use super::rows::{Rows, Summarised};
use super::{Style, explanation, plural, properties};
use crate::model::{escape, human_bytes, human_count};
use crate::status::{ObjectStatus, StatusSummary, Verdict};

impl Rows for ObjectStatus {
    const COLUMNS: &'static [&'static str] = &[
        "bucket",
        "key",
        "version_id",
        "replication_status",
        "verdict",
        "size",
        "etag",
        "last_modified",
        "storage_class",
        "delete_marker",
        "error",
        "rule",
        "destinations",
    ];

    const BRIEF: &'static [&'static str] =
        &["verdict", "replication_status", "bucket", "key", "version_id", "error", "destinations"];

    fn cells(&self) -> Vec<String> {
        let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
        vec![
            self.bucket.clone(),
            self.key.clone(),
            text(&self.version_id),
            self.replication_status.raw().unwrap_or_default().to_owned(),
            self.verdict.word().to_owned(),
            self.size.map(|n| n.to_string()).unwrap_or_default(),
            text(&self.etag),
            self.last_modified.map(|t| t.to_string()).unwrap_or_default(),
            text(&self.storage_class),
            self.delete_marker.map(|m| m.to_string()).unwrap_or_default(),
            self.error.as_ref().map(|e| e.code.clone()).unwrap_or_default(),
            text(&self.rule),
            super::rows::destinations(&self.destinations),
        ]
    }

    fn heading() -> String {
        format!("{:<14}  {:<10}  {:>10}  {:<20}  OBJECT", "VERDICT", "S3 SAYS", "SIZE", "LAST MODIFIED")
    }

    fn line(&self, style: Style) -> String {
        let paint = match self.verdict {
            Verdict::Replicated => Style::good,
            Verdict::Pending | Verdict::Replica | Verdict::DeleteMarker => Style::warn,
            Verdict::Failed
            | Verdict::NotReplicated
            | Verdict::UnknownStatus
            | Verdict::NotFound
            | Verdict::Denied
            | Verdict::Error => Style::bad,
        };
        let version = self.version_id.as_ref().map(|id| style.faint(&format!(" (version {})", escape(id))));
        format!(
            "{}  {:<10}  {:>10}  {:<20}  s3://{}/{}{}",
            paint(style, &format!("{:<14}", self.verdict.word())),
            escape(self.replication_status.raw().unwrap_or("-")),
            self.size.map_or_else(|| "-".to_owned(), human_bytes),
            self.last_modified.map_or_else(|| "-".to_owned(), |t| t.to_string()),
            self.bucket,
            escape(&self.key),
            version.unwrap_or_default()
        )
    }

    fn explained(&self) -> Option<(&'static str, String)> {
        // Where each object is explained by itself, the general word is no news.
        if self.explanation.as_ref().is_some_and(|claims| !claims.is_empty()) {
            return None;
        }
        self.verdict.meaning(self.custom_endpoint).map(|meaning| (self.verdict.word(), meaning.to_owned()))
    }

    fn details(&self) -> Vec<String> {
        let is_alias = self.replication_status.is_foreign() && self.verdict == Verdict::Replicated;
        let alias = is_alias.then(|| "COMPLETE is taken for COMPLETED: some servers write it so".to_owned());
        // What a destination could not be asked stands at the destination.
        let error = self.error.as_ref().filter(|_| self.destinations.is_empty());
        let destinations = super::destinations::lines(&self.destinations);
        error.map(ToString::to_string).into_iter().chain(alias).chain(destinations).collect()
    }

    fn explanation(&self) -> Option<(String, Vec<[&str; 3]>)> {
        let claims = self.explanation.as_ref().filter(|claims| !claims.is_empty())?;
        let rows =
            claims.iter().map(|claim| [explanation::mark(claim), explanation::about(claim), claim.text.as_str()]);
        Some((format!("s3://{}/{}", self.bucket, self.key), rows.collect()))
    }

    fn below(&self, style: Style) -> Vec<String> {
        let mut lines = explanation::lines(self.explanation.as_deref().unwrap_or_default(), style);
        let properties = properties::lines(self, style);
        if !lines.is_empty() && !properties.is_empty() {
            lines.push(String::new());
        }
        lines.extend(properties);
        lines
    }
}

impl Summarised for StatusSummary {
    const SCHEMA: &'static str = "replaudit.status/1";

    fn line(&self, style: Style) -> Option<String> {
        if self.objects == 1 {
            return None;
        }
        let parts: Vec<String> =
            self.by.iter().map(|(verdict, count)| format!("{} {verdict}", human_count(*count))).collect();
        let counts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
        let replicas: Vec<String> = self.replicas.iter().map(|(verdict, count)| format!("{count} {verdict}")).collect();
        let replicas =
            if replicas.is_empty() { String::new() } else { format!("; at destinations: {}", replicas.join(", ")) };
        Some(style.strong(&format!("{}{counts}{replicas}", plural(self.objects, "object"))))
    }
}
