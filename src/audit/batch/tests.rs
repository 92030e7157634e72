use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, DictionaryArray, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow::datatypes::Int32Type;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use s3_answers::{ReplicationRule, ReplicationRules, RuleScope};
use s3_inventory::{BatchError, Record};

use super::super::dimension::Dimension;
use super::super::groups::Grouping;
use super::super::tally::Filter;
use super::*;
use crate::coverage::KeyRules;
use crate::model::ReplicationStatus;

/// One row: key, status, marker, latest, size, milliseconds.
type TestRow = (String, Option<String>, bool, bool, u64, Option<i64>);

fn batch(rows: &[TestRow], dictionary: bool) -> RecordBatch {
    let statuses = rows.iter().map(|row| row.1.as_deref());
    let statuses: ArrayRef = match dictionary {
        true => Arc::new(statuses.collect::<DictionaryArray<Int32Type>>()),
        false => Arc::new(statuses.collect::<StringArray>()),
    };
    RecordBatch::try_from_iter_with_nullable([
        ("bucket", Arc::new(StringArray::from(vec!["src"; rows.len()])) as ArrayRef, false),
        ("key", Arc::new(rows.iter().map(|row| Some(row.0.as_str())).collect::<StringArray>()), false),
        ("is_delete_marker", Arc::new(rows.iter().map(|row| Some(row.2)).collect::<BooleanArray>()), true),
        ("is_latest", Arc::new(rows.iter().map(|row| Some(row.3)).collect::<BooleanArray>()), true),
        (
            "size",
            Arc::new(rows.iter().map(|row| (!row.2).then_some(row.4.cast_signed())).collect::<Int64Array>()),
            true,
        ),
        (
            "last_modified_date",
            Arc::new(rows.iter().map(|row| row.5).collect::<TimestampMillisecondArray>().with_timezone("UTC")),
            true,
        ),
        ("replication_status", statuses, true),
        (
            "storage_class",
            Arc::new(rows.iter().map(|row| (row.4 % 3 > 0).then_some("GLACIER")).collect::<StringArray>()),
            true,
        ),
        ("encryption_status", Arc::new(StringArray::from(vec!["SSE-S3"; rows.len()])), true),
    ])
    .unwrap()
}

fn empty(filter: Filter) -> Tally {
    let scanned_at = Timestamp::from_second(1_000_000).unwrap();
    let by =
        vec![Dimension::Prefix(1), Dimension::StorageClass, Dimension::Encryption, Dimension::Age, Dimension::Rule];
    let scope = RuleScope { has_filter: true, prefix: "a/".to_owned(), ..RuleScope::default() };
    let rules = vec![ReplicationRule { scope, ..ReplicationRule::to("dst") }];
    let rules = KeyRules::new(&ReplicationRules { rules, ..ReplicationRules::default() });
    let grouping = Grouping { by, most: 100, encoded: false, rules: Some(Arc::new(rules)) };
    Tally::new(filter, scanned_at, SignedDuration::from_secs(1000), true).in_groups(&grouping, scanned_at)
}

/// Sums per dimension, value and word.
fn grouped(tally: &Tally) -> BTreeMap<(String, String, String), (StatusTotals, StatusTotals)> {
    let mut found = BTreeMap::new();
    for named in tally.groups.named().unwrap().into_iter().chain(tally.per_rule()) {
        for (value, sums) in named.values {
            for (at, totals) in &sums.words {
                let word = tally.words[*at].status.reported().to_owned();
                let sums = (totals.clone(), sums.all_overdue(true));
                found.insert((named.dimension.to_string(), value.clone(), word), sums);
            }
        }
    }
    found
}

proptest! {
    /// Counted row by row or many at a time: the same sums.
    #[test]
    fn batches_count_as_rows_do(
        rows in prop::collection::vec(
            (
                prop::sample::select(vec!["a/b", "a/c", "ü", "b"]).prop_map(str::to_owned),
                prop::option::of(
                    prop::sample::select(vec!["COMPLETED", "PENDING", "FAILED", "", "Odd"]).prop_map(str::to_owned),
                ),
                any::<bool>(),
                any::<bool>(),
                0u64..1 << 40,
                prop::option::weighted(0.97, prop_oneof![990_000_000i64..1_010_000_000, -40_000_000_000i64..1_000_000_000]),
            ),
            0..60,
        ),
        dictionary: bool,
        current: bool,
        prefix in prop::option::of(prop::sample::select(vec!["a/", "ü", "z"]).prop_map(str::to_owned)),
    ) {
        let filter = Filter { prefix, current };
        let (mut many, mut one) = (empty(filter.clone()), empty(filter));
        for part in rows.chunks(17) {
            let arrays = batch(part, dictionary);
            many.count_batch(&Batch::read(&arrays, "src").unwrap(), &mut Scratch::default()).unwrap();
        }
        for (key, status, marker, latest, size, time) in &rows {
            let record = Record {
                key: key.as_bytes(),
                is_latest: *latest,
                is_delete_marker: *marker,
                size: (!marker).then_some(*size),
                last_modified: time.map(|ms| Timestamp::from_millisecond(ms).unwrap()),
                replication_status: status.as_deref().unwrap_or_default(),
                storage_class: if size % 3 > 0 { b"GLACIER" } else { b"" },
                encryption_status: b"SSE-S3",
            };
            one.count(&record).unwrap();
        }
        prop_assert_eq!((many.rows_scanned, many.rows, many.delete_markers), (one.rows_scanned, one.rows, one.delete_markers));
        prop_assert_eq!(many.undated_pending, one.undated_pending);
        prop_assert_eq!(many.statuses(), one.statuses());
        prop_assert_eq!(grouped(&many), grouped(&one));
        prop_assert_eq!(many.uncovered_causes().unwrap(), one.uncovered_causes().unwrap());
        prop_assert_eq!(many.overdue(), one.overdue());
        prop_assert_eq!(many.pending_ages(), one.pending_ages());
        let dated: u64 = one.pending_ages().iter().map(|age| age.objects).sum();
        let pending: u64 = one.statuses().get(&ReplicationStatus::of_report("PENDING")).map_or(0, |totals| totals.objects);
        prop_assert_eq!(dated + one.undated_pending, pending);
    }
}

#[test]
fn an_invalid_row_is_named() {
    let good: TestRow = ("k".into(), None, false, true, 5, Some(0));
    let replaced = |name: &str, array: ArrayRef| {
        let rows = batch(&[good.clone(), good.clone(), good.clone()], false);
        let schema = rows.schema();
        let columns = schema.fields().iter().map(|field| {
            let kept = rows.column_by_name(field.name()).unwrap();
            (field.name().clone(), if field.name() == name { Arc::clone(&array) } else { Arc::clone(kept) }, true)
        });
        let rows = RecordBatch::try_from_iter_with_nullable(columns.collect::<Vec<_>>()).unwrap();
        let batch = Batch::read(&rows, "src").map_err(|error| match error {
            BatchError::Row { row, error } => (row, error.to_string()),
            BatchError::Column(error) => (usize::MAX, error.to_string()),
        })?;
        let counted = empty(Filter::default()).count_batch(&batch, &mut Scratch::default());
        counted.map_err(|(row, error)| (row, error.to_string()))
    };
    let flags = || Arc::new(BooleanArray::from(vec![Some(false), Some(true), None])) as ArrayRef;
    let sizes = |last| Arc::new(Int64Array::from(vec![Some(1), Some(2), last])) as ArrayRef;
    let texts = |last: &str| Arc::new(StringArray::from(vec!["src", "src", last])) as ArrayRef;
    let times = Arc::new(TimestampMillisecondArray::from(vec![Some(0), None, Some(i64::MAX)])) as ArrayRef;
    let table: [(&str, ArrayRef, usize, &str); 9] = [
        ("is_latest", flags(), 2, "IsLatest: invalid boolean: NULL"),
        ("is_delete_marker", flags(), 2, "IsDeleteMarker: invalid boolean: NULL"),
        ("size", sizes(None), 2, "Size: invalid size: NULL"),
        ("size", sizes(Some(-1)), 2, "Size: invalid size: -1"),
        ("bucket", texts("other"), 2, "about bucket \"other\""),
        ("replication_status", texts("a\nb"), 2, "ReplicationStatus"),
        ("last_modified_date", times, 2, "LastModifiedDate"),
        ("size", texts("5"), usize::MAX, "column size has type Utf8"),
        ("last_modified_date", sizes(None), usize::MAX, "instead of times"),
    ];
    for (name, array, row, what) in table {
        let (found, text) = replaced(name, array).unwrap_err();
        assert!(found == row && text.contains(what), "{name}: row {found}, {text}");
    }
    assert_eq!(replaced("size", sizes(Some(3))), Ok(()));
}
