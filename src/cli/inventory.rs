//! Arguments of `inventory`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::common::{duration, memory, one_of};
use super::error::UsageError;
use super::report_values::{export, max_age};
use crate::audit::{ClassLimit, Dimension, Filter, Limit, LimitClass, Limits, Question};
use crate::commands::{ExportOptions, InventoryOptions, MaxAge, ReportChoice};
use crate::export::{ExportClass, ExportClasses, ExportForm};
use crate::model::Bucket;
use crate::output::ExportPlace;
use crate::report::ReportAddress;

/// Status of a whole bucket from its S3 Inventory report
///
/// Reads manifest.json and its data files, checks each one, adds up object versions and bytes per replication status, and
/// compares the totals with limits. A damaged or outdated report gives no totals and exits 2.
#[derive(Debug, Args)]
#[command(after_help = super::with_exit_codes("\
Examples:
  replaudit inventory --bucket source
  replaudit inventory s3://reports/inv/source/daily/
  replaudit inventory s3://reports/inv/source/daily/2026-11-21T01-00Z/manifest.json
  replaudit inventory ./manifest.json --max-age none -o json
  replaudit inventory s3://…/manifest.json --fail-on failed:10 --fail-on not-replicated:0.5%
  replaudit inventory --bucket source --confirm
  replaudit inventory --bucket source --export failed.csv
  replaudit inventory --bucket source --export - --export-class overdue,pending | jq -r .key
  replaudit inventory --bucket source --by rule --export uncovered.csv --export-class uncovered
  replaudit inventory --bucket source --since s3://reports/inv/source/daily/ --fail-on failed:+0"))]
pub(super) struct InventoryArgs {
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
    /// encryption, age (at the time of the scan), or rule (the replication rule whose filter matches the key today: its
    /// ID; or excluded, no-rule or depends-on-tags); repeatable
    #[arg(long, value_name = "DIMENSION", value_hint = ValueHint::Other)]
    by: Vec<Dimension>,
    /// Read the rules for --by rule from FILE, as `aws s3api get-bucket-replication` prints them, instead of from the bucket
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "by")]
    replication: Option<PathBuf>,
    /// Show the N worst groups of each dimension. The order is: failed and overdue objects, not-replicated objects, name
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..), requires = "by")]
    top: u32,
    /// Compare with an older report of the same bucket and kind, read with the same filters; of dated report folders, the
    /// newest one that is older than REPORT is used
    #[arg(long, value_name = "REPORT", value_hint = ValueHint::AnyPath)]
    since: Option<String>,
    /// Count pending objects as overdue if they were older than D at the time of the scan
    #[arg(long, value_name = "D", default_value = "24h", value_parser = duration)]
    overdue: Duration,
    /// Exit 2 if the report is older than D; none: accept any age [default: 72h, or 240h for a weekly configuration]
    #[arg(long, value_name = "D", value_parser = max_age, value_hint = ValueHint::Other)]
    max_age: Option<MaxAge>,
    /// Exit 1 if CLASS (failed, overdue, not-replicated, unknown-status, pending, replica, uncovered) has more than LIMIT
    /// objects: N, N%, +N (growth since the report of --since) or off; repeatable. The default limit of the first four is 0; an
    /// option replaces the default of its own class only. uncovered: no status although the filter of a rule matches
    /// the key today (needs --by rule)
    #[arg(long, value_name = "CLASS[:LIMIT]", value_hint = ValueHint::Other)]
    fail_on: Vec<ClassLimit>,
    /// Send a HEAD request for every object of the classes that exceed their limits, and count only those that still
    /// have the problem. Exits 2 if an object cannot be checked
    #[arg(long)]
    confirm: bool,
    /// Confirm at most N objects; if there are more, no request is sent and the exit code is 2
    #[arg(long, value_name = "N", default_value_t = 1_000_000, requires = "confirm")]
    confirm_max: u64,
    /// Write the objects of --export-class to FILE, atomically; FILE.csv: a manifest for S3 Batch Operations; FILE.ndjson:
    /// every column of the report, unknown columns as text; -: NDJSON on stdout (the result then goes to --write only)
    #[arg(long, value_name = "FILE", value_parser = export, value_hint = ValueHint::FilePath)]
    export: Option<(ExportPlace, ExportForm)>,
    /// Classes of objects to export
    #[arg(
        long,
        value_name = "CLASS",
        value_delimiter = ',',
        default_value = "failed",
        requires = "export",
        value_parser = one_of(ExportClass::all().map(|class| (class.word(), class)))
    )]
    export_class: Vec<ExportClass>,
    /// Skip the MD5 checks, and accept a report without manifest.checksum; sizes and formats are still checked
    #[arg(long)]
    no_verify: bool,
    /// Download ORC and Parquet files completely and check their MD5 (verified: md5). Without this option, only their footer
    /// and the necessary columns are read. If S3 lists the files (s3:ListBucket) with an ETag equal to their MD5 in the manifest,
    /// every read depends on that ETag (verified: etag). Otherwise, only the structure is checked (verified: footer)
    #[arg(long, conflicts_with = "no_verify")]
    verify: bool,
    /// Another folder that contains data files of a local manifest
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    data_dir: Option<PathBuf>,
    /// Upper limit for buffers and workers, at least 32MiB; with less memory there are fewer workers
    #[arg(long, value_name = "SIZE", default_value = "512MiB", value_parser = memory, value_hint = ValueHint::Other)]
    memory: u64,
}

impl InventoryArgs {
    pub(super) fn resolve(self) -> Result<InventoryOptions, UsageError> {
        let bucket = self.bucket.as_deref().map(Bucket::new).transpose()?;
        let report = match (&self.report, bucket) {
            (Some(report), about) => {
                let address = ReportAddress::parse(report)?;
                ReportChoice::Named { address, about }
            }
            (None, Some(bucket)) => ReportChoice::Configured { bucket, id: self.id },
            (None, None) => return Err(UsageError::NoReport),
        };
        let limits: Vec<(LimitClass, Limit)> = self.fail_on.iter().map(|limit| (limit.0, limit.1)).collect();
        let limits = Limits::with(&limits);
        let since = self.since.as_deref().map(ReportAddress::parse).transpose()?;
        if let (Some(class), None) = (limits.growth(), &since) {
            return Err(UsageError::GrowthWithoutSince(class.word()));
        }
        let filter = Filter { prefix: self.prefix.filter(|prefix| !prefix.is_empty()), current: self.current };
        if let Some((_, twice)) = self.by.iter().enumerate().find(|(at, by)| self.by[..*at].contains(by)) {
            return Err(UsageError::DimensionTwice(*twice));
        }
        let by_rule = self.by.contains(&Dimension::Rule);
        let fails_on = self.fail_on.iter().any(|limit| limit.0 == LimitClass::Uncovered && limit.1 != Limit::Off);
        let exports = self.export_class.contains(&ExportClass::Of(LimitClass::Uncovered));
        if !by_rule && (fails_on || exports || self.replication.is_some()) {
            return Err(UsageError::RulesWithoutByRule);
        }
        let overdue_seconds = i64::try_from(self.overdue.as_secs()).map_err(|_| UsageError::OverdueTooLong)?;
        Ok(InventoryOptions {
            report,
            question: Question {
                filter,
                overdue_seconds,
                limits,
                by: self.by,
                top: self.top as usize,
                compared: since.is_some(),
                rules: None,
            },
            since,
            max_age: self.max_age,
            replication: self.replication,
            export: self.export.map(|(place, form)| ExportOptions {
                place,
                form,
                classes: ExportClasses(self.export_class),
            }),
            confirm: self.confirm.then_some(self.confirm_max),
            verify: !self.no_verify,
            whole: self.verify,
            data_dir: self.data_dir,
            memory: self.memory,
        })
    }
}
