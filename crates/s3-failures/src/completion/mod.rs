//! Completion reports of S3 Batch Operations: a manifest.json, and the results files that it names.
//!
//! "Examples: S3 Batch Operations completion reports" in the S3 User Guide, and what real reports contain: ReportSchema names
//! ErrorCode before HTTPStatusCode, and rows have them the other way round.

mod manifest;
mod row;
mod rows;

pub use manifest::{CompletionManifest, ResultFile};
pub use row::KeyEncoding;
pub(crate) use rows::{ResultsFacts, read_rows, reason};
