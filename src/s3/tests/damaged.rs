//! A server that answers from a function, and every damage to one header of an answer.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::http::{HttpRequest, HttpResponse};
use aws_sdk_s3::config::retry::RetryPartition;
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector, http_client_fn,
};

use super::super::{ClientSettings, Machine, S3Store, SimulatedConnection};

pub(super) type Headers = Vec<(String, String)>;

const SUM: &str = "0123456789abcdef0123456789abcdef";

pub(super) fn headers(some: &[(&str, &str)]) -> Headers {
    some.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// An object that may be deleted.
pub(super) fn good() -> Headers {
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

pub(super) fn with(mut all: Headers, name: &str, value: &str) -> Headers {
    all.retain(|(known, _)| known != name);
    all.push((name.to_owned(), value.to_owned()));
    all
}

/// Status, headers and body.
pub(super) type ServedAnswer = (u16, Headers, String);

/// What the server answers to a method and a URI about an object, or to HEAD of a bucket.
type AnswerFunction = Box<dyn FnMut(&str, &str) -> ServedAnswer + Send>;

/// A server with the buckets `src` and `dst`.
#[derive(Clone)]
struct Server(Arc<Mutex<AnswerFunction>>);

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server")
    }
}

impl HttpConnector for Server {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (method, uri) = (request.method(), request.uri());
        let of_bucket = |body: &str| (200, Headers::new(), body.to_owned());
        let (status, headers, body) = match () {
            () if uri.contains("?versioning") => of_bucket(VERSIONING),
            () if uri.contains("?replication") => of_bucket(REPLICATION),
            () if uri.contains("annotation") => of_bucket(ANNOTATIONS),
            () => (self.0.lock().unwrap_or_else(PoisonError::into_inner))(method, uri),
        };
        let mut response = HttpResponse::new(status.try_into().expect("a status"), SdkBody::from(body));
        for (name, value) in headers {
            response.headers_mut().append(name, value);
        }
        // Each answer of S3 has its own.
        static ANSWERS: AtomicU64 = AtomicU64::new(0);
        response.headers_mut().append("x-amz-id-2", ANSWERS.fetch_add(1, Ordering::Relaxed).to_string());
        HttpConnectorFuture::ready(Ok(response))
    }
}

const VERSIONING: &str = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
const REPLICATION: &str = "<ReplicationConfiguration><Role>r</Role><Rule><ID>a</ID><Priority>1</Priority><Status>Enabled\
     </Status><Filter/><DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication><Destination><Bucket>\
     arn:aws:s3:::dst</Bucket></Destination></Rule></ReplicationConfiguration>";
const ANNOTATIONS: &str = "<ListObjectAnnotationsOutput><Bucket>src</Bucket><Key>k</Key><AnnotationCount>0</AnnotationCount>\
     <Annotations/></ListObjectAnnotationsOutput>";

/// A store whose requests go to the function.
pub(super) struct World {
    server: Server,
    pub(super) store: Arc<S3Store>,
    pub(super) settings: ClientSettings,
}

impl World {
    pub(super) async fn new() -> Self {
        let server = Server(Arc::new(Mutex::new(Box::new(|_, _| (500, Headers::new(), String::new())))));
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
        Self { server, store: Arc::new(store), settings }
    }

    /// From now on, the function answers.
    pub(super) fn answers(&self, answer: impl FnMut(&str, &str) -> ServedAnswer + Send + 'static) {
        *self.server.0.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(answer);
    }
}

/// A change to one header: what was done, and all headers.
pub(super) struct Damaged {
    pub(super) how: &'static str,
    pub(super) headers: Headers,
}

/// Every damage to one header. `other` is a value that contradicts it.
pub(super) fn damages(all: &Headers, at: usize, other: &str) -> Vec<Damaged> {
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
