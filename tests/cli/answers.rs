//! Answers that are cut, changed, slow or without end: they say nothing, and nothing is concluded from them.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use replaudit_sandbox::{Bucket, Fault, Inventory, Put, Rule, Sandbox, Versioning};

use crate::support::{Run, client, count, folder, limited, only_reads, replicated, versioned, with};

/// Makes the answer's text another one.
fn edited(operation: &str, edit: impl Fn(String) -> String + Send + Sync + 'static) -> Fault {
    Fault::on(operation).rewrite(move |body| edit(String::from_utf8(body).unwrap()).into_bytes())
}

/// Everything before this, which must be there.
fn before(text: &str, mark: &str) -> String {
    text.split_once(mark).unwrap_or_else(|| panic!("{mark} is not in {text}")).0.to_owned()
}

/// stdout without line breaks.
fn text(run: &Run) -> String {
    run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A source whose object `failed` is not replicated, between two that are.
fn with_failed() -> Sandbox {
    let s3 = replicated();
    for key in ["a", "failed", "z"] {
        s3.put("src", key, b"x");
    }
    s3.set_status("src", "failed", Some("FAILED"));
    s3
}

/// Removes the one version permanently, checked at the destinations.
fn remove(s3: &Sandbox, key: &str, version: &str, more: &[&str]) -> Run {
    let (_guard, dir) = folder();
    let path = dir.join("list.ndjson");
    let line = serde_json::json!({"bucket": "src", "key": key, "version_id": version}).to_string();
    std::fs::write(&path, line + "\n").unwrap();
    let mut args = vec!["safe-delete", "-y", "--permanent", "-o", "json", "--from", path.to_str().unwrap()];
    args.extend(more);
    with(s3, &args)
}

/// Makes another text of an answer.
type Edit = fn(String) -> String;

/// Edits of a page with three keys after which it is not a page any more.
fn spoiled_pages() -> Vec<(&'static str, Edit)> {
    fn drop_between(text: &str, from: &str, to: &str) -> String {
        let head = before(text, from);
        let tail = text[head.len()..].split_once(to).unwrap().1;
        head + tail
    }
    vec![
        ("cut after a key", |text| before(&text, "<Key>failed") + "<Key>fai"),
        ("cut before an entry", |text| {
            let end = text.find("<Key>failed").unwrap();
            text[..text[..end].rfind("<Contents>").or_else(|| text[..end].rfind("<Version>")).unwrap()].to_owned()
        }),
        ("an entry without a key", |text| text.replace("<Key>failed</Key>", "")),
        ("an entry with two keys", |text| text.replace("<Key>failed</Key>", "<Key>b</Key><Key>c</Key>")),
        ("grouped by nothing", |text| {
            text.replace("</List", "<CommonPrefixes><Prefix>f</Prefix></CommonPrefixes></List")
        }),
        ("whether it ends is not said", |text| drop_between(&text, "<IsTruncated>", "</IsTruncated>")),
        ("it continues nowhere", |text| text.replace("<IsTruncated>false", "<IsTruncated>true")),
        ("another bucket", |text| text.replace("<Name>src<", "<Name>dst<")),
        ("bytes that are no text", |text| text.replace("failed", "\u{fffd}").replace('\u{fffd}', "<![CDATA[")),
        ("a page of a proxy", |_| "<html><body>Moved</body></html>".to_owned()),
        ("nothing", |_| String::new()),
    ]
}

#[test]
fn a_list_that_is_not_whole_hides_nothing() {
    let s3 = with_failed();
    with(&s3, &["status", "--recursive", "s3://src/"]).expect(1);
    with(&s3, &["status", "--recursive", "--all-versions", "s3://src/"]).expect(1);
    for (name, edit) in spoiled_pages() {
        for (operation, more) in [("ListObjectsV2", &[][..]), ("ListObjectVersions", &["--all-versions"])] {
            s3.clear_faults();
            s3.fault(edited(operation, edit));
            let run = with(&s3, &[&["status", "--recursive", "s3://src/"], more].concat());
            assert_eq!(run.code, Some(2), "{operation}, {name}: {run:#?}");
            assert!(run.stderr.contains("listing "), "{run:#?}");
        }
    }
    s3.clear_faults();
    s3.fault(edited("ListObjectsV2", |text| text.replace("<KeyCount>3", "<KeyCount>4")));
    with(&s3, &["status", "--recursive", "s3://src/"]).expect(2).says(&["KeyCount is 4, and the page has 3"]);
}

#[test]
fn a_list_that_never_ends_is_ended() {
    let page = |key: &str, token: &str| {
        format!(
            "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>1/{token}</NextContinuationToken><Contents><Key>{key}</Key></Contents></ListBucketResult>"
        )
    };
    // The same page under new tokens; new pages under three tokens that come again.
    let pages: [fn(u32) -> (String, String); 2] =
        [|at| ("a".to_owned(), at.to_string()), |at| (format!("k{at}"), (at % 3).to_string())];
    for (which, part) in pages.into_iter().enumerate() {
        let s3 = with_failed();
        let at = AtomicU32::new(0);
        s3.fault(Fault::on("ListObjectsV2").rewrite(move |_| {
            let (key, token) = part(at.fetch_add(1, Ordering::SeqCst));
            page(&key, &token).into_bytes()
        }));
        let run = with(&s3, &["status", "--recursive", "s3://src/"]).expect(2);
        let said = ["the server sent the same page again", "the list continues where it was before"][which];
        assert!(run.stderr.contains(said), "{run:#?}");
        // Four pages, and a look whether each of these keys, which answer 404, is still listed.
        assert!(count(&s3, "ListObjectsV2") <= 8, "{}", count(&s3, "ListObjectsV2"));
    }
}

#[test]
fn the_newest_report_is_not_looked_for_in_half_a_list() {
    let s3 = with_failed();
    s3.create_bucket(Bucket::new("reports").versioning(Versioning::Enabled));
    s3.set_status("src", "failed", Some("COMPLETED"));
    let report = || Inventory::of("src").to("reports").id("daily").prefix("inv");
    let yesterday = std::time::SystemTime::now() - Duration::from_secs(86_400);
    let old = s3.deliver_inventory(report().scanned_at(yesterday));
    s3.set_status("src", "failed", Some("FAILED"));
    let new = s3.deliver_inventory(report());
    assert_ne!(old.manifest_key, new.manifest_key);
    let folder = new.manifest_key.rsplit('/').nth(1).unwrap().to_owned();
    let args = ["inventory", "s3://reports/inv/src/daily/"];
    with(&s3, &args).expect(1);
    for keep_end in [false, true] {
        let folder = folder.clone();
        s3.clear_faults();
        s3.fault(edited("ListObjectsV2", move |text| {
            let Some(at) = text.find(&folder) else { return text };
            let cut = text[..at].rfind("<CommonPrefixes>").unwrap_or(at);
            let end = if keep_end { "</ListBucketResult>" } else { "" };
            text[..cut].to_owned() + end
        }));
        with(&s3, &args).expect(2);
    }
}

#[test]
fn tags_that_were_cut_off_leave_no_destination_out() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("other").versioning(Versioning::Enabled));
    s3.replicate("src", [Rule::new("all").to("dst"), Rule::new("tagged").to("other").tag("team", "a").priority(2)]);
    let version = s3.put_with("src", "k", b"x", Put::default().tag("a", "1").tag("team", "a"));
    s3.delete_version("other", "k", &version);
    for edit in [
        (|text| before(&text, "<Tag><Key>team")) as fn(String) -> String,
        |text| before(&text, "</TagSet>"),
        |text| text.replace("<Key>team</Key>", ""),
        |_| "<Tagging></Tagging>".to_owned(),
        |_| String::new(),
    ] {
        s3.clear_faults();
        s3.fault(edited("GetObjectTagging", edit));
        let run = remove(&s3, "k", &version, &[]);
        assert_ne!(run.code, Some(0), "{run:#?}");
        assert_eq!(s3.version_count("src"), 1, "{run:#?}");
        let verified = with(&s3, &["status", "--verify-replica", "s3://src/k"]);
        assert_ne!(verified.code, Some(0), "{verified:#?}");
    }
    assert!(count(&s3, "GetObjectTagging") >= 10);
    only_reads(&s3);
}

#[test]
fn a_configuration_that_is_not_whole_is_not_one_without_rules() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("other").versioning(Versioning::Enabled));
    s3.replicate("src", [Rule::new("all").to("dst"), Rule::new("more").to("other")]);
    let version = s3.put("src", "k", b"x");
    s3.delete_version("other", "k", &version);
    for edit in [
        (|text| before(&text, "<Rule>")) as fn(String) -> String,
        |text| before(&text, "<ID>more"),
        |_| "<ReplicationConfiguration></ReplicationConfiguration>".to_owned(),
        |_| "<ReplicationConfiguration><Law/></ReplicationConfiguration>".to_owned(),
        |text| text.replace("<Status>Enabled</Status>", ""),
    ] {
        s3.clear_faults();
        s3.fault(edited("GetBucketReplication", edit));
        let run = remove(&s3, "k", &version, &[]);
        assert_ne!(run.code, Some(0), "{run:#?}");
        with(&s3, &["status", "--verify-replica", "s3://src/k"]).expect(2);
    }
    s3.clear_faults();
    s3.fault(edited("GetBucketVersioning", |text| before(&text, "</VersioningConfiguration>")));
    with(&s3, &["safe-delete", "-y", "s3://src/k"]).expect(2);
    only_reads(&s3);
    assert_eq!(s3.version_count("src"), 1);
}

#[test]
fn what_a_rule_excludes_is_said() {
    let s3 = versioned();
    s3.create_bucket(Bucket::new("dst").versioning(Versioning::Enabled));
    s3.replicate("src", [Rule::new("all").to("dst").not_prefix("tmp/").delete_markers(true)]);
    s3.put("src", "tmp/k", b"x");
    s3.put("src", "k", b"x");
    let run = with(&s3, &["status", "--explain", "s3://src/tmp/k"]).expect(1);
    let said = "rule \"all\" does not apply: it excludes keys that begin with \"tmp/\"";
    assert!(text(&run).contains(said), "{run:#?}");
    assert!(text(&run).contains("S3 does not replicate the delete marker"), "{run:#?}");
    let run = with(&s3, &["status", "--explain", "s3://src/k"]).expect(0);
    let said =
        "rule \"all\" applies today: it replicates to bucket dst: every key, except keys that begin with \"tmp/\"";
    assert!(text(&run).contains(said), "{run:#?}");
    s3.fault(edited("GetBucketReplication", |text| text.replace("<Filter>", "<Filter><Suffix>.log</Suffix>")));
    let run = with(&s3, &["status", "--explain", "s3://src/k"]).expect(0);
    assert!(text(&run).contains("rule \"all\" may apply: it has Suffix"), "{run:#?}");
}

#[test]
fn an_answer_has_one_deadline_for_all_of_it() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    s3.fault(Fault::on("DeleteObjects").drip(3, Duration::from_secs(1)));
    let start = Instant::now();
    let run = remove(&s3, "k", &version, &["--trust-status", "--read-timeout", "2s"]);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert_eq!(run.fields("outcome"), ["version-deleted"], "{run:#?}");
    assert_eq!(s3.version_count("src"), 0);
}

#[test]
fn an_answer_without_end_takes_no_memory() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    s3.fault(Fault::on("GetBucketReplication").endless("<ReplicationConfiguration>", b' '));
    let command = client(&s3, &["status", "--verify-replica", "s3://src/k", "--read-timeout", "60s"]);
    let start = Instant::now();
    let run = limited(&command, 300 << 20).expect(2);
    assert!(run.stdout.contains("the answer is larger than 16777216 bytes"), "{run:#?}");
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

#[test]
fn a_header_that_is_not_text_is_repaired_where_it_decides_nothing() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    for name in ["expires", "content-disposition", "x-amz-meta-note"] {
        s3.clear_faults();
        s3.fault(Fault::on("HeadObject").header(name, b"soon\xff\xfe".to_vec()));
        for more in [&[][..], &["--explain"], &["--verify-replica"]] {
            with(&s3, &[&["status", "s3://src/k"], more].concat()).expect(0).silent();
        }
    }
    for name in
        ["x-amz-replication-status", "etag", "x-amz-version-id", "x-amz-delete-marker", "x-amz-object-lock-mode"]
    {
        s3.clear_faults();
        s3.fault(Fault::on("HeadObject").header(name, b"COMPLETED\xff".to_vec()));
        let run = with(&s3, &["status", "s3://src/k"]).expect(2);
        assert!(run.stderr.contains("is not UTF-8") || run.stdout.contains("is not UTF-8"), "{run:#?}");
        with(&s3, &["safe-delete", "-y", "s3://src/k"]).expect(2);
    }
    only_reads(&s3);
}

#[test]
fn a_delete_is_not_done_because_a_proxy_says_200() {
    for operation in ["DeleteObject", "DeleteObjects"] {
        for body in ["<html><body>OK</body></html>", "<DeleteResult><Deleted><Key>k</Key></Del"] {
            let s3 = replicated();
            let version = s3.put("src", "k", b"x");
            s3.fault(Fault::on(operation).raw_body(200, "text/html", body));
            let run = match operation {
                "DeleteObjects" => remove(&s3, "k", &version, &["--trust-status"]),
                _ => with(&s3, &["safe-delete", "-y", "-o", "json", "s3://src/k"]),
            };
            assert_ne!(run.code, Some(0), "{run:#?}");
            assert_ne!(run.fields("outcome"), ["hidden"], "{run:#?}");
            assert_ne!(run.fields("outcome"), ["version-deleted"], "{run:#?}");
            assert_eq!(s3.versions("src", "k").len(), 1);
        }
    }
}

#[test]
fn no_server_is_asked_to_answer_for_another() {
    let s3 = with_failed();
    with(&s3, &["status", "--recursive", "--verify-replica", "s3://src/"]).expect(1);
    with(&s3, &["status", "--recursive", "--all-versions", "s3://src/"]).expect(1);
    let asked = s3.requests();
    assert!(
        ["ListObjectsV2", "ListObjectVersions", "GetBucketReplication", "HeadObject"]
            .iter()
            .all(|operation| asked.iter().any(|request| request.operation == *operation))
    );
    for request in asked.iter().filter(|request| request.operation != "HeadBucket") {
        assert_eq!(request.headers["x-minio-source-proxy-request"], "true", "{request:?}");
    }
}

#[test]
fn a_server_without_inventories_is_known_by_its_501() {
    let s3 = versioned();
    for operation in ["ListBucketInventoryConfigurations", "GetBucketInventoryConfiguration"] {
        s3.fault(Fault::on(operation).status(501, "NotImplemented", "no"));
    }
    for more in [&[][..], &["--id", "daily"]] {
        let run = with(&s3, &[&["inventory", "--bucket", "src"], more].concat()).expect(2);
        run.says(&["the server does not support inventories: name the REPORT"]);
    }
}
