#![doc = include_str!("../README.md")]

mod address;
mod annotations;
mod delete_result;
mod element;
mod encryption;
mod error;
mod form;
mod inventory;
mod lifecycle;
mod list;
mod notification;
mod object_lock;
mod replication;
mod service_error;
mod tagging;
mod versioning;

pub use address::{AddressError, Bucket, ObjectId, VersionId, bucket_and_rest};
pub use annotations::{Annotation, AnnotationPage, join_annotation_pages, read_annotations};
pub use delete_result::{KeyAnswer, KeyResult, read_delete_result};
pub use encryption::{DefaultEncryption, read_default_encryption};
pub use error::AnswerError;
pub use form::other_readings;
pub use inventory::{
    InventoryConfiguration, InventoryConfigurationPage, read_inventory_configuration, read_inventory_configurations,
};
pub use lifecycle::{CurrentExpiration, LifecycleRule, LifecycleRules, NoncurrentExpiration, read_lifecycle};
pub use list::{
    BucketPage, ListPage, ListRequest, PageStart, VersionEntry, VersionMarker, VersionPage, read_buckets, read_objects,
    read_versions,
};
pub use notification::{NotificationTarget, Notifications, read_notifications};
pub use object_lock::{ObjectLock, read_object_lock};
pub use replication::{
    Applying, Doubt, Exclusion, Fit, Misfit, ReplicationRule, ReplicationRules, RuleDestination, RuleScope, Subject,
    read_replication,
};
pub use service_error::is_whole_error;
pub use tagging::read_tags;
pub use versioning::{BucketVersioning, Versioning, read_versioning};
