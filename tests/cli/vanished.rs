//! A key that S3 listed and that then answers 404 is listed again before it is called gone.

use std::time::Duration;

use replaudit_sandbox::{Fault, Sandbox, Versioning};

use crate::support::{count, folder, only_reads, replicated, versioned, with};

fn completed(s3: &Sandbox, keys: &[&str]) -> Vec<String> {
    let put = |key: &&str| {
        let version = s3.put("src", key, b"x");
        s3.set_status("src", key, Some("COMPLETED"));
        version
    };
    keys.iter().map(put).collect()
}

#[test]
fn what_is_still_listed_is_an_error_and_not_gone() {
    let s3 = versioned();
    completed(&s3, &["a", "b", "b2"]);
    s3.fault(Fault::on("HeadObject").key("b").status(404, "NoSuchKey", "none"));
    for args in [&["--recursive", "s3://src/"][..], &["--recursive", "--all-versions", "s3://src/"]] {
        let run = with(&s3, &[&["status", "-o", "json"], args].concat()).expect(2);
        assert_eq!(run.fields("verdict"), ["replicated", "error", "replicated"], "{args:?}");
        let error = run.objects()[1]["error"].clone();
        assert_eq!(error["code"], "StillListed", "{error}");
        assert!(error["message"].as_str().unwrap().contains("s3://src/b"), "{error}");
    }
    // A plan keeps it, and its exit code says that it could not be checked.
    let args = ["safe-delete", "--recursive", "s3://src/", "--whole-bucket", "--dry-run", "-o", "json"];
    let run = with(&s3, &args).expect(2);
    assert_eq!(run.fields("reason"), ["completed", "error", "completed"]);
    only_reads(&s3);
}

#[test]
fn what_is_gone_costs_one_more_page_and_what_came_back_is_asked_about() {
    let s3 = versioned();
    let versions = completed(&s3, &["a", "b", "b/c", "d"]);
    let lists = || count(&s3, "ListObjectsV2");
    s3.before("HeadObject", Some("a"), |s3| drop(s3.delete("src", "b")));
    let args = ["status", "--recursive", "s3://src/", "--concurrency", "1", "-o", "json"];
    let run = with(&s3, &args).expect(0);
    assert_eq!(run.fields("verdict"), ["replicated", "delete-marker", "replicated", "replicated"]);
    assert_eq!(lists(), 2);

    // It was written again between the two questions.
    s3.before("HeadObject", Some("a"), |s3| drop(s3.delete("src", "d")));
    s3.before("ListObjectsV2", None, |s3| {
        s3.before("ListObjectsV2", None, |s3| {
            s3.put("src", "d", b"new");
            s3.set_status("src", "d", Some("FAILED"));
        });
    });
    let run = with(&s3, &args).expect(1);
    assert_eq!(run.fields("verdict"), ["replicated", "replicated", "failed"]);

    // A version is looked for among the versions of its key.
    let version = versions[2].clone();
    s3.before("HeadObject", Some("a"), move |s3| s3.delete_version("src", "b/c", &version));
    let args = ["status", "--recursive", "--all-versions", "s3://src/", "--concurrency", "1", "-o", "json"];
    let run = with(&s3, &args).expect(1);
    assert!(run.fields("verdict").contains(&"not-found".to_owned()), "{run:?}");
}

#[test]
fn what_is_gone_is_a_test_that_was_skipped() {
    for (format, parts) in [
        (
            "junit",
            [
                "<testcase classname=\"status\" name=\"s3://src/a (version ",
                "name=\"s3://src/b\"><skipped message=\"deleted since the listing: not an error\"/></testcase>",
                "1 not-found (not an error)",
            ],
        ),
        ("table", ["deleted since the listing: not an error", "not-found", "1 not-found (not an error), 1 replicated"]),
        ("github", ["2 objects", "1 not-found (not an error)", "1 replicated"]),
    ] {
        let s3 = versioned();
        let versions = completed(&s3, &["a", "b"]);
        let version = versions[1].clone();
        s3.before("HeadObject", Some("a"), move |s3| s3.delete_version("src", "b", &version));
        let args = ["status", "--recursive", "s3://src/", "--concurrency", "1", "-o", format];
        let run = with(&s3, &args).expect(0);
        for part in parts {
            assert!(run.stdout.contains(part), "{format}: {part}: {run:?}");
        }
        assert!(!run.stdout.contains("--recursive"), "{run:?}");
    }
}

#[test]
fn a_listing_that_can_t_be_made_again_is_an_error() {
    let s3 = versioned();
    completed(&s3, &["a", "b"]);
    s3.before("HeadObject", Some("a"), |s3| drop(s3.delete("src", "b")));
    s3.fault(Fault::on("ListObjectsV2").skip(1).status(403, "AccessDenied", "no"));
    let args = ["status", "--recursive", "s3://src/", "--concurrency", "1", "-o", "json"];
    let run = with(&s3, &args).expect(2);
    assert_eq!(run.fields("verdict"), ["replicated", "denied"]);
}

#[test]
fn a_version_that_vanishes_at_the_end_of_a_page_hides_no_older_one() {
    // Which version vanishes: the last one of the first page, or another.
    for (vanishes, code) in [(1, 2), (0, 0)] {
        let s3 = versioned();
        let versions = completed(&s3, &["k", "k", "k", "other"]);
        s3.set_status_of("src", "k", &versions[0], Some("FAILED"));
        s3.page_size(2);
        let gone = versions[2 - vanishes].clone();
        s3.after("ListObjectVersions", None, move |s3| s3.delete_version("src", "k", &gone));
        if code == 0 {
            s3.set_status_of("src", "k", &versions[0], Some("COMPLETED"));
        }
        let run = with(&s3, &["status", "--all-versions", "--recursive", "s3://src/", "-o", "json"]).expect(code);
        assert_eq!(run.stderr.contains("older versions may be left out"), code == 2, "{run:?}");
    }
    // A policy may allow to list this prefix and no other. A key may have more versions than are remembered of it.
    let s3 = versioned();
    completed(&s3, &["p/a", "p/k", "p/k", "p/k", "p/k", "p/other"]);
    s3.page_size(1);
    with(&s3, &["status", "--all-versions", "--recursive", "s3://src/p/"]).expect(0);
    let prefixes = |request: &replaudit_sandbox::Request| {
        request.query.contains("prefix=p%2F&") || request.query.ends_with("prefix=p%2F")
    };
    let lists: Vec<_> = s3.requests().into_iter().filter(|request| request.operation == "ListObjectVersions").collect();
    assert!(lists.len() > 6 && lists.iter().all(prefixes), "{lists:?}");
    // A key that is gone altogether leaves nothing out.
    let s3 = versioned();
    let versions = completed(&s3, &["a", "k", "other"]);
    s3.page_size(2);
    s3.after("ListObjectVersions", None, move |s3| s3.delete_version("src", "k", &versions[1]));
    with(&s3, &["status", "--all-versions", "--recursive", "s3://src/"]).expect(0);
}

#[test]
fn another_upload_with_the_id_null_is_not_the_version_at_the_end_of_the_page() {
    for uploaded_again in [false, true] {
        let s3 = versioned();
        let upload = |s3: &Sandbox| {
            s3.set_versioning("src", Versioning::Suspended);
            s3.put("src", "k", b"null");
            s3.set_versioning("src", Versioning::Enabled);
            s3.set_status("src", "k", Some("COMPLETED"));
        };
        let versions = completed(&s3, &["a", "k", "other"]);
        s3.set_status_of("src", "k", &versions[1], Some("FAILED"));
        upload(&s3);
        s3.page_size(2);
        s3.after("ListObjectVersions", None, move |s3| {
            s3.delete_version("src", "k", "null");
            if uploaded_again {
                s3.after("ListObjectVersions", None, move |s3| upload(s3));
            }
        });
        let run = with(&s3, &["status", "--all-versions", "--recursive", "s3://src/", "-o", "json"]).expect(2);
        assert!(run.stderr.contains("older versions may be left out"), "{run:?}");
    }
}

#[test]
fn each_of_several_prefixes_must_have_an_object() {
    let s3 = versioned();
    let versions = completed(&s3, &["good/a", "k"]);
    s3.put("src", "hidden", b"x");
    s3.delete("src", "hidden");
    s3.delete_version("src", "hidden", &s3.versions("src", "hidden")[1].version_id);
    let typo = ["--recursive", "s3://src/good/", "s3://src/typo/"];
    let missing = ["--all-versions", "s3://src/k", "s3://src/missing"];
    let only_a_marker = ["--all-versions", "s3://src/hidden", "s3://src/k"];
    for (under, empty) in [(typo, "typo/"), (missing, "missing"), (only_a_marker, "hidden")] {
        let says = format!("no object was found under s3://src/{empty}");
        with(&s3, &[&["status"], &under[..]].concat()).expect(2).says(&[&says]);
        with(&s3, &[&["status", "--allow-empty"], &under[..]].concat()).expect(0);
        let delete = ["safe-delete", "-y", "--max-delete", "9", "--permanent", "--trust-status", "--all-versions"];
        let under = under.iter().filter(|word| **word != "--all-versions").copied().collect::<Vec<_>>();
        with(&s3, &[&delete, &under[..]].concat()).expect(2).says(&[&says, "nothing was deleted"]);
    }
    assert_eq!(s3.versions("src", "k")[0].version_id, versions[1], "it is there");
    // The refused run leaves no journal that would refuse the next one.
    let (_guard, dir) = folder();
    let journal = dir.join("journal").display().to_string();
    let args = ["safe-delete", "-y", "--max-delete", "9", "--recursive", "--journal", &journal, "s3://src/good/"];
    with(&s3, &[&args[..], &["s3://src/typo/"]].concat()).expect(2);
    with(&s3, &args).expect(0);
}

#[test]
fn everything_listed_gone_is_no_yes_for_either_command() {
    let everything_goes = |s3: &Sandbox| {
        completed(s3, &["a", "b"]);
        s3.after("ListObjectsV2", None, |s3| {
            for key in ["a", "b"] {
                let versions: Vec<String> = s3.versions("src", key).into_iter().map(|v| v.version_id).collect();
                versions.iter().for_each(|version| s3.delete_version("src", key, version));
            }
        });
    };
    for command in [
        &["status", "--recursive", "s3://src/"][..],
        &["safe-delete", "--recursive", "s3://src/", "--whole-bucket", "--dry-run"],
        &["safe-delete", "--recursive", "s3://src/", "--yes", "--max-delete", "9", "--whole-bucket"],
    ] {
        let s3 = replicated();
        everything_goes(&s3);
        let run = with(&s3, command).expect(2);
        assert!(run.stderr.contains("no object was found under s3://src/"), "{run:?}");
        everything_goes(&s3);
        with(&s3, &[command, &["--allow-empty"]].concat()).expect(0);
    }
}

#[test]
fn looking_again_waits_for_its_turn() {
    let s3 = versioned();
    let keys: Vec<String> = (0..8).map(|n| format!("{n}")).collect();
    completed(&s3, &keys.iter().map(String::as_str).collect::<Vec<_>>());
    s3.before("HeadObject", None, move |s3| keys.iter().for_each(|key| drop(s3.delete("src", key))));
    s3.fault(Fault::on("ListObjectsV2").skip(1).delay(Duration::from_millis(50)));
    let start = std::time::Instant::now();
    with(&s3, &["status", "--recursive", "s3://src/", "--concurrency", "1", "--allow-empty"]).expect(0);
    assert!(start.elapsed() >= Duration::from_millis(400), "one after the other: {:?}", start.elapsed());
}
