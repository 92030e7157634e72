//! Answers to what is missing, forbidden or in another Region.

use aws_sdk_s3::error::ProvideErrorMetadata;
use replaudit_sandbox::{Bucket, Sandbox, Versioning};

use crate::support::{block, client, client_as, pair, raw, refusal};

#[test]
fn every_answer_carries_request_ids() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt").public(true));
    s3.put("bkt", "k", "x");
    for (method, target) in [("HEAD", "/bkt/k"), ("HEAD", "/bkt/no"), ("GET", "/bkt/no"), ("GET", "/")] {
        let answer = raw(&s3, method, target, &[]);
        let id = answer.header("x-amz-request-id").expect("a request id");
        assert!(answer.header("x-amz-id-2").is_some(), "{method} {target}");
        if answer.status != 200 && method == "GET" {
            assert!(answer.body.contains(&format!("<RequestId>{id}</RequestId>")));
            assert!(answer.body.contains("<Message>"), "{}", answer.body);
        }
    }
}

#[test]
fn head_errors_are_bare() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt").public(true).versioning(Versioning::Enabled));
    s3.put("bkt", "k", "x");
    let unknown = "/bkt/k?versionId=00000000000000000000000000000000";
    let cases = [
        ("/bkt/no", 404, "NoSuchKey"),
        (unknown, 404, "NoSuchVersion"),
        ("/bkt/k?versionId=nonsense", 400, "InvalidArgument"),
        ("/bkt/k?versionId=", 400, "InvalidArgument"),
        ("/nobucket/k", 403, "AccessDenied"),
    ];
    for (target, status, code) in cases {
        let head = raw(&s3, "HEAD", target, &[]);
        assert_eq!((head.status, head.body.as_str()), (status, ""), "{target}");
        assert_eq!(head.header("content-type"), Some("application/xml"));
        assert_eq!(head.header("content-length").unwrap_or("0"), "0", "no length of a body not sent");
        let get = raw(&s3, "GET", target, &[]);
        assert_eq!(get.status, status, "{target}");
        assert!(get.body.contains(&format!("<Code>{code}</Code>")), "{target}: {}", get.body);
    }
    assert!(raw(&s3, "GET", "/bkt/k?versionId=nonsense", &[]).body.contains("Invalid version id specified"));
    let gone = block(client(&s3).get_object().bucket("nobucket").key("k").send());
    assert_eq!(refusal(gone), (404, Some("NoSuchBucket".into())));
}

#[test]
fn delete_markers_show_themselves() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt").public(true).versioning(Versioning::Enabled));
    s3.put("bkt", "k", "x");
    let marker = s3.delete("bkt", "k").unwrap();
    for method in ["HEAD", "GET"] {
        let answer = raw(&s3, method, "/bkt/k", &[]);
        assert_eq!(answer.status, 404);
        assert_eq!(answer.header("x-amz-delete-marker"), Some("true"));
        assert_eq!(answer.header("x-amz-version-id"), Some(marker.as_str()));
        let answer = raw(&s3, method, &format!("/bkt/k?versionId={marker}"), &[]);
        assert_eq!(answer.status, 405);
        assert_eq!(answer.header("x-amz-delete-marker"), Some("true"));
        assert_eq!(answer.header("x-amz-version-id"), Some(marker.as_str()));
        assert_eq!(answer.header("allow"), Some("DELETE"));
        assert!(answer.header("last-modified").unwrap().ends_with("GMT"));
        assert_eq!(answer.body.is_empty(), method == "HEAD");
    }
}

#[test]
fn another_region_is_refused() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("far").region("eu-west-1"));
    s3.put("far", "k", "x");
    let here = client(&s3);
    block(async {
        let error = here.head_object().bucket("far").key("k").send().await.unwrap_err();
        let response = error.raw_response().unwrap();
        assert_eq!(response.status().as_u16(), 400);
        assert_eq!(response.headers().get("x-amz-bucket-region"), None, "bare");
        assert_eq!(error.code(), None);

        let error = here.get_object().bucket("far").key("k").send().await.unwrap_err();
        let body = error.raw_response().unwrap().body().bytes().unwrap();
        let body = String::from_utf8_lossy(body).into_owned();
        assert_eq!(error.code(), Some("AuthorizationHeaderMalformed"));
        assert!(body.contains("<Region>eu-west-1</Region>"), "{body}");

        let error = here.head_bucket().bucket("far").send().await.unwrap_err();
        let response = error.raw_response().unwrap();
        assert_eq!(response.status().as_u16(), 301);
        assert_eq!(response.headers().get("x-amz-bucket-region"), Some("eu-west-1"));

        s3.region_hint_on_head(true);
        let error = here.head_object().bucket("far").key("k").send().await.unwrap_err();
        let response = error.raw_response().unwrap();
        assert_eq!(response.status().as_u16(), 301);
        assert_eq!(response.headers().get("x-amz-bucket-region"), Some("eu-west-1"));

        let there = client_as(&s3, s3.access_key(), s3.secret_key(), "eu-west-1");
        there.head_object().bucket("far").key("k").send().await.unwrap();
        let place = there.get_bucket_location().bucket("far").send().await.unwrap();
        assert_eq!(place.location_constraint().unwrap().as_str(), "eu-west-1");
    });
}

#[test]
fn strangers_and_forgers() {
    let s3 = pair();
    s3.put("src", "k", "x");
    let get = |key: &str, secret: &str| {
        let client = client_as(&s3, key, secret, "us-east-1");
        refusal(block(client.get_object().bucket("src").key("k").send()))
    };
    assert_eq!(get("AKIAABSENT", "x"), (403, Some("InvalidAccessKeyId".into())));
    assert_eq!(get(s3.access_key(), "wrong"), (403, Some("SignatureDoesNotMatch".into())));
    assert_eq!(raw(&s3, "GET", "/src/k", &[]).status, 403, "unsigned");
}
