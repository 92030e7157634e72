//! Arguments of `safe-delete`.

use clap::Args;

use super::addresses::Addresses;
use crate::commands::{Objects, SafeDeleteOptions};
use crate::deletion::Mode;
use crate::model::Bucket;

/// Delete objects, each only if it is proven replicated
///
/// Every object is asked for now; only COMPLETED may go. By default it is hidden behind a delete marker, bound by
/// If-Match to the ETag that was checked, and only where versioning is Enabled. Everything else is kept, with a reason.
#[derive(Debug, Args)]
#[command(after_help = super::with_exit_codes("\
Examples:
  replaudit safe-delete --dry-run s3://bucket/key
  replaudit safe-delete s3://bucket/key
  replaudit safe-delete --yes --permanent --trust-status --version-id ID s3://bucket/key"))]
pub(super) struct SafeDeleteArgs {
    #[command(flatten)]
    addresses: Addresses,
    /// Remove exactly the named version, irreversibly; needs --version-id
    #[arg(long)]
    permanent: bool,
    /// With --permanent: take S3's word alone that it is replicated
    #[arg(long, requires = "permanent")]
    trust_status: bool,
    /// Hide also where the delete marker would travel to the destination
    #[arg(long, conflicts_with = "permanent")]
    allow_marker_replication: bool,
    /// With --permanent on a server other than AWS: remove also where that would delete the replica
    #[arg(long, requires = "permanent")]
    allow_replicated_delete: bool,
    /// Hide also on a server that does not honour If-Match: a newer upload may be hidden in place of what was checked
    #[arg(long, conflicts_with = "permanent")]
    allow_unconditional: bool,
    /// Decide and show; send nothing that could change anything
    #[arg(short = 'n', long, alias = "dryrun")]
    dry_run: bool,
    /// Consent, where no terminal can be asked
    #[arg(short, long)]
    yes: bool,
    /// Refuse the whole plan if it would delete more than N
    #[arg(long, value_name = "N")]
    max_delete: Option<u64>,
}

impl SafeDeleteArgs {
    pub(super) fn resolve(self) -> Result<SafeDeleteOptions, String> {
        let Objects::Named(objects) = self.addresses.resolve(Bucket::new)? else {
            return Err("safe-delete takes addresses, one by one".to_owned());
        };
        if self.permanent {
            if objects.iter().any(|object| object.version_id.is_none()) {
                return Err("--permanent removes exactly one version and needs --version-id".to_owned());
            }
            if !self.trust_status {
                return Err(
                    "--permanent needs --trust-status: replaudit can't look at the replica yet, and takes S3's word alone only when told to".to_owned()
                );
            }
        }
        Ok(SafeDeleteOptions {
            objects,
            mode: if self.permanent { Mode::Permanent } else { Mode::Hide },
            allow_marker_replication: self.allow_marker_replication,
            allow_replicated_delete: self.allow_replicated_delete,
            allow_unconditional: self.allow_unconditional,
            dry_run: self.dry_run,
            yes: self.yes,
            max_delete: self.max_delete,
        })
    }
}
