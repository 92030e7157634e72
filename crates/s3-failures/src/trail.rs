//! CloudTrail records: requests of a replication role that S3 refused.
//!
//! A refused request names the permission that is missing. HeadObject with MethodNotAllowed comes from delete markers, and
//! says nothing. A record of the destination does not name the source bucket.

use serde_json::Value;

use super::completion::reason;
use super::error::InputFault;
use super::fields::{text, time, valid_bucket};
use super::json::Fields;
use super::task::{FailedObject, Task, TaskSource};
use super::vocabulary::{Side, operation};

/// What the caller knows about the records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrailOptions {
    /// The name or ARN of the replication role; `None`: the sessions that S3 opens for replication.
    pub role: Option<String>,
    /// The bucket that requests to a destination are about.
    pub source_bucket: Option<String>,
}

/// The session names that S3 gives itself: `…/s3-replication`, and the like for jobs.
const SESSIONS: [&str; 2] = ["replication", "batch"];

impl TrailOptions {
    /// Whether a record is of the role.
    fn is_of_role(&self, fields: &Fields) -> bool {
        let identity = &fields.get("userIdentity").unwrap_or(&Value::Null);
        let arn = identity["arn"].as_str().unwrap_or_default();
        let issuer = identity["sessionContext"]["sessionIssuer"]["arn"].as_str().unwrap_or_default();
        match &self.role {
            Some(role) => {
                let of_session = || arn.split_once(":assumed-role/").and_then(|(_, rest)| rest.split('/').next());
                role == issuer || issuer.rsplit('/').next() == Some(role) || of_session() == Some(role)
            }
            None => {
                let session = arn.rsplit('/').next().unwrap_or_default();
                arn.contains(":assumed-role/")
                    && session.contains("s3")
                    && SESSIONS.iter().any(|known| session.contains(known))
            }
        }
    }
}

pub(super) fn record(fields: &Fields, source: &str, options: &TrailOptions) -> Result<Task, InputFault> {
    let Some(code) = text(fields, "errorCode") else { return Ok(Task::Unrelated) };
    let name = text(fields, "eventName").unwrap_or_default();
    let Some((side, _)) = operation(name).filter(|_| source == "s3.amazonaws.com") else {
        return Ok(Task::Unrelated);
    };
    // Of a delete marker.
    let is_noise = name == "HeadObject" && code == "MethodNotAllowed";
    if is_noise || !options.is_of_role(fields) {
        return Ok(Task::Unrelated);
    }
    let parameters = fields.get("requestParameters").unwrap_or(&Value::Null);
    let parameter = |name: &str| parameters[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let bucket = parameter("bucketName").ok_or(InputFault::Field("requestParameters.bucketName"))?;
    let bucket = valid_bucket(&bucket)?;
    let (bucket, destination) = match side {
        Side::Source => (Some(bucket), None),
        Side::Destination => (options.source_bucket.clone(), Some(bucket)),
    };
    Ok(Task::Failed(Box::new(FailedObject {
        bucket,
        // CloudTrail writes keys as they are.
        key: parameter("key"),
        version_id: ["versionId", "x-amz-version-id"].into_iter().find_map(parameter),
        reason: reason(Some(code.to_owned())),
        http_status: None,
        message: text(fields, "errorMessage").map(str::to_owned),
        destination,
        rule: None,
        time: time(fields)?,
        source: TaskSource::Cloudtrail,
        operation: Some(name.to_owned()),
        size: None,
    })))
}
