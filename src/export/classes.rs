//! Which objects an export is of.

use std::str::FromStr;

use crate::audit::LimitClass;
use crate::model::StatusClass;

/// A class of objects that can be exported: those that limits are about, and what is replicated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExportClass {
    /// One of those that limits are about.
    Of(LimitClass),
    /// COMPLETED.
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

impl FromStr for ExportClass {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words = || Self::all().map(Self::word).collect::<Vec<_>>().join(", ");
        let found = Self::all().find(|class| class.word() == text);
        found.ok_or_else(|| format!("{text:?} is no class: {}", words()))
    }
}

/// Some classes; an object of two of them is one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Classes(Vec<ExportClass>);

impl Classes {
    pub(crate) fn new(classes: Vec<ExportClass>) -> Self {
        Self(classes)
    }

    pub(crate) fn has(&self, class: ExportClass) -> bool {
        self.0.contains(&class)
    }

    /// Whether objects of this status are wanted; of pending ones perhaps only those that are overdue.
    #[must_use]
    pub(crate) fn wants(&self, status: StatusClass) -> Wanted {
        let of_status = || self.0.iter().filter(|class| class.status() == status);
        match of_status().next() {
            None => Wanted::No,
            Some(_) if of_status().all(|class| *class == ExportClass::Of(LimitClass::Overdue)) => Wanted::IfOverdue,
            Some(_) => Wanted::Yes,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Yes,
    /// It is if it has been pending for too long.
    IfOverdue,
    No,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_class() {
        use StatusClass as S;
        let table = [
            ("failed", S::Failed, Wanted::Yes),
            ("failed", S::Pending, Wanted::No),
            ("overdue", S::Pending, Wanted::IfOverdue),
            ("overdue", S::Replicated, Wanted::No),
            ("pending", S::Pending, Wanted::Yes),
            ("not-replicated", S::NotReplicated, Wanted::Yes),
            ("unknown-status", S::Unknown, Wanted::Yes),
            ("replica", S::Replica, Wanted::Yes),
            ("completed", S::Replicated, Wanted::Yes),
            ("completed", S::Replica, Wanted::No),
        ];
        for (class, status, wanted) in table {
            let classes = Classes::new(vec![class.parse().unwrap()]);
            assert_eq!(classes.wants(status), wanted, "{class} {status:?}");
        }
        let both = Classes::new(vec!["overdue".parse().unwrap(), "pending".parse().unwrap()]);
        assert_eq!(both.wants(S::Pending), Wanted::Yes);
        assert!("COMPLETED".parse::<ExportClass>().unwrap_err().contains("failed, overdue"));
    }
}
