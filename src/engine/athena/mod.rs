//! Has Athena answer a question about reports: creates a table for each report, asks, and drops the tables again.
//!
//! `start.rs` is the only file that may start statements, and so create and drop. Types of the SDK stop in this folder.

mod clean_up;
mod client;
mod cost;
mod end;
mod error;
mod execution;
mod fate;
mod hints;
mod purpose;
mod run;
mod settings;
mod start;

pub(crate) use cost::list_price;
pub(crate) use end::{AthenaEnd, QueryEnd, TableEnd};
pub(crate) use run::AthenaRun;
pub(crate) use settings::AthenaSettings;
