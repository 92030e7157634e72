//! Exit code 0 needs a reader: a full disk, a closed standard output and a closed pipe are never 0.

use std::fs::{self, File};
use std::process::{Command, Stdio};

use replaudit_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::report::{Local, row};
use crate::support::{Run, client, count, finish, folder, only_reads, program, replicated, run, with};

/// What standard output is when the program starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stdout {
    Full,
    Closed,
    /// Open for reading only.
    Unwritable,
    ClosedPipe,
    Discarded,
    /// As Python's and Node's ways to discard output open it.
    DiscardedForBoth,
}

const UNREADABLE: [Stdout; 4] = [Stdout::Full, Stdout::Closed, Stdout::Unwritable, Stdout::ClosedPipe];

/// Runs `command` with that standard output.
fn to(stdout: Stdout, command: &Command) -> Run {
    let mut command = match stdout {
        Stdout::Closed => {
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", "exec \"$0\" \"$@\" >&-"]).arg(command.get_program()).args(command.get_args());
            shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            shell
        }
        _ => {
            let mut same = Command::new(command.get_program());
            same.args(command.get_args());
            same.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            same
        }
    };
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    let open = |path: &str, read: bool| File::options().read(read).write(true).open(path).unwrap();
    match stdout {
        Stdout::Full => drop(command.stdout(open("/dev/full", false))),
        // The shell closes it.
        Stdout::Closed => drop(command.stdout(Stdio::null())),
        Stdout::Unwritable => drop(command.stdout(File::open("/dev/zero").unwrap())),
        Stdout::ClosedPipe => {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            command.stdout(writer);
        }
        Stdout::Discarded => drop(command.stdout(open("/dev/null", false))),
        Stdout::DiscardedForBoth => drop(command.stdout(open("/dev/null", true))),
    }
    finish(command.spawn().unwrap())
}

/// A server with three replicated objects.
fn three() -> Sandbox {
    let s3 = replicated();
    for key in ["a", "b", "c"] {
        s3.put("src", key, b"x");
    }
    s3
}

#[test]
fn no_command_says_yes_to_a_reader_that_is_not_there() {
    let s3 = three();
    let report = Local::of(&row("a", "COMPLETED"));
    let manifest = report.dir.display().to_string();
    let (_guard, dir) = folder();
    let hidden = dir.join("hidden").display().to_string();
    s3.put("src", "hidden", b"x");
    with(&s3, &["safe-delete", "-y", "-q", "s3://src/hidden", "--write", &format!("json={hidden}")]).expect(0);
    s3.clear_requests();
    let commands: [&[&str]; 10] = [
        &["undo", "-n", &hidden],
        &["status", "s3://src/a", "s3://src/b"],
        &["status", "s3://src/a", "-o", "json"],
        &["status", "--allow-empty"],
        &["inventory", &manifest, "--no-verify", "--max-age", "none"],
        &["inventory", &manifest, "--no-verify", "--max-age", "none", "-o", "html"],
        &["inventory", &manifest, "--no-verify", "--max-age", "none", "--export", "-", "--export-class", "completed"],
        &["safe-delete", "--dry-run", "s3://src/a"],
        &["schema", "status"],
        &["--help"],
    ];
    for args in commands {
        run(client(&s3, args)).expect(0);
        for stdout in UNREADABLE {
            let run = to(stdout, &client(&s3, args));
            assert_eq!(run.code, Some(2), "{args:?} {stdout:?}: {run:?}");
            assert!(run.stderr.contains("stdout"), "{args:?} {stdout:?}: {run:?}");
        }
        for stdout in [Stdout::Discarded, Stdout::DiscardedForBoth] {
            assert_eq!(to(stdout, &client(&s3, args)).code, Some(0), "{args:?} {stdout:?}");
        }
    }
    only_reads(&s3);
}

#[test]
fn a_standard_input_that_can_not_be_read_is_no_empty_list() {
    let s3 = three();
    let commands = [
        &["status", "--allow-empty", "--from", "-"][..],
        &["status", "--allow-empty", "--from", "/dev/stdin"],
        &["safe-delete", "-y", "--allow-empty", "--from", "/dev/fd/0"],
        &["safe-delete", "-y", "--allow-empty", "--from", "-"],
        &["reasons", "--allow-empty", "-"],
    ];
    for args in commands {
        for (from, code) in [("<&-", 2), ("0>/dev/null", 2), ("</dev/null", 0)] {
            let command = client(&s3, args);
            let mut shell = Command::new("/bin/sh");
            shell
                .args(["-c", &format!("exec \"$0\" \"$@\" {from}")])
                .arg(command.get_program())
                .args(command.get_args());
            shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let run = run(shell).expect(code);
            assert_eq!(run.stderr.contains("reading standard input"), code == 2, "{args:?} {from}: {run:?}");
        }
    }
}

#[test]
fn quiet_needs_no_standard_output() {
    let s3 = three();
    for stdout in UNREADABLE {
        let run = to(stdout, &client(&s3, &["status", "-q", "s3://src/a"]));
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{stdout:?}");
    }
}

#[test]
fn files_are_in_place_though_the_reader_of_the_pipe_is_gone() {
    let (_guard, dir) = folder();
    let report = Local::of(&row("a", "COMPLETED"));
    let manifest = report.dir.display().to_string();
    for stdout in [Stdout::ClosedPipe, Stdout::Full] {
        for format in ["json", "html"] {
            let path = dir.join(format);
            let write = format!("json={}", path.display());
            let mut command = program();
            command.args(["inventory", &manifest, "--no-verify", "--max-age", "none", "-o", format, "--write", &write]);
            let run = to(stdout, &command);
            assert_eq!(run.code, Some(2), "{run:?}");
            let document: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            assert_eq!(document["verdict"], "pass");
            fs::remove_file(path).unwrap();
        }
    }
}

/// Nothing is written to standard output before the end, and the file still has the exit code.
#[test]
fn a_file_has_the_exit_code_of_a_run_whose_totals_could_not_be_written() {
    let (_guard, dir) = folder();
    let path = dir.join("report");
    let write = format!("json={}", path.display());
    for stdout in [Stdout::ClosedPipe, Stdout::Full] {
        let s3 = three();
        let run = to(stdout, &client(&s3, &["safe-delete", "-y", "--summary", "--write", &write, "s3://src/a"]));
        let document: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!((run.code, &document["summary"]["exit"]), (Some(3), &json!(3)), "{stdout:?}: {run:?}");
    }
}

/// A report that cannot be written takes nothing from another one, and that says how the run ended.
#[test]
fn what_was_deleted_is_in_every_report_that_can_be_written() {
    let (_guard, dir) = folder();
    let path = dir.join("report");
    let write = format!("json={}", path.display());
    for stdout in [Stdout::ClosedPipe, Stdout::Full] {
        for format in ["ndjson", "table", "csv"] {
            let s3 = three();
            let args = ["safe-delete", "-y", "-o", format, "--concurrency", "1", "--write", &write];
            let all = [&args[..], &["s3://src/a", "s3://src/b", "s3://src/c"]].concat();
            let what = format!("{stdout:?} {format}");
            let report = || -> Value { serde_json::from_slice(&fs::read(&path).expect(&what)).unwrap() };
            let run = to(stdout, &client(&s3, &[&all[..], &["--dry-run"]].concat()));
            assert_eq!((run.code, &report()["summary"]["exit"]), (Some(2), &json!(2)), "{what}: {run:?}");
            let run = to(stdout, &client(&s3, &all));
            let document = report();
            assert_eq!((run.code, &document["summary"]["exit"]), (Some(3), &json!(3)), "{what}: {run:?}");
            for key in ["a", "b", "c"] {
                let rows = document["objects"].as_array().unwrap().iter().filter(|row| row["key"] == key);
                let outcomes: Vec<&str> = rows.map(|row| row["outcome"].as_str().unwrap()).collect();
                let is_hidden = s3.versions("src", key)[0].delete_marker;
                assert_eq!(
                    outcomes,
                    [if is_hidden { "marker-created" } else { "not-attempted" }],
                    "{what}: {document}"
                );
            }
        }
    }
}

#[test]
fn what_was_deleted_and_can_not_be_reported_is_incomplete() {
    for stdout in UNREADABLE {
        for format in ["json", "table"] {
            let s3 = three();
            let args = ["safe-delete", "-y", "-o", format, "--concurrency", "1", "s3://src/a", "s3://src/b"];
            let run = to(stdout, &client(&s3, &args));
            let deleted = ["a", "b"].iter().filter(|key| s3.versions("src", key)[0].delete_marker).count();
            // A standard output that can not be written to is seen before anything is sent, the others when the first row is written.
            let is_refused = matches!(stdout, Stdout::Closed | Stdout::Unwritable);
            let expected = if is_refused { (2, 0) } else { (3, deleted.max(1)) };
            assert_eq!((run.code, deleted), (Some(expected.0), expected.1), "{stdout:?} {format}: {run:?}");
            assert!(run.stderr.contains("stdout"), "{run:?}");
            let done = format!("the result was not written: {deleted} hidden");
            assert_eq!(run.stderr.contains(&done), deleted > 0, "{run:?}");
            assert!(!is_refused || count(&s3, "DeleteObject") == 0);
        }
    }
}
