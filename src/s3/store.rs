//! The store: a client per Region, a cache per bucket, and requests that follow a bucket to its Region.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::types::RequestPayer;

use super::cache::{BucketCache, BucketExistence, BucketHead};
use super::client::{ClientSettings, Clients, ErrorAnswer, RawBody, RegionClients, RequestError};
use super::machine::Machine;
use super::trace::{RequestEvent, RequestInfo, RequestObserver, RequestOutcome};
use crate::deletion::{Clock, Connection};
use crate::model::{Bucket, CaughtPanic, Failure, SuspectOption, catch};

/// The most buckets of one answer. With this number, AWS sends the list in pages.
const PAGE_OF_BUCKETS: i32 = 1000;

/// How much is read from the answer to HEAD. The requests are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeadDetail {
    /// What decisions need: enough for a list of ten thousand objects.
    Status,
    /// Everything, of which a table shows what says something about replication, locks and lifecycle.
    Brief,
    /// Everything.
    All,
}

/// Reads from S3: objects' heads, buckets' configurations, bodies.
#[derive(Clone)]
pub(crate) struct S3Store {
    pub(super) clients: Clients,
    by_region: RegionClients,
    buckets: Arc<Mutex<HashMap<Bucket, Arc<BucketCache>>>>,
    pub(super) request_payer: Option<RequestPayer>,
    pub(super) expected_bucket_owner: Option<String>,
    pub(super) max_attempts: u32,
    pub(super) detail: HeadDetail,
    trace: Option<RequestObserver>,
}

impl std::fmt::Debug for S3Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Store").field("endpoint", &self.clients.endpoint).finish_non_exhaustive()
    }
}

/// How long a failed HeadBucket counts.
const FAILURE_HOLDS: Duration = Duration::from_secs(1);

impl S3Store {
    /// Resolves the settings and obtains credentials; sends nothing to S3 yet.
    pub(crate) async fn connect(settings: &ClientSettings, machine: &Machine) -> Result<Self, Failure> {
        Ok(Self::new(Clients::resolve(settings, machine).await?, settings, None))
    }

    fn new(clients: Clients, settings: &ClientSettings, trace: Option<RequestObserver>) -> Self {
        Self {
            clients,
            by_region: RegionClients::default(),
            buckets: Arc::default(),
            request_payer: settings.request_payer.then_some(RequestPayer::Requester),
            expected_bucket_owner: settings.expected_bucket_owner.clone(),
            max_attempts: settings.max_attempts,
            detail: HeadDetail::Status,
            trace,
        }
    }

    /// A store for another server, with the same credentials, or with those of the profile in `settings`.
    pub(super) async fn elsewhere(&self, settings: &ClientSettings, own_profile: bool) -> Result<Self, Failure> {
        let clients = if own_profile {
            Clients::resolve(settings, &self.clients.machine).await?
        } else {
            let (region, endpoint) = (settings.region.as_deref(), settings.endpoint_url.as_deref());
            self.clients.elsewhere(settings.addressing_style, region, endpoint)?
        };
        Ok(Self::new(clients, settings, self.trace.clone()))
    }

    /// A store with its own connections, which belong to the runtime that opens them. Both share the caches of buckets.
    pub(crate) fn apart(&self) -> Self {
        Self { clients: self.clients.apart(), by_region: RegionClients::default(), ..self.clone() }
    }

    pub(crate) fn in_detail(self, detail: HeadDetail) -> Self {
        Self { detail, ..self }
    }

    /// Reports every request to `trace`.
    pub(crate) fn with_trace(self, trace: RequestObserver) -> Self {
        Self { trace: Some(trace), ..self }
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clients.machine.clock
    }

    /// Whether this is a server other than AWS, where the guarantees of AWS may not hold.
    pub(crate) fn has_custom_endpoint(&self) -> bool {
        self.clients.endpoint.is_some()
    }

    /// The custom endpoint, without user and password.
    pub(crate) fn endpoint(&self) -> Option<&str> {
        self.clients.endpoint.as_deref()
    }

    /// Everything that determines which bucket answers.
    pub(crate) fn connection(&self) -> Connection {
        Connection {
            endpoint: self.clients.endpoint.clone(),
            region: self.clients.home_region.clone(),
            addressing_style: if self.clients.path_style { "path" } else { "virtual" }.to_owned(),
            request_payer: self.request_payer.is_some(),
            expected_bucket_owner: self.expected_bucket_owner.clone(),
            signing: self.clients.signing.clone(),
        }
    }

    pub(super) fn cache_of(&self, bucket: &Bucket) -> Arc<BucketCache> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = buckets.get(bucket) {
            return Arc::clone(known);
        }
        Arc::clone(buckets.entry(bucket.clone()).or_default())
    }

    /// The Region to sign for: the bucket's own if S3 has sent it, else the configured one.
    pub(crate) fn region_of(&self, bucket: &Bucket) -> String {
        self.named_region(bucket).unwrap_or_else(|| self.clients.home_region.clone())
    }

    /// The bucket's own Region, if S3 has sent it.
    pub(super) fn named_region(&self, bucket: &Bucket) -> Option<String> {
        self.cache_of(bucket).head.get().and_then(|answer| answer.region.clone())
    }

    fn client(&self, region: &str) -> Client {
        self.by_region.of_region(region, |region| self.clients.client(region))
    }

    /// Sends a request about `bucket`. If the answer hints at another Region, sends it again there.
    pub(super) async fn follow<T, E, F>(
        &self,
        bucket: &Bucket,
        asked: RequestInfo<'_>,
        send: impl Fn(Client) -> F,
    ) -> Result<T, RequestError>
    where
        T: RequestId,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        if bucket.is_arn() && self.clients.path_style {
            return Err(RequestError::arn_in_path());
        }
        let cache = self.cache_of(bucket);
        let _first = cache.first_request.enter().await;
        let region = self.region_of(bucket);
        let error = match self.traced(asked, send(self.client(&region))).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        // An ARN contains its Region.
        if bucket.is_arn() || !error.answer().is_some_and(ErrorAnswer::hints_at_region) {
            return Err(error);
        }
        match Box::pin(self.head_bucket(bucket)).await.region {
            Some(found) if found != region => Box::pin(self.traced(asked, send(self.client(&found)))).await,
            _ => Err(error),
        }
    }

    /// As [`Self::follow`], and returns the raw body for our own reader.
    pub(super) async fn ask<T, E, F>(
        &self,
        bucket: &Bucket,
        request: RequestInfo<'_>,
        send: impl Fn(Client, RawBody) -> F,
    ) -> Result<Vec<u8>, RequestError>
    where
        T: RequestId,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let body = RawBody::default();
        let answer = self.follow(bucket, request, |client| send(client, body.clone())).await;
        body.of(answer)
    }

    /// The bucket's Region, if S3 sends it, and whether the bucket exists and may be listed.
    pub(crate) async fn bucket_head(&self, bucket: &Bucket) -> (Option<String>, Result<(), Failure>) {
        let head = self.head_bucket(bucket).await;
        let answer = match head.existence {
            BucketExistence::Exists => Ok(()),
            BucketExistence::Missing => Err(no_such_bucket(bucket)),
            BucketExistence::Forbidden(failure) | BucketExistence::Unknown(failure) => Err(failure),
        };
        (head.region, answer)
    }

    /// Sends ListBuckets, which is about no bucket.
    pub(super) async fn ask_buckets(&self, after: Option<String>) -> Result<Vec<u8>, RequestError> {
        let why = "which buckets there are";
        let asked = RequestInfo { operation: "ListBuckets", about: &"the account", why };
        let body = RawBody::default();
        let request = self.client(&self.clients.home_region).list_buckets().max_buckets(PAGE_OF_BUCKETS);
        let request = request.set_continuation_token(after).customize().interceptor(body.clone()).send();
        body.of(self.traced(asked, request).await)
    }

    async fn head_bucket(&self, bucket: &Bucket) -> BucketHead {
        let cache = self.cache_of(bucket);
        if let Some(known) = cache.head.get() {
            return known.clone();
        }
        // All who wait share one answer. After a failure it is asked again: it says nothing about the rest of a long run.
        let ask = || async { Ok(self.ask_head_bucket(bucket).await) };
        let head = cache.last_head.get(FAILURE_HOLDS, self.clock(), ask).await;
        let head =
            head.unwrap_or_else(|failure| BucketHead { region: None, existence: BucketExistence::Unknown(failure) });
        if !matches!(head.existence, BucketExistence::Unknown(_)) {
            let _ = cache.head.set(head.clone());
        }
        head
    }

    async fn ask_head_bucket(&self, bucket: &Bucket) -> BucketHead {
        let asked = RequestInfo { operation: "HeadBucket", about: bucket, why: "its Region, and whether it exists" };
        let request = self
            .client(&self.clients.home_region)
            .head_bucket()
            .bucket(bucket.as_str())
            .set_expected_bucket_owner(self.expected_bucket_owner.clone())
            .send();
        match self.traced(asked, request).await {
            Ok(output) => {
                BucketHead { region: output.bucket_region().map(str::to_owned), existence: BucketExistence::Exists }
            }
            Err(error) => {
                let region = error.answer().and_then(|answer| answer.bucket_region.clone());
                let existence = match error.status() {
                    Some(404) => BucketExistence::Missing,
                    // Only an existing bucket can be in another Region, or forbidden.
                    Some(301 | 307) => BucketExistence::Exists,
                    Some(403) => {
                        let failure = error.failure(&format!("asking whether bucket {bucket} exists"));
                        BucketExistence::Forbidden(failure.needing("s3:ListBucket", bucket))
                    }
                    Some(400) if region.is_some() => BucketExistence::Exists,
                    _ => BucketExistence::Unknown(error.failure(&format!("asking whether bucket {bucket} exists"))),
                };
                BucketHead { region, existence }
            }
        }
    }

    /// The option that is the likely cause if S3 denies access.
    fn suspect(&self) -> Option<SuspectOption> {
        match (self.clients.is_signing(), &self.expected_bucket_owner) {
            (false, _) => Some(SuspectOption::NoSignRequest),
            (true, Some(_)) => Some(SuspectOption::ExpectedBucketOwner),
            (true, None) => None,
        }
    }

    /// Checks that a 404 was about the key, not about the bucket. A 404 without a request ID may be a gateway's, whose server
    /// does not answer any more: then no earlier answer counts.
    pub(super) async fn bucket_exists(&self, bucket: &Bucket, has_request_id: bool) -> Result<(), Failure> {
        let head = if has_request_id { self.head_bucket(bucket).await } else { self.ask_head_bucket(bucket).await };
        match head.existence {
            BucketExistence::Exists | BucketExistence::Forbidden(_) => Ok(()),
            BucketExistence::Unknown(failure) => Err(failure),
            BucketExistence::Missing => Err(no_such_bucket(bucket)),
        }
    }

    /// Sends one request, and reports it and its answer to the trace. A panic only fails this request.
    pub(super) async fn traced<T, E>(
        &self,
        asked: RequestInfo<'_>,
        request: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, RequestError>
    where
        T: RequestId,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        if let Some(trace) = &self.trace {
            trace(RequestEvent::Sent(asked));
        }
        let answer = match caught(request).await {
            Ok(answer) => answer
                .map_err(|error| RequestError::of(&error, self.clients.endpoint.as_deref()).suspecting(self.suspect())),
            Err(panic) => Err(RequestError::of_panic(&panic)),
        };
        if let Some(trace) = &self.trace {
            let (outcome, request_id) = match &answer {
                Ok(output) => (RequestOutcome::Success, output.request_id()),
                Err(RequestError::Answered(answer)) => {
                    (RequestOutcome::Status(answer.status), answer.request_id.as_deref())
                }
                Err(RequestError::NoAnswer { .. }) => (RequestOutcome::NoAnswer, None),
            };
            trace(RequestEvent::Answered { operation: asked.operation, outcome, request_id });
        }
        answer
    }
}

fn no_such_bucket(bucket: &Bucket) -> Failure {
    let hint = Some("check the bucket's name, the account and the endpoint (--endpoint-url)");
    Failure { http_status: Some(404), ..Failure::new("NoSuchBucket", format!("bucket {bucket} does not exist"), hint) }
}

/// Awaits a future, and catches its panic.
async fn caught<F: Future>(future: F) -> Result<F::Output, CaughtPanic> {
    let mut future = pin!(future);
    poll_fn(|context| match catch(|| future.as_mut().poll(context)) {
        Ok(polled) => polled.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_fails_one_request() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let panics = |text: &'static str| async move {
            assert!(text.is_empty(), "{text}");
        };
        assert_eq!(runtime.block_on(caught(panics(""))), Ok(()));
        let panic = runtime.block_on(caught(panics("header value"))).unwrap_err();
        let failure = RequestError::of_panic(&panic).failure("asking for s3://b/k");
        assert!(failure.message.ends_with("a defect of replaudit: header value"), "{failure}");
        assert_eq!((failure.code.as_str(), failure.http_status), ("Panicked", None));
    }
}
