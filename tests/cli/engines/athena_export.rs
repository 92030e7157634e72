//! `--export` with `--engine athena`: what is asked, when an export is complete, and what is said of it.

use nix::sys::signal::Signal;

use super::athena::stage;
use super::athena_server::{Athena, Fate, Script, Stage};
use crate::support::{Run, finish, signal, start};

const EXPORT: [&str; 4] = ["--export", "s3://exports/audit/", "--export-class", "completed"];
const WARNING: [&str; 2] =
    ["the export in s3://exports/audit/replaudit_export_", "/ is not complete, and must not be used"];

fn script(stage: &Stage) -> Script {
    Script { lines: 3, ..stage.script() }
}

#[track_caller]
fn export(stage: &Stage, script: Script, more: &[&str]) -> (Run, Athena) {
    stage.run(script, &[&EXPORT, more].concat())
}

/// The first words of all statements.
fn words(athena: &Athena) -> String {
    athena.statements().iter().map(|text| text.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
}

#[test]
fn athena_writes_the_lines_and_counts_them() {
    let stage = stage();
    let (run, athena) = export(&stage, script(&stage), &["--athena-max-scan", "40MiB"]);
    // The figures, the lines and their number: three statements that scan.
    let run = run.expect(0).says(&[
        "Athena in us-east-1 will scan 370 B, and the exported lines (list price for that: ",
        "Athena has scanned 35.3 MiB",
        "exported 3 objects to s3://exports/audit/replaudit_export_",
    ]);
    assert_eq!(run.json()["report"]["figures"], "Athena");
    assert_eq!(words(&athena), "CREATE CREATE WITH UNLOAD SELECT DROP DROP");
    let statements = athena.statements();
    let location = statements[1].split("LOCATION '").nth(1).unwrap().trim_end_matches('\'');
    assert!(statements[3].contains(&format!("TO '{location}'\nWITH (format = 'TEXTFILE')")), "{}", statements[3]);
    let name = location.strip_prefix("s3://exports/audit/replaudit_export_").unwrap().trim_end_matches('/');
    assert_eq!(name.len(), 16);
    assert!(run.stderr.contains(&format!("exported 3 objects to {location}\n")), "{run:#?}");
    let table = statements[6].strip_prefix("DROP TABLE IF EXISTS ").unwrap();
    assert!(table.ends_with("_exported") && statements[4].ends_with(&format!(" FROM {table}")), "{statements:?}");
    // The next run has another folder.
    let (_, again) = export(&stage, script(&stage), &["--quiet"]);
    assert!(!again.statements()[3].contains(location));
}

#[test]
fn an_export_that_is_not_complete_is_named() {
    let stage = stage();
    let good = script(&stage);
    let failed = Fate::Ends("FAILED", "not allowed");
    let cut = good.pages[..1].to_vec();
    let table: [(Script, &str, &str); 7] = [
        (
            Script { lines: 2, ..good.clone() },
            "it has 2 lines, and the report has 3 objects of these classes",
            "CREATE CREATE WITH UNLOAD SELECT DROP DROP",
        ),
        (
            Script { lines: 4, ..good.clone() },
            "it has 4 lines, and the report has 3 objects",
            "CREATE CREATE WITH UNLOAD SELECT DROP DROP",
        ),
        (
            Script { export: failed.clone(), ..good.clone() },
            "exporting: Athena says FAILED: not allowed; the caller needs",
            "CREATE CREATE WITH UNLOAD DROP DROP",
        ),
        (
            Script { export: Fate::Refused(500, "InternalServerException", "oops"), ..good.clone() },
            "the query may be running, which costs money, and its ID is not known",
            "CREATE CREATE WITH UNLOAD UNLOAD DROP DROP",
        ),
        (
            Script { count: failed.clone(), ..good.clone() },
            "running the query: Athena says FAILED",
            "CREATE CREATE WITH UNLOAD SELECT DROP DROP",
        ),
        (
            Script { of_table: vec![("CREATE", "_exported", failed)], ..good.clone() },
            "creating the table: Athena says FAILED",
            "CREATE CREATE DROP DROP",
        ),
        (Script { pages: cut, ..good.clone() }, "can't be trusted", "CREATE CREATE WITH UNLOAD SELECT DROP DROP"),
    ];
    for (script, says, statements) in table {
        let (run, athena) = export(&stage, script, &["--max-attempts", "2"]);
        let run = run.expect(2).says(&[says]);
        let is_begun = statements.contains("UNLOAD");
        assert!(WARNING.iter().all(|part| run.stderr.contains(part) == is_begun) && run.stdout.is_empty(), "{run:#?}");
        assert_eq!(words(&athena), statements, "{says}");
    }
    // Both scans count before anything is created, and after.
    let (run, athena) = export(&stage, good.clone(), &["--athena-max-scan", "369"]);
    let run = run.expect(2).says(&["the queries scan 370 B, and --athena-max-scan is 369 B: nothing was created"]);
    assert!(!run.stderr.contains("not complete") && athena.statements().is_empty(), "{run:#?}");
    let (run, athena) = export(&stage, good, &["--athena-max-scan", "20MiB"]);
    run.expect(2).says(&WARNING).says(&["it has scanned 23.5 MiB, and --athena-max-scan is 20.0 MiB"]);
    assert_eq!(words(&athena), "CREATE CREATE WITH UNLOAD DROP DROP");
}

#[test]
fn a_signal_stops_the_export_and_drops_both_tables() {
    let stage = stage();
    let athena = Athena::start(Script { export: Fate::Hangs, ..script(&stage) });
    let running = start(stage.command(&athena, &EXPORT));
    athena.wait_for_statement("UNLOAD");
    signal(running.id(), Signal::SIGTERM);
    let run = finish(running).expect(143).says(&WARNING);
    assert_eq!((run.stdout.as_str(), run.stderr.matches(" was dropped\n").count()), ("", 2), "{run:?}");
    assert!(athena.operations().contains(&"StopQueryExecution".to_owned()));
    assert_eq!(athena.tables(), [""; 0]);
}
