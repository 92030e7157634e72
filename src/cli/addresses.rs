//! Which objects a command is about: addresses, a list, or what is under a prefix.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::error::UsageError;
use crate::commands::{ListSource, ObjectSelection};
use crate::model::{AddressError, Bucket, ObjectId, VersionId, bucket_and_rest};
use crate::s3::ListingScope;

#[derive(Debug, Args)]
pub(super) struct AddressArgs {
    /// Addresses of objects, s3://bucket/key; the key is taken literally
    #[arg(value_name = "S3URI", value_hint = ValueHint::Other)]
    addresses: Vec<String>,
    /// Bucket of the object; needs --key or --recursive
    #[arg(long, value_name = "B")]
    bucket: Option<String>,
    /// Key of the object, or with --recursive the prefix; needs --bucket
    #[arg(long, value_name = "K", requires = "bucket")]
    key: Option<String>,
    /// Version ID of the object; needs exactly one address
    #[arg(long, value_name = "V")]
    version_id: Option<String>,
    /// Read a list of objects from FILE (-: standard input): lines of s3:// addresses, where blank lines and lines that
    /// begin with # are skipped; CSV rows of bucket,key[,version] as in S3 Batch Operations (form-encoded keys, no header); or NDJSON with
    /// bucket, key and version_id. A gzipped list is decompressed
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["addresses", "bucket", "version_id", "recursive", "all_versions"])]
    from: Option<PathBuf>,
    /// The address is a prefix: select every current object whose key begins with it
    #[arg(long)]
    recursive: bool,
    /// Select every version of the key, or with --recursive of every key under the prefix
    #[arg(long)]
    all_versions: bool,
}

impl AddressArgs {
    /// `bucket` says what `--bucket` accepts.
    pub(super) fn resolve(
        self,
        bucket: impl Fn(&str) -> Result<Bucket, AddressError>,
    ) -> Result<ObjectSelection, UsageError> {
        if let Some(path) = self.from {
            return Ok(ObjectSelection::From(if path.as_os_str() == "-" {
                ListSource::Stdin
            } else {
                ListSource::File(path)
            }));
        }
        let listed = self.recursive || self.all_versions;
        if listed && self.version_id.is_some() {
            return Err(UsageError::VersionOfMany);
        }
        let mut named: Vec<(Bucket, String)> = Vec::new();
        for address in &self.addresses {
            let (bucket, rest) = match bucket_and_rest(address).map_err(refused)? {
                (_, "") if !self.recursive => return Err(UsageError::AddressWithoutKey(address.clone())),
                found => found,
            };
            named.push((bucket, rest.to_owned()));
        }
        match (self.bucket, self.key) {
            (Some(name), Some(key)) if !key.is_empty() || self.recursive => {
                named.push((bucket(&name).map_err(refused)?, key));
            }
            (Some(_), Some(_)) => return Err(UsageError::EmptyKey),
            (Some(name), None) if self.recursive => named.push((bucket(&name).map_err(refused)?, String::new())),
            (Some(_), None) => return Err(UsageError::BucketWithoutKey),
            (None, _) => {}
        }
        if listed && !named.is_empty() {
            let under =
                |(bucket, prefix)| ListingScope { bucket, prefix, exact: !self.recursive, versions: self.all_versions };
            return Ok(ObjectSelection::Under(named.into_iter().map(under).collect()));
        }
        let mut objects: Vec<ObjectId> =
            named.into_iter().map(|(bucket, key)| ObjectId { bucket, key, version_id: None }).collect();
        if let Some(version) = self.version_id {
            let version = VersionId::new(version).map_err(refused)?;
            let [object] = objects.as_mut_slice() else {
                return Err(UsageError::VersionWithoutAddress(objects.len()));
            };
            object.version_id = Some(version);
        }
        Ok(ObjectSelection::Named(objects))
    }
}

fn refused(error: AddressError) -> UsageError {
    match error {
        AddressError::AccessPoint(name) => UsageError::AccessPoint(name),
        error => UsageError::Address(error),
    }
}
