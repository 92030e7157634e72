//! Fields that events and records have in common.

use jiff::Timestamp;
use serde_json::Value;

use super::error::InputFault;
use super::json::Fields;
use s3_answers::Bucket;

pub(super) fn text<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str)
}

pub(super) fn time(fields: &Fields) -> Result<Option<Timestamp>, InputFault> {
    let parse = |text: &str| text.parse().map_err(|_| InputFault::Time("eventTime", text.to_owned()));
    text(fields, "eventTime").map(parse).transpose()
}

pub(super) fn valid_bucket(name: &str) -> Result<String, InputFault> {
    Bucket::new(name).map_err(|_| InputFault::Bucket(name.to_owned()))?;
    Ok(name.to_owned())
}
