//! Finds an answer that arrives twice.
//!
//! A proxy may send an answer again. If the next request was already sent on that connection, the HTTP client takes the old
//! answer for the new one. Answers to HEAD and DELETE name no object, so this would not be noticed. S3 gives each answer its
//! own request ID. Some servers give all answers one ID, and two objects may have the same headers: for these servers, an
//! answer is refused only once.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use aws_sdk_s3::config::http::HttpResponse;

/// More than the requests in flight: an answer that comes again comes soon.
const KEPT: usize = 256;

/// The last answers of the servers of one client.
#[derive(Debug, Default)]
pub(super) struct LastAnswers(Mutex<Answers>);

#[derive(Debug, Default)]
struct Answers {
    /// A hash of each, and whether it was refused when it came again.
    last: VecDeque<(u64, bool)>,
    /// The request IDs are not unique, so they show nothing.
    has_constant_ids: bool,
}

impl LastAnswers {
    /// Whether this answer came before, with all its headers. Answers without a request ID are not compared.
    pub(super) fn has_repeated(&self, host: &str, response: &HttpResponse) -> bool {
        let headers = response.headers();
        if !headers.contains_key("x-amz-request-id") && !headers.contains_key("x-amzn-requestid") {
            return false;
        }
        let mut hasher = DefaultHasher::new();
        (host, response.status().as_u16()).hash(&mut hasher);
        headers.iter_bytes().for_each(|header| header.hash(&mut hasher));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).has(hasher.finish())
    }
}

impl Answers {
    fn has(&mut self, answer: u64) -> bool {
        if self.has_constant_ids {
            return false;
        }
        match self.last.iter_mut().find(|(earlier, _)| *earlier == answer) {
            Some((_, refused)) if *refused => {
                // It came again on a new connection, so the server gives several answers one ID.
                self.has_constant_ids = true;
                false
            }
            Some((_, refused)) => {
                *refused = true;
                true
            }
            None => {
                if self.last.len() == KEPT {
                    self.last.pop_front();
                }
                self.last.push_back((answer, false));
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_comes_again_is_refused_once() {
        let mut answers = Answers::default();
        assert_eq!([1, 2, 1, 3, 2].map(|answer| answers.has(answer)), [false, false, true, false, true]);
        // The same again after another request shows that the server repeats its IDs.
        assert_eq!([1, 3, 3].map(|answer| answers.has(answer)), [false; 3]);
        let mut answers = Answers::default();
        assert!((0..=KEPT as u64).all(|answer| !answers.has(answer)));
        assert!(!answers.has(0), "too long ago");
        assert!(answers.has(KEPT as u64));
        assert_eq!(answers.last.len(), KEPT);
    }
}
