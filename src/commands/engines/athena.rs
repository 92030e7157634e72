//! `--engine athena`: has Athena answer a question about reports, and says what became of the tables and the query.

use std::sync::Arc;

use anyhow::{Result, bail};
use s3_inventory::FileFormat;
use tokio::sync::{Mutex, watch};
use tokio::task::{JoinError, JoinHandle};

use super::super::Context;
use super::athena_traces::AthenaTraces;
use crate::audit::FigureTaker;
use crate::engine::{AthenaEnd, AthenaRun, AthenaSettings, TableEnd, list_price};
use crate::model::human_bytes;
use crate::output::Meter;
use crate::report::Report;
use crate::s3::ServiceConnection;
use crate::sql::{FigureRows, SqlError, Statements};

/// A run of Athena. After a signal it must still end, so it does not end with the future that waits for it.
pub(in crate::commands) struct AthenaTask<T>(Mutex<Option<RunningTask<T>>>);

struct RunningTask<T> {
    handle: JoinHandle<AthenaEnd<T>>,
    traces: AthenaTraces,
}

impl<T> Default for AthenaTask<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Send + 'static> AthenaTask<T> {
    async fn run<S: FigureTaker<Output = T>>(
        &self,
        run: AthenaRun,
        rows: FigureRows<S>,
        traces: AthenaTraces,
    ) -> Result<AthenaEnd<T>, JoinError> {
        let mut task = self.0.lock().await;
        let running = task.insert(RunningTask { handle: tokio::spawn(run.run(rows)), traces });
        let ended = (&mut running.handle).await;
        *task = None;
        ended
    }

    /// Waits for the end of a run after a signal, and says what became of its query and its tables.
    pub(in crate::commands) async fn end(&self, context: &Context) {
        let Some(RunningTask { handle, traces }) = self.0.lock().await.take() else { return };
        // With --quiet too: after a second signal, nothing else names them.
        context.printer.tell(traces.waiting());
        let Ok(end) = traces.told(handle.await, context) else { return };
        if let Some(why) = end.failure() {
            context.printer.error(why);
        }
        for (table, ended) in traces.tables.iter().zip(&end.tables) {
            if matches!(ended, TableEnd::Dropped) {
                context.printer.note(format!("the table {} was dropped", table.name));
            }
        }
    }
}

/// A question that Athena may be asked. Nothing was created yet.
pub(in crate::commands) struct AthenaQuestion {
    settings: AthenaSettings,
    statements: Statements,
    connection: ServiceConnection,
    /// The bytes of all data files. Of columnar files, not all are scanned.
    bytes: u64,
    at_most: &'static str,
    /// Regions of reports that are not Athena's.
    other_regions: Vec<(String, String)>,
}

impl AthenaQuestion {
    /// Refuses what scans too much. Athena is asked where the first report is, unless a Region is configured.
    pub(in crate::commands) async fn new(
        settings: &AthenaSettings,
        statements: Statements,
        reports: &[&Report],
    ) -> Result<Self> {
        let mut bytes = 0_u64;
        for report in reports {
            bytes = bytes.saturating_add(report.manifest.bytes()?);
        }
        let exports = statements.export.is_some();
        if exports {
            // They are read once for the figures, and once for the lines.
            bytes = bytes.saturating_mul(2);
        }
        let is_csv = reports.iter().all(|report| report.manifest.format == FileFormat::Csv);
        let at_most = if is_csv { "" } else { "at most " };
        if let Some(most) = settings.max_scan.filter(|most| bytes > *most) {
            let (bytes, most) = (human_bytes(bytes), human_bytes(most));
            bail!(
                "the {} {at_most}{bytes}, and --athena-max-scan is {most}: nothing was created",
                if exports { "queries scan" } else { "query scans" }
            );
        }
        let (store, bucket) = reports.first().and_then(|report| report.in_s3()).ok_or(SqlError::AthenaLocal)?;
        let connection = store.service("Athena", bucket).await?;
        let mut other_regions = Vec::new();
        for report in reports {
            let (store, bucket) = report.in_s3().ok_or(SqlError::AthenaLocal)?;
            let region = store.bucket_head(bucket).await.0;
            other_regions
                .extend(region.filter(|region| *region != connection.region).map(|it| (bucket.to_string(), it)));
        }
        other_regions.dedup();
        Ok(Self { settings: settings.clone(), statements, connection, bytes, at_most, other_regions })
    }

    /// Has Athena answer; `sums` take the figures.
    pub(in crate::commands) async fn ask<S: FigureTaker>(
        self,
        sums: S,
        task: &AthenaTask<S::Output>,
        context: &Context,
    ) -> Result<S::Output> {
        let Self { settings, statements, connection, bytes, at_most, other_regions } = self;
        let (region, price) = (&connection.region, list_price(bytes));
        let bytes = human_bytes(bytes);
        let more = if statements.export.is_some() { ", and the exported lines" } else { "" };
        context
            .printer
            .note(format!("Athena in {region} will scan {at_most}{bytes}{more} (list price for that: {price})"));
        for (bucket, other) in other_regions {
            context.printer.note(format!(
                "the bucket {bucket} is in {other}: S3 bills the transfer to {region} on top of that, and it may be more than these bytes"
            ));
        }
        let meter = Arc::new(Meter::objects(context.output.progress, &context.printer, None, "waiting for Athena"));
        let bar = meter.until_dropped();
        let progress = Arc::new(move |text: &str| meter.wait_for(Some(text)));
        let traces = AthenaTraces {
            name: statements.name.clone(),
            tables: statements.tables.clone(),
            database: settings.database.clone(),
            workgroup: settings.workgroup.clone(),
            region: region.clone(),
        };
        let run = AthenaRun::new(connection, settings, statements, stop(context), progress);
        let ended = task.run(run, FigureRows::new(sums), traces.clone()).await;
        drop(bar);
        Ok(traces.told(ended, context)?.answer?)
    }
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
