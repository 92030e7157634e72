//! Signals: what was done is reported first, and nothing more is sent.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use replaudit_sandbox::{Bucket, Fault, Inventory, InventoryFormat, Sandbox};

use crate::support::report::Local;
use crate::support::{self, Run, client, count, finish, folder, program, replicated, start, until, until_asked};

/// Starts, waits until the server has seen `operation` about `key`, sends the signal, waits for the end.
fn interrupted(s3: &Sandbox, args: &[&str], operation: &str, key: &str, signal: Signal) -> Run {
    let child = start(client(s3, args));
    until_asked(s3, operation, key);
    support::signal(child.id(), signal);
    let sent = Instant::now();
    let run = finish(child);
    assert!(sent.elapsed() < Duration::from_secs(3), "{:?}", sent.elapsed());
    run
}

#[test]
fn status_reports_what_was_answered() {
    let signals = [(Signal::SIGINT, 130), (Signal::SIGTERM, 143), (Signal::SIGHUP, 143), (Signal::SIGQUIT, 143)];
    for (signal, code) in signals {
        let s3 = replicated();
        s3.put("src", "a", b"x");
        s3.put("src", "b", b"x");
        s3.fault(Fault::on("HeadObject").key("b").delay(Duration::from_secs(30)));
        let args = ["status", "--concurrency", "1", "-o", "json", "s3://src/a", "s3://src/b"];
        let run = interrupted(&s3, &args, "HeadObject", "b", signal).expect(code);
        assert_eq!(run.fields("key"), ["a"]);
        assert_eq!(run.json()["summary"]["exit"], code);
        run.says(&["interrupted after 1 object: no other object was checked"]);
    }
}

#[test]
fn an_interrupted_wait_reports_what_was_pending() {
    let s3 = replicated();
    for key in ["done", "slow", "slower"] {
        s3.put("src", key, b"x");
    }
    s3.set_status("src", "slow", Some("PENDING"));
    s3.set_status("src", "slower", Some("PENDING"));
    let args = ["status", "--wait", "-o", "json", "s3://src/done", "s3://src/slow", "s3://src/slower"];
    // The second request about it: by then it is waited for.
    s3.fault(Fault::on("HeadObject").key("slower").skip(1).delay(Duration::from_secs(30)));
    let child = start(client(&s3, &args));
    until("two requests", || s3.requests().iter().filter(|r| r.key.as_deref() == Some("slower")).count() >= 2);
    support::signal(child.id(), Signal::SIGINT);
    let run = finish(child).says(&["and the wait for pending objects ended"]);
    let by = serde_json::json!({"pending": 2, "replicated": 1});
    assert_eq!(run.json()["summary"], serde_json::json!({"objects": 3, "by": by, "exit": 130}));
    assert!(run.objects().iter().all(|object| object["version_id"].is_string()), "{run:?}");
}

#[test]
fn inventory_ends_within_a_second_without_totals() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    s3.put("src", "k", b"x");
    for (format, id) in [(InventoryFormat::Csv, "csv"), (InventoryFormat::Parquet, "parquet")] {
        let delivered = s3.deliver_inventory(Inventory::of("src").to("reports").id(id).format(format));
        s3.fault(Fault::on("GetObject").key(&delivered.data_keys[0]).delay(Duration::from_secs(30)));
        let address = format!("s3://reports/{}", delivered.manifest_key);
        let run = interrupted(&s3, &["inventory", &address], "GetObject", &delivered.data_keys[0], Signal::SIGINT);
        assert_eq!(run.expect(130).says(&["there is no result"]).stdout, "");
    }
}

#[test]
fn an_older_report_is_read_no_further_either() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    s3.put("src", "k", b"x");
    let report = |hours: u64| {
        let then = std::time::SystemTime::now() - Duration::from_secs(hours * 3600);
        s3.deliver_inventory(Inventory::of("src").to("reports").id("daily").scanned_at(then))
    };
    let (old, new) = (report(25), report(1));
    s3.fault(Fault::on("GetObject").key(&old.data_keys[0]).delay(Duration::from_secs(30)));
    let [old_manifest, manifest] = [&old, &new].map(|report| format!("s3://reports/{}", report.manifest_key));
    let args = ["inventory", &manifest, "--since", &old_manifest];
    let run = interrupted(&s3, &args, "GetObject", &old.data_keys[0], Signal::SIGINT);
    assert_eq!(run.expect(130).says(&["there is no result"]).stdout, "");
}

#[test]
fn a_pipe_without_a_writer_does_not_delay_the_end() {
    let report = Local::good();
    let (_guard, dir) = folder();
    let pipe = dir.join("manifest.json");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let (manifest, pipe) = (report.dir.display().to_string(), pipe.display().to_string());
    let other = Local::good();
    other.edit(|json| json["sourceBucket"] = "dst".into());
    let other = other.dir.display().to_string();
    let commands: [&[&str]; 3] = [
        &["inventory", &pipe],
        &["inventory", &manifest, "--max-age", "none", "--by", "rule", "--replication", &pipe],
        &["reconcile", &manifest, &other, "--max-age", "none", "--since", &pipe],
    ];
    for args in commands {
        let mut command = program();
        command.args(args);
        let child = start(command);
        // Nothing shows that it waits for the pipe; a signal before that ends it too.
        std::thread::sleep(Duration::from_millis(500));
        support::signal(child.id(), Signal::SIGINT);
        let sent = Instant::now();
        finish(child).expect(130).says(&["there is no result"]);
        assert!(sent.elapsed() < Duration::from_secs(3), "{args:?}: {:?}", sent.elapsed());
    }
}

#[test]
fn safe_delete_finishes_what_is_in_flight_and_sends_no_more() {
    let s3 = replicated();
    for key in ["a", "b", "c"] {
        s3.put("src", key, b"x");
    }
    s3.fault(Fault::on("DeleteObject").key("b").delay(Duration::from_millis(700)));
    let args = ["safe-delete", "-y", "--concurrency", "1", "-o", "json", "s3://src/a", "s3://src/b", "s3://src/c"];
    let run = interrupted(&s3, &args, "DeleteObject", "b", Signal::SIGINT).expect(130);
    assert_eq!(run.fields("outcome"), ["marker-created", "marker-created", "not-attempted"]);
    let run = run.says(&["interrupted: 2 hidden, 1 not attempted; run the same command again to continue\n"]);
    assert!(run.stderr.ends_with("to continue\n"), "{run:?}");
    assert_eq!(count(&s3, "DeleteObject"), 3, "the first one was sent twice to learn whether If-Match is supported");
}

#[test]
fn a_second_signal_ends_a_run_whose_reader_has_stopped_reading() {
    let s3 = replicated();
    let keys: Vec<String> = (0..700).map(|number| format!("many/{number:03}")).collect();
    keys.iter().for_each(|key| drop(s3.put("src", key, b"x")));
    let delete = ["safe-delete", "-y", "--recursive", "--max-delete", "700", "-o", "ndjson", "s3://src/many/"];
    for args in [&["status", "--recursive", "-o", "ndjson", "s3://src/many/"][..], &delete] {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut command = client(&s3, args);
        let mut child = command.stdout(writer).spawn().unwrap();
        drop(command);
        let mut before = 0;
        while before < 100 || s3.requests().len() > before {
            before = s3.requests().len();
            std::thread::sleep(Duration::from_millis(700));
        }
        assert!(child.try_wait().unwrap().is_none(), "{args:?}: it waits for the reader");
        support::signal(child.id(), Signal::SIGINT);
        std::thread::sleep(Duration::from_millis(300));
        support::signal(child.id(), Signal::SIGINT);
        let sent = Instant::now();
        while sent.elapsed() < Duration::from_secs(5) && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(20));
        }
        let ended = child.try_wait().unwrap();
        child.kill().unwrap();
        drop(reader);
        assert_eq!(ended.and_then(|status| status.code()), Some(130), "{args:?}");
        s3.clear_requests();
    }
}

/// Three replicated objects, the second of which takes a while to hide.
fn slow_second() -> Sandbox {
    let s3 = replicated();
    for key in ["a", "b", "c"] {
        s3.put("src", key, b"x");
    }
    s3.fault(Fault::on("DeleteObject").key("b").delay(Duration::from_millis(1500)));
    s3
}

const HIDE: [&str; 8] = ["safe-delete", "-y", "--concurrency", "1", "-o", "json", "s3://src/a", "s3://src/b"];

/// Starts `command`, and waits until `b` is being hidden.
fn hiding(s3: &Sandbox, command: Command) -> Child {
    let child = start(command);
    until_asked(s3, "DeleteObject", "b");
    child
}

#[test]
fn a_terminal_that_is_closed_loses_no_outcome_and_leaves_no_temporary_file() {
    for (signals, code) in [
        (vec![Signal::SIGHUP], 143),
        (vec![Signal::SIGQUIT], 143),
        // The terminal's driver and the shell each send one, and systemd sends one after SIGTERM.
        (vec![Signal::SIGHUP, Signal::SIGHUP], 143),
        (vec![Signal::SIGTERM, Signal::SIGHUP], 143),
        (vec![Signal::SIGINT, Signal::SIGHUP], 130),
    ] {
        let s3 = slow_second();
        let (_guard, dir) = crate::support::folder();
        let write = format!("json={}", dir.join("result").display());
        let args: Vec<&str> = HIDE.into_iter().chain(["s3://src/c", "--write", &write]).collect();
        let child = hiding(&s3, client(&s3, &args));
        for signal in &signals {
            support::signal(child.id(), *signal);
            std::thread::sleep(Duration::from_millis(50));
        }
        let run = finish(child).expect(code);
        assert_eq!(run.fields("outcome"), ["marker-created", "marker-created", "not-attempted"], "{signals:?}");
        assert_eq!(crate::support::files(&dir), ["result"], "{signals:?}");
    }
}

#[test]
fn nohup_keeps_a_run_going() {
    let s3 = slow_second();
    let inner = client(&s3, &HIDE);
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(inner.get_program()).args(inner.get_args());
    shell.env_clear().envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let child = hiding(&s3, shell);
    support::signal(child.id(), Signal::SIGHUP);
    finish(child).expect(0);
}

#[test]
fn a_delete_that_is_slowed_down_is_not_sent_again_after_a_signal() {
    let s3 = replicated();
    s3.put("src", "a", b"x");
    s3.fault(Fault::on("DeleteObject").status(503, "SlowDown", "slow down"));
    let args = ["safe-delete", "-y", "--max-attempts", "50", "-o", "json", "s3://src/a"];
    let run = interrupted(&s3, &args, "DeleteObject", "a", Signal::SIGINT).expect(130);
    assert_eq!(run.fields("outcome"), ["failed"]);
    assert!(count(&s3, "DeleteObject") < 6);
}

#[test]
fn before_the_plan_stands_nothing_is_deleted() {
    let s3 = replicated();
    s3.put("src", "a", b"x");
    s3.fault(Fault::on("HeadObject").delay(Duration::from_secs(30)));
    let run = interrupted(&s3, &["safe-delete", "-y", "s3://src/a"], "HeadObject", "a", Signal::SIGTERM);
    run.expect(143).says(&["before anything was deleted"]);
    assert_eq!(count(&s3, "DeleteObject"), 0);
}
