//! Arguments of `schema`.

use clap::Args;
use serde_json::Value;

use super::common::one_of;
use crate::output::SCHEMAS;

/// JSON Schema of a command's JSON output
///
/// Draft 2020-12. New versions of replaudit may add fields to a document. Existing fields keep their meaning as long as the
/// document's `schema` field stays the same.
#[derive(Debug, Args)]
#[command(after_help = super::with_exit_codes("\
Examples:
  replaudit schema inventory
  replaudit schema status > status.schema.json"))]
pub(super) struct SchemaArgs {
    /// Command whose JSON output is described
    #[arg(value_name = "COMMAND", value_parser = one_of(SCHEMAS))]
    command: fn() -> Value,
}

impl SchemaArgs {
    pub(super) fn resolve(self) -> fn() -> Value {
        self.command
    }
}
