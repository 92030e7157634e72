//! Who reads the rows of reports, if it is not this program: an engine that is run, or figures that one computed before.

mod athena;
mod athena_traces;
mod figures;
mod folder_export;
mod run_name;
mod source;
mod spark;

pub(super) use athena::{AthenaQuestion, AthenaTask};
pub(super) use figures::figures;
pub(super) use folder_export::FolderExport;
pub(super) use run_name::run_name;
pub(crate) use source::{FiguresInput, RowSource};
pub(super) use spark::{run_spark, spark_program};
