//! Audits Amazon S3 replication.
pub mod audit;
pub mod cli;
pub mod commands;
pub mod deletion;
pub mod exit;
pub mod inventory;
pub mod model;
pub mod output;
pub mod reader;
pub mod rules;
pub mod s3;
pub mod status;
