//! The options of `--engine athena`.

use clap::{Args, ValueHint};

use super::common::size;
use super::error::{UsageError, ValueError};
use crate::engine::AthenaSettings;
use crate::model::bucket_and_rest;

/// What AWS creates in every account.
const WORKGROUP: &str = "primary";
const DATABASE: &str = "default";

#[derive(Debug, Args)]
pub(super) struct AthenaArgs {
    /// Workgroup of Athena, in the configured Region (--region, AWS_REGION or the profile), or else in the Region of the report
    /// (reconcile: of the source report) [default: primary]
    #[arg(long, value_name = "NAME", value_parser = workgroup, value_hint = ValueHint::Other)]
    athena_workgroup: Option<String>,
    /// Where Athena writes results, such as s3://bucket/prefix/ [default: the location of the workgroup]
    #[arg(long, value_name = "S3-ADDRESS", value_parser = output, value_hint = ValueHint::Other)]
    athena_output: Option<String>,
    /// Database in which the tables of the run are created and dropped [default: default]
    #[arg(long, value_name = "NAME", value_parser = database, value_hint = ValueHint::Other)]
    athena_database: Option<String>,
    /// The most that the query may scan. Exits 2 before anything is created if the data files have more bytes than SIZE, and
    /// later if the query has scanned more. Athena bills the bytes that it scans
    #[arg(long, value_name = "SIZE", value_parser = size, value_hint = ValueHint::Other)]
    athena_max_scan: Option<u64>,
}

impl AthenaArgs {
    /// Refuses options of an engine that is not asked.
    pub(super) fn refuse(&self) -> Result<(), UsageError> {
        let options = [
            ("--athena-workgroup", self.athena_workgroup.is_some()),
            ("--athena-output", self.athena_output.is_some()),
            ("--athena-database", self.athena_database.is_some()),
            ("--athena-max-scan", self.athena_max_scan.is_some()),
        ];
        match options.into_iter().find(|(_, given)| *given) {
            Some((option, _)) => Err(UsageError::WithoutEngine { option, engine: "athena" }),
            None => Ok(()),
        }
    }

    pub(super) fn resolve(&self) -> AthenaSettings {
        AthenaSettings {
            workgroup: self.athena_workgroup.clone().unwrap_or_else(|| WORKGROUP.to_owned()),
            output: self.athena_output.clone(),
            database: self.athena_database.clone().unwrap_or_else(|| DATABASE.to_owned()),
            max_scan: self.athena_max_scan,
        }
    }
}

fn output(text: &str) -> Result<String, ValueError> {
    bucket_and_rest(text)?;
    Ok(text.to_owned())
}

/// As the API Reference has it (StartQueryExecution, WorkGroup).
fn workgroup(text: &str) -> Result<String, ValueError> {
    named(text, 128, |byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// What Athena allows, and hyphens, which other tools allow.
fn database(text: &str) -> Result<String, ValueError> {
    named(text, 255, |byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

fn named(text: &str, longest: usize, is_part: impl Fn(u8) -> bool) -> Result<String, ValueError> {
    let fits = !text.is_empty() && text.len() <= longest && text.bytes().all(is_part);
    fits.then(|| text.to_owned()).ok_or(ValueError::AthenaName)
}
