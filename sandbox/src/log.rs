//! The log of requests received, so that a test can prove what was not sent.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderMap;
use serde::Serialize;
use tokio::time::Instant;

use crate::operation::Call;

/// One request as it arrived.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// S3's name of the operation, or `Unknown`.
    pub operation: String,
    /// HTTP method.
    pub method: String,
    /// Bucket in the path.
    pub bucket: Option<String>,
    /// Key in the path, decoded.
    pub key: Option<String>,
    /// `versionId` of the query.
    pub version_id: Option<String>,
    /// The query as sent.
    pub query: String,
    /// Headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Body of a DeleteObjects or PutBucketReplication request.
    pub body: Option<String>,
    /// Status answered; None while under way, and when the connection was closed instead.
    pub status: Option<u16>,
    /// Headers of the answer, names in lower case; empty without one.
    pub answer: BTreeMap<String, String>,
    /// When it arrived, on the log's own clock: every arrival, effect and answer is one tick.
    pub arrived: u64,
    /// When its answer was about to be sent; None without one.
    pub answered: Option<u64>,
    /// Whether a fault changed a header or the body of the answer.
    pub altered: bool,
    /// When it arrived, by the machine's clock.
    #[serde(skip)]
    pub arrived_at: Instant,
    /// What a delete did, one for each key.
    pub effects: Vec<Effect>,
}

impl Request {
    /// Tells whether the operation can change anything.
    #[must_use]
    pub fn is_write(&self) -> bool {
        self.method != "GET" && self.method != "HEAD"
    }
}

/// What a delete of one key did to the versions that were there.
#[derive(Clone, Debug, Serialize)]
pub struct Effect {
    /// When, on the log's own clock.
    pub at: u64,
    /// The key.
    pub key: String,
    /// Versions and markers that are no longer there: the named one, or what a `null` marker replaced.
    pub removed: Vec<String>,
    /// The marker that was made.
    pub marker: Option<String>,
    /// The version that was current until the marker hid it.
    pub hidden: Option<String>,
}

/// Marks a request with its place in the log, for operations that have effects to tell of.
#[derive(Clone, Copy)]
pub(crate) struct LogId(pub(crate) u64);

#[derive(Default)]
pub(crate) struct Log {
    entries: Vec<Request>,
    clock: u64,
}

impl Log {
    pub(crate) fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    pub(crate) fn begin<B>(&mut self, call: &Call, request: &http::Request<B>) -> u64 {
        let arrived = self.tick();
        self.entries.push(Request {
            operation: call.operation.to_owned(),
            method: request.method().as_str().to_owned(),
            bucket: call.bucket.clone(),
            key: call.key.clone(),
            version_id: call.version_id.clone(),
            query: request.uri().query().unwrap_or("").to_owned(),
            headers: texts(request.headers()),
            body: None,
            status: None,
            answer: BTreeMap::new(),
            arrived,
            answered: None,
            altered: false,
            arrived_at: Instant::now(),
            effects: Vec::new(),
        });
        arrived
    }

    fn entry(&mut self, id: u64) -> Option<&mut Request> {
        // From the end: it is nearly always among the last few.
        self.entries.iter_mut().rev().find(|entry| entry.arrived == id)
    }

    pub(crate) fn body(&mut self, id: u64, body: &Bytes) {
        if let Some(entry) = self.entry(id) {
            entry.body = Some(String::from_utf8_lossy(body).into_owned());
        }
    }

    pub(crate) fn effect(&mut self, id: u64, mut effect: Effect) {
        effect.at = self.tick();
        if let Some(entry) = self.entry(id) {
            entry.effects.push(effect);
        }
    }

    pub(crate) fn end(&mut self, id: u64, status: u16, headers: &HeaderMap, altered: bool) {
        let answered = Some(self.tick());
        if let Some(entry) = self.entry(id) {
            (entry.status, entry.answered, entry.answer) = (Some(status), answered, texts(headers));
            entry.altered = altered;
        }
    }

    pub(crate) fn entries(&self) -> Vec<Request> {
        self.entries.clone()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

fn texts(headers: &HeaderMap) -> BTreeMap<String, String> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect()
}
