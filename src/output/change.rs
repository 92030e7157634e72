//! How a figure changed, for people: an arrow, a signed number, and whether that is good.

use super::Style;
use crate::audit::{Audit, LimitClass, RowsChange};
use crate::model::{StatusClass, human_count};

/// How a change is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Bad,
    /// It may be traffic, or trouble that begins.
    Doubtful,
    Neither,
}

impl Tone {
    /// Of objects of a status that became more or fewer.
    fn of(class: StatusClass, delta: i128) -> Self {
        let (more, fewer) = match class {
            // Objects that are deleted are no longer replicated either.
            StatusClass::Replicated => (Self::Good, Self::Doubtful),
            StatusClass::Replica => (Self::Neither, Self::Neither),
            StatusClass::Pending => (Self::Doubtful, Self::Good),
            StatusClass::Failed | StatusClass::NotReplicated | StatusClass::Unknown => (Self::Bad, Self::Good),
        };
        match delta.signum() {
            1 => more,
            -1 => fewer,
            _ => Self::Neither,
        }
    }

    /// Its word in the style sheet of the page.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Doubtful => "doubtful",
            Self::Neither => "soft",
        }
    }

    pub(super) fn paint(self, style: Style, text: &str) -> String {
        match self {
            Self::Good => style.good(text),
            Self::Bad => style.bad(text),
            Self::Doubtful => style.warn(text),
            Self::Neither => style.faint(text),
        }
    }
}

/// A change as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// `▲ +12`, `▼ -3` or `=`.
    pub(super) text: String,
    pub(super) tone: Tone,
}

impl Shown {
    /// Of objects of one status.
    pub(super) fn of_status(class: StatusClass, delta: i128) -> Self {
        Self { text: arrow(delta), tone: Tone::of(class, delta) }
    }

    /// Of objects of one class.
    pub(super) fn of_class(class: LimitClass, delta: i128) -> Self {
        // What is overdue is as good as failed.
        let class = if class == LimitClass::Overdue { StatusClass::Failed } else { class.status() };
        Self::of_status(class, delta)
    }

    /// Of objects of all statuses together, which are neither better nor worse for their number.
    pub(super) fn of_all(delta: i128) -> Self {
        Self { text: arrow(delta), tone: Tone::Neither }
    }

    /// At the right end of so many columns.
    pub(super) fn padded(&self, width: usize, style: Style) -> String {
        self.tone.paint(style, &format!("{:>width$}", self.text))
    }
}

fn arrow(delta: i128) -> String {
    // Figures have 64 bits, so that no more lies between them.
    let count = human_count(u64::try_from(delta.unsigned_abs()).unwrap_or(u64::MAX));
    match delta.signum() {
        1 => format!("▲ +{count}"),
        -1 => format!("▼ -{count}"),
        _ => "=".to_owned(),
    }
}

/// Columns that the changes take, where there are any.
pub(super) fn width<'a>(changes: impl Iterator<Item = &'a Shown>) -> Option<usize> {
    changes.map(|change| change.text.chars().count().max(6)).max()
}

/// A change in a column of its own, behind its figure.
pub(super) fn column(change: Option<&Shown>, width: Option<usize>, style: Style) -> String {
    match (width, change) {
        (None, _) => String::new(),
        (Some(width), None) => format!(" {:width$}", ""),
        (Some(width), Some(change)) => format!(" {}", change.padded(width, style)),
    }
}

/// A figure with its change behind it, where it has one.
pub(super) fn beside(figure: String, change: Option<&Shown>) -> String {
    match change {
        Some(change) => format!("{figure} {}", change.text),
        None => figure,
    }
}

/// How much older the older report is, for people.
pub(super) fn older_by(audit: &Audit, since: &RowsChange) -> String {
    super::ago(audit.report.scanned_at.duration_since(since.previous.scanned_at).as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_carry_their_number_and_their_tone() {
        use Tone::{Bad, Doubtful, Good, Neither};
        let table = [
            (StatusClass::Failed, 1_234, "▲ +1,234", Bad),
            (StatusClass::Failed, -3, "▼ -3", Good),
            (StatusClass::Failed, 0, "=", Neither),
            (StatusClass::NotReplicated, 1, "▲ +1", Bad),
            (StatusClass::Unknown, -1, "▼ -1", Good),
            (StatusClass::Pending, 1, "▲ +1", Doubtful),
            (StatusClass::Pending, -1, "▼ -1", Good),
            (StatusClass::Replicated, 1, "▲ +1", Good),
            (StatusClass::Replicated, -1, "▼ -1", Doubtful),
            (StatusClass::Replica, 5, "▲ +5", Neither),
            (StatusClass::Failed, -i128::from(u64::MAX), "▼ -18,446,744,073,709,551,615", Good),
        ];
        for (class, delta, text, tone) in table {
            assert_eq!(Shown::of_status(class, delta), Shown { text: text.to_owned(), tone }, "{class:?} {delta}");
        }
        assert_eq!(Shown::of_class(LimitClass::Overdue, 2).tone, Bad);
        assert_eq!(Shown::of_all(2), Shown { text: "▲ +2".to_owned(), tone: Neither });
        assert_eq!(Shown::of_all(-2).padded(6, Style::PLAIN), "  ▼ -2");
        assert_eq!(
            (beside("7".into(), Some(&Shown::of_all(2))), beside("7".into(), None)),
            ("7 ▲ +2".into(), "7".into())
        );
    }
}
