//! Strict readers of S3's XML answers: each turns the bytes of one answer into a value, or says why it can't.
//!
//! The SDK's parser takes the end of the input for the end of every open element, so a cut answer looks like a short one.
//! Here an answer counts only whole: valid UTF-8, one root with the right name, each required element exactly once, booleans
//! and numbers in their exact form. What the SDK parsed decides nothing. The readers know no network.
//!
//! Unknown elements: additions that servers are known to make are ignored by name. Another one that holds text alone is
//! ignored where it can't change what is decided, and one that holds elements may be a new kind of entry, so it is refused.

mod annotations;
mod deleted;
mod element;
mod error;
mod inventory;
mod lifecycle;
mod objects;
mod page;
mod replication;
mod tagging;
#[cfg(test)]
mod tests;
mod unreadable;
mod versioning;
mod versions;

pub(super) use annotations::{all_annotations, annotations};
pub(super) use deleted::delete_result;
pub(super) use error::is_whole_error;
pub(super) use inventory::{inventory_configuration, inventory_configurations};
pub(super) use lifecycle::lifecycle;
pub use objects::ListPage;
pub(super) use objects::objects;
pub(super) use page::Expected;
pub(super) use replication::replication;
pub(super) use tagging::tags;
pub(super) use unreadable::Unreadable;
pub(super) use versioning::versioning;
pub(super) use versions::{VersionEntry, VersionMarker, versions};
