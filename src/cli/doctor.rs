//! Arguments of `doctor`.

use clap::{Args, ValueHint};

use super::common::word_of;
use super::destination::{destination, refuse_twice};
use super::error::{UsageError, ValueError};
use crate::commands::DoctorOptions;
use crate::doctor::CheckState;
use crate::model::{Bucket, bucket_and_rest};
use crate::output::RowFilter;
use crate::status::DestinationOption;

/// Check the set-up of replication, reports and permissions
///
/// Reads the configuration of each bucket and of its destination buckets, and says for each check what was found and what to
/// do next: versioning, replication rules, KMS keys, metrics and events, inventories and the age of their reports, lifecycle
/// rules, and the permissions that the other commands need. doctor only reads: it changes nothing in S3. If S3 refuses
/// a read, the checks that need it are unknown (exit code 2). Only the permission.* checks are different: there a
/// refusal can also be fail or warn.
#[derive(Debug, Args)]
#[command(after_help = super::with_exit_codes("\
Examples:
  replaudit doctor bucket
  replaudit doctor bucket --only fail,unknown
  replaudit doctor --all-buckets -o csv
  replaudit doctor bucket --destination replica,region=eu-west-1,profile=other
  replaudit doctor -q --strict bucket && echo fine
  replaudit doctor bucket --write prometheus=/var/lib/node_exporter/doctor.prom"))]
pub(super) struct DoctorArgs {
    /// Buckets to check: names, or addresses as s3://bucket
    #[arg(value_name = "BUCKET", value_hint = ValueHint::Other, value_parser = bucket)]
    buckets: Vec<Bucket>,
    /// Check every bucket of the account; needs s3:ListAllMyBuckets
    #[arg(long, conflicts_with = "buckets")]
    all_buckets: bool,
    /// Show only checks in these states; all are made and counted
    #[arg(long, value_name = "STATE[,STATE…]", value_delimiter = ',', value_parser = word_of(CheckState::ALL.map(CheckState::word)))]
    only: Vec<&'static str>,
    /// Count warnings as failed (exit code 1)
    #[arg(long)]
    strict: bool,
    /// Add a destination bucket. Or, for a destination bucket that a rule names, set its endpoint, its profile, or the Region
    /// for the first request to it; repeatable
    ///
    /// BUCKET[,region=R][,endpoint=URL][,profile=P]. Defaults are those of the source bucket.
    #[arg(long, value_name = "BUCKET[,KEY=VALUE…]", value_parser = destination)]
    destination: Vec<DestinationOption>,
}

fn bucket(text: &str) -> Result<Bucket, ValueError> {
    match text.starts_with("s3://") {
        false => Ok(Bucket::new(text)?),
        true => match bucket_and_rest(text)? {
            (bucket, "") => Ok(bucket),
            (_, _) => Err(ValueError::NotABucket),
        },
    }
}

impl DoctorArgs {
    pub(super) fn resolve(self) -> Result<DoctorOptions, UsageError> {
        let Self { buckets, all_buckets, only, strict, destination } = self;
        if buckets.is_empty() && !all_buckets {
            return Err(UsageError::NoBucket);
        }
        refuse_twice(&destination)?;
        let mut named: Vec<Bucket> = Vec::new();
        buckets.into_iter().for_each(|bucket| {
            if !named.contains(&bucket) {
                named.push(bucket);
            }
        });
        let buckets = (!all_buckets).then_some(named);
        let shown = RowFilter { only, summary: false };
        Ok(DoctorOptions { buckets, destinations: destination, shown, strict })
    }
}
