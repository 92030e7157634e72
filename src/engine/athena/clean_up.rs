//! The end of a run: stops what runs, and drops the tables. No signal ends this before a second one ends the process.

use std::time::Duration;

use tokio::time::Instant;

use super::client::AthenaClient;
use super::end::{QueryEnd, TableEnd};
use super::error::AthenaError;
use super::execution::{ExecutionId, RunStatement};
use super::fate::StatementFate;
use super::purpose::StatementPurpose;
use super::start::NotStarted;
use crate::sql::TableStatements;

/// The first pause between two looks at a statement. DDL takes about a second.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(200);
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a stopped statement may take to end, and a table to be dropped.
const PATIENCE: Duration = Duration::from_secs(120);
/// The same where Athena refuses to stop a query, or to say where a statement is.
const PATIENCE_IF_REFUSED: Duration = Duration::from_secs(5);

/// What a run has to clean up.
pub(super) struct CleanUp<'a> {
    pub(super) client: &'a AthenaClient,
    pub(super) tables: &'a [TableStatements],
    /// All statements of the run before.
    pub(super) started: Vec<ExecutionId>,
}

/// Why a table was not dropped.
struct NotDropped {
    why: AthenaError,
    /// Whether the statement may still drop it, or has done so.
    may_be_dropped: bool,
}

/// A statement that Athena was asked to stop.
struct Stopping {
    id: ExecutionId,
    refused: Option<AthenaError>,
}

impl CleanUp<'_> {
    /// Cleans up after the creations of the tables, in their order, and the query. The last of the answers are the bytes that
    /// the query had scanned, where Athena said so.
    pub(super) async fn run(
        mut self,
        mut creations: Vec<StatementFate>,
        mut query: StatementFate,
    ) -> (QueryEnd, Vec<TableEnd>, Option<u64>) {
        // A table may be created after it was dropped, so the creation must have ended. A query need not.
        for creation in &mut creations {
            if let Some(Stopping { id, .. }) = stop(self.client, creation).await {
                let _ = wait(self.client, &id, creation, &mut None, PATIENCE).await;
            }
        }
        let client = self.client;
        let stopping = stop(client, &mut query).await;
        let mut scanned = None;
        let wait_for_query = async {
            let Stopping { id, refused } = stopping?;
            let patience = if refused.is_some() { PATIENCE_IF_REFUSED } else { PATIENCE };
            let why = wait(client, &id, &mut query, &mut scanned, patience).await.err()?;
            Some(refused.unwrap_or(why))
        };
        let (tables, why) = tokio::join!(self.end_tables(&creations), wait_for_query);
        let query = match (query, why) {
            (StatementFate::NotStarted, _) => QueryEnd::NotStarted,
            (StatementFate::Failed | StatementFate::Succeeded, _) => QueryEnd::Ended,
            (StatementFate::Started { id, .. }, Some(why)) => QueryEnd::MayRun { id: id.text().to_owned(), why },
            (StatementFate::Started { .. } | StatementFate::Unknown, _) => QueryEnd::MayRunUnnamed,
        };
        (query, tables, scanned)
    }

    /// Drops all tables: one that can't be dropped does not keep the others.
    async fn end_tables(&mut self, creations: &[StatementFate]) -> Vec<TableEnd> {
        let mut ends = Vec::new();
        for (table, creation) in self.tables.iter().zip(creations) {
            ends.push(self.end_table(table, creation).await);
        }
        ends
    }

    async fn end_table(&mut self, table: &TableStatements, creation: &StatementFate) -> TableEnd {
        if matches!(creation, StatementFate::NotStarted) {
            return TableEnd::NotCreated;
        }
        match self.drop_table(table).await {
            Ok(()) if creation.is_open() => TableEnd::MayAppear,
            Ok(()) if matches!(creation, StatementFate::Succeeded) => TableEnd::Dropped,
            Ok(()) => TableEnd::NotThere,
            Err(NotDropped { why, may_be_dropped: false }) if matches!(creation, StatementFate::Succeeded) => {
                TableEnd::Left(why)
            }
            Err(NotDropped { why, .. }) => TableEnd::MayBeLeft { why, may_appear: creation.is_open() },
        }
    }

    async fn drop_table(&mut self, table: &TableStatements) -> Result<(), NotDropped> {
        let statement = RunStatement { purpose: StatementPurpose::DropTable, text: &table.drop, names: &table.name };
        let started = self.client.start(statement, &self.started, || false).await;
        let not_started = |NotStarted { error, may_run }| NotDropped { why: error, may_be_dropped: may_run };
        let id = started.map_err(not_started)?;
        self.started.push(id.clone());
        let mut fate = StatementFate::Started { id: id.clone(), seen: false };
        let waited = wait(self.client, &id, &mut fate, &mut None, PATIENCE).await;
        waited.map_err(|why| NotDropped { why, may_be_dropped: fate.is_open() })
    }
}

/// Asks Athena to stop a statement that runs, unless the id that it gave is of another one.
async fn stop(client: &AthenaClient, fate: &mut StatementFate) -> Option<Stopping> {
    if let StatementFate::Started { id, seen: false } = fate {
        let looked = client.state(id).await;
        fate.learn(&looked);
    }
    let StatementFate::Started { id, .. } = fate else { return None };
    // Whether that worked is seen in the state.
    let refused = client.stop(id).await.err().filter(AthenaError::is_refusal);
    Some(Stopping { id: id.clone(), refused })
}

/// Waits until a statement has ended; an error if that is not known, or it gave nothing. A failed look is not the last one.
async fn wait(
    client: &AthenaClient,
    id: &ExecutionId,
    fate: &mut StatementFate,
    scanned: &mut Option<u64>,
    patience: Duration,
) -> Result<(), AthenaError> {
    let begin = Instant::now();
    let mut patience = patience;
    let mut pause = FIRST_PAUSE;
    loop {
        let looked = client.state(id).await;
        fate.learn(&looked);
        let why = match looked {
            Ok(progress) => {
                *scanned = progress.scanned.or(*scanned);
                if progress.is_done(id.purpose())? {
                    return Ok(());
                }
                AthenaError::TooSlow { purpose: id.purpose(), seconds: patience.as_secs() }
            }
            Err(why) => why,
        };
        if why.is_refusal() {
            patience = patience.min(begin.elapsed().max(PATIENCE_IF_REFUSED));
        }
        if begin.elapsed() + pause > patience || matches!(fate, StatementFate::Unknown) {
            return Err(why);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}
