//! What the statements of a run are for.

use std::fmt;

/// What a statement is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatementPurpose {
    CreateTable,
    Query,
    /// Writes an export.
    Export,
    DropTable,
}

impl fmt::Display for StatementPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CreateTable => "creating the table",
            Self::Query => "running the query",
            Self::Export => "exporting",
            Self::DropTable => "dropping the table",
        })
    }
}
