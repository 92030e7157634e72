//! The only file that may call S3's delete operations.
//!
//! Each call sends one request, and the SDK retries none of them. `deletion` decides whether it may be sent again, after a
//! new check. A request is sent only if its check is fresh: see [`FreshOrder`].
//!
//! A delete that creates a marker is one request with If-Match and the checked ETag ("How to perform conditional deletes" in
//! the S3 User Guide). A permanent delete is sent in a batch, or alone. Only its version ID protects it, because S3 compares If-Match
//! with the current version. Nothing bypasses a governance lock.
#![expect(clippy::disallowed_methods, reason = "the one place that may delete")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use s3_answers::KeyResult;
use tokio::task::JoinSet;

use super::client::{Limiter, RawBody, RegionClients};
use super::delete_answers::{answer, batch_answer, listed};
use super::freshness::FreshnessGuard;
use super::replicas::Replicas;
use super::store::S3Store;
use super::trace::RequestInfo;
use crate::deletion::{
    BatchAnswer, BucketFacts, DeleteAnswer, DeleteMode, DeleteOrder, Deleter, Evidence, FreshOrder, IfMatch,
    MarkerLook, MarkerOrder,
};
use crate::model::{Bucket, Failure, ObjectId, VersionId, plural, sh_command, sh_quote};
use crate::status::HeadAnswer;

/// Sends deletes to S3.
#[derive(Debug)]
pub(crate) struct S3Deleter<'a> {
    store: &'a Arc<S3Store>,
    replicas: Option<&'a Replicas<'a>>,
    clients: RegionClients,
    settings: DeleteSettings,
    limiter: Limiter,
}

/// How deletes are sent.
#[derive(Debug, Clone)]
pub(crate) struct DeleteSettings {
    /// How often one delete is sent at most. It is only sent again after an answer that proves that it had no effect.
    pub max_attempts: u32,
    /// The most requests in flight; fewer after SlowDown.
    pub concurrency: usize,
    /// Set just before the first delete is sent.
    pub sent: Arc<AtomicBool>,
    /// When this is set, nothing is sent again.
    pub stop: Arc<AtomicBool>,
}

struct SingleDelete<'a> {
    object: &'a ObjectId,
    version_id: Option<String>,
    if_match: Option<String>,
    why: &'static str,
    /// What is attempted, for messages.
    attempt: String,
}

/// No object has this ETag.
const IMPOSSIBLE: &str = "replaudit-asks-whether-if-match-is-honoured";

impl<'a> S3Deleter<'a> {
    /// Sends nothing yet. `replicas` asks the destinations when a check is repeated.
    pub(crate) fn new(store: &'a Arc<S3Store>, replicas: Option<&'a Replicas<'a>>, settings: DeleteSettings) -> Self {
        let limiter = Limiter::new(settings.concurrency, store.clients.slow_downs.clone());
        Self { store, replicas, clients: RegionClients::default(), settings, limiter }
    }

    fn client(&self, bucket: &Bucket) -> Client {
        let make = |region: &str| self.store.clients.client_without_retries(region);
        self.clients.of_region(&self.store.region_of(bucket), make)
    }

    async fn send(&self, client: &Client, fresh: &FreshOrder<'_>, condition: IfMatch) -> DeleteAnswer {
        let order = fresh.order();
        let object = order.object();
        let (version_id, if_match) = match (order.mode(), condition) {
            (DeleteMode::Hide, IfMatch::Checked) => (None, Some(format!("\"{}\"", order.etag()))),
            (DeleteMode::Hide, IfMatch::Impossible) => (None, Some(format!("\"{IMPOSSIBLE}\""))),
            (DeleteMode::Hide, IfMatch::None) => (None, None),
            (DeleteMode::Permanent, _) => (object.version_id.as_ref().map(|v| v.as_str().to_owned()), None),
        };
        let why = match condition {
            IfMatch::Impossible => "whether the server supports If-Match",
            IfMatch::Checked | IfMatch::None => "it is proven replicated",
        };
        let attempt = format!("deleting {object}");
        let one = SingleDelete { object, version_id, if_match, why, attempt };
        self.send_one(client, one, FreshnessGuard::of(std::slice::from_ref(fresh), self.store.clock())).await
    }

    /// Sends one DELETE once, unless its check has become too old.
    async fn send_one(&self, client: &Client, one: SingleDelete<'_>, guard: FreshnessGuard) -> DeleteAnswer {
        let SingleDelete { object, version_id, if_match, why, attempt } = one;
        let asked = RequestInfo { operation: "DeleteObject", about: object, why };
        if !guard.is_fresh() {
            return DeleteAnswer::Aged;
        }
        let body = RawBody::default();
        let request = client
            .delete_object()
            .bucket(object.bucket.as_str())
            .key(&object.key)
            .set_version_id(version_id)
            .set_if_match(if_match)
            .set_request_payer(self.store.request_payer.clone())
            .set_expected_bucket_owner(self.store.expected_bucket_owner.clone())
            .customize()
            .interceptor(guard.clone())
            .interceptor(body.clone())
            .send();
        self.settings.sent.store(true, Ordering::Release);
        match self.store.traced(asked, in_own_task(request)).await {
            Err(_) if guard.has_stopped_it() => DeleteAnswer::Aged,
            // S3 sends no body: a page from a proxy says nothing about the object.
            Ok(_) if !body.take().trim_ascii().is_empty() => {
                let message = format!("{attempt}: the answer has a body, and S3 answers a delete without one");
                DeleteAnswer::Lost(Failure::new("UnreadableAnswer", message, Some("is that an S3 endpoint?")))
            }
            Ok(_) if !matches!(body.status(), 200 | 204) => DeleteAnswer::Lost(other_success(&attempt, body.status())),
            Ok(output) => DeleteAnswer::Done {
                delete_marker: output.delete_marker() == Some(true),
                version_id: output.version_id,
            },
            Err(error) => answer(error, &attempt),
        }
    }

    async fn send_batch(&self, client: &Client, orders: &[FreshOrder<'_>]) -> BatchAnswer {
        let Some(bucket) = orders.first().map(|fresh| &fresh.order().object().bucket) else {
            return BatchAnswer::Listed(Vec::new());
        };
        let versions = plural(orders.len() as u64, "version");
        let about = format!("s3://{bucket}: {versions}");
        let attempt = format!("deleting {versions} in bucket {bucket}");
        let identifiers = orders.iter().map(|fresh| {
            let object = fresh.order().object();
            let version = object.version_id.as_ref().map(|v| v.as_str().to_owned());
            ObjectIdentifier::builder().key(&object.key).set_version_id(version).build()
        });
        let delete = identifiers
            .collect::<Result<_, _>>()
            .and_then(|all| Delete::builder().set_objects(Some(all)).quiet(false).build());
        let delete = match delete {
            Ok(delete) => delete,
            Err(error) => {
                let failure = Failure::new("RequestNotBuilt", format!("{attempt}: {error}"), None);
                return BatchAnswer::All(DeleteAnswer::NoEffect(failure));
            }
        };
        let asked = RequestInfo { operation: "DeleteObjects", about: &about, why: "they are proven replicated" };
        let guard = FreshnessGuard::of(orders, self.store.clock());
        if !guard.is_fresh() {
            return BatchAnswer::All(DeleteAnswer::Aged);
        }
        let body = RawBody::default();
        let request = client
            .delete_objects()
            .bucket(bucket.as_str())
            .delete(delete)
            .set_request_payer(self.store.request_payer.clone())
            .set_expected_bucket_owner(self.store.expected_bucket_owner.clone())
            .customize()
            .interceptor(guard.clone())
            .interceptor(body.clone())
            .send();
        self.settings.sent.store(true, Ordering::Release);
        match body.of(self.store.traced(asked, in_own_task(request)).await) {
            Err(_) if guard.has_stopped_it() => BatchAnswer::All(DeleteAnswer::Aged),
            Ok(_) if body.status() != 200 => {
                BatchAnswer::All(DeleteAnswer::Lost(other_success(&attempt, body.status())))
            }
            Ok(bytes) => listed(&bytes, &attempt),
            Err(error) => batch_answer(error, &attempt),
        }
    }
}

/// A success such as 202 does not say that the delete was carried out.
fn other_success(attempt: &str, status: u16) -> Failure {
    let message = format!("{attempt}: the status of the answer is {status}, and S3 does not send that");
    Failure::new("UnreadableAnswer", message, Some("is that an S3 endpoint?"))
}

/// Runs a request in a task of its own. If the runtime has a thread for tasks, the request leaves in time although the caller is
/// blocked, for example by a full pipe. If the caller is dropped, the request is cancelled.
async fn in_own_task<T: Send + 'static>(request: impl Future<Output = T> + Send + 'static) -> T {
    let mut task = JoinSet::new();
    task.spawn(request);
    match task.join_next().await {
        Some(Ok(answer)) => answer,
        Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The task was cancelled: the runtime is ending.
        Some(Err(_)) | None => std::future::pending().await,
    }
}

impl Deleter for S3Deleter<'_> {
    async fn evidence(&self, order: &DeleteOrder) -> Evidence {
        let _permit = self.limiter.permit().await;
        self.store.evidence(order.object(), order.mode(), self.replicas).await
    }

    async fn bucket(&self, order: &DeleteOrder) -> BucketFacts {
        self.store.bucket_facts(&order.object().bucket).await
    }

    async fn look(&self, order: &DeleteOrder) -> Result<HeadAnswer, Failure> {
        let _permit = self.limiter.permit().await;
        self.store.look(order.object(), order.mode()).await
    }

    async fn hidden_by(&self, order: &DeleteOrder, marker: Option<&str>) -> Result<Option<String>, Failure> {
        let _permit = self.limiter.permit().await;
        self.store.hidden_by(order.object(), marker).await
    }

    async fn look_at_marker(&self, order: &DeleteOrder, marker: &str) -> Result<MarkerLook, Failure> {
        let Ok(version_id) = VersionId::new(marker) else { return Ok(MarkerLook::Absent) };
        let _permit = self.limiter.permit().await;
        self.store.look_at_marker(&ObjectId { version_id: Some(version_id), ..order.object().clone() }).await
    }

    fn undo(&self, order: &DeleteOrder, marker: &str) -> String {
        let object = order.object();
        let endpoint = self.store.clients.endpoint.as_deref();
        let endpoint = endpoint.map(|url| format!(" --endpoint-url {}", sh_quote(url))).unwrap_or_default();
        sh_command(&format!(
            "aws s3api delete-object --bucket {} --key {} --version-id {}{endpoint}",
            sh_quote(object.bucket.as_str()),
            sh_quote(&object.key),
            sh_quote(marker)
        ))
    }

    async fn delete(&self, fresh: &FreshOrder<'_>, condition: IfMatch) -> DeleteAnswer {
        let client = self.client(&fresh.order().object().bucket);
        let _permit = match fresh.order().mode() {
            DeleteMode::Hide => self.limiter.permit().await,
            DeleteMode::Permanent => self.limiter.permit_at_once(),
        };
        // A signal may have come while this waited for its turn. The next check sees it too.
        if self.settings.stop.load(Ordering::Relaxed) {
            return DeleteAnswer::Aged;
        }
        self.send(&client, fresh, condition).await
    }

    async fn delete_batch(&self, orders: &[FreshOrder<'_>]) -> BatchAnswer {
        let Some(first) = orders.first() else { return BatchAnswer::Listed(Vec::new()) };
        let client = self.client(&first.order().object().bucket);
        let _permit = self.limiter.permit_at_once();
        let answer = self.send_batch(&client, orders).await;
        if let BatchAnswer::Listed(listed) = &answer
            && listed.iter().any(|one| is_slow_down(&one.result))
        {
            self.store.clients.slow_downs.add();
        }
        answer
    }

    async fn may_send_again(&self, sends: u32) -> bool {
        if sends >= self.settings.max_attempts {
            return false;
        }
        self.pause(Duration::from_millis(200) * 2u32.saturating_pow(sends.saturating_sub(1)).min(32)).await;
        !self.settings.stop.load(Ordering::Relaxed)
    }

    async fn pause(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

fn is_slow_down(result: &KeyResult) -> bool {
    matches!(result, KeyResult::Error { code, .. } if code == "SlowDown")
}

/// Removes delete markers only: an order can only be made from a check that showed a marker.
impl S3Deleter<'_> {
    /// Removes one marker by its version ID. Sends once, unless the check has become too old.
    pub(super) async fn remove_marker(&self, order: &MarkerOrder) -> DeleteAnswer {
        let marker = order.marker();
        let Some(version_id) = &marker.version_id else {
            let text = format!("removing the delete marker of {marker}: it has no version ID");
            return DeleteAnswer::NoEffect(Failure::new("RequestNotBuilt", text, None));
        };
        let client = self.client(&marker.bucket);
        let _permit = self.limiter.permit_at_once();
        let one = SingleDelete {
            object: marker,
            version_id: Some(version_id.as_str().to_owned()),
            if_match: None,
            why: "it is a delete marker that a safe-delete created",
            attempt: format!("removing the delete marker {marker}"),
        };
        self.send_one(&client, one, FreshnessGuard::since(order.asked_at(), self.store.clock())).await
    }

    /// Waits until another request may be sent.
    pub(super) async fn turn(&self) -> impl Sized + '_ {
        self.limiter.permit().await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn a_request_goes_on_while_its_caller_is_blocked_and_ends_with_it() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let (send, sent) = mpsc::channel();
            let request = async move {
                tokio::time::sleep(Duration::from_millis(10)).await;
                send.send("it left").unwrap();
                "answer"
            };
            let mut asked = std::pin::pin!(in_own_task(request));
            assert!(asked.as_mut().now_or_never().is_none());
            // As a full pipe blocks the thread that reports.
            assert_eq!(sent.recv_timeout(Duration::from_secs(20)), Ok("it left"));
            assert_eq!(asked.await, "answer");
            let (held, dropped) = mpsc::channel::<()>();
            let request = async move {
                std::future::pending::<()>().await;
                drop(held);
            };
            {
                let mut asked = std::pin::pin!(in_own_task(request));
                assert!(asked.as_mut().now_or_never().is_none());
            }
            assert_eq!(dropped.recv_timeout(Duration::from_secs(20)), Err(mpsc::RecvTimeoutError::Disconnected));
        });
    }
}
