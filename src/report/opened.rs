//! Opens the data files of a report: the same files in every reading.

use std::fs::File;
use std::sync::Arc;

use super::data_file::{open_in_s3, open_local};
use super::error::ReportError;
use super::folders::LocalFolders;
use super::report::Report;
use crate::model::Bucket;
use crate::s3::{Body, S3Store};

impl Report {
    /// Opens the local data file at this index of the manifest.
    pub(super) fn open_local_file(&self, folders: &LocalFolders, at: usize) -> Result<File, ReportError> {
        let file = &self.manifest.files[at];
        let opened = open_local(folders, file)?;
        self.seen.check_local(at, file, &opened)?;
        Ok(opened)
    }

    /// Opens the data file in S3 at this index of the manifest.
    pub(super) async fn open_s3_file(
        &self,
        store: &Arc<S3Store>,
        bucket: &Bucket,
        at: usize,
    ) -> Result<Body, ReportError> {
        let file = &self.manifest.files[at];
        let body = open_in_s3(store, bucket, file).await?;
        body.etag.iter().try_for_each(|etag| self.seen.check(at, file, etag))?;
        Ok(body)
    }
}
