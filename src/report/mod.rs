//! Reads inventory reports from where they are: S3 or the file system.
//!
//! [`newest_in_bucket`] and [`newest_in_folder`] find the newest report. [`Report::open_s3`] and [`Report::open_local`] read
//! and check the manifest. [`Report::tally`] reads several data files at once, and checks each one to its last byte before
//! its sums count. Memory stays below [`ReadOptions::memory`]. The crate `s3_inventory` parses the bytes.

mod address;
mod columnar_files;
mod columns;
mod counted;
mod csv_files;
mod data_file;
mod error;
mod figures;
mod find;
mod first_seen;
mod folders;
mod footers;
mod inflating;
mod listed;
mod memory;
mod opened;
mod pair;
mod record_store;
mod records;
mod remote;
#[expect(clippy::module_inception, reason = "the report itself")]
mod report;
mod run;
mod scan;
mod second_reading;
mod stored_file;
mod sums;
mod symlink;
mod tally;

pub(crate) use address::ReportAddress;
pub use error::ReportError;

pub(crate) use find::{NewestReport, newest_in_bucket, newest_in_folder};
pub(crate) use folders::find_beside;
pub(crate) use footers::FooterCounts;
pub(crate) use memory::LEAST_MEMORY;
pub(crate) use pair::{PairComparison, PairError, PairQuestion, ReportPair};
pub(crate) use report::{ReadOptions, Report};
pub(crate) use run::Progress;
pub(crate) use second_reading::SecondLook;
