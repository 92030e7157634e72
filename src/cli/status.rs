//! Arguments of `status`, and the addresses that it shares with `safe-delete`.

use clap::{Args, ValueHint};

use super::destination::Verification;
use crate::commands::StatusOptions;
use crate::model::{Bucket, ObjectId, VersionId};

/// Replication status of objects
///
/// Asks S3 for each object's head and reports its replication status: HEAD, one request an object. An absent status is
/// "not replicated", never good news.
#[derive(Debug, Args)]
#[command(after_help = super::with_exit_codes("\
Examples:
  replaudit status s3://bucket/key
  replaudit status --bucket bucket --key key --version-id ID -o json
  replaudit status -q s3://bucket/key && echo replicated
  replaudit status --verify-replica s3://bucket/key"))]
pub(super) struct StatusArgs {
    #[command(flatten)]
    addresses: Addresses,
    /// Count REPLICA as replicated; otherwise it is 1, because this is the copy and may be the last one
    #[arg(long)]
    accept_replica: bool,
    #[command(flatten)]
    verification: Verification,
}

impl StatusArgs {
    pub(super) fn resolve(self) -> Result<StatusOptions, String> {
        Ok(StatusOptions {
            objects: self.addresses.resolve(Bucket::or_access_point)?,
            accept_replica: self.accept_replica,
            verify: self.verification.resolve(false)?,
        })
    }
}

#[derive(Debug, Args)]
pub(super) struct Addresses {
    /// Addresses: s3://bucket/key; the key is taken literally
    #[arg(value_name = "S3URI", value_hint = ValueHint::Other)]
    addresses: Vec<String>,
    /// The bucket, with --key
    #[arg(long, value_name = "B", requires = "key")]
    bucket: Option<String>,
    /// The key, with --bucket
    #[arg(long, value_name = "K", requires = "bucket")]
    key: Option<String>,
    /// The version, with exactly one address
    #[arg(long, value_name = "V")]
    version_id: Option<String>,
}

impl Addresses {
    /// `bucket` says what `--bucket` accepts.
    pub(super) fn resolve(
        self,
        bucket: impl Fn(&str) -> Result<Bucket, crate::model::AddressError>,
    ) -> Result<Vec<ObjectId>, String> {
        let text = |error: crate::model::AddressError| error.to_string();
        let mut objects: Vec<ObjectId> =
            self.addresses.iter().map(|address| ObjectId::parse(address)).collect::<Result<_, _>>().map_err(text)?;
        if let (Some(name), Some(key)) = (self.bucket, self.key) {
            if key.is_empty() {
                return Err("--key is empty".to_owned());
            }
            objects.push(ObjectId { bucket: bucket(&name).map_err(text)?, key, version_id: None });
        }
        if let Some(version) = self.version_id {
            let version = VersionId::new(version).map_err(text)?;
            let [object] = objects.as_mut_slice() else {
                return Err(format!("--version-id goes with exactly one address, {} were given", objects.len()));
            };
            object.version_id = Some(version);
        }
        Ok(objects)
    }
}
