//! The commands: options in, exit status out. Wiring only; decisions are made elsewhere.
//!
//! A new command is a file here with its options and a `run`, a variant of `Command` and its arm in `run`; a file of
//! arguments in `cli`, a variant of `CommandArgs` and its arm in `Cli::resolve`; and, where it writes json, an entry of
//! `SCHEMAS`. Help, man pages, completions and schemas follow from these.

mod again;
mod answers;
mod build_plan;
mod command_end;
mod consent;
mod context;
mod deletion_report;
mod doctor;
mod engines;
mod gather;
mod gzip;
mod inventory;
mod objects;
mod open_journal;
mod own_files;
mod reasons;
mod reconcile;
mod reports;
mod safe_delete;
mod signals;
mod sql;
mod status;
mod undo;
mod verify;
mod wait;

use context::Interruptible;
pub use context::StandardStreams;
pub(crate) use context::{Context, OutputOptions};
pub(crate) use doctor::DoctorOptions;
pub(crate) use engines::{FiguresInput, RowSource};
pub(crate) use inventory::InventoryOptions;
pub(crate) use objects::{ListSource, ObjectSelection};
pub(crate) use reasons::{JoinOptions, ReasonsInput, ReasonsOptions};
pub(crate) use reconcile::{ReconcileOptions, SideOptions};
pub(crate) use reports::{DESTINATION_ID, ExportOptions, ID, MaxAge, ReadChoice, ReportChoice, ReportQuestion};
pub(crate) use safe_delete::SafeDeleteOptions;
pub(crate) use signals::Signals;
pub(crate) use sql::SqlOptions;
pub(crate) use status::StatusOptions;
pub(crate) use undo::UndoOptions;

use self::command_end::CommandEnd;
use crate::exit::ExitStatus;
use crate::output::OutputError;

#[derive(Debug)]
pub(crate) enum Command {
    Status(StatusOptions),
    Inventory(Box<InventoryOptions>),
    Reconcile(Box<ReconcileOptions>),
    Doctor(DoctorOptions),
    Reasons(ReasonsOptions),
    SafeDelete(Box<SafeDeleteOptions>),
    Undo(UndoOptions),
    Sql(SqlOptions),
    /// Prints a schema.
    Schema(fn() -> serde_json::Value),
    /// Prints a shell completion script.
    Completions(String),
}

/// Runs a command. An error means that it could not be carried out, and exits 2.
pub(crate) async fn run(command: Command, context: &Context) -> ExitStatus {
    let result = match command {
        Command::Status(options) => status::run(options, context).await,
        Command::Inventory(options) => inventory::run(*options, context).await,
        Command::Reconcile(options) => reconcile::run(*options, context).await,
        Command::Doctor(options) => doctor::run(options, context).await,
        Command::Reasons(options) => reasons::run(options, context).await,
        Command::SafeDelete(options) => safe_delete::run(*options, context).await,
        Command::Undo(options) => undo::run(options, context).await,
        Command::Sql(options) => sql::run(options, context).await,
        Command::Schema(schema) => write_text(&format!("{:#}\n", schema()), context).map_err(Into::into),
        Command::Completions(script) => write_text(&script, context).map_err(Into::into),
    };
    let ended = result.unwrap_or_else(|error| {
        context.printer.error(format!("{error:#}"));
        CommandEnd::explained(context.signals.caught().unwrap_or(ExitStatus::Unknown))
    });
    ended.print(&context.printer)
}

fn write_text(text: &str, context: &Context) -> Result<CommandEnd, OutputError> {
    let targets = context.targets()?;
    Ok(match targets.deliver(|out, _, _| out.write_all(text.as_bytes())) {
        Ok(()) => CommandEnd::YES,
        Err(error) => context.undelivered(&error),
    })
}
