//! Requests to S3. No other module uses types of the SDK.
//!
//! [`S3Store`] only reads; `delete.rs` is the only file that changes anything. Each bucket's Region is found once, when S3 hints
//! at another one. The crate `s3_answers`, not the SDK, parses the bodies of answers.
//!
//! | folder, file | what it is for |
//! |---|---|
//! | `client/` | clients of the SDK: settings, credentials, connections, interceptors, errors |
//! | `store`, `cache`, `trace` | one request, and what is cached per bucket |
//! | `read/` | the questions: heads, bodies, lists, configurations, annotations |
//! | `service` | how other services of AWS are asked |
//! | `machine` | the clock, and the way to S3 |
//! | `evidence`, `replicas`, `freshness` | the evidence for a delete, and how old it may be |
//! | `marker_look` | whether a delete marker exists |
//! | `delete`, `delete_answers`, `markers` | deletes, what their answers mean, and the removal of delete markers |

mod cache;
mod client;
mod delete;
mod delete_answers;
mod evidence;
mod freshness;
mod machine;
mod marker_look;
mod markers;
mod read;
mod replicas;
mod service;
mod store;
mod trace;

pub(crate) use client::one_line;
pub use client::{AddressingStyle, ClientSettings};
pub(crate) use delete::{DeleteSettings, S3Deleter};
pub use machine::{Machine, SimulatedConnection};
pub(crate) use markers::S3MarkerRemover;
pub(crate) use read::{Body, EndlessList, ListQuestion, ListedObject, ListingScope, ObjectListing, PageHistory};
pub(crate) use replicas::Replicas;
pub(crate) use service::ServiceConnection;
pub(crate) use store::{HeadDetail, S3Store};
pub(crate) use trace::{RequestEvent, RequestInfo, RequestOutcome};

#[cfg(test)]
mod tests;
