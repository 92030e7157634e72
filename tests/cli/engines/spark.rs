//! `--engine spark` with a program that acts as `spark-sql`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{good_figures, sql, without_facts};
use crate::support::report::Local;
use crate::support::{finish, program, run, signal, start, until};

/// A program with this body beside the report. `$statements` is the file that it was given.
pub(super) fn engine(report: &Local, body: &str) -> PathBuf {
    let path = report.dir.join("spark-sql");
    fs::write(report.dir.join("good.tsv"), good_figures(report)).unwrap();
    let script = format!("#!/bin/sh\nfor statements; do :; done\ncd '{}'\n{body}\n", report.dir.display());
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

pub(super) fn asked(report: &Local, engine: &Path, more: &[&str]) -> crate::support::Run {
    let command = engine.display().to_string();
    let mut args = vec!["--engine", "spark", "--engine-command", &command];
    args.extend(more);
    report.run(&args)
}

#[test]
fn spark_adds_up_the_rows() {
    let report = Local::good();
    let body = "cp \"$statements\" asked.sql; printf '%s\\n' \"$@\" > options; echo \"$statements\" > name; echo log >&2; cat good.tsv";
    let engine = engine(&report, body);
    let run = asked(&report, &engine, &[]).expect(0).silent();
    assert_eq!(without_facts(&run), without_facts(&report.run(&[]).expect(0)));
    assert_eq!(run.json()["report"]["figures"], "Spark");
    let read = |name: &str| fs::read_to_string(report.dir.join(name)).unwrap();
    assert_eq!(read("asked.sql"), sql(&report, "spark", &[]).expect(0).stdout);
    assert!(read("options").contains("\n-f\n"), "{}", read("options"));
    assert!(!Path::new(read("name").trim()).exists(), "the statements are removed");
    // Options of the command, and progress.
    let command = format!("{} --master 'local [2]'", engine.display());
    let progress = ["--engine", "spark", "--engine-command", &command, "--progress", "always"];
    report.run(&progress).expect(0);
    assert!(read("options").starts_with("--master\nlocal [2]\n"), "{}", read("options"));
    // Found in SPARK_HOME and in PATH.
    let home = report.dir.join("home");
    fs::create_dir_all(home.join("bin")).unwrap();
    fs::copy(&engine, home.join("bin/spark-sql")).unwrap();
    for (name, value) in
        [("SPARK_HOME", home.display().to_string()), ("PATH", format!("/usr/bin:/bin:{}/bin", home.display()))]
    {
        let mut command = program();
        command.args(["inventory", &report.dir.display().to_string(), "--max-age", "none", "--engine", "spark"]);
        command.env(name, value);
        crate::support::run(command).expect(0).silent();
    }
}

#[test]
fn an_engine_that_fails_gives_no_answer() {
    let report = Local::good();
    let table = [
        ("head -n 4 good.tsv; echo 'java: out of memory' >&2; exit 3", "exit status: 3"),
        ("cat good.tsv; echo 'java: out of memory' >&2; exit 1", ":\n  java: out of memory\n"),
        ("printf 'a\\033[31mb\\nc\\n' >&2; exit 1", "[31mb\n  c\n"),
        ("head -n 4 good.tsv", "there is no row end"),
        ("head -c 300 good.tsv", "can't be trusted"),
        ("exit 0", "printed nothing"),
        ("echo 'Time taken: 3 s'", "and this one has 1"),
        ("cat good.tsv good.tsv", "is there twice"),
        ("cat good.tsv; echo 'Time taken: 3 s'", "line 10: a row has 7 cells"),
        ("kill -9 $$", "signal: 9"),
        ("head -c 1000000 /dev/zero", "this is not a row of figures"),
    ];
    for (body, says) in table {
        let run = asked(&report, &engine(&report, body), &[]).expect(2).says(&[says]);
        assert_eq!(run.stdout, "", "{body}");
        assert!(!run.stderr.contains('\u{1b}'), "{body}: {run:?}");
        assert!(run.stderr.matches("there is no row end").count() <= 1, "{run:?}");
    }
    asked(&report, Path::new("/nowhere/spark-sql"), &[]).expect(2).says(&["/nowhere/spark-sql failed", "not found"]);
    report.run(&["--engine", "spark"]).expect(2).says(&["spark-sql was not found", "--engine-command"]);
    for option in [&["--confirm"][..], &["--since", "x"], &["--verify"], &["--figures", "x"]] {
        asked(&report, Path::new("true"), option).expect(2).says(&[option[0], "--engine local"]);
    }
    report.run(&["--engine-command", "x"]).expect(2).says(&["--engine-command needs --engine spark"]);
    report.run(&["--engine", "flink"]).expect(2).says(&["local, athena, spark"]);
}

/// An engine that ends only when it is killed, with a process of its own.
#[test]
fn an_interrupt_ends_the_engine_and_its_processes() {
    let report = Local::good();
    let body = "sleep 1000 & echo $! > child.new; mv child.new child; head -n 2 good.tsv; wait";
    let engine = engine(&report, body);
    let mut command = program();
    command.args(["inventory", &report.dir.display().to_string(), "--max-age", "none", "--engine", "spark"]);
    command.args(["--engine-command", &engine.display().to_string()]);
    let running = start(command);
    let child = report.dir.join("child");
    until("the engine starts", || child.exists());
    let child = Pid::from_raw(fs::read_to_string(&child).unwrap().trim().parse().unwrap());
    signal(running.id(), Signal::SIGINT);
    finish(running).expect(130);
    until("the process of the engine ends", || kill(child, None) == Err(Errno::ESRCH));
    let mut help = program();
    help.args(["inventory", "--help"]);
    assert!(run(help).expect(0).stdout.contains("--engine-command"));
}
