//! Arguments of `inventory`.

use clap::{Args, ValueHint};

use super::common::{number, one_of};
use super::engine::EngineArgs;
use super::error::UsageError;
use super::question::QuestionArgs;
use super::report_values::{ExportAddress, export};
use crate::audit::{ClassLimit, Limit, LimitClass, Limits};
use crate::commands::{ExportOptions, InventoryOptions};
use crate::export::{ExportClass, ExportClasses};
use crate::report::ReportAddress;
use crate::sql::SqlExport;

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
    #[command(flatten)]
    question: QuestionArgs,
    /// Show the N worst groups of each dimension. The order is: failed and overdue objects, not-replicated objects, name
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = number::<u32>(1..=u32::MAX.into()), requires = "by")]
    top: u32,
    /// Compare with an older report of the same bucket and kind, read with the same filters; if this names a folder or prefix
    /// with dated report folders, the newest report there that is older than the audited one is used
    #[arg(long, value_name = "REPORT", value_hint = ValueHint::AnyPath)]
    since: Option<String>,
    /// Exit 1 if CLASS (failed, overdue, not-replicated, unknown-status, pending, replica, uncovered) has more than LIMIT
    /// objects: N, N% (of the counted object versions), +N (growth since the report of --since) or off; without LIMIT: 0;
    /// repeatable, or a list with commas. The default limit of the first four is 0; a limit replaces the default of its own
    /// class only. uncovered: no status although the filter of a rule matches the key today (needs --by rule)
    #[arg(long, value_name = "CLASS[:LIMIT][,…]", value_delimiter = ',', value_hint = ValueHint::Other)]
    fail_on: Vec<ClassLimit>,
    /// Send a HEAD request for every object of the classes that exceed their limits, and count only those that still
    /// have the problem. Exits 2 if an object cannot be checked
    #[arg(long)]
    confirm: bool,
    /// Confirm at most N objects; if there are more, no request is sent and the exit code is 2
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = number::<u64>(0..=u64::MAX), requires = "confirm")]
    confirm_max: u64,
    /// Write the objects of --export-class to FILE, atomically; FILE.csv: a manifest for S3 Batch Operations; FILE.ndjson:
    /// every column of the report, unknown columns as text; -: NDJSON on stdout (the result then goes to --write only). With --engine
    /// spark or athena: FOLDER/ or s3://BUCKET/PREFIX/, in which the engine makes a new folder of text files, with the
    /// lines that FILE.csv would have
    #[arg(long, value_name = "FILE", value_parser = export, value_hint = ValueHint::FilePath)]
    export: Option<ExportAddress>,
    /// Classes of objects to export
    #[arg(
        long,
        value_name = "CLASS[,CLASS…]",
        value_delimiter = ',',
        default_value = "failed",
        requires = "export",
        value_parser = one_of(ExportClass::all().map(|class| (class.word(), class)))
    )]
    export_class: Vec<ExportClass>,
    /// Download ORC and Parquet files completely and check their MD5 (verified: md5). Without this option, only their
    /// footer and the necessary columns are read. If S3 lists the files (s3:ListBucket) with an ETag equal to their MD5 in
    /// the manifest, replaudit reads them only with this ETag, and a changed file is an error (verified: etag). A file
    /// that S3 shows to have another MD5 is an error too. Otherwise, only the structure is checked (verified: footer)
    #[arg(long, conflicts_with = "no_verify")]
    verify: bool,
    #[command(flatten)]
    engine: EngineArgs,
}

impl InventoryArgs {
    pub(super) fn resolve(self) -> Result<InventoryOptions, UsageError> {
        let limits: Vec<(LimitClass, Limit)> = self.fail_on.iter().map(|limit| (limit.0, limit.1)).collect();
        let limits = Limits::with(&limits);
        let since = self.since.as_deref().map(ReportAddress::parse).transpose()?;
        if let (Some(class), None) = (limits.growth(), &since) {
            return Err(UsageError::GrowthWithoutSince { class: class.word(), older: "report" });
        }
        let by_rule = self.question.is_by_rule();
        let fails_on = self.fail_on.iter().any(|limit| limit.0 == LimitClass::Uncovered && limit.1 != Limit::Off);
        let exports = self.export_class.contains(&ExportClass::Of(LimitClass::Uncovered));
        if !by_rule && (fails_on || exports) {
            return Err(UsageError::RulesWithoutByRule);
        }
        let needs_rows = [("--since", self.since.is_some()), ("--confirm", self.confirm), ("--verify", self.verify)];
        let rows = self.engine.resolve(&needs_rows, self.export.as_ref())?;
        let classes = ExportClasses(self.export_class);
        let (export, folder_export) = match self.export {
            None => (None, None),
            Some(ExportAddress::File(place, form)) => (Some(ExportOptions { place, form, classes }), None),
            Some(ExportAddress::Folder(folder)) => match SqlExport::refused_class(&classes) {
                Some(class) => return Err(UsageError::ClassWithEngine(class.word())),
                None => (None, Some(SqlExport { classes, folder })),
            },
        };
        let asked = self.question.resolve(matches!(since, Some(ReportAddress::Local(_))))?;
        Ok(InventoryOptions {
            question: asked.question(limits, self.top as usize, since.is_some()),
            asked,
            rows,
            since,
            export,
            folder_export,
            confirm: self.confirm.then_some(self.confirm_max),
            whole: self.verify,
        })
    }
}
