//! Why an engine gave no figures.

use std::io;
use std::process::ExitStatus;

#[derive(Debug, thiserror::Error)]
pub(crate) enum EngineError {
    #[error(
        "spark-sql was not found in SPARK_HOME or PATH: install Spark, set SPARK_HOME, or give --engine-command 'spark-sql …'"
    )]
    NotFound,
    #[error("starting {program}: {error}")]
    Start { program: String, error: io::Error },
    #[error("writing the statements to a temporary file: {0}")]
    Script(io::Error),
    #[error("waiting for {program}: {error}")]
    Wait { program: String, error: io::Error },
    /// With the last lines of its log, as it printed them.
    #[error("{program} failed ({status})")]
    Failed { program: String, status: ExitStatus, log: Vec<String> },
}
