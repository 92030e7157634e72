//! Connections of HTTP/1 on a port. What is answered is decided in `respond`.
//!
//! Binds to 127.0.0.1 only: the credentials are well known.

use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use crate::respond::Responder;

/// Serves until the runtime is shut down.
pub(crate) async fn serve(listener: TcpListener, responder: Arc<Responder>) {
    loop {
        // A lack of descriptors is temporary, so it tries again.
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(stream, responder.clone()));
        } else {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

async fn connection(stream: TcpStream, responder: Arc<Responder>) {
    // Best effort: without it answers are merely slower.
    let _ = stream.set_nodelay(true);
    let handler = hyper::service::service_fn(move |request| {
        let responder = responder.clone();
        async move { responder.respond(request).await }
    });
    // Errors here are clients gone or faults asked for.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), handler)
        .await;
}
