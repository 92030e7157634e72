//! Looking up one version, and the ways in which it can be missing.

use super::{BucketState, Store, Version, VersionId, Versioning};

/// Why a read finds nothing; each has its own answer in S3.
pub(crate) enum ReadMiss {
    Bucket,
    Key,
    /// The current version is this delete marker.
    MarkerIsCurrent(VersionId),
    /// The version asked for is a delete marker.
    MarkerNamed(VersionId, i64),
    Version,
    MalformedId,
}

/// The current version, passing over hidden ones.
pub(crate) fn current(versions: &[Version]) -> Option<&Version> {
    versions.iter().rev().find(|version| !version.hidden)
}

/// The id as headers show it: nothing in a bucket that was never versioned.
pub(crate) fn show_id(bucket: &BucketState, id: VersionId) -> Option<String> {
    (bucket.settings.versioning != Versioning::Never).then(|| id.as_str().to_owned())
}

impl Store {
    /// The version a read names, by id or as the current one; never a delete marker.
    pub(crate) fn find(
        &self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<(&BucketState, &Version), ReadMiss> {
        let bucket = self.buckets.get(bucket).ok_or(ReadMiss::Bucket)?;
        let versions = bucket.objects.get(key).map_or(&[][..], Vec::as_slice);
        let Some(text) = version else {
            let found = current(versions).ok_or(ReadMiss::Key)?;
            if found.marker {
                return Err(ReadMiss::MarkerIsCurrent(found.id));
            }
            return Ok((bucket, found));
        };
        let id = VersionId::parse(text).ok_or(ReadMiss::MalformedId)?;
        let found = versions.iter().rfind(|version| version.id == id).ok_or(ReadMiss::Version)?;
        if found.marker {
            return Err(ReadMiss::MarkerNamed(found.id, found.modified));
        }
        Ok((bucket, found))
    }

    /// The same, to change it.
    pub(crate) fn find_mut(
        &mut self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<&mut Version, ReadMiss> {
        let id = self.find(bucket, key, version)?.1.id;
        self.version_mut(bucket, key, id).ok_or(ReadMiss::Version)
    }

    /// A version by its exact id, markers included.
    pub(crate) fn version_mut(&mut self, bucket: &str, key: &str, id: VersionId) -> Option<&mut Version> {
        self.buckets.get_mut(bucket)?.objects.get_mut(key)?.iter_mut().rfind(|version| version.id == id)
    }
}
