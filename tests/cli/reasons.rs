//! `reasons`: what S3 wrote about failures, from disk, standard input and S3.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use md5::{Digest, Md5};
use nix::sys::signal::Signal;
use replaudit_sandbox::{Bucket, Fault};
use serde_json::{Value, json};

use crate::support::report::gzip;
use crate::support::{
    ODD_KEYS, Run, alone, client, count, finish, folder, only_reads, program, replicated, run, signal, start,
    until_asked, with,
};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/s3-failures/tests/fixtures");

fn md5(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The manifest of a completion report with these results files.
fn manifest(results: &[(&str, &[u8])]) -> String {
    let results: Vec<Value> = results
        .iter()
        .map(|(key, bytes)| {
            let status = if *bytes == SUCCEEDED { "succeeded" } else { "failed" };
            json!({"TaskExecutionStatus": status, "Bucket": "reports", "MD5Checksum": md5(bytes), "Key": key})
        })
        .collect();
    json!({
        "Format": "Report_CSV_20180820",
        "ReportCreationDate": "2026-11-20T10:00:00.000Z",
        "Results": results,
        "ReportSchema": "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage",
    })
    .to_string()
}

const SUCCEEDED: &[u8] = b"src,a,v1,succeeded,200,,Successful\nsrc,b,v1,succeeded,200,,Successful\n";
const FAILED: &[u8] = b"src,logs/c%20d,v2,failed,403,DstPutObjectNotPermitted,denied\n\
    src,logs/e,null,failed,500,SrcObjectNotEligible,not eligible\n\
    src,top,,failed,403,DstPutObjectNotPermitted,\"say \"\"no\"\"\"\n\
    src,new,v3,failed,418,BrandNewCode,\n";

/// A completion report on disk, as `aws s3 sync` leaves it.
fn job(dir: &Path) -> PathBuf {
    fs::create_dir_all(dir.join("job-1/results")).unwrap();
    fs::write(dir.join("job-1/results/1.csv"), SUCCEEDED).unwrap();
    fs::write(dir.join("job-1/results/2.csv"), FAILED).unwrap();
    let manifest = manifest(&[("out/job-1/results/1.csv", SUCCEEDED), ("out/job-1/results/2.csv", FAILED)]);
    fs::write(dir.join("job-1/manifest.json"), manifest).unwrap();
    dir.join("job-1/manifest.json")
}

fn reasons(path: &Path, more: &[&str]) -> Run {
    let path = path.display().to_string();
    let mut args = vec!["reasons", &path];
    args.extend(more);
    alone(&args)
}

fn lines(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_a_manifest_says_of_a_results_file_is_compared_with_it() {
    let (_keep, dir) = folder();
    let report = job(&dir);
    let text = fs::read_to_string(&report).unwrap();
    for (one, other, says) in [
        ("succeeded", "failed", "the manifest says that its tasks failed, but it has tasks that succeeded"),
        ("failed", "succeeded", "the manifest says that its tasks succeeded, but it has tasks that failed"),
        ("succeeded", "canceled", "\"canceled\""),
    ] {
        let status = |word: &str| format!("\"TaskExecutionStatus\":\"{word}\"");
        assert!(text.contains(&status(one)));
        fs::write(&report, text.replace(&status(one), &status(other))).unwrap();
        reasons(&report, &[]).expect(2).says(&[says]);
    }
    // A manifest is no results file.
    let inner = manifest(&[]);
    fs::write(dir.join("job-1/results/2.csv"), &inner).unwrap();
    let outer = manifest(&[("out/job-1/results/1.csv", SUCCEEDED), ("out/job-1/results/2.csv", inner.as_bytes())]);
    fs::write(&report, outer).unwrap();
    reasons(&report, &[]).expect(2).says(&["names it as a results file, but it is a manifest"]);
}

#[test]
fn an_event_of_replication_that_is_new_or_ambiguous_is_no_success() {
    let (_keep, dir) = folder();
    let event = |name: &str| json!({"eventSource": "aws:s3", "eventName": name}).to_string();
    let good = event("s3:Replication:OperationReplicatedAfterThreshold");
    let path = dir.join("events");
    for (text, code, says) in [
        (event("s3:ObjectCreated:Put"), 0, ""),
        (event("s3:Replication:OperationRejected"), 2, "which may be a failure"),
        (event("s3:replication:OperationFailedReplication"), 2, "which may be a failure"),
        (event("s3:Replication:OperationNew").replace("aws:s3", "minio:s3"), 2, "which may be a failure"),
        (event("s3:ObjectCreated:Put").replace("aws:s3", "ceph:s3"), 0, ""),
        (good.replacen('{', "{\"eventName\":\"s3:Replication:OperationFailedReplication\",", 1), 2, "duplicate field"),
        (
            json!({"Body": format!("{{\"a\":1,{}", &good[1..]).replacen("\"a\":1", "\"eventName\":\"x\"", 1)})
                .to_string(),
            2,
            "duplicate field",
        ),
    ] {
        fs::write(&path, format!("{good}\n{text}\n")).unwrap();
        reasons(&path, &[]).expect(code).says(if says.is_empty() { &[] } else { std::slice::from_ref(&says) });
    }
}

#[test]
fn a_pipe_without_a_writer_does_not_hold_back_a_signal() {
    let (_keep, dir) = folder();
    let report = job(&dir).display().to_string();
    let pipe = dir.join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let pipe = pipe.display().to_string();
    for args in [&["reasons", &pipe][..], &["reasons", &report, "--join", &pipe]] {
        let mut command = program();
        command.args(args);
        let child = start(command);
        std::thread::sleep(Duration::from_millis(500));
        signal(child.id(), Signal::SIGINT);
        finish(child).expect(130).says(&["there is no result"]);
    }
}

#[test]
fn a_completion_report_is_explained() {
    let (_keep, dir) = folder();
    let report = job(&dir);
    let found = reasons(&report, &["-o", "json"]).expect(1).silent().json();
    assert_eq!((&found["schema"], &found["complete"]), (&json!("replaudit.reasons/1"), &json!(true)));
    assert_eq!([&found["tasks"], &found["succeeded"], &found["failed"], &found["files"]], [6, 2, 4, 2]);
    let groups = found["reasons"].as_array().unwrap();
    let of = |at: usize, field: &str| groups[at][field].clone();
    assert_eq!((of(0, "reason"), of(0, "objects")), (json!("DstPutObjectNotPermitted"), json!(2)));
    assert!(of(0, "permission").as_str().unwrap().contains("s3:ReplicateObject"));
    assert_eq!((of(0, "first"), of(0, "last")), (json!("2026-11-20T10:00:00Z"), json!("2026-11-20T10:00:00Z")));
    assert_eq!((of(1, "reason"), of(1, "meaning"), of(1, "objects")), (json!("BrandNewCode"), Value::Null, json!(1)));
    assert_eq!(of(2, "reason"), "SrcObjectNotEligible");
    assert_eq!(found["prefixes"], json!([{"value": "", "objects": 2}, {"value": "logs/", "objects": 2}]));
    // The folder is enough, and a results file by itself has no time.
    assert_eq!(reasons(&dir.join("job-1"), &["-o", "json"]).expect(1).json(), found);
    let one = reasons(&dir.join("job-1/results/2.csv"), &["-o", "json"]).expect(1).json();
    assert_eq!((&one["failed"], &one["reasons"][0]["first"]), (&json!(4), &Value::Null));
    reasons(&dir.join("job-1/results/1.csv"), &[]).expect(0).silent();
    let table = reasons(&report, &[]).expect(1).says(&["exit code 1: 4 of 6 tasks failed: DstPutObjectNotPermitted 2"]);
    for part in
        ["2 files: 6 tasks, 2 succeeded, 4 failed", "bucket policy of the destination", "not document this code"]
    {
        assert!(table.stdout.contains(part), "{part}: {}", table.stdout);
    }
    for format in ["markdown", "github", "junit", "csv"] {
        assert!(reasons(&report, &["-o", format]).expect(1).stdout.contains("BrandNewCode"), "{format}");
    }
    reasons(&report, &["-o", "html"]).expect(2).says(&["reasons does not write html"]);
}

#[test]
fn ndjson_lists_what_failed_and_other_commands_take_it() {
    let s3 = replicated();
    let (_keep, dir) = folder();
    let mut rows = Vec::new();
    for key in ODD_KEYS {
        s3.put("src", key, b"x");
        let encoded: String = key
            .bytes()
            .map(|byte| match byte {
                b'/' => "/".to_owned(),
                byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
                byte => format!("%{byte:02X}"),
            })
            .collect();
        let version = &s3.versions("src", key)[0].version_id;
        rows.push(format!("src,{encoded},{version},failed,500,SrcObjectNotEligible,\n"));
    }
    let path = dir.join("results.csv");
    fs::write(&path, rows.concat()).unwrap();
    let listed = reasons(&path, &["-o", "ndjson"]).expect(1).silent();
    let keys: Vec<String> = lines(&listed).iter().map(|line| line["key"].as_str().unwrap().to_owned()).collect();
    assert_eq!(keys, ODD_KEYS);
    let first = &lines(&listed)[0];
    assert_eq!((&first["source"], &first["http_status"]), (&json!("completion-report"), &json!(500)));
    for (name, bytes) in [("list", listed.stdout.as_bytes().to_vec()), ("list.gz", gzip(listed.stdout.as_bytes()))] {
        let list = dir.join(name);
        fs::write(&list, bytes).unwrap();
        let list = list.display().to_string();
        let status = with(&s3, &["status", "--from", &list, "-o", "json"]).expect(0);
        assert_eq!(status.fields("key"), ODD_KEYS, "{name}");
        let kept =
            with(&s3, &["safe-delete", "--from", &list, "--permanent", "--trust-status", "--dry-run", "-o", "json"]);
        assert_eq!(kept.expect(0).fields("key"), ODD_KEYS, "{name}");
    }
    only_reads(&s3);
    let csv = reasons(&path, &["-o", "csv"]).expect(1).stdout;
    assert!(csv.starts_with("bucket,key,version_id,reason,http_status,"), "{csv}");
    assert_eq!(csv::Reader::from_reader(csv.as_bytes()).records().filter_map(Result::ok).count(), ODD_KEYS.len());
}

#[test]
fn a_cut_gzip_list_is_not_a_shorter_list() {
    let s3 = replicated();
    s3.put("src", "a", b"x");
    let (_keep, dir) = folder();
    let path = dir.join("list.gz").display().to_string();
    let whole = gzip("s3://src/a\n".repeat(1000).as_bytes());
    fs::write(&path, &whole).unwrap();
    with(&s3, &["status", "--from", &path, "--summary"]).expect(0);
    fs::write(&path, &whole[..whole.len() - 9]).unwrap();
    with(&s3, &["status", "--from", &path, "--summary"]).expect(2).says(&["reading", "list.gz"]);
    with(&s3, &["safe-delete", "--from", &path, "-y"]).expect(2).says(&["nothing was deleted"]);
    only_reads(&s3);
}

#[test]
fn a_completion_report_in_s3_is_read_from_there() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    let text = manifest(&[("out/job-1/results/1.csv", SUCCEEDED), ("out/job-1/results/2.csv", FAILED)]);
    s3.put("reports", "out/job-1/manifest.json", text.as_bytes());
    s3.put("reports", "out/job-1/results/1.csv", SUCCEEDED);
    s3.put("reports", "out/job-1/results/2.csv", FAILED);
    let address = "s3://reports/out/job-1/manifest.json";
    let found = with(&s3, &["reasons", address, "-o", "json"]).expect(1).silent().json();
    assert_eq!([&found["tasks"], &found["failed"]], [6, 4]);
    assert_eq!(count(&s3, "GetObject"), 3);
    only_reads(&s3);
    // Changed after the manifest was written.
    s3.put("reports", "out/job-1/results/2.csv", &FAILED[..FAILED.len() - 1]);
    let changed = with(&s3, &["reasons", address, "-o", "json"]).expect(2).says(&["results/2.csv", "MD5"]);
    let found = changed.json();
    assert_eq!([&found["complete"], &found["failed"], &found["succeeded"]], [&json!(false), &json!(0), &json!(2)]);
    let listed = with(&s3, &["reasons", address, "-o", "ndjson"]).expect(2);
    assert_eq!(listed.stdout, "", "nothing of a file that was not read whole");
    s3.fault(Fault::on("GetObject").key("out/job-1/results/1.csv").status(403, "AccessDenied", "no"));
    with(&s3, &["reasons", address]).expect(2).says(&["results/1.csv", "AccessDenied"]);
    with(&s3, &["reasons", "s3://reports/nothing"]).expect(2).says(&["there is no such object"]);
}

#[test]
fn damage_is_named_with_file_and_line_and_counts_nothing() {
    let (_keep, dir) = folder();
    let report = job(&dir);
    let good = dir.join("good.csv");
    fs::write(&good, b"src,z,v,failed,500,SrcKeyNotFound,\n").unwrap();
    for (name, bytes, says) in [
        ("cut.csv", &FAILED[..90], "line 2: the row has"),
        ("wrong.csv", b"src,k,v\n", "line 1: the row has 3 of the 7 columns"),
        ("open.csv", b"src,a,v,succeeded,200,,\nsrc,k,v,failed,500,X,\"half", "line 2: the file ends in the middle"),
        ("cut.json", b"{\"Records\":[", "line 1: the file ends in the middle"),
        ("other.json", b"{\"sourceBucket\":\"src\"}", "line 1: this JSON is not"),
        ("cut.gz", &gzip(b"src,k,v,failed,500,X,\n")[..20], "cut.gz: line"),
    ] {
        let path = dir.join(name);
        fs::write(&path, bytes).unwrap();
        let (path, good) = (path.display().to_string(), good.display().to_string());
        let found = alone(&["reasons", &good, &path, "-o", "json"]).expect(2).says(&[name, says]);
        let document = found.json();
        assert_eq!((&document["failed"], &document["unread"][0]["file"]), (&json!(1), &json!(path)), "{name}");
    }
    fs::remove_file(dir.join("job-1/results/2.csv")).unwrap();
    reasons(&report, &[]).expect(2).says(&["manifest.json", "2.csv", "missing"]);
    reasons(&dir.join("nowhere"), &[]).expect(2).says(&["nowhere", "No such file"]);
}

#[test]
fn an_md5_tells_a_cut_file_from_an_unbalanced_quote() {
    let (_keep, dir) = folder();
    let report = job(&dir);
    let results = dir.join("job-1/results/2.csv");
    let odd = [FAILED, b"src,last,v4,failed,403,NewCode,\"odd \"\"quote"].concat();
    for text in [odd.clone(), [&odd[..], b"\n"].concat()] {
        fs::write(&results, &text).unwrap();
        let whole = manifest(&[("out/job-1/results/1.csv", SUCCEEDED), ("out/job-1/results/2.csv", &text)]);
        fs::write(&report, whole).unwrap();
        let found = reasons(&report, &["-o", "json"]).expect(1).silent().json();
        assert_eq!([&found["tasks"], &found["failed"]], [7, 5]);
    }
    // Cut in any column, the checksum says so.
    for end in [odd.len(), FAILED.len() + 3, FAILED.len() - 4] {
        fs::write(&results, &odd[..end]).unwrap();
        let changed = reasons(&report, &["-o", "json"]).expect(2).says(&["results/2.csv", "it was changed or cut"]);
        assert!(!changed.stderr.contains("line "), "{changed:?}");
        assert_eq!(changed.json()["failed"], 0);
    }
    fs::remove_file(dir.join("job-1/results/1.csv")).unwrap();
    fs::write(dir.join("job-1/results/1.csv"), "").unwrap();
    let unknown = reasons(&report, &["-o", "markdown"]).expect(2).stdout;
    assert!(unknown.starts_with("## ❌ Replication: unknown, because no file could be read\n\n0 files: "), "{unknown}");
    // Not cut, and not a row.
    let wrong = [FAILED, b"src,last\n"].concat();
    fs::write(&results, &wrong).unwrap();
    fs::write(&report, manifest(&[("out/job-1/results/2.csv", &wrong)])).unwrap();
    reasons(&report, &[]).expect(2).says(&["line 5: the row has 2 of the 7 columns"]);
    // Without a manifest, the line feed shows that the row is whole.
    let alone = dir.join("alone.csv");
    fs::write(&alone, [&odd[..], b"\n"].concat()).unwrap();
    reasons(&alone, &[]).expect(1);
    fs::write(&alone, &odd).unwrap();
    reasons(&alone, &[]).expect(2).says(&["line 5: the file ends in the middle of a row"]);
}

#[test]
fn nothing_to_read_is_no_success() {
    let (_keep, dir) = folder();
    for (name, text) in
        [("empty", ""), ("test.json", r#"{"Event":"s3:TestEvent"}"#), ("none.json", r#"{"Records":[]}"#)]
    {
        fs::write(dir.join(name), text).unwrap();
        reasons(&dir.join(name), &[]).expect(2).says(&["no task", "--allow-empty"]);
        reasons(&dir.join(name), &["--allow-empty", "-o", "json"]).expect(0);
    }
    fs::write(dir.join("manifest.json"), manifest(&[])).unwrap();
    reasons(&dir, &[]).expect(2).says(&["no task"]);
    alone(&["reasons"]).expect(2);
}

#[test]
fn nothing_counts_twice() {
    let (_keep, dir) = folder();
    let report = job(&dir);
    let [manifest, results] = [report, dir.join("job-1/results/2.csv")].map(|path| path.display().to_string());
    alone(&["reasons", &manifest, &results]).expect(2).says(&["would count twice"]);
    let found = alone(&["reasons", &results, &results, "-o", "json"]).expect(2).json();
    assert_eq!(found["failed"], 4);
    alone(&["reasons", "-", "-"]).expect(2).says(&["only once"]);
}

fn piped(text: &[u8], args: &[&str]) -> Run {
    let mut command: Command = program();
    let mut feed = tempfile::tempfile().unwrap();
    feed.write_all(text).unwrap();
    std::io::Seek::rewind(&mut feed).unwrap();
    command.args(args).stdin(Stdio::from(feed));
    run(command)
}

#[test]
fn events_come_by_standard_input_gzipped_or_not() {
    let event = fs::read_to_string(format!("{FIXTURES}/event.json")).unwrap();
    let message = json!({"Messages": [{"Body": event}, {"Body": "{\"Event\":\"s3:TestEvent\"}"}]}).to_string();
    for bytes in [event.clone().into_bytes(), gzip(event.as_bytes()), message.into_bytes()] {
        let found = piped(&bytes, &["reasons", "-", "-o", "json"]).expect(1).json();
        let group = &found["reasons"][0];
        assert_eq!((&group["reason"], &group["bytes"]), (&json!("AssumeRoleNotPermitted"), &json!(520_080)));
        assert_eq!(group["destinations"], json!([{"bucket": "amzn-s3-demo-bucket2", "objects": 1}]));
        assert_eq!(group["first"], "2024-09-05T21:04:32.527Z");
    }
    piped(manifest(&[("a", b"b")]).as_bytes(), &["reasons", "-"]).expect(2).says(&["give its path"]);
}

#[test]
fn records_of_a_destination_are_listed_once_their_source_is_known() {
    let record = json!({
        "userIdentity": {"arn": "arn:aws:sts::111122223333:assumed-role/replicate/s3-replication"},
        "eventTime": "2026-11-20T01:02:03Z", "eventSource": "s3.amazonaws.com", "eventName": "PutObject",
        "errorCode": "AccessDenied", "requestParameters": {"bucketName": "dst", "key": "a b"}
    });
    let text = json!({"Records": [record]}).to_string();
    let found = piped(text.as_bytes(), &["reasons", "-", "-o", "json"]).expect(1).json();
    let group = &found["reasons"][0];
    assert_eq!((&group["operation"], &group["permission"]), (&json!("PutObject"), &json!("s3:ReplicateObject")));
    let none = piped(text.as_bytes(), &["reasons", "-", "-o", "ndjson"]).expect(1).says(&["--source-bucket"]);
    assert_eq!(none.stdout, "");
    let listed = piped(text.as_bytes(), &["reasons", "-", "-o", "ndjson", "--source-bucket", "src"]).expect(1);
    let line = &lines(&listed)[0];
    assert_eq!((&line["bucket"], &line["key"], &line["destination"]), (&json!("src"), &json!("a b"), &json!("dst")));
    piped(text.as_bytes(), &["reasons", "-", "--role", "other"]).expect(2).says(&["no task"]);
}

#[test]
fn an_output_is_never_one_of_the_inputs() {
    let (_keep, dir) = folder();
    let report = job(&dir);
    for input in ["job-1/manifest.json", "job-1/results/2.csv"] {
        let path = dir.join(input);
        let before = fs::read(&path).unwrap();
        let write = format!("json={}", path.display());
        reasons(&report, &["--write", &write]).expect(2);
        assert_eq!(fs::read(&path).unwrap(), before, "{input}");
    }
    let write = format!("ndjson={}", dir.join("failed.ndjson").display());
    reasons(&report, &["-q", "--write", &write]).expect(1);
    assert_eq!(fs::read_to_string(dir.join("failed.ndjson")).unwrap().lines().count(), 4);
}

#[test]
fn an_export_gets_its_reasons() {
    let (_keep, dir) = folder();
    let report = job(&dir);
    let export = dir.join("failed.ndjson");
    let rows = [
        r#"{"bucket":"src","key":"logs/c d","version_id":"v2","size":7,"zebra":"x"}"#,
        r#"{"bucket":"src","key":"logs/e","version_id":"null","size":5}"#,
        r#"{"bucket":"src","key":"new","version_id":"other","size":1}"#,
    ];
    fs::write(&export, rows.join("\n") + "\n").unwrap();
    let name = export.display().to_string();
    let join = ["--join", name.as_str()];
    let listed = reasons(&report, &[&join[..], &["-o", "ndjson"]].concat()).expect(1).silent();
    let found: Vec<Value> = lines(&listed).iter().map(|line| line["reason"].clone()).collect();
    assert_eq!(found, [json!("DstPutObjectNotPermitted"), json!("SrcObjectNotEligible"), Value::Null]);
    assert!(listed.stdout.starts_with(&rows[0][..rows[0].len() - 1]), "fields keep their order: {}", listed.stdout);
    let document = reasons(&report, &[&join[..], &["-o", "json"]].concat()).expect(1).json();
    let joined = &document["join"];
    assert_eq!([&joined["objects"], &joined["with_reason"]], [3, 2]);
    assert_eq!(joined["reasons"]["DstPutObjectNotPermitted"], json!({"objects": 1, "bytes": 7}));
    let table = reasons(&report, &join).expect(1).stdout;
    assert!(table.contains("2 of 3 objects of") && table.contains("SrcObjectNotEligible: 1 object, 5 B"), "{table}");
    reasons(&report, &[&join[..], &["-o", "csv"]].concat()).expect(1);
    fs::write(&export, gzip((rows.join("\n") + "\n").as_bytes())).unwrap();
    assert_eq!(reasons(&report, &[&join[..], &["-o", "ndjson"]].concat()).expect(1).stdout, listed.stdout);
    for (text, says) in [(rows[0], "it was cut"), ("{}\n", "bucket is missing"), ("x\n", "line 1")] {
        fs::write(&export, text).unwrap();
        reasons(&report, &join).expect(2).says(&["--join", says]);
    }
    reasons(&report, &["--join", "nowhere"]).expect(2).says(&["nowhere"]);
    reasons(&report, &["--memory", "64MiB"]).expect(2).says(&["--join"]);
}

#[test]
fn a_signal_ends_it_without_a_result() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("reports"));
    s3.put("reports", "results.csv", FAILED);
    s3.fault(Fault::on("GetObject").delay(std::time::Duration::from_secs(20)));
    let child = start(client(&s3, &["reasons", "s3://reports/results.csv"]));
    until_asked(&s3, "GetObject", "results.csv");
    signal(child.id(), Signal::SIGINT);
    assert_eq!(finish(child).expect(130).says(&["interrupted"]).stdout, "");
}
