//! Checks of `doctor` as rows.

use jiff::Timestamp;

use super::super::terminal::{Style, wrap};
use super::rows::{ReportRow, ReportSummary, RowCheck, RowLayout};
use super::text::plural;
use crate::doctor::{CheckRow, CheckState, DoctorSummary};
use crate::model::{escape, human_count};

static LAYOUT: RowLayout = RowLayout {
    schema: "replaudit.doctor/1",
    columns: "bucket,id,state,found,next,permission",
    brief: "state,bucket,id,found,next",
    rows: "checks",
};

/// The width of the state, and of the longest name of a check.
const STATE: usize = 8;
const ID: usize = 32;

fn paint(state: CheckState) -> fn(Style, &str) -> String {
    match state {
        CheckState::Ok => Style::good,
        CheckState::Warn => Style::warn,
        CheckState::Fail | CheckState::Unknown => Style::bad,
    }
}

impl ReportRow for CheckRow {
    fn layout() -> &'static RowLayout {
        &LAYOUT
    }

    fn heading(&self) -> String {
        format!("{:<STATE$} {:<ID$}  FOUND", "STATE", "CHECK")
    }

    fn line(&self, style: Style) -> String {
        let bucket = match self.is_first_shown {
            true => format!("{}\n", style.strong(&format!("bucket {}", escape(&self.bucket)))),
            false => String::new(),
        };
        let state = paint(self.state)(style, &format!("{:<STATE$}", self.state.word()));
        let found = escape(&self.found);
        // Below the name, where the line has no room for both.
        if style.fits(STATE + 1 + ID + 2 + found.chars().count()) {
            return format!("{bucket}{state} {:<ID$}  {found}", self.id);
        }
        let width = style.width().unwrap_or(usize::MAX).saturating_sub(STATE + 1).max(20);
        let below: String =
            wrap(&found, width).iter().map(|line| format!("\n{:width$} {line}", "", width = STATE)).collect();
        format!("{bucket}{state} {}{below}", self.id)
    }

    fn has_word(&self, word: &str) -> bool {
        self.state.word() == word
    }

    fn check(&self) -> RowCheck {
        let next = self.next.iter().map(|next| format!("next: {next}"));
        RowCheck {
            name: format!("{} {}", self.bucket, self.id),
            exit: self.exit,
            word: self.state.word(),
            text: std::iter::once(self.found.clone()).chain(next).collect::<Vec<_>>().join("; "),
            warns: self.state == CheckState::Warn,
            skipped: false,
        }
    }

    /// A command is not wrapped, so that it can be copied.
    fn details(&self, style: Style) -> Vec<String> {
        let indent = STATE - 1;
        let line = |next: &String| format!("{:indent$}{} {}", "", style.faint("next:"), escape(next));
        self.next.iter().map(line).collect()
    }
}

impl ReportSummary for DoctorSummary {
    fn line(&self, style: Style, _: bool) -> Option<String> {
        let counts = self.counts();
        let shown = counts.iter().filter(|(_, count)| *count > 0);
        let shown: Vec<String> =
            shown.map(|(state, count)| format!("{} {}", human_count(*count), state.word())).collect();
        let checks = plural(counts.iter().map(|(_, count)| count).sum(), "check");
        let parts = if shown.is_empty() { String::new() } else { format!(": {}", shown.join(", ")) };
        Some(style.strong(&format!("{checks} of {}{parts}", plural(self.buckets, "bucket"))))
    }

    fn exit(&self) -> u8 {
        self.exit
    }

    fn ended_at(&self) -> Option<Timestamp> {
        Some(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::ExitStatus;

    #[test]
    fn a_long_text_goes_below_and_is_harmless() {
        let row = CheckRow {
            id: "rule.coverage",
            bucket: "src".to_owned(),
            state: CheckState::Warn,
            found: format!("\u{1b}[2J {}", "word ".repeat(20)),
            next: Some("a\n::error::b".to_owned()),
            permission: None,
            is_first_shown: true,
            exit: ExitStatus::Yes,
        };
        let narrow = row.line(Style::of_width(80));
        assert!(narrow.starts_with("bucket src\nwarn     rule.coverage\n         \\u{1b}[2J word"), "{narrow}");
        assert!(narrow.lines().all(|line| line.chars().count() <= 80), "{narrow}");
        assert_eq!(row.line(Style::PLAIN).lines().count(), 2);
        assert_eq!(row.details(Style::PLAIN), ["       next: a\\n::error::b"]);
        assert!(
            ID >= crate::doctor::CHECKS.iter().flat_map(|group| group.iter()).map(|one| one.id.len()).max().unwrap()
        );
    }
}
