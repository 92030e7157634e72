//! The commands: options in, exit status out. Wiring only; decisions are made elsewhere.
//!
//! A new command is a file here with its options and a `run`, a variant of `Command` and its arm in `run`; a file of
//! arguments in `cli`, a variant of `CommandArgs` and its arm in `Cli::resolve`; and, where it writes json, an entry of
//! `JsonDocument::ALL`. Help, man pages, completions and schemas follow from these.

mod answers;
mod build_plan;
mod consent;
mod context;
mod deletion_report;
mod gather;
mod inventory;
mod objects;
mod open_journal;
mod own_files;
mod safe_delete;
mod signals;
mod status;
mod undo;
mod verify;
mod wait;

pub(crate) use context::{Context, OutputOptions};
pub(crate) use inventory::{ExportOptions, InventoryOptions, MaxAge, ReportChoice};
pub(crate) use objects::{ListSource, ObjectSelection};
pub(crate) use safe_delete::SafeDeleteOptions;
pub(crate) use signals::Signals;
pub(crate) use status::StatusOptions;
pub(crate) use undo::UndoOptions;

use crate::exit::ExitStatus;
use crate::output::{JsonDocument, OutputError};

#[derive(Debug)]
pub(crate) enum Command {
    Status(StatusOptions),
    Inventory(Box<InventoryOptions>),
    SafeDelete(Box<SafeDeleteOptions>),
    Undo(UndoOptions),
    Schema(JsonDocument),
}

/// Runs a command. An error means that it could not be carried out, and exits 2.
pub(crate) async fn run(command: Command, context: &Context) -> ExitStatus {
    let result = match command {
        Command::Status(options) => status::run(options, context).await,
        Command::Inventory(options) => inventory::run(*options, context).await,
        Command::SafeDelete(options) => safe_delete::run(*options, context).await,
        Command::Undo(options) => undo::run(options, context).await,
        Command::Schema(document) => write_schema(document, context).map_err(anyhow::Error::from),
    };
    result.unwrap_or_else(|error| {
        context.printer.error(format!("{error:#}"));
        context.signals.caught().unwrap_or(ExitStatus::Unknown)
    })
}

fn write_schema(document: JsonDocument, context: &Context) -> Result<ExitStatus, OutputError> {
    let targets = context.targets()?;
    let text = format!("{:#}\n", document.schema());
    Ok(match targets.deliver(|out, _, _| out.write_all(text.as_bytes())) {
        Ok(()) => ExitStatus::Yes,
        Err(error) => context.undelivered(&error),
    })
}
