//! Applies faults to an answer that is ready to be sent: it is cut, slowed down or changed.
//!
//! Bytes on the wire stay valid HTTP, except for `cut_body`, which breaks off on purpose.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use hyper::body::Frame;
use s3s::Body;

use crate::fault::FaultKind;

/// Bytes in one piece of an endless body.
const FILLER_PIECE: usize = 64 << 10;

/// An answer of a test's own making.
pub(crate) fn raw(status: u16, content_type: &str, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Ok(value) = HeaderValue::from_str(content_type) {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    response
}

/// Applies one fault to an answer; true if it changed a header or the body. `head` answers have no body to change.
pub(crate) async fn disfigure(response: &mut Response<Body>, kind: &FaultKind, head: bool) -> bool {
    match kind {
        FaultKind::Header(name, value) => {
            let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value))
            else {
                panic!("HTTP has no header {name:?} with the bytes {value:?}");
            };
            response.headers_mut().insert(name, value);
            true
        }
        _ if head => false,
        FaultKind::CutBody(bytes) => {
            break_off(response, *bytes).await;
            true
        }
        FaultKind::Rewrite(rewrite) => {
            let Ok(whole) = response.body_mut().store_all_limited(usize::MAX).await else { return false };
            let body = Bytes::from((rewrite.0)(whole.to_vec()));
            let changed = body != whole;
            response.headers_mut().remove(TRANSFER_ENCODING);
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
            *response.body_mut() = Body::from(body);
            changed
        }
        FaultKind::Drip(bytes, pause) => {
            drip(response, (*bytes).max(1), *pause).await;
            false
        }
        FaultKind::Endless(prefix, filler) => {
            response.headers_mut().remove(CONTENT_LENGTH);
            *response.body_mut() = framed(endless(prefix.clone(), *filler));
            true
        }
        // These apply to the request, not to the answer.
        FaultKind::Status(..)
        | FaultKind::StatusAfter(..)
        | FaultKind::Raw(..)
        | FaultKind::RawAfter(..)
        | FaultKind::Late(_)
        | FaultKind::Delay(_)
        | FaultKind::DelayAnswer(_)
        | FaultKind::CloseBefore
        | FaultKind::CloseAfter
        | FaultKind::AnswerFor(_) => false,
    }
}

fn framed(pieces: impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static) -> Body {
    Body::http_body_unsync(http_body_util::StreamBody::new(pieces.map(|piece| piece.map(Frame::data))))
}

/// Announces the whole body, sends its beginning, and breaks off.
async fn break_off(response: &mut Response<Body>, bytes: usize) {
    let Ok(whole) = response.body_mut().store_all_limited(usize::MAX).await else { return };
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let begin = whole.slice(..bytes.min(whole.len()));
    // The pause lets hyper send what it has before it learns of the break.
    let broken = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(std::io::Error::other("body cut on purpose"))
    };
    *response.body_mut() = framed(stream::once(std::future::ready(Ok(begin))).chain(stream::once(broken)));
}

/// Sends the body in small pieces with a pause before each.
async fn drip(response: &mut Response<Body>, bytes: usize, pause: Duration) {
    let Ok(whole) = response.body_mut().store_all_limited(usize::MAX).await else { return };
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(whole.len()));
    *response.body_mut() = framed(stream::unfold(whole, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let piece = rest.split_to(bytes.min(rest.len()));
        Some((Ok(piece), rest))
    }));
}

/// A beginning, and then the same byte for as long as the client reads.
fn endless(prefix: Bytes, filler: u8) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send {
    let piece = Bytes::from(vec![filler; FILLER_PIECE]);
    stream::once(std::future::ready(Ok(prefix))).chain(stream::repeat_with(move || Ok(piece.clone())))
}
