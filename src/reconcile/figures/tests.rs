//! Figures about a pair that are complete, and every way in which they are not.

use jiff::Timestamp;

use super::super::class::PairClass;
use super::*;
use crate::audit::{Dimension, FigureError, FigureRow, FigureTaker, Grouping, Groups};
use crate::reconcile::StatusWords;

/// Source: 2 in sync, 1 missing, 1 unsure, 2 too new (1 is there), 3 FAILED (2 are there), 1 marker. Destination: 1 marker,
/// 2 extra, 1 other.
const GOOD: &str = "\
all,,in-sync,2,20,,
all,,missing,1,5,,
all,,not-a-replica,0,0,,
all,,size-differs,0,0,,
all,,too-new,2,9,,
all,,unsure,1,1,,
all,,extra,2,7,,
status,FAILED,not-completed,3,30,,
prefix,a/,in-sync,2,20,,
prefix,a/,missing,1,5,,
prefix,,unsure,1,1,,
at-destination,FAILED,,2,,,
too-new-at-destination,,,1,,,
destination-only,not-replicas,,1,4,,
destination-only,too-new,,0,0,,
latest-differs,hidden-at-destination,,1,,,
latest-differs,hidden-at-source,,0,,,
undated,,,0,,,
source delete-markers,,,1,,,
source rows,scanned,,12,,,
source rows,in-scope,,10,,,
source invalid,bucket,,0,,,
source invalid,listed-twice,,0,,,
source files,,,2,,,
destination delete-markers,,,1,,,
destination rows,scanned,,10,,,
destination rows,in-scope,,10,,,
destination invalid,listed-twice,,0,,,
destination files,,,1,,,
invalid,settings,,0,,,
question,spark/abc,,0,,,
end,,,32,,,";

fn expected() -> PairExpected {
    let sides = [SideExpected { files: 2, rows: Some(12) }, SideExpected { files: 1, rows: None }];
    PairExpected { mark: "abc".to_owned(), sides, has_prefix: true }
}

fn read_as(text: &str, expected: PairExpected) -> Result<PairFigures, FigureError> {
    let by = [Dimension::Prefix(1)];
    let groups = Groups::new(&Grouping { by: by.to_vec(), ..Grouping::none() }, Timestamp::UNIX_EPOCH, true);
    let mut sums = PairFigureSums::new(expected, &by, groups);
    for line in text.lines() {
        let cells: Vec<&str> = line.split(',').collect();
        sums.add(&FigureRow::parse(&cells)?)?;
    }
    sums.finish()
}

fn read(text: &str) -> Result<PairFigures, FigureError> {
    read_as(text, expected())
}

#[test]
fn complete_figures_are_the_sums_of_the_pairs() {
    let found = read(GOOD).unwrap();
    assert_eq!((found.rows, found.undated), ([(12, 10), (10, 10)], 0));
    let count = |class: PairClass| (found.sums.of(class).count.objects, found.sums.of(class).count.bytes);
    assert_eq!([PairClass::InSync, PairClass::Extra].map(count), [(2, 20), (2, 7)]);
    let failed = StatusWords::default().find("FAILED").unwrap();
    let failed = found.sums.statuses[usize::from(failed)];
    assert_eq!((failed.count.objects, failed.count.bytes, failed.present), (3, 30, 2));
    assert_eq!((found.sums.source_markers, found.sums.hidden_at_destination, found.sums.judged()), (1, 1, 4));
    let groups = &found.groups[0].values;
    assert_eq!(groups.keys().collect::<Vec<_>>(), ["", "a/"]);
    assert_eq!(groups["a/"].words[0].1.bytes, Some(20));
}

/// Every line matters: without it, twice, or with another number, the figures are refused.
#[test]
fn no_line_can_be_left_out_doubled_or_changed() {
    let lines: Vec<&str> = GOOD.lines().collect();
    for at in 0..lines.len() {
        let mut without = lines.clone();
        without.remove(at);
        // Even if the last line claims the right length.
        let text = without.join("\n").replace("end,,,32", "end,,,31");
        let is_optional = lines[at].starts_with("source invalid,bucket");
        assert_eq!(read(&text).is_ok(), is_optional, "without {}", lines[at]);
        let mut twice = lines.clone();
        twice.insert(at, lines[at]);
        let text = twice.join("\n").replace("end,,,32", "end,,,33");
        assert!(read(&text).is_err(), "twice {}", lines[at]);
        assert!(read(&lines[..at].join("\n")).is_err(), "cut before {}", lines[at]);
        let mut cells: Vec<String> = lines[at].split(',').map(str::to_owned).collect();
        cells[3] = (cells[3].parse::<u64>().unwrap() + 1).to_string();
        let mut other = lines.clone();
        let changed = cells.join(",");
        other[at] = &changed;
        // What nothing else depends on is a plain number.
        let is_free = ["question", "latest-differs", "undated", "destination rows,scanned"];
        if !is_free.iter().any(|word| changed.starts_with(word)) {
            assert!(read(&other.join("\n")).is_err(), "{changed}");
        }
    }
}

#[test]
fn wrong_figures_are_refused_with_the_reason() {
    let table: [(&str, &str, &str); 18] = [
        ("all,,in-sync,2,20", "all,,in-sync,2,", "bytes is missing"),
        ("all,,in-sync", "all,,synced", "\"synced\" is not a value of all"),
        ("all,,in-sync", "all,x,in-sync", "\"x\" is not a value of all"),
        ("status,FAILED", "status,COMPLETED", "\"COMPLETED\" is not a value of status"),
        ("status,FAILED,not-completed", "status,FAILED,missing", "\"missing\" is not a value of status"),
        ("at-destination,FAILED,,2", "at-destination,FAILED,,4", "4 is more than 3"),
        ("at-destination,FAILED", "at-destination,PENDING", "2 is more than 0"),
        ("prefix,a/,missing", "prefix:2,a/,missing", "dimension \"prefix:2\" was not asked for"),
        ("prefix,a/,missing", "prefix,a/,extra", "\"extra\" is not a value of prefix"),
        ("prefix,a/,missing,1,5", "prefix,a/,missing,1,6", "bytes of missing by prefix"),
        ("prefix,a/,in-sync,2", "prefix,a/,in-sync,1", "objects of in-sync by prefix, and in all: 1 and 2"),
        ("latest-differs,hidden-at-source,,0", "latest-differs,hidden-at-source,,4", "5 is more than 4"),
        ("undated,,,0", "undated,,,3", "3 is more than 2"),
        ("source invalid,bucket,,0", "source invalid,bucket,,7", "the source report: 7 rows were refused"),
        (
            "destination invalid,listed-twice,,0",
            "destination invalid,listed-twice,,2",
            "2 object versions are listed twice",
        ),
        ("source files,,,2", "source files,,,1", "the source report: the engine read rows of 1 data file"),
        ("source rows,scanned,,12", "source rows,scanned,,11", "read 11 rows, and the footers"),
        ("question,spark/abc", "question,spark/abd", "another question"),
    ];
    for (from, to, says) in table {
        assert!(GOOD.contains(from), "{from}");
        let error = read(&GOOD.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.contains(says), "{to}: {error}");
    }
    let whole = PairExpected { has_prefix: false, ..expected() };
    assert!(read_as(GOOD, whole).unwrap_err().to_string().contains("without a filter"));
    let timed = GOOD.replacen("2,20,,", "2,20,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z", 1);
    assert!(read(&timed).is_err());
}
