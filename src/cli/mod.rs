//! The command line: what was typed, and what it means once resolved. Types of clap stop here.

mod addresses;
mod common;
mod destination;
mod inventory;
mod safe_delete;
mod schema;
mod status;
mod undo;

use clap::{CommandFactory, Parser, Subcommand};

use crate::commands;
use crate::output::Format;
use common::Common;

/// Audits Amazon S3 replication: is this object replicated, is this bucket, may this object be deleted?
#[derive(Debug, Parser)]
#[command(name = "replaudit", version, propagate_version = true, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Typed,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    all of it is replicated, within its limits, deleted: proven
  1    answered, and the answer is no
  2    could not be answered; nothing was changed
  3    something was deleted or may have been, and something else failed or is unknown
  130  interrupted (143: terminated)";

/// Examples, and behind them the exit codes, so that each command's page has both.
fn with_exit_codes(examples: &str) -> String {
    format!("{examples}\n\n{EXIT_CODES}")
}

// What each is for stands at its arguments: a comment here would take its place.
#[derive(Debug, Subcommand)]
enum Typed {
    Status(status::StatusArgs),
    Inventory(inventory::InventoryArgs),
    SafeDelete(safe_delete::SafeDeleteArgs),
    Undo(undo::UndoArgs),
    Schema(schema::SchemaArgs),
}

/// What was typed, understood.
#[derive(Debug)]
pub struct Resolved {
    /// The command.
    pub command: commands::Command,
    /// Options of every command.
    pub shared: Shared,
}

pub use common::Shared;

impl Cli {
    /// Understands what was typed.
    ///
    /// # Errors
    /// What does not fit together, as clap's own error.
    pub fn resolve(self) -> Result<Resolved, clap::Error> {
        let name = match &self.command {
            Typed::Status(_) => "status",
            Typed::Inventory(_) => "inventory",
            Typed::SafeDelete(_) => "safe-delete",
            Typed::Undo(_) => "undo",
            Typed::Schema(_) => "schema",
        };
        let fail = |text: String| usage_error(name, &text);
        let fits: fn(Format) -> bool = match &self.command {
            Typed::Status(_) | Typed::SafeDelete(_) | Typed::Undo(_) => Format::holds_rows,
            Typed::Inventory(_) => |_| true,
            // Table stands for no choice.
            Typed::Schema(_) => |format| matches!(format, Format::Table | Format::Json),
        };
        let shared = self.common.resolve().map_err(fail)?;
        let formats =
            std::iter::once(shared.output.format).chain(shared.output.writes.iter().map(|write| write.format));
        if let Some(format) = formats.into_iter().find(|format| !fits(*format)) {
            return Err(fail(format!("{name} does not write {format}; it writes {}", Format::words(fits))));
        }
        let command = match self.command {
            Typed::Status(args) => commands::Command::Status(args.resolve().map_err(fail)?),
            Typed::Inventory(args) => commands::Command::Inventory(Box::new(args.resolve().map_err(fail)?)),
            Typed::SafeDelete(args) => commands::Command::SafeDelete(Box::new(args.resolve().map_err(fail)?)),
            Typed::Undo(args) => commands::Command::Undo(args.resolve()),
            Typed::Schema(args) => commands::Command::Schema(args.resolve()),
        };
        Ok(Resolved { command, shared })
    }
}

/// The tree of commands and options, for completions and man pages.
#[must_use]
pub fn tree() -> clap::Command {
    Cli::command()
}

/// An error with the usage of the command it is about.
fn usage_error(command: &str, text: &str) -> clap::Error {
    let mut tree = Cli::command();
    tree.build();
    let text = crate::model::escape(text);
    match tree.find_subcommand_mut(command) {
        Some(found) => found.error(clap::error::ErrorKind::ValueValidation, text),
        None => tree.error(clap::error::ErrorKind::ValueValidation, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound_and_every_option_is_explained() {
        let mut tree = tree();
        tree.clone().debug_assert();
        tree.build();
        for command in std::iter::once(&tree).chain(tree.get_subcommands()) {
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
        }
    }
}
