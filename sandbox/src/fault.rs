//! Faults on demand: which requests they befall, and how.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::operation::Call;
use crate::store::splitmix;

/// A fault that befalls matching requests, added by [`crate::Sandbox::fault`].
#[derive(Clone, Debug)]
pub struct Fault {
    operation: String,
    bucket: Option<String>,
    key: Option<String>,
    prefix: Option<String>,
    skip: u32,
    times: Option<u32>,
    probability: Option<(f64, u64)>,
    pub(crate) kind: FaultKind,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FaultKind {
    Status(u16, String, String),
    StatusAfter(u16, String, String),
    Raw(u16, String, Bytes),
    RawAfter(u16, String, Bytes),
    Late(Duration),
    Delay(Duration),
    DelayAnswer(Duration),
    CloseBefore,
    CloseAfter,
    CutBody(usize),
    Rewrite(Rewrite),
    Drip(usize, Duration),
    Endless(Bytes, u8),
    Header(String, Vec<u8>),
    AnswerFor(String),
}

type BodyFunction = dyn Fn(Vec<u8>) -> Vec<u8> + Send + Sync;

/// Makes another body of an answer's body.
#[derive(Clone)]
pub(crate) struct Rewrite(pub(crate) Arc<BodyFunction>);

impl fmt::Debug for Rewrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rewrite")
    }
}

impl PartialEq for Rewrite {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// One key of a DeleteObjects request, as faults name it.
pub(crate) const ENTRY: &str = "DeleteObjects/entry";

impl Fault {
    /// Matches an operation by its S3 name, `*` for any. Until told otherwise it answers 503
    /// SlowDown, every time.
    ///
    /// `DeleteObjects/entry` is one key of such a request: a status is an error of that key in an answer of 200, and a
    /// closed connection leaves the key out of it.
    #[must_use]
    pub fn on(operation: &str) -> Self {
        Self {
            operation: operation.to_owned(),
            bucket: None,
            key: None,
            prefix: None,
            skip: 0,
            times: None,
            probability: None,
            kind: FaultKind::Status(503, "SlowDown".into(), "Please reduce your request rate.".into()),
        }
    }

    /// Matches only this bucket.
    #[must_use]
    pub fn bucket(mut self, bucket: &str) -> Self {
        self.bucket = Some(bucket.to_owned());
        self
    }

    /// Matches only this key.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Matches only keys that begin like this.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.prefix = Some(prefix.to_owned());
        self
    }

    /// Lets the first matching requests pass.
    #[must_use]
    pub fn skip(mut self, requests: u32) -> Self {
        self.skip = requests;
        self
    }

    /// Ends after this number of requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Befalls each request by chance, repeatably from a seed: 0.02 is two in a hundred.
    #[must_use]
    pub fn probability(mut self, share: f64, seed: u64) -> Self {
        self.probability = Some((share, seed));
        self
    }

    /// Answers with this status, S3 code and message; nothing is done.
    #[must_use]
    pub fn status(mut self, status: u16, code: &str, message: &str) -> Self {
        self.kind = FaultKind::Status(status, code.to_owned(), message.to_owned());
        self
    }

    /// Does what was asked, then answers with this status, S3 code and message.
    #[must_use]
    pub fn status_after_effect(mut self, status: u16, code: &str, message: &str) -> Self {
        self.kind = FaultKind::StatusAfter(status, code.to_owned(), message.to_owned());
        self
    }

    /// Closes the connection without an answer; what was asked is done so much later.
    #[must_use]
    pub fn close_and_take_effect_later(mut self, delay: Duration) -> Self {
        self.kind = FaultKind::Late(delay);
        self
    }

    /// Answers with this status, content type and body; nothing is done.
    #[must_use]
    pub fn raw_body(mut self, status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.kind = FaultKind::Raw(status, content_type.to_owned(), body.into());
        self
    }

    /// Does what was asked, then answers with this status, content type and body.
    #[must_use]
    pub fn raw_body_after_effect(mut self, status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.kind = FaultKind::RawAfter(status, content_type.to_owned(), body.into());
        self
    }

    /// Waits, then does what was asked and answers. Other requests are served meanwhile.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.kind = FaultKind::Delay(delay);
        self
    }

    /// Does what was asked, then waits before the answer: it says what was true before the wait.
    #[must_use]
    pub fn delay_answer(mut self, delay: Duration) -> Self {
        self.kind = FaultKind::DelayAnswer(delay);
        self
    }

    /// Closes the connection without an answer; nothing is done.
    #[must_use]
    pub fn close_before_effect(mut self) -> Self {
        self.kind = FaultKind::CloseBefore;
        self
    }

    /// Does what was asked, then closes the connection without an answer.
    #[must_use]
    pub fn close_after_effect(mut self) -> Self {
        self.kind = FaultKind::CloseAfter;
        self
    }

    /// Announces the whole body and closes the connection after this number of bytes.
    #[must_use]
    pub fn cut_body(mut self, bytes: usize) -> Self {
        self.kind = FaultKind::CutBody(bytes);
        self
    }

    /// Sends only the first bytes of the body, and announces only these: a client sees a complete HTTP answer.
    #[must_use]
    pub fn cut_clean(self, bytes: usize) -> Self {
        self.rewrite(move |mut body| {
            body.truncate(bytes);
            body
        })
    }

    /// Sends what a function makes of the body, with its own length. HEAD answers have no body.
    #[must_use]
    pub fn rewrite(mut self, body: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static) -> Self {
        self.kind = FaultKind::Rewrite(Rewrite(Arc::new(body)));
        self
    }

    /// Sends the body in pieces of this many bytes, with a pause before each.
    #[must_use]
    pub fn drip(mut self, bytes_per_piece: usize, pause: Duration) -> Self {
        self.kind = FaultKind::Drip(bytes_per_piece, pause);
        self
    }

    /// Sends this beginning of a body and then the same byte without end, for as long as the client reads.
    #[must_use]
    pub fn endless(mut self, prefix: impl Into<Bytes>, filler: u8) -> Self {
        self.kind = FaultKind::Endless(prefix.into(), filler);
        self
    }

    /// Adds a header to the answer, or replaces it. The value may be bytes that are not UTF-8; HTTP forbids only control
    /// characters.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.kind = FaultKind::Header(name.to_owned(), value.into());
        self
    }

    /// Of `DeleteObjects/entry`: does what was asked, and names another key in the answer.
    #[must_use]
    pub fn answer_for(mut self, key: &str) -> Self {
        self.kind = FaultKind::AnswerFor(key.to_owned());
        self
    }

    fn matches(&self, call: &Call) -> bool {
        let key = call.key.as_deref();
        let is = |wanted: &Option<String>, found: Option<&str>| wanted.is_none() || wanted.as_deref() == found;
        ((self.operation == "*" && call.operation != ENTRY) || self.operation == call.operation)
            && is(&self.bucket, call.bucket.as_deref())
            && is(&self.key, key)
            && self.prefix.as_ref().is_none_or(|prefix| key.is_some_and(|key| key.starts_with(prefix.as_str())))
    }

    /// Whether this request is struck; counts it.
    fn strikes(&mut self, call: &Call) -> bool {
        if !self.matches(call) || self.times == Some(0) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if let Some((share, state)) = &mut self.probability
            && chance(state) >= *share
        {
            return false;
        }
        if let Some(times) = &mut self.times {
            *times -= 1;
        }
        true
    }
}

/// A number in 0..1 by splitmix64: enough chance for faults, and the same on every run.
fn chance(state: &mut u64) -> f64 {
    (splitmix(state) >> 11) as f64 / (1u64 << 53) as f64
}

/// Every fault that strikes this request, in the order added.
pub(crate) fn strike(faults: &mut Vec<Fault>, call: &Call) -> Vec<FaultKind> {
    let struck = faults.iter_mut().filter_map(|fault| fault.strikes(call).then(|| fault.kind.clone())).collect();
    faults.retain(|fault| fault.times != Some(0));
    struck
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(key: &str) -> Call {
        Call { operation: "HeadObject", bucket: Some("b".into()), key: Some(key.into()), version_id: None }
    }

    #[test]
    fn counts_skips_and_ends() {
        let mut faults = vec![Fault::on("HeadObject").key("k").skip(1).times(2)];
        let hits: Vec<usize> = (0..5).map(|_| strike(&mut faults, &head("k")).len()).collect();
        assert_eq!(hits, [0, 1, 1, 0, 0]);
        assert!(faults.is_empty());
        assert!(strike(&mut vec![Fault::on("HeadObject").key("k")], &head("x")).is_empty());
    }

    #[test]
    fn chance_is_about_right_and_repeatable() {
        let hits = || {
            let mut faults = vec![Fault::on("*").probability(0.02, 42)];
            (0..10_000).map(|_| strike(&mut faults, &head("k")).len()).sum::<usize>()
        };
        assert_eq!(hits(), hits());
        assert!((120..280).contains(&hits()), "{}", hits());
    }
}
