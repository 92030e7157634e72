//! What `--engine athena` says of a query that may still be running, and of a table that may be left.

use nix::sys::signal::Signal;

use super::athena::stage;
use super::athena_server::{Athena, Fate, Script, Stage};
use crate::support::{Run, finish, run, signal, start};

const NOT_ALLOWED: Fate = Fate::Refused(400, "AccessDeniedException", "not allowed");

/// Sends SIGINT after each of the waits; returns what was said, and the server.
#[track_caller]
fn interrupted(stage: &Stage, script: Script, more: &[&str], waits: &[fn(&Athena)]) -> (Run, Athena) {
    let athena = Athena::start(script);
    let running = start(stage.command(&athena, more));
    for wait in waits {
        wait(&athena);
        signal(running.id(), Signal::SIGINT);
    }
    let run = finish(running).expect(130);
    assert_eq!(run.stdout, "");
    (run, athena)
}

const RUNS: [&str; 3] = [
    "error: the query id-1 may still be running, which costs money: StopQueryExecution",
    "not allowed",
    "run this to stop it: aws athena stop-query-execution --region us-east-1 --query-execution-id id-1",
];

#[test]
fn a_query_that_could_not_be_stopped_is_named() {
    let stage = stage();
    let script = Script { query: Fate::Hangs, stop: NOT_ALLOWED, scanned: 2_048, ..stage.script() };
    let (run, athena) = stage.run(script.clone(), &["--quiet", "--athena-max-scan", "1000"]);
    run.expect(2).says(&RUNS).says(&["error: the query scans too much: it has scanned 2.0 KiB"]);
    // The table does not wait for the query.
    let asked = athena.asked();
    let dropped = asked.iter().rposition(|(operation, _)| operation == "StartQueryExecution").unwrap();
    let looked = asked.iter().rposition(|(_, json)| json["QueryExecutionId"] == "id-1").unwrap();
    assert!(dropped < looked, "{asked:?}");
    // The same after a signal, where nothing else says it.
    let (run, athena) =
        interrupted(&stage, script.clone(), &["--quiet"], &[|athena| athena.wait_for_statement("WITH")]);
    run.says(&RUNS);
    assert_eq!(athena.tables(), [""; 0]);
    let (run, _) = interrupted(&stage, script, &[], &[|athena| athena.wait_for_statement("WITH")]);
    run.says(&RUNS).says(&["when it was last asked, Athena had scanned 2.0 KiB"]);
}

#[test]
fn a_signal_says_what_was_scanned() {
    let stage = stage();
    let script = Script { query: Fate::Hangs, ..stage.script() };
    let (run, _) = interrupted(&stage, script, &[], &[|athena| athena.wait_for_statement("WITH")]);
    let run = run.says(&["Athena has scanned 11.7 MiB (list price: "]);
    assert!(!run.stderr.contains("may still be running"), "{run:?}");
}

#[test]
fn a_query_whose_id_is_not_known_is_looked_for_by_its_table() {
    let stage = stage();
    let script = Script { query: Fate::Unanswered(99), ..stage.script() };
    let more = ["--quiet", "--max-attempts", "9"];
    let (run, athena) = interrupted(&stage, script, &more, &[|athena| athena.wait_for_start("WITH")]);
    let statements = athena.statements();
    let table = statements.last().unwrap().strip_prefix("DROP TABLE IF EXISTS ").unwrap();
    run.says(&[
        "error: the query may be running, which costs money, and its ID is not known",
        &format!("look for {table} in the history of the workgroup primary"),
        "StartQueryExecution (ask for the figures): ",
    ]);
    assert_eq!(athena.tables(), [""; 0]);
}

#[test]
fn an_id_of_another_statement_is_not_stopped() {
    let stage = stage();
    for (fate, id) in [
        (Fate::Repeated, "id-0"),
        (Fate::Other("DDL", "SELECT replaudit_"), "id-1"),
        (Fate::Other("DML", "SELECT 1"), "id-1"),
    ] {
        let (run, athena) = stage.run(Script { query: fate, ..stage.script() }, &["--quiet"]);
        run.expect(2).says(&[
            &format!("running the query: Athena gave the ID {id}, which is of another statement"),
            "error: the query may be running, which costs money, and its ID is not known",
        ]);
        assert!(!athena.operations().contains(&"StopQueryExecution".to_owned()));
    }
    let (run, athena) = stage.run(Script { create: Fate::Other("UTILITY", "SHOW TABLES"), ..stage.script() }, &[]);
    run.expect(2).says(&["creating the table: Athena gave the ID id-0", "and it may appear later"]);
    assert!(!athena.operations().contains(&"StopQueryExecution".to_owned()));
    // A statement that dropped nothing must not pass for the one that drops the table.
    for (drop, id) in [(Fate::Repeated, "id-0"), (Fate::Other("DDL", "DROP TABLE x"), "id-2")] {
        let athena = Athena::start(Script { drop, ..stage.script() });
        run_quiet(
            &stage,
            &athena,
            0,
            &[
                " may be left: dropping the table: Athena gave the ID ",
                &format!(
                    " {id}, which is of another statement; run this in Region us-east-1, in the database default, to drop it: DROP TABLE"
                ),
            ],
        );
    }
}

#[track_caller]
fn run_quiet(stage: &Stage, athena: &Athena, code: i32, says: &[&str]) {
    run(stage.command(athena, &["--quiet", "--max-attempts", "2"])).expect(code).says(says);
}

#[test]
fn a_table_is_called_left_only_if_that_is_known() {
    let stage = stage();
    let good = stage.script();
    let failed = Fate::Ends("FAILED", "not allowed");
    let table = [
        (Script { drop: NOT_ALLOWED, ..good.clone() }, 0, " is left: "),
        (Script { drop: failed.clone(), ..good.clone() }, 0, " is left: "),
        (Script { drop: Fate::Refused(500, "InternalServerException", "oops"), ..good.clone() }, 0, " may be left: "),
        (Script { drop: Fate::Unseen(99), ..good.clone() }, 0, " may be left: "),
        (Script { create: failed, drop: NOT_ALLOWED, ..good.clone() }, 2, " may be left: "),
        (
            Script { create: Fate::Unanswered(9), drop: NOT_ALLOWED, ..good.clone() },
            2,
            " may be left, and may appear later, since Athena did not answer whether it creates it: ",
        ),
    ];
    for (script, code, says) in table {
        let athena = Athena::start(script);
        run_quiet(&stage, &athena, code, &["error: the table replaudit_", says, "to drop it: DROP TABLE IF EXISTS"]);
    }
    // One failed look does not end the wait.
    stage.run(Script { drop: Fate::Unseen(1), ..good }, &["--quiet"]).0.expect(0).silent();
}

#[test]
fn a_second_signal_ends_at_once() {
    let stage = stage();
    for more in [&[][..], &["--quiet"]] {
        let script = Script { query: Fate::Hangs, drop: Fate::Hangs, ..stage.script() };
        let waits: [fn(&Athena); 2] =
            [|athena| athena.wait_for_statement("WITH"), |athena| athena.wait_for_statement("DROP")];
        let (run, athena) = interrupted(&stage, script, more, &waits);
        let drop = &athena.statements()[2];
        run.says(&["a second signal ends at once and may leave both", drop, "of the workgroup primary"]);
    }
}
