//! HEAD and GET: headers, versions, ranges, conditions.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumMode, MetadataDirective, StorageClass};
use replaudit_sandbox::{Bucket, LockMode, Principal, Put, Rule, Sandbox, Versioning};

use crate::support::{block, client, client_as, pair, raw, refusal};

#[test]
fn head_shows_what_the_object_has() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("locked").object_lock(true));
    let until = SystemTime::now() + Duration::from_secs(86_400);
    let id = s3.put_with(
        "locked",
        "k",
        "12345",
        Put::default()
            .storage_class("STANDARD_IA")
            .metadata("who", "me")
            .tag("a", "b")
            .expiration("expiry-date=\"Fri, 21 Dec 2029 00:00:00 GMT\", rule-id=\"r\"")
            .retain_until(LockMode::Governance, until)
            .legal_hold(true),
    );
    s3.set_status("locked", "k", Some("PROCESSING"));
    let head = block(client(&s3).head_object().bucket("locked").key("k").send()).unwrap();
    assert_eq!(head.replication_status().unwrap().as_str(), "PROCESSING");
    assert_eq!(head.version_id(), Some(id.as_str()));
    assert_eq!(head.e_tag(), Some("\"827ccb0eea8a706c4c34a16891f84e7b\""));
    assert_eq!(head.content_length(), Some(5));
    assert_eq!(head.storage_class(), Some(&StorageClass::StandardIa));
    assert_eq!(head.metadata().unwrap()["who"], "me");
    assert_eq!(head.object_lock_mode().unwrap().as_str(), "GOVERNANCE");
    assert_eq!(head.object_lock_legal_hold_status().unwrap().as_str(), "ON");
    let secs = until.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as i64;
    assert_eq!(head.object_lock_retain_until_date().unwrap().secs(), secs);
    assert_eq!(head.server_side_encryption().unwrap().as_str(), "AES256");
    assert!(head.expiration().unwrap().contains("rule-id"));
    let got = block(client(&s3).get_object().bucket("locked").key("k").send()).unwrap();
    assert_eq!(got.tag_count(), Some(1));
    assert_eq!(got.replication_status().unwrap().as_str(), "PROCESSING");
}

#[test]
fn version_ids_are_shown_only_if_the_bucket_ever_had_versioning() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("plain").public(true));
    s3.put("plain", "k", "old");
    let answer = raw(&s3, "HEAD", "/plain/k", &[]);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("x-amz-version-id"), None);
    assert_eq!(answer.header("x-amz-storage-class"), None);
    assert_eq!(answer.header("x-amz-replication-status"), None);
    assert_eq!(answer.header("content-length"), Some("3"));
    s3.set_versioning("plain", Versioning::Enabled);
    let answer = raw(&s3, "HEAD", "/plain/k", &[]);
    assert_eq!(answer.header("x-amz-version-id"), Some("null"));
    s3.put("plain", "k", "newer");
    s3.set_versioning("plain", Versioning::Suspended);
    s3.put("plain", "k", "newest");
    let versions = s3.versions("plain", "k");
    let shape: Vec<_> = versions.iter().map(|v| (v.version_id == "null", v.size)).collect();
    assert_eq!(shape, [(true, 6), (false, 5)], "the null version was replaced, not kept");
    let old = raw(&s3, "GET", &format!("/plain/k?versionId={}", versions[1].version_id), &[]);
    assert_eq!((old.status, old.body.as_str()), (200, "newer"));
}

#[test]
fn ranges_and_conditions() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt").public(true));
    s3.put("bkt", "k", "0123456789");
    let etag = format!("\"{}\"", s3.versions("bkt", "k")[0].etag);
    let get = |headers: &[(&str, &str)]| raw(&s3, "GET", "/bkt/k", headers);
    let part = get(&[("range", "bytes=2-4")]);
    assert_eq!((part.status, part.body.as_str()), (206, "234"));
    assert_eq!(part.header("content-range"), Some("bytes 2-4/10"));
    assert_eq!(get(&[("range", "bytes=-3")]).body, "789");
    assert_eq!(get(&[("range", "bytes=10-")]).status, 416);
    let head = raw(&s3, "HEAD", "/bkt/k", &[("range", "bytes=0-0")]);
    assert_eq!((head.status, head.header("content-length")), (206, Some("1")));
    assert_eq!(get(&[("if-match", &etag)]).status, 200);
    let changed = get(&[("if-match", "\"other\"")]);
    assert_eq!(changed.status, 412);
    assert!(changed.body.contains("<Code>PreconditionFailed</Code>"));
    let same = get(&[("if-none-match", &etag)]);
    assert_eq!((same.status, same.body.as_str()), (304, ""));
    let head = raw(&s3, "HEAD", "/bkt/k", &[("if-match", "\"other\"")]);
    assert_eq!((head.status, head.body.as_str()), (412, ""));
}

#[test]
fn ranges_of_one_content_make_the_whole() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt").public(true).versioning(Versioning::Enabled));
    s3.put("bkt", "k", "0123456789");
    let etag = format!("\"{}\"", s3.versions("bkt", "k")[0].etag);
    let get = |range: &str, etag: &str| raw(&s3, "GET", "/bkt/k", &[("range", range), ("if-match", etag)]);
    let table = [
        ("bytes=0-0", "0", "bytes 0-0/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=8-99", "89", "bytes 8-9/10"),
        ("bytes=-4", "6789", "bytes 6-9/10"),
        ("bytes=-99", "0123456789", "bytes 0-9/10"),
    ];
    for (range, body, content) in table {
        let part = get(range, &etag);
        assert_eq!((part.status, part.body.as_str()), (206, body), "{range}");
        assert_eq!(part.header("content-range"), Some(content));
        assert_eq!(part.header("content-length"), Some(body.len().to_string().as_str()));
        assert_eq!(part.header("etag"), Some(etag.as_str()), "of the whole");
    }
    for range in ["bytes=10-", "bytes=99-100", "bytes=-0"] {
        let part = get(range, &etag);
        assert_eq!(part.status, 416, "{range}");
        assert!(part.body.contains("<Code>InvalidRange</Code>"), "{}", part.body);
    }
    s3.put("bkt", "k", "0123456789 and more");
    let part = get("bytes=-4", &etag);
    assert_eq!((part.status, part.header("content-range")), (412, None));
    assert!(part.body.contains("<Code>PreconditionFailed</Code>"));
}

#[test]
fn a_client_reads_what_it_wrote() {
    let s3 = pair();
    let client = client(&s3);
    block(async {
        let put = client
            .put_object()
            .bucket("src")
            .key("a b+c/\u{e9}%.txt")
            .body(ByteStream::from_static(b"hello"))
            .metadata("k", "v")
            .tagging("x=1&y=a%20b")
            .content_type("text/plain")
            .send()
            .await
            .unwrap();
        let got = client
            .get_object()
            .bucket("src")
            .key("a b+c/\u{e9}%.txt")
            .version_id(put.version_id().unwrap())
            .checksum_mode(ChecksumMode::Enabled)
            .send()
            .await
            .unwrap();
        assert_eq!(got.content_type(), Some("text/plain"));
        assert_eq!(got.tag_count(), Some(2));
        assert!(got.checksum_crc32().is_some(), "the SDK sent it behind the body");
        assert_eq!(got.body.collect().await.unwrap().into_bytes().as_ref(), b"hello");
        let copy = client
            .copy_object()
            .bucket("dst")
            .key("copy")
            .copy_source("src/a%20b%2Bc/%C3%A9%25.txt")
            .metadata_directive(MetadataDirective::Copy)
            .send()
            .await
            .unwrap();
        assert!(copy.version_id().is_some());
        let head = client.head_object().bucket("dst").key("copy").send().await.unwrap();
        assert_eq!(head.metadata().unwrap()["k"], "v");
        let tags = client.get_object_tagging().bucket("dst").key("copy").send().await.unwrap();
        assert_eq!(tags.tag_set()[1].value(), "a b");
    });
}

#[test]
fn objects_with_a_customer_key_need_it() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt").public(true));
    s3.put_with("bkt", "k", "secret", Put::default().sse_c());
    assert_eq!(raw(&s3, "HEAD", "/bkt/k", &[]).status, 400);
    let got = raw(&s3, "GET", "/bkt/k", &[]);
    assert_eq!(got.status, 400);
    assert!(got.body.contains("<Code>InvalidRequest</Code>"), "{}", got.body);
    assert!(got.body.contains("a form of Server Side Encryption"), "{}", got.body);
    let md5 = "cLyPS3KoaSFGi/joRB3OUQ==";
    let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let with = [
        ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
        ("x-amz-server-side-encryption-customer-key", key),
        ("x-amz-server-side-encryption-customer-key-md5", md5),
    ];
    assert_eq!(raw(&s3, "HEAD", "/bkt/k", &with).status, 200);
    s3.put("bkt", "open", "x");
    assert_eq!(raw(&s3, "HEAD", "/bkt/open", &with).status, 400);
    let header = [("x-amz-server-side-encryption", "AES256")];
    assert_eq!(raw(&s3, "HEAD", "/bkt/open", &header).status, 400);
}

#[test]
fn large_objects_are_uploaded_in_parts() {
    let s3 = pair();
    s3.replicate("src", [Rule::new("all").to("dst")]);
    let client = client(&s3);
    block(async {
        let started = client.create_multipart_upload().bucket("src").key("big").send().await.unwrap();
        let id = started.upload_id().unwrap();
        let mut parts = Vec::new();
        for (number, text) in [(1, "one"), (2, "two")] {
            let part = client
                .upload_part()
                .bucket("src")
                .key("big")
                .upload_id(id)
                .part_number(number)
                .body(ByteStream::from_static(text.as_bytes()))
                .send()
                .await
                .unwrap();
            parts.push(
                aws_sdk_s3::types::CompletedPart::builder().part_number(number).e_tag(part.e_tag().unwrap()).build(),
            );
        }
        let upload = aws_sdk_s3::types::CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let done = client
            .complete_multipart_upload()
            .bucket("src")
            .key("big")
            .upload_id(id)
            .multipart_upload(upload)
            .send()
            .await
            .unwrap();
        assert!(done.e_tag().unwrap().ends_with("-2\""));
        let gone = client.abort_multipart_upload().bucket("src").key("big").upload_id(id).send().await;
        assert_eq!(refusal(gone), (404, Some("NoSuchUpload".into())));
    });
    assert_eq!(s3.body("dst", "big").unwrap().as_ref(), b"onetwo");
    assert_eq!(s3.versions("src", "big")[0].replication_status.as_deref(), Some("COMPLETED"));
}

#[test]
fn checksums_are_shown_with_their_kind_to_those_who_may_decrypt() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bucket").versioning(Versioning::Enabled));
    s3.put_with("bucket", "parts", b"x", Put::default().checksum("SHA256", "abc=-3"));
    s3.put_with("bucket", "kms", b"x", Put::default().sse_kms("key").checksum("CRC32", "abc="));
    s3.principal(Principal::new("KEYLESS", "secret").deny("kms:Decrypt"));
    block(async {
        let head = |who: &str, key: &str| {
            let (who, secret) = if who == "KEYLESS" { (who, "secret") } else { (s3.access_key(), s3.secret_key()) };
            client_as(&s3, who, secret, s3.region()).head_object().bucket("bucket").key(key)
        };
        let told = |output: HeadObjectOutput| output.checksum_type().map(|kind| kind.as_str().to_owned());
        let parts = head("", "parts").checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
        assert_eq!(parts.checksum_sha256(), Some("abc=-3"));
        assert_eq!(told(parts).as_deref(), Some("COMPOSITE"));
        let whole = head("", "kms").checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
        assert_eq!(told(whole).as_deref(), Some("FULL_OBJECT"));
        assert_eq!(told(head("KEYLESS", "kms").send().await.unwrap()), None);
        assert_eq!(refusal(head("KEYLESS", "kms").checksum_mode(ChecksumMode::Enabled).send().await).0, 403);
        s3.set_checksum("bucket", "parts", None);
        assert_eq!(told(head("", "parts").checksum_mode(ChecksumMode::Enabled).send().await.unwrap()), None);
    });
}

#[test]
fn versions_are_copied_to_another_server_as_replicas() {
    let (s3, far) = (Sandbox::start().unwrap(), Sandbox::start().unwrap());
    for place in [&s3, &far] {
        place.create_bucket(Bucket::new("bucket").versioning(Versioning::Enabled));
    }
    let (old, new) = (s3.put("bucket", "k", b"old"), s3.put("bucket", "k", b"new"));
    s3.copy_to("bucket", "k", &far, "bucket");
    let ids: Vec<String> = far.versions("bucket", "k").into_iter().map(|version| version.version_id).collect();
    assert_eq!(ids, [new, old]);
    assert!(far.versions("bucket", "k").iter().all(|version| version.replication_status.as_deref() == Some("REPLICA")));
    assert!(s3.versions("bucket", "k").iter().all(|version| version.replication_status.is_none()));
}
