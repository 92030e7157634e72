//! What `sql` prints, and what it refuses.

use std::fs;

use super::sql;
use crate::support::alone;
use crate::support::columnar::{Cells, Column, report, report_in_files};
use crate::support::report::{Local, SCHEMA, gzip, row};

fn columns(with_status: bool) -> Vec<Column> {
    let mut columns: Vec<Column> = vec![
        ("Bucket", "bucket", Cells::Text(vec![Some("src")])),
        ("Key", "key", Cells::Text(vec![Some("k")])),
        ("Size", "size", Cells::Number(vec![Some(5)])),
        ("LastModifiedDate", "last_modified_date", Cells::Time(vec![Some(1_715_000_000_000)])),
    ];
    if with_status {
        columns.push(("ReplicationStatus", "replication_status", Cells::Text(vec![Some("COMPLETED")])));
    }
    columns
}

#[test]
fn a_column_that_one_file_lacks_is_refused() {
    for format in ["Parquet", "ORC"] {
        let good = report_in_files(format, &[columns(true), columns(true)]);
        sql(&good, "spark", &[]).expect(0).silent();
        // The manifest has the schema of the last file.
        let report = report_in_files(format, &[columns(false), columns(true)]);
        let says = ["can't be trusted", "0.data", "replication_status"];
        let run = sql(&report, "spark", &[]).expect(2).says(&says);
        assert_eq!(run.stdout, "");
        sql(&report, "spark", &["--no-verify"]).expect(0).silent();
        report.run(&["--engine", "spark", "--engine-command", "false"]).expect(2).says(&says);
    }
}

#[test]
fn what_an_engine_cannot_read_is_refused() {
    let orc = report("ORC", &columns(true));
    sql(&orc, "duckdb", &[]).expect(2).says(&["DuckDB does not read ORC"]);
    sql(&Local::good(), "athena", &[]).expect(2).says(&["this report is local"]);
    sql(&Local::good(), "mysql", &[]).expect(2).says(&["athena, spark, duckdb"]);
    sql(&Local::good(), "spark", &["--by", "prefix:1001"]).expect(2).says(&["at most 1000"]);
    let no_status = Local::new("Bucket, Key, Size", &[("1.csv.gz", gzip(b"\"src\",\"k\",\"1\"\n"))]);
    sql(&no_status, "duckdb", &[]).expect(2).says(&["no ReplicationStatus column"]);
    let starred = Local::new(SCHEMA, &[("a*.csv.gz", gzip(row("k", "COMPLETED").as_bytes()))]);
    sql(&starred, "duckdb", &[]).expect(2).says(&["can't be written safely", "a*.csv.gz"]);
    // For Spark, the star is escaped.
    let run = sql(&starred, "spark", &[]).expect(0).silent();
    assert!(run.stdout.contains(r"/a\u005C*.csv.gz'"), "{}", run.stdout);
    // The report is checked as by `inventory`.
    let path = Local::good();
    fs::remove_file(path.dir.join("manifest.checksum")).unwrap();
    sql(&path, "duckdb", &[]).expect(2).says(&["no manifest.checksum"]);
    let good = Local::good();
    let address = good.dir.display().to_string();
    alone(&["sql", &address, "--dialect", "duckdb"]).expect(2).says(&["--max-age is 72h"]);
    alone(&["sql", &address, "--dialect", "duckdb", "-o", "json"]).expect(2);
}

#[test]
fn values_are_literals_and_nothing_else() {
    let report = Local::good();
    let prefix = "'); DROP TABLE t; --\n${env:HOME}%_\\";
    let spark = sql(&report, "spark", &["--prefix", prefix]).expect(0).silent().stdout;
    let literal = r"'\u0027)\u003B DROP TABLE t\u003B --\u000A\u0024{env:HOME}%_\u005C'";
    assert!(spark.contains(&format!("startswith(url_decode(key), {literal})")), "{spark}");
    let duckdb = sql(&report, "duckdb", &["--prefix", prefix]).expect(0).silent().stdout;
    let literal = r"('''); DROP TABLE t; --' || chr(10) || '${env:HOME}%_\')";
    assert!(duckdb.contains(literal), "{duckdb}");
    assert!(!duckdb.contains(" LIKE "), "{duckdb}");
    // Both answer the same question.
    let mark = |text: &str, dialect: &str| {
        let mark = text.split(&format!("'{dialect}/")).nth(1).expect("a mark");
        mark.split('\'').next().expect("its end").to_owned()
    };
    assert_eq!(mark(&spark, "spark"), mark(&duckdb, "duckdb"));
    let other = sql(&report, "duckdb", &["--prefix", "a"]).expect(0).stdout;
    assert_ne!(mark(&other, "duckdb"), mark(&duckdb, "duckdb"));
}
