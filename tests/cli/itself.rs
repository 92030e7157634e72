//! `--accept-replica --verify-replica` never calls an object in sync with itself: one server has many names.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use replaudit_sandbox::{Bucket, Sandbox, Versioning};

use crate::support::{Run, replicated, versioned, with};

fn verify(s3: &Sandbox, to: &str) -> Run {
    with(s3, &["status", "--accept-replica", "--verify-replica", "--destination", to, "s3://src/k", "-o", "json"])
}

/// Another port of this machine that leads to the same server.
fn forwarded(s3: &Sandbox) -> String {
    let target = s3.endpoint().trim_start_matches("http://").trim_end_matches('/').to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let here = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for near in listener.incoming() {
            let Ok(near) = near else { return };
            let far = TcpStream::connect(&target).unwrap();
            let (near_too, far_too) = (near.try_clone().unwrap(), far.try_clone().unwrap());
            std::thread::spawn(move || copy(near, far));
            std::thread::spawn(move || copy(far_too, near_too));
        }
    });
    here
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 8192];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

#[test]
fn a_replica_is_not_compared_with_itself_under_another_name() {
    let s3 = versioned();
    s3.put("src", "k", b"x");
    s3.set_status("src", "k", Some("REPLICA"));
    let port = s3.endpoint().trim_end_matches('/').rsplit(':').next().unwrap().to_owned();
    let names = ["0.0.0.0", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"];
    let names = names.iter().map(|host| format!("http://{host}:{port}")).chain([forwarded(&s3)]);
    let mut answered = 0;
    for endpoint in names {
        let run = verify(&s3, &format!("src,endpoint={endpoint}"));
        assert_eq!(run.code, Some(2), "{endpoint}: {run:#?}");
        // A name that is refused at once has no row.
        if run.stdout.is_empty() {
            run.says(&["is the source itself"]);
            continue;
        }
        assert_eq!(run.objects()[0]["destinations"][0]["verdict"], "unknown", "{endpoint}");
        assert_eq!(run.objects()[0]["error"]["code"], "NotVerified", "{endpoint}");
        answered += usize::from(run.stdout.contains("may be the object itself"));
    }
    assert!(answered > 0, "at least the forwarded port answers");
}

#[test]
fn two_replicas_are_compared_where_they_must_be_two() {
    // Two buckets of one server, under one name of it.
    let s3 = replicated();
    s3.put("src", "k", b"x");
    s3.set_status("src", "k", Some("REPLICA"));
    let run = verify(&s3, "dst").expect(0).silent();
    assert_eq!(run.objects()[0]["destinations"][0]["verdict"], "in-sync");

    // Another name of a server may lead to the same bucket, however it is called there.
    let far = Sandbox::start().unwrap();
    far.create_bucket(Bucket::new("far").versioning(Versioning::Enabled));
    s3.copy_to("src", "k", &far, "far");
    far.set_status("far", "k", Some("REPLICA"));
    s3.stop_replication("src");
    let to = format!("far,endpoint={}", far.endpoint());
    let run = verify(&s3, &to).expect(2);
    assert_eq!(run.objects()[0]["destinations"][0]["verdict"], "unknown");
    assert!(run.objects()[0]["error"]["hint"].as_str().unwrap().contains("the source"), "{run:?}");

    // A source is another object than its replica, because their statuses differ.
    s3.set_status("src", "k", Some("COMPLETED"));
    verify(&s3, &to).expect(0).silent();
    // A copy there that is not a replica is still not a replica.
    s3.set_status("src", "k", Some("REPLICA"));
    far.set_status("far", "k", Some("COMPLETED"));
    assert_eq!(verify(&s3, &to).expect(1).objects()[0]["destinations"][0]["verdict"], "not-a-replica");
}
