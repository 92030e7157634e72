//! What one row, event or record says.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a task was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum TaskSource {
    /// A completion report of S3 Batch Operations.
    CompletionReport,
    /// An event notification of S3.
    Event,
    /// CloudTrail.
    Cloudtrail,
}

/// An object whose replication failed, as one line of ndjson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
pub struct FailedObject {
    /// The source bucket; `None` where a CloudTrail record names only the destination.
    pub bucket: Option<String>,
    /// The exact key; `None` where the record names none.
    pub key: Option<String>,
    /// `"null"` for the null version; `None` where the source names no version.
    pub version_id: Option<String>,
    /// S3's code.
    pub reason: Cow<'static, str>,
    /// The HTTP status of the task or request.
    pub http_status: Option<u16>,
    /// S3's message.
    pub message: Option<String>,
    /// The destination bucket.
    pub destination: Option<String>,
    /// The ID of the replication rule.
    pub rule: Option<String>,
    /// When it failed; for a completion report, when that was created.
    pub time: Option<Timestamp>,
    /// Where it was read.
    pub source: TaskSource,
    /// What S3 attempted: `OBJECT_PUT` in an event, `PutObject` in CloudTrail.
    pub operation: Option<String>,
    /// The size in bytes.
    pub size: Option<u64>,
}

impl FailedObject {
    /// Whether a list can name the object.
    pub fn is_named(&self) -> bool {
        self.bucket.is_some() && self.key.is_some()
    }
}

/// An event that says that replication is late or is not tracked any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LateObject {
    /// It took longer than the threshold of S3 Replication Time Control.
    MissedThreshold,
    /// S3 does not track it any more.
    NotTracked,
}

impl LateObject {
    /// The word of S3.
    pub fn word(self) -> &'static str {
        match self {
            Self::MissedThreshold => "OperationMissedThreshold",
            Self::NotTracked => "OperationNotTracked",
        }
    }
}

/// What a row, an event or a record says about replication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// An object was replicated.
    Succeeded,
    /// The replication of an object failed.
    Failed(Box<FailedObject>),
    /// Replication is late, or is not tracked.
    Late(LateObject),
    /// It is known, and says nothing of a replication: another event, another caller.
    Unrelated,
}
