//! The sandbox through real HTTP: the AWS SDK where a client would use it, raw requests where
//! headers and bare bodies matter. One binary, a file per subject.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests")]
#![expect(clippy::result_large_err, reason = "the errors are the SDK's")]

mod annotations;
mod answers;
mod api;
mod columns;
mod delete;
mod errors;
mod faults;
mod inventory;
mod list;
mod permissions;
mod read;
mod replication;
mod serve;
mod support;
