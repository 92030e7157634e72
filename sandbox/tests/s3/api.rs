//! The handle itself: starting, stopping, buckets over HTTP.

use std::net::TcpStream;

use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use replaudit_sandbox::{Bucket, Sandbox};

use crate::support::{block, client, refusal};

#[test]
fn it_stops_when_dropped_even_inside_a_runtime() {
    let s3 = Sandbox::start().unwrap();
    let port = s3.port();
    TcpStream::connect(("127.0.0.1", port)).unwrap();
    block(async move { drop(s3) });
    // The listener goes with its runtime, which ends on its own thread.
    let gone = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        TcpStream::connect(("127.0.0.1", port)).is_err()
    });
    assert!(gone);
}

#[test]
fn a_taken_port_is_an_error() {
    let s3 = Sandbox::start().unwrap();
    assert!(Sandbox::builder().port(s3.port()).start().is_err());
}

#[test]
fn buckets_over_http() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("first"));
    let client = client(&s3);
    block(async {
        client.create_bucket().bucket("second").send().await.unwrap();
        let again = client.create_bucket().bucket("second").send().await;
        assert_eq!(refusal(again).0, 409);
        let list = client.list_buckets().send().await.unwrap();
        let names: Vec<_> = list.buckets().iter().map(|b| b.name().unwrap()).collect();
        assert_eq!(names, ["first", "second"]);
        let versioning = client.get_bucket_versioning();
        assert_eq!(versioning.clone().bucket("second").send().await.unwrap().status(), None);
        for status in [BucketVersioningStatus::Enabled, BucketVersioningStatus::Suspended] {
            client
                .put_bucket_versioning()
                .bucket("second")
                .versioning_configuration(VersioningConfiguration::builder().status(status.clone()).build())
                .send()
                .await
                .unwrap();
            let got = versioning.clone().bucket("second").send().await.unwrap();
            assert_eq!(got.status(), Some(&status));
        }
        s3.put("first", "k", "x");
        let full = client.delete_bucket().bucket("first").send().await;
        assert_eq!(refusal(full), (409, Some("BucketNotEmpty".into())));
        client.delete_bucket().bucket("second").send().await.unwrap();
        assert_eq!(refusal(client.head_bucket().bucket("second").send().await).0, 404);
    });
}
