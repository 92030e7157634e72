//! The values that all other modules use: addresses, failures, statuses, sums.
//!
//! Nothing here uses the network, files, a clock, a terminal, the SDK or the command line.

mod endpoint;
mod escape;
mod failure;
mod identity;
mod panics;
mod reached;
mod status;
mod sums;

pub(crate) use endpoint::{EndpointFault, hide_userinfo, without_userinfo};
pub(crate) use escape::{escape, hex, sh_command, sh_quote, shortened};
pub use failure::Failure;
pub(crate) use failure::{FailureKind, SuspectOption};
pub(crate) use identity::{IdentityHasher, ObjectIdentity};
pub(crate) use panics::{CaughtPanic, catch, silence_caught};
pub use reached::reached_states;
pub(crate) use reached::{note_reached, reached};
pub(crate) use s3_answers::{AddressError, bucket_and_rest};
pub use s3_answers::{Bucket, ObjectId, VersionId};
pub(crate) use status::{ReplicationStatus, StatusClass};
pub(crate) use sums::{Overflow, add, human_bytes, human_count, plural};
