//! Arguments of `safe-delete`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::addresses::AddressArgs;
use super::common::{duration, number, one_of, word_of};
use super::destination::VerificationArgs;
use super::error::UsageError;
use crate::commands::{ObjectSelection, SafeDeleteOptions};
use crate::deletion::{COMPLETED, DeleteMode, DeleteOutcome, KeepReason, VerifyDeleted};
use crate::model::Bucket;
use crate::output::RowFilter;

/// Delete objects, but only if they are replicated
///
/// Checks every object now, and deletes only those that are COMPLETED. By default, a delete marker hides the object. It is
/// created only if the object still has the ETag that was checked (If-Match), and only if versioning is Enabled. Every
/// other object is kept, with a reason. If a server ignores If-Match, the first object is hidden without this
/// condition, and all others are kept as unconditional, unless --allow-unconditional is given. The whole list is read
/// first: one invalid line exits 2, and nothing is deleted.
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
    /// Remove exactly the selected versions, irreversibly; needs --version-id, a list with versions, or --all-versions.
    /// Checks the replicas first, as with --verify-replica, unless --trust-status is given
    #[arg(long)]
    permanent: bool,
    /// With --permanent: rely on S3's status alone, and check no replica
    #[arg(long, requires = "permanent", conflicts_with = "verify_replica")]
    trust_status: bool,
    #[command(flatten)]
    verification: VerificationArgs,
    /// Show only objects with these outcomes or reasons; all are checked and counted
    #[arg(long, value_name = "WORD[,WORD…]", value_delimiter = ',', value_parser = word_of(words()))]
    only: Vec<&'static str>,
    /// Show only the totals; all objects are checked
    #[arg(long)]
    summary: bool,
    /// Check pending objects again until each is replicated or failed, before anything is decided
    #[arg(long)]
    wait: bool,
    /// Maximum time to wait for all objects together, such as 90s, 15m or 24h; needs --wait
    #[arg(long, value_name = "D", default_value = "15m", value_parser = duration, requires = "wait")]
    timeout: Duration,
    /// Also hide objects whose delete marker would be replicated: the replica is then hidden too
    #[arg(long, conflicts_with = "permanent")]
    allow_marker_replication: bool,
    /// With --permanent on a server other than AWS: also remove versions whose replica would be deleted too
    #[arg(long, requires = "permanent")]
    allow_replicated_delete: bool,
    /// With --permanent: also remove versions with annotations that are not replicated; they are lost
    #[arg(long, requires = "permanent")]
    allow_annotation_loss: bool,
    /// Also hide objects on a server that does not support If-Match: a newer upload may be hidden instead of the object
    /// that was checked
    #[arg(long, conflicts_with = "permanent")]
    allow_unconditional: bool,
    /// Show what would be done; send no request that could change anything
    #[arg(short = 'n', long, alias = "dryrun")]
    dry_run: bool,
    /// Skip the confirmation prompt
    #[arg(short, long)]
    yes: bool,
    /// Refuse the whole plan if it would delete more than N objects
    #[arg(long, value_name = "N", value_parser = number::<u64>(0..=u64::MAX))]
    max_delete: Option<u64>,
    /// Allow --recursive with an empty prefix: every object of the bucket
    #[arg(long, requires = "recursive")]
    whole_bucket: bool,
    /// Record each delete and its outcome in FILE; run the same command again to resume an interrupted run
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    journal: Option<PathBuf>,
    /// Check deleted objects again; sample: the first 1,000, then 1 %
    #[arg(long, value_name = "WHICH", default_value = "sample", value_parser = one_of(VERIFY_DELETED))]
    verify_deleted: VerifyDeleted,
}

const VERIFY_DELETED: [(&str, VerifyDeleted); 3] =
    [("all", VerifyDeleted::All), ("sample", VerifyDeleted::Sample), ("none", VerifyDeleted::None)];

/// The words of outcomes and reasons.
fn words() -> impl Iterator<Item = &'static str> {
    let outcomes = DeleteOutcome::ALL.into_iter().map(DeleteOutcome::word);
    outcomes.chain([COMPLETED]).chain(KeepReason::ALL.iter().map(|reason| reason.word()))
}

impl SafeDeleteArgs {
    pub(super) fn resolve(self) -> Result<SafeDeleteOptions, UsageError> {
        let objects = self.addresses.resolve(Bucket::new)?;
        let bounded = self.yes && !self.dry_run;
        check(&objects, self.permanent, bounded && self.max_delete.is_none(), self.whole_bucket)?;
        Ok(SafeDeleteOptions {
            objects,
            shown: RowFilter { only: self.only, summary: self.summary },
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
