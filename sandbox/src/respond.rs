//! The answer to one request: the log, faults, hooks, and the finish that makes an answer look like S3's (request ids, bare
//! HEAD errors, Region hints).

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3Error};

use crate::answer::{self, disfigure};
use crate::errors::custom;
use crate::fault::FaultKind;
use crate::foreign::insert_foreign;
use crate::hooks::Moment;
use crate::log::LogId;
use crate::operation::{self, Call};
use crate::remote;
use crate::service::{AccessControl, RawRoute, Service};
use crate::world::World;

/// The largest XML request body that is read ahead of the service.
const XML_LIMIT: usize = 20 << 20;

/// Why a connection ends without an answer.
#[derive(Debug)]
pub(crate) struct Closed;

impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("closed on purpose")
    }
}

impl std::error::Error for Closed {}

/// Answers requests, however they arrive.
pub(crate) struct Responder {
    world: Arc<World>,
    service: S3Service,
}

impl Responder {
    pub(crate) fn new(world: Arc<World>) -> Self {
        let operations = Service::new(world.clone());
        let mut builder = S3ServiceBuilder::new(operations.clone());
        builder.set_route(RawRoute(operations));
        builder.set_auth(AccessControl(world.clone()));
        builder.set_access(AccessControl(world.clone()));
        Self { world, service: builder.build() }
    }

    pub(crate) async fn respond<B: Into<Body>>(&self, request: Request<B>) -> Result<Response<Body>, Closed> {
        if request.uri().path().starts_with(remote::PATH) {
            return Ok(remote::answer(&self.world, &request));
        }
        respond(&self.world, &self.service, request.map(Into::into)).await
    }
}

async fn respond(world: &Arc<World>, service: &S3Service, request: Request<Body>) -> Result<Response<Body>, Closed> {
    let call = operation::call(request.method(), request.uri(), request.headers());
    let logged = world.logging.load(Ordering::Relaxed).then(|| world.log().begin(&call, &request));
    let head = request.method() == Method::HEAD;
    let result = within_faults(world, service, &call, logged, request).await;
    let (mut response, mut faults) = result?;
    // The others look at a whole body, and this one has no end.
    faults.sort_by_key(|kind| matches!(kind, FaultKind::Endless(..)));
    // An answer of the test's own making stays as it is.
    let mut altered = faults.iter().any(|kind| matches!(kind, FaultKind::Raw(..) | FaultKind::RawAfter(..)));
    if !altered {
        finish(world, &call, head, &mut response).await;
    }
    for kind in &faults {
        altered |= disfigure(&mut response, kind, head).await;
    }
    if let Some(id) = logged {
        world.log().end(id, response.status().as_u16(), response.headers(), altered);
    }
    Ok(response)
}

/// Does what was asked, with the hooks and faults that are set for it. The faults returned are those that
/// [`disfigure`] applies to the answer.
async fn within_faults(
    world: &Arc<World>,
    service: &S3Service,
    call: &Call,
    logged: Option<u64>,
    mut request: Request<Body>,
) -> Result<(Response<Body>, Vec<FaultKind>), Closed> {
    world.run_hooks(Moment::Before, call, logged).await;
    let mut later = Vec::new();
    let mut wait = Duration::ZERO;
    let mut close_after = false;
    let mut instead = None;
    // Logged also if a fault applies, because the request was sent.
    if let Some(id) = logged
        && matches!(call.operation, "DeleteObjects" | "PutBucketReplication")
    {
        let body = request.body_mut().store_all_limited(XML_LIMIT).await.map_err(|_| Closed)?;
        world.log().body(id, &body);
    }
    for kind in world.strike(call) {
        match kind {
            FaultKind::Delay(delay) => tokio::time::sleep(delay).await,
            FaultKind::Status(status, code, message) => {
                return Ok((error(custom(status, &code, &message)), later));
            }
            FaultKind::StatusAfter(status, code, message) => instead = Some(error(custom(status, &code, &message))),
            FaultKind::Raw(status, ref content_type, ref body) => {
                let response = answer::raw(status, content_type, body.clone());
                later.push(kind);
                return Ok((response, later));
            }
            FaultKind::RawAfter(status, ref content_type, ref body) => {
                instead = Some(answer::raw(status, content_type, body.clone()));
                later.push(kind);
            }
            FaultKind::DelayAnswer(delay) => wait += delay,
            FaultKind::CloseBefore => return Err(Closed),
            FaultKind::Late(delay) => {
                request.body_mut().store_all_limited(XML_LIMIT).await.map_err(|_| Closed)?;
                let service = service.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(delay).await;
                    serve_one(&service, logged, request).await
                });
                return Err(Closed);
            }
            FaultKind::CloseAfter => close_after = true,
            FaultKind::CutBody(_)
            | FaultKind::Rewrite(_)
            | FaultKind::Drip(..)
            | FaultKind::Endless(..)
            | FaultKind::Header(..) => {
                later.push(kind);
            }
            // Of an entry only.
            FaultKind::AnswerFor(_) => {}
        }
    }
    let response = match wrong_region(world, call, &request) {
        Some(response) => response,
        None => serve_one(service, logged, request).await?,
    };
    world.run_hooks(Moment::After, call, logged).await;
    if close_after {
        return Err(Closed);
    }
    tokio::time::sleep(wait).await;
    Ok((instead.unwrap_or(response), later))
}

async fn serve_one(
    service: &S3Service,
    logged: Option<u64>,
    mut request: Request<Body>,
) -> Result<Response<Body>, Closed> {
    if let Some(id) = logged {
        request.extensions_mut().insert(LogId(id));
    }
    service.call(request).await.map_err(|_| Closed)
}

/// The answer to a request signed for another Region than its bucket's. It comes before the
/// signature is looked at, as on AWS.
fn wrong_region<B>(world: &World, call: &Call, request: &Request<B>) -> Option<Response<Body>> {
    let signed = operation::signed_region(request.uri(), request.headers())?;
    if matches!(call.operation, "CreateBucket" | "ListBuckets") {
        return None;
    }
    let region = world.read().buckets.get(call.bucket.as_deref()?)?.region.clone();
    if region == signed {
        return None;
    }
    let hinted =
        call.operation == "HeadBucket" || (world.region_hint.load(Ordering::Relaxed) && call.operation == "HeadObject");
    if hinted {
        let mut response = error(custom(
            301,
            "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified \
             endpoint.",
        ));
        insert(response.headers_mut(), "x-amz-bucket-region", &region);
        return Some(response);
    }
    let message = format!(
        "The authorization header is malformed; the region '{signed}' is wrong; expecting \
         '{region}'"
    );
    let mut response = error(custom(400, "AuthorizationHeaderMalformed", &message));
    if let Some(xml) = text(response.body()) {
        let end = format!("<Region>{region}</Region></Error>");
        *response.body_mut() = Body::from(xml.replace("</Error>", &end));
    }
    Some(response)
}

fn error(error: S3Error) -> Response<Body> {
    error.to_http_response().unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

fn text(body: &Body) -> Option<String> {
    Some(String::from_utf8_lossy(&body.bytes()?).into_owned())
}

fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// What S3 adds to every answer, and what it leaves out of errors to HEAD.
async fn finish(world: &World, call: &Call, head: bool, response: &mut Response<Body>) {
    let id = world.request_id();
    let host_id = format!("{id}/{id}/{id}/{id}sandbox=");
    insert(response.headers_mut(), "x-amz-request-id", &id);
    insert(response.headers_mut(), "x-amz-id-2", &host_id);
    insert(response.headers_mut(), "server", "AmazonS3");
    if call.operation == "HeadBucket"
        && let Some(bucket) = &call.bucket
        && let Some(state) = world.read().buckets.get(bucket)
    {
        insert(response.headers_mut(), "x-amz-bucket-region", &state.region);
    }
    let status = response.status();
    if status == StatusCode::OK && response.headers().contains_key("content-range") {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    if status == StatusCode::OK && call.operation == "GetBucketReplication" {
        restore_foreign(world, call, response);
    }
    if status.is_success() {
        return;
    }
    if status == StatusCode::NOT_MODIFIED {
        *response.body_mut() = Body::empty();
        return;
    }
    insert(response.headers_mut(), CONTENT_TYPE.as_str(), "application/xml");
    response.headers_mut().remove(CONTENT_LENGTH);
    if head {
        *response.body_mut() = Body::empty();
    } else if let Some(xml) = text(response.body()) {
        *response.body_mut() = Body::from(explained(&xml, &id, &host_id));
    }
}

/// Adds to an error document what `s3s` leaves out.
fn explained(xml: &str, id: &str, host_id: &str) -> String {
    let mut xml = xml.to_owned();
    if !xml.contains("<Message>") {
        let code = xml.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
        let message = match code.map(|(code, _)| code) {
            Some("SignatureDoesNotMatch") => {
                "The request signature we calculated does not match the signature you provided. \
                 Check your key and signing method."
            }
            Some("MalformedXML") => {
                "The XML you provided was not well-formed or did not validate against our \
                 published schema"
            }
            Some("InvalidBucketName") => "The specified bucket is not valid.",
            Some("NotImplemented") => "This operation is not part of the sandbox.",
            _ => "The sandbox has no words for this.",
        };
        xml = xml.replace("</Code>", &format!("</Code><Message>{message}</Message>"));
    }
    let ids = format!("<RequestId>{id}</RequestId><HostId>{host_id}</HostId></Error>");
    xml.replace("</Error>", &ids)
}

/// Returns the elements that the typed document dropped.
fn restore_foreign(world: &World, call: &Call, response: &mut Response<Body>) {
    let store = world.read();
    let rules = call.bucket.as_ref().and_then(|bucket| store.buckets.get(bucket));
    if let (Some(state), Some(xml)) = (rules, text(response.body())) {
        *response.body_mut() = Body::from(insert_foreign(
            &xml,
            state.rules().iter().map(|rule| &rule.foreign),
            store.dialect.version_deletes_replicate,
        ));
        response.headers_mut().remove(CONTENT_LENGTH);
    }
}
