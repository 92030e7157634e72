//! Arguments of `schema`.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::output::Document;

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
    #[arg(value_name = "COMMAND", value_parser = documents())]
    command: Document,
}

impl SchemaArgs {
    pub(super) fn resolve(self) -> Document {
        self.command
    }
}

fn documents() -> impl TypedValueParser<Value = Document> {
    PossibleValuesParser::new(Document::ALL.map(|(word, _)| PossibleValue::new(word)))
        .try_map(|word| word.parse::<Document>())
}
