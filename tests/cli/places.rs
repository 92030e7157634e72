//! Where things are written: a journal that is another of the run's files, a full temporary folder, an endpoint with a
//! password.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Run, alone, client, files, finish, folder, replicated, run, with};

/// Runs a command of a shell in which `$0` is the program, with the server's address and credentials.
fn shell(s3: &replaudit_sandbox::Sandbox, script: &str, args: &[&str]) -> Run {
    let program = client(s3, args);
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", script]).arg(program.get_program()).args(program.get_args()).env_clear().stdin(Stdio::null());
    shell.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    run(shell)
}

#[test]
fn a_journal_that_is_another_file_of_the_run_is_refused_and_left_alone() {
    let s3 = replicated();
    s3.put("src", "a", b"x");
    s3.clear_requests();
    let (_guard, dir) = folder();
    let path = |name: &str| dir.join(name).display().to_string();
    let [list, journal, result] = ["list", "journal", "result"].map(path);
    fs::write(&list, "s3://src/a\n").unwrap();
    fs::write(&result, "").unwrap();
    symlink("list", dir.join("link")).unwrap();
    fs::hard_link(&list, dir.join("hard")).unwrap();
    fs::hard_link(&result, dir.join("other-result")).unwrap();
    symlink("not-there", dir.join("to-new")).unwrap();
    let write = format!("json={result}");
    let write_new = format!("json={}", path("not-there"));
    let before = files(&dir);
    let at = |journal: &str, more: &[&str]| {
        let mut args = vec!["safe-delete", "-y", "--from", &list, "--journal", journal];
        args.extend(more);
        args.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()
    };
    let owned = |args: Vec<String>| with(&s3, &args.iter().map(String::as_str).collect::<Vec<_>>());
    for name in ["list", "link", "hard"] {
        owned(at(&path(name), &[])).expect(2).says(&["--journal", "--from", name]);
    }
    for name in ["result", "other-result"] {
        owned(at(&path(name), &["--write", &write])).expect(2).says(&["--journal", "--write", name]);
    }
    for name in ["not-there", "./not-there", "to-new"] {
        owned(at(&path(name), &["--write", &write_new])).expect(2).says(&["--journal", "--write", name]);
    }
    // Standard output and standard error are files here; the messages are in the latter.
    let append = || fs::File::options().create(true).append(true).open(&journal).unwrap();
    for named in [journal.as_str(), "/dev/stdout", "/dev/fd/1"] {
        let args = at(named, &[]);
        let mut command = client(&s3, &args.iter().map(String::as_str).collect::<Vec<_>>());
        let child = command.stdout(append()).stderr(Stdio::piped()).spawn().unwrap();
        finish(child).expect(2).says(&["--journal", "stdout"]);
        assert_eq!(fs::read_to_string(&journal).unwrap(), "");
        fs::remove_file(&journal).unwrap();
    }
    for named in [journal.as_str(), "/dev/stderr"] {
        let args = at(named, &[]);
        let mut command = client(&s3, &args.iter().map(String::as_str).collect::<Vec<_>>());
        let code = command.stdout(Stdio::null()).stderr(append()).status().unwrap().code();
        let said = fs::read_to_string(&journal).unwrap();
        assert!(said.contains("--journal") && said.contains("stderr") && !said.contains("{"), "{said}");
        assert_eq!(code, Some(2), "{said}");
        fs::remove_file(&journal).unwrap();
    }
    for device in ["/dev/null", "/dev/tty", "/dev/full", "/dev/fd/0"] {
        owned(at(device, &[])).expect(2).says(&["journal"]);
    }
    assert_eq!(files(&dir), before);
    assert_eq!(fs::read_to_string(&list).unwrap(), "s3://src/a\n");
    assert!(s3.requests().is_empty(), "{:?}", s3.requests());
    owned(at(&journal, &["--write", &write])).expect(0);
}

#[test]
fn a_journal_that_can_t_be_used_is_refused_before_a_prefix_is_listed() {
    let s3 = replicated();
    let (_guard, dir) = folder();
    let refused = |journal: &Path, why: &str| {
        let journal = journal.display().to_string();
        let args = ["safe-delete", "-y", "--max-delete", "9", "--recursive", "s3://src/x", "--journal", &journal];
        with(&s3, &args).expect(2).says(&["journal", why]);
        assert!(s3.requests().is_empty());
    };
    refused(&dir, "can't be locked");
    refused(&dir.join("none/journal"), "none/journal");
    let busy = dir.join("busy");
    let held = fs::File::create(&busy).unwrap();
    held.lock().unwrap();
    refused(&busy, "another run is writing it");
}

#[test]
fn a_full_temporary_folder_is_named() {
    let s3 = replicated();
    let keys: Vec<String> = (0..400).map(|n| format!("{n:0>300}")).collect();
    s3.put_many("src", &keys, b"x");
    let (_guard, dir) = folder();
    let list = dir.join("list");
    // Small as a list, large as a plan: 40 objects of 700 bytes each.
    let lines = |count: usize| keys[..count].iter().map(|key| format!("s3://src/{key}\n")).collect::<String>();
    for (count, blocks, what) in [(400, 100, "list"), (60, 60, "plan")] {
        fs::write(&list, lines(count)).unwrap();
        let tmp = dir.display().to_string();
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; TMPDIR='{tmp}' exec \"$0\" \"$@\"");
        let args = ["safe-delete", "-y", "--from", list.to_str().unwrap()];
        let run = shell(&s3, &script, &args).expect(2).says(&["temporary file", &tmp, "TMPDIR", what]);
        assert!(!run.stdout.contains("marker-created"));
    }
    let args = ["safe-delete", "-y", "--from", list.to_str().unwrap()];
    let mut none = client(&s3, &args);
    none.env("TMPDIR", dir.join("none"));
    run(none).expect(2).says(&["temporary file", &dir.join("none").display().to_string(), "TMPDIR"]);
    assert!(s3.requests().iter().all(|request| !request.is_write()));
    assert_eq!(files(&dir), ["list"]);
}

const PASSWORD: &str = "hunter2";

#[test]
fn a_password_in_an_endpoint_appears_nowhere() {
    let s3 = replicated();
    s3.put("src", "a", b"x");
    s3.create_bucket(replaudit_sandbox::Bucket::new("plain"));
    let (_guard, dir) = folder();
    let host = s3.endpoint().strip_prefix("http://").unwrap().to_owned();
    let with_password = |host: &str| format!("http://user:{PASSWORD}@{host}");
    let good = with_password(&host);
    let [closed, broken] = ["127.0.0.1:1", "[::1"].map(with_password);
    let journal = dir.join("journal").display().to_string();
    let result = format!("json={}", dir.join("result").display());
    let slash = "http://user:hunter2/x@127.0.0.1:1".to_owned();
    let dst = [&good, &closed, &broken].map(|url| format!("dst,endpoint={url}"));
    let bad_dst = format!("dst,endpoint={good},colour=red");
    let runs: [(&[&str], i32); 16] = [
        (&["status", "s3://src/a", "-vv", "--endpoint-url", &good], 0),
        (&["status", "s3://src/none", "-vv", "--explain", "--endpoint-url", &good], 1),
        (&["status", "s3://src/a", "-vv", "--verify-replica", "--endpoint-url", &good], 0),
        (&["status", "s3://src/a", "-vv", "--verify-replica", "--destination", &dst[0]], 0),
        (&["status", "s3://src/a", "-vv", "--verify-replica", "--max-attempts", "1", "--destination", &dst[1]], 2),
        (&["status", "s3://src/a", "-vv", "--verify-replica", "--max-attempts", "1", "--destination", &dst[2]], 2),
        (&["status", "s3://src/a", "--verify-replica", "--destination", &bad_dst], 2),
        (&["status", &good], 2),
        (&["status", "s3://src/a", "-vv", "--max-attempts", "1", "--endpoint-url", &closed], 2),
        (&["status", "s3://src/a", "-vv", "--max-attempts", "1", "--endpoint-url", &broken], 2),
        (&["status", "s3://src/a", "-vv", "--max-attempts", "1", "--endpoint-url", &slash], 2),
        (&["status", "s3://src/a", "--endpoint-url", "user:hunter2@host"], 2),
        (&["status", "s3://src/a", "--endpoint", &good], 2),
        (&["inventory", "--bucket", "src", "-vv", "--endpoint-url", &good], 2),
        (&["safe-delete", "-n", "s3://src/a", "-vv", "--endpoint-url", &good], 0),
        (&["safe-delete", "-y", "s3://src/a", "--journal", &journal, "--write", &result, "--endpoint-url", &good], 0),
    ];
    let hidden = |text: &str, what: &dyn std::fmt::Debug| assert!(!text.contains(PASSWORD), "{what:?}: {text}");
    for (args, code) in &runs {
        for format in ["table", "json"] {
            let mut args = args.to_vec();
            args.extend(["-o", format]);
            if format == "json" && args.contains(&"--journal") {
                continue;
            }
            let run = with(&s3, &args);
            hidden(&run.stderr, &args);
            hidden(&run.stdout, &args);
            assert_eq!(run.code, Some(*code), "{args:?}: {run:#?}");
        }
    }
    for name in files(&dir) {
        hidden(&fs::read_to_string(dir.join(&name)).unwrap(), &name);
    }
    assert_eq!(files(&dir), ["journal", "result"]);
    let mut environment = client(&s3, &["status", "s3://src/a", "-vv", "--max-attempts", "1"]);
    environment.env("AWS_ENDPOINT_URL_S3", &closed);
    let run = run(environment).expect(2);
    hidden(&run.stderr, &"environment");
    hidden(&run.stdout, &"environment");
    hidden(&alone(&["status", "s3://src/a", "--endpoint-url", &broken]).stderr, &"alone");
}

#[test]
fn the_command_that_takes_a_marker_away_has_no_password() {
    let s3 = replicated();
    s3.dialect(|dialect| dialect.if_match_ignored = true);
    s3.put("src", "a", b"x");
    s3.before("DeleteObject", Some("a"), |s3| drop(s3.put("src", "a", b"newer")));
    let host = s3.endpoint().strip_prefix("http://").unwrap().to_owned();
    let endpoint = format!("http://user:{PASSWORD}@{host}");
    let args = ["safe-delete", "-y", "s3://src/a", "-o", "json", "--endpoint-url", &endpoint, "--allow-unconditional"];
    let run = with(&s3, &args).expect(3);
    let hint = run.objects()[0]["error"]["hint"].as_str().unwrap().to_owned();
    assert!(hint.contains(&format!("--endpoint-url {}", s3.endpoint())) && !hint.contains(PASSWORD), "{hint}");
}
