//! The words everything else is written in: addresses, failures, sums.
//!
//! Values only. Nothing here knows a network, a file, a clock, a terminal, the SDK or the command line.

mod endpoint;
mod escape;
mod failure;
mod panics;
mod status;
mod sums;

pub use endpoint::{hide_userinfo, without_userinfo};
pub use escape::{escape, sh_command, sh_quote};
pub use failure::{Failure, FailureKind};
pub use panics::{CaughtPanic, catch, silence_caught};
pub use s3_answers::{AddressError, Bucket, ObjectId, VersionId, bucket_and_rest};
pub use status::{ReplicationStatus, StatusClass};
pub use sums::{Overflow, add, human_bytes, human_count};
