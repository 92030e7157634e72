//! S3, as far as replaudit talks to it. Types of the SDK stop here.
//!
//! [`S3Store`] asks and never changes anything; the only file that can is `delete.rs`. Each bucket's Region is found when
//! S3 hints at another one, once, and kept. The crate `s3_answers` reads the bodies of answers, not the SDK.
//!
//! | folder, file | what it is for |
//! |---|---|
//! | `client/` | clients of the SDK: settings, credentials, connections, interceptors, errors |
//! | `store`, `cache`, `trace` | one request, and what is kept of each bucket |
//! | `read/` | the questions: heads, bodies, lists, configurations, annotations |
//! | `evidence`, `replicas`, `freshness` | what a decision about a delete is made from, and how old it may be |
//! | `delete`, `delete_answers`, `markers` | the deletes, what their answers mean, and the removal of delete markers |

mod cache;
mod client;
mod delete;
mod delete_answers;
mod evidence;
mod freshness;
mod markers;
mod read;
mod replicas;
mod store;
mod trace;

pub use client::{AddressingStyle, ClientSettings};
pub(crate) use delete::{DeleteSettings, S3Deleter};
pub(crate) use freshness::now;
pub(crate) use markers::S3MarkerRemover;
pub(crate) use read::{Body, ListQuestion, ListedObject, ListingScope, ObjectListing};
pub(crate) use replicas::Replicas;
pub(crate) use store::{HeadDetail, S3Store};
pub(crate) use trace::{RequestEvent, RequestInfo, RequestOutcome};

#[cfg(test)]
mod tests;
