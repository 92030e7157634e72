//! The replication configuration of a bucket: its rules, their strict reader, and which of them apply to an object.
//!
//! "What does Amazon S3 replicate?", "Replication configuration file elements" and "Replicating delete markers between
//! buckets" in the S3 User Guide. If something about an object is not known, a rule is unsure; it never silently does not apply.

mod fit;
mod read;
mod rules;

pub use fit::{Applying, Doubt, Fit, Misfit, Subject};
pub use read::read_replication;
pub use rules::{Exclusion, ReplicationRule, ReplicationRules, RuleDestination, RuleScope};
