//! `status`.

use std::time::{Duration, SystemTime};

use replaudit_sandbox::{Bucket, Fault, Principal, Put, Sandbox, Versioning};

use crate::support::{ODD_KEYS, client, count, only_reads, replicated, run, versioned, with};

#[test]
fn every_status_word_has_its_verdict_and_its_exit_code() {
    let s3 = versioned();
    let table = [
        (Some("COMPLETED"), "replicated", 0),
        (Some("COMPLETE"), "replicated", 0),
        (Some("PENDING"), "pending", 1),
        (Some("PROCESSING"), "pending", 1),
        (Some("FAILED"), "failed", 1),
        (Some("REPLICA"), "replica", 1),
        (None, "not-replicated", 1),
        (Some("completed"), "unknown-status", 1),
        (Some("NONE"), "unknown-status", 1),
    ];
    for (word, verdict, code) in table {
        s3.put("src", "k", b"x");
        s3.set_status("src", "k", word);
        let run = with(&s3, &["status", "s3://src/k", "-o", "json"]).expect(code).silent();
        let object = &run.objects()[0];
        assert_eq!((object["verdict"].as_str(), object["replication_status"].as_str()), (Some(verdict), word));
        assert_eq!(run.json()["summary"]["exit"], code);
        assert_eq!(run.json()["summary"]["by"][verdict], 1);
        with(&s3, &["status", "-q", "s3://src/k"]).expect(code).silent();
    }
    only_reads(&s3);
}

#[test]
fn a_replica_is_accepted_only_when_asked() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    let refused = with(&s3, &["status", "s3://dst/k"]).expect(1);
    assert!(refused.stdout.contains("this is the copy that S3 made"), "{refused:?}");
    let accepted = with(&s3, &["status", "s3://dst/k", "--accept-replica", "-o", "json"]).expect(0);
    assert_eq!(accepted.fields("verdict"), ["replica"]);
}

#[test]
fn the_absent_status_is_said_in_words() {
    let s3 = versioned();
    s3.put("src", "k", b"x");
    let run = with(&s3, &["status", "s3://src/k"]).expect(1).silent();
    assert!(run.stdout.contains("not replicated: S3 gives no status"), "{run:?}");
}

#[test]
fn every_field_of_an_object_is_reported() {
    let s3 = replicated();
    let when = SystemTime::UNIX_EPOCH + Duration::from_secs(1_715_035_462);
    let put = Put::default().storage_class("STANDARD_IA").last_modified(when);
    let version = s3.put_with("src", "dir/a b", b"hello", put);
    let run = with(&s3, &["status", "s3://src/dir/a b", "-o", "json"]).expect(0).silent();
    let expected = serde_json::json!({
        "schema": "replaudit.status/1",
        "objects": [{
            "bucket": "src", "key": "dir/a b", "version_id": version, "replication_status": "COMPLETED",
            "verdict": "replicated", "size": 5, "etag": "5d41402abc4b2a76b9719d911017c592",
            "last_modified": "2024-05-06T22:44:22Z", "storage_class": "STANDARD_IA", "delete_marker": false,
            "error": null, "rule": null, "destinations": []
        }],
        "summary": {"objects": 1, "by": {"replicated": 1}, "exit": 0}
    });
    assert_eq!(run.json(), expected);

    let ndjson = with(&s3, &["status", "s3://src/dir/a b", "-o", "ndjson"]).expect(0);
    let lines: Vec<&str> = ndjson.stdout.lines().collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(serde_json::from_str::<serde_json::Value>(lines[0]).unwrap(), expected["objects"][0]);

    let csv = with(&s3, &["status", "s3://src/dir/a b", "-o", "csv"]).expect(0);
    assert_eq!(
        csv.stdout,
        format!(
            "bucket,key,version_id,replication_status,verdict,size,etag,last_modified,storage_class,delete_marker,error,rule,destinations\n\
             src,dir/a b,{version},COMPLETED,replicated,5,5d41402abc4b2a76b9719d911017c592,2024-05-06T22:44:22Z,STANDARD_IA,false,,,\n"
        )
    );

    let row = format!(
        "VERDICT         S3 SAYS           SIZE  LAST MODIFIED         OBJECT\n\
         replicated      COMPLETED          5 B  2024-05-06T22:44:22Z  s3://src/dir/a b (version {version})\n"
    );
    assert_eq!(with(&s3, &["status", "s3://src/dir/a b"]).expect(0).stdout, row);
    let table = with(&s3, &["status", "s3://src/dir/a b", "-v"]).expect(0);
    assert_eq!(
        table.stdout,
        format!(
            "{row}  \
               Size                 5 B\n  \
               Last modified        2024-05-06T22:44:22Z\n  \
               ETag                 5d41402abc4b2a76b9719d911017c592\n  \
               Storage class        STANDARD_IA\n  \
               Version ID           {version}\n  \
               Content type         binary/octet-stream\n  \
               Encryption           AES256\n  \
               Object Lock          not shown: none, or no s3:GetObjectRetention and s3:GetObjectLegalHold\n"
        )
    );
}

#[test]
fn objects_come_in_the_order_given() {
    let s3 = versioned();
    let keys: Vec<String> = (0..40).map(|n| format!("k{n:02}")).collect();
    for key in &keys {
        s3.put("src", key, b"x");
        s3.set_status("src", key, Some("COMPLETED"));
    }
    s3.set_status("src", "k07", Some("FAILED"));
    s3.fault(Fault::on("HeadObject").key("k00").delay(Duration::from_millis(300)));
    let addresses: Vec<String> = keys.iter().map(|key| format!("s3://src/{key}")).collect();
    let mut args = vec!["status", "-o", "json"];
    args.extend(addresses.iter().map(String::as_str));
    let run = with(&s3, &args).expect(1);
    assert_eq!(run.fields("key"), keys);
    assert_eq!(run.json()["summary"]["by"], serde_json::json!({"failed": 1, "replicated": 39}));
}

#[test]
fn odd_keys_reach_s3_and_the_output_exactly() {
    let s3 = versioned();
    for key in ODD_KEYS {
        s3.put("src", key, b"x");
        s3.set_status("src", key, Some("COMPLETED"));
        for args in [vec!["--bucket", "src", "--key", key], vec![&*format!("s3://src/{key}")]] {
            let mut all = vec!["status", "-o", "json"];
            all.extend(args);
            assert_eq!(with(&s3, &all).expect(0).fields("key"), [key]);
        }
    }
}

#[test]
fn a_key_that_the_sdk_refuses_is_unknown() {
    let run = with(&versioned(), &["status", "s3://src/ ", "-o", "json"]).expect(2);
    assert_eq!(run.objects()[0]["error"]["code"], "RequestNotBuilt");
}

#[test]
fn hostile_keys_are_harmless_in_the_table() {
    let s3 = versioned();
    for key in ["a\u{1b}[2Jb", "x\n::error::owned", "right\u{202e}left", "bell\u{7}"] {
        s3.put("src", key, b"x");
        let run = with(&s3, &["status", &format!("s3://src/{key}"), "--color", "never"]).expect(1);
        let bad = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!run.stdout.chars().any(bad), "{run:?}");
        assert!(!run.stdout.lines().any(|line| line.starts_with("::")), "{run:?}");
    }
}

#[test]
fn versions_and_markers_are_told_apart() {
    let s3 = versioned();
    let old = s3.put("src", "k", b"old");
    s3.put("src", "k", b"newer");
    s3.set_status_of("src", "k", &old, Some("COMPLETED"));
    let run = with(&s3, &["status", "s3://src/k", "--version-id", &old, "-o", "json"]).expect(0);
    assert_eq!(run.objects()[0]["size"], 3);
    with(&s3, &["status", "s3://src/k"]).expect(1);

    let marker = s3.delete("src", "k").unwrap();
    for args in [
        vec!["status", "s3://src/k", "-o", "json"],
        vec!["status", "s3://src/k", "--version-id", &marker, "-o", "json"],
    ] {
        let run = with(&s3, &args).expect(1);
        assert_eq!(run.fields("verdict"), ["delete-marker"]);
        assert_eq!(run.fields("version_id"), [&*marker]);
        assert_eq!(run.objects()[0]["delete_marker"], true);
    }
    with(&s3, &["status", "s3://src/k", "--version-id", &old]).expect(0);
}

#[test]
fn a_missing_key_is_a_no_and_a_missing_bucket_is_unknown() {
    let s3 = versioned();
    let run = with(&s3, &["status", "s3://src/none", "s3://src/none2", "-o", "json"]).expect(1).silent();
    assert_eq!(run.fields("verdict"), ["not-found", "not-found"]);
    assert_eq!(count(&s3, "HeadBucket"), 1, "one look at the bucket for all of its 404s");

    let run = with(&s3, &["status", "s3://nowhere/k", "-o", "json"]).expect(2);
    assert_eq!(run.fields("verdict"), ["error"]);
    assert_eq!(run.objects()[0]["error"]["code"], "NoSuchBucket");
    assert_eq!(run.objects()[0]["error"]["http_status"], 404);
}

#[test]
fn what_is_forbidden_is_neither_present_nor_gone() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    s3.principal(Principal::new("BLIND", "secret").deny("s3:ListBucket").deny_on("s3:GetObject", "src/k"));
    for key in ["k", "none"] {
        let mut command = client(&s3, &["status", &format!("s3://src/{key}"), "-o", "json"]);
        command.env("AWS_ACCESS_KEY_ID", "BLIND").env("AWS_SECRET_ACCESS_KEY", "secret");
        let run = run(command).expect(2);
        assert_eq!(run.fields("verdict"), ["denied"]);
        let error = &run.objects()[0]["error"];
        assert_eq!((error["code"].as_str(), error["http_status"].as_u64()), (Some("AccessDenied"), Some(403)));
        assert!(error["hint"].as_str().unwrap().contains("s3:ListBucket"), "{error}");
        assert!(error["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{error}");
        assert!(run.objects()[0]["delete_marker"].is_null());
    }
}

#[test]
fn wrong_credentials_say_so() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    for (name, value, code) in [
        ("AWS_ACCESS_KEY_ID", "ABSENT", "InvalidAccessKeyId"),
        ("AWS_SECRET_ACCESS_KEY", "wrong", "SignatureDoesNotMatch"),
    ] {
        let mut command = client(&s3, &["status", "s3://src/k", "-o", "json"]);
        command.env(name, value);
        let run = run(command).expect(2);
        assert_eq!(run.objects()[0]["error"]["code"], code);
    }
}

#[test]
fn bad_requests_name_their_cause() {
    let s3 = versioned();
    s3.put_with("src", "secret", b"x", Put::default().sse_c());
    let run = with(&s3, &["status", "s3://src/secret", "-o", "json"]).expect(2);
    let error = &run.objects()[0]["error"];
    assert_eq!(run.fields("verdict"), ["error"]);
    assert!(error["hint"].as_str().unwrap().contains("SSE-C"), "{error}");

    s3.put("src", "k", b"x");
    let run = with(&s3, &["status", "s3://src/k", "--version-id", "not a version", "-o", "json"]).expect(2);
    assert_eq!(run.objects()[0]["error"]["code"], "InvalidArgument");
}

#[test]
fn the_bucket_s_own_region_is_found_once() {
    for hint in [false, true] {
        let s3 = Sandbox::start().unwrap();
        s3.region_hint_on_head(hint);
        s3.create_bucket(Bucket::new("src").region("eu-west-1").versioning(Versioning::Enabled));
        for key in ["a", "b", "c"] {
            s3.put("src", key, b"x");
            s3.set_status("src", key, Some("COMPLETED"));
        }
        let args = ["status", "--concurrency", "1", "s3://src/a", "s3://src/b", "s3://src/c"];
        with(&s3, &args).expect(0).silent();
        assert_eq!((count(&s3, "HeadBucket"), count(&s3, "HeadObject")), (1, 4), "one wrong HEAD, one look");
    }
}

#[test]
fn trouble_on_the_way_is_tried_again_and_then_reported() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    s3.fault(Fault::on("HeadObject").times(2).status(503, "SlowDown", "slow down"));
    s3.fault(Fault::on("HeadObject").skip(2).times(1).close_before_effect());
    with(&s3, &["status", "s3://src/k"]).expect(0).silent();
    assert_eq!(count(&s3, "HeadObject"), 4);

    s3.clear_faults();
    s3.fault(Fault::on("HeadObject").status(500, "InternalError", "oops"));
    let run = with(&s3, &["status", "s3://src/k", "--max-attempts", "2", "-o", "json"]).expect(2);
    assert_eq!(
        (run.fields("verdict"), run.objects()[0]["error"]["http_status"].as_u64()),
        (vec!["error".into()], Some(500))
    );

    s3.clear_faults();
    s3.fault(Fault::on("HeadObject").close_before_effect());
    let run = with(&s3, &["status", "s3://src/k", "--max-attempts", "2", "-o", "json"]).expect(2);
    assert_eq!(run.fields("verdict"), ["error"]);
}

#[test]
fn one_object_that_can_t_be_asked_does_not_stop_the_rest() {
    let s3 = replicated();
    s3.put("src", "good", b"x");
    s3.fault(Fault::on("HeadObject").key("bad").status(403, "AccessDenied", "no"));
    let run = with(&s3, &["status", "s3://src/bad", "s3://src/good", "s3://src/none", "-o", "json"]).expect(2);
    assert_eq!(run.fields("verdict"), ["denied", "replicated", "not-found"]);
}

#[test]
fn a_server_that_answers_for_its_replica_is_asked_not_to() {
    let s3 = replicated();
    s3.dialect(|dialect| dialect.proxy_missing_from_replica = true);
    let version = s3.put("src", "k", b"x");
    s3.delete_version("src", "k", &version);
    let run = with(&s3, &["status", "s3://src/k", "-o", "json"]).expect(1);
    assert_eq!(run.fields("verdict"), ["not-found"]);
}

#[test]
fn another_version_than_the_one_asked_for_is_no_answer() {
    let s3 = replicated();
    s3.dialect(|dialect| dialect.proxy_missing_from_replica = true);
    s3.put("src", "k", b"x");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let answer = |headers: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\netag: \"e\"\r\n{headers}\r\n");
    let completed = "x-amz-replication-status: COMPLETED\r\n";
    let table = [
        (answer(&format!("{completed}x-amz-version-id: v1\r\n")), "replicated", 0),
        (answer(&format!("{completed}x-amz-version-id: v2\r\n")), "error", 2),
        (answer(completed), "error", 2),
        (answer(&format!("{completed}x-amz-version-id: v1\r\nx-amz-delete-marker: true\r\n")), "delete-marker", 1),
    ];
    for (answer, verdict, code) in table {
        let listener = listener.try_clone().unwrap();
        let server = std::thread::spawn(move || {
            use std::io::{Read, Write};
            let (mut socket, _) = listener.accept().unwrap();
            let _ = socket.read(&mut [0; 8192]).unwrap();
            socket.write_all(answer.as_bytes()).unwrap();
        });
        let args = [
            "status",
            "s3://src/k",
            "--version-id",
            "v1",
            "--endpoint-url",
            &endpoint,
            "--max-attempts",
            "1",
            "-o",
            "json",
        ];
        assert_eq!(with(&s3, &args).expect(code).fields("verdict"), [verdict]);
        server.join().unwrap();
    }
}

#[test]
fn requester_pays_and_expected_owner_are_sent() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("paid").owner("111122223333").requester_pays(true).versioning(Versioning::Enabled));
    s3.put("paid", "k", b"x");
    s3.set_status("paid", "k", Some("COMPLETED"));
    let owner = "111122223333";
    with(&s3, &["status", "s3://paid/k", "--request-payer", "requester", "--expected-bucket-owner", owner]).expect(0);
    let wrong = "999999999999";
    with(&s3, &["status", "s3://paid/k", "--request-payer", "requester", "--expected-bucket-owner", wrong]).expect(2);
    let heads: Vec<_> = s3.requests().into_iter().filter(|request| request.operation == "HeadObject").collect();
    assert!(heads.iter().all(|head| head.headers.get("x-amz-request-payer").is_some_and(|v| v == "requester")));
    assert_eq!(heads[0].headers["x-amz-expected-bucket-owner"], owner);
}

#[test]
fn a_public_bucket_needs_no_credentials() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("open").public(true).versioning(Versioning::Enabled));
    s3.put("open", "k", b"x");
    s3.set_status("open", "k", Some("COMPLETED"));
    let endpoint = s3.endpoint();
    let run = crate::support::alone(&["status", "s3://open/k", "--no-sign-request", "--endpoint-url", &endpoint]);
    run.expect(0).silent();
    assert!(s3.requests().iter().all(|request| !request.headers.contains_key("authorization")));
}
