//! Arguments of `status`.

use std::time::Duration;

use clap::Args;

use super::addresses::AddressArgs;
use super::common::{duration, word_of};
use super::destination::VerificationArgs;
use super::error::UsageError;
use crate::commands::StatusOptions;
use crate::model::Bucket;
use crate::output::RowFilter;
use crate::status::{DestinationVerdict, Verdict};

/// Replication status of objects
///
/// Sends one HEAD request for each object and reports its replication status. If S3 gives no status, the object counts as not
/// replicated. If there is only one object, the table also shows its locks and its expiration; -v shows all of its properties.
#[derive(Debug, Args)]
#[command(after_help = super::with_exit_codes("\
Examples:
  replaudit status s3://bucket/key
  replaudit status --bucket bucket --key key --version-id ID -o json
  replaudit status -q s3://bucket/key && echo replicated
  replaudit status --wait s3://bucket/key
  replaudit status --recursive s3://bucket/prefix/ -o csv
  replaudit status --from keys.txt -o ndjson
  replaudit status --recursive s3://bucket/prefix/ --only failed,pending
  replaudit status --explain s3://bucket/key
  replaudit status --verify-replica s3://bucket/key"))]
pub(super) struct StatusArgs {
    #[command(flatten)]
    addresses: AddressArgs,
    /// Show only objects that have one of these verdicts themselves or at a destination; all objects are checked and counted
    #[arg(long, value_name = "VERDICT[,VERDICT…]", value_delimiter = ',', value_parser = word_of(verdicts()))]
    only: Vec<&'static str>,
    /// Show only the totals; all objects are checked
    #[arg(long)]
    summary: bool,
    /// Count a REPLICA as replicated. Without this option, the run exits 1 if an object is a REPLICA, because it may be
    /// the last copy
    #[arg(long)]
    accept_replica: bool,
    /// Check pending objects again until each is replicated or failed
    #[arg(long)]
    wait: bool,
    /// Also wait for failed objects, for servers that retry (AWS does not); needs --wait
    #[arg(long, requires = "wait")]
    wait_through_failed: bool,
    /// Maximum time to wait for all objects together, such as 90s, 15m or 24h; needs --wait
    #[arg(long, value_name = "D", default_value = "15m", value_parser = duration, requires = "wait")]
    timeout: Duration,
    /// Read the bucket's replication configuration, and explain each status: which rule applies, why there is no status,
    /// and what to do next. csv, github and junit do not have the explanation
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    verification: VerificationArgs,
}

fn verdicts() -> impl Iterator<Item = &'static str> {
    Verdict::ALL.into_iter().map(Verdict::word).chain(DestinationVerdict::ALL.into_iter().map(DestinationVerdict::word))
}

impl StatusArgs {
    pub(super) fn resolve(self) -> Result<StatusOptions, UsageError> {
        Ok(StatusOptions {
            objects: self.addresses.resolve(Bucket::or_access_point)?,
            shown: RowFilter { only: self.only, summary: self.summary },
            accept_replica: self.accept_replica,
            wait: self.wait.then_some(self.timeout),
            wait_through_failed: self.wait_through_failed,
            explain: self.explain,
            verify: self.verification.resolve(false)?,
        })
    }
}
