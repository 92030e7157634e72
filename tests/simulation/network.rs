//! The connection below the SDK: requests travel for some simulated time, and accidents befall them.
//!
//! Nothing is drawn while a history runs: the delay of each request follows from the seed and its number, so that an accident
//! that is taken out leaves the others as they are.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use aws_sdk_s3::config::http::{HttpRequest, HttpResponse};
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::HttpError;
use bytes::{Bytes, BytesMut};
use fastrand::Rng;
use http_body_util::BodyExt;
use hyper_util::rt::TokioExecutor;
use replaudit_sandbox::Connection;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout};

use crate::accident::{Accident, Befall};
use crate::clock;
use crate::stage::lock;

/// Marks a request with its number, for the server's log.
pub(crate) const NUMBER: &str = "x-simulated-number";
/// The access key of the program.
pub(crate) const CALLER: &str = "CALLER";

/// One request as the client saw it.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// Given to the HTTP client; a tick of the server's log.
    pub(crate) tick: u64,
    pub(crate) at: Instant,
    /// The clocks of the client then.
    pub(crate) clock: replaudit::simulation::Moment,
    /// There was a connection: from here on it may have an effect.
    pub(crate) written_at: Option<Instant>,
    /// How long the client stood still before it was written: no client can look at the clock once more then.
    pub(crate) stood_still: Duration,
    /// The last byte of the answer arrived; a tick of the server's log.
    pub(crate) received: Option<u64>,
    /// The answer broke off.
    pub(crate) cut: bool,
    pub(crate) line: String,
    pub(crate) status: Option<u16>,
}

/// Where requests of one run go.
pub(crate) struct Network {
    connection: Connection,
    tick: Box<dyn Fn() -> u64 + Send + Sync>,
    seed: u64,
    /// The longest way of a request without an accident.
    slowest: Duration,
    accidents: Vec<Accident>,
    /// Of the run, by number.
    pub(crate) sent: Mutex<Vec<Sent>>,
    /// Requests so far, by operation.
    counts: Mutex<BTreeMap<&'static str, u32>>,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Network")
    }
}

impl Network {
    pub(crate) fn new(
        connection: Connection,
        tick: impl Fn() -> u64 + Send + Sync + 'static,
        seed: u64,
        slowest: Duration,
        accidents: Vec<Accident>,
    ) -> Arc<Self> {
        let (tick, sent, counts) = (Box::new(tick), Mutex::default(), Mutex::default());
        Arc::new(Self { connection, tick, seed, slowest, accidents, sent, counts })
    }

    /// The HTTP client of the SDK.
    pub(crate) fn client(self: &Arc<Self>) -> SharedHttpClient {
        let network = Arc::clone(self);
        http_client_fn(move |settings, _| {
            SharedHttpConnector::new(Line { network: Arc::clone(&network), settings: settings.clone() })
        })
    }

    fn befalls(&self, operation: &'static str) -> Vec<Befall> {
        let mut counts = lock(&self.counts);
        let mut nth = |name| {
            let count = counts.entry(name).or_default();
            *count += 1;
            *count - 1
        };
        let (any, own) = (nth("*"), nth(operation));
        let strikes = |accident: &&Accident| match accident.operation {
            "*" => accident.nth == any,
            wanted => wanted == operation && accident.nth == own,
        };
        self.accidents.iter().filter(strikes).map(|accident| accident.befall).collect()
    }
}

#[derive(Debug)]
struct Line {
    network: Arc<Network>,
    settings: HttpConnectorSettings,
}

impl HttpConnector for Line {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (network, settings) = (Arc::clone(&self.network), self.settings.clone());
        HttpConnectorFuture::new_boxed(Box::pin(travel(network, settings, request)))
    }
}

fn broken(text: &'static str) -> ConnectorError {
    ConnectorError::io(std::io::Error::new(std::io::ErrorKind::ConnectionReset, text).into())
}

/// An error of hyper that says that there was no connection, as the program looks for it. Only hyper can make one: its
/// connector for HTTP refuses this address before it looks for it.
async fn never_connected(slow: bool) -> ConnectorError {
    use hyper_util::client::legacy::{Client, connect::HttpConnector};
    let client: Client<_, http_body_util::Empty<Bytes>> =
        Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let error = client.get(http::Uri::from_static("https://nowhere/")).await.expect_err("it is not HTTP");
    if slow { ConnectorError::timeout(error.into()) } else { ConnectorError::io(error.into()) }
}

/// One request, from the SDK to the sandbox and back.
async fn travel(
    network: Arc<Network>,
    settings: HttpConnectorSettings,
    request: HttpRequest,
) -> Result<HttpResponse, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let operation = replaudit_sandbox::operation_of(&request);
    let number = network.note(&request);
    let befalls = network.befalls(operation);
    let mut way = Way::new(network.seed, number, network.slowest);
    let mut connects = Duration::ZERO;
    for befall in &befalls {
        match *befall {
            Befall::Refused => return Err(never_connected(false).await),
            Befall::SlowConnect(takes) => connects += takes,
            Befall::SlowRequest(takes) => way.there += takes,
            Befall::SlowAnswer(takes) => way.back += takes,
            Befall::ClockSet(by) => clock::set_by(by),
            Befall::Twice(after) => way.again = Some(after),
            Befall::Stall(stalls) => way.stalls += stalls,
            Befall::AnswerLost => way.answer_lost = true,
            Befall::Cut(_) | Befall::Drip(_) => {}
        }
    }
    let stood_still = clock::stood_still();
    if !connects.is_zero() {
        match settings.connect_timeout().filter(|most| *most < connects) {
            Some(most) => {
                sleep(most).await;
                return Err(never_connected(true).await);
            }
            None => sleep(connects).await,
        }
    }
    network.change(number, |sent| {
        (sent.written_at, sent.stood_still) = (Some(Instant::now()), clock::stood_still() - stood_still);
    });
    let (send, receive) = oneshot::channel();
    tokio::spawn(serve(network.connection.clone(), way, request_with(number, request), send));
    let answer = match settings.read_timeout() {
        Some(most) => timeout(most, receive).await.map_err(|error| ConnectorError::timeout(error.into()))?,
        None => receive.await,
    };
    let answer = answer.ok().flatten().ok_or_else(|| broken("the connection was closed"))?;
    network.arrive(number, answer, &befalls)
}

/// How long one request is under way, and how it ends.
#[derive(Clone, Copy)]
struct Way {
    there: Duration,
    back: Duration,
    /// How often others come first.
    yields: u32,
    again: Option<Duration>,
    stalls: Duration,
    answer_lost: bool,
}

impl Way {
    fn new(seed: u64, number: usize, slowest: Duration) -> Self {
        let mut rng = Rng::with_seed(seed ^ (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let most = u64::try_from(slowest.as_millis()).unwrap_or(u64::MAX);
        let mut part = || Duration::from_millis(rng.u64(0..=most));
        let (there, back) = (part(), part());
        let yields = rng.u32(0..4);
        Self { there, back, yields, again: None, stalls: Duration::ZERO, answer_lost: false }
    }
}

/// An answer whose body was read: to its end, or to where it breaks off.
type Answer = (http::response::Parts, Bytes, bool);

/// The server's side. It goes on when the client does not wait any more.
async fn serve(connection: Connection, way: Way, request: http::Request<Bytes>, send: oneshot::Sender<Option<Answer>>) {
    pause(way.there).await;
    for _ in 0..way.yields {
        tokio::task::yield_now().await;
    }
    if !way.stalls.is_zero() {
        clock::stand_still(way.stalls).await;
    }
    let copy = way.again.map(|after| (after, request.clone()));
    let answer = connection.call(CALLER, request).await;
    let answer = match answer {
        Some(answer) => Some(read(answer).await),
        None => None,
    };
    // What the server refused, it does not carry out later.
    if let Some((after, copy)) = copy.filter(|_| !answer.as_ref().is_some_and(is_refusal)) {
        tokio::spawn(async move {
            sleep(after).await;
            drop(connection.call(CALLER, copy).await);
        });
    }
    let answer = answer.filter(|_| !way.answer_lost);
    pause(way.back).await;
    drop(send.send(answer));
}

/// The whole request is refused, or an entry of it.
fn is_refusal((parts, body, _): &Answer) -> bool {
    !parts.status.is_success() || body.windows(7).any(|word| word == b"<Error>")
}

async fn pause(duration: Duration) {
    if !duration.is_zero() {
        sleep(duration).await;
    }
}

async fn read(answer: http::Response<replaudit_sandbox::AnswerBody>) -> Answer {
    let (parts, mut body) = answer.into_parts();
    let mut bytes = BytesMut::new();
    loop {
        match body.frame().await {
            None => return (parts, bytes.freeze(), false),
            Some(Ok(frame)) => bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data)),
            Some(Err(_)) => return (parts, bytes.freeze(), true),
        }
    }
}

fn request_with(number: usize, request: http::Request<SdkBody>) -> http::Request<Bytes> {
    let mut request = request.map(|body| Bytes::copy_from_slice(body.bytes().expect("a body in memory")));
    request.headers_mut().insert(NUMBER, number.into());
    request
}

/// A body that arrives over time.
struct Pieces(mpsc::UnboundedReceiver<Result<Bytes, std::io::Error>>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(http_body::Frame::data)))
    }
}

impl Network {
    fn note(&self, request: &http::Request<SdkBody>) -> usize {
        let mut sent = lock(&self.sent);
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            format!(" {name}={}", String::from_utf8_lossy(value.as_bytes()))
        };
        let headers: String = request.headers().iter().map(header).collect();
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default());
        sent.push(Sent {
            tick: (self.tick)(),
            at: Instant::now(),
            clock: (clock::CLOCK.0)(),
            written_at: None,
            stood_still: Duration::ZERO,
            received: None,
            cut: false,
            line: format!("{:?} {} {}{headers} {body}", clock::elapsed(), request.method(), request.uri()),
            status: None,
        });
        sent.len() - 1
    }

    fn change(&self, number: usize, change: impl FnOnce(&mut Sent)) {
        change(&mut lock(&self.sent)[number]);
    }

    /// The answer of one request, as its HTTP client hands it on.
    fn arrive(
        self: &Arc<Self>,
        number: usize,
        (parts, bytes, mut is_cut): Answer,
        befalls: &[Befall],
    ) -> Result<HttpResponse, ConnectorError> {
        let (mut bytes, mut drips) = (bytes, Duration::ZERO);
        for befall in befalls {
            match *befall {
                Befall::Cut(share) if !bytes.is_empty() => {
                    bytes.truncate(bytes.len() * share as usize / 1000);
                    is_cut = true;
                }
                Befall::Drip(pause) => drips = pause,
                _ => {}
            }
        }
        self.change(number, |sent| (sent.status, sent.cut) = (Some(parts.status.as_u16()), is_cut));
        let body = if is_cut || (!drips.is_zero() && !bytes.is_empty()) {
            let (send, receive) = mpsc::unbounded_channel();
            tokio::spawn(drip(Arc::clone(self), number, bytes, drips, is_cut, send));
            SdkBody::from_body_1_x(Pieces(receive))
        } else {
            self.whole(number);
            SdkBody::from(bytes)
        };
        http::Response::from_parts(parts, body)
            .try_into()
            .map_err(|error: HttpError| ConnectorError::other(error.into(), None))
    }

    fn whole(&self, number: usize) {
        let tick = (self.tick)();
        self.change(number, |sent| sent.received = Some(tick));
    }
}

async fn drip(
    network: Arc<Network>,
    number: usize,
    mut bytes: Bytes,
    drips: Duration,
    is_cut: bool,
    send: mpsc::UnboundedSender<Result<Bytes, std::io::Error>>,
) {
    let piece = bytes.len().div_ceil(8).max(1);
    while !bytes.is_empty() {
        pause(drips).await;
        if send.send(Ok(bytes.split_to(piece.min(bytes.len())))).is_err() {
            return;
        }
    }
    network.whole(number);
    if is_cut {
        drop(send.send(Err(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "the body breaks off"))));
    }
}
