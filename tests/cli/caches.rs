//! Answers of a cache between replaudit and S3: they say what was true once, and prove nothing.

use replaudit_sandbox::Fault;

use crate::support::{only_reads, replicated, with};

/// The requests whose answers decide.
const READS: [&str; 4] = ["HeadObject", "GetBucketVersioning", "GetBucketReplication", "ListObjectVersions"];

fn cached(operation: &str) -> Fault {
    Fault::on(operation).header("age", "86400")
}

#[test]
fn a_status_from_a_cache_does_not_count() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    s3.fault(cached("HeadObject"));
    let run = with(&s3, &["status", "s3://src/k", "-o", "json"]).expect(2);
    let run = run.says(&["a cache answered, and not S3", "Age: 86400"]);
    assert_eq!(run.fields("verdict"), ["error"]);
    assert_eq!(run.json()["objects"][0]["error"]["code"], "CachedAnswer");
    s3.clear_faults();
    // An answer that the cache got from S3 for this request.
    s3.fault(Fault::on("HeadObject").header("age", "0"));
    with(&s3, &["status", "s3://src/k"]).expect(0);
    s3.clear_faults();
    s3.fault(Fault::on("HeadObject").bucket("dst").header("age", "1"));
    let run = with(&s3, &["status", "--verify-replica", "s3://src/k", "-o", "json"]).expect(2);
    assert_eq!(run.json()["objects"][0]["destinations"][0]["verdict"], "unknown");
}

#[test]
fn a_cache_never_lets_a_delete_through() {
    for operation in ["HeadObject", "GetBucketVersioning", "GetBucketReplication"] {
        for permanent in [false, true] {
            let s3 = replicated();
            let version = s3.put("src", "k", b"x");
            s3.fault(cached(operation));
            let mut args = vec!["safe-delete", "-y", "s3://src/k", "--version-id", &version];
            if permanent {
                args.push("--permanent");
            }
            let run = with(&s3, &args);
            assert!(matches!(run.code, Some(1 | 2)), "{operation} {permanent}: {run:?}");
            assert!(run.stdout.contains("a cache answered"), "{operation} {permanent}: {run:?}");
            only_reads(&s3);
            // Of the replica alone.
            s3.clear_faults();
            s3.lose_replica("dst", "k");
            s3.fault(cached("HeadObject").bucket("dst"));
            let run = with(&s3, &[&args[..], &["--verify-replica"]].concat()).expect(2);
            assert!(run.stdout.contains("replica-unknown"), "{operation} {permanent}: {run:?}");
            only_reads(&s3);
        }
    }
}

#[test]
fn a_list_from_a_cache_does_not_count() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    s3.fault(cached("ListObjectsV2"));
    s3.fault(cached("ListObjectVersions"));
    for versions in [&[][..], &["--all-versions"]] {
        let run = with(&s3, &[&["status", "--recursive", "s3://src/"], versions].concat()).expect(2);
        run.says(&["a cache answered"]);
    }
}

#[test]
fn an_undo_believes_no_cache() {
    let s3 = replicated();
    let (_guard, dir) = crate::support::folder();
    s3.put("src", "k", b"x");
    let report = dir.join("report.json").display().to_string();
    with(&s3, &["safe-delete", "-y", "-q", "s3://src/k", "--write", &format!("json={report}")]).expect(0);
    for operation in READS {
        s3.fault(cached(operation));
    }
    s3.clear_requests();
    let run = with(&s3, &["undo", "-y", &report]).expect(2);
    assert!(run.stdout.contains("a cache answered"), "{run:?}");
    only_reads(&s3);
}

#[test]
fn every_read_asks_caches_for_an_answer_of_s3() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    with(&s3, &["safe-delete", "-y", "--verify-replica", "s3://src/k"]).expect(0);
    let requests = s3.requests();
    assert!(requests.iter().any(|request| request.is_write()));
    for request in requests {
        let asked = request.headers.get("cache-control").map(String::as_str);
        assert_eq!(asked, (!request.is_write()).then_some("no-cache"), "{}", request.operation);
        let signed = &request.headers["authorization"];
        assert!(!signed.contains("cache-control"), "a proxy may change it: {signed}");
    }
}
