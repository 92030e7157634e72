//! The layer between the SDK and its HTTP client: reads every answer completely before the SDK sees it, except the data of an
//! object.
//!
//! That limits the size of an answer, and the time from the request to its last byte. Headers that make the SDK panic are
//! changed. A GET of an object is streamed, because reports are large; its errors are not.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::{ConfigBag, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_smithy_runtime_api::client::connection::CaptureSmithyConnection;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use s3_answers::is_whole_error;
use tokio::time::Instant;

use super::last_answers::LastAnswers;

/// The largest answer that is read. 1,000 keys of 1,024 bytes, each byte written as `%XX`, take 4 MiB with their properties.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Why an answer is not used.
#[derive(Debug, thiserror::Error)]
pub(in crate::s3) enum RefusedAnswer {
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the answer was not complete {0:?} after the request")]
    TooSlow(Duration),
    #[error("the header {0} of the answer is not UTF-8")]
    Header(String),
    /// S3 never sends `Age`. A cache sends it with an answer that it kept: it says what was true then.
    #[error("a cache answered, and not S3: the answer has the header Age: {0}")]
    Cached(String),
    /// S3 answers 200 to HEAD. Another success does not say that the headers are those of the object.
    #[error("the status of the answer to HEAD is {0}, and S3 sends 200")]
    Success(u16),
    /// A web server answers 200 to any request.
    #[error("the answer is a web page, and has no header of S3 (x-amz-…)")]
    WebPage,
    #[error("the answer is an earlier one again, with the same request ID")]
    Repeated,
}

#[derive(Debug)]
struct WholeAnswerClient {
    client: SharedHttpClient,
    last_answers: Arc<LastAnswers>,
}

/// Wraps a client of the SDK. All clients of one server share the last answers.
pub(in crate::s3) fn whole_answers(client: SharedHttpClient, last_answers: &Arc<LastAnswers>) -> SharedHttpClient {
    SharedHttpClient::new(WholeAnswerClient { client, last_answers: Arc::clone(last_answers) })
}

impl HttpClient for WholeAnswerClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let connector = self.client.http_connector(settings, components);
        let last_answers = Arc::clone(&self.last_answers);
        SharedHttpConnector::new(WholeAnswerConnector { connector, within: settings.read_timeout(), last_answers })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.client.validate_base_client_config(components, config)
    }

    fn validate_final_config(&self, components: &RuntimeComponents, config: &ConfigBag) -> Result<(), BoxError> {
        self.client.validate_final_config(components, config)
    }
}

#[derive(Debug)]
struct WholeAnswerConnector {
    connector: SharedHttpConnector,
    /// For the whole answer, counted from the request.
    within: Option<Duration>,
    last_answers: Arc<LastAnswers>,
}

impl HttpConnector for WholeAnswerConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let reading = request.extension::<BodyHandling>().copied();
        let (is_head, is_delete) = (request.method() == "HEAD", request.method() == "DELETE");
        let (host, last_answers) = (host(&request), Arc::clone(&self.last_answers));
        // Answers of other services have a body that names what they are about.
        let is_of_s3 = !request.headers().contains_key("x-amz-target");
        let connection = request.extension::<CaptureSmithyConnection>().cloned();
        let (answer, within, sent) = (self.connector.call(request), self.within, Instant::now());
        HttpConnectorFuture::new(async move {
            let mut response = answer.await?;
            mend_headers(&mut response)?;
            // Data of an object is not evidence: reports have checksums.
            if !matches!(reading, Some(BodyHandling::Streamed)) {
                refuse_cached(&response)?;
                if is_head {
                    check_head(&response)?;
                }
                if is_delete && response.status().is_success() {
                    refuse_page(&response)?;
                }
                if is_of_s3 && last_answers.has_repeated(&host, &response) {
                    // On this connection, every later answer would be that to the request before. The SDK retries reads on another
                    // one.
                    if let Some(connection) = connection.and_then(|captured| captured.get()) {
                        connection.poison();
                    }
                    return Err(ConnectorError::io(RefusedAnswer::Repeated.into()));
                }
            }
            match reading {
                Some(BodyHandling::Streamed) if response.status().is_success() => return Ok(response),
                // The object itself, of any size: it only shows that the server does not support annotations.
                Some(BodyHandling::Annotations) if response.headers().contains_key("etag") => {
                    *response.body_mut() = SdkBody::empty();
                    return Ok(response);
                }
                Some(BodyHandling::Streamed | BodyHandling::Annotations) | None => {}
            }
            let body = read_whole(response.take_body(), MOST_BYTES);
            let body = match within {
                None => body.await?,
                Some(within) => {
                    let left = within.saturating_sub(sent.elapsed());
                    let timed_out = |_| ConnectorError::timeout(RefusedAnswer::TooSlow(within).into());
                    tokio::time::timeout(left, body).await.map_err(timed_out)??
                }
            };
            // The SDK reads a code even from a truncated error, and codes decide. Other services than S3 answer in JSON.
            let counts = response.status().is_success()
                || is_whole_error(&body)
                || serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_ok();
            *response.body_mut() = if counts { SdkBody::from(body) } else { SdkBody::empty() };
            Ok(response)
        })
    }
}

fn host(request: &HttpRequest) -> String {
    let uri = request.uri();
    uri.split_once("://").map_or(uri, |(_, rest)| rest).split('/').next().unwrap_or_default().to_owned()
}

/// Refuses a success that is not S3's: an answer to HEAD has no body that shows what answered.
fn check_head(response: &HttpResponse) -> Result<(), ConnectorError> {
    match response.status().as_u16() {
        200 => refuse_page(response),
        // Not retried.
        status @ 201..300 => Err(ConnectorError::other(RefusedAnswer::Success(status).into(), None)),
        _ => Ok(()),
    }
}

/// Refuses the page of a web server, which answers with success to anything.
fn refuse_page(response: &HttpResponse) -> Result<(), ConnectorError> {
    let headers = response.headers();
    // moto has `x-amzn-requestid`, and small servers may have none. CloudFront adds its headers to the page of any server.
    let is_of_s3 = |name: &str| name.starts_with("x-amz") && !name.starts_with("x-amz-cf-");
    let is_page = headers.get("content-type").is_some_and(|kind| kind.trim_start().starts_with("text/html"));
    if !is_page || headers.iter().any(|(name, _)| is_of_s3(name)) {
        return Ok(());
    }
    // Not retried.
    Err(ConnectorError::other(RefusedAnswer::WebPage.into(), None))
}

async fn read_whole(body: SdkBody, limit: usize) -> Result<Vec<u8>, ConnectorError> {
    // Not retried.
    let too_large = || ConnectorError::other(RefusedAnswer::TooLarge(limit).into(), None);
    if body.content_length().is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let mut stream = ByteStream::new(body);
    let mut whole = Vec::new();
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|error| ConnectorError::io(error.into()))?;
        if whole.len() + piece.len() > limit {
            return Err(too_large());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

/// The SDK panics on an `Expires` that is not UTF-8, and ignores other such headers. Headers that only describe an object get
/// replacement characters. Any other one makes the answer unusable, because ignoring it would mean that it is absent.
fn mend_headers(response: &mut HttpResponse) -> Result<(), ConnectorError> {
    let bad = |value: &[u8]| std::str::from_utf8(value).is_err();
    let names: Vec<String> =
        response.headers().iter_bytes().filter(|(_, value)| bad(value)).map(|(name, _)| name.to_owned()).collect();
    for name in names {
        if !only_describes(&name) {
            return Err(ConnectorError::other(RefusedAnswer::Header(name).into(), None));
        }
        let headers = response.headers_mut();
        let values: Vec<String> =
            headers.get_all_bytes(&name).map(|value| String::from_utf8_lossy(value).into_owned()).collect();
        headers.remove(&name);
        for value in values {
            // A value that is still invalid is left out.
            let _ = headers.try_append(name.clone(), value);
        }
    }
    Ok(())
}

/// An answer of a cache is not evidence, however young it says it is. The age 0 is that of an answer that a cache passed on.
fn refuse_cached(response: &HttpResponse) -> Result<(), ConnectorError> {
    let is_now = |age: &&[u8]| !age.is_empty() && age.iter().all(|digit| *digit == b'0');
    match response.headers().get_all_bytes("age").find(|age| !is_now(age)) {
        None => Ok(()),
        Some(age) => {
            let age = String::from_utf8_lossy(&age[..age.len().min(LONGEST_AGE)]).into_owned();
            // Not retried.
            Err(ConnectorError::other(RefusedAnswer::Cached(age).into(), None))
        }
    }
}

/// The most bytes of an age that are shown.
const LONGEST_AGE: usize = 20;

/// Whether a header only describes the object's data, or how to show it.
fn only_describes(name: &str) -> bool {
    const DESCRIPTIONS: [&str; 9] = [
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-type",
        "expires",
        "server",
        "via",
        "x-amz-website-redirect-location",
    ];
    DESCRIPTIONS.contains(&name) || name.starts_with("x-amz-meta-")
}

/// How an answer is read that is not read completely, up to [`MOST_BYTES`].
#[derive(Debug, Clone, Copy)]
pub(super) enum BodyHandling {
    Streamed,
    Annotations,
}

impl BodyHandling {
    /// Of this operation; `None` if the answer is read completely.
    pub(super) fn of(operation: &str) -> Option<Self> {
        match operation {
            "GetObject" => Some(Self::Streamed),
            "ListObjectAnnotations" => Some(Self::Annotations),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures_util::stream;
    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;

    /// In pieces, and without a length.
    fn pieces(of: &'static [u8]) -> SdkBody {
        let frames = of.chunks(3).map(|piece| Ok::<_, BoxError>(Frame::data(Bytes::from_static(piece))));
        SdkBody::from_body_1_x(StreamBody::new(stream::iter(frames)))
    }

    #[tokio::test]
    async fn an_answer_may_have_as_many_bytes_as_the_limit() {
        for length in 0..=10 {
            let body = &b"0123456789"[..length];
            assert_eq!(read_whole(SdkBody::from(body), 10).await.unwrap(), body);
            assert_eq!(read_whole(pieces(body), 10).await.unwrap(), body);
        }
        assert!(read_whole(SdkBody::from("0123456789a"), 10).await.is_err());
        assert!(read_whole(pieces(b"0123456789a"), 10).await.is_err());
    }

    #[test]
    fn a_server_is_the_host_and_the_port_of_the_request() {
        let of = |uri: &str| {
            let mut request = HttpRequest::empty();
            request.set_uri(uri).unwrap();
            host(&request)
        };
        assert_eq!(of("http://127.0.0.1:9000/src/k?versionId=1"), "127.0.0.1:9000");
        assert_eq!(of("https://src.s3.eu-west-1.amazonaws.com/a/b"), "src.s3.eu-west-1.amazonaws.com");
    }

    #[test]
    fn only_headers_that_describe_are_repaired() {
        assert!(["expires", "via", "x-amz-meta-a"].iter().all(|name| only_describes(name)));
        assert!(["etag", "x-amz-replication-status", "x-amz-metadata"].iter().all(|name| !only_describes(name)));
    }
}
