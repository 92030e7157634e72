//! Opens data files of any format, and checks their size and MD5.

use std::fs::File;
use std::io;
use std::sync::Arc;

use s3_inventory::{ContentError, Damage, DataFile};

use super::error::{FileDamage, ReportError};
use super::folders::LocalFolders;
use crate::model::Bucket;
use crate::s3::{Body, S3Store};

/// Opens a local data file and checks its size.
pub(super) fn open_local(folders: &LocalFolders, file: &DataFile) -> Result<File, ReportError> {
    let path = folders.find(&file.key).map_err(|damage| damage.of(file))?;
    let opened = File::open(&path).map_err(|error| ReportError::io("opening", &path, error))?;
    let size = opened.metadata().map_err(|error| ReportError::io("looking at", &path, error))?.len();
    check_size(file, size)?;
    Ok(opened)
}

/// Opens a data file in S3 and checks its size.
pub(super) async fn open_in_s3(store: &Arc<S3Store>, bucket: &Bucket, file: &DataFile) -> Result<Body, ReportError> {
    let body = store.get(bucket, &file.key, "a data file of the report").await?;
    check_body(body, bucket, file)
}

/// Checks that there is a body, and the size of its object.
pub(super) fn check_body(body: Option<Body>, bucket: &Bucket, file: &DataFile) -> Result<Body, ReportError> {
    let body = body.ok_or_else(|| FileDamage::NotInBucket(bucket.to_string()).of(file))?;
    if let Some(size) = body.object_size {
        check_size(file, size)?;
    }
    Ok(body)
}

pub(super) fn unreadable(file: &DataFile, error: io::Error) -> Damage {
    FileDamage::Unreadable(error).of(file)
}

pub(super) fn check_size(file: &DataFile, size: u64) -> Result<(), Damage> {
    let (found, expected) = (size, file.size);
    if found == expected {
        Ok(())
    } else {
        Err(Damage::of_file(&file.key, None, ContentError::Size { found, expected }))
    }
}

/// Compares an MD5, if one was computed, with the manifest.
pub(super) fn check_md5(file: &DataFile, found: Option<[u8; 16]>) -> Result<(), Damage> {
    match (found, file.md5) {
        (Some(found), Some(named)) if found != named => Err(Damage::of_file(&file.key, None, ContentError::Md5)),
        _ => Ok(()),
    }
}
