//! Which report answers: a bucket's inventory configurations, and how far the reports in a folder are delivered.
//!
//! Decisions only; the reports themselves are read by the crate `s3_inventory`. See "Cataloging and analyzing your data with
//! S3 Inventory" in the S3 User Guide.

mod configuration;
mod delivery;

pub(crate) use configuration::{NoChoice, choose, describe};
pub(crate) use delivery::{Delivery, Listing, NoReport, Skipped};
