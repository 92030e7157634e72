//! The requests of a run that only ask or stop. Each answer must be about the query that was asked for.

use aws_sdk_athena::Client;
use aws_sdk_athena::config::retry::RetryConfig;
use aws_sdk_athena::types::{QueryExecution, QueryExecutionState, Row, StatementType};

use super::error::AthenaError;
use super::execution::{ExecutionId, ExecutionProgress, ExecutionState};
use super::purpose::StatementPurpose;
use super::settings::AthenaSettings;
use crate::s3::{RequestInfo, ServiceConnection, one_line};

/// Rows of a page of results, at most: what Athena allows.
const ROWS: i32 = 1000;

/// Athena in one Region, asked with the settings of a run.
#[derive(Debug)]
pub(super) struct AthenaClient {
    /// Retries.
    reads: Client,
    /// Sends every request once.
    pub(super) once: Client,
    pub(super) connection: ServiceConnection,
    pub(super) settings: AthenaSettings,
}

/// A page of the result. NULL is an empty cell.
pub(super) struct ResultPage {
    pub(super) rows: Vec<Vec<String>>,
    pub(super) next: Option<String>,
}

impl AthenaClient {
    pub(super) fn new(connection: ServiceConnection, settings: AthenaSettings) -> Self {
        let mut builder = aws_sdk_athena::config::Builder::from(&connection.sdk);
        builder.set_endpoint_url(connection.endpoint().map(str::to_owned));
        let once = builder.clone().retry_config(RetryConfig::disabled());
        let (reads, once) = (Client::from_conf(builder.build()), Client::from_conf(once.build()));
        Self { reads, once, connection, settings }
    }

    /// Where a query is.
    pub(super) async fn state(&self, id: &ExecutionId) -> Result<ExecutionProgress, AthenaError> {
        let asked = RequestInfo { operation: "GetQueryExecution", about: id, why: "whether the statement is done" };
        let request = self.reads.get_query_execution().query_execution_id(id.text()).send();
        let answer = self.connection.send(asked, request).await.map_err(AthenaError::request)?;
        let purpose = id.purpose();
        let execution = answer.query_execution().ok_or(AthenaError::NoField { purpose, field: "QueryExecution" })?;
        // Nothing about another query may decide here.
        match execution.query_execution_id() {
            Some(found) if found == id.text() && is_of(id, execution) => progress(purpose, execution),
            Some(found) if found == id.text() => Err(AthenaError::OtherStatement { purpose, id: found.to_owned() }),
            Some(found) => {
                let (asked, found) = (id.text().to_owned(), found.to_owned());
                Err(AthenaError::OtherQuery { purpose, asked, found })
            }
            None => Err(AthenaError::NoField { purpose, field: "QueryExecutionId" }),
        }
    }

    /// A page of the result of a query.
    pub(super) async fn page(&self, id: &ExecutionId, token: Option<String>) -> Result<ResultPage, AthenaError> {
        let asked = RequestInfo { operation: "GetQueryResults", about: id, why: "the figures" };
        let request = self.reads.get_query_results().query_execution_id(id.text()).max_results(ROWS);
        let answer = self.connection.send(asked, request.set_next_token(token).send()).await;
        let answer = answer.map_err(AthenaError::request)?;
        let purpose = id.purpose();
        let result = answer.result_set().ok_or(AthenaError::NoField { purpose, field: "ResultSet" })?;
        Ok(ResultPage {
            rows: result.rows().iter().map(cells).collect(),
            next: answer.next_token().filter(|token| !token.is_empty()).map(str::to_owned),
        })
    }

    /// Stops a query.
    pub(super) async fn stop(&self, id: &ExecutionId) -> Result<(), AthenaError> {
        let asked =
            RequestInfo { operation: "StopQueryExecution", about: id, why: "its answer is not needed any more" };
        let request = self.reads.stop_query_execution().query_execution_id(id.text()).send();
        self.connection.send(asked, request).await.map(drop).map_err(AthenaError::request)
    }
}

/// Whether a statement can be the one with this id, by its kind and text where the answer has them.
fn is_of(id: &ExecutionId, execution: &QueryExecution) -> bool {
    let kind = match id.purpose() {
        StatementPurpose::Query => Some(StatementType::Dml),
        StatementPurpose::CreateTable | StatementPurpose::DropTable => Some(StatementType::Ddl),
        // AWS does not document what UNLOAD is.
        StatementPurpose::Export => None,
    };
    execution.statement_type().is_none_or(|found| kind.is_none_or(|kind| *found == kind))
        && execution.query().is_none_or(|text| text.contains(id.names()))
}

fn cells(row: &Row) -> Vec<String> {
    row.data().iter().map(|cell| cell.var_char_value().unwrap_or_default().to_owned()).collect()
}

fn progress(purpose: StatementPurpose, execution: &QueryExecution) -> Result<ExecutionProgress, AthenaError> {
    let no_state = AthenaError::NoField { purpose, field: "State" };
    let status = execution.status().ok_or(no_state)?;
    let reason = || {
        let error = status.athena_error().and_then(|error| error.error_message());
        status.state_change_reason().or(error).map_or_else(|| "it gave no reason".to_owned(), one_line)
    };
    let state = match status.state() {
        None => return Err(AthenaError::NoField { purpose, field: "State" }),
        Some(QueryExecutionState::Queued) => ExecutionState::Queued,
        Some(QueryExecutionState::Running) => ExecutionState::Running,
        Some(QueryExecutionState::Succeeded) => ExecutionState::Succeeded,
        Some(QueryExecutionState::Failed) => ExecutionState::Failed(reason()),
        Some(QueryExecutionState::Cancelled) => ExecutionState::Cancelled(reason()),
        Some(other) => return Err(AthenaError::UnknownState { purpose, state: other.as_str().to_owned() }),
    };
    let scanned = execution.statistics().and_then(|statistics| statistics.data_scanned_in_bytes());
    Ok(ExecutionProgress { state, scanned: scanned.and_then(|bytes| u64::try_from(bytes).ok()) })
}
