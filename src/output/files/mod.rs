//! Where results go: stdout, and files that are replaced whole or not at all.

mod error;
mod export_target;
mod file_identity;
mod output_files;
mod replaced_file;
mod step_summary;
mod targets;
mod temporary;

pub(crate) use error::OutputError;
pub(crate) use export_target::{ExportPlace, ExportTarget};
pub(crate) use file_identity::FileIdentity;
pub(crate) use output_files::OutputFiles;
pub(crate) use targets::{OutputTarget, RowTargets, Targets, WriteOption};
