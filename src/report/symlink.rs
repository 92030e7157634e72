//! `symlink.txt`, which S3 writes beside each report: Athena reads the data files that it lists, and not the manifest.

use s3_inventory::DataFile;

use super::error::SymlinkError;
use super::figures::QuestionError;
use super::report::{Report, ReportLocation};
use crate::sql::{SqlError, symlink_folder};

impl Report {
    /// Checks that Athena will read the data files of the manifest, each once.
    pub(crate) async fn check_symlink(&self) -> Result<(), QuestionError> {
        let ReportLocation::S3 { store, bucket } = &self.location else { return Err(SqlError::AthenaLocal.into()) };
        let places = self.places()?;
        let name = format!("{}symlink.txt", symlink_folder(&self.sql_report(&places))?);
        let base = format!("s3://{bucket}/");
        let key = name.strip_prefix(&base).ok_or_else(|| SqlError::NoSymlink(self.name.clone()))?;
        let address = |file: &DataFile| format!("{base}{}", file.key);
        let mut expected: Vec<String> = self.manifest.files.iter().map(address).collect();
        // Each line may end in CR LF, and the last line in several.
        let longest = expected.iter().map(|line| line.len() + 2).sum::<usize>() + 64;
        let body = store.get(bucket, key, "the data files that Athena reads").await?;
        let text = body.ok_or_else(|| SymlinkError::Absent(name.clone()))?.read_to_end(longest).await?;
        let mut lines: Vec<&[u8]> =
            text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).filter(|line| !line.is_empty()).collect();
        lines.sort_unstable();
        expected.sort_unstable();
        match lines.into_iter().eq(expected.iter().map(String::as_bytes)) {
            true => Ok(()),
            false => Err(SymlinkError::OtherFiles(name).into()),
        }
    }
}
