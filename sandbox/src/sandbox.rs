//! The handle: starting, stopping, and what a client needs to know.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use tokio::runtime::Runtime;

use crate::people::{Caller, Principal};
use crate::respond::Responder;
use crate::server;
use crate::world::World;

/// The access key that may do everything.
const ACCESS_KEY: &str = "AKIASANDBOX000000000";
/// Its secret, known to everyone.
const SECRET_KEY: &str = "sandbox/secret/not/a/real/one/0000000000";

/// An S3, and everything in it. One that listens on 127.0.0.1 stops when dropped.
pub struct Sandbox {
    pub(crate) world: Arc<World>,
    /// None in the handle that hooks are given.
    runtime: Option<Runtime>,
}

/// Settings to start a [`Sandbox`] with.
#[derive(Clone, Debug)]
pub struct Builder {
    port: u16,
    workers: usize,
    region: String,
    access_key: String,
    secret: String,
}

impl Builder {
    /// Starts to listen.
    ///
    /// # Errors
    /// When the port is taken or no thread can be had.
    pub fn start(self) -> io::Result<Sandbox> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(self.workers)
            .thread_name("sandbox")
            .enable_all()
            .build()?;
        let main = Principal::new(&self.access_key, &self.secret);
        let world = Arc::new(World::new(self.region, Some(address), main, Timestamp::now));
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let responder = Arc::new(Responder::new(world.clone()));
        runtime.spawn(server::serve(listener, responder));
        Ok(Sandbox { world, runtime: Some(runtime) })
    }
}

setters! {
    Builder as builder:
    /// Chooses the port; 0, the default, takes a free one.
    port(port: u16) { builder.port = port }
    /// Sets the number of threads that answer requests, 1 by default.
    workers(workers: usize) { builder.workers = workers.max(1) }
    /// Sets the Region of buckets that name none, and of [`Sandbox::env`]; us-east-1 by default.
    region(region: &str) { builder.region = region.to_owned() }
    /// Sets the access key and secret of the principal that may do everything.
    credentials(access_key: &str, secret: &str) {
        builder.access_key = access_key.to_owned();
        builder.secret = secret.to_owned();
    }
}

impl Sandbox {
    /// Starts on a free port with the defaults.
    ///
    /// # Errors
    /// As [`Builder::start`].
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// Without a network: requests arrive through [`Sandbox::connection`], hooks run at once in the caller's task, and time is the
    /// caller's: `wall`, and for delays the clock of the runtime that polls a request.
    #[must_use]
    pub fn without_network(wall: fn() -> Timestamp) -> Self {
        let Builder { region, access_key, secret, .. } = Self::builder();
        let world = Arc::new(World::new(region, None, Principal::new(&access_key, &secret), wall));
        Self { world, runtime: None }
    }

    /// How requests are answered without a network.
    #[must_use]
    pub fn connection(&self) -> Connection {
        Connection(Arc::new(Responder::new(self.world.clone())))
    }

    /// Begins with the defaults.
    #[must_use]
    pub fn builder() -> Builder {
        Builder {
            port: 0,
            workers: 1,
            region: "us-east-1".to_owned(),
            access_key: ACCESS_KEY.to_owned(),
            secret: SECRET_KEY.to_owned(),
        }
    }

    /// The handle that hooks are given: it does not stop the server.
    pub(crate) fn handle(world: Arc<World>) -> Self {
        Self { world, runtime: None }
    }

    /// Where it listens, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address().port()
    }

    fn address(&self) -> SocketAddr {
        self.world.address.expect("this sandbox listens on no port")
    }

    /// The Region of buckets that name none.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.world.region
    }

    /// The access key that may do everything.
    #[must_use]
    pub fn access_key(&self) -> &str {
        &self.world.main.access_key
    }

    /// Its secret.
    #[must_use]
    pub fn secret_key(&self) -> &str {
        &self.world.main.secret
    }

    /// The environment of a client: address, credentials, Region.
    #[must_use]
    pub fn client_env(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL_S3", self.endpoint()),
            ("AWS_ACCESS_KEY_ID", self.access_key().to_owned()),
            ("AWS_SECRET_ACCESS_KEY", self.secret_key().to_owned()),
            ("AWS_REGION", self.region().to_owned()),
            // The AWS CLI of version 1 knows only this one.
            ("AWS_DEFAULT_REGION", self.region().to_owned()),
        ]
    }

    /// The same, and what keeps a developer's own configuration out of a test.
    #[must_use]
    pub fn env(&self) -> Vec<(&'static str, String)> {
        let mut env = self.client_env();
        env.extend([
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_CONFIG_FILE", "/dev/null".to_owned()),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned()),
        ]);
        env
    }
}

/// Answers requests without a network. Clones answer for the same sandbox.
#[derive(Clone)]
pub struct Connection(Arc<Responder>);

impl Connection {
    /// Carries out one request as the principal `caller`, without a signature; None if the connection ends without an answer.
    pub async fn call(&self, caller: &str, request: http::Request<Bytes>) -> Option<http::Response<s3s::Body>> {
        let mut request = request.map(s3s::Body::from);
        request.extensions_mut().insert(Caller(caller.into()));
        self.0.respond(request).await.ok()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Does not wait: a test may be dropping this inside a runtime of its own.
            runtime.shutdown_background();
        }
    }
}
