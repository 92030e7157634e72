//! How a figure changed, for people: an arrow, a signed number, and whether that is good.

use super::super::terminal::Style;
use crate::audit::LimitClass;
use crate::model::{StatusClass, human_count};
use crate::reconcile::PairClass;

/// Whether a change is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::output) enum Tone {
    Good,
    Bad,
    /// More traffic, or the begin of trouble.
    Doubtful,
    Neither,
}

impl Tone {
    /// `delta` is the change in the number of objects of a status.
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::output) struct ShownChange {
    /// `▲ +12`, `▼ -3` or `=`.
    pub(in crate::output) text: String,
    pub(in crate::output) tone: Tone,
}

impl ShownChange {
    pub(in crate::output) fn of_status(class: StatusClass, delta: i128) -> Self {
        Self { text: arrow(delta), tone: Tone::of(class, delta) }
    }

    /// Of objects of one class.
    pub(in crate::output) fn of_class(class: LimitClass, delta: i128) -> Self {
        // What is overdue is as good as failed.
        let class = if class == LimitClass::Overdue { StatusClass::Failed } else { class.status() };
        Self::of_status(class, delta)
    }

    /// Of objects of one class of a comparison.
    pub(in crate::output) fn of_pair_class(class: PairClass, delta: i128) -> Self {
        let class = match class {
            PairClass::InSync => StatusClass::Replicated,
            PairClass::Missing | PairClass::SizeDiffers | PairClass::NotAReplica | PairClass::Unsure => {
                StatusClass::Failed
            }
            PairClass::TooNew | PairClass::Extra => StatusClass::Replica,
        };
        Self::of_status(class, delta)
    }

    /// The number of all objects is neither good nor bad.
    pub(in crate::output) fn of_all(delta: i128) -> Self {
        Self { text: arrow(delta), tone: Tone::Neither }
    }

    /// Aligned to the right.
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

/// The width of a column of changes, where there are any.
pub(in crate::output) fn change_width<'a>(changes: impl Iterator<Item = &'a ShownChange>) -> Option<usize> {
    changes.map(|change| change.text.chars().count().max(6)).max()
}

/// A change in the column after its figure.
pub(in crate::output) fn change_column(change: Option<&ShownChange>, width: Option<usize>, style: Style) -> String {
    match (width, change) {
        (None, _) => String::new(),
        (Some(width), None) => format!(" {:width$}", ""),
        (Some(width), Some(change)) => format!(" {}", change.padded(width, style)),
    }
}

/// A figure, followed by its change if it has one.
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
        assert_eq!(ShownChange::of_class(LimitClass::Overdue, 2).tone, Bad);
        assert_eq!(ShownChange::of_all(2), ShownChange { text: "▲ +2".to_owned(), tone: Neither });
        assert_eq!(ShownChange::of_all(-2).padded(6, Style::PLAIN), "  ▼ -2");
        assert_eq!(
            (beside("7".into(), Some(&ShownChange::of_all(2))), beside("7".into(), None)),
            ("7 ▲ +2".into(), "7".into())
        );
    }
}
