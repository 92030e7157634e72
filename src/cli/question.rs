//! The arguments that say which report is asked, and what: the same in `inventory` and `sql`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::common::{duration, memory};
use super::error::UsageError;
use super::report_values::max_age;
use crate::audit::{Dimension, Filter};
use crate::commands::{ID, MaxAge, ReadChoice, ReportChoice, ReportQuestion};
use crate::model::Bucket;
use crate::report::ReportAddress;

#[derive(Debug, Args)]
pub(super) struct QuestionArgs {
    /// The report: s3://…/manifest.json, an s3:// prefix with dated report folders (the newest complete report is used), a
    /// local manifest.json, a local folder with a manifest.json, or a local folder with dated report folders; or give
    /// --bucket
    #[arg(value_name = "REPORT", value_hint = ValueHint::AnyPath)]
    report: Option<String>,
    /// Source bucket; without REPORT, its inventory configurations are read to find the newest report; with REPORT, the report
    /// must be of this bucket
    #[arg(long, value_name = "SOURCE", value_hint = ValueHint::Other)]
    bucket: Option<String>,
    /// Name of the inventory configuration of --bucket, if several match
    #[arg(long, value_name = "CONFIG", value_hint = ValueHint::Other, requires = "bucket", conflicts_with = "report")]
    id: Option<String>,
    /// Count only keys that begin with P
    #[arg(long, value_name = "P")]
    prefix: Option<String>,
    /// Count only latest versions
    #[arg(long)]
    current: bool,
    /// Also show totals per DIMENSION: prefix[:DEPTH] (up to and including the DEPTH-th slash; 1 by default), storage-class,
    /// encryption, age (at the time of the scan), or rule (the ID of the replication rule whose filter matches the key
    /// today, or else excluded, no-rule or depends-on-tags); repeatable
    #[arg(long, value_name = "DIMENSION", value_hint = ValueHint::Other)]
    by: Vec<Dimension>,
    /// Read the rules for --by rule from FILE, as `aws s3api get-bucket-replication` prints them, instead of from the bucket
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "by")]
    replication: Option<PathBuf>,
    /// Count pending objects as overdue if they were older than D at the time of the scan
    #[arg(long, value_name = "D", default_value = "24h", value_parser = duration)]
    overdue: Duration,
    /// Exit 2 if the report is older than D; none: accept any age [default: 72h, or 240h if --bucket finds a
    /// weekly configuration]
    #[arg(long, value_name = "D", value_parser = max_age, value_hint = ValueHint::Other)]
    max_age: Option<MaxAge>,
    /// Skip the MD5 checks, and accept a report without manifest.checksum or of an unknown version. Sizes and formats are still checked. Exception: with
    /// sql, --figures, and --engine athena or spark, replaudit does not check data files and footers
    #[arg(long)]
    no_verify: bool,
    /// Another folder that contains data files of a local manifest
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    data_dir: Option<PathBuf>,
    /// Upper limit for buffers and workers, at least 32MiB; with less memory there are fewer workers
    #[arg(long, value_name = "SIZE", default_value = "512MiB", value_parser = memory, value_hint = ValueHint::Other)]
    memory: u64,
}

impl QuestionArgs {
    /// Whether rows are grouped by rule.
    pub(super) fn is_by_rule(&self) -> bool {
        self.by.contains(&Dimension::Rule)
    }

    /// `has_local`: another report of the run is a local one.
    pub(super) fn resolve(self, has_local: bool) -> Result<ReportQuestion, UsageError> {
        let bucket = self.bucket.as_deref().map(Bucket::new).transpose()?;
        let report = match (&self.report, bucket) {
            (Some(report), about) => {
                let address = ReportAddress::parse(report)?;
                ReportChoice::Named { address, about }
            }
            (None, Some(bucket)) => ReportChoice::Configured { bucket, id: self.id, id_option: ID },
            (None, None) => return Err(UsageError::NoReport),
        };
        if self.data_dir.is_some()
            && !has_local
            && !matches!(&report, ReportChoice::Named { address: ReportAddress::Local(_), .. })
        {
            return Err(UsageError::DataDirInS3);
        }
        if let Some((_, twice)) = self.by.iter().enumerate().find(|(at, by)| self.by[..*at].contains(by)) {
            return Err(UsageError::DimensionTwice(*twice));
        }
        if self.replication.is_some() && !self.by.contains(&Dimension::Rule) {
            return Err(UsageError::RulesWithoutByRule);
        }
        Ok(ReportQuestion {
            report,
            filter: Filter { prefix: self.prefix.filter(|prefix| !prefix.is_empty()), current: self.current },
            overdue_seconds: i64::try_from(self.overdue.as_secs()).unwrap_or(i64::MAX),
            by: self.by,
            max_age: self.max_age,
            replication: self.replication,
            read: ReadChoice { verify: !self.no_verify, data_dir: self.data_dir, memory: self.memory },
        })
    }
}
