//! Entries of `undo` as rows.

use super::super::terminal::Style;
use super::rows::{ReportRow, ReportSummary, RowCheck, RowLayout};
use super::text::{counted, exit_of, named, paint_of, sentence, with_address};
use crate::deletion::{MarkerEntry, UndoSummary};
use crate::exit::ExitStatus;
use crate::model::{Failure, escape};

static LAYOUT: RowLayout = RowLayout {
    schema: "replaudit.undo/1",
    columns: "bucket,key,marker_version_id,version_id,outcome,reason,current_version_id,error",
    brief: "outcome,reason,bucket,key,marker_version_id,error",
    rows: "objects",
};

impl ReportRow for MarkerEntry {
    fn layout() -> &'static RowLayout {
        &LAYOUT
    }

    fn heading(&self) -> String {
        format!("{:<15}  {:<20}  OBJECT", "OUTCOME", "REASON")
    }

    fn line(&self, style: Style) -> String {
        let paint = paint_of(self.outcome.class());
        let id = match (&self.marker_version_id, &self.version_id) {
            (Some(marker), _) => format!(" (marker {})", escape(marker)),
            (None, Some(version)) => format!(" (version {})", escape(version)),
            (None, None) => String::new(),
        };
        let outcome = format!("{:<15}", self.outcome.word());
        let rest = format!("  {:<20}", self.reason.map_or("-", |reason| reason.word()));
        let columns = (&*format!("{outcome}{rest}"), &*format!("{}{rest}", paint(style, &outcome)));
        with_address(columns, &format!("s3://{}/{}", self.bucket, escape(&self.key)), &id, 0, style)
    }

    fn has_word(&self, word: &str) -> bool {
        self.outcome.word() == word || self.reason.is_some_and(|reason| reason.word() == word)
    }

    fn hints(&self) -> Vec<String> {
        let meaning = self.reason.map(|reason| format!("{}: {}", reason.word(), reason.meaning()));
        meaning.into_iter().chain(self.error.iter().filter_map(|error| error.hint.clone())).collect()
    }

    fn check(&self) -> RowCheck {
        let meaning = self.reason.map(|reason| format!("{}: {}", reason.word(), reason.meaning()));
        RowCheck {
            name: named(&self.bucket, &self.key, self.marker_version_id.as_deref()),
            exit: if self.is_not_current() { ExitStatus::No } else { exit_of(self.outcome.class()) },
            word: self.outcome.word(),
            text: meaning.into_iter().chain(self.details(Style::PLAIN)).collect::<Vec<_>>().join("; "),
            warns: false,
            skipped: false,
        }
    }

    fn details(&self, style: Style) -> Vec<String> {
        // That the hidden version is current again is what undo is for.
        let current = self.current_version_id.as_ref().filter(|id| self.version_id.as_ref() != Some(*id));
        let current = current.map(|id| format!("version {id} is current now"));
        let texts = current.into_iter().chain(self.error.iter().map(Failure::without_hint));
        texts.flat_map(|text| sentence(&text, style)).collect()
    }
}

impl ReportSummary for UndoSummary {
    fn line(&self, style: Style, _: bool) -> Option<String> {
        Some(style.strong(&counted(self.counts.objects, &self.counts.by)))
    }

    fn exit(&self) -> u8 {
        self.exit
    }
}
