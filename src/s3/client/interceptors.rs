//! Interceptors that add to requests, and read parts of answers that the SDK drops.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::user_agent::UserAgentInterceptor;
use aws_sdk_s3::config::interceptors::{
    BeforeDeserializationInterceptorContextMut, BeforeDeserializationInterceptorContextRef,
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
};
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use aws_smithy_runtime_api::client::interceptors::disable_interceptor;
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::http::Headers;

use super::error::RequestError;
use super::whole_answers::BodyHandling;

const MODE: &str = "x-amz-object-lock-mode";
const UNTIL: &str = "x-amz-object-lock-retain-until-date";
const DELETE_MARKER: &str = "x-amz-delete-marker";

/// Shown in S3's server access logs and in CloudTrail.
const USER_AGENT: &str = concat!("replaudit/", env!("CARGO_PKG_VERSION"));

/// What every request of a client has. One interceptor for all of it, because the SDK looks each of them up some twenty times per
/// request.
#[derive(Debug)]
pub(super) struct EveryRequest {
    pub(super) slow_downs: SlowDowns,
    pub(super) has_custom_endpoint: bool,
}

impl Intercept for EveryRequest {
    fn name(&self) -> &'static str {
        "EveryRequest"
    }

    /// Turns off what the SDK sends about itself. It decides nothing, and signing and writing it takes CPU for every request.
    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        const WHY: &str = "S3 does not need it";
        let state = config.interceptor_state();
        state.store_put(disable_interceptor::<InvocationIdInterceptor>(WHY));
        state.store_put(disable_interceptor::<RequestInfoInterceptor>(WHY));
        state.store_put(disable_interceptor::<UserAgentInterceptor>(WHY));
        Ok(())
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        // Asks MinIO not to proxy a request for a missing object to the replication target: its 200 would make a missing object
        // look present (minio issue 18506). Other servers ignore the header; AWS never gets it. Lists and configurations are
        // GETs too.
        if self.has_custom_endpoint && matches!(request.method(), "HEAD" | "GET") {
            request.headers_mut().insert("x-minio-source-proxy-request", "true");
        }
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // After signing, because a proxy may change this header. A cache that follows it asks S3.
        let request = context.request_mut();
        request.headers_mut().insert("user-agent", USER_AGENT);
        if matches!(request.method(), "HEAD" | "GET") {
            request.headers_mut().insert("cache-control", "no-cache");
        }
        if let Some(handling) = operation(config).and_then(BodyHandling::of) {
            context.request_mut().add_extension(handling);
        }
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if matches!(context.response().status().as_u16(), 429 | 503) {
            self.slow_downs.add();
        }
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if operation(config) == Some("HeadObject") {
            let headers = context.response_mut().headers_mut();
            make_retention_readable(headers);
            refuse_empty_marker(headers);
        }
        Ok(())
    }
}

fn operation(config: &ConfigBag) -> Option<&str> {
    config.load::<Metadata>().map(Metadata::name)
}

/// Removes an invalid retention date, for which the SDK would drop the whole answer. The mode is kept or added, so that the reader
/// of HEAD sees a retention.
fn make_retention_readable(headers: &mut Headers) {
    let is_date = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes);
        text.is_ok_and(|text| DateTime::from_str(text, DateTimeFormat::DateTimeWithOffset).is_ok())
    };
    let dates: Vec<&[u8]> = headers.get_all_bytes(UNTIL).collect();
    if dates.len() > 1 || !dates.into_iter().all(is_date) {
        headers.remove(UNTIL);
        if !headers.contains_key(MODE) {
            headers.insert(MODE, "UNCLEAR");
        }
    }
}

/// The SDK reads an empty `x-amz-delete-marker` as an absent one, and then the answer would be about an object. Any other word
/// makes the answer unreadable.
fn refuse_empty_marker(headers: &mut Headers) {
    if headers.get(DELETE_MARKER).is_some_and(|word| word.trim().is_empty()) {
        headers.insert(DELETE_MARKER, "empty");
    }
}

/// Keeps the raw body of an answer for our own reader.
#[derive(Debug, Clone, Default)]
pub(in crate::s3) struct RawBody(Arc<Mutex<LastAnswer>>);

#[derive(Debug, Default)]
struct LastAnswer {
    body: Vec<u8>,
    status: u16,
    had_an_etag: bool,
    version_id: Option<String>,
}

impl RawBody {
    fn last(&self) -> MutexGuard<'_, LastAnswer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::s3) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.last().body)
    }

    /// The status of the last answer.
    pub(in crate::s3) fn status(&self) -> u16 {
        self.last().status
    }

    /// Whether the last answer had the header `ETag`: then it is an object, not a list or configuration.
    pub(in crate::s3) fn had_an_etag(&self) -> bool {
        self.last().had_an_etag
    }

    /// Which version the last answer was about, if it had the header.
    pub(in crate::s3) fn version_id(&self) -> Option<String> {
        self.last().version_id.clone()
    }

    /// The body of a 200, even if the SDK can't read it: our own reader decides. An error of S3 inside a 200 is an error.
    pub(in crate::s3) fn of<T>(&self, answer: Result<T, RequestError>) -> Result<Vec<u8>, RequestError> {
        match answer {
            Ok(_) => Ok(self.take()),
            Err(RequestError::Answered(answer)) if answer.status == 200 && answer.code.is_none() => Ok(self.take()),
            Err(error) => Err(error),
        }
    }
}

impl Intercept for RawBody {
    fn name(&self) -> &'static str {
        "RawBody"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // `whole_answers` has read all of it.
        let response = context.response();
        *self.last() = LastAnswer {
            body: response.body().bytes().unwrap_or_default().to_vec(),
            status: response.status().as_u16(),
            had_an_etag: response.headers().contains_key("etag"),
            version_id: response.headers().get("x-amz-version-id").map(str::to_owned),
        };
        Ok(())
    }
}

/// Counts the answers that ask for fewer requests (503, 429), including those that the SDK retries.
#[derive(Debug, Clone, Default)]
pub(in crate::s3) struct SlowDowns(Arc<AtomicU64>);

impl SlowDowns {
    pub(in crate::s3) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts a SlowDown inside an answer with status 200.
    pub(in crate::s3) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
