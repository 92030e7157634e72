//! Lists: order, pages, prefixes, encoding.

use aws_sdk_s3::types::EncodingType;
use replaudit_sandbox::{Bucket, Sandbox, Versioning};

use crate::support::{block, client, pair, raw};

#[test]
fn pages_cover_every_key_once() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt").versioning(Versioning::Enabled));
    let mut keys: Vec<String> = (0..57).map(|n| format!("d{}/k{n}", n % 5)).collect();
    s3.put_many("bkt", &keys, "x");
    keys.sort();
    s3.put("bkt", "zz-deleted", "x");
    s3.delete("bkt", "zz-deleted");
    let client = client(&s3);
    for size in [1, 7, 57, 1000] {
        let mut pages = client.list_objects_v2().bucket("bkt").max_keys(size).into_paginator().send();
        let listed: Vec<String> = block(async {
            let mut listed = Vec::new();
            while let Some(page) = pages.next().await {
                let page = page.unwrap();
                assert!(page.contents().len() <= size as usize);
                listed.extend(page.contents().iter().map(|o| o.key().unwrap().to_owned()));
            }
            listed
        });
        assert_eq!(listed, keys, "pages of {size}");
    }
}

#[test]
fn delimiters_group_keys_and_pages_resume_after_them() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt"));
    s3.put_many("bkt", ["a/1", "a/2", "b", "c/1", "c/d/2", "e"], "x");
    let client = client(&s3);
    for size in [1, 2, 1000] {
        let mut pages = client.list_objects_v2().bucket("bkt").delimiter("/").max_keys(size).into_paginator().send();
        let (keys, prefixes) = block(async {
            let (mut keys, mut prefixes) = (Vec::new(), Vec::new());
            while let Some(page) = pages.next().await {
                let page = page.unwrap();
                keys.extend(page.contents().iter().map(|o| o.key().unwrap().to_owned()));
                prefixes.extend(page.common_prefixes().iter().map(|p| p.prefix().unwrap().to_owned()));
            }
            (keys, prefixes)
        });
        assert_eq!(keys, ["b", "e"], "pages of {size}");
        assert_eq!(prefixes, ["a/", "c/"], "pages of {size}");
    }
    let after = block(client.list_objects_v2().bucket("bkt").start_after("c/1").send()).unwrap();
    assert_eq!(after.contents()[0].key(), Some("c/d/2"));
    // A marker equal to the prefix is not a folded prefix to be passed over.
    let inside = client.list_objects_v2().bucket("bkt").prefix("c/").delimiter("/").start_after("c/");
    assert_eq!(block(inside.send()).unwrap().contents()[0].key(), Some("c/1"));
    let under = block(client.list_objects_v2().bucket("bkt").prefix("c/").delimiter("/").send()).unwrap();
    assert_eq!(under.contents()[0].key(), Some("c/1"));
    assert_eq!(under.common_prefixes()[0].prefix(), Some("c/d/"));
    let old = block(client.list_objects().bucket("bkt").max_keys(2).send()).unwrap();
    assert_eq!(old.is_truncated(), Some(true));
    let rest = block(client.list_objects().bucket("bkt").marker("a/2").send()).unwrap();
    assert_eq!(rest.contents().len(), 4);
}

#[test]
fn versions_come_newest_first_in_pages() {
    let s3 = pair();
    let mut expected = Vec::new();
    for key in ["a", "b", "c"] {
        let one = s3.put("src", key, "1");
        let two = s3.put("src", key, "2");
        let marker = s3.delete("src", key).unwrap();
        expected.extend([(key, marker, true), (key, two, false), (key, one, false)]);
    }
    let client = client(&s3);
    for size in [1, 2, 4, 1000] {
        let mut seen = Vec::new();
        let (mut key, mut id) = (None, None);
        loop {
            let page = block(
                client
                    .list_object_versions()
                    .bucket("src")
                    .max_keys(size)
                    .set_key_marker(key)
                    .set_version_id_marker(id)
                    .send(),
            )
            .unwrap();
            let mut here: Vec<(String, String, bool, bool)> = page
                .versions()
                .iter()
                .map(|v| {
                    let (key, id) = (v.key().unwrap(), v.version_id().unwrap());
                    (key.to_owned(), id.to_owned(), false, v.is_latest().unwrap())
                })
                .chain(page.delete_markers().iter().map(|m| {
                    let (key, id) = (m.key().unwrap(), m.version_id().unwrap());
                    (key.to_owned(), id.to_owned(), true, m.is_latest().unwrap())
                }))
                .collect();
            assert!(here.len() <= size as usize);
            for entry in &here {
                assert_eq!(entry.3, entry.2, "only the markers are current");
            }
            seen.append(&mut here);
            if page.is_truncated() != Some(true) {
                break;
            }
            key = page.next_key_marker().map(str::to_owned);
            id = page.next_version_id_marker().map(str::to_owned);
        }
        // Versions and markers come in lists of their own, so compare as sets.
        let mut seen: Vec<_> = seen.iter().map(|s| (s.0.as_str(), s.1.clone(), s.2)).collect();
        seen.sort();
        let mut expected = expected.clone();
        expected.sort();
        assert_eq!(seen, expected, "pages of {size}");
    }
    let one = raw_order(&s3);
    assert_eq!(one.len(), 6);
}

/// The order of version entries as written, which clients take for newest first.
fn raw_order(s3: &Sandbox) -> Vec<String> {
    s3.set_public("src", true);
    let body = raw(s3, "GET", "/src?versions", &[]).body;
    let ids: Vec<String> = body
        .split("<Version>")
        .skip(1)
        .filter_map(|entry| entry.split_once("<VersionId>")?.1.split_once("</VersionId>"))
        .map(|(id, _)| id.to_owned())
        .collect();
    let stored: Vec<String> = ["a", "b", "c"]
        .iter()
        .flat_map(|key| s3.versions("src", key))
        .filter(|version| !version.delete_marker)
        .map(|version| version.version_id)
        .collect();
    assert_eq!(ids, stored);
    ids
}

#[test]
fn odd_keys_survive_with_and_without_encoding() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt").public(true));
    let keys = ["a b", "a%b", "a+b", "a//b", "caf\u{e9}", "x<&>\"'y", "\u{1F600}"];
    s3.put_many("bkt", keys, "x");
    let client = client(&s3);
    let plain = block(client.list_objects_v2().bucket("bkt").send()).unwrap();
    let listed: Vec<_> = plain.contents().iter().map(|o| o.key().unwrap().to_owned()).collect();
    let mut sorted = keys.map(str::to_owned);
    sorted.sort();
    assert_eq!(listed, sorted);
    let url =
        block(client.list_objects_v2().bucket("bkt").encoding_type(EncodingType::Url).prefix("a").send()).unwrap();
    let listed: Vec<_> = url.contents().iter().map(|o| o.key().unwrap()).collect();
    assert_eq!(listed, ["a+b", "a%25b", "a%2Bb", "a//b"]);
    for key in keys {
        block(client.head_object().bucket("bkt").key(key).send()).expect(key);
    }
}

#[test]
fn a_server_may_send_shorter_pages_than_it_was_asked_for() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(Bucket::new("bkt").public(true));
    s3.put_many("bkt", ["a", "b", "c"], "x");
    s3.page_size(2);
    let first = raw(&s3, "GET", "/bkt?list-type=2", &[]).body;
    assert!(first.contains("<KeyCount>2</KeyCount>") && first.contains("<MaxKeys>1000</MaxKeys>"), "{first}");
    assert!(first.contains("<IsTruncated>true</IsTruncated>"));
    let versions = raw(&s3, "GET", "/bkt?versions", &[]).body;
    assert_eq!((versions.matches("<Version>").count(), versions.contains("<IsTruncated>true")), (2, true));
}
