//! The log of requests received, so that a test can prove what was not sent.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Serialize;

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
    #[serde(skip)]
    id: u64,
}

impl Request {
    /// Tells whether the operation can change anything.
    #[must_use]
    pub fn is_write(&self) -> bool {
        self.method != "GET" && self.method != "HEAD"
    }
}

/// Requests in order of arrival.
#[derive(Default)]
pub(crate) struct Log {
    entries: Vec<Request>,
    count: u64,
}

impl Log {
    pub(crate) fn begin<B>(&mut self, call: &Call, request: &http::Request<B>) -> u64 {
        self.count += 1;
        let headers = request
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        self.entries.push(Request {
            operation: call.operation.to_owned(),
            method: request.method().as_str().to_owned(),
            bucket: call.bucket.clone(),
            key: call.key.clone(),
            version_id: call.version_id.clone(),
            query: request.uri().query().unwrap_or("").to_owned(),
            headers,
            body: None,
            status: None,
            id: self.count,
        });
        self.count
    }

    fn entry(&mut self, id: u64) -> Option<&mut Request> {
        // From the end: it is nearly always among the last few.
        self.entries.iter_mut().rev().find(|entry| entry.id == id)
    }

    pub(crate) fn body(&mut self, id: u64, body: &Bytes) {
        if let Some(entry) = self.entry(id) {
            entry.body = Some(String::from_utf8_lossy(body).into_owned());
        }
    }

    pub(crate) fn end(&mut self, id: u64, status: u16) {
        if let Some(entry) = self.entry(id) {
            entry.status = Some(status);
        }
    }

    pub(crate) fn entries(&self) -> Vec<Request> {
        self.entries.clone()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}
