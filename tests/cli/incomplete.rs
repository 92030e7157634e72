//! A result that is not whole: it says so, or it does not replace the file that was.

use std::fs;

use replaudit_sandbox::Fault;

use crate::support::{alone, files, folder, replicated, with};

/// What says itself that it is not whole, and what cannot.
const SAYS: [&str; 5] = ["table", "markdown", "json", "junit", "github"];
const SILENT: [&str; 2] = ["csv", "ndjson"];

#[test]
fn a_listing_that_breaks_off_replaces_no_file_that_cannot_say_so() {
    let s3 = replicated();
    ["a", "b", "c", "d"].iter().for_each(|key| drop(s3.put("src", key, b"x")));
    s3.page_size(1);
    let (_guard, dir) = folder();
    let path = |format: &str| dir.join(format);
    let writes: Vec<String> = SAYS
        .iter()
        .chain(&SILENT)
        .flat_map(|format| ["--write".to_owned(), format!("{format}={}", path(format).display())])
        .collect();
    let args: Vec<&str> = ["status", "--recursive", "s3://src/", "--max-attempts", "1"]
        .into_iter()
        .chain(writes.iter().map(String::as_str))
        .collect();
    with(&s3, &args).expect(0);
    let whole = SILENT.map(|format| fs::read(path(format)).unwrap());

    s3.fault(Fault::on("ListObjectsV2").skip(1).status(500, "InternalError", "no"));
    let run = with(&s3, &args).expect(2).says(&["csv was not written: the result is not complete", "ndjson was not"]);
    assert_eq!(SILENT.map(|format| fs::read(path(format)).unwrap()), whole);
    let text = |format: &str| fs::read_to_string(path(format)).unwrap();
    for format in ["table", "markdown", "junit", "github"] {
        assert!(text(format).contains("INCOMPLETE"), "{format}: {}", text(format));
    }
    assert!(run.stdout.contains("INCOMPLETE"), "{run:?}");
    assert!(text("junit").contains("<error message=\"exit code 2"), "{}", text("junit"));
    assert!(text("json").contains("\"exit\":2"), "{}", text("json"));
    assert_eq!(files(&dir).len(), SAYS.len() + SILENT.len(), "no temporary file is left");
}

#[test]
fn an_invalid_line_leaves_out_nothing_else_and_is_said() {
    let s3 = replicated();
    s3.put("src", "a", b"x");
    let (_guard, dir) = folder();
    let list = dir.join("list");
    fs::write(&list, "s3://src/a\nnope\n").unwrap();
    let csv = format!("csv={}", dir.join("csv").display());
    let run = with(&s3, &["status", "--from", list.to_str().unwrap(), "--write", &csv]).expect(2);
    assert!(run.stdout.contains("INCOMPLETE"), "{run:?}");
    assert!(fs::read_to_string(dir.join("csv")).unwrap().contains("replicated"));
}

#[test]
fn reasons_of_files_that_were_not_all_read_replace_no_list() {
    let (_guard, dir) = folder();
    let good = dir.join("events.json");
    let event = r#"{"Records":[{"eventVersion":"2.2","eventSource":"aws:s3","awsRegion":"us-east-1","eventTime":"2026-11-20T10:00:00.000Z","eventName":"Replication:OperationFailedReplication","s3":{"s3SchemaVersion":"1.0","bucket":{"name":"src"},"object":{"key":"k","versionId":"v","size":1,"eTag":"e","sequencer":"0"}},"replicationEventData":{"replicationRuleId":"r","destinationBucket":"arn:aws:s3:::dst","s3Operation":"OBJECT_PUT","requestTime":"2026-11-20T09:00:00.000Z","failureReason":"DstBucketNotFound"}}]}"#;
    fs::write(&good, event).unwrap();
    let bad = dir.join("bad.json");
    fs::write(&bad, "{\"Records\":[{").unwrap();
    let csv = format!("csv={}", dir.join("csv").display());
    let run = |files: &[&std::path::Path]| {
        let files = files.iter().map(|file| file.to_str().unwrap());
        alone(&["reasons"].into_iter().chain(files).chain(["--write", &csv]).collect::<Vec<_>>())
    };
    run(&[&good]).expect(1);
    let whole = fs::read(dir.join("csv")).unwrap();
    run(&[&good, &bad]).expect(2).says(&["csv was not written: the result is not complete"]);
    run(&[&bad]).expect(2);
    assert_eq!(fs::read(dir.join("csv")).unwrap(), whole);
}
