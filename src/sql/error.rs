//! Why a question can't be written for an engine.

use s3_inventory::quoted;
use thiserror::Error;

/// Why a question can't be written as SQL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum SqlError {
    #[error("DuckDB does not read ORC: use --dialect spark or --dialect athena, or a report in Parquet")]
    DuckDbOrc,
    #[error("Athena reads from S3 only, and this report is local: name its manifest in S3")]
    AthenaLocal,
    #[error(
        "Athena reads the file hive/dt=…/symlink.txt that S3 writes beside each report, and {0} is not in a dated folder: name the manifest where S3 delivered it"
    )]
    NoSymlink(String),
    #[error("the file name {} can't be written safely in a statement", quoted(.0.as_bytes()))]
    FileName(String),
    #[error("only Spark and Athena export objects")]
    NoExport,
    #[error("Athena exports to S3 only: name a folder there, such as s3://bucket/exports/")]
    AthenaExport,
    #[error("the report has no data files, so there is nothing that an engine could read")]
    NoFiles,
    #[error("--by prefix:{0} can't be written as SQL: engines accept a depth of at most {1}")]
    Depth(u32, u32),
}
