//! Pages of lists: ListObjectsV2, ListObjectVersions and ListBuckets.

mod buckets;
mod objects;
mod page;
mod versions;

pub use buckets::{BucketPage, read_buckets};
pub use objects::{ListPage, read_objects};
pub use page::{ListRequest, PageStart, VersionMarker};
pub use versions::{VersionEntry, VersionPage, read_versions};
