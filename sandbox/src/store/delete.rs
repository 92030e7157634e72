//! Deleting as S3 does it: markers, permanent removal, the trap of Suspended buckets.
//!
//! A condition is compared with the current version only, also when the request names
//! another one: that is what AWS documents and what servers that measured it do.

use s3s::S3Result;

use super::{Store, Version, VersionId, Versioning, current};
use crate::errors::{bad_version_id, locked, no_bucket, no_key, precondition_failed};

/// `If-Match` of a delete, or the ETag of a batch entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Condition {
    Any,
    Etag(String),
}

pub(crate) struct Deleted {
    /// A marker was made, or the version removed was one.
    pub(crate) marker: bool,
    /// The marker made or the version removed, where the bucket shows ids.
    pub(crate) id: Option<VersionId>,
    /// No version was named, so that `id` is a new marker.
    pub(crate) made: bool,
    pub(crate) removed: Vec<VersionId>,
    /// The version that was current until a marker hid it.
    pub(crate) hidden: Option<VersionId>,
}

impl Store {
    /// Carries out one delete, plain or of a named version.
    pub(crate) fn delete(
        &mut self,
        bucket: &str,
        key: &str,
        version: Option<&str>,
        condition: Option<&Condition>,
        bypass: bool,
        now: i64,
    ) -> S3Result<Deleted> {
        let minted = self.mint();
        let state = self.buckets.get_mut(bucket).ok_or_else(no_bucket)?;
        let id = match version {
            None => None,
            Some(text) => Some(VersionId::parse(text).ok_or_else(bad_version_id)?),
        };
        if let Some(condition) = condition {
            let versions = state.objects.get(key).map_or(&[][..], Vec::as_slice);
            check(condition, current(versions))?;
        }
        match (id, state.settings.versioning) {
            (Some(id), _) => self.delete_version(bucket, key, id, bypass, now),
            (None, Versioning::Never) => {
                let removed = ids(state.objects.remove(key).as_deref().unwrap_or_default());
                Ok(Deleted { marker: false, id: None, made: false, removed, hidden: None })
            }
            (None, versioning) => {
                let id = match versioning {
                    Versioning::Enabled => minted,
                    // The trap: pushing a null marker removes the null version permanently.
                    Versioning::Suspended | Versioning::Never => VersionId::NULL,
                };
                let before = state.objects.get(key).map_or(&[][..], Vec::as_slice);
                let hidden = current(before).filter(|version| !version.marker).map(|version| version.id);
                // No version has a new id yet; `null` replaces the version that had it.
                let removed = ids(before).into_iter().filter(|old| *old == id).collect();
                state.push(key, Version::marker(id, now));
                self.replicate_marker(bucket, key, id);
                Ok(Deleted { marker: true, id: Some(id), made: true, removed, hidden })
            }
        }
    }

    fn delete_version(&mut self, bucket: &str, key: &str, id: VersionId, bypass: bool, now: i64) -> S3Result<Deleted> {
        let stays = self.dialect.delete_204_but_readable;
        let mut done = Deleted { marker: false, id: Some(id), made: false, removed: Vec::new(), hidden: None };
        let Some(version) = self.version_mut(bucket, key, id) else {
            // A missing version is deleted with success, as a missing key is.
            return Ok(done);
        };
        if version.locked(now, bypass) {
            return Err(locked());
        }
        done.marker = version.marker;
        done.removed.push(id);
        if stays && !version.marker {
            version.hidden = true;
            version.status = super::Status::Absent;
        } else {
            self.remove(bucket, key, id);
        }
        if !done.marker {
            self.replicate_version_delete(bucket, key, id);
        }
        Ok(done)
    }

    /// Takes a version out, and the key with its last one.
    pub(crate) fn remove(&mut self, bucket: &str, key: &str, id: VersionId) {
        let Some(state) = self.buckets.get_mut(bucket) else { return };
        if let Some(versions) = state.objects.get_mut(key) {
            versions.retain(|version| version.id != id);
            if versions.is_empty() {
                state.objects.remove(key);
            }
        }
    }
}

fn ids(versions: &[Version]) -> Vec<VersionId> {
    versions.iter().map(|version| version.id).collect()
}

fn check(condition: &Condition, current: Option<&Version>) -> S3Result<()> {
    match (condition, current) {
        (_, None) => Err(no_key()),
        (_, Some(version)) if version.marker => Err(precondition_failed()),
        (Condition::Any, Some(_)) => Ok(()),
        (Condition::Etag(etag), Some(version)) if *etag == version.etag.to_string() => Ok(()),
        (Condition::Etag(_), Some(_)) => Err(precondition_failed()),
    }
}
