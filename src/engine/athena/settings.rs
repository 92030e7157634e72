//! With which settings Athena is asked.

/// Settings of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AthenaSettings {
    pub(crate) workgroup: String,
    /// Where Athena writes results. `None`: where the workgroup says.
    pub(crate) output: Option<String>,
    /// The database of the tables.
    pub(crate) database: String,
    /// The most bytes that the query may scan.
    pub(crate) max_scan: Option<u64>,
}
