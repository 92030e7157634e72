//! The resolved arguments of `reconcile`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};

use super::super::engines::RowSource;
use super::super::reports::{ExportOptions, MaxAge, ReadChoice, ReportChoice};
use crate::audit::{Dimension, Limits};
use crate::reconcile::PairClass;
use crate::report::ReportAddress;
use crate::s3::ClientSettings;
use crate::sql::{Dialect, SqlExport};
use crate::status::{DestinationOption, same_endpoint};

/// Where the two reports are.
#[derive(Debug)]
pub(crate) enum SideOptions {
    /// Both are named or known.
    Both { source: ReportChoice, destination: ReportChoice },
    /// The destination is the one that the rules of the source bucket name.
    ByRules { source: ReportChoice, destination_id: Option<String> },
}

impl SideOptions {
    /// The addresses of the reports that are named.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &ReportAddress> {
        let (source, destination) = match self {
            Self::Both { source, destination } => (source, Some(destination)),
            Self::ByRules { source, .. } => (source, None),
        };
        [Some(source), destination].into_iter().flatten().filter_map(ReportChoice::address)
    }
}

#[derive(Debug)]
pub(crate) struct ReconcileOptions {
    pub(crate) sides: SideOptions,
    /// How the destination is reached, where it differs from the source.
    pub(crate) destination: Option<DestinationOption>,
    pub(crate) prefix: Option<String>,
    pub(crate) grace: Duration,
    /// Write the statements for an engine instead.
    pub(crate) print_sql: Option<Dialect>,
    /// Who compares the rows.
    pub(crate) rows: RowSource,
    pub(crate) limits: Limits<PairClass>,
    pub(crate) by: Vec<Dimension>,
    /// The number of groups that are shown, the worst first.
    pub(crate) top: usize,
    /// An older result, as json.
    pub(crate) since: Option<PathBuf>,
    pub(crate) max_age: Option<MaxAge>,
    pub(crate) export: Option<ExportOptions<Vec<PairClass>>>,
    /// The objects that an engine exports, and the folder for its own new folder.
    pub(crate) folder_export: Option<SqlExport<Vec<PairClass>>>,
    /// Check the objects of exceeded classes with HEAD, up to this number.
    pub(crate) confirm: Option<u64>,
    pub(crate) read: ReadChoice,
    /// Read columnar files whole, so that their MD5 is checked too.
    pub(crate) whole: bool,
    /// For rows that do not fit in memory.
    pub(crate) temp_dir: PathBuf,
}

impl ReconcileOptions {
    /// Refuses a destination that is reached as another server or with other credentials: Athena reads both reports with those
    /// of the caller. It reads buckets of other Regions.
    pub(super) fn check_one_connection(&self, source: &ClientSettings) -> Result<()> {
        let Some(at) = &self.destination else { return Ok(()) };
        if at.endpoint.is_some() && !same_endpoint(at.endpoint.as_deref(), source.endpoint_url.as_deref()) {
            bail!(
                "Athena reads both reports through one connection, and --destination has another endpoint: use --engine spark or --engine local"
            );
        }
        if at.profile.is_some() && at.profile != source.profile {
            bail!(
                "Athena reads both reports with the same credentials, and --destination has another profile: give --profile with credentials that may read both, or use --engine spark or --engine local"
            );
        }
        Ok(())
    }

    /// The settings for requests to the destination.
    pub(super) fn destination_settings(&self, source: &ClientSettings) -> ClientSettings {
        self.destination.as_ref().map_or_else(|| source.clone(), |at| source.at(at))
    }
}
