//! `--engine athena`: has Athena add up the rows of a report.

use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use s3_inventory::FileFormat;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

use super::super::Context;
use super::engine::empty_sums;
use crate::audit::{Question, Tally};
use crate::engine::{AthenaEnd, AthenaRun, AthenaSettings, TableEnd, list_price};
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

/// A table, and the statement that drops it.
#[derive(Clone)]
struct CreatedTable {
    name: String,
    database: String,
    drop: String,
}

impl AthenaTask {
    async fn run(&self, run: AthenaRun, rows: FigureRows, table: CreatedTable, context: &Context) -> Result<AthenaEnd> {
        let mut task = self.0.lock().await;
        let running = task.insert(RunningTask { handle: tokio::spawn(run.run(rows)), table: table.clone() });
        let ended = (&mut running.handle).await;
        *task = None;
        table.told(ended, context)
    }

    /// Waits for the end of a run after a signal, and says what became of its table.
    pub(super) async fn end(&self, context: &Context) {
        let Some(RunningTask { handle, table }) = self.0.lock().await.take() else { return };
        context.printer.note(format!(
            "waiting for Athena to stop the query and to drop the table; a second signal ends at once and may leave it: then run {:?} in the database {}",
            table.drop, table.database
        ));
        if let Ok(AthenaEnd { table: TableEnd::Dropped, .. }) = table.told(handle.await, context) {
            context.printer.note(format!("the table {} was dropped", table.name));
        }
    }
}

impl CreatedTable {
    /// Says whether a table is left, and passes the end on.
    fn told(&self, ended: Result<AthenaEnd, tokio::task::JoinError>, context: &Context) -> Result<AthenaEnd> {
        let Self { name, database, drop } = self;
        let again = format!("run this in the database {database} to drop it: {drop}");
        match &ended {
            Ok(AthenaEnd { table: TableEnd::NotCreated | TableEnd::Dropped, .. }) => {}
            Ok(AthenaEnd { table: TableEnd::MayAppear, .. }) => context.printer.error(format!(
                "Athena did not answer whether it creates the table {name}, and it may appear later; {again}"
            )),
            Ok(AthenaEnd { table: TableEnd::Left(why), .. }) => {
                context.printer.error(format!("the table {name} is left: {why}; {again}"));
            }
            Err(why) => context.printer.error(format!("the table {name} is left: {why}; {again}")),
        }
        ended.map_err(|_| anyhow!("a defect of replaudit, see the message above"))
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
    };
    let run = AthenaRun::new(connection, settings.clone(), statements, stop(context), progress);
    let end = task.run(run, rows, table, context).await?;
    drop(bar);
    let answer = end.answer?;
    let scanned = match answer.scanned {
        Some(scanned) => format!(
            "Athena has scanned {} (list price: {}, at 5 USD for each TB and at least 10 MB for each query)",
            human_bytes(scanned),
            list_price(scanned)
        ),
        None => "Athena did not say how much it has scanned".to_owned(),
    };
    context.printer.note(scanned);
    report
        .check_figures(&answer.tally)
        .map_err(|damage| anyhow!("the figures of Athena can't be trusted: {damage}"))?;
    Ok(answer.tally)
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
