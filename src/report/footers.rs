//! Checks that every columnar data file has the columns that a question needs, before an engine reads them, and that every CSV file
//! has its size.
//!
//! Spark and Athena answer NULL for a column that a file lacks: a silent zero. Only footers are read here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{TryStreamExt, stream};
use s3_inventory::{Batch, Columns, CsvPiece, CsvReader, FileFormat};

use super::data_file::check_body;
use super::error::ReportError;
use super::report::{Report, ReportLocation};
use super::run::{BatchRefusal, Progress, RowTaker, TextTaken};

/// Memory for a footer.
const FOOTER: u64 = 4 << 20;

struct FooterTaker {
    wanted: Vec<&'static str>,
    counts: FooterCounts,
}

/// What the footers of all data files say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct FooterCounts {
    pub(crate) rows: u64,
    /// Files that have rows.
    pub(crate) files: u64,
}

impl RowTaker for FooterTaker {
    const COLUMNS: u64 = FOOTER;
    const WAITING: usize = 16;

    fn wanted<'a>(&self, _: &'a Columns) -> Vec<&'a str> {
        self.wanted.clone()
    }

    fn take_text(&mut self, _: &mut CsvReader<'_>, _: CsvPiece<'_>, _: bool) -> TextTaken {
        Ok(())
    }

    fn wants_rows(&mut self, claimed: u64) -> bool {
        self.counts.rows = self.counts.rows.saturating_add(claimed);
        self.counts.files += u64::from(claimed > 0);
        false
    }

    fn take_batch(&mut self, _: &Batch<'_>) -> Result<(), BatchRefusal> {
        Ok(())
    }
}

impl Report {
    /// Checks the columns of every columnar file, and counts rows. `None` for CSV, where files have no columns of their own, and only
    /// their sizes are checked.
    pub(crate) async fn check_footers(
        self: &Arc<Self>,
        wanted: &[&'static str],
        stop: Arc<AtomicBool>,
        progress: Progress,
    ) -> Result<Option<FooterCounts>, ReportError> {
        if self.manifest.format == FileFormat::Csv {
            self.check_sizes(&stop).await?;
            return Ok(None);
        }
        let taker = || FooterTaker { wanted: wanted.to_vec(), counts: FooterCounts::default() };
        let takers = self.scan(0, taker, stop, progress).await?;
        Ok(Some(takers.iter().fold(FooterCounts::default(), |sum, taker| FooterCounts {
            rows: sum.rows.saturating_add(taker.counts.rows),
            files: sum.files + taker.counts.files,
        })))
    }

    /// Checks the size of every data file. Without its last gzip member, a file is still valid.
    async fn check_sizes(&self, stop: &AtomicBool) -> Result<(), ReportError> {
        let files = stream::iter((0..self.manifest.files.len()).map(Ok));
        let check = |at: usize| async move {
            let file = &self.manifest.files[at];
            if stop.load(Ordering::Relaxed) {
                return Err(ReportError::Stopped);
            }
            match &self.location {
                ReportLocation::Local(folders) => drop(self.open_local_file(folders, at)?),
                ReportLocation::S3 { store, bucket } if file.size > 0 => {
                    let body = store.get_part(bucket, &file.key, 0..1, None, "the size of a data file").await?;
                    check_body(body, bucket, file)?;
                }
                ReportLocation::S3 { .. } => {}
            }
            Ok(())
        };
        files.try_for_each_concurrent(self.options.downloads.max(1), check).await
    }
}
