//! The handle itself: starting, stopping, buckets over HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

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

#[test]
fn serve_prints_what_to_paste_and_stops_when_told() {
    let mut serve = Command::new(env!("CARGO_BIN_EXE_replaudit-sandbox"))
        .args(["serve", "--port", "0", "--region", "eu-west-1", "--bucket", "mine", "--demo"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(serve.stdout.take().unwrap()).lines();
    let env: Vec<String> = lines.by_ref().take(5).map(|line| line.unwrap()).collect();
    let address = env[0].strip_prefix("export AWS_ENDPOINT_URL_S3='http://").unwrap().strip_suffix('\'').unwrap();
    assert!(env[1].starts_with("export AWS_ACCESS_KEY_ID='"));
    assert!(env.contains(&"export AWS_REGION='eu-west-1'".to_owned()));
    let mut stream = TcpStream::connect(address).unwrap();
    let lever = "POST /-/sandbox/status?bucket=demo-source&key=reports/failed.csv&status=PENDING HTTP/1.1";
    write!(stream, "{lever}\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let told = Command::new("kill").args(["-TERM", &serve.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert_eq!(serve.wait().unwrap().code(), Some(0));
}
