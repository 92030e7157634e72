//! `doctor`: reads how buckets are set up, makes the checks of each, and counts their states.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use futures_util::{StreamExt, stream};

mod gather;
mod inventories;

use self::gather::SetUpReader;
use super::Context;
use super::answers::{AnswersEnd, BesideAnswers, EachAnswer, RowReport, take_answers};
use super::command_end::CommandEnd;
use crate::doctor::{CheckRow, CheckState, DoctorSummary, examine};
use crate::exit::ExitStatus;
use crate::model::Bucket;
use crate::output::{Meter, RowFilter, plural};
use crate::s3::{Replicas, S3Store};
use crate::status::DestinationOption;

/// The resolved arguments of `doctor`.
#[derive(Debug)]
pub(crate) struct DoctorOptions {
    /// `None`: all buckets of the account.
    pub(crate) buckets: Option<Vec<Bucket>>,
    /// Where destinations are.
    pub(crate) destinations: Vec<DestinationOption>,
    pub(crate) shown: RowFilter,
    /// Warnings count.
    pub(crate) strict: bool,
}

/// The longest time that a row waits in a buffer.
const FLUSH: Duration = Duration::from_millis(200);
/// About as many requests are in flight for one bucket.
const REQUESTS: usize = 12;

pub(super) async fn run(options: DoctorOptions, context: &Context) -> Result<CommandEnd> {
    let mut targets = context.targets()?;
    let store = Arc::new(context.connect().await?);
    let buckets = match options.buckets {
        Some(buckets) => buckets,
        None => match listed(&store, context).await? {
            Ok(buckets) => buckets,
            Err(signal) => return Ok(CommandEnd::explained(signal)),
        },
    };
    let shown = options.shown;
    let mut summary = DoctorSummary::new(context.now());
    if buckets.is_empty() {
        return Ok(context.nothing::<CheckRow, _>("the account has no bucket", &summary)?);
    }
    let meter = match buckets.len() {
        1 => Meter::silent(),
        count => Meter::objects(
            context.output.progress,
            &context.printer,
            Some(count as u64),
            "reading how buckets are set up",
        ),
    };
    let bar = meter.until_dropped();
    let replicas = Replicas::new(&store, &context.client, options.destinations.clone());
    let reader = SetUpReader { store: &store, replicas: &replicas, given: &options.destinations, context };
    let at_once = (context.concurrency.get() / REQUESTS).max(1);
    let facts = stream::iter(buckets).map(|bucket| Box::pin(reader.bucket(bucket))).buffered(at_once);
    let mut rows = RowReport::new(targets.rows()?, &meter, &context.printer, FLUSH, shown.clone());
    let mut findings = FailedChecks::default();
    let mut take = EachAnswer(async |facts| {
        summary.buckets += 1;
        let mut is_named = false;
        for mut row in examine(&facts, options.strict) {
            summary.count(&row);
            findings.count(&row);
            row.is_first_shown = !is_named && shown.shows(&row);
            is_named |= row.is_first_shown;
            rows.row(&row, None, false);
        }
        meter.add(1);
        rows.flush();
        if rows.is_delivered() { Ok(()) } else { Err(()) }
    });
    let beside = BesideAnswers { wait: None, signals: Some(&context.signals) };
    let end = take_answers(facts, beside, &mut take).await;
    drop(bar);
    let (ended, is_whole) = match end {
        AnswersEnd::Complete | AnswersEnd::Stopped(()) => (findings.end(context.printer.is_quiet()), true),
        AnswersEnd::Interrupted(signal) => {
            context.printer.error("interrupted: not every bucket was checked");
            (CommandEnd::explained(signal), false)
        }
    };
    summary.at = context.now();
    let written = rows.end(|delivered| {
        let exit = if delivered { ended.exit } else { ended.exit.worse(ExitStatus::Unknown) };
        summary.exit = exit.code();
        summary.clone()
    });
    let delivered = match (written, is_whole) {
        (Ok(()), true) => targets.commit(),
        (delivered, _) => delivered,
    };
    Ok(match delivered {
        Ok(()) => ended,
        Err(error) => CommandEnd::explained(ended.exit.worse(context.undelivered(&error).exit)),
    })
}

async fn listed(store: &S3Store, context: &Context) -> Result<Result<Vec<Bucket>, ExitStatus>> {
    tokio::select! {
        biased;
        signal = context.signals.wait() => {
            context.printer.error("interrupted while the buckets were listed");
            Ok(Err(signal))
        }
        buckets = store.buckets() => Ok(Ok(buckets?)),
    }
}

/// What decides the exit code.
#[derive(Default)]
struct FailedChecks {
    exit: Option<ExitStatus>,
    checks: u64,
    unknown: CheckNames,
    /// What the first check says that could not be made.
    why_unknown: Option<String>,
    failed: CheckNames,
    /// Warnings among the failed ones, which `--strict` counts.
    warnings: u64,
}

/// The first names of checks, and how many there are.
#[derive(Default)]
struct CheckNames {
    first: Vec<&'static str>,
    count: u64,
}

impl CheckNames {
    const MOST: usize = 5;

    fn add(&mut self, id: &'static str) {
        self.count += 1;
        if self.first.len() < Self::MOST && !self.first.contains(&id) {
            self.first.push(id);
        }
    }

    fn text(&self) -> String {
        let more = if self.count > self.first.len() as u64 { ", …" } else { "" };
        format!("{}{more}", self.first.join(", "))
    }
}

impl FailedChecks {
    fn count(&mut self, row: &CheckRow) {
        self.checks += 1;
        self.exit = Some(self.exit.unwrap_or(ExitStatus::Yes).worse(row.exit));
        match row.state {
            CheckState::Unknown => {
                self.unknown.add(row.id);
                self.why_unknown.get_or_insert_with(|| row.found.clone());
            }
            state if row.exit == ExitStatus::No => {
                self.failed.add(row.id);
                self.warnings += u64::from(state == CheckState::Warn);
            }
            CheckState::Ok | CheckState::Warn | CheckState::Fail => {}
        }
    }

    /// If it is quiet, no row has said why a check could not be made.
    fn end(&self, is_quiet: bool) -> CommandEnd {
        let all = plural(self.checks, "check");
        match self.exit {
            Some(ExitStatus::Yes) => CommandEnd::YES,
            Some(ExitStatus::No) => {
                let strict = if self.warnings > 0 { ", with the warnings that --strict counts" } else { "" };
                let text = format!("{} of {all} failed{strict} ({})", self.failed.count, self.failed.text());
                CommandEnd::new(ExitStatus::No, text)
            }
            Some(other) => {
                let failed = match self.failed.count {
                    0 => String::new(),
                    count => format!("{count} failed ({}), ", self.failed.text()),
                };
                let (unknown, names) = (self.unknown.count, self.unknown.text());
                let why = self.why_unknown.iter().filter(|_| is_quiet).map(|why| format!("; the first: {why}"));
                let text = format!("of {all}, {failed}{unknown} could not be made ({names})");
                CommandEnd::new(other, text + &why.collect::<String>())
            }
            None => Context::no_answer("no bucket was checked"),
        }
    }
}
