//! The store against the sandbox: answers that no command shows separately.

mod damaged;
mod delete_headers;
mod headers;

use std::sync::Arc;
use std::time::Duration;

use replaudit_sandbox::{Bucket as SandboxBucket, Fault, Request, Sandbox, Versioning};
use s3_answers::NoncurrentExpiration;

use super::{ClientSettings, Machine, S3Store};
use crate::model::{Bucket, ObjectId, VersionId};

fn versioned() -> Sandbox {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(SandboxBucket::new("src").versioning(Versioning::Enabled));
    s3
}

/// Rewrites the text of an answer.
fn edited(operation: &str, edit: impl Fn(String) -> String + Send + Sync + 'static) -> Fault {
    Fault::on(operation).rewrite(move |body| edit(String::from_utf8(body).unwrap()).into_bytes())
}

/// The text before `mark`, which must occur.
fn before(text: &str, mark: &str) -> String {
    text.split_once(mark).unwrap_or_else(|| panic!("{mark} is not in {text}")).0.to_owned()
}

/// A store that does not sign.
async fn store(s3: &Sandbox) -> S3Store {
    s3.set_public("src", true);
    let settings = ClientSettings {
        endpoint_url: Some(s3.endpoint()),
        no_sign_request: true,
        max_attempts: 1,
        ..ClientSettings::default()
    };
    S3Store::connect(&settings, &Machine::real()).await.unwrap()
}

#[tokio::test]
async fn requests_name_the_program_and_not_the_sdk() {
    let s3 = versioned();
    s3.put("src", "k", b"x");
    let store = store(&s3).await;
    store.lifecycle(&Bucket::new("src").unwrap(), Duration::ZERO).await.unwrap();
    store.head(&ObjectId::parse("s3://src/k").unwrap()).await.unwrap();
    let requests = s3.requests();
    assert!(requests.len() >= 2, "{requests:?}");
    for Request { operation, headers, .. } in requests {
        assert_eq!(headers["user-agent"], concat!("replaudit/", env!("CARGO_PKG_VERSION")), "{operation}");
        let of_the_sdk = |name: &&String| name.starts_with("amz-sdk") || *name == "x-amz-user-agent";
        assert_eq!(headers.keys().find(of_the_sdk), None, "{operation}");
    }
}

#[tokio::test]
async fn truncated_annotations_are_an_error() {
    let s3 = versioned();
    let version = s3.put("src", "k", b"x");
    let object = |key: &str, version: &str| ObjectId {
        bucket: Bucket::new("src").unwrap(),
        key: key.to_owned(),
        version_id: Some(VersionId::new(version).unwrap()),
    };
    let named = object("k", &version);
    assert_eq!(store(&s3).await.annotations(&named).await, Ok(vec![]));
    s3.annotate("src", "k", &version, "summary", Some("COMPLETED"));
    s3.annotate("src", "k", &version, "thumbnail", Some("FAILED"));
    let found = store(&s3).await.annotations(&named).await.unwrap();
    let shown: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.is_replicated())).collect();
    assert_eq!(shown, [("summary", true), ("thumbnail", false)]);

    for edit in [
        (|text| before(&text, "<AnnotationName>thumb") + "<AnnotationName>thumb") as fn(String) -> String,
        |text| before(&text, "</ListObjectAnnotationsOutput>"),
        |text| text.replace("<AnnotationName>thumbnail</AnnotationName>", ""),
    ] {
        s3.clear_faults();
        s3.fault(edited("ListObjectAnnotations", edit));
        assert_eq!(store(&s3).await.annotations(&named).await.unwrap_err().code, "UnreadableAnnotations");
    }
}

#[tokio::test]
async fn a_server_without_annotations_is_asked_once() {
    let object = |key: &str| ObjectId::parse(&format!("s3://src/{key}")).unwrap();
    let unknowing: [fn(&Sandbox); 4] = [
        |s3| s3.dialect(|dialect| dialect.annotations_unknown = true),
        |s3| s3.fault(Fault::on("ListObjectAnnotations").status(405, "MethodNotAllowed", "no")),
        |s3| {
            s3.fault(Fault::on("ListObjectAnnotations").header("etag", "\"e\""));
            s3.fault(Fault::on("ListObjectAnnotations").raw_body(200, "text/plain", "the object's own bytes"));
        },
        |s3| {
            s3.fault(Fault::on("ListObjectAnnotations").header("etag", "\"e\""));
            s3.fault(Fault::on("ListObjectAnnotations").endless("the object's own bytes", b'.'));
        },
    ];
    for spoil in unknowing {
        let s3 = versioned();
        s3.put("src", "a", b"x");
        s3.put("src", "b", b"x");
        spoil(&s3);
        let store = store(&s3).await;
        assert_eq!(store.annotations(&object("a")).await, Ok(vec![]));
        assert_eq!(store.annotations(&object("b")).await, Ok(vec![]));
        assert_eq!(s3.requests().iter().filter(|request| request.operation == "ListObjectAnnotations").count(), 1);
    }
    let s3 = versioned();
    s3.put("src", "a", b"x");
    s3.fault(Fault::on("ListObjectAnnotations").status(500, "InternalError", "later"));
    assert_eq!(store(&s3).await.annotations(&object("a")).await.unwrap_err().http_status, Some(500));
    // Only an ETag shows that the answer is the object: a page from a proxy does not count.
    s3.clear_faults();
    s3.fault(Fault::on("ListObjectAnnotations").raw_body(200, "text/html", "<html>please wait</html>"));
    assert_eq!(store(&s3).await.annotations(&object("a")).await.unwrap_err().code, "UnreadableAnnotations");
}

#[tokio::test]
async fn a_truncated_lifecycle_is_an_error() {
    let s3 = versioned();
    let bucket = Bucket::new("src").unwrap();
    let asked = async |s3: &Sandbox| store(s3).await.lifecycle(&bucket, Duration::ZERO).await;
    assert_eq!(asked(&s3).await.unwrap().noncurrent_expirations("k", None, None), []);
    let rule = "<Rule><ID>tidy</ID><Status>Enabled</Status><Filter><Prefix>k</Prefix></Filter><NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration></Rule>";
    s3.lifecycle("src", Some(&format!("<LifecycleConfiguration>{rule}</LifecycleConfiguration>")));
    let rules = asked(&s3).await.unwrap();
    let found = rules.noncurrent_expirations("k", None, None);
    let [NoncurrentExpiration::After(found)] = found.as_slice() else { panic!("{rules:?}") };
    assert_eq!((found.id.as_deref(), found.days), (Some("tidy"), 30));
    assert_eq!(rules.noncurrent_expirations("other", None, None), []);
    s3.fault(edited("GetBucketLifecycleConfiguration", |text| before(&text, "</LifecycleConfiguration>")));
    assert_eq!(asked(&s3).await.unwrap_err().code, "UnreadableConfiguration");
}

#[tokio::test]
async fn an_object_of_any_size_is_read_and_an_error_only_if_it_is_whole() {
    let s3 = versioned();
    let size = (16 << 20) + 1;
    s3.put("src", "k", vec![b'x'; size]);
    let store = Arc::new(store(&s3).await);
    let bucket = Bucket::new("src").unwrap();
    let body = store.get(&bucket, "k", "a test").await.unwrap().unwrap();
    assert_eq!(body.read_to_end(32 << 20).await.unwrap().len(), size);
    s3.fault(Fault::on("GetObject").raw_body(403, "application/xml", "<Error><Code>AccessDenied</Code>"));
    let Err(failure) = store.get(&bucket, "k", "a test").await else { panic!("it was refused") };
    assert_eq!(failure.code, "Forbidden");
}
