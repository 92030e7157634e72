//! Arguments of `reconcile`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::common::{duration, memory, number, one_of};
use super::destination::destination;
use super::engine::EngineArgs;
use super::error::{UsageError, ValueError};
use super::report_values::{ExportAddress, export, max_age};
use crate::audit::{ClassLimit, Dimension, Limit, Limits};
use crate::commands::{
    DESTINATION_ID, ExportOptions, ID, MaxAge, ReadChoice, ReconcileOptions, ReportChoice, SideOptions,
};
use crate::model::Bucket;
use crate::reconcile::PairClass;
use crate::report::ReportAddress;
use crate::sql::{Dialect, SqlExport};
use crate::status::DestinationOption;

/// Compare two inventories: is every replica really there?
///
/// COMPLETED is about the past: it does not say that the replica still exists. Reads the inventory reports of the
/// source and of one destination, compares them row by row, and says for every judged object whether its replica is
/// listed. Objects are identified by key and version ID. Only objects that are COMPLETED and were written more than
/// --grace before the earlier of the two scans are judged. A damaged or outdated report gives no totals and exits 2.
///
/// The classes are:
///
/// in-sync: the destination lists the same version, with the same size, as REPLICA.
///
/// missing: the destination does not list the version.
///
/// size-differs: the destination lists the version with another size.
///
/// not-a-replica: the destination lists the version, and its status there is not REPLICA.
///
/// unsure: size and ETag do not both agree, and the version ID is null or missing in the reports.
///
/// too-new: COMPLETED, but not old enough. Not judged.
///
/// extra: a replica at the destination whose version the source does not list. Not judged.
#[derive(Debug, Args)]
#[command(after_help = super::with_exit_codes("\
Examples:
  replaudit reconcile --bucket source
  replaudit reconcile --bucket source --destination replica,region=eu-west-1,profile=dr
  replaudit reconcile s3://reports/inv/source/daily/ s3://reports-eu/inv/replica/daily/
  replaudit reconcile ./source/manifest.json ./replica/manifest.json --max-age none -o json
  replaudit reconcile --bucket source --confirm --by prefix:2
  replaudit reconcile --bucket source --export missing.csv
  replaudit reconcile --bucket source --export in-sync.ndjson --export-class in-sync
  replaudit reconcile --bucket source --engine spark --by prefix:2
  replaudit reconcile --bucket source --engine athena --athena-max-scan 500GB
  replaudit reconcile --bucket source --engine spark --export s3://results/missing/
  replaudit reconcile ./source ./replica --print-sql --dialect duckdb > compare.sql
  replaudit reconcile --bucket source --since last-week.json --fail-on missing:+0"))]
pub(super) struct ReconcileArgs {
    /// The report of the source bucket: s3://…/manifest.json, an s3:// prefix with dated report folders (the newest complete
    /// report is used), a local manifest.json, a local folder with a manifest.json, or a local folder with dated report
    /// folders; or give --bucket
    #[arg(value_name = "SOURCE", value_hint = ValueHint::AnyPath)]
    source_report: Option<String>,
    /// The report of the destination bucket, in the same forms
    #[arg(value_name = "DESTINATION", value_hint = ValueHint::AnyPath)]
    destination_report: Option<String>,
    /// Source bucket; without SOURCE and DESTINATION, the inventory configurations of both buckets are read to find their newest
    /// reports; with them, the report SOURCE must be of this bucket
    #[arg(long, value_name = "SOURCE", value_hint = ValueHint::Other)]
    bucket: Option<String>,
    /// Name of the inventory configuration of --bucket, if several match
    #[arg(long, value_name = "CONFIG", value_hint = ValueHint::Other, requires = "bucket", conflicts_with = "source_report")]
    id: Option<String>,
    /// Destination bucket, and how it and its report are reached; by default the one that the replication rules of --bucket name
    ///
    /// BUCKET[,region=R][,endpoint=URL][,profile=P]. Defaults are those of the source bucket.
    #[arg(long, value_name = "BUCKET[,KEY=VALUE…]", value_parser = destination, value_hint = ValueHint::Other)]
    destination: Option<DestinationOption>,
    /// Name of the inventory configuration of the destination bucket, if several match
    #[arg(long, value_name = "CONFIG", value_hint = ValueHint::Other, requires = "bucket", conflicts_with = "source_report")]
    destination_id: Option<String>,
    /// Compare only keys that begin with P
    #[arg(long, value_name = "P")]
    prefix: Option<String>,
    /// Judge only objects that were written more than D before the earlier of the two scans
    #[arg(long, value_name = "D", default_value = "1h", value_parser = duration)]
    grace: Duration,
    /// Also show judged objects per prefix[:DEPTH] (up to and including the DEPTH-th slash; 1 by default). Reads the source's
    /// report a second time
    #[arg(long, value_name = "DIMENSION", value_parser = prefixes, value_hint = ValueHint::Other)]
    by: Vec<Dimension>,
    /// Show the N worst prefixes: most missing, size-differs and not-a-replica, then most unsure, then by name
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = number::<u32>(1..=u32::MAX.into()), requires = "by")]
    top: u32,
    /// Compare with an older result: a file that `reconcile -o json` wrote about the same buckets and prefix
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    since: Option<PathBuf>,
    /// Exit 2 if a report is older than D; none: accept any age [default: 72h, or 240h if --bucket finds a
    /// weekly configuration]
    #[arg(long, value_name = "D", value_parser = max_age, value_hint = ValueHint::Other)]
    max_age: Option<MaxAge>,
    /// Exit 1 if CLASS (missing, size-differs, not-a-replica, unsure, too-new, extra) has more than LIMIT objects: N, N% (of
    /// judged objects), +N (growth since the result of --since) or off; without LIMIT: 0; repeatable,
    /// or a list with commas. The default limit of the first four is 0; a limit replaces the default of its own class only
    #[arg(long, value_name = "CLASS[:LIMIT][,…]", value_delimiter = ',', value_hint = ValueHint::Other)]
    fail_on: Vec<ClassLimit<PairClass>>,
    /// Send HEAD requests to both buckets for every object of the classes that exceed their limits, and count only those whose
    /// replica is still not in sync. Exits 2 if an object cannot be checked
    #[arg(long)]
    confirm: bool,
    /// Confirm at most N objects; if there are more, no request is sent and the exit code is 2
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = number::<u64>(0..=u64::MAX), requires = "confirm")]
    confirm_max: u64,
    /// Write the source objects of --export-class to FILE, atomically; FILE.csv: a manifest for S3 Batch Operations; FILE.ndjson:
    /// every column of the source's report; -: NDJSON on stdout (the result then goes to --write only). With --engine spark
    /// or athena: FOLDER/ or s3://BUCKET/PREFIX/, in which the engine makes a new folder of text files, with the
    /// lines that FILE.csv would have
    #[arg(long, value_name = "FILE", value_parser = export, value_hint = ValueHint::FilePath)]
    export: Option<ExportAddress>,
    /// Classes of objects to export
    #[arg(
        long,
        value_name = "CLASS[,CLASS…]",
        value_delimiter = ',',
        default_value = "missing",
        requires = "export",
        value_parser = one_of(PairClass::JUDGED.map(|class| (class.word(), class)))
    )]
    export_class: Vec<PairClass>,
    #[command(flatten)]
    engine: EngineArgs,
    /// Print the statements that compare the reports on the engine of --dialect, and run none of them. Give their result to
    /// --figures, which compares it with the limits
    #[arg(
        long,
        requires = "dialect",
        conflicts_with_all = ["engine", "engine_command", "figures", "athena_workgroup", "athena_output", "athena_database", "athena_max_scan", "since", "confirm", "export", "verify"]
    )]
    print_sql: bool,
    /// The engine that will run the statements
    #[arg(long, value_name = "ENGINE", value_parser = one_of(Dialect::ALL), requires = "print_sql")]
    dialect: Option<Dialect>,
    /// Skip the MD5 checks, and accept reports without manifest.checksum or of an unknown version. Sizes and formats are still checked. Exception: with
    /// --figures, --print-sql, and --engine athena or spark, replaudit does not check data files and footers
    #[arg(long)]
    no_verify: bool,
    /// Download and check whole ORC and Parquet files, as in `inventory`
    #[arg(long, conflicts_with = "no_verify")]
    verify: bool,
    /// Another folder that contains data files of a local manifest
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    data_dir: Option<PathBuf>,
    /// Upper limit for buffers and workers, at least 32MiB; rows that do not fit are kept in a file in --temp-dir
    #[arg(long, value_name = "SIZE", default_value = "512MiB", value_parser = memory, value_hint = ValueHint::Other)]
    memory: u64,
    /// Folder for rows that do not fit in --memory, at most 48 bytes for each; the file has no name and is gone when the run ends
    /// [default: $TMPDIR, or /tmp]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    temp_dir: Option<PathBuf>,
}

impl ReconcileArgs {
    /// Whether statements are written instead of a result.
    pub(super) fn prints_sql(&self) -> bool {
        self.print_sql
    }

    pub(super) fn resolve(self) -> Result<ReconcileOptions, UsageError> {
        let bucket = self.bucket.as_deref().map(Bucket::new).transpose()?;
        let there = self.destination.as_ref().map(|at| at.bucket.clone());
        let sides = match (&self.source_report, &self.destination_report, bucket) {
            (Some(source), Some(destination), about) => SideOptions::Both {
                source: ReportChoice::Named { address: ReportAddress::parse(source)?, about },
                destination: ReportChoice::Named { address: ReportAddress::parse(destination)?, about: there },
            },
            (None, None, Some(bucket)) => {
                let source = ReportChoice::Configured { bucket, id: self.id, id_option: ID };
                match there {
                    Some(bucket) => {
                        let destination =
                            ReportChoice::Configured { bucket, id: self.destination_id, id_option: DESTINATION_ID };
                        SideOptions::Both { source, destination }
                    }
                    None => SideOptions::ByRules { source, destination_id: self.destination_id },
                }
            }
            (Some(_), None, _) | (None, Some(_), _) | (None, None, None) => return Err(UsageError::NoReports),
        };
        let is_local =
            |side: &ReportChoice| matches!(side, ReportChoice::Named { address: ReportAddress::Local(_), .. });
        let any_local = match &sides {
            SideOptions::Both { source, destination } => is_local(source) || is_local(destination),
            SideOptions::ByRules { .. } => false,
        };
        if self.data_dir.is_some() && !any_local {
            return Err(UsageError::DataDirInS3);
        }
        let limits: Vec<(PairClass, Limit)> = self.fail_on.iter().map(|limit| (limit.0, limit.1)).collect();
        let limits = Limits::with(&limits);
        if let (Some(class), None) = (limits.growth(), &self.since) {
            return Err(UsageError::GrowthWithoutSince { class: class.word(), older: "result" });
        }
        let needs_rows = [("--confirm", self.confirm), ("--verify", self.verify)];
        let rows = self.engine.resolve(&needs_rows, self.export.as_ref())?;
        if let Some((_, twice)) = self.by.iter().enumerate().find(|(at, by)| self.by[..*at].contains(by)) {
            return Err(UsageError::DimensionTwice(*twice));
        }
        let classes = self.export_class;
        let (export, folder_export) = match self.export {
            None => (None, None),
            Some(ExportAddress::File(place, form)) => (Some(ExportOptions { place, form, classes }), None),
            Some(ExportAddress::Folder(folder)) => (None, Some(SqlExport { classes, folder })),
        };
        Ok(ReconcileOptions {
            sides,
            destination: self.destination,
            prefix: self.prefix.filter(|prefix| !prefix.is_empty()),
            grace: self.grace,
            print_sql: self.dialect.filter(|_| self.print_sql),
            rows,
            limits,
            by: self.by,
            top: self.top as usize,
            since: self.since,
            max_age: self.max_age,
            export,
            folder_export,
            confirm: self.confirm.then_some(self.confirm_max),
            read: ReadChoice { verify: !self.no_verify, data_dir: self.data_dir, memory: self.memory },
            whole: self.verify,
            temp_dir: self.temp_dir.unwrap_or_else(std::env::temp_dir),
        })
    }
}

fn prefixes(text: &str) -> Result<Dimension, ValueError> {
    match text.parse() {
        Ok(by @ Dimension::Prefix(_)) => Ok(by),
        Ok(_) | Err(_) => Err(ValueError::PrefixOnly),
    }
}
