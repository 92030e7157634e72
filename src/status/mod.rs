//! What S3's replication status says about one object, and what it does not.

mod destination;
mod explain;
mod head;
mod locations;
mod object;
mod properties;
mod replica;
mod verdict;
mod verified;

pub use destination::{Comparison, Destination, DestinationVerdict, NamedBy, covers};
pub use explain::{Claim, ClaimState, Explanation, ExplanationFacts, explain, tags_matter};
pub use head::{Checksum, ChecksumKind, HeadAnswer, ObjectHead, another_version, still_listed};
pub use locations::{DestinationOption, ReplicaLocation, are_apart, replica_locations, same_endpoint};
pub use object::{ObjectStatus, StatusSummary, classify};
pub use properties::{Expiration, Properties, Restore};
pub use replica::{Expectation, compare};
pub use verdict::Verdict;
pub use verified::{add_destinations, exit_of_object, not_verified};
