//! An older result of the same pair, as `reconcile -o json` wrote it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use s3_inventory::origin_of_manifest;

use super::class::PairClass;
use crate::audit::Amount;

/// What kind of document it is.
#[derive(Deserialize)]
struct DocumentSchema {
    schema: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct OlderResult {
    source: OlderSide,
    destination: OlderSide,
    identity: String,
    prefix: Option<String>,
    classes: BTreeMap<String, OlderTotals>,
    grouped: Vec<OlderDimension>,
    groups: Vec<OlderGroup>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct OlderDimension {
    dimension: String,
    values: u64,
    shown: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct OlderGroup {
    dimension: String,
    value: String,
    classes: BTreeMap<String, OlderTotals>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct OlderSide {
    source_bucket: String,
    scanned_at: Timestamp,
    manifest: String,
}

impl OlderSide {
    /// The inventory configuration, if the address of the manifest has the form that S3 writes.
    fn configuration(&self) -> Option<&str> {
        let (source, configuration) = origin_of_manifest(&self.manifest)?;
        (source == self.source_bucket).then_some(configuration)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
struct OlderTotals {
    objects: u64,
    bytes: u64,
}

/// What the older result is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Previous")]
pub(crate) struct PreviousResult {
    /// When the scan of the source began.
    pub source_scanned_at: Timestamp,
    /// When the scan of the destination began.
    pub destination_scanned_at: Timestamp,
}

/// Why a result can't be compared with an older one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OlderResultError {
    #[error("it is not a result of `replaudit reconcile -o json`: name a file that this command wrote")]
    Form(#[from] serde_json::Error),
    #[error("it is a {0:?} document: name a file that `replaudit reconcile -o json` wrote (replaudit.reconcile/1)")]
    Schema(String),
    #[error("it is about {older}, not about {now}")]
    Other { now: String, older: String },
    #[error(
        "its report of bucket {bucket} is of inventory configuration {older:?}, and now it is of {now:?}, so other objects may be in it: name a result about {now:?}"
    )]
    Configuration { bucket: String, now: String, older: String },
    #[error("its reports are not older: the source was scanned at {older}, and now at {now}")]
    NotOlder { now: Timestamp, older: Timestamp },
    #[error("it has no figure for {0}")]
    NoClass(&'static str),
}

/// What results must agree in to be compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PairAbout<'a> {
    pub(crate) source: &'a str,
    pub(crate) destination: &'a str,
    pub(crate) identity: &'a str,
    pub(crate) prefix: Option<&'a str>,
    /// The inventory configurations of both reports, as far as they are known.
    pub(crate) configurations: [Option<&'a str>; 2],
    /// When the source was scanned.
    pub(crate) scanned_at: Timestamp,
}

impl PairAbout<'_> {
    fn text(&self) -> String {
        let prefix = self.prefix.map(|prefix| format!(" under {prefix:?}")).unwrap_or_default();
        format!("buckets {} and {}{prefix}, compared by {}", self.source, self.destination, self.identity)
    }
}

impl OlderResult {
    /// Reads a result, and makes sure that it is about the same and older.
    pub(crate) fn read(json: &[u8], now: PairAbout<'_>) -> Result<Self, OlderResultError> {
        let DocumentSchema { schema } = serde_json::from_slice(json)?;
        if schema != "replaudit.reconcile/1" {
            return Err(OlderResultError::Schema(schema));
        }
        let older: Self = serde_json::from_slice(json)?;
        let about = PairAbout {
            source: &older.source.source_bucket,
            destination: &older.destination.source_bucket,
            identity: &older.identity,
            prefix: older.prefix.as_deref(),
            configurations: [&older.source, &older.destination].map(OlderSide::configuration),
            scanned_at: older.source.scanned_at,
        };
        if about.text() != now.text() {
            return Err(OlderResultError::Other { now: now.text(), older: about.text() });
        }
        let pairs = about.configurations.into_iter().zip(now.configurations).zip([now.source, now.destination]);
        for (configurations, bucket) in pairs {
            if let (Some(older), Some(now)) = configurations
                && older != now
            {
                let [bucket, now, older] = [bucket, now, older].map(str::to_owned);
                return Err(OlderResultError::Configuration { bucket, now, older });
            }
        }
        if about.scanned_at >= now.scanned_at {
            return Err(OlderResultError::NotOlder { now: now.scanned_at, older: about.scanned_at });
        }
        match PairClass::ALL.into_iter().find(|class| older.amount(*class).is_none()) {
            Some(class) => Err(OlderResultError::NoClass(class.word())),
            None => Ok(older),
        }
    }

    pub(super) fn amount(&self, class: PairClass) -> Option<Amount> {
        let totals = self.classes.get(class.word())?;
        Some(Amount { objects: totals.objects, bytes: Some(totals.bytes) })
    }

    /// The figure of a class in a group. `None` if it is not known: a result lists the worst groups only.
    pub(super) fn amount_in_group(&self, dimension: &str, value: &str, class: PairClass) -> Option<Amount> {
        let is_same = |group: &&OlderGroup| group.dimension == dimension && group.value == value;
        let totals = match self.groups.iter().find(is_same) {
            // A class without objects is left out.
            Some(group) => group.classes.get(class.word()).copied(),
            None => {
                self.grouped
                    .iter()
                    .find(|grouped| grouped.dimension == dimension && grouped.shown == grouped.values)?;
                None
            }
        };
        let OlderTotals { objects, bytes } = totals.unwrap_or(OlderTotals { objects: 0, bytes: 0 });
        Some(Amount { objects, bytes: Some(bytes) })
    }

    pub(super) fn facts(&self) -> PreviousResult {
        PreviousResult {
            source_scanned_at: self.source.scanned_at,
            destination_scanned_at: self.destination.scanned_at,
        }
    }
}
