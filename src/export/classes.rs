//! The classes of objects that can be exported.

use crate::audit::{LimitClass, Tally};
use crate::model::StatusClass;

/// A class of objects that can be exported: the classes of limits, and replicated objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExportClass {
    Of(LimitClass),
    Completed,
}

impl ExportClass {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        LimitClass::ALL.into_iter().map(Self::Of).chain([Self::Completed])
    }

    fn status(self) -> StatusClass {
        match self {
            Self::Of(class) => class.status(),
            Self::Completed => StatusClass::Replicated,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Of(class) => class.word(),
            Self::Completed => "completed",
        }
    }
}

/// The selected classes. An object in two of them is exported once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExportClasses(pub(crate) Vec<ExportClass>);

impl ExportClasses {
    pub(crate) fn has(&self, class: ExportClass) -> bool {
        self.0.contains(&class)
    }

    /// The number of objects in at least one of the classes. `None` for uncovered ones, whose rules are not in the sums.
    pub(crate) fn objects(&self, tally: &Tally) -> Option<u64> {
        let statuses = tally.statuses();
        let mut sum = 0_u64;
        for (status, totals) in &statuses {
            sum = sum.checked_add(match self.wants(status.class()) {
                RowSelection::Yes => totals.objects,
                RowSelection::IfOverdue | RowSelection::No => 0,
                RowSelection::IfRuled => return None,
            })?;
        }
        match self.wants(StatusClass::Pending) {
            RowSelection::IfOverdue => sum.checked_add(tally.overdue().objects),
            RowSelection::Yes | RowSelection::IfRuled | RowSelection::No => Some(sum),
        }
    }

    /// Whether objects of this status are selected; pending ones perhaps only if they are overdue.
    pub(crate) fn wants(&self, status: StatusClass) -> RowSelection {
        let of_status = || self.0.iter().filter(|class| class.status() == status);
        match of_status().next() {
            None => RowSelection::No,
            Some(_) if of_status().all(|class| *class == ExportClass::Of(LimitClass::Overdue)) => {
                RowSelection::IfOverdue
            }
            Some(_) if of_status().all(|class| *class == ExportClass::Of(LimitClass::Uncovered)) => {
                RowSelection::IfRuled
            }
            Some(_) => RowSelection::Yes,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowSelection {
    Yes,
    /// Only if it has been pending for too long.
    IfOverdue,
    /// Only if a rule applies to its key today.
    IfRuled,
    No,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_class() {
        let named = |word: &str| ExportClass::all().find(|class| class.word() == word).unwrap();
        use StatusClass as S;
        let table = [
            ("failed", S::Failed, RowSelection::Yes),
            ("failed", S::Pending, RowSelection::No),
            ("overdue", S::Pending, RowSelection::IfOverdue),
            ("overdue", S::Replicated, RowSelection::No),
            ("pending", S::Pending, RowSelection::Yes),
            ("not-replicated", S::NotReplicated, RowSelection::Yes),
            ("unknown-status", S::Unknown, RowSelection::Yes),
            ("replica", S::Replica, RowSelection::Yes),
            ("uncovered", S::NotReplicated, RowSelection::IfRuled),
            ("uncovered", S::Failed, RowSelection::No),
            ("completed", S::Replicated, RowSelection::Yes),
            ("completed", S::Replica, RowSelection::No),
        ];
        for (class, status, wanted) in table {
            let classes = ExportClasses(vec![named(class)]);
            assert_eq!(classes.wants(status), wanted, "{class} {status:?}");
        }
        let both = ExportClasses(vec![named("overdue"), named("pending")]);
        assert_eq!(both.wants(S::Pending), RowSelection::Yes);
    }
}
