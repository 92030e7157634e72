//! The store: clients per Region, what is known of each bucket, and the one way a request follows a bucket to its Region.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;
use aws_sdk_s3::types::RequestPayer;
use s3_answers::{BucketVersioning, LifecycleRules, ReplicationRules};
use tokio::sync::OnceCell;

use super::bucket::BucketAnswer;
use super::clock::now;
use super::config::{ClientSettings, Clients};
use super::error::RequestError;
use crate::deletion::{Connection, Moment};
use crate::model::{Bucket, Failure, catch};

/// What happens to one request, for `--verbose`: never a credential, a signature or a presigned URL.
#[derive(Clone, Copy)]
pub enum RequestEvent<'a> {
    /// It is about to be sent.
    Sent(RequestInfo<'a>),
    /// What came back.
    Answered {
        /// S3's name of the operation.
        operation: &'static str,
        /// How it went.
        outcome: RequestOutcome,
        /// S3's `x-amz-request-id`.
        request_id: Option<&'a str>,
    },
}

/// What one request asks of S3, and why.
#[derive(Clone, Copy)]
pub struct RequestInfo<'a> {
    /// S3's name of the operation.
    pub operation: &'static str,
    /// What it is about.
    pub about: &'a (dyn std::fmt::Display + Sync),
    /// What the answer is wanted for.
    pub why: &'static str,
}

/// How a request went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestOutcome {
    /// 2xx.
    Success,
    /// Any other HTTP status, or a 2xx that can't be read.
    Status(u16),
    /// No answer came.
    NoAnswer,
}

/// How much is read from an answer to HEAD. The requests are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadDetail {
    /// What decisions are made from: lists of ten thousand objects need no more, and should not pay for it.
    Status,
    /// Everything but the user's own metadata.
    Properties,
    /// Everything.
    All,
}

/// Receives every [`RequestEvent`].
pub type RequestObserver = Arc<dyn Fn(RequestEvent<'_>) + Send + Sync>;

/// Reads from S3: objects' heads, buckets' configurations, bodies.
pub struct S3Store {
    pub(super) clients: Clients,
    by_region: Mutex<HashMap<String, Client>>,
    buckets: Arc<Mutex<HashMap<Bucket, Arc<BucketCache>>>>,
    pub(super) request_payer: Option<RequestPayer>,
    pub(super) expected_bucket_owner: Option<String>,
    pub(super) max_attempts: u32,
    pub(super) detail: HeadDetail,
    trace: Option<RequestObserver>,
}

/// What has been learned of one bucket.
#[derive(Default)]
pub(super) struct BucketCache {
    door: Door,
    pub(super) head: OnceCell<BucketAnswer>,
    pub(super) versioning: TtlCache<BucketVersioning>,
    pub(super) replication: TtlCache<ReplicationRules>,
    pub(super) lifecycle: TtlCache<LifecycleRules>,
    /// Set once a server has shown that it does not know annotations.
    pub(super) knows_no_annotations: AtomicBool,
}

/// An answer that is good for a while: the caller says for how long.
pub(super) struct TtlCache<T>(tokio::sync::Mutex<Option<(Moment, Result<T, Failure>)>>);

impl<T> Default for TtlCache<T> {
    fn default() -> Self {
        Self(tokio::sync::Mutex::new(None))
    }
}

impl<T: Clone> TtlCache<T> {
    /// The answer, asked for again when it is older than `max_age`; those who wait share one request.
    pub(super) async fn get<F>(&self, max_age: Duration, ask: impl FnOnce() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let mut kept = self.0.lock().await;
        match &*kept {
            // The steady clock stands still while the machine sleeps, so both have a say.
            Some((asked_at, answer)) if asked_at.age_at(now()).is_some_and(|age| age <= max_age) => answer.clone(),
            _ => {
                // The age counts from the question: what changed while it was under way is not known.
                let asked_at = now();
                let answer = ask().await;
                *kept = Some((asked_at, answer.clone()));
                answer
            }
        }
    }
}

/// The first request about a bucket goes alone: were it in another Region than was thought, every request in flight would
/// have to be sent twice. The others wait for it, but not for long: it may be the one that hangs.
#[derive(Default)]
struct Door {
    open: AtomicBool,
    first: tokio::sync::Mutex<()>,
}

const FIRST_MAY_TAKE: Duration = Duration::from_secs(2);

impl Door {
    /// Waits until the first request has come back; `Some` for that first one.
    async fn enter(&self) -> Option<First<'_>> {
        if self.open.load(Ordering::Acquire) {
            return None;
        }
        let alone = tokio::time::timeout(FIRST_MAY_TAKE, self.first.lock()).await.ok()?;
        (!self.open.load(Ordering::Acquire)).then_some(First { door: self, _alone: alone })
    }
}

/// Opens the door when it goes, however the request ended.
struct First<'a> {
    door: &'a Door,
    _alone: tokio::sync::MutexGuard<'a, ()>,
}

impl Drop for First<'_> {
    fn drop(&mut self) {
        self.door.open.store(true, Ordering::Release);
    }
}

impl std::fmt::Debug for S3Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Store").field("endpoint", &self.clients.endpoint).finish_non_exhaustive()
    }
}

impl S3Store {
    /// Resolves the settings and obtains credentials; sends nothing to S3 yet.
    ///
    /// # Errors
    /// No credentials (within seconds), an unusable endpoint or CA bundle.
    pub async fn connect(settings: &ClientSettings) -> Result<Self, Failure> {
        Ok(Self::new(Clients::resolve(settings).await?, settings, None))
    }

    fn new(clients: Clients, settings: &ClientSettings, trace: Option<RequestObserver>) -> Self {
        Self {
            clients,
            by_region: Mutex::default(),
            buckets: Arc::default(),
            request_payer: settings.request_payer.then_some(RequestPayer::Requester),
            expected_bucket_owner: settings.expected_bucket_owner.clone(),
            max_attempts: settings.max_attempts,
            detail: HeadDetail::Status,
            trace,
        }
    }

    /// A store of another place: with the credentials of this one, or with those that `settings` name a profile for.
    pub(super) async fn elsewhere(&self, settings: &ClientSettings, own_profile: bool) -> Result<Self, Failure> {
        let clients = if own_profile {
            Clients::resolve(settings).await?
        } else {
            let (region, endpoint) = (settings.region.as_deref(), settings.endpoint_url.as_deref());
            self.clients.elsewhere(settings.addressing_style, region, endpoint)
        };
        Ok(Self::new(clients, settings, self.trace.clone()))
    }

    /// A store of the same place with connections of its own: they belong to the runtime that opens them. What is known of
    /// buckets is known to both.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self {
            clients: self.clients.apart(),
            by_region: Mutex::default(),
            buckets: Arc::clone(&self.buckets),
            request_payer: self.request_payer.clone(),
            expected_bucket_owner: self.expected_bucket_owner.clone(),
            max_attempts: self.max_attempts,
            detail: self.detail,
            trace: self.trace.clone(),
        }
    }

    /// Reads this much from HEAD's answers.
    #[must_use]
    pub fn in_detail(self, detail: HeadDetail) -> Self {
        Self { detail, ..self }
    }

    /// Tells every request to `trace`.
    #[must_use]
    pub fn with_trace(self, trace: RequestObserver) -> Self {
        Self { trace: Some(trace), ..self }
    }

    /// Whether a server other than AWS is asked: what AWS promises may not hold there.
    #[must_use]
    pub fn has_custom_endpoint(&self) -> bool {
        self.clients.endpoint.is_some()
    }

    /// The server other than AWS, where there is one; without user and password.
    #[must_use]
    pub fn endpoint(&self) -> Option<&str> {
        self.clients.endpoint.as_deref()
    }

    /// Everything that decides which bucket answers.
    #[must_use]
    pub fn connection(&self) -> Connection {
        Connection {
            endpoint: self.clients.endpoint.clone(),
            region: self.clients.home_region.clone(),
            addressing_style: if self.clients.path_style { "path" } else { "virtual" }.to_owned(),
            request_payer: self.request_payer.is_some(),
            expected_bucket_owner: self.expected_bucket_owner.clone(),
            signing: self.clients.signing.clone(),
        }
    }

    pub(super) fn known(&self, bucket: &Bucket) -> Arc<BucketCache> {
        let mut buckets = lock(&self.buckets);
        if let Some(known) = buckets.get(bucket) {
            return Arc::clone(known);
        }
        Arc::clone(buckets.entry(bucket.clone()).or_default())
    }

    /// The Region to sign for: the bucket's own once S3 has told it, else the one we start from.
    #[must_use]
    pub fn region_of(&self, bucket: &Bucket) -> String {
        self.region_told(bucket).unwrap_or_else(|| self.clients.home_region.clone())
    }

    /// The bucket's own Region, once S3 has told it.
    pub(super) fn region_told(&self, bucket: &Bucket) -> Option<String> {
        self.known(bucket).head.get().and_then(|answer| answer.region.clone())
    }

    fn client(&self, region: &str) -> Client {
        let mut clients = lock(&self.by_region);
        if let Some(client) = clients.get(region) {
            return client.clone();
        }
        let client = self.clients.client(region);
        clients.insert(region.to_owned(), client.clone());
        client
    }

    /// A client of the Region we start from.
    pub(super) fn home_client(&self) -> Client {
        self.client(&self.clients.home_region)
    }

    /// Sends a request about `bucket`, and sends it again in the bucket's own Region where the answer hints at another.
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
        let known = self.known(bucket);
        let _first = known.door.enter().await;
        let region = self.region_of(bucket);
        let raw = match self.traced(asked, send(self.client(&region))).await {
            Ok(answer) => return Ok(answer),
            Err(raw) => raw,
        };
        // The Region of an ARN is in its name.
        if bucket.is_arn() || !raw.hints_at_region() {
            return Err(raw);
        }
        match self.head_bucket(bucket).await.region.clone() {
            Some(found) if found != region => self.traced(asked, send(self.client(&found))).await,
            _ => Err(raw),
        }
    }

    /// Sends one request and tells both sides of it to the trace. A panic on the way is the failure of this request alone.
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
            Ok(answer) => answer.map_err(|error| RequestError::of(&error, self.clients.endpoint.as_deref())),
            Err(cause) => Err(RequestError::of_panic(&cause)),
        };
        if let Some(trace) = &self.trace {
            let (outcome, request_id) = match &answer {
                Ok(output) => (RequestOutcome::Success, output.request_id()),
                Err(raw) => {
                    (raw.status.map_or(RequestOutcome::NoAnswer, RequestOutcome::Status), raw.request_id.as_deref())
                }
            };
            trace(RequestEvent::Answered { operation: asked.operation, outcome, request_id });
        }
        answer
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a future gives, or the text of its panic.
async fn caught<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    poll_fn(|context| match catch(|| future.as_mut().poll(context)) {
        Ok(polled) => polled.map(Ok),
        Err(text) => Poll::Ready(Err(text)),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_the_failure_of_one_request() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let panics = |text: &'static str| async move {
            assert!(text.is_empty(), "{text}");
        };
        assert_eq!(runtime.block_on(caught(panics("header value"))), Err("header value".to_owned()));
        assert_eq!(runtime.block_on(caught(panics(""))), Ok(()));
        let failure = RequestError::of_panic("header value").failure("asking for s3://b/k");
        assert_eq!((failure.code.as_str(), failure.http_status), ("Panicked", None));
    }
}
