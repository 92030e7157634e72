//! The manifest.json of a completion report.

use std::collections::HashSet;

use jiff::Timestamp;
use s3_inventory::parse_md5;
use serde_json::{Map, Value};

use super::super::error::InputFault;
use super::row::task_status;
use s3_answers::Bucket;

/// What the manifest names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletionManifest {
    /// When the report was created.
    pub created_at: Option<Timestamp>,
    /// Its results files.
    pub results: Vec<ResultFile>,
}

/// One results file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultFile {
    /// The bucket of the report.
    pub bucket: Bucket,
    /// The exact key.
    pub key: String,
    /// The MD5 of its bytes.
    pub md5: [u8; 16],
    /// Whether its tasks are those that succeeded, or those that failed.
    pub succeeded: bool,
}

impl CompletionManifest {
    /// Whether a document is a manifest, sound or not.
    pub(crate) fn is_one(document: &Map<String, Value>) -> bool {
        document.contains_key("ReportSchema") || (document.contains_key("Format") && document.contains_key("Results"))
    }

    pub(crate) fn read(document: &Map<String, Value>) -> Result<Self, InputFault> {
        let format = text(document, "Format")?;
        if format != "Report_CSV_20180820" {
            return Err(InputFault::ReportFormat(format.to_owned()));
        }
        let created_at = match document.get("ReportCreationDate") {
            None | Some(Value::Null) => None,
            Some(Value::String(time)) => {
                Some(time.parse().map_err(|_| InputFault::Time("ReportCreationDate", time.clone()))?)
            }
            Some(_) => return Err(InputFault::Field("ReportCreationDate")),
        };
        let results = document.get("Results").and_then(Value::as_array).ok_or(InputFault::Field("Results"))?;
        let results = results.iter().map(result_file).collect::<Result<Vec<_>, _>>()?;
        let mut seen = HashSet::with_capacity(results.len());
        if let Some(twice) = results.iter().find(|file| !seen.insert((&file.bucket, &file.key))) {
            return Err(InputFault::FileTwice(twice.key.clone()));
        }
        Ok(Self { created_at, results })
    }
}

fn result_file(result: &Value) -> Result<ResultFile, InputFault> {
    let result = result.as_object().ok_or(InputFault::Field("Results[]"))?;
    let bucket = text(result, "Bucket")?;
    // An ARN in jobs of some tools.
    let name = bucket.rsplit(":::").next().unwrap_or(bucket);
    let md5 = text(result, "MD5Checksum")?;
    let status = text(result, "TaskExecutionStatus")?;
    Ok(ResultFile {
        bucket: Bucket::new(name).map_err(|_| InputFault::Bucket(bucket.to_owned()))?,
        key: text(result, "Key")?.to_owned(),
        md5: parse_md5(md5).ok_or_else(|| InputFault::Md5(md5.to_owned()))?,
        succeeded: task_status(status).ok_or_else(|| InputFault::TaskStatus(status.to_owned()))?,
    })
}

fn text<'a>(fields: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, InputFault> {
    fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or(InputFault::Field(name))
}
