//! What the replication status of S3 proves about one object, and what it does not.

mod destination;
mod exit;
mod expiry;
mod explain;
mod head;
mod locations;
mod object;
mod properties;
mod replica;
mod verdict;
mod verified;
mod wait_mode;

pub(crate) use destination::{Comparison, Destination, DestinationVerdict, NamedBy, covers};
pub(crate) use exit::exit_of_object;
pub(crate) use expiry::Expiry;
pub(crate) use explain::{Claim, ClaimState, ExplanationFacts, explain, tags_matter};
#[cfg(test)]
pub(crate) use head::ChecksumKind;
pub(crate) use head::{Checksum, HeadAnswer, ObjectHead, another_version, md5_of_etag, still_listed};
pub(crate) use locations::{DestinationOption, ReplicaLocation, are_apart, replica_locations, same_endpoint};
pub use object::ObjectStatus;
pub(crate) use object::{StatusSummary, classify};
pub(crate) use properties::{Expiration, Properties, Restore};
pub(crate) use replica::{Expectation, compare};
pub use verdict::Verdict;
pub(crate) use verified::{add_destinations, not_verified};
pub(crate) use wait_mode::WaitMode;
