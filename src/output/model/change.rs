//! How a figure changed, for people: an arrow, a signed number, and whether that is good.

use super::super::terminal::Style;
use crate::audit::Class;
use crate::model::{StatusClass, human_count};

/// How a change is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::output) enum Tone {
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
    pub(in crate::output) fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Doubtful => "doubtful",
            Self::Neither => "soft",
        }
    }

    pub(in crate::output) fn paint(self, style: Style, text: &str) -> String {
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
pub(in crate::output) struct ShownChange {
    /// `▲ +12`, `▼ -3` or `=`.
    pub(in crate::output) text: String,
    pub(in crate::output) tone: Tone,
}

impl ShownChange {
    /// Of objects of one status.
    pub(in crate::output) fn of_status(class: StatusClass, delta: i128) -> Self {
        Self { text: arrow(delta), tone: Tone::of(class, delta) }
    }

    /// Of objects of one class.
    pub(in crate::output) fn of_class(class: Class, delta: i128) -> Self {
        let class = match class {
            // What is overdue is as good as failed.
            Class::Failed | Class::Overdue => StatusClass::Failed,
            Class::NotReplicated => StatusClass::NotReplicated,
            Class::UnknownStatus => StatusClass::Unknown,
            Class::Pending => StatusClass::Pending,
            Class::Replica => StatusClass::Replica,
        };
        Self::of_status(class, delta)
    }

    /// Of objects of all statuses together, which are neither better nor worse for their number.
    pub(in crate::output) fn of_all(delta: i128) -> Self {
        Self { text: arrow(delta), tone: Tone::Neither }
    }

    /// At the right end of so many columns.
    pub(in crate::output) fn padded(&self, width: usize, style: Style) -> String {
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
pub(in crate::output) fn change_width<'a>(changes: impl Iterator<Item = &'a ShownChange>) -> Option<usize> {
    changes.map(|change| change.text.chars().count().max(6)).max()
}

/// A change in a column of its own, behind its figure.
pub(in crate::output) fn change_column(change: Option<&ShownChange>, width: Option<usize>, style: Style) -> String {
    match (width, change) {
        (None, _) => String::new(),
        (Some(width), None) => format!(" {:width$}", ""),
        (Some(width), Some(change)) => format!(" {}", change.padded(width, style)),
    }
}

/// A figure with its change behind it, where it has one.
pub(in crate::output) fn beside(figure: String, change: Option<&ShownChange>) -> String {
    match change {
        Some(change) => format!("{figure} {}", change.text),
        None => figure,
    }
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
            assert_eq!(
                ShownChange::of_status(class, delta),
                ShownChange { text: text.to_owned(), tone },
                "{class:?} {delta}"
            );
        }
        assert_eq!(ShownChange::of_class(Class::Overdue, 2).tone, Bad);
        assert_eq!(ShownChange::of_all(2), ShownChange { text: "▲ +2".to_owned(), tone: Neither });
        assert_eq!(ShownChange::of_all(-2).padded(6, Style::PLAIN), "  ▼ -2");
        assert_eq!(
            (beside("7".into(), Some(&ShownChange::of_all(2))), beside("7".into(), None)),
            ("7 ▲ +2".into(), "7".into())
        );
    }
}
