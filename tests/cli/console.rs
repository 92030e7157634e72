//! One object alone, shown as S3's console shows it.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, SystemTime};

use replaudit_sandbox::{Bucket, LockMode, Principal, Put, Sandbox, Versioning};

use crate::support::{client, count, folder, program, replicated, run, versioned, with};

/// The value beside a label.
fn value<'a>(stdout: &'a str, label: &str) -> Option<&'a str> {
    let line = stdout.lines().find_map(|line| line.strip_prefix("  ")?.strip_prefix(label))?;
    line.starts_with("  ").then(|| line.trim())
}

#[test]
fn the_properties_of_one_object_stand_below_its_row() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("src").versioning(Versioning::Enabled).object_lock(true));
    let until = SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
    let put = Put::default()
        .content_type("text/csv")
        .storage_class("STANDARD_IA")
        .sse_kms("arn:aws:kms:us-east-1:111122223333:key/1")
        .retain_until(LockMode::Governance, until)
        .legal_hold(true)
        .expiration("expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\", rule-id=\"old%20ones\"")
        .parts(3)
        .tag("a", "1")
        .tag("b", "2")
        .metadata("owner", "me");
    let version = s3.put_with("src", "k", vec![b'x'; 1536], put);
    let run = with(&s3, &["status", "s3://src/k", "-v"]).expect(1);
    let shown = |label| value(&run.stdout, label);
    let etag = format!("{} (3 parts)", s3.versions("src", "k")[0].etag);
    let table = [
        ("Size", "1.5 KiB (1,536 bytes)"),
        ("ETag", &etag),
        ("Storage class", "STANDARD_IA"),
        ("Version ID", &version),
        ("Content type", "text/csv"),
        ("Encryption", "aws:kms, key arn:aws:kms:us-east-1:111122223333:key/1"),
        ("Object Lock", "GOVERNANCE until 2096-10-02T07:06:40Z, legal hold ON"),
        ("Expiration", "2012-12-21T00:00:00Z by lifecycle rule \"old ones\""),
        ("Tags", "2"),
        ("Metadata", "owner: me"),
    ];
    for (label, expected) in table {
        assert_eq!(shown(label), Some(expected), "{label}: {run:#?}");
    }
    assert!(shown("Last modified").is_some_and(|time| time.ends_with('Z')), "{run:#?}");
    assert_eq!(s3.requests().len(), 1, "one HEAD tells all of it");

    let brief = with(&s3, &["status", "s3://src/k"]).expect(1).silent();
    let below: Vec<&str> = brief.stdout.lines().skip(2).filter(|line| !line.contains("not replicated")).collect();
    assert_eq!(below.len(), 2, "{brief:#?}");
    for label in ["Object Lock", "Expiration"] {
        assert_eq!(value(&brief.stdout, label), shown(label));
    }

    s3.principal(
        Principal::new("BLIND", "secret")
            .deny("s3:GetObjectRetention")
            .deny("s3:GetObjectLegalHold")
            .deny("s3:GetObjectTagging"),
    );
    let mut command = client(&s3, &["status", "s3://src/k", "-v"]);
    command.env("AWS_ACCESS_KEY_ID", "BLIND").env("AWS_SECRET_ACCESS_KEY", "secret");
    let blind = crate::support::run(command).expect(1);
    let lock = "not shown: none, or no s3:GetObjectRetention and s3:GetObjectLegalHold";
    assert_eq!(value(&blind.stdout, "Object Lock"), Some(lock));
    assert_eq!(value(&blind.stdout, "Tags"), None);
}

#[test]
fn several_objects_and_other_formats_are_as_they_were() {
    let s3 = replicated();
    s3.put("src", "a", b"x");
    s3.put("src", "b", b"x");
    let run = with(&s3, &["status", "s3://src/a", "s3://src/b"]).expect(0).silent();
    assert_eq!(run.stdout.lines().count(), 4, "a heading, two rows and their number: {run:#?}");
    for format in ["json", "ndjson", "csv", "markdown"] {
        let run = with(&s3, &["status", "s3://src/a", "-o", format]).expect(0).silent();
        assert!(!run.stdout.contains("AES256"), "{run:#?}");
    }
    let (_guard, path) = folder();
    let file = path.join("one.txt");
    let write = format!("table={}", file.display());
    with(&s3, &["status", "s3://src/a", "-q", "-v", "--write", &write]).expect(0);
    let written = std::fs::read_to_string(&file).expect("it was written");
    assert_eq!(value(&written, "Encryption"), Some("AES256"));
    assert_eq!(count(&s3, "HeadObject"), 2 + 4 + 1);
}

#[test]
fn what_amazon_promises_is_not_said_of_another_server() {
    let s3 = versioned();
    s3.put("src", "k", b"x");
    for word in [Some("PENDING"), Some("FAILED"), Some("REPLICA"), Some("COMPLETED"), None] {
        s3.set_status("src", "k", word);
        for more in [&[][..], &["--explain"], &["--verify-replica", "--destination", "other"]] {
            let run = with(&s3, &[&["status", "s3://src/k"], more].concat());
            assert_eq!(value(&run.stdout, "Lifecycle"), None, "{run:#?}");
            let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
            for promise in ["does not retry", "Batch Replication", "S3 continues", "takes no objects", "CloudWatch"] {
                assert!(!text.contains(promise), "{promise}: {text}");
            }
        }
    }
}

#[test]
fn words_of_other_servers_about_replication_are_always_shown() {
    let s3 = versioned();
    let put = Put::default()
        .metadata("zenko-replication-status", "COMPLETED")
        .metadata("zenko-version-id", "v9")
        .metadata("replica", "true")
        .metadata("private", "hidden");
    s3.put_with("src", "k", b"x", put);
    s3.set_status("src", "k", Some("PROCESSING"));
    let run = with(&s3, &["status", "s3://src/k"]).expect(1).silent();
    let words: Vec<&str> =
        run.stdout.lines().filter_map(|line| Some(line.strip_prefix("  Replication header")?.trim())).collect();
    assert_eq!(
        words,
        [
            "x-amz-meta-replica: true",
            "x-amz-meta-zenko-replication-status: COMPLETED",
            "x-amz-meta-zenko-version-id: v9"
        ]
    );
    assert!(!run.stdout.contains("hidden"), "{run:#?}");
}

/// Answers one HEAD with these headers.
fn answering(headers: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 5\r\netag: \"e\"\r\nconnection: close\r\n{headers}\r\n");
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().expect("a connection");
        let mut request = [0; 8192];
        let _ = socket.read(&mut request).expect("a request");
        socket.write_all(answer.as_bytes()).expect("an answer");
    });
    endpoint
}

fn ask(endpoint: &str, args: &[&str]) -> crate::support::Run {
    let mut command = program();
    command.args(["status", "s3://src/k", "--endpoint-url", endpoint, "--region", "us-east-1", "--no-sign-request"]);
    command.args(args);
    run(command)
}

#[test]
fn everything_that_head_can_tell_is_shown() {
    let headers = [
        ("content-type", "text/html"),
        ("content-encoding", "gzip"),
        ("content-language", "de"),
        ("content-disposition", "attachment; filename=\"a b\""),
        ("cache-control", "max-age=60"),
        ("expires", "never"),
        ("x-amz-server-side-encryption", "aws:kms:dsse"),
        ("x-amz-server-side-encryption-aws-kms-key-id", "arn:key"),
        ("x-amz-server-side-encryption-bucket-key-enabled", "true"),
        ("x-amz-restore", "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\""),
        ("x-amz-archive-status", "DEEP_ARCHIVE_ACCESS"),
        ("x-amz-checksum-sha256", "AAAA"),
        ("x-amz-checksum-type", "COMPOSITE"),
        ("x-amz-mp-parts-count", "7"),
        ("x-amz-tagging-count", "4"),
        ("x-amz-website-redirect-location", "/elsewhere"),
        ("x-amz-request-charged", "requester"),
        ("x-amz-missing-meta", "2"),
    ];
    let text: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let run = ask(&answering(&text), &["-v"]).expect(1);
    let table = [
        ("Size", "5 B"),
        ("ETag", "e (7 parts)"),
        ("Content type", "text/html"),
        ("Content encoding", "gzip"),
        ("Content language", "de"),
        ("Content disposition", "attachment; filename=\"a b\""),
        ("Cache control", "max-age=60"),
        ("Expires", "never"),
        ("Encryption", "aws:kms:dsse, key arn:key, with a bucket key"),
        ("Restore", "restored until 2012-12-21T00:00:00Z"),
        ("Archive status", "DEEP_ARCHIVE_ACCESS"),
        ("Checksum", "SHA256 AAAA (COMPOSITE)"),
        ("Tags", "4"),
        ("Website redirect", "/elsewhere"),
        ("Request charged", "requester"),
        ("Metadata", "2 entries that S3 cannot show in a header"),
    ];
    for (label, expected) in table {
        assert_eq!(value(&run.stdout, label), Some(expected), "{label}: {run:#?}");
    }
}

#[test]
fn hostile_properties_are_harmless() {
    // What HTTP lets through: direction marks, C1 controls, and words that a CI log obeys at the start of a line.
    let evil = format!("\u{202e}gpj\u{9b}31m {} ::error::owned ##[error]owned", "v".repeat(70));
    let names = [
        "content-type",
        "content-language",
        "content-disposition",
        "cache-control",
        "expires",
        "x-amz-expiration",
        "x-amz-restore",
        "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-archive-status",
        "x-amz-object-lock-mode",
        "x-amz-object-lock-legal-hold",
        "x-amz-website-redirect-location",
        "x-amz-storage-class",
        "x-amz-replication-status",
        "x-amz-meta-plain",
        "x-amz-meta-site-replication-status",
    ];
    let text: String = names.iter().map(|name| format!("{name}: {evil}\r\n")).collect();
    let run = ask(&answering(&text), &["-v", "--color", "never"]).expect(1);
    assert!(run.stdout.matches("error").count() >= names.len(), "{run:#?}");
    let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!run.stdout.chars().any(bad), "{run:#?}");
    let obeyed = |line: &str| ["::", "##["].iter().any(|start| line.trim_start().starts_with(start));
    assert!(!run.stdout.lines().any(obeyed), "{run:#?}");
}
