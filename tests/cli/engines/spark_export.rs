//! `--export` with `--engine spark`, with a program that acts as `spark-sql`: when an export is complete, and what is said of it.

use std::fs;

use nix::sys::signal::Signal;

use super::spark::{asked, engine};
use crate::support::report::Local;
use crate::support::{Run, finish, program, signal, start, until};

const EXPORT: [&str; 4] = ["--export", "s3://exports/audit/", "--export-class", "completed"];

/// A run with an engine that prints the figures, and then this.
fn exporting(report: &Local, prints: &str, more: &[&str]) -> Run {
    let body = format!("cp \"$statements\" asked.sql; cat good.tsv; printf '{prints}'");
    asked(report, &engine(report, &body), &[&EXPORT, more].concat())
}

fn counted(lines: u64) -> String {
    format!("exported\\t\\t\\t{lines}\\tNULL\\tNULL\\tNULL\\n")
}

/// The folder that the statements of the last run name.
fn folder_of(report: &Local) -> String {
    let sql = fs::read_to_string(report.dir.join("asked.sql")).unwrap();
    sql.split("INSERT OVERWRITE DIRECTORY '").nth(1).expect("an export").split('\'').next().unwrap().to_owned()
}

#[test]
fn an_export_of_the_right_length_is_named() {
    let report = Local::good();
    let run = exporting(&report, &counted(3), &[]).expect(0);
    let folder = folder_of(&report);
    let name = folder.strip_prefix("s3a://exports/audit/replaudit_export_").unwrap_or_else(|| panic!("{folder}"));
    assert_eq!(name.len(), 16);
    let expected = format!("exported 3 objects to s3://exports/audit/replaudit_export_{name}/\n");
    assert_eq!(run.stderr, expected);
    assert_eq!(run.json()["report"]["figures"], "Spark");
    // Nothing is overwritten: the next run has another folder.
    let quiet = exporting(&report, &counted(3), &["--quiet"]).expect(0);
    assert!(quiet.stderr.starts_with("exported 3 objects to s3://exports/audit/"), "nothing else names it: {quiet:?}");
    let command = report.dir.join("spark-sql").display().to_string();
    let path = report.dir.display().to_string();
    let args = ["inventory", &path, "--max-age", "none", "--engine", "spark", "--engine-command", &command];
    let table = crate::support::alone(&[&args[..], &EXPORT].concat()).expect(0);
    assert!(table.stdout.contains("\nexported 3 objects to s3://exports/audit/replaudit_export_"), "{table:?}");
    assert_ne!(folder_of(&report), folder);
    // A relative folder is one of the current folder.
    let local = ["--export", "out/", "--export-class", "completed"];
    let body = format!("cp \"$statements\" asked.sql; cat good.tsv; printf '{}'", counted(3));
    asked(&report, &engine(&report, &body), &local).expect(0);
    let folder = folder_of(&report);
    assert!(folder.starts_with("file:///") && folder.contains("/out/replaudit_export_"), "{folder}");
    // The answer is that of the limits.
    let run = exporting(&report, &counted(3), &["--fail-on", "replica", "--fail-on", "failed:off"]).expect(0);
    assert!(run.stderr.starts_with("exported 3 objects"), "{run:?}");
}

#[test]
fn an_export_of_another_length_is_not_complete() {
    let report = Local::good();
    let warning = "the export in s3://exports/audit/replaudit_export_";
    let table = [
        (counted(2), "it has 2 lines, and the report has 3 objects of these classes"),
        (counted(4), "it has 4 lines, and the report has 3 objects of these classes"),
        (String::new(), "there is no row exported"),
        (counted(3).repeat(2), "the row exported is there twice"),
        (counted(3).replace("exported\\t", "exported\\tx"), "is not a value of exported"),
        (format!("{}Time taken: 1 s\\n", counted(3)), "a row has 7 cells"),
    ];
    for (prints, says) in table {
        let run = exporting(&report, &prints, &[]).expect(2);
        assert_eq!(run.says(&[warning, "/ is not complete, and must not be used", says]).stdout, "");
    }
    // Figures that can't be trusted, and an engine that fails after everything was printed.
    let body = format!("head -n 4 good.tsv; printf '{}'", counted(3));
    asked(&report, &engine(&report, &body), &EXPORT).expect(2).says(&[warning, "there is no row end"]);
    let body = format!("cat good.tsv; printf '{}'; exit 1", counted(3));
    asked(&report, &engine(&report, &body), &EXPORT).expect(2).says(&[warning, "exit status: 1"]);
    // Nothing can have been written.
    let run = report.run(&[&["--engine", "spark"][..], &EXPORT].concat()).expect(2).says(&["spark-sql was not found"]);
    assert!(!run.stderr.contains("not complete"), "{run:?}");
    // Without an export, the row is none of the question.
    let body = format!("cat good.tsv; printf '{}'", counted(3));
    asked(&report, &engine(&report, &body), &[]).expect(2).says(&["can't be trusted: line 10:"]);
}

#[test]
fn an_interrupt_says_that_the_export_is_not_complete() {
    let report = Local::good();
    let engine = engine(&report, "touch started; sleep 1000");
    let mut command = program();
    command.args(["inventory", &report.dir.display().to_string(), "--max-age", "none", "--engine", "spark"]);
    command.args(["--engine-command", &engine.display().to_string()]).args(EXPORT);
    let running = start(command);
    until("the engine starts", || report.dir.join("started").exists());
    signal(running.id(), Signal::SIGINT);
    finish(running).expect(130).says(&["/ is not complete, and must not be used"]);
}

#[test]
fn the_lines_are_those_of_a_manifest() {
    let report = Local::good();
    let select = |classes: &str, more: &[&str]| {
        let args = [&["--export", "s3://exports/", "--export-class", classes][..], more].concat();
        asked(&report, &engine(&report, "cp \"$statements\" asked.sql; cat good.tsv"), &args).expect(2);
        let sql = fs::read_to_string(report.dir.join("asked.sql")).unwrap();
        let (_, export) = sql.split_once("INSERT OVERWRITE").unwrap();
        export.to_owned()
    };
    let failed = select("failed", &[]);
    assert!(failed.contains("AND (status IN ('FAILED'))"), "{failed}");
    assert!(failed.contains("'src' || ',' || replace(replace(replace(replace(url_encode(object_key)"), "{failed}");
    assert!(failed.contains("WHEN object_version = '' THEN 'null'"), "{failed}");
    assert!(failed.contains("OPTIONS (compression 'none')"), "{failed}");
    let overdue = select("overdue,replica", &["--overdue", "1h"]);
    assert!(
        overdue.contains("(status IN ('PENDING', 'PROCESSING') AND modified IS NOT NULL AND modified < "),
        "{overdue}"
    );
    assert!(overdue.contains(" OR status IN ('REPLICA')"), "{overdue}");
    let unknown = select("unknown-status", &[]);
    assert!(unknown.contains("NOT (status IN ('COMPLETED', 'COMPLETE') OR status IN ('PENDING'"), "{unknown}");
}

#[test]
fn an_engine_exports_to_a_folder_only() {
    let report = Local::good();
    let table: [(&[&str], &str); 12] = [
        (&["--engine", "spark", "--export", "x.csv"], "--export names a folder that ends with a slash"),
        (&["--engine", "spark", "--export", "s3://b/x"], "a folder that ends with a slash"),
        (
            &["--engine", "athena", "--export", "x.csv"],
            "with --engine athena, --export names a folder that ends with a slash",
        ),
        (&["--engine", "athena", "--export", "out/"], "Athena exports to S3 only"),
        (&["--engine", "spark", "--export", "s3://exports/a//b/"], "engines change a folder with an empty part"),
        (&["--engine", "spark", "--export", "s3://exports/a/../b/"], "engines change a folder"),
        (&["--engine", "spark", "--export", "s3://exports/./"], "engines change a folder"),
        (&["--engine", "spark", "--export", "s3://exports//"], "engines change a folder"),
        (&["--engine", "spark", "--export", "out/../x/"], "engines change a folder"),
        (&["--export", "out/"], "--export to a folder needs --engine spark"),
        (&["--figures", "x", "--export", "out/"], "--export needs the rows of the report"),
        (
            &["--engine", "spark", "--export", "out/", "--export-class", "uncovered", "--by", "rule"],
            "--export-class uncovered needs the rows of the report: use --engine local",
        ),
    ];
    for (args, says) in table {
        report.run(args).expect(2).says(&[says]);
    }
}

/// A variable is a default: one that does not fit the engine of a run is left out.
#[test]
fn a_variable_that_does_not_fit_the_engine_is_ignored() {
    let report = Local::good();
    let engine = engine(&report, "cp \"$statements\" asked.sql; cat good.tsv").display().to_string();
    let figures = report.dir.join("good.tsv").display().to_string();
    for (value, more) in [
        ("out/", &[][..]),
        ("/nonexistent/x.csv", &["--engine", "spark", "--engine-command", &engine]),
        ("/nonexistent/x.csv", &["--figures", &figures]),
        ("out/", &["--figures", &figures]),
    ] {
        let mut command = program();
        command.args(["inventory", &report.dir.display().to_string(), "--max-age", "none"]).args(more);
        crate::support::run({
            command.env("REPLAUDIT_EXPORT", value);
            command
        })
        .expect(0)
        .silent();
    }
}
