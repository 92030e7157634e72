//! What is wrong with a report, and where.

use std::fmt;

use crate::text::escape;

/// A report that can't be trusted, with the file and row where that showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file's key or path; `None` for the manifest.
    pub file: Option<String>,
    /// Counted from 1.
    pub row: Option<u64>,
    /// What is wrong.
    pub what: String,
}

impl Damage {
    /// Damage of the manifest, or of the report as a whole.
    #[must_use]
    pub fn of_manifest(what: impl Into<String>) -> Self {
        Self { file: None, row: None, what: what.into() }
    }

    /// Damage of one data file.
    #[must_use]
    pub fn of_file(file: &str, row: Option<u64>, what: impl Into<String>) -> Self {
        Self { file: Some(file.to_owned()), row, what: what.into() }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.row) {
            (Some(file), Some(row)) => write!(f, "{}, row {row}: {}", escape(file), self.what),
            (Some(file), None) => write!(f, "{}: {}", escape(file), self.what),
            (None, _) => f.write_str(&self.what),
        }
    }
}

impl std::error::Error for Damage {}

/// Why columns give no rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// They are not what they should be.
    Damaged(String),
    /// They take more memory than they may: nothing is known against them.
    NoRoom(String),
    /// They are written in a way that is valid and not known here.
    Unsupported(String),
}

impl Unread {
    /// The same, with the place where it is.
    #[must_use]
    pub fn within(self, place: impl fmt::Display) -> Self {
        match self {
            Self::Damaged(what) => Self::Damaged(format!("{place}: {what}")),
            Self::NoRoom(what) => Self::NoRoom(format!("{place}: {what}")),
            Self::Unsupported(what) => Self::Unsupported(format!("{place}: {what}")),
        }
    }
}

impl From<String> for Unread {
    fn from(what: String) -> Self {
        Self::Damaged(what)
    }
}

impl From<&str> for Unread {
    fn from(what: &str) -> Self {
        Self::Damaged(what.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_names_file_and_row() {
        assert_eq!(Damage::of_file("a\nb", Some(3), "odd").to_string(), "a\\nb, row 3: odd");
        assert_eq!(Damage::of_manifest("odd").to_string(), "odd");
    }
}
