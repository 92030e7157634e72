//! Two reports, from their rows to the answer, and what the tests of this module share.

use std::collections::BTreeMap;

use jiff::Timestamp;
use s3_inventory::Record;

use super::change::Compared;
use super::*;
use crate::model::ReplicationStatus;

pub(super) fn report() -> ReportFacts {
    ReportFacts {
        source_bucket: "src".into(),
        destination_bucket: "dst".into(),
        manifest: "m".into(),
        scanned_at: Timestamp::UNIX_EPOCH,
        format: "CSV",
        files: 1,
        bytes: 1,
        age_seconds: 0,
        scope: None,
        has_versions: true,
        unknown_version: None,
        verified: Verified::Md5,
        figures: None,
    }
}

/// An answer about `rows` objects with these limits only.
pub(super) fn audit_of(limits: Vec<LimitResult>, rows: u64) -> Audit {
    let tally = Tally::new(Filter::default(), Timestamp::UNIX_EPOCH, jiff::SignedDuration::ZERO, true);
    let empty = conclude(report(), &tally, None, &question(&[]), true).unwrap();
    Audit { rows_scanned: rows, rows, limits, ..empty }
}

pub(super) fn question(options: &[(LimitClass, Limit)]) -> Question {
    let limits = Limits::with(options);
    Question {
        filter: Filter::default(),
        overdue_seconds: 0,
        limits,
        by: Vec::new(),
        top: 20,
        compared: false,
        rules: None,
    }
}

pub(super) fn record(status: &str) -> Record<'_> {
    Record {
        key: b"k",
        is_latest: true,
        is_delete_marker: false,
        size: Some(1),
        last_modified: None,
        replication_status: status,
        storage_class: b"",
        encryption_status: b"",
    }
}

fn older(tally: Tally) -> OlderReport {
    OlderReport { manifest: "old".to_owned(), scanned_at: Timestamp::UNIX_EPOCH, tally }
}

/// Rows of keys and statuses, grouped by prefix as far as `most` values allow.
fn grouped(rows: &[(&str, &str)], depth: u32, most: usize) -> Tally {
    let grouping = Grouping { by: vec![Dimension::Prefix(depth)], most, encoded: true, rules: None };
    let scan = Timestamp::from_second(1_000_000).unwrap();
    let empty = Tally::new(Filter::default(), scan, jiff::SignedDuration::from_secs(10), true);
    let empty = empty.in_groups(&grouping, scan);
    let mut all = empty.clone();
    for (key, status) in rows {
        let mut one = empty.clone();
        let last_modified = Some(Timestamp::UNIX_EPOCH);
        one.count(&Record { key: key.as_bytes(), last_modified, ..record(status) }).unwrap();
        all.merge(&one).unwrap();
    }
    all
}

#[test]
fn every_figure_has_its_previous_value() {
    let now = grouped(&[("a/1", "FAILED"), ("a/2", "FAILED"), ("b/1", "COMPLETED"), ("b/2", "PENDING")], 1, 9);
    let before = older(grouped(&[("a/1", "FAILED"), ("b/1", "PENDING"), ("b/2", "PENDING"), ("c/1", "Odd")], 1, 9));
    let limits = [(LimitClass::Failed, Limit::Growth(0)), (LimitClass::Overdue, Limit::Growth(0))];
    let question = Question { compared: true, ..question(&limits) };
    let audit = conclude(report(), &now, Some(&before), &question, false).unwrap();
    let deltas = |statuses: &BTreeMap<ReplicationStatus, Compared<StatusTotals>>| -> Vec<(String, u64, u64, i128)> {
        let figure = |(word, figure): (&ReplicationStatus, &Compared<StatusTotals>)| {
            let change = figure.change.unwrap();
            (word.reported().to_owned(), figure.objects, change.previous.objects, change.delta.objects)
        };
        statuses.iter().map(figure).collect()
    };
    let expected = [("COMPLETED", 1, 0, 1), ("FAILED", 2, 1, 1), ("Odd", 0, 1, -1), ("PENDING", 1, 2, -1)];
    let owned = |expected: &[(&str, u64, u64, i128)]| -> Vec<(String, u64, u64, i128)> {
        expected.iter().map(|(word, now, before, delta)| ((*word).to_owned(), *now, *before, *delta)).collect()
    };
    assert_eq!(deltas(&audit.statuses), owned(&expected));
    assert_eq!(audit.overdue.as_ref().unwrap().change.unwrap().delta.objects, -1);
    assert_eq!(audit.since.as_ref().unwrap().delta.rows, 0);
    let values: Vec<&str> = audit.groups.iter().map(|group| group.value.as_str()).collect();
    assert_eq!((values, audit.grouped[0].values), (vec!["a/", "b/", "c/"], 3));
    assert_eq!(deltas(&audit.groups[1].statuses), owned(&[("COMPLETED", 1, 0, 1), ("PENDING", 1, 2, -1)]));
    assert_eq!(deltas(&audit.groups[2].statuses), owned(&[("Odd", 0, 1, -1)]));
    let exceeded: Vec<_> = audit.limits.iter().map(|limit| (limit.exceeded, limit.change.unwrap().delta)).collect();
    assert_eq!(exceeded, [(true, 1), (false, -1), (false, 0), (false, -1)]);
    let alone = conclude(report(), &now, None, &question, false).unwrap();
    assert!(
        alone.since.is_none()
            && alone.statuses[&ReplicationStatus::of_report("FAILED")].change.is_none()
            && alone.limits[0].exceeded
    );
}

#[test]
fn prefixes_are_compared_at_the_lesser_depth() {
    let (deep, cut) = ([("a/b/1", "FAILED"), ("a/c/1", "")], [("a/b/1", "FAILED"), ("a/c/1", ""), ("a/d/1", "")]);
    for (now, before, change) in
        [(grouped(&deep, 2, 2), grouped(&cut, 2, 2), -1), (grouped(&cut, 2, 2), grouped(&deep, 2, 2), 1)]
    {
        let audit = conclude(report(), &now, Some(&older(before)), &question(&[]), false).unwrap();
        let group = &audit.groups[0];
        assert_eq!((audit.groups.len(), group.value.as_str(), group.dimension.as_str()), (1, "a/", "prefix"));
        assert_eq!((audit.grouped[0].asked.as_str(), audit.grouped[0].dimension.as_str()), ("prefix:2", "prefix"));
        assert_eq!(group.statuses[&ReplicationStatus::of_report("FAILED")].change.unwrap().delta.objects, 0);
        assert_eq!(group.statuses[&ReplicationStatus::of_report("NONE")].change.unwrap().delta.objects, change);
    }
}

#[test]
fn an_older_report_without_an_answer_is_an_error() {
    let good = grouped(&[("a", "COMPLETED")], 1, 9);
    let ask = |older: Tally, options: &[(LimitClass, Limit)], allow_empty: bool| {
        conclude(report(), &good, Some(&self::older(older)), &question(options), allow_empty)
    };
    let empty = ask(grouped(&[], 1, 9), &[], false).unwrap_err();
    assert!(empty.is_empty() && empty.to_string().starts_with("the older report old gives nothing"), "{empty}");
    assert_eq!(
        ask(grouped(&[], 1, 9), &[], true).unwrap().statuses[&ReplicationStatus::of_report("COMPLETED")]
            .change
            .unwrap()
            .delta
            .objects,
        1
    );
    let mut undated = grouped(&[], 1, 9);
    undated.count(&record("PENDING")).unwrap();
    let why = ask(undated.clone(), &[], false).unwrap_err();
    assert!(!why.is_empty() && why.to_string().contains("LastModifiedDate"), "{why}");
    let off = ask(undated, &[(LimitClass::Overdue, Limit::Off)], false).unwrap();
    assert!(off.overdue.is_some_and(|overdue| overdue.change.is_none()));
    assert_eq!(off.limits[1].change, None, "what it was is not known");
}

#[test]
fn limits_are_compared_with_the_confirmed_counts() {
    let limits = Limits::with(&[
        (LimitClass::Failed, Limit::Count(2)),
        (LimitClass::NotReplicated, Limit::Percent(10_000_000)),
        (LimitClass::UnknownStatus, Limit::Growth(1)),
    ]);
    let audit = || audit_of(evaluate(&limits, 100, |_| Some(20), |_| Some(5)), 100);
    let classes: Vec<LimitClass> = exceeded(&audit().limits).into_iter().map(|(class, _)| class).collect();
    assert_eq!(
        classes,
        [LimitClass::Failed, LimitClass::Overdue, LimitClass::NotReplicated, LimitClass::UnknownStatus]
    );
    let still = |still| Confirmed { still, healed: 20 - still, ..Confirmed::default() };
    let confirm = |of: [u64; 4]| {
        let of: Vec<_> = classes.iter().copied().zip(of.map(still)).collect();
        let audit = audit().confirmed(&of);
        (audit.limits.iter().map(|limit| limit.exceeded).collect::<Vec<_>>(), audit.verdict)
    };
    assert_eq!(confirm([2, 0, 10, 6]), (vec![false; 4], "pass"));
    assert_eq!(confirm([3, 1, 11, 7]), (vec![true; 4], "fail"));
    assert_eq!(confirm([0, 0, 0, 7]), (vec![false, false, false, true], "fail"));
    let unchecked = Confirmed { unchecked: 3, ..Confirmed::default() };
    assert!(audit().confirmed(&[(LimitClass::Failed, unchecked)]).limits[0].exceeded);
    assert!(audit().confirmed(&[(LimitClass::Failed, still(0))]).limits[1].exceeded, "left as it was");
}
