//! The answer about a bucket, as every format shows it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::ages::PendingAge;
use super::change::{Amount, Compared};
use super::class::LimitClass;
use super::confirm::Confirmed;
use super::dimension::Dimension;
use super::limits::{LimitResult, Limits, confirm, evaluate, passes, verdict};
use super::previous::{OlderReport, RowsChange, WordTotals};
use super::tally::{Filter, Tally};
use super::totals::{Overdue, StatusTotals};
use super::uncovered::UncoveredObjects;
use super::worst::{GroupTotals, Grouped, worst};
use crate::coverage::KeyRules;
use crate::exit::ExitStatus;
use crate::model::{Overflow, ReplicationStatus, StatusClass, escape, human_count, plural};

/// How the files were checked: the weakest check of any file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verified {
    /// The MD5 of every file is the manifest's.
    Md5,
    /// S3 lists every file with an ETag that is its MD5 in the manifest, and all that was read of it was read on
    /// condition of that ETag.
    Etag,
    /// The structure of columnar files, of which only parts were fetched.
    Footer,
    /// Sizes and the formats' own integrity only.
    None,
}

/// What the inventory configuration includes today. It may have been changed after the report was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Scope")]
pub(crate) struct ReportScope {
    /// The prefix of the keys.
    pub prefix: Option<String>,
    /// `All` or `Current`.
    pub versions: String,
}

/// The report that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ReportFacts {
    /// The bucket that was scanned.
    pub source_bucket: String,
    /// The bucket that the report was delivered to.
    pub destination_bucket: String,
    /// Address or path of the manifest.
    pub manifest: String,
    /// When the scan began.
    pub scanned_at: Timestamp,
    /// S3's word for the format.
    #[schemars(extend("enum" = ["CSV", "ORC", "Parquet"]))]
    pub format: &'static str,
    /// Data files.
    pub files: u64,
    /// Their bytes as stored.
    pub bytes: u64,
    /// How long ago the scan began; negative if the clocks disagree.
    pub age_seconds: i64,
    /// `None` if the configuration was not read.
    pub scope: Option<ReportScope>,
    /// Whether it lists all versions.
    #[serde(skip)]
    pub has_versions: bool,
    /// The version of the manifest, quoted, if it is not known whether such reports list a whole bucket.
    #[serde(skip)]
    pub unknown_version: Option<String>,
    /// How the files were checked.
    pub verified: Verified,
    /// Where the figures come from, if another program added up the rows. Left out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<String>,
}

impl ReportFacts {
    /// What the report does not cover, in sentences; empty if nothing is known to be left out.
    pub(crate) fn leaves_out(&self) -> Vec<String> {
        let prefix = self.scope.as_ref().and_then(|scope| scope.prefix.as_ref());
        let prefix = prefix.map(|prefix| format!("the report leaves out keys outside prefix {prefix}"));
        let versions = (!self.has_versions).then(|| {
            "the report is of current versions only: it leaves out older versions and delete markers".to_owned()
        });
        prefix.into_iter().chain(versions).chain(self.unknown_version.as_deref().map(unknown_version_text)).collect()
    }
}

/// The warning about a manifest version that replaudit does not know.
pub(crate) fn unknown_version_text(version: &str) -> String {
    format!(
        "the manifest has version {version}, which replaudit does not know: the report may not list the whole bucket"
    )
}

/// The options of an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    pub filter: Filter,
    /// Pending for longer than this many seconds is overdue.
    pub overdue_seconds: i64,
    pub limits: Limits,
    pub by: Vec<Dimension>,
    /// The number of groups of one dimension that are shown, the worst first.
    pub top: usize,
    /// Whether two reports are compared, whose groups share the memory.
    pub compared: bool,
    /// The rules of today, for `--by rule`.
    pub rules: Option<Arc<KeyRules>>,
}

/// The answer about a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Audit {
    /// What this document is: `replaudit.inventory/1`.
    #[schemars(extend("const" = "replaudit.inventory/1"))]
    pub schema: &'static str,
    /// The report that was read.
    pub report: ReportFacts,
    /// Every row.
    pub rows_scanned: u64,
    /// Rows that passed the filters: delete markers and the objects of all statuses.
    pub rows: u64,
    /// Delete markers among them.
    pub delete_markers: u64,
    /// Delete markers that have a replication status, per word of S3. They are not counted in `statuses`. Left out if
    /// there are none, as in reports of S3.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub delete_marker_statuses: BTreeMap<String, u64>,
    /// The rows of the older report, if one is compared.
    #[serde(flatten)]
    pub since: Option<RowsChange>,
    /// Per word of S3, `NONE` for none.
    #[schemars(with = "BTreeMap<String, Compared<StatusTotals>>")]
    pub statuses: BTreeMap<ReplicationStatus, Compared<StatusTotals>>,
    /// `None` where pending rows have no date.
    pub overdue: Option<Compared<Overdue>>,
    /// Pending objects by age when the scan began, youngest first; null where pending rows have no date.
    pub pending_ages: Option<Vec<PendingAge>>,
    pub grouped: Vec<Grouped>,
    /// The worst groups of each dimension.
    pub groups: Vec<GroupTotals>,
    /// With `--by rule`: objects without a status although a rule applies to their keys today, by rule and by what the report
    /// shows of the cause, most objects first. Left out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncovered: Option<Vec<UncoveredObjects>>,
    /// Every limit and its result.
    pub limits: Vec<LimitResult>,
    /// `pass` or `fail`.
    #[schemars(extend("enum" = ["pass", "fail"]))]
    pub verdict: &'static str,
}

/// Why a complete report gives no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unanswerable {
    /// No row passed the filters, or nothing but delete markers.
    #[error("no object of the report is selected ({} in all{}", plural(*.scanned, "row"), match (*.markers, *.scanned) {
        (0, 0) => ")",
        (0, _) => "): check --prefix and --current",
        _ => "): the rows in scope are delete markers, which have no status",
    })]
    Empty { scanned: u64, markers: u64 },
    #[error(transparent)]
    Overflow(#[from] Overflow),
    #[error(
        "{} without LastModifiedDate, so the number of overdue objects is not known: select Last modified date in the inventory configuration, or give --fail-on overdue:off",
        plural(*.0, "pending object")
    )]
    Undated(u64),
    #[error("the older report {manifest} gives nothing to compare with: {why}")]
    Older {
        /// Address or path of its manifest.
        manifest: String,
        why: Box<Unanswerable>,
    },
}

impl Unanswerable {
    /// Whether the only reason is that one of the reports has no object in scope.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Empty { .. } => true,
            Self::Undated(_) | Self::Overflow(_) => false,
            Self::Older { why, .. } => why.is_empty(),
        }
    }
}

impl Audit {
    pub(crate) fn exit(&self) -> ExitStatus {
        if passes(&self.limits) { ExitStatus::Yes } else { ExitStatus::No }
    }

    /// How many delete markers have a replication status, and which; `None` where none has.
    pub(crate) fn markers_with_status(&self) -> Option<String> {
        let markers = self.delete_marker_statuses.values().fold(0u64, |sum, more| sum.saturating_add(*more));
        let have = if markers == 1 { "delete marker has" } else { "delete markers have" };
        (markers > 0).then(|| {
            format!("{} {have} a replication status ({})", human_count(markers), per_word(&self.delete_marker_statuses))
        })
    }

    /// Compares the confirmed counts with their limits; `actual` stays the report's figure.
    pub(crate) fn confirmed(mut self, of: &[(LimitClass, Confirmed)]) -> Self {
        let objects = self.objects();
        confirm(&mut self.limits, of, objects);
        self.verdict = verdict(&self.limits);
        self
    }

    /// Versions that have a status or lack one: rows without delete markers.
    pub(crate) fn objects(&self) -> u64 {
        self.rows - self.delete_markers
    }
}

/// Counts per word: `FAILED: 3, PENDING: 1`.
pub(crate) fn per_word(counts: &BTreeMap<String, u64>) -> String {
    let counts: Vec<String> =
        counts.iter().map(|(word, count)| format!("{}: {}", escape(word), human_count(*count))).collect();
    counts.join(", ")
}

/// Checks that the sums of one report can answer the question.
fn check(tally: &Tally, question: &Question, allow_empty: bool) -> Result<(), Unanswerable> {
    // Delete markers alone prove nothing.
    if tally.rows == tally.delete_markers && !allow_empty {
        return Err(Unanswerable::Empty { scanned: tally.rows_scanned, markers: tally.delete_markers });
    }
    if tally.undated_pending > 0 && !question.limits.is_off(LimitClass::Overdue) {
        return Err(Unanswerable::Undated(tally.undated_pending));
    }
    Ok(())
}

/// The overdue objects; `None` if a pending row has no date, since it may be overdue or not.
fn overdue(tally: &Tally) -> Option<Overdue> {
    (tally.undated_pending == 0).then(|| tally.overdue())
}

/// The objects of a class in one report.
fn objects(
    statuses: &BTreeMap<ReplicationStatus, StatusTotals>,
    overdue: Option<&Overdue>,
    uncovered: Option<u64>,
    class: LimitClass,
) -> Option<u64> {
    let of_class = |class: StatusClass| {
        let words = statuses.iter().filter(|(status, _)| status.class() == class);
        Some(words.map(|(_, totals)| totals.objects).sum())
    };
    match class {
        LimitClass::Failed => of_class(StatusClass::Failed),
        LimitClass::Overdue => overdue.map(|overdue| overdue.objects),
        LimitClass::NotReplicated => of_class(StatusClass::NotReplicated),
        LimitClass::UnknownStatus => of_class(StatusClass::Unknown),
        LimitClass::Pending => of_class(StatusClass::Pending),
        LimitClass::Replica => of_class(StatusClass::Replica),
        LimitClass::Uncovered => uncovered,
    }
}

/// Makes the answer from the sums, and from those of an older report if one is compared.
pub(crate) fn conclude(
    report: ReportFacts,
    tally: &Tally,
    older: Option<&OlderReport>,
    question: &Question,
    allow_empty: bool,
) -> Result<Audit, Unanswerable> {
    check(tally, question, allow_empty)?;
    let before = older.map(|older| &older.tally);
    if let (Some(older), Some(before)) = (older, before) {
        let why = check(before, question, allow_empty);
        why.map_err(|why| Unanswerable::Older { manifest: older.manifest.clone(), why: Box::new(why) })?;
    }
    let (statuses, statuses_before) = (tally.statuses(), before.map(Tally::statuses));
    let (overdue, overdue_before) = (overdue(tally), before.and_then(overdue));
    let uncovered = tally.uncovered()?;
    let uncovered_before = before.map(Tally::uncovered).transpose()?.flatten();
    let limits = evaluate(
        &question.limits,
        tally.rows - tally.delete_markers,
        |class| objects(&statuses, overdue.as_ref(), uncovered, class),
        |class| objects(statuses_before.as_ref()?, overdue_before.as_ref(), uncovered_before, class),
    );
    let (grouped, groups) = worst(tally, before, question.top)?;
    let words_before = before.zip(statuses_before).map(|(tally, words)| WordTotals { words, has_size: tally.has_size });
    Ok(Audit {
        schema: "replaudit.inventory/1",
        report,
        rows_scanned: tally.rows_scanned,
        rows: tally.rows,
        delete_markers: tally.delete_markers,
        delete_marker_statuses: tally.marker_statuses(),
        since: older.map(|older| RowsChange::of(tally, older)),
        statuses: WordTotals { words: statuses, has_size: tally.has_size }.beside(words_before.as_ref()),
        overdue: overdue.map(|overdue| Compared::of(overdue, overdue_before.as_ref().map(Amount::from))),
        pending_ages: (tally.undated_pending == 0).then(|| tally.pending_ages()),
        grouped,
        groups,
        uncovered: tally.uncovered_causes()?,
        verdict: verdict(&limits),
        limits,
    })
}

#[cfg(test)]
mod tests {
    use s3_inventory::Record;

    use super::super::groups::Grouping;
    use super::super::limits::Limit;
    use super::super::tests::{question, record, report};
    use super::*;

    fn audit(statuses: &[&'static str], options: &[(LimitClass, Limit)], dated: bool) -> Result<Audit, Unanswerable> {
        let mut tally = Tally::new(Filter::default(), Timestamp::UNIX_EPOCH, jiff::SignedDuration::ZERO, true);
        for status in statuses {
            let last_modified = dated.then_some(Timestamp::UNIX_EPOCH);
            let record = Record { last_modified, ..record(status) };
            tally.count(&record).unwrap();
        }
        conclude(report(), &tally, None, &question(options), false)
    }

    #[test]
    fn only_what_is_proven_passes() {
        for status in ["", "NONE", "FAILED", "Odd", "completed"] {
            assert_eq!(audit(&["COMPLETED", status], &[], true).unwrap().exit(), ExitStatus::No, "{status}");
        }
        let pass = audit(&["COMPLETED", "COMPLETE", "PENDING", "REPLICA"], &[], true).unwrap();
        assert_eq!((pass.exit(), pass.verdict), (ExitStatus::Yes, "pass"));
        let strict = [(LimitClass::Pending, Limit::Count(0)), (LimitClass::Replica, Limit::Count(0))];
        assert_eq!(audit(&["REPLICA"], &strict, true).unwrap().verdict, "fail");
        assert_eq!(audit(&["PROCESSING"], &strict, true).unwrap().verdict, "fail");
    }

    #[test]
    fn a_filtered_report_says_what_it_leaves_out() {
        let leaves_out = |prefix: Option<&str>, has_versions: bool| {
            let prefix = prefix.map(str::to_owned);
            let scope = Some(ReportScope { prefix, versions: "All".to_owned() });
            ReportFacts { scope, has_versions, ..report() }.leaves_out()
        };
        assert_eq!(leaves_out(None, true), Vec::<String>::new());
        assert!(leaves_out(Some("a/"), true)[0].ends_with("outside prefix a/"));
        let both = leaves_out(Some("a/"), false);
        assert!(both.len() == 2 && both[1].contains("current versions only"), "{both:?}");
        // Without a configuration, the columns show it.
        assert_eq!(ReportFacts { has_versions: false, ..report() }.leaves_out().len(), 1);
    }

    #[test]
    fn the_worst_groups_come_first() {
        let grouping = Grouping { by: vec![Dimension::Prefix(1)], most: 100, encoded: true, rules: None };
        let scan = Timestamp::from_second(1_000_000).unwrap();
        let mut tally = Tally::new(Filter::default(), scan, jiff::SignedDuration::from_secs(10), true);
        tally = tally.in_groups(&grouping, scan);
        let rows = [
            ("good/1", "COMPLETED"),
            ("none/1", ""),
            ("none/2", ""),
            ("other/1", ""),
            ("failed/1", "FAILED"),
            ("failed/2", "FAILED"),
            ("overdue/1", "PENDING"),
            ("overdue/2", "FAILED"),
            ("overdue/3", ""),
            ("also/1", "COMPLETED"),
        ];
        for (key, status) in rows {
            let last_modified = Some(Timestamp::UNIX_EPOCH);
            tally.count(&Record { key: key.as_bytes(), last_modified, ..record(status) }).unwrap();
        }
        let question = |top| Question { top, ..question(&[]) };
        let audit = conclude(report(), &tally, None, &question(20), false).unwrap();
        let order: Vec<&str> = audit.groups.iter().map(|group| group.value.as_str()).collect();
        assert_eq!(order, ["overdue/", "failed/", "none/", "other/", "also/", "good/"]);
        assert_eq!(audit.groups[0].overdue.as_ref().unwrap().objects, 1);
        assert_eq!((audit.grouped[0].values, audit.grouped[0].shown), (6, 6));
        let audit = conclude(report(), &tally, None, &question(2), false).unwrap();
        assert_eq!((audit.groups.len(), audit.grouped[0].values, audit.grouped[0].shown), (2, 6, 2));
    }

    #[test]
    fn an_empty_report_and_an_undated_one_have_no_answer() {
        assert_eq!(audit(&[], &[], true), Err(Unanswerable::Empty { scanned: 0, markers: 0 }));
        assert_eq!(audit(&["PENDING"], &[], false), Err(Unanswerable::Undated(1)));
        let off = audit(&["PENDING"], &[(LimitClass::Overdue, Limit::Off)], false).unwrap();
        assert_eq!((off.overdue.as_ref(), off.exit()), (None, ExitStatus::Yes));
    }
}
