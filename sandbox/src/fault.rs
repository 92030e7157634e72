//! Faults on demand: the requests that they apply to, and their effects.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::operation::Call;
use crate::store::splitmix;

/// A fault that applies to matching requests, added by [`crate::Sandbox::fault`].
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
    /// Matches an operation by its S3 name, `*` for any. By default it answers 503
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

    /// Sends only the first bytes of the body, and announces only these: a client sees a complete HTTP answer.
    #[must_use]
    pub fn cut_clean(self, bytes: usize) -> Self {
        self.rewrite(move |mut body| {
            body.truncate(bytes);
            body
        })
    }

    fn matches(&self, call: &Call) -> bool {
        let key = call.key.as_deref();
        let is = |wanted: &Option<String>, found: Option<&str>| wanted.is_none() || wanted.as_deref() == found;
        ((self.operation == "*" && call.operation != ENTRY) || self.operation == call.operation)
            && is(&self.bucket, call.bucket.as_deref())
            && is(&self.key, key)
            && self.prefix.as_ref().is_none_or(|prefix| key.is_some_and(|key| key.starts_with(prefix.as_str())))
    }

    /// Whether the fault applies to this request; counts it.
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

setters! {
    Fault as fault:
    /// Matches only this bucket.
    bucket(bucket: &str) { fault.bucket = Some(bucket.to_owned()) }
    /// Matches only this key.
    key(key: &str) { fault.key = Some(key.to_owned()) }
    /// Matches only keys that begin like this.
    prefix(prefix: &str) { fault.prefix = Some(prefix.to_owned()) }
    /// Lets the first matching requests pass.
    skip(requests: u32) { fault.skip = requests }
    /// Ends after this number of requests.
    times(times: u32) { fault.times = Some(times) }
    /// Applies to each request by chance, repeatably from a seed: 0.02 is two in a hundred.
    probability(share: f64, seed: u64) { fault.probability = Some((share, seed)) }
    /// Answers with this status, S3 code and message; nothing is done.
    status(status: u16, code: &str, message: &str) {
        fault.kind = FaultKind::Status(status, code.to_owned(), message.to_owned());
    }
    /// Does what was asked, then answers with this status, S3 code and message.
    status_after_effect(status: u16, code: &str, message: &str) {
        fault.kind = FaultKind::StatusAfter(status, code.to_owned(), message.to_owned());
    }
    /// Closes the connection without an answer; the request is carried out after this delay.
    close_and_take_effect_later(delay: Duration) { fault.kind = FaultKind::Late(delay) }
    /// Answers with this status, content type and body; nothing is done.
    raw_body(status: u16, content_type: &str, body: impl Into<Bytes>) {
        fault.kind = FaultKind::Raw(status, content_type.to_owned(), body.into());
    }
    /// Does what was asked, then answers with this status, content type and body.
    raw_body_after_effect(status: u16, content_type: &str, body: impl Into<Bytes>) {
        fault.kind = FaultKind::RawAfter(status, content_type.to_owned(), body.into());
    }
    /// Waits, then does what was asked and answers. Other requests are served meanwhile.
    delay(delay: Duration) { fault.kind = FaultKind::Delay(delay) }
    /// Does what was asked, then waits before the answer: it says what was true before the wait.
    delay_answer(delay: Duration) { fault.kind = FaultKind::DelayAnswer(delay) }
    /// Closes the connection without an answer; nothing is done.
    close_before_effect() { fault.kind = FaultKind::CloseBefore }
    /// Does what was asked, then closes the connection without an answer.
    close_after_effect() { fault.kind = FaultKind::CloseAfter }
    /// Announces the whole body and closes the connection after this number of bytes.
    cut_body(bytes: usize) { fault.kind = FaultKind::CutBody(bytes) }
    /// Sends what a function makes of the body, with its own length. HEAD answers have no body.
    rewrite(body: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static) {
        fault.kind = FaultKind::Rewrite(Rewrite(Arc::new(body)));
    }
    /// Sends the body in pieces of this many bytes, with a pause before each.
    drip(bytes_per_piece: usize, pause: Duration) { fault.kind = FaultKind::Drip(bytes_per_piece, pause) }
    /// Sends this beginning of a body and then the same byte without end, for as long as the client reads.
    endless(prefix: impl Into<Bytes>, filler: u8) { fault.kind = FaultKind::Endless(prefix.into(), filler) }
    /// Adds a header to the answer, or replaces it. The value may be bytes that are not UTF-8; HTTP forbids only
    /// control characters.
    header(name: &str, value: impl Into<Vec<u8>>) { fault.kind = FaultKind::Header(name.to_owned(), value.into()) }
    /// Of `DeleteObjects/entry`: does what was asked, and names another key in the answer.
    answer_for(key: &str) { fault.kind = FaultKind::AnswerFor(key.to_owned()) }
}

/// A number in 0..1 by splitmix64: enough chance for faults, and the same on every run.
fn chance(state: &mut u64) -> f64 {
    (splitmix(state) >> 11) as f64 / (1u64 << 53) as f64
}

/// Every fault that applies to this request, in the order added.
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
