//! Faults of the answer itself: cut, rewritten, slow, endless, with odd headers.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use replaudit_sandbox::{Bucket, Fault, Sandbox, Versioning};

use crate::support::{block, client, pair, raw};

fn public() -> Sandbox {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt").public(true).versioning(Versioning::Enabled));
    s3.put("bkt", "a", "x");
    s3.put("bkt", "b", "x");
    s3
}

#[test]
fn a_clean_cut_is_a_complete_answer() {
    let s3 = public();
    s3.fault(Fault::on("ListObjectsV2").times(1).cut_clean(60));
    let cut = raw(&s3, "GET", "/bkt?list-type=2", &[]);
    assert_eq!((cut.status, cut.header("content-length"), cut.body.len()), (200, Some("60"), 60));
    assert!(s3.requests()[0].altered);
    let whole = raw(&s3, "GET", "/bkt?list-type=2", &[]);
    assert!(whole.body.starts_with(&cut.body) && whole.body.ends_with("</ListBucketResult>"));
    assert!(!s3.requests()[1].altered);
}

#[test]
fn a_body_is_what_a_function_makes_of_it() {
    let s3 = public();
    let rewritten = |body: Vec<u8>| String::from_utf8(body).unwrap().replace("<Key>a</Key>", "").into_bytes();
    s3.fault(Fault::on("ListObjectsV2").bucket("bkt").skip(1).times(1).rewrite(rewritten));
    let list = || raw(&s3, "GET", "/bkt?list-type=2", &[]).body;
    assert_eq!([list(), list(), list()].map(|body| body.contains("<Key>a</Key>")), [true, false, true]);
    s3.fault(Fault::on("HeadObject").rewrite(|_| b"never".to_vec()));
    let head = raw(&s3, "HEAD", "/bkt/a", &[]);
    assert_eq!((head.header("content-length"), head.body.as_str()), (Some("1"), ""), "HEAD has no body");
}

#[test]
fn an_answer_of_the_tests_own_comes_with_or_without_the_effect() {
    let s3 = public();
    s3.fault(Fault::on("DeleteObject").key("a").raw_body(200, "text/html", "<html>login</html>"));
    s3.fault(Fault::on("DeleteObject").key("b").raw_body_after_effect(200, "text/html", "<html>login</html>"));
    for key in ["a", "b"] {
        let answer = raw(&s3, "DELETE", &format!("/bkt/{key}"), &[]);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html")));
        assert_eq!(answer.body, "<html>login</html>");
        assert_eq!(answer.header("x-amz-request-id"), None, "nothing of S3 is added");
    }
    assert_eq!(s3.keys("bkt"), ["a"]);
    assert!(s3.requests().iter().all(|request| request.altered));
}

#[test]
fn a_header_may_have_any_bytes() {
    let s3 = public();
    s3.fault(Fault::on("HeadObject").header("expires", b"\xff".to_vec()));
    s3.fault(Fault::on("HeadObject").header("etag", "\"other\""));
    let mut stream = TcpStream::connect(("127.0.0.1", s3.port())).unwrap();
    stream.write_all(b"HEAD /bkt/a HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.windows(12).any(|bytes| bytes == b"expires: \xff\r\n"), "{}", answer.escape_ascii());
    let etags = answer.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"etag: "));
    assert_eq!(etags.collect::<Vec<_>>(), [b"etag: \"other\"\r"]);
}

#[test]
fn a_body_drips() {
    let s3 = public();
    s3.put("bkt", "k", "0123456789");
    s3.fault(Fault::on("GetObject").drip(3, Duration::from_millis(50)));
    let begin = Instant::now();
    let dripped = raw(&s3, "GET", "/bkt/k", &[]);
    assert_eq!((dripped.body.as_str(), dripped.header("content-length")), ("0123456789", Some("10")));
    assert!(begin.elapsed() >= Duration::from_millis(200), "four pieces");
}

#[test]
fn an_endless_body_ends_with_its_reader() {
    let s3 = public();
    s3.fault(Fault::on("GetBucketVersioning").endless("<VersioningConfiguration>", b' '));
    s3.fault(Fault::on("GetBucketVersioning").cut_clean(10));
    let mut stream = TcpStream::connect(("127.0.0.1", s3.port())).unwrap();
    stream.write_all(b"GET /bkt?versioning HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut read = vec![0; 8 << 20];
    stream.read_exact(&mut read).unwrap();
    let text = String::from_utf8(read).unwrap();
    assert!(text.starts_with("HTTP/1.1 200") && text.contains("<VersioningConfiguration>") && text.ends_with("   "));
    drop(stream);
    assert_eq!(raw(&s3, "HEAD", "/bkt/a", &[]).status, 200);
}

#[test]
fn a_stalled_request_holds_up_neither_others_nor_their_hooks() {
    let s3 = pair();
    s3.put("src", "slow", "x");
    s3.put("src", "quick", "x");
    s3.fault(Fault::on("HeadObject").key("slow").delay(Duration::from_millis(600)));
    let (sender, stalled) = mpsc::channel();
    s3.before("HeadObject", Some("slow"), move |_| sender.send(()).unwrap());
    s3.before("HeadObject", Some("quick"), |s3| s3.set_versioning("src", Versioning::Suspended));
    let begin = Instant::now();
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| {
            block(client(&s3).head_object().bucket("src").key("slow").send()).unwrap();
            begin.elapsed()
        });
        stalled.recv_timeout(Duration::from_secs(5)).unwrap();
        block(client(&s3).head_object().bucket("src").key("quick").send()).unwrap();
        let versioning = block(client(&s3).get_bucket_versioning().bucket("src").send()).unwrap();
        assert_eq!(versioning.status().unwrap().as_str(), "Suspended");
        assert_eq!(s3.requests()[0].status, None, "the slow one is still under way");
        assert!(slow.join().unwrap() >= Duration::from_millis(600));
    });
}

#[test]
fn a_late_answer_says_what_was_true_before() {
    let s3 = public();
    s3.fault(Fault::on("HeadObject").key("a").times(1).delay_answer(Duration::from_millis(300)));
    std::thread::scope(|scope| {
        let head = scope.spawn(|| raw(&s3, "HEAD", "/bkt/a", &[]).status);
        let begin = Instant::now();
        while s3.requests().is_empty() && begin.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(5));
        }
        std::thread::sleep(Duration::from_millis(100));
        s3.delete("bkt", "a");
        assert_eq!(head.join().unwrap(), 200);
    });
    assert_eq!(raw(&s3, "HEAD", "/bkt/a", &[]).status, 404);
}
