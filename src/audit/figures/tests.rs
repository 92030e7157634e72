//! Figures that are complete, and every way in which they are not.

use jiff::SignedDuration;

use super::super::dimension::Dimension;
use super::super::groups::Grouping;
use super::super::tally::{Filter, Tally};
use super::*;
use crate::model::ReplicationStatus;

const GOOD: &str = "\
all,,COMPLETED,3,30,2026-01-01T00:00:00Z,2026-01-03T00:00:00Z
all,,PENDING,2,20,2026-01-02T00:00:00Z,2026-01-04T00:00:00Z
prefix,a/,COMPLETED,2,20,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z
prefix,a/,PENDING,2,20,2026-01-02T00:00:00Z,2026-01-04T00:00:00Z
prefix,b/,COMPLETED,1,10,2026-01-03T00:00:00Z,2026-01-03T00:00:00Z
overdue,,,1,10,2026-01-02T00:00:00Z,2026-01-02T00:00:00Z
overdue prefix,a/,,1,10,2026-01-02T00:00:00Z,2026-01-02T00:00:00Z
pending-age,<1h,,1,10,,
pending-age,<7d,,1,10,,
delete-markers,,NONE,4,,,
rows,scanned,,9,,,
rows,in-scope,,9,,,
invalid,bucket,,0,,,
invalid,settings,,0,,,
files,,,2,,,
question,duckdb/abc,,0,,,
end,,,17,,,";

fn sums(expected: Expected) -> FigureSums {
    let scan = "2026-01-04T00:30:00Z".parse().unwrap();
    let by = [Dimension::Prefix(1)];
    let grouping = Grouping { by: by.to_vec(), most: 100, encoded: false, rules: None };
    let tally = Tally::new(Filter::default(), scan, SignedDuration::from_hours(24), true).in_groups(&grouping, scan);
    FigureSums::new(tally, &by, expected)
}

fn expected() -> Expected {
    Expected { mark: "abc".to_owned(), files: 2, rows: Some(9), has_times: true }
}

fn read(text: &str, expected: Expected) -> Result<Tally, FigureError> {
    let mut sums = sums(expected);
    for line in text.lines() {
        let cells: Vec<&str> = line.split(',').collect();
        sums.add(&FigureRow::parse(&cells)?)?;
    }
    sums.finish()
}

#[test]
fn complete_figures_are_the_sums_of_the_rows() {
    let tally = read(GOOD, expected()).unwrap();
    assert_eq!((tally.rows_scanned, tally.rows, tally.delete_markers), (9, 9, 4));
    let pending = &tally.statuses()[&ReplicationStatus::of_report("PENDING")];
    assert_eq!((pending.objects, pending.bytes), (2, Some(20)));
    assert_eq!(tally.overdue().objects, 1);
    let ages: Vec<u64> = tally.pending_ages().iter().map(|age| age.objects).collect();
    assert_eq!(ages, [1, 0, 1, 0, 0, 0]);
    assert!(tally.marker_statuses().is_empty());
    let named = tally.groups.named().unwrap().remove(0);
    assert_eq!(named.values.keys().collect::<Vec<_>>(), ["a/", "b/"]);
    assert_eq!(named.values["a/"].all_overdue(true).objects, 1);
    assert!(read(GOOD, Expected { rows: None, ..expected() }).is_ok());
}

/// Every line matters: without it, twice, or with another number, the figures are refused.
#[test]
fn no_line_can_be_left_out_doubled_or_changed() {
    let lines: Vec<&str> = GOOD.lines().collect();
    for at in 0..lines.len() {
        let mut without = lines.clone();
        without.remove(at);
        assert!(read(&without.join("\n"), expected()).is_err(), "without {}", lines[at]);
        let mut twice = lines.clone();
        twice.insert(at, lines[at]);
        // The last line may even claim the right length.
        let text = twice.join("\n").replace("end,,,17", "end,,,18");
        assert!(read(&text, expected()).is_err(), "twice {}", lines[at]);
        let mut cells: Vec<String> = lines[at].split(',').map(str::to_owned).collect();
        cells[3] = (cells[3].parse::<u64>().unwrap() + 1).to_string();
        let changed = cells.join(",");
        if changed.starts_with("question") {
            continue;
        }
        let mut other = lines.clone();
        other[at] = &changed;
        assert!(read(&other.join("\n"), expected()).is_err(), "{changed}");
        assert!(read(&lines[..at].join("\n"), expected()).is_err(), "cut before {}", lines[at]);
    }
}

#[test]
fn wrong_figures_are_refused_with_the_reason() {
    let table: [(&str, &str, &str); 26] = [
        ("all,,COMPLETED,3", "all,,COMPLETED,x", "objects: \"x\" is not a number"),
        ("all,,COMPLETED,3", "all,,COMPLETED,+3", "is not a number"),
        ("all,,COMPLETED,3", "all,,COMPLETED,18446744073709551616", "is not a number"),
        ("all,,COMPLETED,3,30,2026-01-01T00:00:00Z", "all,,COMPLETED,3,30,yesterday", "oldest: \"yesterday\""),
        ("all,,COMPLETED,3,30", "all,,COMPLETED,3,", "bytes is missing"),
        ("all,,COMPLETED,3,30,2026-01-01T00:00:00Z", "all,,COMPLETED,3,30,", "oldest is missing"),
        ("all,,COMPLETED,3,30,2026-01-01", "all,,COMPLETED,3,30,2026-02-01", "oldest after newest"),
        ("all,,COMPLETED", "all,,", "is not a word of a report"),
        ("all,,COMPLETED", "all,,FAILED", "objects of FAILED by prefix, and in all: 0 and 3"),
        ("all,,COMPLETED", "all,x,COMPLETED", "is not a value of all"),
        ("prefix,b/", "age,<1h", "dimension \"age\" was not asked for"),
        ("prefix,b/,COMPLETED,1", "prefix,b/,COMPLETED,0", "has no objects"),
        (
            "prefix,b/,COMPLETED,1,10,2026-01-03T00:00:00Z,2026-01-03",
            "prefix,b/,COMPLETED,1,10,2026-01-03T00:00:00Z,2026-01-04",
            "newest of COMPLETED by prefix",
        ),
        ("overdue,,,1", "overdue,,,3", "3 is more than 2"),
        ("overdue,,,1", "overdue,x,,1", "\"x\" is not a value of overdue"),
        ("files,,,2", "files,x,,2", "\"x\" is not a value of files"),
        ("rows,scanned,,9", "rows,x,,9", "\"x\" is not a value of rows"),
        ("pending-age,<1h", "pending-age,<2h", "is not a value of pending-age"),
        ("invalid,bucket,,0", "invalid,bucket,,7", "7 rows were refused because of \"bucket\""),
        ("invalid,settings,,0", "invalid,settings,,1", "does not use the settings"),
        ("files,,,2", "files,,,1", "rows of 1 data file, and the report has 2"),
        ("question,duckdb/abc", "question,duckdb/abd", "another question"),
        ("rows,scanned,,9", "rows,scanned,,8", "read 8 rows, and the footers of the data files say that there are 9"),
        ("rows,in-scope,,9", "rows,in-scope,,8", "should be equal"),
        ("end,,,17", "end,,,16", "says that it has 16 rows, and it has 17"),
        ("files,,,2,,,", "files,,,2,,", "and this one has 6"),
    ];
    for (from, to, says) in table {
        assert!(GOOD.contains(from), "{from}");
        let error = read(&GOOD.replacen(from, to, 1), expected()).unwrap_err().to_string();
        assert!(error.contains(says), "{to}: {error}");
    }
    let no_times = Expected { has_times: false, ..expected() };
    assert!(read(GOOD, no_times).unwrap_err().to_string().contains("no column for it"));
}

#[test]
fn a_report_without_rows_has_no_objects() {
    let empty = "overdue,,,0,0,,\nrows,scanned,,0,,,\nrows,in-scope,,0,,,\ninvalid,settings,,0,,,\nfiles,,,0,,,\nquestion,duckdb/abc,,0,,,\nend,,,7,,,";
    let tally = read(empty, Expected { files: 0, rows: Some(0), ..expected() }).unwrap();
    assert_eq!((tally.rows_scanned, tally.statuses().len()), (0, 0));
}
