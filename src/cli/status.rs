//! Arguments of `status`.

use std::time::Duration;

use clap::Args;

use super::addresses::AddressArgs;
use super::common::duration;
use super::destination::VerificationArgs;
use super::error::UsageError;
use crate::commands::StatusOptions;
use crate::model::Bucket;

/// Replication status of objects
///
/// Asks S3 for each object's head and reports its replication status: HEAD, one request an object. An absent status is
/// "not replicated", never good news. As a table, one object alone is shown with its properties (-v: and its metadata).
#[derive(Debug, Args)]
#[command(after_help = super::with_exit_codes("\
Examples:
  replaudit status s3://bucket/key
  replaudit status --bucket bucket --key key --version-id ID -o json
  replaudit status -q s3://bucket/key && echo replicated
  replaudit status --wait s3://bucket/key
  replaudit status --recursive s3://bucket/prefix/ -o csv
  replaudit status --from keys.txt -o ndjson
  replaudit status --explain s3://bucket/key
  replaudit status --verify-replica s3://bucket/key"))]
pub(super) struct StatusArgs {
    #[command(flatten)]
    addresses: AddressArgs,
    /// Count REPLICA as replicated; otherwise it is 1, because this is the copy and may be the last one
    #[arg(long)]
    accept_replica: bool,
    /// Ask again about pending objects until each is replicated or failed
    #[arg(long)]
    wait: bool,
    /// With --wait: keep waiting for failed objects too, for servers that retry by themselves (AWS does not)
    #[arg(long, requires = "wait")]
    wait_through_failed: bool,
    /// How long --wait waits in all
    #[arg(long, value_name = "D", default_value = "15m", value_parser = duration, requires = "wait")]
    timeout: Duration,
    /// Read the bucket's replication configuration too, and say why: which rule applies, why there is no status, what to
    /// do next
    #[arg(long)]
    explain: bool,
    #[command(flatten)]
    verification: VerificationArgs,
}

impl StatusArgs {
    pub(super) fn resolve(self) -> Result<StatusOptions, UsageError> {
        Ok(StatusOptions {
            objects: self.addresses.resolve(Bucket::or_access_point)?,
            accept_replica: self.accept_replica,
            wait: self.wait.then_some(self.timeout),
            wait_through_failed: self.wait_through_failed,
            explain: self.explain,
            verify: self.verification.resolve(false)?,
        })
    }
}
