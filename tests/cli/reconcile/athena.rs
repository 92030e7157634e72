//! `reconcile --engine athena` against a server that follows a script, for two reports in the embedded S3.

use nix::sys::signal::Signal;
use replaudit_sandbox::Sandbox;
use serde_json::json;

use super::engines::{good_figures, two_reports, without_facts};
use super::rows::reconcile;
use crate::engines::athena_server::{Athena, Fate, Script, Stage};
use crate::engines::{SYMLINK, deliver, of_athena};
use crate::support::report::Local;
use crate::support::{self, client, finish, run, start, with};

const SOURCE: &str = "_source";
const DESTINATION: &str = "_destination";
const FAILED: Fate = Fate::Ends("FAILED", "not allowed");

/// Two reports, also in S3.
fn stage() -> (Stage, (Local, Local)) {
    let (s3, local) = (Sandbox::start().expect("the sandbox starts"), two_reports());
    let source = deliver(&s3, "reports", "us-east-1", &local.0);
    let destination = deliver(&s3, "reports-dr", "eu-west-1", &local.1);
    let figures = of_athena(&good_figures(&local));
    (Stage { s3, figures, asked: vec!["reconcile".to_owned(), source, destination] }, local)
}

/// The first word of every statement, and the end of the name of its table.
fn outline(athena: &Athena) -> Vec<(String, &'static str)> {
    let end = |text: &str| {
        let first = text.lines().next().unwrap();
        [SOURCE, DESTINATION].into_iter().find(|end| first.trim_end_matches(" (").ends_with(end)).unwrap_or("")
    };
    athena.statements().iter().map(|text| (text.split(' ').next().unwrap().to_owned(), end(text))).collect()
}

fn outlined(statements: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    statements.iter().map(|(word, end)| ((*word).to_owned(), *end)).collect()
}

#[test]
fn athena_compares_the_reports() {
    let (stage, local) = stage();
    let (ran, athena) = stage.run(stage.script(), &["--athena-database", "logs"]);
    let ran = ran.expect(1).says(&[
        "Athena in us-east-1 will scan ",
        "the bucket reports-dr is in eu-west-1: S3 bills the transfer to us-east-1 on top of that",
        "Athena has scanned 11.7 MiB",
    ]);
    assert!(!ran.stderr.contains("bucket reports is in"), "{ran:#?}");
    let local = reconcile(&local.0, &local.1, &[]).expect(1);
    let (mut by_athena, mut by_rows) = (without_facts(&ran), without_facts(&local));
    for json in [&mut by_athena, &mut by_rows] {
        ["source", "destination"].iter().for_each(|side| drop(json[*side].as_object_mut().unwrap().remove("manifest")));
    }
    assert_eq!(by_athena, by_rows);
    for side in ["source", "destination"] {
        assert_eq!((&ran.json()[side]["figures"], &ran.json()[side]["verified"]), (&json!("Athena"), &json!("none")));
    }
    let all = [("CREATE", SOURCE), ("CREATE", DESTINATION), ("WITH", ""), ("DROP", SOURCE), ("DROP", DESTINATION)];
    assert_eq!(outline(&athena), outlined(&all));
    // The statements are those of --print-sql, but with tables of this run.
    let printed = with(&stage.s3, &stage.arguments(&["--print-sql", "--dialect", "athena"])).expect(0).stdout;
    let statements = athena.statements();
    let table = statements[3].strip_prefix("DROP TABLE IF EXISTS ").unwrap().strip_suffix(SOURCE).unwrap().to_owned();
    let (name, run) = table.rsplit_once('_').unwrap();
    assert_eq!(run.len(), 16);
    assert_eq!(statements.iter().map(|one| format!("{one};\n")).collect::<String>().replace(&table, name), printed);
    assert!(athena.asked().iter().filter(|(operation, _)| operation == "StartQueryExecution").all(|(_, asked)| {
        asked["QueryExecutionContext"] == json!({"Database": "logs"}) && asked["WorkGroup"] == "primary"
    }));
    // Limits are judged as ever.
    stage
        .run(stage.script(), &["--fail-on", "missing:1", "--fail-on", "size-differs:1", "--quiet"])
        .0
        .expect(0)
        .silent();
}

#[test]
fn what_can_not_be_asked_creates_nothing() {
    let (stage, local) = stage();
    let (run, athena) = stage.run(stage.script(), &["--athena-max-scan", "20"]);
    run.expect(2).says(&["the query scans ", "and --athena-max-scan is 20 B: nothing was created"]);
    assert_eq!(athena.operations(), [""; 0]);
    for (destination, says) in [
        ("dst,endpoint=http://127.0.0.1:9,profile=dr", "--destination has another endpoint"),
        ("dst,profile=dr", "--destination has another profile"),
    ] {
        let (run, athena) = stage.run(stage.script(), &["--destination", destination]);
        run.expect(2).says(&[says]);
        assert_eq!(athena.operations(), [""; 0]);
    }
    // Athena reads what symlink.txt lists, on both sides.
    for (bucket, says) in [("reports", "the source report"), ("reports-dr", "the destination report")] {
        let listed = stage.s3.body(bucket, SYMLINK).unwrap().to_vec();
        stage.s3.put(bucket, SYMLINK, "s3://reports/inv/data/other.csv.gz");
        let (run, athena) = stage.run(stage.script(), &[]);
        run.expect(2).says(&[says, "does not list the data files of the manifest"]);
        assert_eq!(athena.operations(), [""; 0]);
        stage.s3.put(bucket, SYMLINK, listed);
    }
    // A local report is not in Athena's reach.
    let athena = Athena::start(stage.script());
    let folder = local.1.dir.display().to_string();
    let args = ["reconcile", &stage.asked[1], &folder, "--max-age", "none", "--engine", "athena"];
    let mut command = client(&stage.s3, &args);
    command.env("AWS_ENDPOINT_URL_ATHENA", athena.endpoint());
    crate::support::run(command).expect(2).says(&["this report is local"]);
    assert_eq!(athena.operations(), [""; 0]);
}

#[test]
fn a_second_table_that_fails_drops_the_first() {
    let (stage, _) = stage();
    let creates = [("CREATE", SOURCE), ("CREATE", DESTINATION)];
    let drops = [("DROP", SOURCE), ("DROP", DESTINATION)];
    for (fate, statements, says) in [
        (FAILED, [&creates[..], &drops].concat(), "creating the table: Athena says FAILED: not allowed"),
        // Nothing was created, so there is nothing to drop.
        (
            Fate::Refused(400, "AccessDeniedException", "no"),
            [&creates[..], &drops[..1]].concat(),
            "AccessDeniedException",
        ),
        (Fate::Foreign, [&creates[..], &drops].concat(), "answered about the query another, and was asked about id-1"),
        // The id of the first table's creation is not one of the second's.
        (Fate::Repeated, [&creates[..], &drops].concat(), "gave the ID id-0, which is of another statement"),
    ] {
        let (run, athena) = stage
            .run(Script { of_table: vec![("CREATE", DESTINATION, fate)], ..stage.script() }, &["--max-attempts", "1"]);
        assert_eq!(run.expect(2).says(&[says]).stdout, "");
        assert_eq!(outline(&athena), outlined(&statements));
    }
    // Without the first, the second is not tried.
    let (run, athena) = stage.run(Script { of_table: vec![("CREATE", SOURCE, FAILED)], ..stage.script() }, &[]);
    run.expect(2).says(&["creating the table: Athena says FAILED"]);
    assert_eq!(outline(&athena), outlined(&[creates[0], drops[0]]));
    // A failed query drops both.
    let (run, athena) = stage.run(Script { query: FAILED, ..stage.script() }, &[]);
    run.expect(2).says(&["running the query: Athena says FAILED"]);
    assert_eq!(outline(&athena)[3..], outlined(&drops));
}

/// An answer about the creation of the first table must not pass for one about the second.
#[test]
fn each_statement_is_told_by_its_own_table() {
    let (stage, _) = stage();
    let other = "CREATE EXTERNAL TABLE replaudit_0_source (";
    let fate = Fate::Other("DDL", other);
    let athena = Athena::start(Script { of_table: vec![("CREATE", DESTINATION, fate)], ..stage.script() });
    run(stage.command(&athena, &[])).expect(2).says(&[
        "creating the table: Athena gave the ID id-1, which is of another statement",
        "_destination, and it may appear later",
    ]);
    assert!(!athena.operations().contains(&"StopQueryExecution".to_owned()));
}

#[test]
fn a_drop_that_fails_does_not_keep_the_other_table() {
    let (stage, _) = stage();
    for (fails, other) in [(SOURCE, DESTINATION), (DESTINATION, SOURCE)] {
        for fate in [FAILED, Fate::Refused(400, "AccessDeniedException", "no")] {
            let athena = Athena::start(Script { of_table: vec![("DROP", fails, fate)], ..stage.script() });
            let run = run(stage.command(&athena, &["--quiet"])).expect(1);
            let [table] = &athena.tables()[..] else { panic!("{:?}", athena.tables()) };
            assert!(table.ends_with(fails), "{table}");
            let run = run.says(&[
                &format!("error: the table {table} is left: "),
                &format!(
                    "run this in Region us-east-1, in the database default, to drop it: DROP TABLE IF EXISTS {table}"
                ),
            ]);
            assert!(!run.stderr.contains(other), "{run:#?}");
        }
    }
    // The id of the first drop is not the id of the second.
    let athena = Athena::start(Script { of_table: vec![("DROP", DESTINATION, Fate::Repeated)], ..stage.script() });
    run(stage.command(&athena, &["--quiet"]))
        .expect(1)
        .says(&["_destination may be left: dropping the table: Athena gave the ID id-0"]);
    let both = Athena::start(Script { drop: FAILED, ..stage.script() });
    let ran = run(stage.command(&both, &["--quiet"])).expect(1);
    assert_eq!((both.tables().len(), ran.stderr.matches(" is left: ").count()), (2, 2), "{ran:#?}");
}

#[test]
fn a_signal_between_the_tables_drops_what_is_there() {
    let (stage, _) = stage();
    let hangs = |word, end| Script { of_table: vec![(word, end, Fate::Hangs)], ..stage.script() };
    for (script, waits_for, statements) in [
        (hangs("CREATE", SOURCE), "CREATE", &[("CREATE", SOURCE), ("DROP", SOURCE)][..]),
        (
            hangs("CREATE", DESTINATION),
            "CREATE",
            &[("CREATE", SOURCE), ("CREATE", DESTINATION), ("DROP", SOURCE), ("DROP", DESTINATION)],
        ),
        (
            Script { query: Fate::Hangs, ..stage.script() },
            "WITH",
            &[("CREATE", SOURCE), ("CREATE", DESTINATION), ("WITH", ""), ("DROP", SOURCE), ("DROP", DESTINATION)],
        ),
    ] {
        let hanging = statements.iter().filter(|(word, _)| *word != "DROP").count();
        for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
            let athena = Athena::start(script.clone());
            let running = start(stage.command(&athena, &[]));
            athena.wait_for_statements(hanging);
            athena.wait_for_statement(waits_for);
            support::signal(running.id(), signal);
            let run = finish(running).expect(code).says(&[
                "interrupted: the reports were not read",
                "a second signal ends at once and may leave all of them: then run \"DROP TABLE",
            ]);
            let created = hanging - 1;
            let counted = [" was dropped\n", " is not there\n"].map(|part| run.stderr.matches(part).count());
            assert_eq!(run.stdout, "");
            assert_eq!(counted, [created, usize::from(waits_for == "CREATE")], "{run:?}");
            assert_eq!(outline(&athena), outlined(statements));
            assert_eq!(athena.tables(), [""; 0]);
        }
    }
}

#[test]
fn an_export_must_have_the_objects_of_the_classes() {
    let (stage, _) = stage();
    let more = ["--export", "s3://exports/", "--export-class", "missing,size-differs"];
    for (lines, code, says) in [
        (2, 1, "exported 2 objects to s3://exports/replaudit_export_"),
        (1, 2, "it has 1 line, and the report has 2 objects of these classes"),
    ] {
        let (run, athena) = stage.run(Script { lines, ..stage.script() }, &more);
        run.expect(code).says(&[says]);
        let words: Vec<String> = outline(&athena).into_iter().map(|(word, _)| word).collect();
        assert_eq!(words.join(" "), "CREATE CREATE CREATE WITH UNLOAD SELECT DROP DROP DROP");
        assert!(athena.statements()[4].contains("WHERE pair_class IN ('missing', 'size-differs')"));
    }
}
