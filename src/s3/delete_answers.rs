//! What S3's answers to deletes mean: whether there was an effect, and whether the request may be sent again.

use s3_answers::read_delete_result;

use super::client::{RequestError, TransportError};
use crate::deletion::{BatchAnswer, DeleteAnswer};
use crate::model::Failure;

/// An answer that can't be read answers for no key: each is looked up.
pub(super) fn listed(bytes: &[u8], attempt: &str) -> BatchAnswer {
    match read_delete_result(bytes) {
        Ok(answers) => BatchAnswer::Listed(answers),
        Err(cause) => {
            let failure = Failure::new("UnreadableAnswer", format!("{attempt}: {cause}"), None);
            BatchAnswer::All(DeleteAnswer::Lost(failure))
        }
    }
}

pub(super) fn answer(raw: RequestError, attempt: &str) -> DeleteAnswer {
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
        (Some(429), _) => DeleteAnswer::NotTaken(failure),
        (Some(503), _) if slow_down => DeleteAnswer::NotTaken(failure),
        // A proxy says 408 of a request that it passed on, too.
        (Some(408), _) => DeleteAnswer::Lost(failure),
        (Some(300..=499), _) => DeleteAnswer::NoEffect(failure),
        (None, Some(TransportError::NeverSent)) => DeleteAnswer::NotTaken(failure),
        (None, Some(TransportError::NotBuilt)) => DeleteAnswer::NoEffect(failure),
        (_, _) => DeleteAnswer::Lost(failure),
    }
}

pub(super) fn batch_answer(raw: RequestError, attempt: &str) -> BatchAnswer {
    let told = |raw: &RequestError, words: &[&str]| {
        let all = [raw.code.as_deref(), raw.message.as_deref()];
        all.into_iter().flatten().any(|text| words.iter().any(|word| text.contains(word)))
    };
    match raw.status {
        Some(405 | 501) => BatchAnswer::Unsupported(raw.failure(attempt)),
        // Servers that want another checksum than the SDK sends, or can't read what it writes, are sent one by one.
        Some(400) if told(&raw, &["NotImplemented", "MethodNotAllowed", "MD5", "checksum", "MalformedXML"]) => {
            BatchAnswer::Unsupported(raw.failure(attempt))
        }
        // There is no condition to miss, and no key that the whole of it is about.
        Some(404 | 409 | 412) => BatchAnswer::All(DeleteAnswer::NoEffect(raw.failure(attempt))),
        _ => BatchAnswer::All(answer(raw, attempt)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_that_a_server_can_t_take_is_told_from_one_that_it_refused() {
        let raw = |status: u16, code: Option<&str>, message: Option<&str>| RequestError {
            status: Some(status),
            code: code.map(str::to_owned),
            message: message.map(str::to_owned),
            ..RequestError::default()
        };
        let name = |answer: BatchAnswer| match answer {
            BatchAnswer::Unsupported(_) => "singly",
            BatchAnswer::All(DeleteAnswer::NotTaken(_)) => "not taken",
            BatchAnswer::All(DeleteAnswer::NoEffect(_)) => "no effect",
            BatchAnswer::All(DeleteAnswer::Denied(_)) => "denied",
            BatchAnswer::All(DeleteAnswer::Errored(_)) => "errored",
            BatchAnswer::All(DeleteAnswer::Lost(_)) => "lost",
            BatchAnswer::All(_) | BatchAnswer::Listed(_) => "other",
        };
        let table = [
            (raw(501, Some("NotImplemented"), None), "singly"),
            (raw(405, Some("MethodNotAllowed"), None), "singly"),
            (raw(400, Some("NotImplemented"), None), "singly"),
            (raw(400, Some("InvalidRequest"), Some("Missing required header for this request: Content-MD5")), "singly"),
            (raw(400, Some("ExpiredToken"), None), "no effect"),
            (raw(404, Some("NoSuchBucket"), None), "no effect"),
            (raw(503, Some("SlowDown"), None), "not taken"),
            (raw(403, Some("AccessDenied"), None), "denied"),
            (raw(500, Some("InternalError"), None), "errored"),
            (raw(504, None, None), "lost"),
            (raw(200, None, None), "lost"),
        ];
        for (raw, expected) in table {
            let shown = format!("{raw:?}");
            assert_eq!(name(batch_answer(raw, "deleting")), expected, "{shown}");
        }
    }

    #[test]
    fn only_proof_of_no_effect_is_no_effect() {
        let raw = |status: Option<u16>, code: Option<&str>, transport| RequestError {
            status,
            code: code.map(str::to_owned),
            transport,
            ..RequestError::default()
        };
        let name = |answer: DeleteAnswer| match answer {
            DeleteAnswer::Mismatch(_) => "mismatch",
            DeleteAnswer::Conflict(_) => "conflict",
            DeleteAnswer::Absent(_) => "absent",
            DeleteAnswer::Denied(_) => "denied",
            DeleteAnswer::Unsupported(_) => "unsupported",
            DeleteAnswer::Errored(_) => "errored",
            DeleteAnswer::Aged => "aged",
            DeleteAnswer::NotTaken(_) => "not taken",
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
            (raw(Some(429), None, None), "not taken"),
            (raw(Some(503), Some("SlowDown"), None), "not taken"),
            (raw(None, None, Some(TransportError::NeverSent)), "not taken"),
            (raw(None, None, Some(TransportError::NotBuilt)), "no effect"),
            (raw(Some(408), None, None), "lost"),
            (raw(Some(408), Some("RequestTimeout"), None), "lost"),
            (raw(Some(503), None, None), "lost"),
            (raw(Some(500), None, None), "lost"),
            (raw(Some(502), None, None), "lost"),
            (raw(Some(200), None, None), "lost"),
            (raw(None, None, Some(TransportError::TimedOut)), "lost"),
            (raw(None, None, Some(TransportError::Broken)), "lost"),
            (raw(None, None, None), "lost"),
        ];
        for (raw, expected) in table {
            let shown = format!("{raw:?}");
            assert_eq!(name(answer(raw, "deleting")), expected, "{shown}");
        }
    }
}
