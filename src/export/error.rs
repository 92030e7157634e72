//! Why a row was not exported.

use std::io;

use s3_inventory::RowError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportRowError {
    #[error(transparent)]
    Row(#[from] RowError),
    #[error("Key {0} is not UTF-8, and NDJSON can't hold it: export to a .csv, which keeps its bytes")]
    KeyNotUtf8(String),
    #[error(transparent)]
    Sink(#[from] io::Error),
}
