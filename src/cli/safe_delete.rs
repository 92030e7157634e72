//! Arguments of `safe-delete`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::addresses::AddressArgs;
use super::common::{duration, one_of};
use super::destination::VerificationArgs;
use super::error::UsageError;
use crate::commands::{ObjectSelection, SafeDeleteOptions};
use crate::deletion::{DeleteMode, VerifyDeleted};
use crate::model::Bucket;

/// Delete objects, but only if they are replicated
///
/// Checks every object with a HEAD request, and deletes only those with the status COMPLETED. By default, each is hidden by
/// a delete marker, with If-Match on the ETag that was checked, and only where versioning is Enabled. Every other object is
/// kept, with a reason. The whole list is read first: if one line is invalid, nothing is done and the exit code is 2.
#[derive(Debug, Args)]
#[command(after_help = super::with_exit_codes("\
Examples:
  replaudit safe-delete --dry-run s3://bucket/key
  replaudit safe-delete s3://bucket/key
  replaudit safe-delete --recursive s3://bucket/prefix/
  replaudit safe-delete --yes --permanent --version-id ID s3://bucket/key
  replaudit safe-delete --permanent --from list.ndjson --journal list.journal"))]
pub(super) struct SafeDeleteArgs {
    #[command(flatten)]
    addresses: AddressArgs,
    /// Remove exactly the named versions, irreversibly; needs --version-id, a list with versions, or --all-versions;
    /// includes --verify-replica
    #[arg(long)]
    permanent: bool,
    /// Rely on S3's replication status alone, and do not verify the replicas; needs --permanent
    #[arg(long, requires = "permanent", conflicts_with = "verify_replica")]
    trust_status: bool,
    #[command(flatten)]
    verification: VerificationArgs,
    /// Poll pending objects until each is replicated or failed, before anything is decided
    #[arg(long)]
    wait: bool,
    /// Total time limit of --wait
    #[arg(long, value_name = "D", default_value = "15m", value_parser = duration, requires = "wait")]
    timeout: Duration,
    /// Also hide objects whose delete marker would be replicated to the destination bucket
    #[arg(long, conflicts_with = "permanent")]
    allow_marker_replication: bool,
    /// Also remove versions whose replica the server would delete too (servers other than AWS); needs --permanent
    #[arg(long, requires = "permanent")]
    allow_replicated_delete: bool,
    /// Also remove versions with annotations that are not replicated: the annotations are lost; needs --permanent
    #[arg(long, requires = "permanent")]
    allow_annotation_loss: bool,
    /// Also hide objects on a server that ignores If-Match: a newer upload may be hidden instead of the checked object
    #[arg(long, conflicts_with = "permanent")]
    allow_unconditional: bool,
    /// Decide and show; send no request that could change anything
    #[arg(short = 'n', long, alias = "dryrun")]
    dry_run: bool,
    /// Skip the confirmation prompt
    #[arg(short, long)]
    yes: bool,
    /// Refuse the whole plan if it would delete more than N
    #[arg(long, value_name = "N")]
    max_delete: Option<u64>,
    /// Allow --recursive without a prefix: all objects of the bucket
    #[arg(long, requires = "recursive")]
    whole_bucket: bool,
    /// Append each intent and outcome to FILE; run the same command again to resume an interrupted run
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    journal: Option<PathBuf>,
    /// Which deleted objects to check again afterwards; sample: the first 1,000, then 1 %
    #[arg(long, value_name = "WHICH", default_value = "sample", value_parser = one_of(VERIFY_DELETED))]
    verify_deleted: VerifyDeleted,
}

const VERIFY_DELETED: [(&str, VerifyDeleted); 3] =
    [("all", VerifyDeleted::All), ("sample", VerifyDeleted::Sample), ("none", VerifyDeleted::None)];

impl SafeDeleteArgs {
    pub(super) fn resolve(self) -> Result<SafeDeleteOptions, UsageError> {
        let objects = self.addresses.resolve(Bucket::new)?;
        let bounded = self.yes && !self.dry_run;
        check(&objects, self.permanent, bounded && self.max_delete.is_none(), self.whole_bucket)?;
        Ok(SafeDeleteOptions {
            objects,
            mode: if self.permanent { DeleteMode::Permanent } else { DeleteMode::Hide },
            verify: self.verification.resolve(self.permanent && !self.trust_status)?,
            allow_marker_replication: self.allow_marker_replication,
            allow_replicated_delete: self.allow_replicated_delete,
            allow_annotation_loss: self.allow_annotation_loss,
            allow_unconditional: self.allow_unconditional,
            wait: self.wait.then_some(self.timeout),
            dry_run: self.dry_run,
            yes: self.yes,
            max_delete: self.max_delete,
            journal: self.journal,
            verify_deleted: self.verify_deleted,
        })
    }
}

/// Refuses what is easily typed by mistake. `unbounded`: consent was given on the command line, to any number.
fn check(objects: &ObjectSelection, permanent: bool, unbounded: bool, whole_bucket: bool) -> Result<(), UsageError> {
    match objects {
        ObjectSelection::Named(objects) => {
            if permanent && objects.iter().any(|object| object.version_id.is_none()) {
                return Err(UsageError::PermanentWithoutVersion);
            }
        }
        // Each line is checked when it is read.
        ObjectSelection::From(_) => {}
        ObjectSelection::Under(under) => {
            if let Some(all) = under.iter().find(|under| under.prefix.is_empty() && !under.exact)
                && !whole_bucket
            {
                return Err(UsageError::WholeBucket(all.bucket.clone()));
            }
            if permanent && under.iter().any(|under| !under.versions) {
                return Err(UsageError::PermanentWithoutAllVersions);
            }
            if unbounded {
                return Err(UsageError::UnboundedConsent);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ObjectId;
    use crate::s3::ListingScope;

    #[test]
    fn what_is_easily_typed_and_hardly_meant_is_refused() {
        let under = |prefix: &str, exact, versions| {
            let bucket = Bucket::new("bucket").unwrap();
            ObjectSelection::Under(vec![ListingScope { bucket, prefix: prefix.to_owned(), exact, versions }])
        };
        let named = || ObjectSelection::Named(vec![ObjectId::parse("s3://bucket/k").unwrap()]);
        // objects, permanent, unbounded, whole bucket -> what is missing
        let table = [
            (named(), false, true, false, None),
            (named(), true, false, false, Some("--version-id")),
            (under("p", false, false), false, false, false, None),
            (under("p", false, false), false, true, false, Some("--max-delete")),
            (under("", false, false), false, false, false, Some("--whole-bucket")),
            (under("", false, false), false, false, true, None),
            (under("p", false, false), true, false, false, Some("--all-versions")),
            (under("p", false, true), true, false, false, None),
            (under("p", false, true), true, true, false, Some("--max-delete")),
            (under("k", true, true), true, false, false, None),
            (under("k", true, true), false, false, false, None),
        ];
        for (at, (objects, permanent, unbounded, whole_bucket, missing)) in table.into_iter().enumerate() {
            match (check(&objects, permanent, unbounded, whole_bucket), missing) {
                (Ok(()), None) => {}
                (Err(error), Some(option)) => assert!(error.to_string().contains(option), "row {at}: {error}"),
                (checked, _) => panic!("row {at}: {checked:?}"),
            }
        }
    }
}
