//! Messages that meet the mistake: they name the option or command that was meant.

use std::fs;

use crate::support::{alone, client, folder, only_reads, replicated, run, with};

#[test]
fn a_bucket_alone_suggests_recursive() {
    for command in ["status", "safe-delete"] {
        for address in ["s3://bucket/", "s3://bucket"] {
            alone(&[command, address]).expect(2).says(&[address, "names a bucket and no key", "--recursive"]);
        }
    }
}

#[test]
fn a_bucket_in_place_of_a_report_suggests_its_option_and_an_address() {
    alone(&["inventory", "my-bucket"]).expect(2).says(&["my-bucket", "--bucket my-bucket", "s3://"]);
    let path = alone(&["inventory", "reports/my-bucket/manifest.json"]).expect(2);
    assert!(!path.stderr.contains("--bucket"), "{path:?}");
}

#[test]
fn a_version_in_the_address_suggests_its_option() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    let address = "s3://src/k?versionId=it's";
    let hint = r"s3://src/k --version-id 'it'\''s'";
    with(&s3, &["status", address]).expect(1).says(&[hint]);
    with(&s3, &["status", "-o", "json", address]).expect(1).says(&[hint]);
    with(&s3, &["status", "-q", address]).expect(1).silent();
    with(&s3, &["safe-delete", "--yes", address]).expect(1).says(&[hint]);
    // Such a key is not refused.
    s3.put("src", "k?versionId=it's", b"x");
    with(&s3, &["status", address]).expect(0).silent();
}

#[test]
fn an_access_point_at_a_custom_endpoint_suggests_the_url_style() {
    let s3 = replicated();
    let arn = "arn:aws:s3:us-east-1:111122223333:accesspoint/ap";
    let args = ["status", "--bucket", arn, "--key", "k"];
    let run = with(&s3, &args).expect(2).says(&["cannot be used in a path-style URL"]);
    assert!(run.stdout.contains("give --addressing-style virtual"), "{run:?}");
    assert!(s3.requests().is_empty());
}

#[test]
fn comments_in_a_list_of_addresses_are_skipped() {
    let s3 = replicated();
    s3.put("src", "a", b"x");
    s3.put("src", "b", b"x");
    let (_guard, dir) = folder();
    let list = dir.join("list");
    let from = ["status", "-o", "json", "--from", list.to_str().unwrap()];
    fs::write(&list, "# failed yesterday\n\ns3://src/a\n# and\ns3://src/b\n").unwrap();
    assert_eq!(with(&s3, &from).expect(0).silent().fields("key"), ["a", "b"]);
    fs::write(&list, "# failed yesterday\nsrc,a\nsrc,b\n").unwrap();
    let run = with(&s3, &from).expect(2).says(&["line 1: ", "comment"]);
    assert_eq!(run.fields("key"), ["a", "b"]);
    with(&s3, &["safe-delete", "--yes", "--from", list.to_str().unwrap()]).expect(2).says(&["line 1: "]);
    only_reads(&s3);
    fs::write(&list, "# nothing\n").unwrap();
    with(&s3, &from).expect(2).says(&["no object"]);
}

#[test]
fn other_words_for_a_command_suggest_it() {
    for (typed, meant) in [("delete", "safe-delete"), ("rm", "safe-delete"), ("head", "status"), ("statsu", "status")] {
        alone(&[typed, "s3://bucket/key"]).expect(2).says(&[typed, &format!("'{meant}'")]);
    }
}

#[test]
fn an_error_of_the_sdk_is_one_line() {
    let s3 = replicated();
    let (_guard, dir) = folder();
    let config = dir.join("config");
    fs::write(&config, "[profile broken\nregion=x\n").unwrap();
    let mut command = client(&s3, &["status", "s3://src/k", "--profile", "broken"]);
    command.env("AWS_CONFIG_FILE", &config);
    let run = run(command).expect(2);
    assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    assert!(!run.stderr.contains("\\n"), "{run:?}");
}
