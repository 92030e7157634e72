//! Strict readers of the XML answers of Amazon S3: each turns the bytes of one answer into a value, or says why it can't.
//!
//! The parsers of SDKs take the end of the input for the end of every open element, so an answer that was cut looks like
//! a short one, and "no more keys" may be untrue. Here an answer counts only whole: valid UTF-8, one root with the right
//! name, each required element exactly once, booleans and numbers in their exact form. The readers know no network.
//!
//! Unknown elements: additions that servers are known to make are ignored by name. Another element that holds text alone
//! is ignored if it can't change what the answer decides. One that holds elements may be a new kind of entry, so the
//! answer is refused. Namespaces are not compared, because servers differ in whether they declare S3's.
//!
//! ```
//! use s3_answers::{Bucket, ListRequest, read_objects};
//!
//! let bucket = Bucket::new("photos")?;
//! let request = ListRequest { bucket: &bucket, prefix: "2026/", delimiter: None };
//! let answer = b"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>2026/a.jpg</Key></Contents></ListBucketResult>";
//! assert_eq!(read_objects(answer, &request)?.keys, ["2026/a.jpg"]);
//! // The same answer without its last byte is not a list.
//! assert!(read_objects(&answer[..answer.len() - 1], &request).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod address;
mod annotations;
mod delete_result;
mod element;
mod error;
mod form;
mod inventory;
mod lifecycle;
mod list;
mod replication;
mod service_error;
mod tagging;
mod versioning;

pub use address::{AddressError, Bucket, ObjectId, VersionId, bucket_and_rest};
pub use annotations::{Annotation, AnnotationPage, join_annotation_pages, read_annotations};
pub use delete_result::{KeyAnswer, KeyResult, read_delete_result};
pub use error::AnswerError;
pub use inventory::{
    InventoryConfiguration, InventoryConfigurationPage, read_inventory_configuration, read_inventory_configurations,
};
pub use lifecycle::{LifecycleRule, LifecycleRules, NoncurrentExpiration, read_lifecycle};
pub use list::{ListPage, ListRequest, VersionEntry, VersionMarker, VersionPage, read_objects, read_versions};
pub use replication::{
    Applying, Doubt, Exclusion, Fit, Misfit, ReplicationRule, ReplicationRules, RuleDestination, RuleScope, Subject,
    read_replication,
};
pub use service_error::is_whole_error;
pub use tagging::read_tags;
pub use versioning::{BucketVersioning, Versioning, read_versioning};
