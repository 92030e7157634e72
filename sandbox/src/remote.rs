//! Two endpoints over HTTP for people who rehearse a script against `serve`:
//! `POST /-/sandbox/status?bucket=&key=&status=` and `GET /-/sandbox/requests`.
//!
//! Unsigned on purpose: a shell has curl, and the server listens on loopback only.

use http::{HeaderValue, Method, Request, Response, StatusCode};
use s3s::Body;

use crate::operation::parameter;
use crate::store::Status;
use crate::world::World;

/// The path of these endpoints; no bucket can have this name.
pub(crate) const PATH: &str = "/-/sandbox/";

pub(crate) fn answer<B>(world: &World, request: &Request<B>) -> Response<Body> {
    let query = request.uri().query().unwrap_or("");
    let lever = request.uri().path().strip_prefix(PATH).unwrap_or("");
    match (request.method(), lever) {
        (&Method::POST, "status") => set_status(world, query),
        (&Method::GET, "requests") => {
            let entries = world.log().entries();
            match serde_json::to_string_pretty(&entries) {
                Ok(json) => reply(StatusCode::OK, "application/json", json + "\n"),
                Err(error) => plain(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
            }
        }
        (&Method::DELETE, "requests") => {
            world.log().clear();
            plain(StatusCode::OK, "cleared")
        }
        _ => plain(
            StatusCode::NOT_FOUND,
            "endpoints: POST /-/sandbox/status?bucket=B&key=K&status=FAILED (empty: no header), \
             GET or DELETE /-/sandbox/requests",
        ),
    }
}

fn set_status(world: &World, query: &str) -> Response<Body> {
    let (Some(bucket), Some(key)) = (parameter(query, "bucket"), parameter(query, "key")) else {
        return plain(StatusCode::BAD_REQUEST, "give bucket= and key=");
    };
    let status = match parameter(query, "status").as_deref() {
        None | Some("") => Status::Absent,
        Some(word) if HeaderValue::from_str(word).is_ok() => Status::from_word(word),
        Some(_) => return plain(StatusCode::BAD_REQUEST, "no header can hold this status"),
    };
    let mut store = world.write();
    let versions = store.buckets.get_mut(&bucket).and_then(|state| state.objects.get_mut(key.as_str()));
    match versions {
        None => plain(StatusCode::NOT_FOUND, "no such key"),
        Some(versions) => {
            for version in versions.iter_mut().filter(|version| !version.marker) {
                version.status = status.clone();
            }
            plain(StatusCode::OK, "done")
        }
    }
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    reply(status, "text/plain; charset=utf-8", format!("{text}\n"))
}

fn reply(status: StatusCode, kind: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
