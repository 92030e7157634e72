//! The only file that may call S3's delete operations.
//!
//! One order, one request; the SDK retries nothing here. A marker delete carries If-Match with the ETag that was checked
//! ("How to perform conditional deletes" in the S3 User Guide); a permanent one is bound by its version id alone, because
//! S3 compares If-Match with the current version. Nothing bypasses a governance lock.
#![expect(clippy::disallowed_methods, reason = "the one place that may delete")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_s3::Client;
use jiff::Timestamp;

use super::error::{Raw, Transport};
use super::store::{Asked, S3Store};
use crate::deletion::{Condition, DeleteAnswer, DeleteOrder, Deleter, Evidence, Mode};
use crate::model::{Failure, ObjectId};
use crate::status::HeadAnswer;

/// Carries out orders on S3.
#[derive(Debug)]
pub struct S3Deleter<'a> {
    store: &'a S3Store,
    by_region: Mutex<HashMap<String, Client>>,
    max_attempts: u32,
    sent: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
}

/// No object has this ETag.
const IMPOSSIBLE: &str = "replaudit-asks-whether-if-match-is-honoured";
/// How old the answers about a bucket may be that a decision relies on: no older than the check of an object may get.
const BUCKET_HOLDS: Duration = Duration::from_secs(5);

impl<'a> S3Deleter<'a> {
    /// `max_attempts` bounds how often a delete is sent again after an answer that proves that it had no effect;
    /// `sent` is set just before the first delete leaves, and nothing is sent again once `stop` is set.
    #[must_use]
    pub fn new(store: &'a S3Store, max_attempts: u32, sent: Arc<AtomicBool>, stop: Arc<AtomicBool>) -> Self {
        Self { store, by_region: Mutex::default(), max_attempts, sent, stop }
    }

    fn client(&self, order: &DeleteOrder) -> Client {
        let region = self.store.region_of(&order.object().bucket);
        let mut clients = self.by_region.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || self.store.clients.client_without_retries(&region);
        clients.entry(region.clone()).or_insert_with(make).clone()
    }

    async fn send(&self, client: &Client, order: &DeleteOrder, condition: Condition) -> DeleteAnswer {
        let object = order.object();
        let (version_id, if_match) = match (order.mode(), condition) {
            (Mode::Hide, Condition::Checked) => (None, Some(format!("\"{}\"", order.etag()))),
            (Mode::Hide, Condition::Impossible) => (None, Some(format!("\"{IMPOSSIBLE}\""))),
            (Mode::Hide, Condition::None) => (None, None),
            (Mode::Permanent, _) => (object.version_id.as_ref().map(|v| v.as_str().to_owned()), None),
        };
        let why = match condition {
            Condition::Impossible => "whether the server honours If-Match",
            Condition::Checked | Condition::None => "it is proven replicated",
        };
        let asked = Asked { operation: "DeleteObject", about: object, why };
        let request = client
            .delete_object()
            .bucket(object.bucket.as_str())
            .key(&object.key)
            .set_version_id(version_id)
            .set_if_match(if_match)
            .set_request_payer(self.store.request_payer.clone())
            .set_expected_bucket_owner(self.store.expected_bucket_owner.clone())
            .send();
        self.sent.store(true, Ordering::Release);
        match self.store.traced(asked, request).await {
            Ok(output) => DeleteAnswer::Done {
                delete_marker: output.delete_marker() == Some(true),
                version_id: output.version_id,
            },
            Err(raw) => answer(raw, &format!("deleting {object}")),
        }
    }
}

impl Deleter for S3Deleter<'_> {
    async fn evidence(&self, order: &DeleteOrder) -> Evidence {
        self.store.evidence(order.object(), order.mode()).await
    }

    async fn look(&self, order: &DeleteOrder) -> Result<HeadAnswer, Failure> {
        self.store.look(order.object(), order.mode()).await
    }

    async fn delete(&self, order: &DeleteOrder, condition: Condition) -> DeleteAnswer {
        let client = self.client(order);
        let mut attempt = 1;
        loop {
            let answer = self.send(&client, order, condition).await;
            let again = matches!(&answer, DeleteAnswer::NoEffect(failure) if may_be_sent_again(failure));
            if !again || attempt >= self.max_attempts {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(200) * 2u32.saturating_pow(attempt - 1).min(32)).await;
            if self.stop.load(Ordering::Relaxed) {
                return answer;
            }
            attempt += 1;
        }
    }
}

impl S3Store {
    /// HEAD of what a delete would be about: of whatever is current, or of the named version.
    pub(super) async fn look(&self, object: &ObjectId, mode: Mode) -> Result<HeadAnswer, Failure> {
        match mode {
            Mode::Hide => self.head(&ObjectId { version_id: None, ..object.clone() }).await,
            Mode::Permanent => self.head(object).await,
        }
    }

    /// Everything that the decision about a delete needs: a HEAD made now, and answers about the bucket that are a
    /// few seconds old at the most.
    pub async fn evidence(&self, object: &ObjectId, mode: Mode) -> Evidence {
        let asked_at = Timestamp::now();
        let head = self.look(object, mode).await;
        let versioning = self.versioning(&object.bucket, BUCKET_HOLDS).await;
        let rules = self.replication(&object.bucket, BUCKET_HOLDS).await;
        Evidence { head, versioning, rules, asked_at }
    }
}

/// Answers that prove no effect and may not be the last word.
fn may_be_sent_again(failure: &Failure) -> bool {
    matches!(failure.http_status, None | Some(429 | 503))
}

fn answer(raw: Raw, attempt: &str) -> DeleteAnswer {
    let (status, transport) = (raw.status, raw.transport);
    let slow_down = raw.code.as_deref() == Some("SlowDown");
    // A gateway has no code of S3.
    let by_s3 = raw.code.is_some();
    let failure = raw.failure(attempt);
    match (status, transport) {
        (Some(412), _) => DeleteAnswer::Mismatch(failure),
        (Some(409), _) => DeleteAnswer::Conflict(failure),
        (Some(404), _) => DeleteAnswer::Absent(failure),
        (Some(403), _) => DeleteAnswer::Denied(failure),
        (Some(501), _) => DeleteAnswer::Unsupported(failure),
        (Some(500), _) if by_s3 => DeleteAnswer::Errored(failure),
        (Some(300..=499), _) => DeleteAnswer::NoEffect(failure),
        (Some(503), _) if slow_down => DeleteAnswer::NoEffect(failure),
        (None, Some(Transport::NotBuilt | Transport::NeverSent)) => DeleteAnswer::NoEffect(failure),
        (_, _) => DeleteAnswer::Lost(failure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_proof_of_no_effect_is_no_effect() {
        let raw = |status: Option<u16>, code: Option<&str>, transport| Raw {
            status,
            code: code.map(str::to_owned),
            transport,
            ..Raw::default()
        };
        let name = |answer: DeleteAnswer| match answer {
            DeleteAnswer::Mismatch(_) => "mismatch",
            DeleteAnswer::Conflict(_) => "conflict",
            DeleteAnswer::Absent(_) => "absent",
            DeleteAnswer::Denied(_) => "denied",
            DeleteAnswer::Unsupported(_) => "unsupported",
            DeleteAnswer::Errored(_) => "errored",
            DeleteAnswer::NoEffect(_) => "no effect",
            DeleteAnswer::Lost(_) => "lost",
            DeleteAnswer::Done { .. } => "done",
        };
        let table = [
            (raw(Some(412), None, None), "mismatch"),
            (raw(Some(409), None, None), "conflict"),
            (raw(Some(500), Some("InternalError"), None), "errored"),
            (raw(Some(404), None, None), "absent"),
            (raw(Some(403), None, None), "denied"),
            (raw(Some(501), None, None), "unsupported"),
            (raw(Some(400), None, None), "no effect"),
            (raw(Some(301), None, None), "no effect"),
            (raw(Some(429), None, None), "no effect"),
            (raw(Some(503), Some("SlowDown"), None), "no effect"),
            (raw(None, None, Some(Transport::NeverSent)), "no effect"),
            (raw(Some(503), None, None), "lost"),
            (raw(Some(500), None, None), "lost"),
            (raw(Some(502), None, None), "lost"),
            (raw(Some(200), None, None), "lost"),
            (raw(None, None, Some(Transport::TimedOut)), "lost"),
            (raw(None, None, Some(Transport::Broken)), "lost"),
            (raw(None, None, None), "lost"),
        ];
        for (raw, expected) in table {
            let shown = format!("{raw:?}");
            assert_eq!(name(answer(raw, "deleting")), expected, "{shown}");
        }
    }
}
