//! What a destination holds of an object, and what that proves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exit::ExitStatus;
use crate::model::Failure;

/// Whether a destination has the replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DestinationVerdict {
    /// The same version is there, S3 calls it REPLICA, and nothing that can be compared differs.
    InSync,
    /// The bucket is there and has no such version.
    Missing,
    /// The version there has another size or checksum.
    Differs,
    /// S3 refused to say (403).
    Denied,
    /// The version there is no copy that S3 made.
    NotAReplica,
    /// No usable answer.
    Unknown,
}

impl DestinationVerdict {
    /// The word used in every output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::InSync => "in-sync",
            Self::Missing => "missing",
            Self::Differs => "differs",
            Self::Denied => "denied",
            Self::NotAReplica => "not-a-replica",
            Self::Unknown => "unknown",
        }
    }

    /// What one destination makes of the exit status.
    #[must_use]
    pub fn exit(self) -> ExitStatus {
        match self {
            Self::InSync => ExitStatus::Yes,
            Self::Missing | Self::Differs | Self::NotAReplica => ExitStatus::No,
            Self::Denied | Self::Unknown => ExitStatus::Unknown,
        }
    }
}

/// What one destination answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Destination {
    /// The destination bucket.
    pub bucket: String,
    /// Its Region, where known.
    pub region: Option<String>,
    /// Whether it has the replica.
    pub verdict: DestinationVerdict,
    /// The status it gave, raw.
    pub replication_status: Option<String>,
    /// The version found there.
    pub version_id: Option<String>,
    /// Bytes found there.
    pub size: Option<u64>,
    /// For every verdict but `in-sync`: what is the matter there, and the next step. For people; json has the verdict.
    #[serde(skip)]
    pub why: Option<Failure>,
}
