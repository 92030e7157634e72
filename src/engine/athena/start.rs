//! Starts statements. The only file that may: a statement may create and drop.

use std::time::Duration;

use aws_sdk_athena::types::{QueryExecutionContext, ResultConfiguration};

use super::client::AthenaClient;
use super::error::{AthenaError, StatementPurpose};
use super::execution::ExecutionId;
use crate::model::Failure;
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
    /// Starts a statement. `token` is the same for all attempts, so that Athena starts it once. Must be awaited to its end:
    /// dropped before, it may have started something.
    pub(super) async fn start(
        &self,
        purpose: StatementPurpose,
        statement: &str,
        token: &str,
        is_stopped: impl Fn() -> bool,
    ) -> Result<ExecutionId, NotStarted> {
        let mut may_run = false;
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            match self.start_once(purpose, statement, token).await {
                Ok(Some(id)) => return Ok(ExecutionId::new(purpose, id)),
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
    async fn start_once(
        &self,
        purpose: StatementPurpose,
        statement: &str,
        token: &str,
    ) -> Result<Option<String>, Failure> {
        let why = match purpose {
            StatementPurpose::CreateTable => "create the table of this run",
            StatementPurpose::Query => "ask for the figures",
            StatementPurpose::DropTable => "drop the table of this run",
        };
        let settings = &self.settings;
        let asked = RequestInfo { operation: "StartQueryExecution", about: &settings.workgroup, why };
        let output = settings.output.as_ref();
        let result = output.map(|output| ResultConfiguration::builder().output_location(output).build());
        let request = self
            .once
            .start_query_execution()
            .query_string(statement)
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
    match failure.http_status {
        None => !is_never_sent(failure),
        Some(status) => !(300..500).contains(&status),
    }
}

/// Whether there was no connection.
fn is_never_sent(failure: &Failure) -> bool {
    matches!(failure.code.as_str(), "ConnectionFailed" | "RequestNotBuilt")
}

fn is_throttled(failure: &Failure) -> bool {
    failure.http_status == Some(429)
        || ["TooManyRequestsException", "ThrottlingException"].contains(&failure.code.as_str())
}
