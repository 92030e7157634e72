//! One run: creates the table, asks, reads the result, and drops the table, also after a failure or a signal.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio::sync::watch;

use super::clean_up::{CleanUp, FIRST_PAUSE, LONGEST_PAUSE};
use super::client::AthenaClient;
use super::end::AthenaEnd;
use super::error::AthenaError;
use super::execution::{ExecutionId, ExecutionProgress, ExecutionState};
use super::fate::StatementFate;
use super::purpose::StatementPurpose;
use super::settings::AthenaSettings;
use super::start::NotStarted;
use crate::audit::Tally;
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
    creation: StatementFate,
    query: StatementFate,
    /// All statements, in their order.
    started: Vec<ExecutionId>,
    /// Bytes that the query had scanned when it was last looked at, where Athena said so.
    scanned: Option<u64>,
}

impl AthenaRun {
    pub(crate) fn new(
        connection: ServiceConnection,
        settings: AthenaSettings,
        statements: Statements,
        stop: watch::Receiver<bool>,
        progress: AthenaProgress,
    ) -> Self {
        let client = AthenaClient::new(connection, settings, statements.table.clone());
        let (creation, query) = (StatementFate::NotStarted, StatementFate::NotStarted);
        Self { client, statements, stop, progress, creation, query, started: Vec::new(), scanned: None }
    }

    /// Runs to the end. Must be awaited to its end, or the table is left.
    pub(crate) async fn run(mut self, rows: FigureRows) -> AthenaEnd {
        // A panic must not leave the table either. What it may have damaged is not used any more.
        let asked = AssertUnwindSafe(self.ask(rows)).catch_unwind().await;
        let answer = asked.unwrap_or(Err(AthenaError::Defect));
        (self.progress)("Athena: dropping the table");
        let Self { client, statements, creation, query, started, scanned, .. } = self;
        let clean_up = CleanUp { client: &client, drop: &statements.after, started: &started };
        let (query, table, scanned_since) = clean_up.run(creation, query).await;
        AthenaEnd { answer, scanned: scanned_since.or(scanned), query, table }
    }

    async fn ask(&mut self, rows: FigureRows) -> Result<Tally, AthenaError> {
        (self.progress)("Athena: creating the table");
        for statement in self.statements.before.clone() {
            self.carry_out(StatementPurpose::CreateTable, &statement).await?;
        }
        let query = self.statements.query.clone();
        let id = self.carry_out(StatementPurpose::Query, &query).await?;
        self.read(&id, rows).await
    }

    /// Starts a statement, unless the run should end, and waits until it is done.
    async fn carry_out(&mut self, purpose: StatementPurpose, statement: &str) -> Result<ExecutionId, AthenaError> {
        if *self.stop.borrow() {
            return Err(AthenaError::Interrupted);
        }
        *self.fate(purpose) = StatementFate::Unknown;
        let stop = self.stop.clone();
        let id = match self.client.start(purpose, statement, &self.started, || *stop.borrow()).await {
            Ok(id) => id,
            Err(NotStarted { error, may_run }) => {
                if !may_run {
                    *self.fate(purpose) = StatementFate::NotStarted;
                }
                return Err(error);
            }
        };
        *self.fate(purpose) = StatementFate::Started { id: id.clone(), seen: false };
        self.started.push(id.clone());
        self.wait(&id).await?;
        Ok(id)
    }

    fn fate(&mut self, purpose: StatementPurpose) -> &mut StatementFate {
        match purpose {
            StatementPurpose::Query => &mut self.query,
            StatementPurpose::CreateTable | StatementPurpose::DropTable => &mut self.creation,
        }
    }

    /// Waits until a statement is done.
    async fn wait(&mut self, id: &ExecutionId) -> Result<(), AthenaError> {
        let mut pause = FIRST_PAUSE;
        loop {
            let looked = unless_stopped(&mut self.stop, self.client.state(id)).await?;
            self.fate(id.purpose()).learn(&looked);
            let progress = looked?;
            if id.purpose() == StatementPurpose::Query {
                self.scanned = progress.scanned.or(self.scanned);
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
    async fn read(&mut self, id: &ExecutionId, mut rows: FigureRows) -> Result<Tally, AthenaError> {
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
                return Ok(rows.finish()?);
            }
        }
    }
}

/// Awaits `work`, unless the run should end.
async fn unless_stopped<T>(stop: &mut watch::Receiver<bool>, work: impl Future<Output = T>) -> Result<T, AthenaError> {
    tokio::select! {
        biased;
        Ok(_) = stop.wait_for(|stop| *stop) => Err(AthenaError::Interrupted),
        done = work => Ok(done),
    }
}
