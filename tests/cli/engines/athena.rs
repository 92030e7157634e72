//! `--engine athena` against a server that follows a script, for a report in the embedded S3.

use nix::sys::signal::Signal;
use replaudit_sandbox::Sandbox;
use serde_json::json;

use super::athena_server::{Athena, Fate, Page, Script, Stage};
use super::{SYMLINK, deliver, good_figures, of_athena, without_facts};
use crate::support::report::Local;
use crate::support::{self, client, finish, run, start, with};

const REPORT: &str = "s3://reports/inv/src/daily/2024-05-07T01-00Z/manifest.json";

pub(super) fn stage() -> Stage {
    let (s3, report) = (Sandbox::start().expect("the sandbox starts"), Local::good());
    assert_eq!(deliver(&s3, "reports", "us-east-1", &report), REPORT);
    Stage { s3, figures: of_athena(&good_figures(&report)), asked: ["inventory", REPORT].map(str::to_owned).to_vec() }
}

#[test]
fn athena_adds_up_the_rows() {
    let stage = stage();
    let options = ["--athena-workgroup", "audits", "--athena-database", "logs", "--athena-output", "s3://out/x/"];
    let (ran, athena) = stage.run(stage.script(), &options);
    let ran = ran.expect(0).says(&[
        "Athena in us-east-1 will scan 185 B (list price for that: less than 0.01 USD)",
        "Athena has scanned 11.7 MiB (list price: less than 0.01 USD, at 5 USD for each TB",
    ]);
    let local = with(&stage.s3, &["inventory", REPORT, "--max-age", "none", "-o", "json"]).expect(0);
    assert_eq!(without_facts(&ran), without_facts(&local));
    assert_eq!(
        (&ran.json()["report"]["figures"], &ran.json()["report"]["verified"]),
        (&json!("Athena"), &json!("none"))
    );
    // The statements are those of `sql`, but with a table of this run.
    let printed = with(&stage.s3, &["sql", REPORT, "--max-age", "none", "--dialect", "athena"]).expect(0).stdout;
    let statements = athena.statements();
    let table = statements[2].strip_prefix("DROP TABLE IF EXISTS ").unwrap().to_owned();
    let (name, run) = table.rsplit_once('_').unwrap();
    assert_eq!(run.len(), 16);
    assert_eq!(statements.iter().map(|one| format!("{one};\n")).collect::<String>().replace(&table, name), printed);
    for (operation, asked) in athena.asked() {
        if operation == "StartQueryExecution" {
            assert_eq!(asked["WorkGroup"], "audits");
            assert_eq!(asked["QueryExecutionContext"], json!({"Database": "logs"}));
            assert_eq!(asked["ResultConfiguration"], json!({"OutputLocation": "s3://out/x/"}));
        }
    }
    assert_eq!(athena.operations().iter().filter(|one| *one == "GetQueryResults").count(), 3);
    // Another run has another table, and without options the settings of every account.
    let (_, again) = stage.run(stage.script(), &[]);
    assert_ne!(again.statements()[2], statements[2]);
    let first = &again.asked()[0].1;
    assert_eq!((&first["WorkGroup"], &first["ResultConfiguration"]), (&json!("primary"), &json!(null)));
    // Limits are judged as ever, and a quiet run says nothing.
    stage.run(stage.script(), &["--fail-on", "pending", "--quiet"]).0.expect(0).silent();
}

#[test]
fn a_query_that_scans_too_much_creates_nothing() {
    let stage = stage();
    let (run, athena) = stage.run(stage.script(), &["--athena-max-scan", "184"]);
    run.expect(2).says(&["the query scans 185 B, and --athena-max-scan is 184 B: nothing was created"]);
    assert_eq!(athena.operations(), [""; 0]);
    stage.run(stage.script(), &["--athena-max-scan", "12MiB"]).0.expect(0);
    // What it scans while it runs counts too.
    let script = Script { query: Fate::Hangs, scanned: 2_048, ..stage.script() };
    let (run, athena) = stage.run(script, &["--athena-max-scan", "1000"]);
    run.expect(2).says(&["the query scans too much: it has scanned 2.0 KiB, and --athena-max-scan is 1000 B"]);
    assert!(athena.operations().contains(&"StopQueryExecution".to_owned()));
    // And so does what it had scanned when it was done.
    let (run, athena) = stage.run(Script { scanned: 2_048, ..stage.script() }, &["--athena-max-scan", "1000"]);
    let run = run.expect(2).says(&["the query scans too much: it has scanned 2.0 KiB", "Athena has scanned 2.0 KiB"]);
    assert_eq!(run.stdout, "");
    for never in ["GetQueryResults", "StopQueryExecution"] {
        assert!(!athena.operations().contains(&never.to_owned()), "{never}");
    }
}

/// Athena reads the files that symlink.txt lists, so they must be those of the manifest, each once.
#[test]
fn other_data_files_are_refused_before_anything_is_created() {
    let stage = stage();
    let listed = String::from_utf8(stage.s3.body("reports", SYMLINK).unwrap().to_vec()).unwrap();
    let (first, rest) = listed.split_once('\n').unwrap();
    for text in [
        String::new(),
        first.to_owned(),
        format!("{listed}\n{first}"),
        format!("{listed}\ns3://reports/inv/data/other.csv.gz"),
        format!("{rest}\ns3://reports/inv/data/other.csv.gz"),
    ] {
        stage.s3.put("reports", SYMLINK, text.clone());
        let (run, athena) = stage.run(stage.script(), &[]);
        run.expect(2).says(&["symlink.txt", "does not list the data files of the manifest"]);
        assert_eq!(athena.operations(), [""; 0], "{text:?}");
        let sql = ["sql", REPORT, "--max-age", "none", "--dialect", "athena"];
        assert_eq!(with(&stage.s3, &sql).expect(2).stdout, "");
    }
    stage.s3.put("reports", SYMLINK, format!("{listed}\r\n\n"));
    stage.run(stage.script(), &[]).0.expect(0);
    stage.s3.delete("reports", SYMLINK);
    let (run, athena) = stage.run(stage.script(), &[]);
    run.expect(2).says(&["symlink.txt does not exist, and Athena needs it"]);
    assert_eq!(athena.operations(), [""; 0]);
}

#[test]
fn a_failure_drops_the_table_and_says_why() {
    let stage = stage();
    let good = stage.script();
    let table: [(Script, &[&str]); 9] = [
        (
            Script { create: Fate::Ends("FAILED", "Insufficient permissions: glue:CreateTable"), ..good.clone() },
            &["creating the table: Athena says FAILED: Insufficient permissions", "glue:DeleteTable"],
        ),
        (
            Script { query: Fate::Ends("FAILED", "Permission denied on S3 path: s3://reports/inv"), ..good.clone() },
            &[
                "running the query: Athena says FAILED: Permission denied",
                "s3:GetObject",
                "Athena has scanned 11.7 MiB",
            ],
        ),
        (
            Script { query: Fate::Ends("CANCELLED", "Bytes scanned limit was exceeded"), ..good.clone() },
            &["running the query: Athena says CANCELLED: Bytes scanned limit was exceeded"],
        ),
        (Script { query: Fate::Ends("DREAMING", ""), ..good.clone() }, &["the state \"DREAMING\", which is not known"]),
        (
            Script {
                create: Fate::Refused(
                    400,
                    "InvalidRequestException",
                    "No output location provided. An output location is required",
                ),
                ..good.clone()
            },
            &[
                "StartQueryExecution (create the table of this run): Athena answered 400 InvalidRequestException",
                "--athena-output",
            ],
        ),
        (
            Script { create: Fate::Refused(400, "InvalidRequestException", "WorkGroup is not found."), ..good.clone() },
            &["--athena-workgroup", "(request ID r-1)"],
        ),
        (
            Script {
                query: Fate::Refused(
                    400,
                    "AccessDeniedException",
                    "You are not authorized to perform: athena:StartQueryExecution",
                ),
                ..good.clone()
            },
            &["AccessDeniedException", "StopQueryExecution"],
        ),
        (
            Script { query: Fate::Foreign, ..good.clone() },
            &["answered about the query another, and was asked about id-1"],
        ),
        (
            Script { query: Fate::Refused(500, "InternalServerException", "oops"), ..good.clone() },
            &["the query may be running, which costs money, and its ID is not known"],
        ),
    ];
    for (script, says) in table {
        let (run, _) = stage.run(script, &["--max-attempts", "2"]);
        let run = run.expect(2).says(says);
        assert_eq!(run.stdout, "");
    }
    // A refused creation leaves nothing to drop.
    let script = Script { create: Fate::Refused(400, "InvalidRequestException", "no"), ..good };
    assert_eq!(stage.run(script, &[]).1.operations(), ["StartQueryExecution"]);
}

#[test]
fn a_result_that_is_not_complete_is_refused() {
    let stage = stage();
    let good = stage.script();
    let rows = |figures: &str| Script::of(figures).pages;
    let figures = &stage.figures;
    let first = figures.lines().next().unwrap();
    let pages = |change: fn(&mut Vec<Page>)| {
        let mut pages = good.pages.clone();
        change(&mut pages);
        pages
    };
    let table = [
        (Vec::new(), "there are no figures"),
        (pages(|pages| drop(pages.pop())), "there is no row"),
        (pages(|pages| drop(pages.remove(1))), "can't be trusted"),
        (pages(|pages| pages.push(pages[1].clone())), "the server sent the same page again"),
        (pages(|pages| pages[1][0].truncate(3)), "a row has 7 cells"),
        (rows("Segmentation fault\n"), "a row has 7 cells"),
        (rows(&format!("{first}\n{figures}")), "is there twice"),
        (rows(&figures.replace("MARK", "0123")), "they answer another question"),
        (rows(&figures.replace("athena/", "spark/")), "they are of the statements for \"spark\", not for Athena"),
        (rows(&figures.replace("\t3\t15\t", "\t2\t10\t")), "2 and 3 should be equal"),
        (rows(&figures.replace("files\t\t\t2", "files\t\t\t1")), "rows of 1 data file, and the report has 2"),
    ];
    for (pages, says) in table {
        let (run, _) = stage.run(Script { pages, ..good.clone() }, &[]);
        let run = run.expect(2).says(&["can't be trusted", says].map(|part| match says {
            "the server sent the same page again" => says,
            _ => part,
        }));
        assert_eq!(run.stdout, "");
    }
    // A last page that names itself as the next one.
    let (run, _) = stage.run(Script { last_token: Some("2"), ..good }, &[]);
    run.expect(2).says(&["reading the result: the list continues where it was before"]);
}

#[test]
fn a_statement_without_an_answer_is_started_once() {
    let stage = stage();
    for script in [
        Script { create: Fate::Unanswered(2), ..stage.script() },
        Script { query: Fate::Unanswered(2), ..stage.script() },
        Script { drop: Fate::Unanswered(2), ..stage.script() },
    ] {
        let (run, athena) = stage.run(script, &[]);
        run.expect(0);
        let asked = athena.asked();
        let mut tokens: Vec<&str> = asked.iter().filter_map(|(_, json)| json["ClientRequestToken"].as_str()).collect();
        assert_eq!(tokens.len(), 5);
        tokens.dedup();
        assert_eq!(tokens.len(), 3, "each statement has one token");
    }
    // Nothing is ever known of the creation: the table is dropped, and may appear later.
    let (run, athena) = stage.run(Script { create: Fate::Unanswered(9), ..stage.script() }, &["--max-attempts", "2"]);
    run.expect(2).says(&["did not answer whether it creates the table", "it may appear later", "DROP TABLE IF EXISTS"]);
    assert_eq!(athena.statements().len(), 3);
}

#[test]
fn a_table_that_is_left_is_named_with_the_statement_that_drops_it() {
    let stage = stage();
    for (drop, says) in [
        (Fate::Ends("FAILED", "Insufficient permissions: glue:DeleteTable"), "dropping the table: Athena says FAILED"),
        (Fate::Refused(400, "AccessDeniedException", "no"), "AccessDeniedException"),
    ] {
        for (query, code) in [(Fate::Succeeds, 0), (Fate::Ends("FAILED", "HIVE_BAD_DATA"), 2)] {
            let athena = Athena::start(Script { drop: drop.clone(), query, ..stage.script() });
            let run = run(stage.command(&athena, &["--quiet"])).expect(code);
            let [table] = &athena.tables()[..] else { panic!("{:?}", athena.tables()) };
            run.says(&[
                &format!("error: the table {table} is left: "),
                says,
                &format!(
                    "run this in Region us-east-1, in the database default, to drop it: DROP TABLE IF EXISTS {table}"
                ),
            ]);
        }
    }
}

#[test]
fn a_signal_stops_the_query_and_drops_the_table() {
    let stage = stage();
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        for (script, begins, says) in [
            (Script { query: Fate::Hangs, ..stage.script() }, "WITH", " was dropped\n"),
            // Its creation was stopped.
            (Script { create: Fate::Hangs, ..stage.script() }, "CREATE", " is not there\n"),
        ] {
            let athena = Athena::start(script);
            let running = start(stage.command(&athena, &[]));
            athena.wait_for_statement(begins);
            support::signal(running.id(), signal);
            let run = finish(running).expect(code).says(&["interrupted: the report was not read", says]);
            assert_eq!((run.stdout.as_str(), athena.tables().len()), ("", 0));
            let operations = athena.operations();
            let stopped = operations.iter().position(|one| one == "StopQueryExecution").expect("it was stopped");
            let dropped = operations.iter().rposition(|one| one == "StartQueryExecution").unwrap();
            assert!(stopped < dropped, "{operations:?}");
            assert!(athena.statements().last().unwrap().starts_with("DROP TABLE"));
        }
    }
}

#[test]
fn options_of_athena_need_athena() {
    let stage = stage();
    let args = ["inventory", REPORT, "--max-age", "none"];
    let table: [(&[&str], &str); 7] = [
        (&["--athena-workgroup", "x"], "--athena-workgroup needs --engine athena"),
        (&["--athena-max-scan", "1GB", "--engine", "spark"], "--athena-max-scan needs --engine athena"),
        (&["--engine", "athena", "--engine-command", "x"], "--engine-command needs --engine spark"),
        (&["--engine", "athena", "--confirm"], "--confirm needs the rows of the report, and with --engine athena"),
        (&["--engine", "athena", "--athena-output", "out/x"], "--athena-output"),
        (&["--engine", "athena", "--athena-database", "a`b"], "--athena-database"),
        // Credentials for one server do not go to another.
        (&["--engine", "athena"], "set AWS_ENDPOINT_URL_ATHENA"),
    ];
    for (more, says) in table {
        with(&stage.s3, &[&args, more].concat()).expect(2).says(&[says]);
    }
    let mut local = crate::support::program();
    let report = Local::good();
    local.args(["inventory", &report.dir.display().to_string(), "--max-age", "none", "--engine", "athena"]);
    run(local).expect(2).says(&["this report is local"]);
    // A port without a server.
    let mut unreachable = client(&stage.s3, &[&args[..], &["--engine", "athena", "--max-attempts", "1"]].concat());
    unreachable.env("AWS_ENDPOINT_URL_ATHENA", "http://127.0.0.1:1");
    run(unreachable).expect(2).says(&["no connection to http://127.0.0.1:1", "AWS_ENDPOINT_URL_ATHENA"]);
}
