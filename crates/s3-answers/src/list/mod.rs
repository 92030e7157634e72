//! Pages of lists: ListObjectsV2 and ListObjectVersions.

mod objects;
mod page;
mod versions;

pub use objects::{ListPage, read_objects};
pub use page::ListRequest;
pub use versions::{VersionEntry, VersionMarker, VersionPage, read_versions};
