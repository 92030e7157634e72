//! Every header of an answer to HEAD, cut at every byte, left out, renamed, doubled and contradicted: the decision is the
//! same, or to keep the object. What a header says to keep is never read as its opposite.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::http::{HttpRequest, HttpResponse};
use aws_sdk_s3::config::retry::RetryPartition;
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector, http_client_fn,
};

use super::super::{ClientSettings, Machine, Replicas, S3Store, SimulatedConnection};
use crate::deletion::fixtures::{order_of, policy};
use crate::deletion::{DeleteMode, DeleteOrder, Policy};
use crate::model::{ObjectId, VersionId};

type Headers = Vec<(String, String)>;

const SUM: &str = "0123456789abcdef0123456789abcdef";

fn headers(some: &[(&str, &str)]) -> Headers {
    some.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// An object that may be deleted.
fn good() -> Headers {
    headers(&[
        ("content-length", "12345"),
        ("content-type", "text/plain"),
        ("etag", &format!("\"{SUM}\"")),
        ("expires", "Mon, 06 May 2024 22:44:22 GMT"),
        ("x-amz-expiration", "expiry-date=\"Sat, 21 Dec 2199 00:00:00 GMT\", rule-id=\"old\""),
        ("last-modified", "Mon, 06 May 2024 22:44:22 GMT"),
        ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA="),
        ("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ("x-amz-checksum-type", "FULL_OBJECT"),
        ("x-amz-id-2", "abc"),
        ("x-amz-meta-note", "note"),
        ("x-amz-object-lock-legal-hold", "OFF"),
        ("x-amz-replication-status", "COMPLETED"),
        ("x-amz-request-id", "r"),
        ("x-amz-server-side-encryption", "AES256"),
        ("x-amz-storage-class", "STANDARD_IA"),
        ("x-amz-tagging-count", "2"),
        ("x-amz-version-id", "v1"),
    ])
}

fn with(mut all: Headers, name: &str, value: &str) -> Headers {
    all.retain(|(known, _)| known != name);
    all.push((name.to_owned(), value.to_owned()));
    all
}

/// What the server answers to HEAD of the object and of its replica.
#[derive(Debug, Default)]
struct Heads {
    source: (u16, Headers),
    replica: (u16, Headers),
}

/// A server with one object and one replica.
#[derive(Debug, Clone, Default)]
struct Server(Arc<Mutex<Heads>>);

impl HttpConnector for Server {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let heads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (uri, nothing) = (request.uri(), Headers::new());
        let (status, headers, body) = match request.method() {
            "HEAD" if uri.contains("/src/k") => (heads.source.0, &heads.source.1, ""),
            "HEAD" if uri.contains("/dst/k") => (heads.replica.0, &heads.replica.1, ""),
            "HEAD" => (200, &nothing, ""),
            _ if uri.contains("versioning") => (200, &nothing, VERSIONING),
            _ if uri.contains("replication") => (200, &nothing, REPLICATION),
            _ if uri.contains("annotation") => (200, &nothing, ANNOTATIONS),
            // The bytes of an object that HEAD was refused for.
            _ => (500, &nothing, ""),
        };
        let mut response = HttpResponse::new(status.try_into().expect("a status"), SdkBody::from(body));
        for (name, value) in headers {
            response.headers_mut().append(name.clone(), value.clone());
        }
        HttpConnectorFuture::ready(Ok(response))
    }
}

const VERSIONING: &str = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
const REPLICATION: &str = "<ReplicationConfiguration><Role>r</Role><Rule><ID>a</ID><Priority>1</Priority><Status>Enabled\
     </Status><Filter/><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication><Destination><Bucket>\
     arn:aws:s3:::dst</Bucket></Destination></Rule></ReplicationConfiguration>";
const ANNOTATIONS: &str = "<ListObjectAnnotationsOutput><Bucket>src</Bucket><Key>k</Key><AnnotationCount>0</AnnotationCount>\
     <Annotations/></ListObjectAnnotationsOutput>";

/// One way to check and delete.
#[derive(Debug, Clone, Copy)]
struct Way {
    mode: DeleteMode,
    named: bool,
    verify_replica: bool,
}

const WAYS: [Way; 5] = [
    Way { mode: DeleteMode::Hide, named: false, verify_replica: false },
    Way { mode: DeleteMode::Hide, named: true, verify_replica: false },
    Way { mode: DeleteMode::Hide, named: false, verify_replica: true },
    Way { mode: DeleteMode::Permanent, named: true, verify_replica: false },
    Way { mode: DeleteMode::Permanent, named: true, verify_replica: true },
];

struct World {
    server: Server,
    store: S3Store,
    settings: ClientSettings,
}

impl World {
    async fn new() -> Self {
        let server = Server::default();
        let line = SharedHttpConnector::new(server.clone());
        let client = http_client_fn(move |_: &HttpConnectorSettings, _| line.clone());
        let sdk =
            SdkConfig::builder().behavior_version(BehaviorVersion::latest()).region(Region::from_static("us-east-1"));
        let sdk = sdk.sleep_impl(TokioSleep::new()).http_client(client).build();
        let simulated = Some(SimulatedConnection { sdk, retries: RetryPartition::new("headers") });
        let settings = ClientSettings {
            endpoint_url: Some("http://s3.test".to_owned()),
            no_sign_request: true,
            max_attempts: 1,
            ..ClientSettings::default()
        };
        let store = S3Store::connect(&settings, &Machine { simulated, ..Machine::real() }).await.unwrap();
        Self { server, store, settings }
    }

    /// What is decided if HEAD of the object, and of its replica, is answered like this.
    async fn verdict(&self, way: Way, source: (u16, Headers), replica: (u16, Headers)) -> Option<DeleteOrder> {
        *self.server.0.lock().unwrap_or_else(PoisonError::into_inner) = Heads { source, replica };
        let object = ObjectId {
            version_id: way.named.then(|| VersionId::new("v1").unwrap()),
            ..ObjectId::parse("s3://src/k").unwrap()
        };
        let policy = Policy { verify_replica: way.verify_replica, ..policy(way.mode) };
        let replicas = Replicas::new(&self.store, &self.settings, Vec::new());
        let evidence = self.store.evidence(&object, way.mode, way.verify_replica.then_some(&replicas)).await;
        order_of(&object, &evidence, &policy)
    }
}

/// A change to one header: what was done, and all headers.
struct Damaged {
    how: &'static str,
    headers: Headers,
}

/// Every damage to one header. `other` is a value that contradicts it.
fn damages(all: &Headers, at: usize, other: &str) -> Vec<Damaged> {
    let (name, value) = all[at].clone();
    let mut damages = Vec::new();
    let mut add = |how, headers| damages.push(Damaged { how, headers });
    let replaced = |value: &str| {
        let mut all = all.clone();
        all[at].1 = value.to_owned();
        all
    };
    let and = |value: &str, first: bool| {
        let mut all = all.clone();
        all.insert(if first { 0 } else { all.len() }, (name.clone(), value.to_owned()));
        all
    };
    for cut in (0..value.len()).filter(|cut| value.is_char_boundary(*cut)) {
        add("cut", replaced(&value[..cut]));
    }
    let mut without = all.clone();
    without.remove(at);
    add("left out", without.clone());
    add("renamed", with(without, &format!("{name}x"), &value));
    add("twice", and(&value, false));
    for other in [other, "", "new"] {
        add("and another", and(other, false));
        add("and another", and(other, true));
        add("in one", replaced(&format!("{value}, {other}")));
        add("in one", replaced(&format!("{other},{value}")));
    }
    add("in one", replaced(&format!("{value},{value}")));
    add("longer", replaced(&format!("{value}x")));
    add("other case", replaced(&value.to_ascii_lowercase()));
    add("other case", replaced(&value.to_ascii_uppercase()));
    damages
}

/// What may be damaged although there is another order then: a header, and what was done to it.
type Exceptions = BTreeSet<(&'static str, &'static str)>;

/// Names of headers are only known as long as the table of a world.
fn add(found: &mut Exceptions, name: &str, how: &'static str) {
    const NAMES: [&str; 10] = [
        "content-length",
        "etag",
        "x-amz-checksum-sha256",
        "x-amz-delete-marker",
        "x-amz-object-lock-event-hold",
        "x-amz-object-lock-legal-hold",
        "x-amz-object-lock-mode",
        "x-amz-object-lock-retain-until-date",
        "x-amz-replication-status",
        "x-amz-version-id",
    ];
    found.insert((NAMES.into_iter().find(|known| *known == name).unwrap_or("another header"), how));
}

#[tokio::test]
async fn a_damaged_header_of_head_gives_the_same_order_or_none() {
    let world = World::new().await;
    let replica = (200, with(good(), "x-amz-replication-status", "REPLICA"));
    let (mut bound, mut free, mut cases) = (Exceptions::new(), Exceptions::new(), 0);
    for way in WAYS {
        let whole = world.verdict(way, (200, good()), replica.clone()).await.unwrap_or_else(|| panic!("{way:?}"));
        for (at, (name, _)) in good().iter().enumerate() {
            for Damaged { how, headers } in damages(&good(), at, "FAILED") {
                cases += 1;
                let order = world.verdict(way, (200, headers), replica.clone()).await;
                if order.is_some_and(|order| !order.is_for_the_same(&whole)) {
                    add(if way.named || way.verify_replica { &mut bound } else { &mut free }, name, how);
                }
            }
        }
    }
    assert!(cases > 1_000, "{cases} cases");
    // Nothing in the answer contradicts a size, or an ETag, that is cut. S3 compares the ETag before it hides anything, and
    // removes a version by the id that was named.
    let unseen = [("content-length", "cut"), ("etag", "cut"), ("etag", "other case")];
    assert_eq!(bound, BTreeSet::from(unseen));
    // The current version is hidden with any id: If-Match guards it, and the id is only reported.
    let id = ["cut", "in one", "left out", "longer", "other case", "renamed"].map(|how| ("x-amz-version-id", how));
    assert_eq!(free, BTreeSet::from(unseen).into_iter().chain(id).collect());
}

#[tokio::test]
async fn a_damaged_header_of_a_replica_that_differs_is_never_read_as_the_same() {
    let world = World::new().await;
    let replica = with(good(), "x-amz-replication-status", "REPLICA");
    let mut found = Exceptions::new();
    for (name, value) in [
        ("content-length", "1"),
        ("etag", "\"1123456789abcdef0123456789abcdef\""),
        ("x-amz-checksum-sha256", "57DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ("x-amz-replication-status", "FAILED"),
        ("x-amz-replication-status", "COMPLETED"),
        ("x-amz-version-id", "v2"),
    ] {
        let good = replica.iter().find(|(known, _)| known == name).expect("a header").1.clone();
        let mut bad = with(replica.clone(), name, value);
        if name == "etag" {
            // Equal checksums would show the same content.
            bad.retain(|(name, _)| !name.starts_with("x-amz-checksum"));
        }
        for way in WAYS.into_iter().filter(|way| way.verify_replica) {
            let order = world.verdict(way, (200, self::good()), (200, bad.clone())).await;
            assert_eq!(order, None, "{way:?} {name}: {value}");
            for Damaged { how, headers } in damages(&bad, bad.len() - 1, &good) {
                if world.verdict(way, (200, self::good()), (200, headers)).await.is_some() {
                    add(&mut found, name, how);
                }
            }
        }
    }
    // An ETag that is no MD5 sum contradicts nothing: it may be that of parts, or of a KMS key. Version ID, status and size
    // are compared all the same.
    let no_sum = ["cut", "in one", "left out", "longer", "renamed"].map(|how| ("etag", how));
    // Without the checksum that differs, the ETag says that the bytes are the same.
    let no_checksum = ["left out", "renamed"].map(|how| ("x-amz-checksum-sha256", how));
    assert_eq!(found, no_sum.into_iter().chain(no_checksum).collect());
}

#[tokio::test]
async fn a_damaged_header_that_keeps_an_object_is_never_read_as_its_opposite() {
    let world = World::new().await;
    let replica = (200, with(good(), "x-amz-replication-status", "REPLICA"));
    let mut found = Exceptions::new();
    for (name, value, opposite, permanent_only) in [
        ("x-amz-replication-status", "FAILED", "COMPLETED", false),
        ("x-amz-replication-status", "PENDING", "COMPLETED", false),
        ("x-amz-replication-status", "REPLICA", "COMPLETED", false),
        ("x-amz-delete-marker", "true", "false", false),
        ("x-amz-object-lock-legal-hold", "ON", "OFF", true),
        ("x-amz-object-lock-event-hold", "ON", "OFF", true),
        ("x-amz-object-lock-retain-until-date", "2999-05-06T22:44:22.000Z", "2020-05-06T22:44:22Z", true),
        ("x-amz-object-lock-mode", "COMPLIANCE", "GOVERNANCE", true),
    ] {
        let all = with(good(), name, value);
        let at = all.len() - 1;
        for way in WAYS.into_iter().filter(|way| !permanent_only || way.mode == DeleteMode::Permanent) {
            assert_eq!(world.verdict(way, (200, all.clone()), replica.clone()).await, None, "{way:?} {name}: {value}");
            for Damaged { how, headers } in damages(&all, at, opposite) {
                if world.verdict(way, (200, headers), replica.clone()).await.is_some() {
                    add(&mut found, name, how);
                }
            }
        }
    }
    // An absent lock is a claim of S3, which itself refuses to remove a locked version.
    let absent = |name| ["left out", "renamed"].map(|how| (name, how));
    let claims = [
        "x-amz-delete-marker",
        "x-amz-object-lock-event-hold",
        "x-amz-object-lock-legal-hold",
        "x-amz-object-lock-mode",
        "x-amz-object-lock-retain-until-date",
    ];
    assert_eq!(found, claims.into_iter().flat_map(absent).collect());
}
