//! `reconcile --print-sql`, `--figures` and `--engine spark`, with a program that acts as `spark-sql`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use super::rows::{Row, SCAN, pair, reconcile, report};
use crate::support::report::Local;
use crate::support::{Run, alone, program, run};

pub(super) fn two_reports() -> (Local, Local) {
    let rows = [Row::of("a/1", "v1"), Row::of("a/2", "v2"), Row::of("b", "v3")];
    pair(&rows, &[rows[0].replica(), Row { size: 11, ..rows[1].replica() }])
}

/// The statements that compare two reports.
fn statements((source, destination): &(Local, Local), dialect: &str, more: &[&str]) -> Run {
    let paths = [source, destination].map(|report| report.dir.display().to_string());
    let mut args = vec!["reconcile", &paths[0], &paths[1], "--max-age", "none", "--print-sql", "--dialect", dialect];
    args.extend(more);
    alone(&args)
}

/// What a complete engine answers about [`two_reports`].
pub(super) fn good_figures(reports: &(Local, Local)) -> String {
    let sql = statements(reports, "spark", &[]).expect(0).silent().stdout;
    let mark = sql.split("CAST('spark/").nth(1).expect("a mark").split('\'').next().expect("its end").to_owned();
    let mut figures = String::new();
    let mut lines = 0;
    let mut line = |dimension: &str, value: &str, status: &str, objects: u64, bytes: &str| {
        lines += 1;
        figures += &format!("{dimension}\t{value}\t{status}\t{objects}\t{bytes}\tNULL\tNULL\n");
    };
    for (class, objects, bytes) in [
        ("in-sync", 1, "10"),
        ("missing", 1, "10"),
        ("not-a-replica", 0, "0"),
        ("size-differs", 1, "10"),
        ("too-new", 0, "0"),
        ("unsure", 0, "0"),
        ("extra", 0, "0"),
    ] {
        line("all", "", class, objects, bytes);
    }
    line("too-new-at-destination", "", "", 0, "NULL");
    line("destination-only", "not-replicas", "", 0, "0");
    line("destination-only", "too-new", "", 0, "0");
    line("latest-differs", "hidden-at-destination", "", 0, "NULL");
    line("latest-differs", "hidden-at-source", "", 0, "NULL");
    line("undated", "", "", 0, "NULL");
    for (side, rows) in [("source", 3), ("destination", 2)] {
        line(&format!("{side} delete-markers"), "", "", 0, "NULL");
        line(&format!("{side} rows"), "scanned", "", rows, "NULL");
        line(&format!("{side} rows"), "in-scope", "", rows, "NULL");
        line(&format!("{side} invalid"), "listed-twice", "", 0, "NULL");
        line(&format!("{side} files"), "", "", 1, "NULL");
    }
    line("invalid", "settings", "", 0, "NULL");
    line("question", &format!("spark/{mark}"), "", 0, "NULL");
    figures + &format!("end\t\t\t{}\tNULL\tNULL\tNULL\n", lines + 1)
}

pub(super) fn without_facts(run: &Run) -> Value {
    let mut json = run.json();
    for side in ["source", "destination"] {
        let report = json[side].as_object_mut().expect("report facts");
        ["verified", "figures", "age_seconds"].iter().for_each(|name| drop(report.remove(*name)));
    }
    json
}

#[test]
fn figures_of_an_engine_give_the_same_answer() {
    let reports = two_reports();
    let file = reports.0.dir.join("figures.tsv");
    fs::write(&file, good_figures(&reports)).unwrap();
    let file = file.display().to_string();
    let local = reconcile(&reports.0, &reports.1, &[]).expect(1);
    let run = reconcile(&reports.0, &reports.1, &["--figures", &file]).expect(1);
    assert_eq!(without_facts(&run), without_facts(&local));
    for side in ["source", "destination"] {
        assert_eq!(run.json()[side]["verified"], "none");
        assert!(run.json()[side]["figures"].as_str().unwrap().ends_with("figures.tsv"));
    }
    reconcile(&reports.0, &reports.1, &["--figures", &file, "--fail-on", "missing:1", "--fail-on", "size-differs:1"])
        .expect(0);
    let paths = [&reports.0, &reports.1].map(|report| report.dir.display().to_string());
    for (format, says) in
        [("table", "figures from"), ("markdown", "did not read the rows"), ("html", "figures come from")]
    {
        let args = ["reconcile", &paths[0], &paths[1], "--max-age", "none", "--figures", &file, "-o", format];
        let run = alone(&args).expect(1);
        assert!(run.stdout.contains(says), "{format}: {}", run.stdout);
        // Figures can't be confirmed or exported.
        assert!(!run.stdout.contains("replaudit reconcile"), "{format}: {}", run.stdout);
    }
    // They answer no other question, and not the one about the other direction.
    for other in [&["--grace", "2h"][..], &["--prefix", "a"], &["--by", "prefix"]] {
        let mut args = vec!["--figures", &file];
        args.extend(other);
        reconcile(&reports.0, &reports.1, &args).expect(2).says(&["another question"]);
    }
    reconcile(&reports.1, &reports.0, &["--figures", &file]).expect(2).says(&["another question"]);
    for option in [&["--confirm"][..], &["--export", "x.csv"], &["--verify"]] {
        let mut args = vec!["--figures", &file];
        args.extend(option);
        reconcile(&reports.0, &reports.1, &args).expect(2).says(&[option[0], "needs the rows"]);
    }
}

#[test]
fn figures_that_are_not_complete_are_refused() {
    let reports = two_reports();
    let good = good_figures(&reports);
    let table = [
        (good[..good.len() / 2].to_owned(), "can't be trusted"),
        (good.replace("all\t\tmissing\t1", "all\t\tmissing\t0"), "the source report: rows in scope"),
        (good.replace("source invalid\tlisted-twice\t\t0", "source invalid\tlisted-twice\t\t1"), "listed twice in it"),
        (good.replace("destination files\t\t\t1", "destination files\t\t\t0"), "the destination report: the engine"),
        (good.replace("settings\t\t0", "settings\t\t1"), "does not use the settings"),
    ];
    for (figures, says) in table {
        let file = reports.0.dir.join("bad.tsv");
        fs::write(&file, figures).unwrap();
        let run = reconcile(&reports.0, &reports.1, &["--figures", &file.display().to_string()]).expect(2);
        assert_eq!(run.says(&["can't be trusted", says]).stdout, "");
    }
}

/// A folder with a program that acts as Spark.
fn engine(reports: &(Local, Local), body: &str) {
    let folder = &reports.0.dir;
    fs::write(folder.join("good.tsv"), good_figures(reports)).unwrap();
    let script = format!("#!/bin/sh\nfor statements; do :; done\ncd '{}'\n{body}\n", folder.display());
    fs::write(folder.join("spark-sql"), script).unwrap();
    fs::set_permissions(folder.join("spark-sql"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn spark_compares_the_reports_and_leaves_nothing() {
    let reports = two_reports();
    let body = "printf '%s\\n' \"$@\" > options; pwd > started; cat \"$statements\" > asked.sql; cat good.tsv";
    engine(&reports, body);
    let mut command = program();
    command.args(["reconcile", ".", &reports.1.dir.display().to_string(), "--max-age", "none", "-o", "json"]);
    // A relative path is one of the current folder.
    command.args(["--engine", "spark", "--engine-command", "./spark-sql --name x"]).current_dir(&reports.0.dir);
    let found = run(command).expect(1).silent();
    let local = reconcile(&reports.0, &reports.1, &[]).expect(1);
    assert_eq!(found.json()["classes"], local.json()["classes"]);
    assert_eq!(found.json()["source"]["figures"], "Spark");
    let read = |name: &str| fs::read_to_string(reports.0.dir.join(name)).unwrap();
    assert_eq!(read("asked.sql"), statements(&reports, "spark", &[]).expect(0).stdout);
    let options = read("options");
    assert!(options.starts_with("--name\nx\n"), "{options}");
    assert!(options.contains("\nspark.sql.catalogImplementation=in-memory\n"), "{options}");
    let warehouse = options.split("spark.sql.warehouse.dir=file:").nth(1).expect("a warehouse");
    let folder = Path::new(warehouse.lines().next().unwrap()).parent().unwrap();
    assert!(folder.file_name().unwrap().to_str().unwrap().starts_with("replaudit-"), "{options}");
    assert!(!folder.exists(), "the folder of the run is removed");
    engine(&reports, "echo 'java: out of memory' >&2; exit 1");
    let command = reports.0.dir.join("spark-sql").display().to_string();
    let args = ["--engine", "spark", "--engine-command", &command];
    let failed = reconcile(&reports.0, &reports.1, &args).expect(2).says(&["java: out of memory", "exit status: 1"]);
    assert_eq!(failed.stdout, "");
}

#[test]
fn statements_that_no_engine_can_run_are_refused() {
    let reports = two_reports();
    statements(&reports, "athena", &[]).expect(2).says(&["this report is local"]);
    statements(&reports, "mysql", &[]).expect(2).says(&["athena, spark, duckdb"]);
    statements(&reports, "spark", &["--by", "prefix:1001"]).expect(2).says(&["at most 1000"]);
    statements(&reports, "spark", &["-o", "json"]).expect(2).says(&["json"]);
    for option in [&["--confirm"][..], &["--export", "x.csv"], &["--since", "x"], &["--engine", "spark"]] {
        statements(&reports, "spark", option).expect(2).says(&["cannot be used with"]);
    }
    reconcile(&reports.0, &reports.1, &["--print-sql"]).expect(2).says(&["--dialect"]);
    let orc = report("dst", "ORC", &[vec![Row::of("a", "v").replica()]], SCAN);
    statements(&(reports.0, orc), "duckdb", &[]).expect(2).says(&["DuckDB does not read ORC"]);
}

#[test]
fn an_export_by_spark_must_have_the_objects_of_the_classes() {
    let reports = two_reports();
    for (lines, code, says) in [
        (2, 1, "exported 2 objects to s3://exports/replaudit_export_"),
        (1, 2, "it has 1 line, and the report has 2 objects of these classes"),
    ] {
        let print = format!("printf 'exported\\t\\t\\t{lines}\\tNULL\\tNULL\\tNULL\\n'");
        engine(&reports, &format!("cp \"$statements\" asked.sql; cat good.tsv; {print}"));
        let command = reports.0.dir.join("spark-sql").display().to_string();
        let args = ["--engine", "spark", "--engine-command", &command, "--export", "s3://exports/"];
        let classes = ["--export-class", "missing,size-differs,missing"];
        reconcile(&reports.0, &reports.1, &[&args[..], &classes].concat()).expect(code).says(&[says]);
        let sql = fs::read_to_string(reports.0.dir.join("asked.sql")).unwrap();
        assert!(sql.contains("WHERE pair_class IN ('missing', 'size-differs', 'missing')"), "{sql}");
        let before = statements(&reports, "spark", &[]).expect(0).stdout;
        assert!(sql.starts_with(&before), "the figures are asked for first, and as without an export");
    }
}
