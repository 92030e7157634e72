//! Arguments of `schema`.

use clap::Args;

use super::common::one_of;
use crate::output::JsonDocument;

/// JSON Schema of a command's json output
///
/// Draft 2020-12, derived from what the command writes. Fields may be added to a document; those that are there keep their
/// meaning as long as its `schema` does.
#[derive(Debug, Args)]
#[command(after_help = super::with_exit_codes("\
Examples:
  replaudit schema inventory
  replaudit schema status > status.schema.json"))]
pub(super) struct SchemaArgs {
    /// The command
    #[arg(value_name = "COMMAND", value_parser = one_of(JsonDocument::ALL))]
    command: JsonDocument,
}

impl SchemaArgs {
    pub(super) fn resolve(self) -> JsonDocument {
        self.command
    }
}
