//! Entries of `safe-delete` as rows.

use super::super::terminal::Style;
use super::rows::{ReportRow, ReportSummary, RowCheck, RowLayout};
use super::text::{counted, exit_of, named, paint_of, sentence, size_or, with_address};
use crate::deletion::{DeleteEntry, DeleteOutcome, DeleteSummary, KeepReason};
use crate::model::{Failure, escape};
use crate::status::{DestinationVerdict, NamedBy};

static LAYOUT: RowLayout = RowLayout {
    schema: "replaudit.safe-delete/1",
    columns: "bucket,key,version_id,replication_status,decision,reason,outcome,size,etag,\
              new_marker_version_id,error,destinations",
    brief: "outcome,reason,bucket,key,version_id,error",
    rows: "objects",
};

impl ReportRow for DeleteEntry {
    fn layout() -> &'static RowLayout {
        &LAYOUT
    }

    fn heading(&self) -> String {
        format!("{:<15}  {:<20}  {:<10}  {:>10}  OBJECT", "OUTCOME", "REASON", "S3 SAYS", "SIZE")
    }

    fn line(&self, style: Style) -> String {
        let paint = paint_of(self.outcome.class());
        let version = self.version_id.as_ref().map(|id| format!(" (version {})", escape(id)));
        let outcome = format!("{:<15}", self.outcome.word());
        let rest = format!(
            "  {:<20}  {:<10}  {:>10}",
            self.reason_word(),
            escape(self.replication_status.as_deref().unwrap_or("-")),
            size_or("-", self.size),
        );
        let columns = (&*format!("{outcome}{rest}"), &*format!("{}{rest}", paint(style, &outcome)));
        let address = format!("s3://{}/{}", self.bucket, escape(&self.key));
        with_address(columns, &address, &version.unwrap_or_default(), 0, style)
    }

    fn has_word(&self, word: &str) -> bool {
        self.outcome.word() == word || self.reason_word() == word
    }

    fn hints(&self) -> Vec<String> {
        // Where there is an error it says more than the reason does.
        let has_error = |reason: &KeepReason| matches!(reason, KeepReason::Denied | KeepReason::Error);
        let reason = self.reason.filter(|reason| !has_error(reason));
        let meaning = reason.map(|reason| format!("{}: {}", reason.word(), reason.meaning()));
        meaning.into_iter().chain(self.error.iter().filter_map(|error| error.hint.clone())).collect()
    }

    fn check(&self) -> RowCheck {
        let meaning = self.reason.map(|reason| format!("{}: {}", reason.word(), reason.meaning()));
        RowCheck {
            name: named(&self.bucket, &self.key, self.version_id.as_deref()),
            exit: exit_of(self.class()),
            word: self.outcome.word(),
            text: meaning.into_iter().chain(self.details(Style::PLAIN)).collect::<Vec<_>>().join("; "),
            warns: false,
            skipped: false,
        }
    }

    fn details(&self, style: Style) -> Vec<String> {
        // With another outcome, no lookup has shown it.
        let is_certain = self.outcome == DeleteOutcome::MarkerCreated;
        let said = if is_certain { "hidden by delete marker" } else { "S3 reported delete marker" };
        let marker = self.new_marker_version_id.as_ref().map(|id| format!("{said} {id}"));
        let narrowed = self.destinations.iter().any(|to| to.named_by == NamedBy::OptionOnly);
        let narrowed =
            narrowed.then(|| "only the replicas of --destination were checked: the rules could not be read".to_owned());
        let in_sync = self.destinations.iter().filter(|to| to.verdict == DestinationVerdict::InSync);
        let expires = in_sync.filter_map(|to| Some((&to.bucket, to.expires?)));
        let expires = expires
            .map(|(bucket, at)| format!("a lifecycle rule of bucket {bucket} removes the replica: it expires at {at}"));
        let texts =
            marker.into_iter().chain(self.error.iter().map(Failure::without_hint)).chain(narrowed).chain(expires);
        texts.flat_map(|text| sentence(&text, style)).collect()
    }
}

impl ReportSummary for DeleteSummary {
    fn line(&self, style: Style, _: bool) -> Option<String> {
        Some(style.strong(&counted(self.counts.objects, &self.counts.by)))
    }

    fn exit(&self) -> u8 {
        self.exit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ObjectId;

    #[test]
    fn only_a_created_marker_is_said_to_hide_the_object() {
        let mut entry = DeleteEntry::of(&ObjectId::parse("s3://bucket/key").unwrap());
        entry.new_marker_version_id = Some("m1".to_owned());
        for (outcome, text) in [
            (DeleteOutcome::MarkerCreated, "hidden by delete marker m1"),
            (DeleteOutcome::Unknown, "S3 reported delete marker m1"),
        ] {
            entry.outcome = outcome;
            assert_eq!(entry.details(Style::PLAIN), [text]);
        }
    }
}
