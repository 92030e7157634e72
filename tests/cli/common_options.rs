//! Options of every command: outputs, files, verbosity.

use std::fs;
use std::io::Read;
use std::process::Stdio;

use replaudit_sandbox::{Fault, Sandbox};

use crate::support::{alone, client, files, finish, folder, replicated, run, start, with};

fn three() -> Sandbox {
    let s3 = replicated();
    for key in ["a", "b", "c"] {
        s3.put("src", key, b"x");
    }
    s3
}

const THREE: [&str; 3] = ["s3://src/a", "s3://src/b", "s3://src/c"];

#[test]
fn results_go_to_files_as_well_and_whole() {
    let s3 = three();
    let (_guard, dir) = folder();
    let path = |name: &str| dir.join(name).display().to_string();
    fs::write(dir.join("r.json"), "old").unwrap();
    let (json, csv) = (format!("json={}", path("r.json")), format!("csv={}", path("r.csv")));
    let mut args = vec!["status", "-q", "--write", &json, "--write", &csv];
    args.extend(THREE);
    let run = with(&s3, &args).expect(0).silent();
    assert_eq!(run.stdout, "");
    let document: serde_json::Value = serde_json::from_slice(&fs::read(dir.join("r.json")).unwrap()).unwrap();
    assert_eq!(document["summary"]["objects"], 3);
    assert_eq!(fs::read_to_string(dir.join("r.csv")).unwrap().lines().count(), 4);
    assert_eq!(files(&dir), ["r.csv", "r.json"], "no temporary file is left");
}

#[test]
fn a_file_that_can_t_be_written_shows_before_anything_is_asked() {
    let s3 = three();
    let (_guard, dir) = folder();
    for write in [format!("json={}/none/r.json", dir.display()), format!("json={}", dir.display())] {
        with(&s3, &["status", "s3://src/a", "--write", &write])
            .expect(2)
            .says(&["writing", &dir.display().to_string()]);
    }
    let none = dir.join("none").display().to_string();
    let missing = format!("the folder {none} does not exist: create it, or correct --");
    let write = format!("json={none}/r.json");
    with(&s3, &["status", "s3://src/a", "--write", &write]).expect(2).says(&[&format!("{missing}write")]);
    let journal = format!("{none}/journal");
    with(&s3, &["safe-delete", "-y", "s3://src/a", "--journal", &journal])
        .expect(2)
        .says(&[&format!("the journal {journal}: {missing}journal")]);
    assert!(s3.requests().is_empty());
    for bad in ["r.json", "xml=r.xml", "json=", "=x"] {
        with(&s3, &["status", "s3://src/a", "--write", bad]).expect(2).says(&["--write"]);
    }
    let twice = format!("json={}/r", dir.display());
    let csv = format!("csv={}/r", dir.display());
    with(&s3, &["status", "s3://src/a", "--write", &twice, "--write", &csv]).expect(2).says(&["twice"]);
}

#[test]
fn links_are_followed_and_what_is_no_file_is_refused() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let s3 = three();
    let (_guard, dir) = folder();
    fs::write(dir.join("real.json"), "old").unwrap();
    fs::set_permissions(dir.join("real.json"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.json", dir.join("link.json")).unwrap();
    symlink("nowhere", dir.join("dangling.json")).unwrap();
    let write = |name: &str| format!("json={}/{name}", dir.display());
    with(&s3, &["status", "-q", "s3://src/a", "--write", &write("link.json")]).expect(0);
    assert!(dir.join("link.json").is_symlink());
    let real = fs::metadata(dir.join("real.json")).unwrap();
    assert_eq!((real.permissions().mode() & 0o777, real.len() > 10), (0o640, true));
    nix::unistd::mkfifo(&dir.join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    s3.clear_requests();
    for target in [write("pipe"), write("dangling.json"), "json=-".to_owned(), "json=/dev/null".to_owned()] {
        with(&s3, &["status", "s3://src/a", "--write", &target]).expect(2);
    }
    assert!(s3.requests().is_empty());
}

#[test]
fn a_full_disk_is_never_a_yes() {
    let s3 = three();
    for format in ["table", "json", "ndjson", "csv"] {
        let mut command = client(&s3, &["status", "-o", format]);
        command.args(THREE).stdout(fs::File::options().write(true).open("/dev/full").unwrap()).stderr(Stdio::piped());
        finish(command.spawn().unwrap()).expect(2).says(&["writing to stdout"]);
    }
}

#[test]
fn a_reader_that_goes_away_early_gets_no_yes_and_stderr_says_why() {
    let s3 = replicated();
    let keys: Vec<String> = (0..3000).map(|n| format!("{n:0>200}")).collect();
    s3.put_many("src", &keys, b"x");
    let mut command = client(&s3, &["status", "-o", "ndjson"]);
    command.args(keys.iter().map(|key| format!("s3://src/{key}")));
    let mut child = start(command);
    let mut first = [0u8; 10];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut first).unwrap();
    drop(stdout);
    assert_eq!(
        finish(child).expect(2).stderr,
        "error: writing to stdout: the program that reads it ended too early: Broken pipe (os error 32)\n"
    );
}

#[test]
fn colours_are_for_terminals_unless_asked_for() {
    let s3 = three();
    let plain = |run: &crate::support::Run| !run.stdout.contains('\u{1b}');
    assert!(plain(&with(&s3, &["status", "s3://src/a"])));
    assert!(!plain(&with(&s3, &["status", "s3://src/a", "--color", "always"])));
    let mut forced = client(&s3, &["status", "s3://src/a"]);
    forced.env("CLICOLOR_FORCE", "1");
    assert!(!plain(&run(forced)));
    let mut both = client(&s3, &["status", "s3://src/a", "--color", "never"]);
    both.env("CLICOLOR_FORCE", "1");
    assert!(plain(&run(both)));
}

#[test]
fn verbose_says_what_is_asked_and_never_a_secret() {
    let s3 = three();
    let quiet = with(&s3, &["status", "s3://src/a"]);
    assert_eq!(quiet.stderr, "");
    let once =
        with(&s3, &["status", "s3://src/a", "-v"]).expect(0).says(&["HeadObject s3://src/a", "replication status"]);
    let twice = with(&s3, &["status", "s3://src/a", "s3://src/none", "-vv"])
        .expect(1)
        .says(&["HeadObject: 404, request ID", "HeadObject: success, request ID"]);
    let long = with(&s3, &["status", "s3://src/a", "-vvvv"]).expect(0);
    for run in [once, twice, long] {
        let secret = s3.secret_key().to_owned();
        for word in [secret.as_str(), "Signature", "Authorization", "authorization", "X-Amz-"] {
            assert!(!run.stderr.contains(word) && !run.stdout.contains(word), "{word}: {run:?}");
        }
    }
}

#[test]
fn options_may_stand_on_either_side_of_the_command() {
    let s3 = three();
    assert_eq!(
        with(&s3, &["-o", "json", "--region", "us-east-1", "status", "s3://src/a"]).expect(0).objects().len(),
        1
    );
}

#[test]
fn endpoints_come_from_the_option_first_and_need_a_scheme() {
    let s3 = three();
    let endpoint = s3.endpoint();
    let mut wrong = client(&s3, &["status", "s3://src/a", "--endpoint-url", &endpoint]);
    wrong.env("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1");
    run(wrong).expect(0);
    let mut general = client(&s3, &["status", "s3://src/a"]);
    general.env_remove("AWS_ENDPOINT_URL_S3").env("AWS_ENDPOINT_URL", &endpoint);
    run(general).expect(0);
    with(&s3, &["status", "s3://src/a", "--endpoint-url", "localhost:9000"])
        .expect(2)
        .says(&["localhost:9000", "scheme"]);
    let mut env = client(&s3, &["status", "s3://src/a"]);
    env.env("AWS_ENDPOINT_URL_S3", "localhost:9000");
    run(env).expect(2).says(&["AWS_ENDPOINT_URL_S3", "scheme"]);
    let mut empty = client(&s3, &["status", "s3://src/a"]);
    empty.env("AWS_ENDPOINT_URL_S3", "");
    run(empty).expect(2).says(&["AWS_ENDPOINT_URL_S3", "\"\" is not an endpoint"]);
    let mut both = client(&s3, &["status", "s3://src/a"]);
    both.env("AWS_ENDPOINT_URL_S3", "").env("AWS_ENDPOINT_URL", &endpoint);
    run(both).expect(0);
}

#[test]
fn a_profile_named_on_the_command_line_beats_the_environment() {
    let s3 = three();
    let (_guard, dir) = folder();
    let file = dir.join("credentials");
    fs::write(
        &file,
        format!("[good]\naws_access_key_id={}\naws_secret_access_key={}\n", s3.access_key(), s3.secret_key()),
    )
    .unwrap();
    let mut command = client(&s3, &["status", "s3://src/a", "--profile", "good"]);
    command.env("AWS_SHARED_CREDENTIALS_FILE", &file).env("AWS_ACCESS_KEY_ID", "WRONG");
    run(command).expect(0).silent();
    let mut command = client(&s3, &["status", "s3://src/a", "--profile", "absent"]);
    command.env("AWS_SHARED_CREDENTIALS_FILE", &file);
    let absent = run(command).expect(2).says(&["no profile \"absent\"", "aws configure list-profiles"]);
    assert!(!absent.stderr.contains("AWS_ACCESS_KEY_ID"), "{absent:?}");
}

#[test]
fn ca_bundles_are_read_and_checked() {
    let (_guard, dir) = folder();
    let file = dir.join("ca.pem");
    fs::write(&file, "no certificate").unwrap();
    let path = file.display().to_string();
    alone(&["status", "s3://bucket/k", "--no-sign-request", "--ca-bundle", &path]).expect(2).says(&[&path, "no PEM"]);
    alone(&["status", "s3://bucket/k", "--no-sign-request", "--ca-bundle", "/none.pem"]).expect(2).says(&["/none.pem"]);
}

#[test]
fn help_and_version_are_no_errors() {
    for args in [&["--help"][..], &["-V"], &["status", "--help"], &["inventory", "-h"], &["help", "safe-delete"]] {
        let run = alone(args).expect(0).silent();
        assert!(run.stdout.contains("replaudit") || run.stdout.contains("Usage"), "{run:?}");
    }
    assert!(alone(&[]).expect(2).stderr.contains("Usage"));
}

#[test]
fn commands_that_connect_to_nothing_offer_no_options_for_it() {
    for command in ["schema", "completions"] {
        let help = alone(&[command, "--help"]).expect(0).stdout;
        assert!(!help.contains("Connection options") && !help.contains("Output options"), "{help}");
    }
    // An alias may have them.
    alone(&["schema", "status", "--region", "eu-west-1", "-o", "json"]).expect(0);
}

#[test]
fn an_endpoint_that_cannot_be_asked_is_refused_with_the_reason() {
    for (url, why) in [
        ("ftp://host", "S3 is reached with http:// or https://, not ftp://"),
        ("http://", "it names no host"),
        ("localhost:9000", "write the scheme too"),
    ] {
        let to = ["status", "s3://bucket/k", "--no-sign-request"];
        alone(&[&to[..], &["--endpoint-url", url]].concat()).expect(2).says(&[url, "is not an endpoint", why]);
        let destination = format!("dst,endpoint={url}");
        alone(&[&to[..], &["--verify-replica", "--destination", &destination]].concat()).expect(2).says(&[url, why]);
    }
    let s3 = three();
    let https = s3.endpoint().replace("http://", "https://");
    let run = with(&s3, &["status", "s3://src/a", "--endpoint-url", &https, "--max-attempts", "1"]).expect(2);
    assert!(run.stdout.contains("is it an http:// server?"), "{run:?}");
}

#[test]
fn a_refusal_names_the_option_that_may_be_its_cause() {
    let s3 = three();
    s3.fault(Fault::on("*").status(403, "AccessDenied", "no"));
    let status = |args: &[&str]| with(&s3, &[&["status", "s3://src/a"], args].concat()).expect(2).stdout;
    for args in [&["--no-sign-request"][..], &["--expected-bucket-owner", "111122223333"]] {
        let shown = status(args);
        assert!(shown.contains(&format!("{} may be the cause", args[0])), "{shown}");
    }
    assert!(!status(&[]).contains("may be the cause"));
}

#[test]
fn a_negative_number_is_a_value() {
    let run = alone(&["status", "s3://bucket/k", "--max-attempts", "-1"]).expect(2);
    assert!(!run.says(&["'-1'", "write a whole number from 1 to 100"]).stderr.contains("-- -1"));
    alone(&["status", "s3://bucket/k", "--read-timeout", "0s"]).expect(2).says(&["more than zero, such as 5s"]);
}
