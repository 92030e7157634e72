//! `status --verify-replica` and `--destination`.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use replaudit_sandbox::{Bucket, Fault, Principal, Put, Rule, Sandbox, Versioning};
use serde_json::Value;

use crate::support::{Run, alone, client, count, folder, only_reads, replicated, run, versioned, with};

/// The destinations of the only object.
fn destinations(run: &Run) -> Vec<Value> {
    run.objects()[0]["destinations"].as_array().expect("destinations").clone()
}

fn verdicts(run: &Run) -> Vec<String> {
    destinations(run).iter().map(|to| format!("{}={}", to["bucket"], to["verdict"]).replace('"', "")).collect()
}

/// Runs `status --verify-replica s3://src/k -o json` and more.
fn verify(s3: &Sandbox, more: &[&str]) -> Run {
    let mut args = vec!["status", "--verify-replica", "s3://src/k", "-o", "json"];
    args.extend(more);
    with(s3, &args)
}

fn verify_as(s3: &Sandbox, who: &str, more: &[&str]) -> Run {
    let mut args = vec!["status", "--verify-replica", "s3://src/k", "-o", "json"];
    args.extend(more);
    let mut command = client(s3, &args);
    command.env("AWS_ACCESS_KEY_ID", who).env("AWS_SECRET_ACCESS_KEY", "secret");
    run(command)
}

/// A second server whose bucket `dst` has what `src` of the first one has under `k`.
fn elsewhere(s3: &Sandbox) -> Sandbox {
    let far = Sandbox::start().unwrap();
    far.create_bucket(Bucket::new("dst").region("eu-west-1").versioning(Versioning::Enabled));
    s3.copy_to("src", "k", &far, "dst");
    far
}

#[test]
fn every_field_of_a_destination_is_reported_in_every_format() {
    let s3 = versioned();
    s3.create_bucket(Bucket::new("dst").region("eu-west-1").versioning(Versioning::Enabled));
    s3.replicate("src", [Rule::new("all").to("dst")]);
    let version = s3.put("src", "k", b"hello");
    let run = verify(&s3, &[]).expect(0).silent();
    let expected = serde_json::json!([{
        "bucket": "dst", "region": "eu-west-1", "verdict": "in-sync", "replication_status": "REPLICA",
        "version_id": version, "size": 5, "named_by": "rule", "compared": ["version-id", "status", "size", "etag"]
    }]);
    assert_eq!(run.objects()[0]["destinations"], expected);
    assert!(run.objects()[0]["error"].is_null());
    only_reads(&s3);

    let args = ["status", "--verify-replica", "s3://src/k", "-o"];
    let csv = with(&s3, &[&args[..], &["csv"]].concat()).expect(0).stdout;
    assert!(csv.ends_with(",dst=in-sync\n"), "{csv}");
    let markdown = with(&s3, &[&args[..], &["markdown"]].concat()).expect(0).stdout;
    assert!(markdown.contains("<code>dst=in-sync</code>"), "{markdown}");
    let table = with(&s3, &[&args[..], &["table"]].concat()).expect(0).stdout;
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(
        lines[2],
        format!("  in-sync         REPLICA            5 B  eu-west-1             s3://dst (version {version})")
    );
    assert_eq!(lines[3], "    compared: version ID, status, size, ETag");
    let table = with(&s3, &[&args[..], &["table", "-v"]].concat()).expect(0).stdout;
    assert!(table.lines().nth(4).is_some_and(|line| line.starts_with("  Size ")), "its properties follow: {table}");
    with(&s3, &["status", "-q", "--verify-replica", "s3://src/k"]).expect(0).silent();
}

#[test]
fn the_last_line_counts_each_object_once_and_says_whether_its_replica_or_its_status_is_the_cause() {
    let s3 = replicated();
    for key in ["a", "b", "c", "d"] {
        s3.put("src", key, b"x");
    }
    s3.set_status("src", "a", Some("FAILED"));
    s3.lose_replica("src", "a");
    s3.lose_replica("src", "b");
    let verify = |keys: &[&str]| {
        let addresses: Vec<String> = keys.iter().map(|key| format!("s3://src/{key}")).collect();
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        with(&s3, &[&["status", "--verify-replica"], &*addresses].concat()).expect(1).stderr
    };
    let (status, replica) = ("not replicated: 1 of", "replicated, but a replica is not in sync: 1 of");
    let both = format!("exit code 1: {status} 4 objects (1 failed); {replica} 4 objects (1 missing)\n");
    assert_eq!(verify(&["a", "b", "c", "d"]), both);
    assert_eq!(verify(&["a", "c"]), format!("exit code 1: {status} 2 objects (1 failed)\n"));
    assert_eq!(verify(&["b", "c"]), format!("exit code 1: {replica} 2 objects (1 missing)\n"));
}

/// S3's words, what they mean, and the exit code of an object that has nothing else to say.
const WORDS: [(Option<&str>, &str, i32); 5] = [
    (Some("COMPLETED"), "replicated", 0),
    (Some("PENDING"), "pending", 1),
    (Some("FAILED"), "failed", 1),
    (Some("REPLICA"), "replica", 1),
    (None, "not-replicated", 1),
];

/// S3's word x what the destination holds x whether it may be asked.
#[test]
fn the_truth_table_of_status_replica_and_permission() {
    type Stage = fn(&Sandbox, &str, &str);
    let states: [(&str, Stage, &str, i32); 9] = [
        ("there", |_, _, _| {}, "in-sync", 0),
        ("lost", |s3, key, _| s3.lose_replica("src", key), "missing", 1),
        ("hidden", |s3, key, _| drop(s3.delete("dst", key)), "in-sync", 0),
        (
            "another version",
            |s3, key, id| (s3.put("dst", key, b"hello"), s3.delete_version("dst", key, id)).1,
            "missing",
            1,
        ),
        ("shorter", |s3, key, _| s3.corrupt("dst", key, b"hell"), "differs", 1),
        ("another checksum", |s3, key, _| s3.set_checksum("dst", key, Some(("SHA256", "b"))), "differs", 1),
        ("no status", |s3, key, _| s3.set_status("dst", key, None), "not-a-replica", 1),
        ("an odd status", |s3, key, _| s3.set_status("dst", key, Some("replica")), "unknown", 2),
        ("no bucket", |s3, _, _| s3.remove_bucket("dst"), "unknown", 2),
    ];
    let s3 = replicated();
    let denied = |who: &str, action: &str| s3.principal(Principal::new(who, "secret").deny_on(action, "dst"));
    denied("BLIND", "s3:GetObjectVersion");
    denied("LISTLESS", "s3:ListBucket");
    let addresses: Vec<String> = (0..WORDS.len()).map(|n| format!("s3://src/k{n}")).collect();
    for (state, stage, verdict, code) in states {
        s3.create_bucket(Bucket::new("src").versioning(Versioning::Enabled));
        s3.create_bucket(Bucket::new("dst").versioning(Versioning::Enabled));
        s3.replicate("src", [Rule::new("all").to("dst")]);
        let put = |key: &str| s3.put_with("src", key, b"hello", Put::default().checksum("SHA256", "a"));
        let versions: Vec<String> = (0..WORDS.len()).map(|n| put(&format!("k{n}"))).collect();
        for (n, ((word, ..), version)) in WORDS.iter().zip(&versions).enumerate() {
            let key = format!("k{n}");
            s3.set_status("src", &key, *word);
            stage(&s3, &key, version);
        }
        for ((word, own, own_code), address) in WORDS.iter().zip(&addresses) {
            let exit = code.max(*own_code);
            let seen = with(&s3, &["status", "--verify-replica", "-o", "json", address]).expect(exit);
            assert_eq!(verdicts(&seen), [format!("dst={verdict}")], "{state} {word:?}");
            assert_eq!(seen.fields("verdict"), [*own], "S3's word is kept: {state} {word:?}");
            assert_eq!(seen.json()["summary"]["exit"], exit);
            let error = &seen.objects()[0]["error"];
            assert_eq!(error["code"] == "NotVerified", *own_code == 0 && code == 2, "{state} {word:?}: {error}");
        }
        // A bucket that is not there is 404 to everyone. Without s3:ListBucket nothing is ever called missing.
        let (blind, listless) = match verdict {
            _ if state == "no bucket" => (verdict, verdict),
            "missing" => ("denied", "denied"),
            verdict => ("denied", verdict),
        };
        for (who, verdict) in [("BLIND", blind), ("LISTLESS", listless)] {
            let mut args = vec!["status", "--verify-replica", "-o", "json"];
            args.extend(addresses.iter().map(String::as_str));
            let mut command = client(&s3, &args);
            command.env("AWS_ACCESS_KEY_ID", who).env("AWS_SECRET_ACCESS_KEY", "secret");
            let unsure = ["denied", "unknown"].contains(&verdict);
            let run = run(command).expect(if unsure { 2 } else { 1 });
            assert_eq!(run.fields("verdict"), WORDS.map(|(_, own, _)| own), "{state} {who}");
            for (object, (word, _, own_code)) in run.objects().iter().zip(WORDS) {
                assert_eq!(object["destinations"][0]["verdict"], verdict, "{state} {who} {word:?}");
                assert_eq!(object["error"]["code"] == "NotVerified", unsure && own_code == 0, "{state} {who} {word:?}");
            }
        }
    }
    only_reads(&s3);
}

#[test]
fn what_is_the_matter_is_said_in_words() {
    let s3 = replicated();
    s3.put("src", "k", b"hello");
    s3.lose_replica("src", "k");
    let args = ["status", "--verify-replica", "s3://src/k"];
    let table = with(&s3, &args).expect(1).silent().stdout;
    assert!(table.contains("  missing         -                    -  us-east-1             s3://dst\n"), "{table}");
    assert!(table.contains("bucket dst has no such version\n  the replica was deleted, or never existed"), "{table}");

    s3.principal(Principal::new("BLIND", "secret").deny_on("s3:GetObjectVersion", "dst"));
    let error = verify_as(&s3, "BLIND", &[]).expect(2).objects()[0]["error"].clone();
    assert_eq!((error["code"].as_str(), error["http_status"].as_u64()), (Some("NotVerified"), Some(403)));
    assert!(error["message"].as_str().unwrap().starts_with("verifying the replica of s3://src/k in bucket dst"));
    assert!(error["hint"].as_str().unwrap().contains("s3:GetObjectVersion, and s3:ListBucket"), "{error}");
    assert!(error["request_id"].as_str().is_some_and(|id| !id.is_empty()));

    let mut command = client(&s3, &["status", "-q", "--verify-replica", "s3://src/k"]);
    command.env("AWS_ACCESS_KEY_ID", "BLIND").env("AWS_SECRET_ACCESS_KEY", "secret");
    run(command).expect(2).says(&["error: verifying the replica of s3://src/k in bucket dst"]);
    with(&s3, &[&args[..], &["-v"]].concat()).expect(1).says(&[
        "> GetBucketReplication src",
        "> HeadObject s3://dst/k (version ",
        "whether the replica is there",
        "bucket dst has no such version",
    ]);
    let two = with(&s3, &["status", "--verify-replica", "s3://src/k", "s3://src/none"]).expect(1).stdout;
    assert!(two.ends_with("2 objects: 1 not-found, 1 replicated; at destinations: 1 missing\n"), "{two}");
}

#[test]
fn the_version_that_answered_is_the_one_that_is_looked_for() {
    let s3 = replicated();
    let old = s3.put("src", "k", b"old");
    let new = s3.put("src", "k", b"newer");
    // Another upload between the two questions changes nothing.
    s3.after("HeadObject", Some("k"), |s3| drop(s3.put("src", "k", b"newest of all")));
    let found = verify(&s3, &[]).expect(0);
    assert_eq!(destinations(&found)[0]["version_id"], *new);
    assert_eq!(destinations(&found)[0]["size"], 5);
    let found = verify(&s3, &["--version-id", &old]).expect(0);
    assert_eq!(destinations(&found)[0]["version_id"], *old);
    s3.delete_version("dst", "k", &old);
    assert_eq!(verdicts(&verify(&s3, &["--version-id", &old]).expect(1)), ["dst=missing"]);
    verify(&s3, &[]).expect(0);
}

#[test]
fn a_server_that_gives_another_version_is_not_believed() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"hello");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let to = format!("dst,endpoint=http://{}", listener.local_addr().unwrap());
    let ours = format!("x-amz-version-id: {version}\r\n");
    let table = [
        (ours.as_str(), "in-sync", 0),
        ("x-amz-version-id: another\r\n", "unknown", 2),
        ("x-amz-version-id: null\r\n", "unknown", 2),
        ("", "unknown", 2),
    ];
    for (header, verdict, code) in table {
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\netag: \"e\"\r\nx-amz-replication-status: REPLICA\r\n{header}\r\n"
        );
        let listener = listener.try_clone().unwrap();
        let server = std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let mut request = [0; 8192];
            let length = socket.read(&mut request).unwrap();
            socket.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        let run = verify(&s3, &["--destination", &to, "--max-attempts", "1"]).expect(code);
        assert_eq!(verdicts(&run), [format!("dst={verdict}")], "{header:?}");
        assert!(server.join().unwrap().starts_with(&format!("HEAD /dst/k?versionId={version}")));
    }
}

#[test]
fn checksums_are_compared_where_both_sides_have_them() {
    let s3 = replicated();
    let sha = |value: &'static str| Some(("SHA256", value));
    let table = [
        (sha("a"), sha("a"), "in-sync"),
        (sha("a"), sha("b"), "differs"),
        (sha("a-2"), sha("a-2"), "in-sync"),
        (sha("a-2"), sha("b-2"), "differs"),
        (sha("a-2"), sha("b"), "in-sync"),
        (sha("a"), Some(("CRC32", "b")), "in-sync"),
        (sha("a"), None, "in-sync"),
        (None, sha("a"), "in-sync"),
    ];
    s3.put("src", "k", b"hello");
    for (ours, theirs, verdict) in table {
        s3.set_checksum("src", "k", ours);
        s3.set_checksum("dst", "k", theirs);
        let run = verify(&s3, &[]);
        assert_eq!(verdicts(&run), [format!("dst={verdict}")], "{ours:?} {theirs:?}");
    }
    s3.set_checksum("src", "k", None);
    // Plain status asks for none.
    s3.clear_requests();
    with(&s3, &["status", "s3://src/k"]).expect(0);
    assert!(s3.requests().iter().all(|request| !request.headers.contains_key("x-amz-checksum-mode")));
}

#[test]
fn two_plain_md5_etags_that_differ_are_other_bytes() {
    let s3 = replicated();
    let compared = |run: &Run| destinations(run)[0]["compared"].clone();
    s3.put("src", "k", b"hello");
    // As a server does whose replication headers anybody may send: all but the bytes is the same.
    s3.corrupt("dst", "k", b"olleh");
    let run = verify(&s3, &[]).expect(1);
    assert_eq!(verdicts(&run), ["dst=differs"]);
    assert_eq!(compared(&run), serde_json::json!(["version-id", "status", "size", "etag"]));
    let table = with(&s3, &["status", "--verify-replica", "s3://src/k"]).expect(1).stdout;
    assert!(table.contains("bucket dst has the version with another ETag"), "{table}");

    // The ETag of parts, or of a KMS object, is not a sum of the bytes.
    s3.put_with("src", "k", b"hello", Put::default().parts(2));
    s3.corrupt("dst", "k", b"olleh");
    let run = verify(&s3, &[]).expect(0);
    assert_eq!(compared(&run), serde_json::json!(["version-id", "status", "size"]));
    s3.replicate("src", [Rule::new("all").to("dst").kms()]);
    s3.put_with("src", "k", b"hello", Put::default().sse_kms("key"));
    s3.corrupt("dst", "k", b"olleh");
    let run = verify(&s3, &[]).expect(0);
    assert_eq!(compared(&run), serde_json::json!(["version-id", "status", "size"]));

    s3.put_with("src", "k", b"hello", Put::default().checksum("SHA256", "a"));
    let all = serde_json::json!(["version-id", "status", "size", "etag", "checksum"]);
    assert_eq!(compared(&verify(&s3, &[]).expect(0)), all);
    s3.lose_replica("src", "k");
    assert_eq!(compared(&verify(&s3, &[]).expect(1)), serde_json::json!([]));
}

#[test]
fn without_kms_decrypt_it_is_compared_without_checksums() {
    let s3 = versioned();
    s3.create_bucket(Bucket::new("dst").versioning(Versioning::Enabled));
    s3.replicate("src", [Rule::new("all").to("dst").kms()]);
    s3.put_with("src", "k", b"hello", Put::default().sse_kms("key").checksum("SHA256", "a"));
    s3.set_checksum("dst", "k", Some(("SHA256", "b")));
    verify(&s3, &[]).expect(1);
    s3.principal(Principal::new("KEYLESS", "secret").deny("kms:Decrypt"));
    s3.principal(Principal::new("HALF", "secret").deny_on("kms:Decrypt", "dst"));
    for who in ["KEYLESS", "HALF"] {
        assert_eq!(verdicts(&verify_as(&s3, who, &[]).expect(0)), ["dst=in-sync"], "{who}");
    }
}

#[test]
fn the_null_version_needs_the_same_content() {
    let s3 = Sandbox::start().unwrap();
    for bucket in ["src", "dst"] {
        s3.create_bucket(Bucket::new(bucket));
    }
    let stage = |there: &[u8]| {
        s3.put("src", "k", b"hello");
        s3.put("dst", "k", there);
        s3.set_status("src", "k", Some("COMPLETED"));
        s3.set_status("dst", "k", Some("REPLICA"));
    };
    // The last two times with a version ID, the first two without.
    for versioning in [None, Some(Versioning::Enabled)] {
        for (there, verdict, code) in [(b"hello", "in-sync", 0), (b"other", "differs", 1)] {
            for bucket in ["src", "dst"] {
                s3.create_bucket(Bucket::new(bucket));
            }
            stage(there);
            for bucket in ["src", "dst"] {
                versioning.iter().for_each(|state| s3.set_versioning(bucket, *state));
            }
            let run = verify(&s3, &["--destination", "dst"]).expect(code);
            assert_eq!(verdicts(&run), [format!("dst={verdict}")]);
        }
    }
}

#[test]
fn the_rules_say_where_to_look() {
    let s3 = versioned();
    for bucket in ["a", "b", "off", "kms", "tagged"] {
        s3.create_bucket(Bucket::new(&format!("to-{bucket}")).versioning(Versioning::Enabled));
    }
    s3.replicate(
        "src",
        [
            Rule::new("a").to("to-a").prefix("k"),
            Rule::new("b").to("to-b").priority(2),
            Rule::new("elsewhere").to("to-off").prefix("x/").priority(3),
            Rule::new("off").to("to-off").disabled().priority(4),
            Rule::new("tagged").to("to-tagged").tag("team", "a").priority(5),
        ],
    );
    s3.put("src", "k", b"x");
    let mut found = verdicts(&verify(&s3, &[]).expect(0));
    found.sort();
    assert_eq!(found, ["to-a=in-sync", "to-b=in-sync"]);
    assert_eq!(count(&s3, "GetObjectTagging"), 1, "a rule is for tagged objects only");

    s3.put_with("src", "k", b"x", Put::default().tag("team", "a"));
    let mut found = verdicts(&verify(&s3, &[]).expect(0));
    found.sort();
    assert_eq!(found, ["to-a=in-sync", "to-b=in-sync", "to-tagged=in-sync"]);

    // One of several is enough for a no.
    let version = s3.versions("src", "k")[0].version_id.clone();
    s3.delete_version("to-b", "k", &version);
    let found = verdicts(&verify(&s3, &[]).expect(1));
    assert!(found.contains(&"to-b=missing".to_owned()) && found.contains(&"to-a=in-sync".to_owned()), "{found:?}");

    // A KMS object under a rule without the opt-in is not looked for.
    s3.replicate("src", [Rule::new("plain").to("to-a"), Rule::new("opted").to("to-kms").kms()]);
    s3.put_with("src", "k", b"x", Put::default().sse_kms("key"));
    assert_eq!(verdicts(&verify(&s3, &[]).expect(0)), ["to-kms=in-sync"]);
    s3.clear_requests();
    verify(&s3, &[]).expect(0);
    assert_eq!(count(&s3, "GetObjectTagging"), 0, "no rule asks for tags");
}

#[test]
fn tags_that_can_t_be_read_make_a_missing_replica_unknown() {
    let s3 = versioned();
    s3.create_bucket(Bucket::new("dst").versioning(Versioning::Enabled));
    s3.replicate("src", [Rule::new("tagged").to("dst").tag("team", "a")]);
    s3.principal(Principal::new("TAGLESS", "secret").deny("s3:GetObjectVersionTagging"));
    s3.put_with("src", "k", b"x", Put::default().tag("team", "a"));
    verify_as(&s3, "TAGLESS", &[]).expect(0);
    s3.lose_replica("src", "k");
    let run = verify_as(&s3, "TAGLESS", &[]).expect(2);
    assert_eq!(verdicts(&run), ["dst=unknown"]);
    let error = run.objects()[0]["error"]["message"].as_str().unwrap().to_owned();
    assert!(error.contains("it is not known whether it should: asking for the tags of s3://src/k"), "{error}");
    assert_eq!(verdicts(&verify(&s3, &[]).expect(1)), ["dst=missing"]);
    // A destination that the caller names is always checked.
    s3.clear_requests();
    assert_eq!(verdicts(&verify_as(&s3, "TAGLESS", &["--destination", "dst"]).expect(1)), ["dst=missing"]);
    assert_eq!(count(&s3, "GetObjectTagging"), 0, "its tags do not matter then");
    // They do not show how an object is encrypted either.
    s3.replicate("src", [Rule::new("all").to("dst")]);
    s3.fault(Fault::on("HeadObject").bucket("src").header("x-amz-server-side-encryption", "aws:new"));
    assert_eq!(verdicts(&verify(&s3, &[]).expect(2)), ["dst=unknown"]);
    assert_eq!(count(&s3, "GetObjectTagging"), 0);
}

#[test]
fn nothing_to_ask_is_not_verified() {
    let s3 = versioned();
    s3.put("src", "k", b"x");
    let not_verified = |run: Run, says: &str| {
        let error = &run.objects()[0]["error"];
        assert_eq!((run.fields("verdict")[0].as_str(), error["code"].as_str()), ("replicated", Some("NotVerified")));
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
        assert!(error["hint"].as_str().unwrap().contains("--destination"), "{error}");
        assert_eq!(run.objects()[0]["destinations"], serde_json::json!([]));
    };
    s3.set_status("src", "k", Some("COMPLETED"));
    not_verified(verify(&s3, &[]).expect(2), "bucket src has no replication rules");
    s3.create_bucket(Bucket::new("dst").versioning(Versioning::Enabled));
    s3.replicate("src", [Rule::new("x").to("dst").prefix("x/"), Rule::new("off").to("dst").disabled()]);
    not_verified(verify(&s3, &[]).expect(2), "no replication rule of bucket src applies to it");
    s3.principal(Principal::new("RULELESS", "secret").deny("s3:GetReplicationConfiguration"));
    let refused = verify_as(&s3, "RULELESS", &[]).expect(2);
    assert_eq!(refused.objects()[0]["error"]["http_status"], 403);
    assert!(refused.objects()[0]["error"]["request_id"].is_string(), "{refused:?}");
    not_verified(refused, "asking for the replication configuration");
    let table = with(&s3, &["status", "--verify-replica", "s3://src/k"]).expect(2).stdout;
    assert!(table.contains("no replication rule of bucket src applies to it\n  no destination is known"), "{table}");

    // An object that is not a yes anyway keeps its own answer.
    s3.set_status("src", "k", Some("FAILED"));
    assert!(verify(&s3, &[]).expect(1).objects()[0]["error"].is_null());
    // A replica that is accepted would be a yes.
    s3.set_status("src", "k", Some("REPLICA"));
    let replica = verify(&s3, &["--accept-replica"]).expect(2);
    assert_eq!(replica.objects()[0]["error"]["code"], "NotVerified");
    // And nothing is asked about what is not there.
    s3.clear_requests();
    with(&s3, &["status", "--verify-replica", "s3://src/none"]).expect(1).silent();
    assert_eq!(count(&s3, "GetBucketReplication"), 0);
}

#[test]
fn given_destinations_need_no_rules() {
    let s3 = versioned();
    s3.create_bucket(Bucket::new("dst").versioning(Versioning::Enabled));
    s3.create_bucket(Bucket::new("third").versioning(Versioning::Enabled));
    s3.put("src", "k", b"x");
    s3.set_status("src", "k", Some("COMPLETED"));
    s3.copy_to("src", "k", &s3, "dst");
    assert_eq!(verdicts(&verify(&s3, &["--destination", "dst"]).expect(0)), ["dst=in-sync"]);
    s3.principal(Principal::new("RULELESS", "secret").deny("s3:GetReplicationConfiguration"));
    assert_eq!(verdicts(&verify_as(&s3, "RULELESS", &["--destination", "dst"]).expect(0)), ["dst=in-sync"]);
    s3.replicate("src", [Rule::new("all").to("dst")]);
    let both = verify(&s3, &["--destination", "third", "--destination", "dst"]).expect(1);
    assert_eq!(verdicts(&both), ["third=missing", "dst=in-sync"]);
}

#[test]
fn a_destination_may_be_on_another_server() {
    let s3 = versioned();
    s3.replicate("src", [Rule::new("all").to("dst")]);
    let version = s3.put("src", "k", b"hello");
    s3.set_status("src", "k", Some("COMPLETED"));
    let far = elsewhere(&s3);
    // The bucket does not exist here, and the hint says what to do.
    let lost = verify(&s3, &[]).expect(2);
    assert_eq!(verdicts(&lost), ["dst=unknown"]);
    assert!(lost.objects()[0]["error"]["hint"].as_str().unwrap().contains("--destination dst,endpoint=URL"));

    let to = format!("dst,endpoint={}", far.endpoint());
    let found = verify(&s3, &["--destination", &to]).expect(0).silent();
    assert_eq!(verdicts(&found), ["dst=in-sync"]);
    assert_eq!(destinations(&found)[0]["region"], "eu-west-1");
    far.clear_requests();
    verify(&s3, &["--destination", &format!("{to},region=eu-west-1")]).expect(0);
    assert_eq!((count(&far, "HeadObject"), count(&far, "HeadBucket")), (1, 0), "the Region was right at once");
    let heads: Vec<_> = far.requests().into_iter().filter(|request| request.operation == "HeadObject").collect();
    assert!(heads.iter().all(|head| head.headers["x-minio-source-proxy-request"] == "true"));
    only_reads(&far);

    // Many objects, one look for the Region.
    for n in 0..20 {
        s3.put("src", &format!("k{n}"), b"x");
        s3.set_status("src", &format!("k{n}"), Some("COMPLETED"));
        s3.copy_to("src", &format!("k{n}"), &far, "dst");
    }
    far.clear_requests();
    let keys: Vec<String> = (0..20).map(|n| format!("s3://src/k{n}")).collect();
    let mut args = vec!["status", "--verify-replica", "--concurrency", "1", "--destination", &to];
    args.extend(keys.iter().map(String::as_str));
    with(&s3, &args).expect(0);
    assert_eq!((count(&far, "HeadObject"), count(&far, "HeadBucket")), (21, 1));

    // What goes wrong there is that destination's verdict, and not the end of the run.
    far.delete_version("dst", "k", &version);
    assert_eq!(verdicts(&verify(&s3, &["--destination", &to]).expect(1)), ["dst=missing"]);
    // Nothing listens there; the port of a server that ended may be another test's by now.
    let nowhere = ["--destination", "dst,endpoint=http://127.0.0.1:1", "--max-attempts", "1"];
    let gone = verify(&s3, &nowhere).expect(2);
    assert_eq!(verdicts(&gone), ["dst=unknown"]);
    assert!(gone.objects()[0]["error"]["message"].as_str().unwrap().contains("no connection to http://127.0.0.1"));
}

#[test]
fn a_destination_may_want_other_credentials() {
    let s3 = replicated();
    let owner = "111122223333";
    s3.create_bucket(Bucket::new("src").owner(owner).versioning(Versioning::Enabled));
    s3.replicate("src", [Rule::new("all").to("dst")]);
    let far = Sandbox::builder().credentials("FARKEY", "far secret").start().unwrap();
    far.create_bucket(Bucket::new("far").owner("999999999999").versioning(Versioning::Enabled));
    s3.put("src", "k", b"x");
    s3.copy_to("src", "k", &far, "far");
    let to = format!("far,endpoint={}", far.endpoint());
    let refused = verify(&s3, &["--destination", &to]).expect(2);
    assert_eq!(verdicts(&refused), ["dst=in-sync", "far=denied"]);

    let (_keep, dir) = folder();
    let file = dir.join("credentials");
    std::fs::write(&file, "[far]\naws_access_key_id = FARKEY\naws_secret_access_key = far secret\n").unwrap();
    let ask = |profile: &str, more: &[&str]| {
        let to = format!("{to},profile={profile}");
        let args = ["status", "--verify-replica", "s3://src/k", "-o", "json", "--destination", &to];
        let mut command = client(&s3, &[&args[..], more].concat());
        command.env("AWS_SHARED_CREDENTIALS_FILE", &file);
        run(command)
    };
    assert_eq!(verdicts(&ask("far", &[]).expect(0)), ["dst=in-sync", "far=in-sync"]);
    // The source's owner is not the destination's.
    far.clear_requests();
    ask("far", &["--expected-bucket-owner", owner, "--request-payer", "requester"]).expect(0);
    for request in far.requests() {
        assert!(!request.headers.contains_key("x-amz-expected-bucket-owner"));
        assert_eq!(request.headers["x-amz-request-payer"], "requester");
    }
    let unknown = ask("absent,region=eu-west-1", &[]).expect(2);
    assert_eq!(verdicts(&unknown), ["dst=in-sync", "far=unknown"]);
    assert_eq!(destinations(&unknown)[1]["region"], "eu-west-1", "as it was given, although nothing was asked");
    assert!(unknown.objects()[0]["error"]["message"].as_str().unwrap().contains("no profile \"absent\""));
}

#[test]
fn the_source_is_no_destination_of_itself() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    // A replica asked about itself would always be in sync.
    s3.set_status("src", "k", Some("REPLICA"));
    let itself = format!("src,endpoint={}/", s3.endpoint().replace("127.0.0.1", "localhost"));
    for to in ["src", "src,region=eu-west-1", &itself] {
        let run = verify(&s3, &["--accept-replica", "--destination", to]).expect(2);
        assert_eq!(run.stdout, "");
        run.says(&["--destination src is the source itself"]);
    }
    // Two sites with buckets of one name: only the caller knows where the other one is.
    let far = Sandbox::start().unwrap();
    far.create_bucket(Bucket::new("src").versioning(Versioning::Enabled));
    s3.create_bucket(Bucket::new("src").versioning(Versioning::Enabled));
    s3.put("src", "k", b"x");
    s3.set_status("src", "k", Some("COMPLETED"));
    s3.replicate("src", [Rule::new("all").to("src")]);
    let untold = verify(&s3, &[]).expect(2);
    assert_eq!(verdicts(&untold), ["src=unknown"]);
    assert!(untold.objects()[0]["error"]["hint"].as_str().unwrap().contains("--destination src,endpoint=URL"));
    let to = format!("src,endpoint={}", far.endpoint());
    assert_eq!(verdicts(&verify(&s3, &["--destination", &to]).expect(1)), ["src=missing"]);
    s3.copy_to("src", "k", &far, "src");
    assert_eq!(verdicts(&verify(&s3, &["--destination", &to]).expect(0)), ["src=in-sync"]);
}

#[test]
fn a_destination_that_answers_from_the_source_is_asked_not_to() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    s3.replicate("dst", [Rule::new("back").to("src")]);
    s3.dialect(|dialect| dialect.proxy_missing_from_replica = true);
    s3.set_status("src", "k", Some("REPLICA"));
    s3.lose_replica("src", "k");
    s3.clear_requests();
    // Without the header dst would answer with what src has, word and all: in sync.
    assert_eq!(verdicts(&verify(&s3, &["--accept-replica"]).expect(1)), ["dst=missing"]);
    let heads: Vec<_> = s3.requests().into_iter().filter(|request| request.operation == "HeadObject").collect();
    assert_eq!(heads.len(), 2);
    assert!(heads.iter().all(|head| head.headers["x-minio-source-proxy-request"] == "true"));
}

#[test]
fn trouble_at_one_destination_leaves_the_others_standing() {
    let s3 = versioned();
    for bucket in ["dst", "other"] {
        s3.create_bucket(Bucket::new(bucket).versioning(Versioning::Enabled));
    }
    s3.replicate("src", [Rule::new("all").to("dst").to("other")]);
    s3.put("src", "k", b"x");
    s3.fault(Fault::on("HeadObject").bucket("dst").status(500, "InternalError", "oops"));
    let run = verify(&s3, &["--max-attempts", "1"]).expect(2);
    let mut found = verdicts(&run);
    found.sort();
    assert_eq!(found, ["dst=unknown", "other=in-sync"]);
    assert_eq!(run.objects()[0]["error"]["http_status"], 500);
}

#[test]
fn destinations_are_asked_within_the_requests_in_flight() {
    let s3 = replicated();
    let keys: Vec<String> = (0..6).map(|n| format!("s3://src/k{n}")).collect();
    (0..6).for_each(|n| drop(s3.put("src", &format!("k{n}"), b"x")));
    s3.fault(Fault::on("HeadObject").bucket("dst").delay(Duration::from_millis(100)));
    let mut args = vec!["status", "--verify-replica", "--concurrency", "1"];
    args.extend(keys.iter().map(String::as_str));
    let started = Instant::now();
    with(&s3, &args).expect(0).silent();
    assert!(started.elapsed() >= Duration::from_millis(600), "one after the other: {:?}", started.elapsed());
}

#[test]
fn many_objects_and_waiting_are_verified_as_well() {
    let s3 = replicated();
    s3.put("src", "p/whole", b"x");
    s3.put("src", "p/lost", b"x");
    s3.lose_replica("src", "p/lost");
    let run = with(&s3, &["status", "--verify-replica", "--recursive", "s3://src/p/", "-o", "json"]).expect(1);
    let found: Vec<Value> = run.objects().iter().map(|object| object["destinations"][0]["verdict"].clone()).collect();
    assert_eq!(found, ["missing", "in-sync"]);

    // Pinned to the version of the first HEAD, and asked about once it is no longer pending.
    s3.replication_delay(Duration::from_secs(1));
    let version = s3.put("src", "k", b"hello");
    let run = verify(&s3, &["--wait", "--timeout", "30s"]).expect(0);
    assert_eq!(destinations(&run)[0]["version_id"], *version);
}

#[test]
fn what_does_not_fit_together_is_refused() {
    for (args, says) in [
        (&["--destination", "dst"][..], "--destination needs --verify-replica"),
        (&["--verify-replica", "--destination", "dst,zone=x"], "region=, endpoint= or profile="),
        (&["--verify-replica", "--destination", "dst,endpoint=localhost:9000"], "write the scheme too"),
        (&["--verify-replica", "--destination", "s3://dst"], "can't be a bucket"),
        (&["--verify-replica", "--destination", "dst", "--destination", "dst,region=x"], "twice"),
    ] {
        alone(&[&["status", "s3://src/k"][..], args].concat()).expect(2).says(&[says]);
    }
}

#[test]
fn behind_an_access_point_there_may_be_the_destination_itself() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("x-abc-s3alias").versioning(Versioning::Enabled));
    s3.put("x-abc-s3alias", "k", b"x");
    s3.set_status("x-abc-s3alias", "k", Some("COMPLETED"));
    s3.copy_to("x-abc-s3alias", "k", &s3, "dst");
    let args = ["status", "--verify-replica", "--bucket", "x-abc-s3alias", "--key", "k", "-o", "json"];
    let run = with(&s3, &[&args[..], &["--destination", "dst"]].concat()).expect(2);
    assert_eq!((run.fields("verdict"), verdicts(&run)), (vec!["replicated".to_owned()], vec![]));
    assert!(run.objects()[0]["error"]["message"].as_str().unwrap().contains("access point is not known"));
}
