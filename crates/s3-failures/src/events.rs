//! Event notifications of S3, in the messages that bring them: SQS, SNS, a Lambda function's event, or none.
//!
//! "Receiving replication failure events with Amazon S3 Event Notifications" and "Event message structure" in the S3 User
//! Guide. EventBridge has no events of replication.

use s3_inventory::decode_key;
use serde_json::Value;

use super::completion::reason;
use super::error::InputFault;
use super::fields::{text, time, valid_bucket};
use super::json::Fields;
use super::task::{FailedObject, LateObject, Task, TaskSource};
use super::trail::{self, TrailOptions};
use super::unique::UniqueValue;

/// A message of SQS may hold one of SNS, which holds the event.
const DEEPEST: usize = 4;

type TakeTask<'a> = dyn FnMut(Task) -> Result<(), InputFault> + 'a;

/// Hands out the tasks of a record, in any kind of message.
pub(super) fn read_record(record: &Value, options: &TrailOptions, take: &mut TakeTask<'_>) -> Result<(), InputFault> {
    unpack(record, options, 0, take)
}

fn unpack(record: &Value, options: &TrailOptions, depth: usize, take: &mut TakeTask<'_>) -> Result<(), InputFault> {
    if depth > DEEPEST {
        return Err(InputFault::Nested(DEEPEST));
    }
    let fields = record.as_object().ok_or(InputFault::UnknownJson)?;
    let mut inner = |inner: &Value| unpack(inner, options, depth + 1, take);
    if let Some(records) = fields.get("Records").and_then(Value::as_array) {
        return records.iter().try_for_each(inner);
    }
    // SQS, by its API and in a Lambda function; SNS in a Lambda function.
    if let Some(text) = text(fields, "Body").or_else(|| text(fields, "body")) {
        return inner(&message(text)?);
    }
    if let Some(sns) = fields.get("Sns") {
        return inner(sns);
    }
    match (text(fields, "Type"), text(fields, "Message")) {
        (Some("SubscriptionConfirmation" | "UnsubscribeConfirmation"), _) => return take(Task::Unrelated),
        (_, Some(text)) if fields.contains_key("TopicArn") || fields.contains_key("Type") => {
            return inner(&message(text)?);
        }
        _ => {}
    }
    if text(fields, "Event") == Some("s3:TestEvent") {
        return take(Task::Unrelated);
    }
    // CloudTrail by way of EventBridge.
    if let Some(detail) = fields.get("detail").filter(|_| fields.contains_key("detail-type")) {
        return inner(detail);
    }
    match text(fields, "eventSource") {
        // MinIO writes `minio:s3`, and Ceph `ceph:s3`.
        Some(source) if source.ends_with(":s3") => take(event(fields)?),
        Some(source) if fields.contains_key("eventName") => take(trail::record(fields, source, options)?),
        _ => Err(InputFault::UnknownJson),
    }
}

/// The message in a text field.
fn message(text: &str) -> Result<Value, InputFault> {
    let UniqueValue(value) = serde_json::from_str(text).map_err(InputFault::Json)?;
    Ok(value)
}

fn event(fields: &Fields) -> Result<Task, InputFault> {
    let name = text(fields, "eventName").ok_or(InputFault::Field("eventName"))?;
    match name.strip_prefix("s3:").unwrap_or(name) {
        "Replication:OperationFailedReplication" => failed(fields).map(|object| Task::Failed(Box::new(object))),
        "Replication:OperationReplicatedAfterThreshold" => Ok(Task::Succeeded),
        "Replication:OperationMissedThreshold" => Ok(Task::Late(LateObject::MissedThreshold)),
        "Replication:OperationNotTracked" => Ok(Task::Late(LateObject::NotTracked)),
        // It may be a failure of a new kind.
        new if new.to_ascii_lowercase().starts_with("replication:") => Err(InputFault::Event(name.to_owned())),
        _ => Ok(Task::Unrelated),
    }
}

fn failed(fields: &Fields) -> Result<FailedObject, InputFault> {
    let s3 = fields.get("s3").ok_or(InputFault::Field("s3"))?;
    let data = fields.get("replicationEventData");
    let of_data = |name: &str| data.and_then(|data| data.get(name)).and_then(Value::as_str);
    let bucket = s3["bucket"]["name"].as_str().ok_or(InputFault::Field("s3.bucket.name"))?;
    let object = &s3["object"];
    Ok(FailedObject {
        bucket: Some(valid_bucket(bucket)?),
        key: Some(form_key(object["key"].as_str().ok_or(InputFault::Field("s3.object.key"))?)?),
        version_id: object["versionId"].as_str().filter(|id| !id.is_empty()).map(str::to_owned),
        reason: reason(of_data("failureReason").map(str::to_owned)),
        http_status: None,
        message: None,
        destination: of_data("destinationBucket").map(|arn| arn.rsplit(":::").next().unwrap_or(arn).to_owned()),
        rule: of_data("replicationRuleId").map(str::to_owned),
        time: time(fields)?,
        source: TaskSource::Event,
        operation: of_data("s3Operation").map(str::to_owned),
        size: object["size"].as_u64(),
    })
}

/// Decodes a key, in which `+` is a space.
fn form_key(cell: &str) -> Result<String, InputFault> {
    let key = decode_key(cell.as_bytes()).ok_or_else(|| InputFault::KeyEscape(cell.to_owned()))?;
    let key = String::from_utf8(key.into_owned()).ok().filter(|key| !key.is_empty());
    key.ok_or_else(|| InputFault::Key(cell.to_owned()))
}
