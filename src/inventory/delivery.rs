//! Which of the folders that S3 delivers reports into has the newest complete report.
//!
//! A configuration's folder holds one `YYYY-MM-DDTHH-MMZ/` per report, named for the time its scan began, and beside them
//! `data/` and `hive/` ("Locating your inventory list" in the S3 User Guide). S3 writes manifest.checksum last: a report
//! without it is not complete.

use std::collections::BTreeSet;
use std::fmt;

use s3_inventory::folder_time;

/// How many other folders a message names.
const MOST_SHOWN: usize = 5;

/// What is directly in a folder, as far as it matters for finding reports.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    manifest: bool,
    dated: BTreeSet<String>,
    others: BTreeSet<String>,
    more: bool,
}

impl Listing {
    /// Adds one name in the folder. A name with a slash counts as its first folder.
    pub(crate) fn add(&mut self, name: &str) {
        match name.split_once('/') {
            None => self.manifest |= name == "manifest.json",
            Some((folder, _)) if folder_time(folder).is_some() => {
                self.dated.insert(folder.to_owned());
            }
            Some((folder, _)) if self.others.contains(folder) => {}
            Some((folder, _)) if self.others.len() < MOST_SHOWN => {
                self.others.insert(folder.to_owned());
            }
            Some(_) => self.more = true,
        }
    }

    pub(crate) fn has_manifest(&self) -> bool {
        self.manifest
    }

    /// The report folders whose names sort before `before`. Names sort like their times.
    pub(crate) fn newest_first(&self, before: Option<&str>) -> impl Iterator<Item = &str> {
        let dated = self.dated.iter().rev().map(String::as_str);
        dated.filter(move |name| before.is_none_or(|before| *name < before))
    }

    /// The error after every dated folder was looked into.
    pub(crate) fn no_report(&self, place: &str, before: Option<&str>, skipped: &[Skipped]) -> NoReport {
        let place = place.to_owned();
        match (skipped.first(), before) {
            (Some(newest), before) => {
                let before = before.map(|before| format!(" from before {before}")).unwrap_or_default();
                let place = format!("{place}{before}");
                NoReport::NotDelivered { place, folders: skipped.len(), newest: newest.clone() }
            }
            (None, Some(before)) if !self.dated.is_empty() => {
                NoReport::NoneBefore { place, folders: self.dated.len(), before: before.to_owned() }
            }
            (None, _) => {
                let others = self.others.iter().map(|name| format!("{name}/"));
                let more = self.more.then(|| "…".to_owned());
                NoReport::NoFolder { place, others: others.chain(more).collect() }
            }
        }
    }
}

/// How far a report is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    Whole,
    /// manifest.checksum, which S3 writes last, is missing.
    UnderWay,
    /// manifest.checksum exists and manifest.json does not: it was deleted.
    NoManifest,
}

impl Delivery {
    /// Decides by which of the two files a report's folder has.
    pub fn of(manifest: bool, checksum: bool) -> Self {
        match (manifest, checksum) {
            (true, true) => Self::Whole,
            (_, false) => Self::UnderWay,
            (false, true) => Self::NoManifest,
        }
    }
}

/// A dated folder without a complete report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The folder's address or path.
    pub folder: String,
    pub delivery: Delivery,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.delivery {
            Delivery::Whole => "is complete",
            Delivery::UnderWay => "is being delivered: it has no manifest.checksum yet, which S3 writes last",
            Delivery::NoManifest => "has a manifest.checksum and no manifest.json",
        };
        write!(f, "{} {why}", self.folder)
    }
}

/// Why no report was found under `place`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoReport {
    #[error(
        "there is neither a manifest.json nor a report folder (YYYY-MM-DDTHH-MMZ/) directly under {place}{}",
        next_step(place, others)
    )]
    NoFolder { place: String, others: Vec<String> },
    #[error(
        "no report under {place} is older than {before} ({folders} dated folder{} there): name an older report, or compare when S3 has delivered the next one",
        if *folders == 1 { "" } else { "s" }
    )]
    NoneBefore { place: String, folders: usize, before: String },
    #[error(
        "no report under {place} is completely delivered: of {folders} dated folder{} none has manifest.json and manifest.checksum; the newest, {newest}; {}",
        if *folders == 1 { "" } else { "s" },
        until_delivered(place)
    )]
    NotDelivered { place: String, folders: usize, newest: Skipped },
}

fn is_in_s3(place: &str) -> bool {
    place.starts_with("s3://")
}

fn until_delivered(place: &str) -> &'static str {
    match is_in_s3(place) {
        true => "try again later, or find out why S3 no longer delivers (the policy of that bucket, its KMS key)",
        false => "copy the whole report, with manifest.json and manifest.checksum",
    }
}

fn next_step(place: &str, others: &[String]) -> String {
    if others.is_empty() && !is_in_s3(place) {
        return "; name the folder that holds manifest.json or the dated folders".to_owned();
    }
    if others.is_empty() {
        return "; S3 delivers the first report of a configuration within 48 hours: check bucket and prefix".to_owned();
    }
    format!(
        ", only {}; S3 delivers to s3://BUCKET/PREFIX/SOURCE/CONFIG/: name that folder, or give --bucket SOURCE",
        others.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(names: &[&str]) -> Listing {
        let mut listing = Listing::default();
        names.iter().for_each(|name| listing.add(name));
        listing
    }

    #[test]
    fn the_newest_comes_first_and_siblings_do_not_count() {
        let found = listing(&[
            "data/",
            "2026-11-20T01-00Z/",
            "hive/",
            "2026-11-21T01-00Z/manifest.json",
            "2025-12-31T23-00Z/",
            "2026-11-22T01-00Z",
            "notes.txt",
        ]);
        let order: Vec<&str> = found.newest_first(None).collect();
        assert_eq!(order, ["2026-11-21T01-00Z", "2026-11-20T01-00Z", "2025-12-31T23-00Z"]);
        let before = |name| found.newest_first(Some(name)).next();
        assert_eq!(before("2026-11-21T01-00Z"), Some("2026-11-20T01-00Z"));
        assert_eq!(before("2026-11-21T01-01Z"), Some("2026-11-21T01-00Z"));
        assert_eq!(before("2025-12-31T23-00Z"), None);
        assert!(!found.has_manifest());
        assert!(listing(&["manifest.json", "manifest.checksum"]).has_manifest());
        assert!(!listing(&["data/manifest.json", "old-manifest.json"]).has_manifest());
    }

    #[test]
    fn a_report_is_complete_with_both_files() {
        for (manifest, checksum, delivery) in [
            (true, true, Delivery::Whole),
            (true, false, Delivery::UnderWay),
            (false, false, Delivery::UnderWay),
            (false, true, Delivery::NoManifest),
        ] {
            assert_eq!(Delivery::of(manifest, checksum), delivery);
        }
    }

    #[test]
    fn the_error_names_what_was_found_instead() {
        let none = listing(&[]).no_report("s3://b/p/", None, &[]).to_string();
        assert!(none.contains("directly under s3://b/p/; S3 delivers the first report"), "{none}");
        let others =
            listing(&["a/", "b/x", "b/y", "c/", "d/", "e/", "f/"]).no_report("s3://b/", Some("x"), &[]).to_string();
        assert!(others.contains(", only a/ b/ c/ d/ e/ …; S3 delivers to"), "{others}");
        let under_way = Skipped { folder: "s3://b/p/x/".into(), delivery: Delivery::UnderWay };
        let one = listing(&[]).no_report("s3://b/p/", None, std::slice::from_ref(&under_way)).to_string();
        assert!(one.contains("of 1 dated folder none") && one.contains("x/ is being delivered"), "{one}");
        let broken = Skipped { folder: "s3://b/p/y/".into(), delivery: Delivery::NoManifest };
        let two = listing(&[]).no_report("s3://b/p/", Some("x"), &[broken, under_way]).to_string();
        let newer = listing(&["2026-11-20T01-00Z/"]).no_report("s3://b/p/", Some("2026-11-20T01-00Z"), &[]).to_string();
        assert!(newer.contains("is older than 2026-11-20T01-00Z (1 dated folder there)"), "{newer}");
        assert!(
            two.contains("s3://b/p/ from before x is completely delivered: of 2 dated folders none")
                && two.contains("y/ has a manifest.checksum"),
            "{two}"
        );
    }
}
