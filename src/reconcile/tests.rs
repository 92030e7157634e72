//! Partitions in one or several parts, and the classes of a second reading.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::StatusClass;

/// A row of both tests: key, size, content, status, flags.
type PairTestRow = (u8, u64, u64, u8, bool, bool, bool);

fn record(secret: u8, (key, size, content, status, is_marker, is_replaceable, is_old): PairTestRow) -> ObjectRecord {
    let mut hasher = RowHasher::new(IdentitySecret([secret; 16]));
    hasher.key().push(key);
    ObjectRecord {
        identity: hasher.finish(b"v"),
        size: if is_marker { 0 } else { size },
        content,
        status,
        flags: RowFlags { is_marker, is_latest: size % 2 == 0, is_replaceable, is_old },
    }
}

fn rows() -> impl Strategy<Value = BTreeMap<u8, PairTestRow>> {
    let row = (0u8..40, 0u64..3, 0u64..3, 0u8..9, prop::bool::weighted(0.1), any::<bool>(), prop::bool::weighted(0.8));
    prop::collection::vec(row, 0..40).prop_map(|rows| rows.into_iter().map(|row| (row.0, row)).collect())
}

/// Compares in parts of at most `most` records; returns the sums and the problems.
fn compare(
    source: &[ObjectRecord],
    destination: &[ObjectRecord],
    most: u64,
) -> Result<(PairSums, ClassTable), CompareError> {
    let (mut sums, mut table, mut comparer) =
        (PairSums::default(), ClassTable::default(), PartitionComparer::default());
    let bytes = |records: &[ObjectRecord]| records.iter().flat_map(|record| record.long_bytes()).collect::<Vec<u8>>();
    let records = (source.len() + destination.len()) as u64;
    let mut problem = |identity, class| table.add(identity, class);
    for part in PartitionPart::all(records, most) {
        comparer.begin(records / part.count());
        comparer.take::<LONG_RECORD>(PairSide::Source, part, &bytes(source), &mut sums, &mut problem)?;
        comparer.take::<LONG_RECORD>(PairSide::Destination, part, &bytes(destination), &mut sums, &mut problem)?;
        comparer.finish(&mut sums, &mut problem)?;
    }
    table.sort();
    Ok((sums, table))
}

proptest! {
    /// Every row is counted once in any number of parts, and a second reading finds the classes of the first.
    #[test]
    fn parts_add_up_and_a_second_reading_finds_the_same(source in rows(), destination in rows(), most in 1u64..50) {
        let records = |rows: &BTreeMap<u8, PairTestRow>| rows.values().map(|row| record(3, *row)).collect::<Vec<_>>();
        let (source, destination) = (records(&source), records(&destination));
        let (whole, table) = compare(&source, &destination, u64::MAX).unwrap();
        let (parts, _) = compare(&source, &destination, most).unwrap();
        prop_assert_eq!(&whole, &parts);
        let counted: u64 = PairClass::ALL.iter().filter(|class| **class != PairClass::Extra)
            .map(|class| whole.of(*class).count.objects).sum();
        let others: u64 = whole.statuses.iter().map(|sum| sum.count.objects).sum();
        prop_assert_eq!(counted + others + whole.source_markers, source.len() as u64);
        let mut again = PairSums::default();
        for record in &source {
            if let Some(class) = table.class(record) {
                again.classes[class.place()].count(record.identity, record.size).unwrap();
            }
        }
        for class in PairClass::JUDGED {
            prop_assert_eq!(again.of(class), whole.of(class));
        }
    }

    /// One row twice is an error, in any part.
    #[test]
    fn a_record_that_occurs_twice_is_refused(source in rows(), destination in rows(), at: prop::sample::Index, most in 1u64..50) {
        let records = |rows: &BTreeMap<u8, PairTestRow>| rows.values().map(|row| record(5, *row)).collect::<Vec<_>>();
        let mut sides = [records(&source), records(&destination)];
        for (side, word) in [(0, PairSide::Source), (1, PairSide::Destination)] {
            prop_assume!(!sides[side].is_empty());
            let twice = *at.get(&sides[side]);
            sides[side].push(twice);
            let error = compare(&sides[0], &sides[1], most).unwrap_err();
            prop_assert_eq!(error, CompareError::Twice(word, twice.identity));
            sides[side].pop();
        }
    }
}

#[test]
fn only_what_is_shown_to_be_a_whole_replica_is_in_sync() {
    let source = (1, 5, 7, 0, false, false, true);
    let replica = (1, 5, 0, 1, false, false, true);
    let null = |row: PairTestRow, content| (row.0, row.1, content, row.3, row.4, true, row.6);
    let table = [
        (source, Some(replica), PairClass::InSync),
        (source, None, PairClass::Missing),
        (source, Some((1, 0, 0, 1, true, false, true)), PairClass::Missing),
        (source, Some((1, 6, 0, 1, false, false, true)), PairClass::SizeDiffers),
        (source, Some((1, 5, 0, 0, false, false, true)), PairClass::NotAReplica),
        (source, Some((1, 5, 0, 2, false, false, true)), PairClass::NotAReplica),
        (source, Some((1, 5, 0, 9, false, false, true)), PairClass::NotAReplica),
        (null(source, 7), Some(null(replica, 7)), PairClass::InSync),
        (null(source, 7), Some(null(replica, 8)), PairClass::Unsure),
        // No ETag on either side proves nothing.
        (null(source, 0), Some(null(replica, 0)), PairClass::Unsure),
        (null(source, 7), Some(null((1, 6, 0, 1, false, false, true), 7)), PairClass::Unsure),
        (null(source, 7), Some(null((1, 5, 0, 2, false, false, true), 7)), PairClass::NotAReplica),
        ((1, 5, 7, 0, false, false, false), Some(replica), PairClass::TooNew),
        ((1, 5, 7, 0, false, false, false), None, PairClass::TooNew),
    ];
    for (source, destination, class) in table {
        let destination: Vec<ObjectRecord> = destination.into_iter().map(|row| record(1, row)).collect();
        let (sums, _) = compare(&[record(1, source)], &destination, 10).unwrap();
        assert_eq!(sums.of(class).count.objects, 1, "{source:?} {destination:?} {class:?}");
    }
    assert_eq!(StatusWords::class(1), StatusClass::Replica);
}

/// Announced as none: the table grows.
#[test]
fn more_records_than_announced_are_found_too() {
    let mut hasher = RowHasher::new(IdentitySecret([9; 16]));
    let mut records = Vec::new();
    for n in 0..5000u32 {
        hasher.key().extend_from_slice(&n.to_le_bytes());
        let flags = RowFlags { is_old: true, ..RowFlags::default() };
        let status = u8::from(n % 2 == 1);
        records.push(ObjectRecord { identity: hasher.finish(b""), size: 1, content: 0, status, flags });
    }
    let bytes: Vec<u8> = records.iter().flat_map(|record| record.long_bytes()).collect();
    let (mut comparer, mut sums) = (PartitionComparer::default(), PairSums::default());
    let part = PartitionPart::all(0, 1).next().unwrap();
    comparer.begin(0);
    comparer.take::<LONG_RECORD>(PairSide::Source, part, &bytes, &mut sums, &mut |_, _| {}).unwrap();
    comparer.finish(&mut sums, &mut |_, _| {}).unwrap();
    assert_eq!(sums.of(PairClass::Missing).count.objects, 2500);
}
