//! The command line: what was typed, and what it means once resolved. Types of clap stop here.

mod addresses;
mod common;
mod completions;
mod destination;
mod error;
mod inventory;
mod safe_delete;
mod schema;
mod status;
mod undo;

use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::Command;
pub(crate) use common::SharedOptions;
use common::{CommonArgs, formats_of};
use error::UsageError;

/// Audits Amazon S3 replication: is this object replicated, is this bucket, may this object be deleted?
#[derive(Debug, Parser)]
#[command(name = "replaudit", version, propagate_version = true, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    common: CommonArgs,
    #[command(subcommand)]
    command: CommandArgs,
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
enum CommandArgs {
    Status(status::StatusArgs),
    Inventory(inventory::InventoryArgs),
    SafeDelete(safe_delete::SafeDeleteArgs),
    Undo(undo::UndoArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
}

/// What was typed, understood.
#[derive(Debug)]
pub(crate) struct ResolvedCommand {
    pub(crate) command: Command,
    pub(crate) shared: SharedOptions,
}

impl Cli {
    /// Understands what was typed; what does not fit together is clap's own error.
    pub(crate) fn resolve(self) -> Result<ResolvedCommand, clap::Error> {
        let (name, command) = match self.command {
            CommandArgs::Status(args) => ("status", args.resolve().map(Command::Status)),
            CommandArgs::Inventory(args) => {
                ("inventory", args.resolve().map(|options| Command::Inventory(Box::new(options))))
            }
            CommandArgs::SafeDelete(args) => {
                ("safe-delete", args.resolve().map(|options| Command::SafeDelete(Box::new(options))))
            }
            CommandArgs::Undo(args) => ("undo", Ok(Command::Undo(args.resolve()))),
            CommandArgs::Schema(args) => ("schema", Ok(Command::Schema(args.resolve()))),
            CommandArgs::Completions(args) => ("completions", Ok(Command::Completions(args.resolve(tree())))),
        };
        let fits = formats_of(name);
        let resolved = self.common.resolve().and_then(|shared| {
            let writes = shared.output.writes.iter().map(|write| write.format);
            match std::iter::once(shared.output.format).chain(writes).find(|format| !fits(format)) {
                Some(format) => Err(UsageError::Format { command: name, format, fits }),
                None => Ok(ResolvedCommand { command: command?, shared }),
            }
        });
        resolved.map_err(|error| usage_error(name, &error))
    }
}

/// The tree of commands and options, for man pages.
#[must_use]
pub fn tree() -> clap::Command {
    Cli::command()
}

/// Every completion script with its file name.
#[must_use]
pub fn completion_scripts() -> Vec<(&'static str, String)> {
    completions::scripts(&tree()).collect()
}

/// An error with the usage of the command it is about.
fn usage_error(command: &str, error: &UsageError) -> clap::Error {
    let mut tree = Cli::command();
    tree.build();
    let text = crate::model::escape(&error.to_string()).into_owned();
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
