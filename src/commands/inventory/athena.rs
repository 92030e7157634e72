//! `--engine athena`: has Athena add up the rows of a report.

use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use s3_inventory::FileFormat;
use tokio::sync::{Mutex, watch};
use tokio::task::{JoinError, JoinHandle};

use super::super::Context;
use super::engine::empty_sums;
use crate::audit::{Question, Tally};
use crate::engine::{AthenaEnd, AthenaRun, AthenaSettings, QueryEnd, TableEnd, list_price};
use crate::model::{hex, human_bytes};
use crate::output::Meter;
use crate::report::Report;
use crate::sql::{Dialect, FigureRows, SqlError};

/// How a table is named: enough for no two runs of one question to meet.
const NAME_BYTES: usize = 8;

/// A run of Athena. After a signal it must still end, so it does not end with the future that waits for it.
#[derive(Default)]
pub(super) struct AthenaTask(Mutex<Option<RunningTask>>);

struct RunningTask {
    handle: JoinHandle<AthenaEnd>,
    table: CreatedTable,
}

/// A table, the statement that drops it, and where the query about it runs.
#[derive(Clone)]
struct CreatedTable {
    name: String,
    database: String,
    drop: String,
    workgroup: String,
    region: String,
}

impl AthenaTask {
    async fn run(&self, run: AthenaRun, rows: FigureRows, table: CreatedTable) -> Result<AthenaEnd, JoinError> {
        let mut task = self.0.lock().await;
        let running = task.insert(RunningTask { handle: tokio::spawn(run.run(rows)), table });
        let ended = (&mut running.handle).await;
        *task = None;
        ended
    }

    /// Waits for the end of a run after a signal, and says what became of its query and its table.
    pub(super) async fn end(&self, context: &Context) {
        let Some(RunningTask { handle, table }) = self.0.lock().await.take() else { return };
        // With --quiet too: after a second signal, nothing else names them.
        context.printer.tell(format!(
            "waiting for Athena to stop the query and to drop the table; a second signal ends at once and may leave both: then run {:?} in the database {}, and look for {} in the history of the workgroup {}",
            table.drop, table.database, table.name, table.workgroup
        ));
        let Ok(end) = table.told(handle.await, context) else { return };
        if let Some(why) = end.failure() {
            context.printer.error(why);
        }
        if matches!(end.table, TableEnd::Dropped) {
            context.printer.note(format!("the table {} was dropped", table.name));
        }
    }
}

impl CreatedTable {
    /// Says what was scanned, what may be left and what may still run, and passes the end on.
    fn told(&self, ended: Result<AthenaEnd, JoinError>, context: &Context) -> Result<AthenaEnd> {
        let end = match ended {
            Ok(end) => end,
            Err(why) => {
                context.printer.error(format!("the table {} may be left: {why}; {}", self.name, self.again()));
                context.printer.error(self.unnamed_query());
                return Err(anyhow!("a defect of replaudit, see the message above"));
            }
        };
        if let Some(scanned) = scanned(&end) {
            context.printer.note(scanned);
        }
        if let Some(running) = self.running(&end.query) {
            context.printer.error(running);
        }
        if let Some(left) = self.left(&end.table) {
            context.printer.error(left);
        }
        Ok(end)
    }

    /// That the query may still run.
    fn running(&self, query: &QueryEnd) -> Option<String> {
        match query {
            QueryEnd::NotStarted | QueryEnd::Ended => None,
            QueryEnd::MayRun { id, why } => Some(format!(
                "the query {id} may still run, which costs money: {why}; run this to stop it: aws athena stop-query-execution --region {} --query-execution-id {id}",
                self.region
            )),
            QueryEnd::MayRunUnnamed => Some(self.unnamed_query()),
        }
    }

    fn unnamed_query(&self) -> String {
        let Self { name, workgroup, region, .. } = self;
        format!(
            "the query may run, which costs money, and its id is not known: look for {name} in the history of the workgroup {workgroup}, and run this to stop it: aws athena stop-query-execution --region {region} --query-execution-id ID"
        )
    }

    /// That the table may be left.
    fn left(&self, table: &TableEnd) -> Option<String> {
        let (name, again) = (&self.name, self.again());
        Some(match table {
            TableEnd::NotCreated | TableEnd::Dropped => return None,
            TableEnd::MayAppear => {
                format!("Athena did not answer whether it creates the table {name}, and it may appear later; {again}")
            }
            TableEnd::Left(why) => format!("the table {name} is left: {why}; {again}"),
            TableEnd::MayBeLeft { why, may_appear: false } => format!("the table {name} may be left: {why}; {again}"),
            TableEnd::MayBeLeft { why, may_appear: true } => format!(
                "the table {name} may be left, and may appear later, since Athena did not answer whether it creates it: {why}; {again}"
            ),
        })
    }

    fn again(&self) -> String {
        format!("run this in the database {} to drop it: {}", self.database, self.drop)
    }
}

/// What the query has scanned, if it was started.
fn scanned(end: &AthenaEnd) -> Option<String> {
    let price = |bytes| {
        let price = list_price(bytes);
        format!("{} (list price: {price}, at 5 USD for each TB and at least 10 MB for each query)", human_bytes(bytes))
    };
    match (end.scanned, &end.query) {
        (Some(bytes), QueryEnd::NotStarted | QueryEnd::Ended) => Some(format!("Athena has scanned {}", price(bytes))),
        (Some(bytes), QueryEnd::MayRun { .. } | QueryEnd::MayRunUnnamed) => {
            Some(format!("when it was last asked, Athena had scanned {}", price(bytes)))
        }
        (None, QueryEnd::NotStarted) => None,
        (None, _) => Some("Athena did not say how much it has scanned".to_owned()),
    }
}

/// Has Athena add up the rows.
pub(super) async fn by_athena(
    settings: &AthenaSettings,
    report: &Arc<Report>,
    question: &Question,
    task: &AthenaTask,
    context: &Context,
) -> Result<Tally> {
    let mut run = [0; NAME_BYTES];
    getrandom::fill(&mut run).map_err(|error| anyhow!("asking the system for random bytes: {error}"))?;
    let statements = report.sql(question, Dialect::Athena, Some(&hex(&run)))?;
    let at_most = if report.manifest.format == FileFormat::Csv { "" } else { "at most " };
    let bytes = report.manifest.bytes()?;
    if let Some(most) = settings.max_scan.filter(|most| bytes > *most) {
        let (bytes, most) = (human_bytes(bytes), human_bytes(most));
        bail!("the query scans {at_most}{bytes}, and --athena-max-scan is {most}: nothing was created");
    }
    let (store, bucket) = report.in_s3().ok_or(SqlError::AthenaLocal)?;
    report.check_symlink().await?;
    let connection = store.service("Athena", bucket).await?;
    let rows = FigureRows::new(empty_sums(report, question, context).await?);
    context.printer.note(format!(
        "Athena in {} will scan {at_most}{} (list price for that: {})",
        connection.region,
        human_bytes(bytes),
        list_price(bytes)
    ));
    let meter = Arc::new(Meter::objects(context.output.progress, &context.printer, None, "waiting for Athena"));
    let bar = meter.until_dropped();
    let progress = Arc::new(move |text: &str| meter.wait_for(Some(text)));
    let table = CreatedTable {
        name: statements.table.clone(),
        database: settings.database.clone(),
        drop: statements.after.join("; "),
        workgroup: settings.workgroup.clone(),
        region: connection.region.to_string(),
    };
    let run = AthenaRun::new(connection, settings.clone(), statements, stop(context), progress);
    let ended = task.run(run, rows, table.clone()).await;
    drop(bar);
    let tally = table.told(ended, context)?.answer?;
    report.check_figures(&tally).map_err(|damage| anyhow!("the figures of Athena can't be trusted: {damage}"))?;
    Ok(tally)
}

/// Becomes true after a signal.
fn stop(context: &Context) -> watch::Receiver<bool> {
    let (send, stop) = watch::channel(false);
    let signals = context.signals.clone();
    tokio::spawn(async move {
        signals.wait().await;
        send.send_replace(true);
    });
    stop
}
