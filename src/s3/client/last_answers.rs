//! Finds an answer that arrives twice.
//!
//! A proxy may send an answer again. If the next request was already sent on that connection, the HTTP client takes the old
//! answer for the new one. Answers to HEAD and DELETE name no object, so this would not be noticed. S3 gives each answer its
//! own request ID. Some servers do not, and then answers about two objects can be alike: what each server sends shows which
//! kind it is.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use aws_sdk_s3::config::http::HttpResponse;

/// At least this many answers are remembered: twice the most requests in flight, because an answer that comes again comes
/// soon.
const KEPT: usize = 8192;

/// The last answers of the servers of one client.
#[derive(Debug, Default)]
pub(in crate::s3) struct LastAnswers(Mutex<Answers>);

/// Hashes of a server and of a request ID.
type AnswerName = (u64, u64);

#[derive(Debug, Default)]
struct Answers {
    /// By the hash of the server.
    servers: HashMap<u64, RequestIds>,
    recent: HashMap<AnswerName, EarlierAnswer>,
    /// Up to [`KEPT`] answers before the recent ones.
    older: HashMap<AnswerName, EarlierAnswer>,
}

/// What a server has shown of its request IDs.
#[derive(Debug, PartialEq, Eq)]
enum RequestIds {
    /// All answers so far had this one (its hash).
    One(u64),
    /// Answers had several, so each one has its own.
    Several,
    /// Different answers had the same one: it shows nothing.
    Shared,
}

#[derive(Debug, Clone, Copy)]
struct EarlierAnswer {
    /// A hash of what S3 says in it.
    content: u64,
    /// Whether it was refused when it came again.
    refused: bool,
}

impl LastAnswers {
    /// Whether this answer came before. Answers without a request ID are not compared.
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
            headers.iter_bytes().filter(|(name, _)| is_of_s3(name)).for_each(|header| header.hash(hasher));
        });
        let (server, id) = (hash(&|hasher| host.hash(hasher)), hash(&|hasher| id.hash(hasher)));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).has(server, id, content)
    }
}

/// Whether a header is about the object or the answer itself. A proxy writes the others, such as `Via`, for each copy.
fn is_of_s3(name: &str) -> bool {
    matches!(name, "content-length" | "etag" | "last-modified")
        || name.strip_prefix("x-amz-").is_some_and(|rest| !rest.starts_with("cf-"))
}

impl Answers {
    fn has(&mut self, server: u64, id: u64, content: u64) -> bool {
        let ids = self.servers.entry(server).or_insert(RequestIds::One(id));
        match ids {
            RequestIds::Shared => return false,
            RequestIds::One(first) if *first != id => *ids = RequestIds::Several,
            RequestIds::One(_) | RequestIds::Several => {}
        }
        let name = (server, id);
        match self.recent.get_mut(&name).or_else(|| self.older.get_mut(&name)) {
            Some(earlier) if earlier.content != content => {
                *ids = RequestIds::Shared;
                false
            }
            // If the server has only one ID, two answers may be alike. Then one is refused, and the same after it is not.
            Some(earlier) => *ids == RequestIds::Several || !std::mem::replace(&mut earlier.refused, true),
            None => {
                if self.recent.len() == KEPT {
                    self.older = std::mem::take(&mut self.recent);
                }
                self.recent.insert(name, EarlierAnswer { content, refused: false });
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_comes_again_is_refused_each_time() {
        let mut answers = Answers::default();
        assert_eq!([1, 2, 1, 3, 2].map(|id| answers.has(0, id, 0)), [false, false, true, false, true]);
        assert_eq!([1, 3, 3, 4].map(|id| answers.has(0, id, 0)), [true, true, true, false]);
        // Also after as many others as there are requests in flight.
        let mut answers = Answers::default();
        let last = 3 * KEPT as u64;
        assert!((0..=last).all(|id| !answers.has(0, id, 0)));
        assert!((last - KEPT as u64..=last).all(|id| answers.has(0, id, 0)));
        assert!(answers.recent.len() + answers.older.len() <= 2 * KEPT);
    }

    #[test]
    fn different_answers_with_one_id_show_that_ids_are_not_unique() {
        let mut answers = Answers::default();
        assert!(!answers.has(0, 1, 1) && !answers.has(0, 1, 2));
        assert!([(1, 1), (1, 2), (2, 1), (2, 1)].into_iter().all(|(id, content)| !answers.has(0, id, content)));
        // That says nothing of another server.
        assert_eq!([answers.has(1, 1, 1), answers.has(1, 1, 1)], [false, true]);
    }

    #[test]
    fn an_answer_of_a_server_with_one_id_is_refused_once() {
        let mut answers = Answers::default();
        assert_eq!([1, 1, 1, 1].map(|id| answers.has(0, id, 0)), [false, true, false, false]);
        // It had more IDs after all.
        assert_eq!([2, 1, 2].map(|id| answers.has(0, id, 0)), [false, true, true]);
    }

    #[test]
    fn what_a_proxy_writes_makes_no_other_answer() {
        assert!(["etag", "content-length", "last-modified", "x-amz-version-id"].iter().all(|name| is_of_s3(name)));
        let of_a_proxy =
            ["date", "via", "keep-alive", "x-envoy-upstream-service-time", "x-amz-cf-id", "x-amzn-trace-id"];
        assert!(of_a_proxy.iter().all(|name| !is_of_s3(name)));
    }
}
