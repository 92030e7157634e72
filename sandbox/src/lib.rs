//! An embedded S3 with replication, for tests, benchmarks and rehearsals.
//!
//! [`Sandbox::start`] serves a small, honest imitation of Amazon S3 on a free port of
//! 127.0.0.1: versions, delete markers, Object Lock, replication with its status words, and
//! inventory reports in AWS's layout. Everything lives in memory and ends with the value.
//! A test prepares buckets through [`Sandbox`], lets a real client talk to the
//! [`Sandbox::endpoint`], and then asks what was received ([`Sandbox::requests`]) and what
//! is left ([`Sandbox::versions`]).
//!
//! It is not a server for data: no durability, no TLS, no policies beyond a list of denials.
//!
//! ```
//! use replaudit_sandbox::{Bucket, Rule, Sandbox, Versioning};
//!
//! let s3 = Sandbox::start()?;
//! s3.create_bucket(Bucket::new("src").versioning(Versioning::Enabled));
//! s3.create_bucket(Bucket::new("dst").region("eu-west-1").versioning(Versioning::Enabled));
//! s3.replicate("src", [Rule::new("all").to("dst")]);
//! s3.put("src", "a", b"hello");
//! assert_eq!(s3.versions("src", "a")[0].replication_status.as_deref(), Some("COMPLETED"));
//! assert_eq!(s3.versions("dst", "a")[0].replication_status.as_deref(), Some("REPLICA"));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Modules, each naming only those above it (`tests/architecture` holds them to that):
//!
//! - `text` and `errors`: how S3 writes both
//! - `dialect`: what other servers do differently
//! - `operation`: which operation a request is
//! - `people`: who may do what
//! - `foreign` and `rules`: replication rules
//! - `store`: what the buckets hold, and its replication
//! - `put`: the input of a write
//! - `inventory`: reports
//! - `fault`, `log`, `hooks`: the faults of a request, its log entry, the hooks that run with it
//! - `world`: the store with its lock, and all of these
//! - `service`: the S3 operations
//! - `answer`, `remote`, `respond`, `server`: HTTP around them
//! - `sandbox` and `control`: the handle
//! - `demo`: sample buckets

/// Writes the setters of a builder: each takes the builder, changes it and returns it.
macro_rules! setters {
    ($builder:ident as $value:ident: $($(#[$doc:meta])* $name:ident($($arg:ident: $kind:ty),*) $change:block)*) => {
        impl $builder {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(self, $($arg: $kind),*) -> Self {
                    let mut $value = self;
                    $change;
                    $value
                }
            )*
        }
    };
}

mod answer;
mod control;
pub mod demo;
mod dialect;
mod errors;
mod fault;
mod foreign;
mod hooks;
mod inventory;
mod log;
mod operation;
mod people;
mod put;
mod remote;
mod respond;
mod rules;
mod sandbox;
mod server;
mod service;
mod store;
mod text;
mod world;

pub use control::StoredVersion;
pub use dialect::Dialect;
pub use fault::Fault;
pub use hooks::{Moment, WatchedRequest};
pub use inventory::{Delivered, Inventory, InventoryField, InventoryFormat};
pub use log::{Effect, Request};
pub use operation::operation_of;
pub use people::Principal;
pub use put::{Content, Put};
pub use rules::Rule;
pub use s3s::Body as AnswerBody;
pub use sandbox::{Builder, Connection, Sandbox};
pub use store::{Bucket, Forced, HoldDuration, LockMode, Versioning};
