//! A report whose rows an engine adds up: what the engine is given, and what its figures are held against.

use s3_inventory::Damage;

use super::error::{ReportError, SymlinkError};
use super::footers::FooterCounts;
use super::report::{Report, ReportLocation};
use crate::audit::{Dimension, Expected, FigureSums, Groups, Question, Tally};
use crate::export::ExportClasses;
use crate::model::{Bucket, Failure};
use crate::s3::S3Store;
use crate::sql::{Dialect, FilePlace, SqlError, SqlExport, SqlReport, Statements, question_hash, statements};

/// Why a question can't be put to an engine.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QuestionError {
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Sql(#[from] SqlError),
    #[error(transparent)]
    Symlink(#[from] SymlinkError),
    /// A file of the report could not be read from S3.
    #[error(transparent)]
    Store(#[from] Failure),
}

impl Report {
    /// The statements with which an engine answers a question about this report, for one run or for any, and exports objects.
    pub(crate) fn sql(
        &self,
        question: &Question,
        dialect: Dialect,
        run: Option<&str>,
        export: Option<&SqlExport<ExportClasses>>,
    ) -> Result<Statements, QuestionError> {
        self.grouping(question).map_err(ReportError::from)?;
        let files = self.places()?;
        Ok(statements(&self.sql_report(&files), question, dialect, run, export)?)
    }

    /// The store and the bucket of a report in S3.
    pub(crate) fn in_s3(&self) -> Option<(&S3Store, &Bucket)> {
        match &self.location {
            ReportLocation::S3 { store, bucket } => Some((store, bucket)),
            ReportLocation::Local(_) => None,
        }
    }

    /// Empty sums for the figures of a question, which must be those of the footers, where these were read.
    pub(crate) fn figure_sums(
        &self,
        question: &Question,
        footers: Option<FooterCounts>,
    ) -> Result<FigureSums, ReportError> {
        let (mut grouping, _) = self.grouping(question)?;
        // Engines decode keys.
        grouping.encoded = false;
        let mark = question_hash(&self.sql_report(&[]), question);
        let expected = Expected {
            mark,
            files: footers.map_or(self.manifest.files.len() as u64, |footers| footers.files),
            rows: footers.map(|footers| footers.rows),
            has_times: self.columns.last_modified.is_some(),
        };
        Ok(FigureSums::new(self.empty_tally(question, &grouping), &question.by, expected))
    }

    /// Checks figures as the sums of rows are checked.
    pub(crate) fn check_figures(&self, tally: &Tally) -> Result<(), Damage> {
        self.check_markers(tally)
    }

    /// Groups without sums, for keys that an engine has decoded.
    pub(crate) fn empty_groups(&self, by: &[Dimension]) -> Groups {
        let (mut grouping, _) = self.group_memory(by, false);
        grouping.encoded = false;
        Groups::new(&grouping, self.manifest.scanned_at, true)
    }

    /// The report as statements name it.
    pub(crate) fn sql_report<'a>(&'a self, files: &'a [FilePlace]) -> SqlReport<'a> {
        SqlReport { name: &self.name, manifest: &self.manifest, columns: &self.columns, files }
    }

    /// Where all data files are.
    pub(crate) fn places(&self) -> Result<Vec<FilePlace>, QuestionError> {
        let files = self.manifest.files.iter();
        let place = |file: &s3_inventory::DataFile| match &self.location {
            ReportLocation::S3 { bucket, .. } => {
                Ok(FilePlace::S3 { bucket: bucket.to_string(), key: file.key.clone() })
            }
            ReportLocation::Local(folders) => {
                let path = folders.find(&file.key).map_err(|damage| ReportError::from(damage.of(file)))?;
                let text = path.to_str().ok_or_else(|| SqlError::FileName(path.display().to_string()))?;
                Ok(FilePlace::Local(text.to_owned()))
            }
        };
        files.map(place).collect()
    }
}
