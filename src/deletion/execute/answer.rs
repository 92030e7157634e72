//! What S3 answers to deletes, and which answer of a batch is whose.
//!
//! A 200 for a batch proves nothing: each key has its own answer inside, or none (API Reference, DeleteObjects).

use std::collections::HashMap;

use s3_answers::{KeyAnswer, KeyResult};

use super::hidden::LIST_FIRST;
use crate::deletion::decide::DeleteOrder;
use crate::deletion::report::UNEXPECTED_ANSWER;
use crate::model::{Failure, FailureKind, reached, shortened};

/// The most keys that S3 takes in one request (API Reference, DeleteObjects).
pub(crate) const BATCH: usize = 1000;

/// What S3 shows under the version ID of a delete marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkerLook {
    /// A delete marker.
    Marker,
    /// A version with content.
    Version,
    /// Nothing.
    Absent,
}

/// S3's answer to one delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DeleteAnswer {
    /// 2xx.
    Done {
        /// `x-amz-delete-marker`.
        delete_marker: bool,
        /// `x-amz-version-id`: the new marker's, or the removed version's.
        version_id: Option<String>,
    },
    /// 412: the object does not match the condition.
    Mismatch(Failure),
    /// 412 without a code of S3. A gateway may have answered, after it forwarded the request.
    MismatchByGateway(Failure),
    /// 409: another client was writing.
    Conflict(Failure),
    /// 404.
    Absent(Failure),
    /// 403.
    Denied(Failure),
    /// The server does not know conditional deletes (501).
    Unsupported(Failure),
    /// 501 without a code of S3, like [`DeleteAnswer::MismatchByGateway`].
    UnsupportedByGateway(Failure),
    /// It was not sent, because its check was too old.
    Aged,
    /// It certainly had no effect, and it may be sent again: SlowDown, 429, or no connection was made.
    NotTaken(Failure),
    /// It certainly had no effect.
    NoEffect(Failure),
    /// S3 itself answered that it failed (500), or a gateway answered that it is over; it may have had an effect.
    Errored(Failure),
    /// It may have an effect, now or later: an error of a gateway, a timeout, a lost or unreadable answer.
    Lost(Failure),
}

/// The If-Match condition of a marker delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// If-Match with the ETag that was checked. A permanent delete has its version ID instead.
    Checked,
    /// If-Match with an ETag that no object has: a server that deletes anyway does not support If-Match.
    Impossible,
    /// Nothing.
    None,
}

/// S3's answer to a batch of deletes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BatchAnswer {
    /// 200, and an answer for each key inside.
    Listed(Vec<KeyAnswer>),
    /// The server takes no batches. With a failure, a gateway may have answered, after it forwarded the request.
    Unsupported(Option<Failure>),
    /// One answer for all of them; never [`DeleteAnswer::Done`].
    All(DeleteAnswer),
}

/// One answer for each order, in their order, and what S3 says it deleted that was not ordered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MatchedAnswers {
    /// One for each order.
    pub(super) answers: Vec<DeleteAnswer>,
    /// Keys and versions of no order.
    pub(super) foreign: Vec<(String, String)>,
}

/// Finds the answer of each order. All orders are of one bucket.
///
/// A missing answer and contradicting answers are lost answers. So is a success if S3 also reports a delete that was not
/// requested, because such a server may have mixed them up.
pub(super) fn match_answers(orders: &[&DeleteOrder], listed: Vec<KeyAnswer>) -> MatchedAnswers {
    let id = |order: &DeleteOrder| order.object().version_id.clone();
    let mut by_key: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, order) in orders.iter().enumerate() {
        by_key.entry(order.object().key.as_str()).or_default().push(at);
    }
    let mut found: Vec<Option<DeleteAnswer>> = vec![None; orders.len()];
    let mut foreign = Vec::new();
    for KeyAnswer { key, version_id, result } in listed {
        // Some servers omit the id of the null version.
        let version_id = version_id.unwrap_or_else(|| "null".to_owned());
        let places = by_key.get(key.as_str()).map_or(&[][..], Vec::as_slice);
        let is_its = |at: &&usize| id(orders[**at]).is_some_and(|id| id.is_named_by(Some(&version_id)));
        match (places.iter().find(is_its), result) {
            (Some(at), result) => {
                let new = answer_of(version_id, result);
                let slot = &mut found[*at];
                *slot = Some(match slot.take() {
                    None => new,
                    Some(old) if old == new => new,
                    Some(_) => DeleteAnswer::Lost(unclear("S3 reported this version twice, with different results")),
                });
            }
            (None, KeyResult::Deleted { .. }) => {
                foreign.push((key, version_id));
            }
            // An error about a foreign key has no effect.
            (None, KeyResult::Error { .. }) => {}
        }
    }
    let answers = found.into_iter().map(|answer| match answer {
        None => {
            reached!("an answer to a batch left a version out");
            DeleteAnswer::Lost(unclear("S3 answered the batch without this version"))
        }
        Some(DeleteAnswer::Done { .. }) if !foreign.is_empty() => {
            DeleteAnswer::Lost(unclear("S3 reports that it also deleted something that the request did not name"))
        }
        Some(answer) => answer,
    });
    MatchedAnswers { answers: answers.collect(), foreign }
}

fn unclear(text: &str) -> Failure {
    Failure::new(UNEXPECTED_ANSWER, text, Some(LIST_FIRST))
}

fn answer_of(version_id: String, result: KeyResult) -> DeleteAnswer {
    match result {
        KeyResult::Deleted { delete_marker } => DeleteAnswer::Done { delete_marker, version_id: Some(version_id) },
        KeyResult::Error { code, message } => {
            let (code, message) = (shortened(&code), shortened(&message));
            let text = format!("S3 answered {code:?} for this version: {}", message.trim_end_matches('.'));
            let failure = Failure::new(&code, text, None);
            match code.as_str() {
                "AccessDenied" => DeleteAnswer::Denied(Failure { kind: FailureKind::Denied, ..failure }),
                "NoSuchKey" | "NoSuchVersion" => DeleteAnswer::Absent(failure),
                "PreconditionFailed" => DeleteAnswer::Mismatch(failure),
                "ConditionalRequestConflict" | "OperationAborted" => DeleteAnswer::Conflict(failure),
                "SlowDown" => DeleteAnswer::NotTaken(failure),
                "InvalidArgument" | "InvalidRequest" | "MalformedXML" | "MethodNotAllowed" | "NotImplemented" => {
                    DeleteAnswer::NoEffect(failure)
                }
                "InternalError" => DeleteAnswer::Errored(failure),
                // No other code says whether the delete had an effect.
                _ => DeleteAnswer::Lost(failure),
            }
        }
    }
}

/// Whether a batch can name this key: XML has no way to write most control characters, and parsers change others.
pub(super) fn fits_a_batch(key: &str) -> bool {
    !key.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{fffe}' | '\u{ffff}'))
        && key.trim() == key
        && !key.is_empty()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::deletion::decide::DeleteMode;
    use crate::deletion::fixtures::{object, order as order_for};
    use crate::model::ObjectId;

    fn order(key: &str, version: &str) -> DeleteOrder {
        order_for(&ObjectId { key: key.into(), ..object(Some(version)) }, DeleteMode::Permanent)
    }

    fn deleted(key: &str, version: Option<&str>) -> KeyAnswer {
        KeyAnswer {
            key: key.into(),
            version_id: version.map(str::to_owned),
            result: KeyResult::Deleted { delete_marker: false },
        }
    }

    fn error(key: &str, version: &str, code: &str) -> KeyAnswer {
        KeyAnswer {
            result: KeyResult::Error { code: code.into(), message: "no.".into() },
            ..deleted(key, Some(version))
        }
    }

    fn name(answer: &DeleteAnswer) -> &'static str {
        match answer {
            DeleteAnswer::Done { .. } => "done",
            DeleteAnswer::Mismatch(_) | DeleteAnswer::MismatchByGateway(_) => "mismatch",
            DeleteAnswer::Conflict(_) => "conflict",
            DeleteAnswer::Absent(_) => "absent",
            DeleteAnswer::Denied(_) => "denied",
            DeleteAnswer::Unsupported(_) | DeleteAnswer::UnsupportedByGateway(_) => "unsupported",
            DeleteAnswer::Aged => "aged",
            DeleteAnswer::NotTaken(_) => "not taken",
            DeleteAnswer::NoEffect(_) => "no effect",
            DeleteAnswer::Errored(_) => "errored",
            DeleteAnswer::Lost(_) => "lost",
        }
    }

    #[test]
    fn each_order_has_the_answer_that_names_its_version() {
        let orders = [order("a", "1"), order("a", "2"), order("b", "null")];
        let orders: Vec<&DeleteOrder> = orders.iter().collect();
        let table: [(Vec<KeyAnswer>, [&str; 3], usize); 10] = [
            (vec![], ["lost"; 3], 0),
            (vec![deleted("b", None), deleted("a", Some("2")), deleted("a", Some("1"))], ["done"; 3], 0),
            (vec![deleted("a", Some("1")), error("a", "2", "AccessDenied")], ["done", "denied", "lost"], 0),
            (vec![deleted("a", None)], ["lost"; 3], 1),
            (vec![deleted("a", Some("1")), deleted("a", Some("1"))], ["done", "lost", "lost"], 0),
            (vec![deleted("b", None), deleted("b", Some("null"))], ["lost", "lost", "done"], 0),
            (vec![deleted("a", Some("1")), error("a", "1", "InternalError")], ["lost"; 3], 0),
            (vec![deleted("a", Some("1")), deleted("c", Some("9"))], ["lost"; 3], 1),
            (vec![error("a", "1", "InternalError"), error("a", "2", "SlowDown")], ["errored", "not taken", "lost"], 0),
            (vec![error("c", "9", "AccessDenied"), error("a", "2", "Strange")], ["lost", "lost", "lost"], 0),
        ];
        for (at, (listed, expected, foreign)) in table.into_iter().enumerate() {
            let matched = match_answers(&orders, listed);
            assert_eq!(matched.answers.iter().map(name).collect::<Vec<_>>(), expected, "row {at}");
            assert_eq!(matched.foreign.len(), foreign, "row {at}");
        }
    }

    #[test]
    fn what_became_of_a_version_is_told_only_by_words_that_s3_explains() {
        let table = [
            ("denied", &["AccessDenied"][..]),
            ("absent", &["NoSuchKey", "NoSuchVersion"]),
            ("mismatch", &["PreconditionFailed"]),
            ("conflict", &["ConditionalRequestConflict", "OperationAborted"]),
            ("not taken", &["SlowDown"]),
            ("no effect", &["InvalidArgument", "InvalidRequest", "MalformedXML", "MethodNotAllowed"]),
            ("no effect", &["NotImplemented"]),
            ("errored", &["InternalError"]),
            ("lost", &["ServiceUnavailable", "RequestTimeout", "accessdenied", ""]),
        ];
        let order = order("a", "1");
        for (expected, code) in table.into_iter().flat_map(|(name, codes)| codes.iter().map(move |code| (name, code))) {
            let answer = match_answers(&[&order], vec![error("a", "1", code)]).answers.remove(0);
            assert_eq!(name(&answer), expected, "{code}");
            if let DeleteAnswer::Denied(failure) = answer {
                assert_eq!(failure.kind, FailureKind::Denied);
            }
        }
    }

    fn any_answer() -> impl Strategy<Value = KeyAnswer> {
        let key = prop::sample::select(vec!["a", "b", "c", "x"]);
        let version = prop::option::of(prop::sample::select(vec!["1", "2", "null", "9"]));
        let code = prop::option::of(prop::sample::select(vec!["AccessDenied", "InternalError", "SlowDown", "Odd"]));
        (key, version, code).prop_map(|(key, version, code)| match code {
            None => deleted(key, version),
            Some(code) => error(key, version.unwrap_or("null"), code),
        })
    }

    proptest! {
        #[test]
        fn every_order_has_one_answer_and_success_only_if_it_was_named(
            listed in prop::collection::vec(any_answer(), 0..12)
        ) {
            let orders = [order("a", "1"), order("a", "2"), order("b", "1"), order("c", "null")];
            let orders: Vec<&DeleteOrder> = orders.iter().collect();
            let matched = match_answers(&orders, listed.clone());
            prop_assert_eq!(matched.answers.len(), orders.len());
            for (order, answer) in orders.iter().zip(&matched.answers) {
                let version = order.object().version_id.as_ref().unwrap();
                let mut about = listed.iter().filter(|one| {
                    one.key == order.object().key && version.is_named_by(one.version_id.as_deref())
                });
                let all_good = about.clone().all(|one| matches!(one.result, KeyResult::Deleted { .. }));
                let done = about.next().is_some() && all_good && matched.foreign.is_empty();
                prop_assert_eq!(matches!(answer, DeleteAnswer::Done { .. }), done);
            }
        }
    }

    #[test]
    fn keys_that_xml_can_t_hold_go_alone() {
        for key in ["a", "a b", "<&>\"'", "ü/語/😀", "a//b", "%0A"] {
            assert!(fits_a_batch(key), "{key:?}");
        }
        for key in ["", "a\nb", "\u{1}", "a\rb", "\u{85}", "\u{2028}", "\u{ffff}", " a", "a "] {
            assert!(!fits_a_batch(key), "{key:?}");
        }
    }
}
