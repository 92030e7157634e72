//! Starts statements. The only file that may: a statement may create and drop.

use std::time::Duration;

use aws_sdk_athena::types::{QueryExecutionContext, ResultConfiguration};

use super::client::AthenaClient;
use super::error::{AthenaError, is_refusal, is_throttled};
use super::execution::{ExecutionId, RunStatement};
use super::purpose::StatementPurpose;
use crate::model::{Failure, hex};
use crate::s3::RequestInfo;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Why a statement was not started, or nothing is known about it.
#[derive(Debug)]
pub(super) struct NotStarted {
    pub(super) error: AthenaError,
    /// An attempt had no answer, or one that does not say: the statement may run.
    pub(super) may_run: bool,
}

impl AthenaClient {
    /// Starts a statement. All attempts have the same token, so that Athena starts it once. `started` are the earlier
    /// statements of the run. Must be awaited to its end: dropped before, it may have started something.
    pub(super) async fn start(
        &self,
        statement: RunStatement<'_>,
        started: &[ExecutionId],
        is_stopped: impl Fn() -> bool,
    ) -> Result<ExecutionId, NotStarted> {
        let purpose = statement.purpose;
        let token = token().ok_or(NotStarted { error: AthenaError::Defect, may_run: false })?;
        let mut may_run = false;
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            match self.start_once(statement, &token).await {
                // An answer that came twice says nothing about this statement.
                Ok(Some(id)) if started.iter().any(|earlier| earlier.text() == id) => {
                    return Err(NotStarted { error: AthenaError::OtherStatement { purpose, id }, may_run: true });
                }
                Ok(Some(id)) => return Ok(ExecutionId::new(statement, id)),
                Ok(None) => {
                    let error = AthenaError::NoField { purpose, field: "QueryExecutionId" };
                    return Err(NotStarted { error, may_run: true });
                }
                Err(failure) => {
                    let unknown = is_unknown(&failure);
                    may_run |= unknown;
                    let again = unknown || is_never_sent(&failure) || is_throttled(&failure);
                    if !again || attempt >= self.connection.max_attempts || is_stopped() {
                        return Err(NotStarted { error: AthenaError::Request { failure }, may_run });
                    }
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            attempt += 1;
        }
    }

    /// Sends a statement once; returns its id.
    #[expect(clippy::disallowed_methods, reason = "the one place that may start a statement")]
    async fn start_once(&self, statement: RunStatement<'_>, token: &str) -> Result<Option<String>, Failure> {
        let why = match statement.purpose {
            StatementPurpose::CreateTable => "create the table of this run",
            StatementPurpose::Query => "ask for the figures",
            StatementPurpose::Export => "export objects",
            StatementPurpose::DropTable => "drop the table of this run",
        };
        let settings = &self.settings;
        let asked = RequestInfo { operation: "StartQueryExecution", about: &settings.workgroup, why };
        let output = settings.output.as_ref();
        let result = output.map(|output| ResultConfiguration::builder().output_location(output).build());
        let request = self
            .once
            .start_query_execution()
            .query_string(statement.text)
            .client_request_token(token)
            .work_group(&settings.workgroup)
            .query_execution_context(QueryExecutionContext::builder().database(&settings.database).build())
            .set_result_configuration(result);
        let answer = self.connection.send(asked, request.send()).await?;
        Ok(answer.query_execution_id().filter(|id| !id.is_empty()).map(str::to_owned))
    }
}

/// Whether a failure leaves open what happened.
fn is_unknown(failure: &Failure) -> bool {
    !is_refusal(failure) && !is_never_sent(failure)
}

/// Whether there was no connection.
fn is_never_sent(failure: &Failure) -> bool {
    matches!(failure.code.as_str(), "ConnectionFailed" | "RequestNotBuilt")
}

/// A random token of 32 hexadecimal digits, for Athena's idempotency; `None` if the system gives no random bytes.
fn token() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(hex(&bytes))
}
