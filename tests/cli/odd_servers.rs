//! Servers that encode keys in their own way, repeat or mix up answers, or are no S3 at all.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use replaudit_sandbox::{Bucket, Fault, Rule, Sandbox, Versioning};

use crate::support::{Run, only_reads, replicated, versioned, with};

fn edited(operation: &str, edit: impl Fn(String) -> String + Send + Sync + 'static) -> Fault {
    Fault::on(operation).rewrite(move |body| edit(String::from_utf8(body).unwrap()).into_bytes())
}

fn completed(s3: &Sandbox, keys: &[&str]) {
    for key in keys {
        s3.put("src", key, b"x");
        s3.set_status("src", key, Some("COMPLETED"));
    }
}

/// Answers each HEAD with what `answer` makes of its path: pieces, with the pause before each.
fn serve(answer: impl Fn(&str) -> Vec<(Duration, String)> + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connection = |stream: TcpStream, answer: &dyn Fn(&str) -> Vec<(Duration, String)>| {
        stream.set_nodelay(true).unwrap();
        let mut path = None;
        for line in BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok) {
            path = path.or_else(|| line.split(' ').nth(1).map(str::to_owned));
            if line.is_empty() {
                for (pause, piece) in answer(&path.take().unwrap()) {
                    thread::sleep(pause);
                    if (&stream).write_all(piece.as_bytes()).is_err() {
                        return;
                    }
                }
            }
        }
    };
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let answer = answer.clone();
            thread::spawn(move || connection(stream, &answer));
        }
    });
    url
}

/// An answer to HEAD with these headers.
fn head(status: u16, headers: &str) -> String {
    format!("HTTP/1.1 {status} X\r\ncontent-length: 5\r\n{headers}\r\n")
}

const OBJECT: &str = "etag: \"e\"\r\nlast-modified: Thu, 26 Nov 2026 10:00:00 GMT\r\n";

/// `status` at this address.
fn at(url: &str, args: &[&str]) -> Run {
    let s3 = versioned();
    with(&s3, &[&["status", "--endpoint-url", url, "-o", "json"], args].concat())
}

#[test]
fn buckets_of_one_name_on_two_servers_are_two_destinations() {
    let s3 = versioned();
    let version = s3.put("src", "k", b"hello");
    s3.set_status("src", "k", Some("COMPLETED"));
    let sites: Vec<Sandbox> = (0..2)
        .map(|_| {
            let site = Sandbox::start().unwrap();
            site.create_bucket(Bucket::new("dst").versioning(Versioning::Enabled));
            s3.copy_to("src", "k", &site, "dst");
            site
        })
        .collect();
    let rule = |id: &str, priority: u8| {
        format!(
            "<Rule><ID>{id}</ID><Priority>{priority}</Priority><Status>Enabled</Status><Filter/><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication><DeleteReplication><Status>Disabled</Status></DeleteReplication><Destination><Bucket>arn:minio:replication::{id}:dst</Bucket></Destination></Rule>"
        )
    };
    let rules = rule("1111", 1) + &rule("2222", 2);
    let xml = format!("<ReplicationConfiguration><Role></Role>{rules}</ReplicationConfiguration>");
    s3.fault(Fault::on("GetBucketReplication").raw_body(200, "application/xml", xml));
    let to = |site: &Sandbox| format!("dst,endpoint={}", site.endpoint());
    let (one, two) = (to(&sites[0]), to(&sites[1]));
    let args = ["status", "--verify-replica", "s3://src/k", "-o", "json", "--destination", &one];
    let run = with(&s3, &args).expect(2);
    let destinations = run.objects()[0]["destinations"].clone();
    assert_eq!((&destinations[0]["verdict"], &destinations[1]["verdict"]), (&"unknown".into(), &"in-sync".into()));
    assert!(run.stderr.contains("arn:minio:replication::1111:dst") && run.stderr.contains("gives 1 of"), "{run:?}");
    with(&s3, &[&args[..], &["--destination", &two]].concat()).expect(0).silent();

    let delete = ["safe-delete", "--permanent", "-y", "--version-id", &version, "s3://src/k", "-o", "json"];
    let run = with(&s3, &[&delete[..], &["--destination", &one]].concat()).expect(2);
    assert_eq!(run.fields("reason"), ["replica-unknown"]);
    only_reads(&s3);
}

/// Ceph encodes keys and sends the marker as it is.
#[test]
fn a_list_continues_after_a_marker_that_is_not_encoded() {
    let s3 = versioned();
    completed(&s3, &["%C3%9Cbersicht.pdf", "a.pdf", "b.pdf"]);
    s3.set_status("src", "a.pdf", Some("FAILED"));
    s3.page_size(1);
    let encoded = "<NextKeyMarker>%25C3%259Cbersicht.pdf<";
    s3.fault(edited("ListObjectVersions", move |text| text.replace(encoded, "<NextKeyMarker>%C3%9Cbersicht.pdf<")));
    let args = ["status", "--recursive", "--all-versions", "s3://src/", "-o", "json"];
    let run = with(&s3, &args).expect(1);
    assert_eq!(run.fields("verdict"), ["replicated", "failed", "replicated"]);
    // It is not known where such a list continues.
    s3.clear_faults();
    s3.fault(edited("ListObjectVersions", move |text| text.replace(encoded, "<NextKeyMarker>Z%2B<")));
    with(&s3, &args).expect(2).says(&["continues after \"Z%2B\""]);
}

#[test]
fn a_page_of_another_question_is_refused() {
    let s3 = versioned();
    completed(&s3, &["a", "b", "c"]);
    s3.page_size(1);
    for (operation, more, echo) in [
        ("ListObjectsV2", &[][..], "<ContinuationToken>1/a<"),
        ("ListObjectVersions", &["--all-versions"], "<KeyMarker>a<"),
    ] {
        let args = [&["status", "--recursive", "s3://src/"], more].concat();
        with(&s3, &args).expect(0);
        s3.fault(edited(operation, move |text| text.replace(echo, &echo.replace("a<", "b<"))));
        with(&s3, &args).expect(2).says(&["the page begins after", "which was not requested"]);
        s3.clear_faults();
    }
    s3.fault(edited("ListBuckets", |text| text.replace("</ListAll", "<Prefix>sr</Prefix></ListAll")));
    with(&s3, &["doctor", "--all-buckets"]).expect(2).says(&["with Prefix \"sr\", which was not requested"]);
}

#[test]
fn a_key_that_may_have_been_misread_is_not_gone() {
    let s3 = versioned();
    completed(&s3, &["a+b", "c"]);
    s3.set_status("src", "a+b", Some("FAILED"));
    let status = ["status", "--recursive", "s3://src/", "-o", "json"];
    let versions = [&status[..], &["--all-versions"]].concat();
    let delete = ["safe-delete", "--recursive", "s3://src/", "--whole-bucket", "--dry-run", "-o", "json"];
    with(&s3, &status).expect(1);
    // The first leaves the plus sign alone, the second does not say that it encodes.
    let edits: [fn(String) -> String; 2] =
        [|text| text.replace("%2B", "+"), |text| text.replace("<EncodingType>url</EncodingType>", "")];
    for edit in edits {
        for operation in ["ListObjectsV2", "ListObjectVersions"] {
            s3.fault(edited(operation, edit));
        }
        for args in [&status[..], &versions] {
            let run = with(&s3, args).expect(2);
            assert_eq!(run.fields("verdict"), ["error", "replicated"], "{args:?}");
            // The sandbox also echoes the prefix as it is encoded.
            let code = run.objects()[0]["error"]["code"].clone();
            assert!(code == "UnclearKey" || code == "UnreadableList", "{run:?}");
        }
        let run = with(&s3, &delete).expect(2);
        assert_eq!(run.fields("reason"), ["error", "completed"]);
        s3.clear_faults();
    }
    // Where keys are encoded as the list says, such a key can be gone, and the other one be there.
    completed(&s3, &["a b"]);
    s3.set_status("src", "a+b", Some("COMPLETED"));
    s3.before("HeadObject", None, |s3| drop(s3.delete("src", "a b")));
    // One after the other: the first is the one that goes.
    let run = with(&s3, &[&status[..], &["--concurrency", "1"]].concat()).expect(0);
    assert_eq!(run.fields("verdict"), ["delete-marker", "replicated", "replicated"]);
    only_reads(&s3);
}

#[test]
fn tags_that_are_not_those_of_the_version_leave_a_rule_unsure() {
    let s3 = replicated();
    s3.create_bucket(Bucket::new("dst2").versioning(Versioning::Enabled));
    s3.put("src", "k", b"x");
    s3.replicate("src", [Rule::new("all").to("dst"), Rule::new("tagged").tag("team", "a").priority(2).to("dst2")]);
    let args = ["status", "--verify-replica", "s3://src/k", "-o", "json"];
    with(&s3, &args).expect(0);
    let unsure = |why: &str| {
        let run = with(&s3, &args).expect(2);
        let destinations = run.objects()[0]["destinations"].as_array().unwrap().clone();
        assert_eq!(destinations.iter().filter(|to| to["verdict"] == "unknown").count(), 1, "{run:?}");
        assert!(run.stderr.contains("bucket dst2") && run.stderr.contains(why), "{run:?}");
        s3.clear_faults();
    };
    s3.fault(Fault::on("GetObjectTagging").header("x-amz-version-id", "v2"));
    unsure("the answer is about version v2");
    s3.fault(Fault::on("HeadObject").bucket("src").header("x-amz-tagging-count", "1"));
    unsure("the answer has 0 tags, and HEAD counts 1");
    only_reads(&s3);
}

#[test]
fn the_page_of_a_web_server_is_no_answer() {
    let id = "x-amz-request-id: 1\r\n";
    let page = format!("Content-Type: text/html; charset=utf-8\r\n{OBJECT}");
    let cloudfront = format!("x-amz-cf-id: 1\r\n{page}");
    for (status, headers, why) in [
        (200, page.clone(), "no header of S3"),
        (200, cloudfront, "no header of S3"),
        (200, id.to_owned(), "neither ETag nor Last-Modified"),
        (203, format!("{id}{OBJECT}"), "203"),
        (206, format!("{id}{OBJECT}"), "206"),
    ] {
        let url = serve(move |_| vec![(Duration::ZERO, head(status, &headers))]);
        let run = at(&url, &["--max-attempts", "1", "s3://src/k"]).expect(2);
        let error = run.objects()[0]["error"].clone();
        assert_eq!(error["code"], "UnreadableAnswer", "{error}");
        assert!(error["message"].as_str().unwrap().contains(why), "{error}");
    }
    // An object may be a page, and small servers have no header of S3.
    for headers in [format!("x-amzn-requestid: 1\r\n{page}"), OBJECT.to_owned()] {
        let url = serve(move |_| vec![(Duration::ZERO, head(200, &headers))]);
        assert_eq!(at(&url, &["s3://src/k"]).expect(1).fields("verdict"), ["not-replicated"]);
    }
    // A bucket that only a web server knows does not exist either.
    let url = serve(move |path| {
        let is_object = path.matches('/').count() > 1 && !path.ends_with('/');
        vec![(Duration::ZERO, if is_object { head(404, "") } else { head(200, &page) })]
    });
    at(&url, &["--max-attempts", "1", "s3://src/k"]).expect(2).says(&["no header of S3"]);
}

#[test]
fn an_answer_that_comes_twice_is_not_that_of_the_next_object() {
    let url = serve(|path| {
        let (key, word) = if path.ends_with("/a") { ("a", "COMPLETED") } else { ("b", "FAILED") };
        let headers = format!(
            "x-amz-request-id: {key}\r\nx-amz-version-id: v{key}\r\nx-amz-replication-status: {word}\r\n{OBJECT}"
        );
        let answer = head(200, &headers);
        match key {
            "a" => vec![(Duration::ZERO, answer.clone()), (Duration::from_millis(5), answer)],
            _ => vec![(Duration::from_millis(60), answer)],
        }
    });
    let objects = ["--concurrency", "1", "s3://src/a", "s3://src/b"];
    let run = at(&url, &objects).expect(1);
    assert_eq!(run.fields("verdict"), ["replicated", "failed"]);
    assert_eq!(run.fields("version_id"), ["va", "vb"]);
    let run = at(&url, &[&objects[..], &["--max-attempts", "1"]].concat());
    assert!(run.code == Some(1) || run.code == Some(2), "{run:?}");
    assert_ne!(run.fields("verdict")[1], "replicated");
}

/// Two objects may then have the same headers.
#[test]
fn one_request_id_for_all_answers_is_no_repetition() {
    let url = serve(|_| {
        let headers = format!("x-amz-request-id: 1\r\nx-amz-replication-status: COMPLETED\r\n{OBJECT}");
        vec![(Duration::ZERO, head(200, &headers))]
    });
    let objects = ["s3://src/a", "s3://src/b", "s3://src/c", "s3://src/d"];
    let run = at(&url, &[&["--concurrency", "1"], &objects[..]].concat()).expect(0);
    assert_eq!(run.fields("verdict"), ["replicated"; 4]);
}
