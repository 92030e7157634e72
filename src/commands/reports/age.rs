//! How old a report may be, and what it covers.

use std::time::Duration;

use anyhow::{Result, bail};
use jiff::{SignedDuration, Timestamp};
use s3_answers::InventoryConfiguration;

use super::super::Context;
use super::find::{ID, LocatedReport};
use crate::audit::{ReportFacts, ReportScope};
use crate::output::in_hours;
use crate::report::Report;

/// If a report is from later than this in the future, one of the clocks is wrong.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(15);

/// How old a report may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MaxAge {
    Limit(Duration),
    None,
}

impl MaxAge {
    /// A daily report is up to two days old when its successor comes, a weekly one up to nine.
    fn of_schedule(configuration: Option<&InventoryConfiguration>) -> Self {
        let weekly = configuration.is_some_and(InventoryConfiguration::is_weekly);
        Self::Limit(Duration::from_secs(if weekly { 240 } else { 72 } * 3600))
    }
}

/// Refuses a report that is from the future, or too old; `None` allows the age of a report that is delivered on time.
pub(in crate::commands) fn check_time(
    report: &Report,
    located: &LocatedReport,
    max_age: Option<MaxAge>,
    now: Timestamp,
) -> Result<()> {
    let max_age = max_age.unwrap_or_else(|| MaxAge::of_schedule(located.configuration.as_ref()));
    let (earliest, latest) = report.scan_times();
    check_not_from_the_future(&report.name, now, latest)?;
    check_age(&report.name, now, earliest, max_age, located.if_too_old())
}

/// What every format says of a report that was read.
pub(in crate::commands) fn facts(report: &Report, scope: Option<ReportScope>, now: Timestamp) -> Result<ReportFacts> {
    let manifest = &report.manifest;
    Ok(ReportFacts {
        source_bucket: manifest.source_bucket.clone(),
        destination_bucket: manifest.destination_bucket.clone(),
        manifest: report.name.clone(),
        scanned_at: manifest.scanned_at,
        format: manifest.format.word(),
        files: manifest.files.len() as u64,
        bytes: manifest.bytes()?,
        age_seconds: now.duration_since(manifest.scanned_at).as_secs(),
        scope,
        has_versions: report.columns.has_versions(),
        unknown_version: manifest.unknown_version.clone(),
        verified: report.verified(),
        figures: None,
    })
}

/// Refuses a prefix of which the report covers only a part, or nothing.
pub(in crate::commands) fn check_prefix(scope: Option<&ReportScope>, prefix: Option<&str>) -> Result<()> {
    let covered = scope.and_then(|scope| scope.prefix.as_deref()).unwrap_or_default();
    if let Some(prefix) = prefix.filter(|prefix| !prefix.is_empty())
        && !prefix.starts_with(covered)
    {
        bail!(
            "the report covers keys that begin with {covered:?} only, and --prefix is {prefix:?}: give a --prefix that begins with {covered:?}, or name another inventory configuration ({ID} ID)"
        );
    }
    Ok(())
}

/// What the configuration lets into the report; a configuration that was changed since says nothing of it.
pub(in crate::commands) fn scope(
    report: &Report,
    configuration: Option<&InventoryConfiguration>,
    context: &Context,
) -> Option<ReportScope> {
    let configuration = configuration?;
    let holds = if report.columns.has_versions() { "All" } else { "Current" };
    if configuration.versions != holds {
        context.printer.note(format!(
            "inventory configuration {:?} was changed since this report: now it is for {:?} versions, the report is not; it is not known what the report leaves out",
            configuration.id, configuration.versions
        ));
        return None;
    }
    Some(ReportScope { prefix: configuration.prefix.clone(), versions: configuration.versions.clone() })
}

fn check_not_from_the_future(name: &str, now: Timestamp, scanned_at: Timestamp) -> Result<()> {
    if now.duration_since(scanned_at) < -CLOCK_SKEW {
        bail!("{name} says it was scanned at {scanned_at}, which is in the future: check this machine's clock");
    }
    Ok(())
}

fn check_age(name: &str, now: Timestamp, scanned_at: Timestamp, max_age: MaxAge, next_step: &str) -> Result<()> {
    let age = now.duration_since(scanned_at);
    let MaxAge::Limit(limit) = max_age else { return Ok(()) };
    let limit = SignedDuration::try_from(limit).unwrap_or(SignedDuration::MAX);
    if age > limit {
        bail!(
            "{name} is too old: S3 scanned the bucket at {scanned_at}, {} ago, and --max-age is {}; {next_step}, or give --max-age {}h",
            in_hours(age.as_secs()),
            in_hours(limit.as_secs()),
            age.as_hours() + 1
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
            let checked = check_not_from_the_future("x", now, scanned_at)
                .and_then(|()| check_age("x", now, scanned_at, max_age, ""));
            assert_eq!(checked.is_ok(), good, "{scanned_at}");
        }
    }
}
