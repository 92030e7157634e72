//! Pages of lists: current objects (ListObjectsV2), and versions with delete markers (ListObjectVersions).

mod objects;
mod page;
mod versions;

pub use objects::{ListPage, read_objects};
pub use page::ListRequest;
pub use versions::{VersionEntry, VersionMarker, VersionPage, read_versions};
