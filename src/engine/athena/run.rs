//! One run: creates the tables, asks, reads the result, and drops the tables, also after a failure or a signal.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio::sync::watch;

use super::clean_up::{CleanUp, FIRST_PAUSE, LONGEST_PAUSE};
use super::client::AthenaClient;
use super::end::AthenaEnd;
use super::error::AthenaError;
use super::execution::{ExecutionId, ExecutionProgress, ExecutionState, RunStatement};
use super::fate::StatementFate;
use super::purpose::StatementPurpose;
use super::settings::AthenaSettings;
use super::start::NotStarted;
use crate::audit::FigureTaker;
use crate::model::human_bytes;
use crate::s3::{PageHistory, ServiceConnection};
use crate::sql::{FigureRows, Statements};

/// Called with what is waited for.
pub(crate) type AthenaProgress = Arc<dyn Fn(&str) + Send + Sync>;

/// A run that was not started yet.
pub(crate) struct AthenaRun {
    client: AthenaClient,
    statements: Statements,
    /// Says that the run should end.
    stop: watch::Receiver<bool>,
    progress: AthenaProgress,
    /// In the order of the tables.
    creations: Vec<StatementFate>,
    query: StatementFate,
    /// All statements, in their order.
    started: Vec<ExecutionId>,
    /// Bytes that queries had scanned when the last one was last looked at, where Athena said so.
    scanned: Option<u64>,
    /// The same, without the last one.
    scanned_before: Option<u64>,
}

impl AthenaRun {
    pub(crate) fn new(
        connection: ServiceConnection,
        settings: AthenaSettings,
        statements: Statements,
        stop: watch::Receiver<bool>,
        progress: AthenaProgress,
    ) -> Self {
        let client = AthenaClient::new(connection, settings);
        let creations = statements.tables.iter().map(|_| StatementFate::NotStarted).collect();
        let query = StatementFate::NotStarted;
        Self {
            client,
            statements,
            stop,
            progress,
            creations,
            query,
            started: Vec::new(),
            scanned: None,
            scanned_before: Some(0),
        }
    }

    /// Runs to the end. Must be awaited to its end, or the tables are left.
    pub(crate) async fn run<S: FigureTaker>(mut self, rows: FigureRows<S>) -> AthenaEnd<S::Output> {
        // A panic must not leave the tables either. What it may have damaged is not used any more.
        let asked = AssertUnwindSafe(self.ask(rows)).catch_unwind().await;
        let answer = asked.unwrap_or(Err(AthenaError::Defect));
        (self.progress)("Athena: dropping what was created");
        let Self { client, statements, creations, query, started, scanned, scanned_before, .. } = self;
        let clean_up = CleanUp { client: &client, tables: &statements.tables, started };
        let (query, tables, scanned_since) = clean_up.run(creations, query).await;
        AthenaEnd { answer, scanned: sum(scanned_before, scanned_since).or(scanned), query, tables }
    }

    async fn ask<S: FigureTaker>(&mut self, mut rows: FigureRows<S>) -> Result<S::Output, AthenaError> {
        let Statements { tables, query, export, name, .. } = self.statements.clone();
        for (at, table) in tables.iter().enumerate() {
            (self.progress)("Athena: creating the table");
            let purpose = StatementPurpose::CreateTable;
            self.carry_out(RunStatement { purpose, text: &table.create, names: &table.name }, Some(at)).await?;
        }
        self.query(&query, &name, &mut rows).await?;
        if let Some(export) = export {
            let purpose = StatementPurpose::Export;
            for text in &export.write {
                self.carry_out(RunStatement { purpose, text, names: &name }, None).await?;
            }
            rows.begin();
            self.query(&export.count, &name, &mut rows).await?;
        }
        Ok(rows.finish()?)
    }

    /// Runs a query, and reads its result.
    async fn query<S: FigureTaker>(
        &mut self,
        text: &str,
        names: &str,
        rows: &mut FigureRows<S>,
    ) -> Result<(), AthenaError> {
        let statement = RunStatement { purpose: StatementPurpose::Query, text, names };
        let id = self.carry_out(statement, None).await?;
        self.read(&id, rows).await
    }

    /// Starts a statement, which creates the table at a place or is the query, unless the run should end, and waits until it is
    /// done.
    async fn carry_out(
        &mut self,
        statement: RunStatement<'_>,
        table: Option<usize>,
    ) -> Result<ExecutionId, AthenaError> {
        if *self.stop.borrow() {
            return Err(AthenaError::Interrupted);
        }
        *self.fate(table) = StatementFate::Unknown;
        let stop = self.stop.clone();
        let id = match self.client.start(statement, &self.started, || *stop.borrow()).await {
            Ok(id) => id,
            Err(NotStarted { error, may_run }) => {
                if !may_run {
                    *self.fate(table) = StatementFate::NotStarted;
                }
                return Err(error);
            }
        };
        *self.fate(table) = StatementFate::Started { id: id.clone(), seen: false };
        self.started.push(id.clone());
        self.wait(&id, table).await?;
        if table.is_none() {
            self.scanned_before = self.scanned;
        }
        Ok(id)
    }

    fn fate(&mut self, table: Option<usize>) -> &mut StatementFate {
        match table {
            Some(at) => &mut self.creations[at],
            None => &mut self.query,
        }
    }

    /// Waits until a statement is done.
    async fn wait(&mut self, id: &ExecutionId, table: Option<usize>) -> Result<(), AthenaError> {
        let mut pause = FIRST_PAUSE;
        loop {
            let looked = unless_stopped(&mut self.stop, self.client.state(id)).await?;
            self.fate(table).learn(&looked);
            let progress = looked?;
            if table.is_none() {
                self.scanned = sum(self.scanned_before, progress.scanned).or(self.scanned);
            }
            let is_done = progress.is_done(id.purpose())?;
            self.check_scan()?;
            if is_done {
                return Ok(());
            }
            self.show(id.purpose(), &progress);
            unless_stopped(&mut self.stop, tokio::time::sleep(pause)).await?;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    /// Refuses a query that scans more than its files have.
    fn check_scan(&self) -> Result<(), AthenaError> {
        match (self.scanned, self.client.settings.max_scan) {
            (Some(scanned), Some(most)) if scanned > most => Err(AthenaError::ScansTooMuch { scanned, most }),
            _ => Ok(()),
        }
    }

    fn show(&self, purpose: StatementPurpose, progress: &ExecutionProgress) {
        let state = if progress.state == ExecutionState::Queued { ", queued" } else { "" };
        let scanned = progress.scanned.map(|bytes| format!(", {} scanned", human_bytes(bytes))).unwrap_or_default();
        (self.progress)(&format!("Athena: {purpose}{state}{scanned}"));
    }

    /// Reads all pages of the result.
    async fn read<S: FigureTaker>(&mut self, id: &ExecutionId, rows: &mut FigureRows<S>) -> Result<(), AthenaError> {
        (self.progress)("Athena: reading the result");
        let mut history = PageHistory::default();
        let mut token = None;
        loop {
            let page = unless_stopped(&mut self.stop, self.client.page(id, token)).await??;
            history.check(page.rows.first(), page.next.as_ref())?;
            for row in &page.rows {
                let cells: Vec<&str> = row.iter().map(String::as_str).collect();
                rows.add(&cells)?;
            }
            token = page.next;
            if token.is_none() {
                return Ok(());
            }
        }
    }
}

fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    Some(one?.saturating_add(other?))
}

/// Awaits `work`, unless the run should end.
async fn unless_stopped<T>(stop: &mut watch::Receiver<bool>, work: impl Future<Output = T>) -> Result<T, AthenaError> {
    tokio::select! {
        biased;
        Ok(_) = stop.wait_for(|stop| *stop) => Err(AthenaError::Interrupted),
        done = work => Ok(done),
    }
}
