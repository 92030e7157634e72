//! Chooses a bucket's inventory configuration, and the newest complete report of a folder.
//!
//! Decisions only: the crate `s3_inventory` reads the reports. See "Cataloging and analyzing your data with S3 Inventory" in
//! the S3 User Guide.

mod configuration;
mod delivery;

pub(crate) use configuration::{NoChoice, choose, describe};
pub(crate) use delivery::{Delivery, Listing, NoReport, Skipped};
