//! Arguments of `reasons`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use s3_failures::{KeyEncoding, ReadingOptions, TrailOptions};

use super::common::{memory, number, one_of};
use super::error::UsageError;
use crate::commands::{JoinOptions, ReasonsInput, ReasonsOptions};
use crate::model::{Bucket, ObjectId};

/// Why replication failed, from S3's own reports and events
///
/// Reads completion reports of S3 Batch Operations, event notifications s3:Replication:* (also inside messages of SQS and
/// SNS), and CloudTrail records of a replication role, as JSON, NDJSON or CSV, gzipped or not. Explains what each reason
/// means, what has to be changed, and what to do. The ndjson and csv outputs list the failed objects; status --from and
/// safe-delete --from read the ndjson.
#[derive(Debug, Args)]
#[command(after_help = super::with_exit_codes("\
Examples:
  replaudit reasons s3://reports/job-1f2e/manifest.json
  replaudit reasons job-1f2e/manifest.json
  replaudit reasons results.csv -o ndjson
  aws sqs receive-message --queue-url URL | replaudit reasons -
  replaudit reasons trail/*.json.gz --role replication-role --source-bucket source
  replaudit reasons job-1f2e -o ndjson | replaudit status --from -
  replaudit reasons job-1f2e --join failed.ndjson -o ndjson"))]
pub(super) struct ReasonsArgs {
    /// The manifest.json of a completion report, the local folder that holds it, one of its results files, or a file of events or records; a path,
    /// an s3:// address, or - for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath, required = true)]
    files: Vec<String>,
    /// Show prefixes up to and including the DEPTH-th slash
    #[arg(long, value_name = "DEPTH", default_value_t = 1, value_parser = number::<u32>(1..=1024))]
    depth: u32,
    /// Show the N prefixes that have the most failed objects
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = number::<u32>(1..=u32::MAX.into()))]
    top: u32,
    /// The kind of manifest that the job had. It decides what + means in the keys of a completion report. inventory: +
    /// is a space; csv: + is a plus sign [default: + is a space; exits 2 if a file has both + and %20 in its keys]
    #[arg(long, value_name = "KIND", value_parser = one_of([("csv", KeyEncoding::Percent), ("inventory", KeyEncoding::Form)]))]
    job_manifest: Option<KeyEncoding>,
    /// Name or ARN of the replication role in CloudTrail records [default: the sessions that S3 opens for replication]
    #[arg(long, value_name = "ROLE", value_hint = ValueHint::Other)]
    role: Option<String>,
    /// The source bucket of the objects in CloudTrail records of a destination, because such records do not name it.
    /// Without this option, these objects are counted, and not listed
    #[arg(long, value_name = "BUCKET", value_hint = ValueHint::Other)]
    source_bucket: Option<String>,
    /// List the lines of FILE, an inventory --export in ndjson, each with its reason (null where the files name none)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    join: Option<PathBuf>,
    /// The most memory that --join may use for the failed objects, about 100 bytes for each
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "512MiB",
        value_parser = memory,
        value_hint = ValueHint::Other,
        requires = "join"
    )]
    memory: u64,
}

impl ReasonsArgs {
    pub(super) fn resolve(self) -> Result<ReasonsOptions, UsageError> {
        let source_bucket = self.source_bucket.as_deref().map(Bucket::new).transpose()?;
        let trail = TrailOptions { role: self.role, source_bucket: source_bucket.map(|bucket| bucket.to_string()) };
        Ok(ReasonsOptions {
            inputs: self.files.iter().map(|file| input(file)).collect::<Result<_, _>>()?,
            read: ReadingOptions { encoding: self.job_manifest.unwrap_or_default(), trail, end_is_checked: false },
            depth: self.depth,
            top: self.top as usize,
            join: self.join.map(|file| JoinOptions { file, memory: self.memory }),
        })
    }
}

fn input(text: &str) -> Result<ReasonsInput, UsageError> {
    if text == "-" {
        return Ok(ReasonsInput::Stdin);
    }
    if !text.starts_with("s3://") {
        return Ok(ReasonsInput::Local(PathBuf::from(text)));
    }
    let object = ObjectId::parse(text)?;
    Ok(ReasonsInput::S3 { bucket: object.bucket, key: object.key })
}
