//! What a query reads: the data files of a report and their columns.

use std::fmt;

use s3_inventory::{Columns, FileFormat, Manifest};

/// Where a data file or a folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FilePlace {
    S3 {
        bucket: String,
        key: String,
    },
    /// An absolute path.
    Local(String),
}

impl fmt::Display for FilePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3 { bucket, key } => write!(f, "s3://{bucket}/{key}"),
            Self::Local(path) => f.write_str(path),
        }
    }
}

/// A report whose data files an engine reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SqlReport<'a> {
    /// Address or path of the manifest.
    pub(crate) name: &'a str,
    pub(crate) manifest: &'a Manifest,
    pub(crate) columns: &'a Columns,
    /// The places of all data files, in the manifest's order.
    pub(crate) files: &'a [FilePlace],
}

impl SqlReport<'_> {
    pub(super) fn is_csv(&self) -> bool {
        self.manifest.format == FileFormat::Csv
    }

    /// The names of a CSV report's columns in the order of its cells.
    pub(super) fn cells(&self) -> Vec<String> {
        let known = |place| self.columns.known.iter().find(|(_, at)| *at == place);
        // The names of other columns are unknown texts, and no query needs them.
        let name = |place| known(place).map_or_else(|| format!("column_{place}"), |(field, _)| field.name.to_owned());
        (0..self.columns.width).map(name).collect()
    }
}

/// A table that is created before the query and dropped after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableStatements {
    pub(crate) name: String,
    pub(crate) create: String,
    pub(crate) drop: String,
}

/// How an engine writes the lines of an export, and reads them again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SqlLines {
    /// Statements that write the lines. After them, they are readable.
    pub(super) write: Vec<String>,
    /// The table that reads them, where the engine needs one. It is created before they are written.
    pub(super) created: Option<TableStatements>,
}

/// How an engine is given a report's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SqlTable {
    /// Statements before the query.
    pub(super) before: Vec<String>,
    /// What stands after FROM.
    pub(super) from: String,
    /// The expression for the file of a row.
    pub(super) file: String,
    /// The expression that is true for a row with another number of cells, where the engine accepts such rows.
    pub(super) other_width: Option<String>,
    /// The table that exists during the query, where the engine needs one.
    pub(super) created: Option<TableStatements>,
}
