//! One run: creates the table, asks, reads the result, and drops the table, also after a failure or a signal.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio::time::Instant;

use super::client::AthenaClient;
use super::end::{AthenaAnswer, AthenaEnd, TableEnd};
use super::error::{AthenaError, StatementPurpose};
use super::execution::{ExecutionId, ExecutionProgress, ExecutionState};
use super::settings::AthenaSettings;
use super::start::NotStarted;
use crate::model::{hex, human_bytes};
use crate::s3::{PageHistory, ServiceConnection};
use crate::sql::{FigureRows, Statements};

/// The first pause between two looks at a statement. DDL takes about a second.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a stopped statement may take to end, and the table to be dropped.
const CLEAN_UP: Duration = Duration::from_secs(120);

/// Called with what is waited for.
pub(crate) type AthenaProgress = Arc<dyn Fn(&str) + Send + Sync>;

/// A run that was not started yet.
pub(crate) struct AthenaRun {
    client: AthenaClient,
    statements: Statements,
    /// Says that the run should end.
    stop: watch::Receiver<bool>,
    progress: AthenaProgress,
    /// What drops the table must follow: it may have been created, by a statement with this id if it is known.
    creation: Option<Option<ExecutionId>>,
    /// A statement that may run.
    running: Option<ExecutionId>,
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
        Self { client, statements, stop, progress, creation: None, running: None }
    }

    /// Runs to the end. Must be awaited to its end, or the table is left.
    pub(crate) async fn run(mut self, rows: FigureRows) -> AthenaEnd {
        // A panic must not leave the table either. What it may have damaged is not used any more.
        let asked = AssertUnwindSafe(self.ask(rows)).catch_unwind().await;
        let answer = asked.unwrap_or(Err(AthenaError::Defect));
        let table = self.clean_up().await;
        AthenaEnd { answer, table }
    }

    async fn ask(&mut self, rows: FigureRows) -> Result<AthenaAnswer, AthenaError> {
        (self.progress)("Athena: creating the table");
        for statement in self.statements.before.clone() {
            let purpose = StatementPurpose::CreateTable;
            self.creation = Some(None);
            let id = match self.start(purpose, &statement).await {
                Ok(id) => id,
                Err(NotStarted { error, may_run }) => {
                    if !may_run {
                        self.creation = None;
                    }
                    return Err(error);
                }
            };
            self.creation = Some(Some(id.clone()));
            self.wait(&id).await?;
        }
        let query = self.statements.query.clone();
        let id = match self.start(StatementPurpose::Query, &query).await {
            Ok(id) => id,
            Err(NotStarted { error, may_run: true }) => return Err(AthenaError::MayRun(error.into())),
            Err(NotStarted { error, may_run: false }) => return Err(error),
        };
        let scanned = self.wait(&id).await?;
        self.read(&id, rows, scanned).await
    }

    /// Starts a statement, unless the run should end.
    async fn start(&mut self, purpose: StatementPurpose, statement: &str) -> Result<ExecutionId, NotStarted> {
        if *self.stop.borrow() {
            return Err(NotStarted { error: AthenaError::Interrupted, may_run: false });
        }
        let token = token().ok_or(NotStarted { error: AthenaError::Defect, may_run: false })?;
        let stop = self.stop.clone();
        let id = self.client.start(purpose, statement, &token, || *stop.borrow()).await?;
        self.running = Some(id.clone());
        Ok(id)
    }

    /// Waits until a statement is done; returns what it scanned.
    async fn wait(&mut self, id: &ExecutionId) -> Result<Option<u64>, AthenaError> {
        let mut pause = FIRST_PAUSE;
        loop {
            let progress = unless_stopped(&mut self.stop, self.client.state(id)).await??;
            if progress.has_ended() {
                self.running = None;
            }
            if progress.is_done(id.purpose())? {
                return Ok(progress.scanned);
            }
            self.check_scan(&progress)?;
            self.show(id.purpose(), &progress);
            unless_stopped(&mut self.stop, tokio::time::sleep(pause)).await?;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    /// Refuses a query that scans more than its files have.
    fn check_scan(&self, progress: &ExecutionProgress) -> Result<(), AthenaError> {
        match (progress.scanned, self.client.settings.max_scan) {
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
    async fn read(
        &mut self,
        id: &ExecutionId,
        mut rows: FigureRows,
        scanned: Option<u64>,
    ) -> Result<AthenaAnswer, AthenaError> {
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
                return Ok(AthenaAnswer { tally: rows.finish()?, scanned });
            }
        }
    }

    /// Stops what runs, and drops the table. No signal ends this before a second one ends the process.
    async fn clean_up(&mut self) -> TableEnd {
        if let Some(id) = self.running.take() {
            // Whether that worked is seen in the state.
            let _ = self.client.stop(&id).await;
            let ended = self.wait_for_end(&id, |progress, _| Ok(progress.has_ended())).await;
            // A table may be created after it was dropped.
            if ended.is_err() && id.purpose() == StatementPurpose::CreateTable {
                self.creation = Some(None);
            }
        }
        let Some(creation) = self.creation.take() else { return TableEnd::NotCreated };
        match self.drop_table().await {
            Ok(()) if creation.is_some() => TableEnd::Dropped,
            Ok(()) => TableEnd::MayAppear,
            Err(error) => TableEnd::Left(error),
        }
    }

    async fn drop_table(&self) -> Result<(), AthenaError> {
        (self.progress)("Athena: dropping the table");
        for statement in &self.statements.after {
            let token = token().ok_or(AthenaError::Defect)?;
            let started = self.client.start(StatementPurpose::DropTable, statement, &token, || false).await;
            let id = started.map_err(|not_started| not_started.error)?;
            self.wait_for_end(&id, ExecutionProgress::is_done).await?;
        }
        Ok(())
    }

    /// Waits for a statement of the end of the run.
    async fn wait_for_end(
        &self,
        id: &ExecutionId,
        is_done: impl Fn(&ExecutionProgress, StatementPurpose) -> Result<bool, AthenaError>,
    ) -> Result<(), AthenaError> {
        let deadline = Instant::now() + CLEAN_UP;
        let mut pause = FIRST_PAUSE;
        while Instant::now() < deadline {
            if is_done(&self.client.state(id).await?, id.purpose())? {
                return Ok(());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
        Err(AthenaError::TooSlow { purpose: id.purpose(), seconds: CLEAN_UP.as_secs() })
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

/// A random token of 32 hexadecimal digits, for Athena's idempotency; `None` if the system gives no random bytes.
fn token() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(hex(&bytes))
}
