//! Which objects an export is of.

use std::str::FromStr;

use crate::audit::Class;
use crate::model::StatusClass;

/// A class of objects that can be exported: those that limits are about, and what is replicated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportClass {
    /// One of those that limits are about.
    Of(Class),
    /// COMPLETED.
    Completed,
}

impl ExportClass {
    /// Every class.
    pub const ALL: [Self; 7] = [
        Self::Of(Class::Failed),
        Self::Of(Class::Overdue),
        Self::Of(Class::NotReplicated),
        Self::Of(Class::UnknownStatus),
        Self::Of(Class::Pending),
        Self::Of(Class::Replica),
        Self::Completed,
    ];

    /// The word used in options.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Of(class) => class.word(),
            Self::Completed => "completed",
        }
    }
}

impl FromStr for ExportClass {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words = || Self::ALL.map(Self::word).join(", ");
        let found = Self::ALL.into_iter().find(|class| class.word() == text);
        found.ok_or_else(|| format!("{text:?} is no class: {}", words()))
    }
}

/// Some classes; an object of two of them is one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classes(Vec<ExportClass>);

impl Classes {
    /// Takes these.
    #[must_use]
    pub fn new(classes: Vec<ExportClass>) -> Self {
        Self(classes)
    }

    /// Whether a class is among them.
    #[must_use]
    pub fn has(&self, class: ExportClass) -> bool {
        self.0.contains(&class)
    }

    /// Whether objects of this status are wanted; of pending ones perhaps only those that are overdue.
    #[must_use]
    pub fn wants(&self, status: StatusClass) -> Wanted {
        let class = match status {
            StatusClass::Replicated => ExportClass::Completed,
            StatusClass::Pending => ExportClass::Of(Class::Pending),
            StatusClass::Failed => ExportClass::Of(Class::Failed),
            StatusClass::Replica => ExportClass::Of(Class::Replica),
            StatusClass::NotReplicated => ExportClass::Of(Class::NotReplicated),
            StatusClass::Unknown => ExportClass::Of(Class::UnknownStatus),
        };
        if self.has(class) {
            Wanted::Yes
        } else if status == StatusClass::Pending && self.has(ExportClass::Of(Class::Overdue)) {
            Wanted::IfOverdue
        } else {
            Wanted::No
        }
    }
}

/// Whether an object is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// It is.
    Yes,
    /// It is if it has been pending for too long.
    IfOverdue,
    /// It is not.
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
