//! A client of the SDK for a sandbox, and requests without any client.

use std::collections::BTreeMap;
use std::future::Future;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{BehaviorVersion, Region, SharedCredentialsProvider};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use replaudit_sandbox::{Bucket, Sandbox, Versioning};

/// Runs a future to its end.
pub(crate) fn block<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// A client that signs for the sandbox's own Region and never retries.
pub(crate) fn client(s3: &Sandbox) -> Client {
    client_as(s3, s3.access_key(), s3.secret_key(), s3.region())
}

pub(crate) fn client_as(s3: &Sandbox, access_key: &str, secret: &str, region: &str) -> Client {
    client_at(&s3.endpoint(), access_key, secret, region)
}

pub(crate) fn client_at(endpoint: &str, access_key: &str, secret: &str, region: &str) -> Client {
    let http =
        aws_smithy_http_client::Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https();
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .endpoint_url(endpoint)
        .force_path_style(true)
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(access_key, secret, None, None, "test")))
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_timeout(Duration::from_secs(10)).build())
        .http_client(http)
        .build();
    Client::from_conf(config)
}

/// The HTTP status of a refused request, and the code in its body.
pub(crate) fn refusal<T: std::fmt::Debug, E>(result: Result<T, SdkError<E>>) -> (u16, Option<String>)
where
    E: ProvideErrorMetadata + std::fmt::Debug,
{
    let error = result.unwrap_err();
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    (status, error.code().map(str::to_owned))
}

/// Two versioned buckets in one Region, `src` and `dst`.
pub(crate) fn pair() -> Sandbox {
    let s3 = Sandbox::start().unwrap();
    for name in ["src", "dst"] {
        s3.create_bucket(Bucket::new(name).versioning(Versioning::Enabled));
    }
    s3
}

/// An answer as it came over the wire.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Raw {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// An unsigned request with nothing between: for public buckets.
pub(crate) fn raw(s3: &Sandbox, method: &str, target: &str, headers: &[(&str, &str)]) -> Raw {
    raw_with(s3, method, target, headers, "")
}

pub(crate) fn raw_with(s3: &Sandbox, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Raw {
    try_raw(s3, method, target, headers, body).expect("an answer")
}

/// None when the connection was closed without one.
pub(crate) fn try_raw(s3: &Sandbox, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Option<Raw> {
    let mut stream = TcpStream::connect(("127.0.0.1", s3.port())).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut request = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\n");
    request.push_str("connection: close\r\n");
    if !body.is_empty() {
        request.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    request.push_str(body);
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // A connection broken off on purpose may also end in an error here.
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Some(Raw { status, headers, body: body.to_owned() })
}
