//! `inventory`: opens a report, checks its age, adds its rows up, and holds the sums against the limits.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use jiff::{SignedDuration, Timestamp};

use super::Context;
use super::alarm::Alarm;
use crate::audit::{Audit, Question, ReportFacts, Unanswerable, conclude};
use crate::exit::ExitStatus;
use crate::inventory::source_and_configuration;
use crate::model::Bucket;
use crate::output::{ByteProgress, RunFacts, Series, ago, plural, write_audit};
use crate::reader::{ReadOptions, Report, ReportAddress, ReportError};

/// How old a report may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxAge {
    /// No older than this.
    Limit(Duration),
    /// Any age.
    None,
}

/// What `inventory` was asked.
#[derive(Debug)]
pub struct InventoryOptions {
    /// Where the report is.
    pub report: ReportAddress,
    /// The bucket that it must be about.
    pub bucket: Option<Bucket>,
    /// What is asked of it.
    pub question: Question,
    /// How old it may be.
    pub max_age: MaxAge,
    /// Check MD5.
    pub verify: bool,
    /// Read columnar files whole, so that their MD5 is checked too.
    pub whole: bool,
    /// Where else data files may lie.
    pub data_dir: Option<PathBuf>,
    /// The most bytes that buffers and workers may take together.
    pub memory: u64,
}

/// A report from the future by more than this: one of the clocks is wrong.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(15);

pub(super) async fn run(options: InventoryOptions, context: &Context) -> Result<ExitStatus> {
    let alarm = Alarm::set(context, series(&options));
    let mut targets = context.targets()?;
    let answered = tokio::select! {
        biased;
        signal = context.signals.wait() => Err(signal),
        audit = audit(&options, &alarm, context) => Ok(audit),
    };
    let audit = match answered {
        Ok(audit) => audit,
        Err(signal) => {
            context.printer.error("interrupted: a report that was read in part gives no sums");
            return Ok(signal);
        }
    };
    let audit = match audit? {
        Ok(audit) => audit,
        Err(empty @ Unanswerable::Empty(_)) => return Ok(context.no_answer(&empty.to_string())),
        Err(undated @ Unanswerable::Undated(_)) => bail!(undated),
    };
    alarm.stdout_is_taken();
    let run = RunFacts { at: (context.now)(), config: alarm.config() };
    let written = targets
        .iter_mut()
        .map(|target| target.with(|out, format, style| write_audit(&audit, &run, out, format, style)))
        // Whoever reads stdout no longer takes nothing from the files.
        .find(|written| written.as_ref().is_err_and(|error| !error.is_closed_pipe()));
    let exit = match written.unwrap_or(Ok(())).and_then(|()| targets.commit()) {
        Ok(()) => audit.exit(),
        Err(error) => audit.exit().or(context.undelivered(&error, true)),
    };
    if matches!(exit, ExitStatus::Yes | ExitStatus::No) {
        alarm.answered();
    }
    Ok(exit)
}

/// What the command line tells of the series that a run belongs to.
fn series(options: &InventoryOptions) -> Series {
    let told = match &options.report {
        ReportAddress::S3 { key, .. } => source_and_configuration(key),
        ReportAddress::Local(_) => None,
    };
    let about = options.bucket.as_ref().map(Bucket::as_str);
    let told = told.filter(|(source, _)| about.is_none_or(|about| about == *source));
    Series {
        bucket: about.or(told.map(|(source, _)| source)).map(str::to_owned),
        config: told.map(|(_, configuration)| configuration.to_owned()),
    }
}

/// What the report tells.
fn series_of(report: &Report) -> Series {
    let source = &report.manifest.source_bucket;
    let told = source_and_configuration(&report.name).filter(|(told, _)| told == source);
    Series { bucket: Some(source.clone()), config: told.map(|(_, configuration)| configuration.to_owned()) }
}

async fn audit(
    options: &InventoryOptions,
    alarm: &Alarm<'_>,
    context: &Context,
) -> Result<Result<Audit, Unanswerable>> {
    let report = open(options, context).await?;
    alarm.learn(series_of(&report));
    let manifest = &report.manifest;
    if let Some(bucket) = &options.bucket
        && bucket.as_str() != manifest.source_bucket
    {
        bail!("{} is about bucket {}, not about {bucket}", report.name, manifest.source_bucket);
    }
    let now = (context.now)();
    check_age(&report.name, now, manifest.scanned_at, options.max_age)?;
    let bytes = manifest.bytes()?;
    let files = manifest.files.len() as u64;
    let what = format!("reading {}", plural(files, "file"));
    // Taken away when this function ends, and as well when a signal ends it half way.
    let progress = Arc::new(ByteProgress::start(context.output.progress, &context.printer, bytes, &what));
    let _gone_at_the_end = progress.until_dropped();
    let add = {
        let progress = Arc::clone(&progress);
        Arc::new(move |bytes| progress.add(bytes))
    };
    let report = Arc::new(report);
    let tally = report.tally(&options.question, Arc::clone(&context.signals.stop), add).await;
    let tally = match tally {
        Ok(tally) => tally,
        Err(ReportError::Damaged(damage)) => bail!("the report can't be trusted: {damage}"),
        Err(error) => return Err(error.into()),
    };
    let facts = ReportFacts {
        source_bucket: report.manifest.source_bucket.clone(),
        destination_bucket: report.manifest.destination_bucket.clone(),
        manifest: report.name.clone(),
        scanned_at: report.manifest.scanned_at,
        format: report.manifest.format.word(),
        files,
        bytes,
        age_seconds: now.duration_since(report.manifest.scanned_at).as_secs(),
        scope: None,
        verified: report.verified(),
    };
    Ok(conclude(facts, &tally, &options.question, context.allow_empty))
}

async fn open(options: &InventoryOptions, context: &Context) -> Result<Report> {
    let read = ReadOptions {
        verify: options.verify,
        whole: options.whole,
        data_dir: options.data_dir.clone(),
        workers: std::thread::available_parallelism().map_or(2, Into::into),
        downloads: context.concurrency.get(),
        memory: options.memory,
    };
    let report = match &options.report {
        ReportAddress::Local(path) => {
            // A pipe or a dead file server may block for ever: not in the thread that hears signals.
            let path = path.clone();
            tokio::task::spawn_blocking(move || Report::open_local(&path, read)).await?
        }
        ReportAddress::S3 { bucket, key } => {
            let store = Arc::new(context.connect().await?);
            Report::open_s3(store, bucket.clone(), key, read).await
        }
    };
    match report {
        Ok(report) => Ok(report),
        Err(ReportError::Damaged(damage)) => {
            let name = match &options.report {
                ReportAddress::Local(path) => path.display().to_string(),
                ReportAddress::S3 { bucket, key } => format!("s3://{bucket}/{key}"),
            };
            bail!("the report {name} can't be trusted: {damage}")
        }
        Err(error) => Err(error.into()),
    }
}

fn check_age(name: &str, now: Timestamp, scanned_at: Timestamp, max_age: MaxAge) -> Result<()> {
    let age = now.duration_since(scanned_at);
    if age < -CLOCK_SKEW {
        bail!("{name} says it was scanned at {scanned_at}, which is in the future: check this machine's clock");
    }
    let MaxAge::Limit(limit) = max_age else { return Ok(()) };
    let limit = SignedDuration::try_from(limit).unwrap_or(SignedDuration::MAX);
    if age > limit {
        bail!(
            "{name} was scanned at {scanned_at}, {} ago, and --max-age is {}: it says nothing of the time since; look for a newer report, or give --max-age {}h",
            ago(age.as_secs()),
            ago(limit.as_secs()),
            age.as_hours() + 1
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_from_the_past_and_the_future() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let at = |seconds: i64| Timestamp::from_second(1_000_000 + seconds).unwrap();
        let hour = MaxAge::Limit(Duration::from_secs(3600));
        let table = [
            (at(-3600), hour, true),
            (at(-3601), hour, false),
            (at(900), hour, true),
            (at(901), hour, false),
            (at(-900_000), MaxAge::None, true),
            (at(901), MaxAge::None, false),
        ];
        for (scanned_at, max_age, good) in table {
            assert_eq!(check_age("x", now, scanned_at, max_age).is_ok(), good, "{scanned_at}");
        }
    }
}
