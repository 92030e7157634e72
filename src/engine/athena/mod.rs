//! Has Athena answer the question of a report: creates a table for one run, asks, and drops the table again.
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
