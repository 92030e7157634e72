//! Finds the report that a command was asked about: named, the newest in a place, or through the bucket's own
//! inventory configurations.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use s3_answers::InventoryConfiguration;
use s3_inventory::{DamageKind, ManifestError, folder_name, folder_of_manifest, origin_of_folder, origin_of_manifest};

use super::super::Context;
use crate::inventory::{NoChoice, choose, describe};
use crate::model::Bucket;
use crate::output::{MetricSeries, plural};
use crate::report::{
    NewestReport, ReadOptions, Report, ReportAddress, ReportError, newest_in_bucket, newest_in_folder,
};
use crate::s3::{ClientSettings, S3Store};

/// The report to audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReportChoice {
    /// Of this address, or the newest at this address.
    Named {
        address: ReportAddress,
        /// The bucket that it must be about.
        about: Option<Bucket>,
    },
    /// The newest that an inventory configuration of the bucket has delivered.
    Configured {
        bucket: Bucket,
        /// The configuration's name; `None`: the only one that fits.
        id: Option<String>,
        /// The option that names the configuration.
        id_option: &'static str,
    },
}

/// The option that names an inventory configuration.
pub(crate) const ID: &str = "--id";
/// The option that names one of the destination bucket.
pub(crate) const DESTINATION_ID: &str = "--destination-id";

impl ReportChoice {
    /// What is known of the series that a run belongs to before anything is read.
    pub(in crate::commands) fn series(&self) -> MetricSeries {
        let (about, origin, id) = match self {
            Self::Named { address: ReportAddress::Local(_), about } => (about.as_ref(), None, None),
            Self::Named { address: ReportAddress::S3 { key, .. }, about } => {
                (about.as_ref(), origin_of_manifest(key), None)
            }
            Self::Named { address: ReportAddress::Prefix { prefix, .. }, about } => {
                (about.as_ref(), origin_of_folder(prefix), None)
            }
            Self::Configured { bucket, id, .. } => (Some(bucket), None, id.clone()),
        };
        // An address of another bucket than the one that is meant tells nothing of it.
        let about = about.map(Bucket::as_str);
        let origin = origin.filter(|(source, _)| about.is_none_or(|about| about == *source));
        MetricSeries::of_inventory(
            about.or(origin.map(|(source, _)| source)).map(str::to_owned),
            id.or_else(|| origin.map(|(_, configuration)| configuration.to_owned())),
        )
    }

    /// Its address, if that is named.
    pub(in crate::commands) fn address(&self) -> Option<&ReportAddress> {
        match self {
            Self::Named { address, .. } => Some(address),
            Self::Configured { .. } => None,
        }
    }

    /// The bucket that the report must be about.
    pub(in crate::commands) fn about(&self) -> Option<&Bucket> {
        match self {
            Self::Named { about, .. } => about.as_ref(),
            Self::Configured { bucket, .. } => Some(bucket),
        }
    }
}

/// A report that was found, not read yet.
#[derive(Debug)]
pub(in crate::commands) struct LocatedReport {
    manifest: ManifestPlace,
    rank: ReportRank,
    /// The configuration that it comes from, where that was read.
    pub(in crate::commands) configuration: Option<InventoryConfiguration>,
}

/// Whether there are newer reports in the same place.
#[derive(Debug, Clone, Copy)]
enum ReportRank {
    /// It was named; there may be newer ones.
    Named,
    /// There is no newer one.
    Newest,
    /// The newer ones are not whole.
    NewestWhole,
}

#[derive(Debug)]
enum ManifestPlace {
    S3 { store: Arc<S3Store>, bucket: Bucket, key: String },
    Local(PathBuf),
}

impl LocatedReport {
    /// The series as the configuration names it, or else the address.
    pub(in crate::commands) fn series(&self) -> MetricSeries {
        let name = self.name();
        let origin = origin_of_manifest(&name).map(|(_, configuration)| configuration.to_owned());
        let config = self.configuration.as_ref().map(|configuration| configuration.id.clone()).or(origin);
        MetricSeries::of_inventory(None, config)
    }

    /// The store that it was found through, if it is in S3.
    pub(in crate::commands) fn store(&self) -> Option<&Arc<S3Store>> {
        match &self.manifest {
            ManifestPlace::S3 { store, .. } => Some(store),
            ManifestPlace::Local(_) => None,
        }
    }

    pub(in crate::commands) fn name(&self) -> String {
        match &self.manifest {
            ManifestPlace::S3 { bucket, key, .. } => format!("s3://{bucket}/{key}"),
            ManifestPlace::Local(path) => path.display().to_string(),
        }
    }

    /// manifest.json and what lies beside it, where they are files.
    pub(in crate::commands) fn local_files(&self) -> Vec<PathBuf> {
        match &self.manifest {
            ManifestPlace::S3 { .. } => Vec::new(),
            ManifestPlace::Local(path) => vec![path.clone(), path.with_file_name("manifest.checksum")],
        }
    }

    /// The next step if the report is too old.
    pub(in crate::commands) fn if_too_old(&self) -> &'static str {
        match self.rank {
            ReportRank::Named => "look for a newer report",
            ReportRank::Newest => {
                "it is the newest report there: find out why S3 delivers no newer ones (check the inventory configuration, the policy of the bucket for reports, and its KMS key)"
            }
            ReportRank::NewestWhole => {
                "it is the newest complete report there: try again when a newer one is delivered"
            }
        }
    }

    /// The next step if the report is damaged.
    fn if_damaged(&self, kind: &DamageKind) -> &'static str {
        let is_no_manifest = matches!(kind, DamageKind::Manifest(ManifestError::Json(_)));
        match &self.manifest {
            ManifestPlace::S3 { .. } if is_no_manifest => {
                "name the manifest.json of an inventory report, or use an older report"
            }
            ManifestPlace::Local(_) if is_no_manifest => {
                "name the manifest.json of a report, or the folder that has it"
            }
            ManifestPlace::S3 { .. } => "use an older report, or wait for the next one",
            ManifestPlace::Local(_) => "copy its files again, or use an older report",
        }
    }

    pub(super) async fn open(&self, read: ReadOptions) -> Result<Report> {
        let report = match &self.manifest {
            ManifestPlace::S3 { store, bucket, key } => {
                Report::open_s3(Arc::clone(store), bucket.clone(), key, read).await
            }
            ManifestPlace::Local(path) => {
                // A pipe or a dead file server may block without end, so another thread opens it: the command can still end
                // after a signal.
                let path = path.clone();
                tokio::task::spawn_blocking(move || Report::open_local(&path, read)).await?
            }
        };
        match report {
            Ok(report) => Ok(report),
            Err(ReportError::Damaged(damage)) => {
                bail!("the report {} can't be trusted: {damage}; {}", self.name(), self.if_damaged(&damage.kind))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Finds the report, in S3 with these settings; newer ones that are not whole are mentioned, never waited for.
pub(in crate::commands) async fn locate(
    choice: &ReportChoice,
    settings: &ClientSettings,
    context: &Context,
) -> Result<LocatedReport> {
    match choice {
        ReportChoice::Named { address, .. } => at(address, settings, None, None, context).await,
        ReportChoice::Configured { bucket, id, id_option } => {
            let store = Arc::new(context.connect_with(settings).await?);
            let configuration = configuration(&store, bucket, (id.as_deref(), id_option), context).await?;
            let what =
                || format!("looking for a report of inventory configuration {:?} of bucket {bucket}", configuration.id);
            let to = Bucket::new(&configuration.bucket).with_context(what)?;
            let folder = configuration.folder(bucket.as_str());
            let located = in_bucket(store, to, &folder, None, context).await.with_context(what)?;
            Ok(LocatedReport { configuration: Some(configuration), ..located })
        }
    }
}

/// Finds an older report than the one that was `located` and scanned at that time: the one that is named, or the newest
/// older one of a place.
pub(in crate::commands) async fn locate_older(
    address: &ReportAddress,
    located: &LocatedReport,
    scanned_at: Timestamp,
    context: &Context,
) -> Result<LocatedReport> {
    let (name, at_scan) = (located.name(), folder_name(scanned_at));
    // A folder may be named for a minute before the scan: the report's own is never older than itself.
    let before = folder_of_manifest(&name).map_or(at_scan.as_str(), |own| own.min(&at_scan));
    let store = located.store();
    at(address, &context.client, store, Some(before), context).await
}

/// Finds the report at an address; `store` is what reaches S3 already.
async fn at(
    address: &ReportAddress,
    settings: &ClientSettings,
    store: Option<&Arc<S3Store>>,
    before: Option<&str>,
    context: &Context,
) -> Result<LocatedReport> {
    let connect = async || match store {
        Some(store) => anyhow::Ok(Arc::clone(store)),
        None => Ok(Arc::new(context.connect_with(settings).await?)),
    };
    match address {
        ReportAddress::Local(path) => {
            let (folder, before) = (path.clone(), before.map(str::to_owned));
            let found = tokio::task::spawn_blocking(move || {
                if let (Some(name), Ok(false)) = (folder.to_str(), folder.try_exists())
                    && Bucket::new(name).is_ok()
                    && !name.ends_with(".json")
                {
                    bail!(
                        "there is no file or folder {name}: for the report of bucket {name} give --bucket {name}; for a report in S3 write s3://BUCKET/PREFIX"
                    );
                }
                Ok(newest_in_folder(&folder, before.as_deref())?)
            });
            let found = found.await??;
            let rank = rank(&found, context);
            Ok(LocatedReport { manifest: ManifestPlace::Local(found.manifest), rank, configuration: None })
        }
        ReportAddress::S3 { bucket, key } => {
            let manifest = ManifestPlace::S3 { store: connect().await?, bucket: bucket.clone(), key: key.clone() };
            Ok(LocatedReport { manifest, rank: ReportRank::Named, configuration: None })
        }
        ReportAddress::Prefix { bucket, prefix } => {
            in_bucket(connect().await?, bucket.clone(), prefix, before, context).await
        }
    }
}

async fn in_bucket(
    store: Arc<S3Store>,
    bucket: Bucket,
    prefix: &str,
    before: Option<&str>,
    context: &Context,
) -> Result<LocatedReport> {
    let found = newest_in_bucket(&store, &bucket, prefix, before).await?;
    let rank = rank(&found, context);
    Ok(LocatedReport { manifest: ManifestPlace::S3 { store, bucket, key: found.manifest }, rank, configuration: None })
}

fn rank<A>(found: &NewestReport<A>, context: &Context) -> ReportRank {
    let [newest, others @ ..] = found.newer.as_slice() else {
        return if found.newest { ReportRank::Newest } else { ReportRank::Named };
    };
    let more = match others.len() as u64 {
        0 => String::new(),
        count => format!(" (and {} before it that are not complete)", plural(count, "report")),
    };
    context.printer.note(format!("{newest}{more}; using the newest complete report"));
    ReportRank::NewestWhole
}

/// Chooses the configuration. If none fits, all are printed with what they lack.
async fn configuration(
    store: &S3Store,
    bucket: &Bucket,
    (id, id_option): (Option<&str>, &'static str),
    context: &Context,
) -> Result<InventoryConfiguration> {
    let refuse = |reason: NoChoice, all: &[InventoryConfiguration]| {
        for one in all {
            context.printer.note(format!("  {}", describe(one, bucket.as_str())));
        }
        anyhow::Error::from(reason)
    };
    if let Some(id) = id {
        if let Some(one) = store.inventory_configuration(bucket, id).await? {
            let one = [one];
            return choose(bucket.as_str(), &one, id_option).map_err(|reason| refuse(reason, &one));
        }
        let all = store.inventory_configurations(bucket).await?;
        return Err(refuse(NoChoice::no_such_id(bucket.as_str(), id, &all, id_option), &all));
    }
    let all = store.inventory_configurations(bucket).await?;
    choose(bucket.as_str(), &all, id_option).map_err(|reason| refuse(reason, &all))
}
