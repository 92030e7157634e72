//! The answer of a destination about an object, and what it proves.

use jiff::Timestamp;
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
    /// The version there is not a copy that S3 made.
    NotAReplica,
    /// No usable answer.
    Unknown,
}

impl DestinationVerdict {
    pub(crate) const ALL: [Self; 6] =
        [Self::InSync, Self::Missing, Self::Differs, Self::Denied, Self::NotAReplica, Self::Unknown];

    /// The word used in every output, and the exit status for one destination.
    fn facts(self) -> (&'static str, ExitStatus) {
        match self {
            Self::InSync => ("in-sync", ExitStatus::Yes),
            Self::Missing => ("missing", ExitStatus::No),
            Self::Differs => ("differs", ExitStatus::No),
            Self::Denied => ("denied", ExitStatus::Unknown),
            Self::NotAReplica => ("not-a-replica", ExitStatus::No),
            Self::Unknown => ("unknown", ExitStatus::Unknown),
        }
    }

    /// The word used in every output.
    pub fn word(self) -> &'static str {
        self.facts().0
    }

    /// The exit status for one destination.
    pub fn exit(self) -> ExitStatus {
        self.facts().1
    }
}

/// Who named a destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NamedBy {
    /// A replication rule that applies to the object, or may apply.
    #[default]
    Rule,
    /// The caller (`--destination`), in addition to the rules.
    Option,
    /// The caller alone, because S3 refused to show the rules: they may name more destinations.
    OptionOnly,
}

impl NamedBy {
    /// The word used in every output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Option => "option",
            Self::OptionOnly => "option-only",
        }
    }
}

/// A property of the object that was compared with that of its replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// The version ID of the object is that of the replica.
    VersionId,
    /// The status there is REPLICA.
    Status,
    /// The size in bytes.
    Size,
    /// The ETag, where it is a sum of the bytes on both sides, or the same text.
    Etag,
    /// A checksum of the same algorithm and kind.
    Checksum,
}

impl Comparison {
    pub fn text(self) -> &'static str {
        match self {
            Self::VersionId => "version ID",
            Self::Status => "status",
            Self::Size => "size",
            Self::Etag => "ETag",
            Self::Checksum => "checksum",
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
    /// When a lifecycle rule of the destination removes the replica, as S3 says. Absent if it says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Who named it.
    #[serde(default)]
    pub named_by: NamedBy,
    /// What was compared, up to the first difference; empty where nothing was there to compare.
    #[serde(default)]
    pub compared: Vec<Comparison>,
    /// For every verdict but `in-sync`: what is the matter there, and the next step. For people; json has the verdict.
    #[serde(skip)]
    pub why: Option<Failure>,
}

impl Destination {
    /// A destination before its answer.
    pub fn unknown(bucket: &str, named_by: NamedBy) -> Self {
        Self {
            bucket: bucket.to_owned(),
            region: None,
            verdict: DestinationVerdict::Unknown,
            replication_status: None,
            version_id: None,
            size: None,
            expires: None,
            named_by,
            compared: Vec::new(),
            why: None,
        }
    }
}

/// Whether every destination that was asked before is among those that were asked now.
///
/// A repeated check must not ask fewer destinations than the first one: in between, the rules or the permission to read
/// them may have changed, but not the places of the replicas. Two destinations are one if they have the same bucket and
/// no different Region. A bucket that was asked in two places must have two answers again.
pub(crate) fn covers(before: &[Destination], now: &[Destination]) -> bool {
    let mut left: Vec<&Destination> = now.iter().collect();
    // Those with a Region first: one without could take the answer that another one needs.
    let (known, unknown): (Vec<_>, Vec<_>) = before.iter().partition(|to| to.region.is_some());
    known.into_iter().chain(unknown).all(|asked| {
        let same_bucket = |to: &&Destination| to.bucket == asked.bucket;
        let exact = left.iter().position(|to| same_bucket(to) && to.region == asked.region);
        let close = || left.iter().position(|to| same_bucket(to) && (to.region.is_none() || asked.region.is_none()));
        exact.or_else(close).map(|at| left.swap_remove(at)).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(texts: &[&str]) -> Vec<Destination> {
        let one = |text: &&str| {
            let (bucket, region) = text.split_once(' ').unwrap_or((text, ""));
            let region = Some(region.to_owned()).filter(|region| !region.is_empty());
            Destination { region, ..Destination::unknown(bucket, NamedBy::Rule) }
        };
        texts.iter().map(one).collect()
    }

    #[test]
    fn a_second_check_asks_no_fewer_destinations() {
        let table: [(&[&str], &[&str], bool); 18] = [
            (&[], &[], true),
            (&[], &["a"], true),
            (&["a"], &[], false),
            (&["a"], &["a"], true),
            (&["a"], &["b"], false),
            (&["a", "b"], &["a"], false),
            (&["a", "b"], &["b", "a"], true),
            (&["a", "b"], &["b", "c", "a"], true),
            (&["a", "a"], &["a"], false),
            (&["a", "a"], &["a", "a"], true),
            (&["a x"], &["a x"], true),
            (&["a x"], &["a"], true),
            (&["a"], &["a x"], true),
            (&["a x"], &["a y"], false),
            (&["a x", "a y"], &["a y", "a x"], true),
            (&["a x", "a y"], &["a x", "a x"], false),
            (&["a", "a x"], &["a x", "a y"], true),
            (&["a", "a x"], &["a x"], false),
        ];
        for (before, now, covered) in table {
            assert_eq!(covers(&to(before), &to(now)), covered, "{before:?} {now:?}");
        }
    }

    #[test]
    fn words_are_those_of_json() {
        for named_by in [NamedBy::Rule, NamedBy::Option, NamedBy::OptionOnly] {
            assert_eq!(serde_json::to_value(named_by).unwrap(), named_by.word());
        }
    }
}
