//! The commands: options in, exit status out. Wiring only; decisions are made elsewhere.

mod alarm;
mod build_plan;
mod confirm;
mod consent;
mod context;
mod deletion_report;
mod explain;
mod export;
mod find;
mod gather;
mod inventory;
mod objects;
mod own_files;
mod safe_delete;
mod schema;
mod signals;
mod since;
mod status;
mod temporary;
mod undo;
mod verify;
mod wait;

pub use context::{Context, Output};
pub use export::ExportOptions;
pub use find::ReportChoice;
pub use inventory::{InventoryOptions, MaxAge};
pub use objects::{ListSource, Objects};
pub use safe_delete::SafeDeleteOptions;
pub use signals::Signals;
pub use status::StatusOptions;
pub use undo::UndoOptions;

use crate::exit::ExitStatus;
use crate::output::Document;

/// A command with everything it needs.
#[derive(Debug)]
pub enum Command {
    /// Replication status of objects.
    Status(StatusOptions),
    /// Status of a whole bucket from its inventory report.
    Inventory(Box<InventoryOptions>),
    /// Deletes what is proven replicated.
    SafeDelete(Box<SafeDeleteOptions>),
    /// Removes the delete markers that a safe-delete created.
    Undo(UndoOptions),
    /// JSON Schema of a command's json output.
    Schema(Document),
}

/// Runs a command; what could not be done at all is an error, and 2.
pub async fn run(command: Command, context: &Context) -> ExitStatus {
    let result = match command {
        Command::Status(options) => status::run(options, context).await,
        Command::Inventory(options) => inventory::run(*options, context).await,
        Command::SafeDelete(options) => safe_delete::run(*options, context).await,
        Command::Undo(options) => undo::run(options, context).await,
        Command::Schema(document) => schema::run(document, context),
    };
    result.unwrap_or_else(|error| {
        context.printer.error(format!("{error:#}"));
        context.signals.caught().unwrap_or(ExitStatus::Unknown)
    })
}
