//! What S3's answers to deletes mean: whether they had an effect, and whether the request may be sent again.

use s3_answers::read_delete_result;

use super::client::{ErrorAnswer, RequestError, TransportError};
use crate::deletion::{BatchAnswer, DeleteAnswer};
use crate::model::Failure;

/// An unreadable answer says nothing about any key: each key is looked up.
pub(super) fn listed(bytes: &[u8], attempt: &str) -> BatchAnswer {
    match read_delete_result(bytes) {
        Ok(answers) => BatchAnswer::Listed(answers),
        Err(cause) => {
            let failure = Failure::new("UnreadableAnswer", format!("{attempt}: {cause}"), None);
            BatchAnswer::All(DeleteAnswer::Lost(failure))
        }
    }
}

pub(super) fn answer(error: RequestError, attempt: &str) -> DeleteAnswer {
    let kind: fn(Failure) -> DeleteAnswer = match &error {
        RequestError::Answered(answer) => match (answer.status, answer.code.as_deref()) {
            (429, _) | (503, Some("SlowDown")) => DeleteAnswer::NotTaken,
            // A proxy may send 408 for a request that it forwarded.
            (408, _) => DeleteAnswer::Lost,
            // A gateway sends no code of S3, and may have forwarded the request: a lookup shows what became of it.
            (412, None) => DeleteAnswer::MismatchByGateway,
            (501, None) => DeleteAnswer::UnsupportedByGateway,
            (300..=499, None) | (500, Some(_)) => DeleteAnswer::Errored,
            (412, _) => DeleteAnswer::Mismatch,
            (501, _) => DeleteAnswer::Unsupported,
            (409, _) => DeleteAnswer::Conflict,
            (404, Some("NoSuchBucket")) => DeleteAnswer::NoEffect,
            (404, _) => DeleteAnswer::Absent,
            (403, _) => DeleteAnswer::Denied,
            (300..=499, _) => DeleteAnswer::NoEffect,
            (_, _) => DeleteAnswer::Lost,
        },
        RequestError::NoAnswer { transport, .. } => match transport {
            TransportError::NeverSent => DeleteAnswer::NotTaken,
            TransportError::NotBuilt | TransportError::ArnInPath => DeleteAnswer::NoEffect,
            TransportError::TimedOut
            | TransportError::Broken
            | TransportError::Unusable
            | TransportError::Cached
            | TransportError::Panicked => DeleteAnswer::Lost,
        },
    };
    kind(error.failure(attempt))
}

pub(super) fn batch_answer(error: RequestError, attempt: &str) -> BatchAnswer {
    let has_code = error.answer().is_some_and(|answer| answer.code.is_some());
    match error.answer().map_or(0, |answer| answer.status) {
        405 | 501 => BatchAnswer::Unsupported((!has_code).then(|| error.failure(attempt))),
        400 if error.answer().is_some_and(takes_no_batches) => BatchAnswer::Unsupported(None),
        // A batch has no condition, and these statuses are about a single key.
        404 | 409 | 412 if has_code => BatchAnswer::All(DeleteAnswer::NoEffect(error.failure(attempt))),
        412 => BatchAnswer::All(DeleteAnswer::Errored(error.failure(attempt))),
        _ => BatchAnswer::All(answer(error, attempt)),
    }
}

/// Whether a server needs another checksum than the SDK sends, or can't parse its request: then versions are deleted one by
/// one. Servers have no common code for this, so the words of the message count. A 400 never has an effect.
fn takes_no_batches(answer: &ErrorAnswer) -> bool {
    const WORDS: [&str; 5] = ["NotImplemented", "MethodNotAllowed", "MD5", "checksum", "MalformedXML"];
    let texts = [answer.code.as_deref(), answer.message.as_deref()];
    texts.into_iter().flatten().any(|text| WORDS.iter().any(|word| text.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, code: Option<&str>, message: Option<&str>) -> RequestError {
        let (code, message) = (code.map(str::to_owned), message.map(str::to_owned));
        RequestError::Answered(Box::new(ErrorAnswer { status, code, message, ..ErrorAnswer::default() }))
    }

    fn name(answer: &DeleteAnswer) -> &'static str {
        match answer {
            DeleteAnswer::Mismatch(_) => "mismatch",
            DeleteAnswer::Conflict(_) => "conflict",
            DeleteAnswer::Absent(_) => "absent",
            DeleteAnswer::Denied(_) => "denied",
            DeleteAnswer::MismatchByGateway(_) => "mismatch by a gateway",
            DeleteAnswer::Unsupported(_) => "unsupported",
            DeleteAnswer::UnsupportedByGateway(_) => "unsupported by a gateway",
            DeleteAnswer::Errored(_) => "errored",
            DeleteAnswer::Aged => "aged",
            DeleteAnswer::NotTaken(_) => "not taken",
            DeleteAnswer::NoEffect(_) => "no effect",
            DeleteAnswer::Lost(_) => "lost",
            DeleteAnswer::Done { .. } => "done",
        }
    }

    #[test]
    fn a_batch_that_a_server_does_not_take_is_sent_one_by_one() {
        let table = [
            (501, Some("NotImplemented"), None, "singly"),
            (405, Some("MethodNotAllowed"), None, "singly"),
            (400, Some("NotImplemented"), None, "singly"),
            (400, Some("InvalidRequest"), Some("Missing required header for this request: Content-MD5"), "singly"),
            (400, Some("ExpiredToken"), None, "no effect"),
            (404, Some("NoSuchBucket"), None, "no effect"),
            (404, None, None, "errored"),
            (409, Some("OperationAborted"), None, "no effect"),
            (412, Some("PreconditionFailed"), None, "no effect"),
            (412, None, None, "errored"),
            (405, None, None, "singly, and may be deleted"),
            (501, None, None, "singly, and may be deleted"),
            (307, None, None, "errored"),
            (413, None, None, "errored"),
            (503, Some("SlowDown"), None, "not taken"),
            (403, Some("AccessDenied"), None, "denied"),
            (500, Some("InternalError"), None, "errored"),
            (504, None, None, "lost"),
            (200, None, None, "lost"),
        ];
        for (status, code, message, expected) in table {
            let found = match batch_answer(answered(status, code, message), "deleting") {
                BatchAnswer::Unsupported(None) => "singly",
                BatchAnswer::Unsupported(Some(_)) => "singly, and may be deleted",
                BatchAnswer::All(answer) => name(&answer),
                BatchAnswer::Listed(_) => "listed",
            };
            assert_eq!(found, expected, "{status} {code:?}");
        }
    }

    #[test]
    fn only_proof_of_no_effect_is_no_effect() {
        let table = [
            (412, Some("PreconditionFailed"), "mismatch"),
            (412, None, "mismatch by a gateway"),
            (409, Some("ConditionalRequestConflict"), "conflict"),
            (409, None, "errored"),
            (500, Some("InternalError"), "errored"),
            (404, Some("NoSuchKey"), "absent"),
            (404, Some("NoSuchVersion"), "absent"),
            (404, Some("NoSuchBucket"), "no effect"),
            (404, None, "errored"),
            (403, Some("AccessDenied"), "denied"),
            (403, None, "errored"),
            (501, Some("NotImplemented"), "unsupported"),
            (501, None, "unsupported by a gateway"),
            (400, Some("InvalidRequest"), "no effect"),
            (400, None, "errored"),
            (499, None, "errored"),
            (301, Some("PermanentRedirect"), "no effect"),
            (301, None, "errored"),
            (304, None, "errored"),
            (429, None, "not taken"),
            (503, Some("SlowDown"), "not taken"),
            (408, None, "lost"),
            (408, Some("RequestTimeout"), "lost"),
            (503, None, "lost"),
            (500, None, "lost"),
            (502, None, "lost"),
            (200, None, "lost"),
        ];
        for (status, code, expected) in table {
            assert_eq!(name(&answer(answered(status, code, None), "deleting")), expected, "{status} {code:?}");
        }
        let table = [
            (TransportError::NeverSent, "not taken"),
            (TransportError::NotBuilt, "no effect"),
            (TransportError::ArnInPath, "no effect"),
            (TransportError::TimedOut, "lost"),
            (TransportError::Broken, "lost"),
            (TransportError::Unusable, "lost"),
            (TransportError::Cached, "lost"),
            (TransportError::Panicked, "lost"),
        ];
        for (transport, expected) in table {
            let error = RequestError::NoAnswer { transport, cause: String::new(), endpoint: None };
            assert_eq!(name(&answer(error, "deleting")), expected, "{transport:?}");
        }
    }
}
