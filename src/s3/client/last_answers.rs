//! Finds an answer that arrives twice.
//!
//! A proxy may send an answer again. If the next request was already sent on that connection, the HTTP client takes the old
//! answer for the new one. Answers to HEAD and DELETE name no object, so this would not be noticed. S3 gives each answer its
//! own request ID. Some servers give all answers one ID, and two objects may have the same headers: for these servers, an
//! answer is refused only once.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use aws_sdk_s3::config::http::HttpResponse;

/// More than the requests in flight: an answer that comes again comes soon.
const KEPT: usize = 256;

/// The last answers of the servers of one client.
#[derive(Debug, Default)]
pub(in crate::s3) struct LastAnswers(Mutex<Answers>);

#[derive(Debug, Default)]
struct Answers {
    last: VecDeque<EarlierAnswer>,
    /// Hashes of the servers whose request IDs are not unique, so they show nothing.
    constant: HashSet<u64>,
}

#[derive(Debug)]
struct EarlierAnswer {
    /// Hashes of the server and of the request ID.
    server: u64,
    id: u64,
    /// A hash of the status and of all headers but `Date`, which a proxy may write.
    content: u64,
    /// Whether it was refused when it came again.
    refused: bool,
}

impl LastAnswers {
    /// Whether this answer came before, with all its headers. Answers without a request ID are not compared.
    pub(super) fn has_repeated(&self, host: &str, response: &HttpResponse) -> bool {
        let headers = response.headers();
        let Some(id) = headers.get("x-amz-request-id").or_else(|| headers.get("x-amzn-requestid")) else {
            return false;
        };
        let hash = |of: &dyn Fn(&mut DefaultHasher)| {
            let mut hasher = DefaultHasher::new();
            of(&mut hasher);
            hasher.finish()
        };
        let content = hash(&|hasher| {
            response.status().as_u16().hash(hasher);
            headers.iter_bytes().filter(|(name, _)| *name != "date").for_each(|header| header.hash(hasher));
        });
        let (server, id) = (hash(&|hasher| host.hash(hasher)), hash(&|hasher| id.hash(hasher)));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).has(server, id, content)
    }
}

impl Answers {
    fn has(&mut self, server: u64, id: u64, content: u64) -> bool {
        if self.constant.contains(&server) {
            return false;
        }
        match self.last.iter_mut().find(|earlier| (earlier.server, earlier.id) == (server, id)) {
            // One ID for different answers, or again on a new connection: the server gives several answers one ID.
            Some(earlier) if earlier.content != content || earlier.refused => {
                self.constant.insert(server);
                false
            }
            Some(earlier) => {
                earlier.refused = true;
                true
            }
            None => {
                if self.last.len() == KEPT {
                    self.last.pop_front();
                }
                self.last.push_back(EarlierAnswer { server, id, content, refused: false });
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
        assert_eq!([1, 2, 1, 3, 2].map(|id| answers.has(0, id, 0)), [false, false, true, false, true]);
        // The same again after another request shows that the server repeats its IDs.
        assert_eq!([1, 3, 3].map(|id| answers.has(0, id, 0)), [false; 3]);
        let mut answers = Answers::default();
        assert!((0..=KEPT as u64).all(|id| !answers.has(0, id, 0)));
        assert!(!answers.has(0, 0, 0), "too long ago");
        assert!(answers.has(0, KEPT as u64, 0));
        assert_eq!(answers.last.len(), KEPT);
    }

    #[test]
    fn different_answers_with_one_id_show_that_ids_are_not_unique() {
        let mut answers = Answers::default();
        assert!(!answers.has(0, 1, 1) && !answers.has(0, 1, 2));
        assert!([(1, 1), (1, 2), (2, 1), (2, 1)].into_iter().all(|(id, content)| !answers.has(0, id, content)));
        // That says nothing of another server.
        assert_eq!([answers.has(1, 1, 1), answers.has(1, 1, 1)], [false, true]);
    }
}
