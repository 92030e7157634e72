//! The command line: what was typed, and what it means once resolved. Types of clap stop here.

mod addresses;
mod athena;
mod common;
mod completions;
mod destination;
mod doctor;
mod engine;
mod environment;
mod error;
mod inventory;
mod question;
mod reasons;
mod reconcile;
mod report_values;
mod safe_delete;
mod schema;
mod sql;
mod status;
mod undo;

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::Command;
pub(crate) use common::SharedOptions;
use common::{CommonArgs, formats_of};
use error::UsageError;

/// Audits Amazon S3 replication: is an object replicated, is a bucket replicated, is every replica there, and may an object be deleted?
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
  0    yes: the command was completed, and the answer is yes
  1    no: the check was completed, and the answer is no
  2    unknown: the check could not be completed, and nothing was changed
  3    incomplete (safe-delete, undo): something was or may have been changed, and something
       else failed or is unknown
  130  interrupted (143: terminated); the report, if there is one, says what was done";

/// Examples, followed by the exit codes, so that each command's page has both.
fn with_exit_codes(examples: &str) -> String {
    format!("{examples}\n\n{EXIT_CODES}")
}

// The doc comment of each command's arguments is its description. A comment here would replace it.
#[derive(Debug, Subcommand)]
enum CommandArgs {
    Status(status::StatusArgs),
    Inventory(inventory::InventoryArgs),
    Doctor(doctor::DoctorArgs),
    Reconcile(reconcile::ReconcileArgs),
    Reasons(reasons::ReasonsArgs),
    SafeDelete(safe_delete::SafeDeleteArgs),
    Undo(undo::UndoArgs),
    Sql(sql::SqlArgs),
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
    /// Reads the command line, the program's name first, and the variables of its options.
    pub(crate) fn read(args: impl IntoIterator<Item = OsString>) -> Result<ResolvedCommand, clap::Error> {
        let args: Vec<OsString> = args.into_iter().collect();
        Self::read_by(&mut environment::without_idle(tree(), &args), &args)
    }

    fn read_by(tree: &mut clap::Command, args: &[OsString]) -> Result<ResolvedCommand, clap::Error> {
        let mut matches = tree
            .try_get_matches_from_mut(args)
            .map_err(|error| with_suggestion(environment::with_origin(error, args)))?;
        Self::from_arg_matches_mut(&mut matches).map_err(|error| error.format(tree))?.resolve()
    }

    /// Understands what was typed; what does not fit together is clap's own error.
    fn resolve(self) -> Result<ResolvedCommand, clap::Error> {
        let writes_statements = matches!(&self.command, CommandArgs::Reconcile(args) if args.prints_sql());
        let (name, command) = match self.command {
            CommandArgs::Status(args) => ("status", args.resolve().map(Command::Status)),
            CommandArgs::Inventory(args) => {
                ("inventory", args.resolve().map(|options| Command::Inventory(Box::new(options))))
            }
            CommandArgs::Doctor(args) => ("doctor", args.resolve().map(Command::Doctor)),
            CommandArgs::Reconcile(args) => {
                ("reconcile", args.resolve().map(|options| Command::Reconcile(Box::new(options))))
            }
            CommandArgs::Reasons(args) => ("reasons", args.resolve().map(Command::Reasons)),
            CommandArgs::SafeDelete(args) => {
                ("safe-delete", args.resolve().map(|options| Command::SafeDelete(Box::new(options))))
            }
            CommandArgs::Undo(args) => ("undo", Ok(Command::Undo(args.resolve()))),
            CommandArgs::Sql(args) => ("sql", args.resolve().map(Command::Sql)),
            CommandArgs::Schema(args) => ("schema", Ok(Command::Schema(args.resolve()))),
            CommandArgs::Completions(args) => ("completions", Ok(Command::Completions(args.resolve(tree())))),
        };
        let fits = formats_of(if writes_statements { "sql" } else { name });
        let resolved = self.common.resolve().and_then(|shared| {
            let writes = shared.output.writes.iter().map(|write| write.format);
            let command = command?;
            let mut formats = std::iter::once(shared.output.format).chain(writes);
            if let Some(format) = formats.clone().find(|format| !fits(format)) {
                return Err(UsageError::Format { command: name, format, fits });
            }
            let is_partial = matches!(&command, Command::Doctor(options) if !options.shown.only.is_empty());
            match formats.find(|format| is_partial && format.needs_every_row) {
                Some(metrics) => Err(UsageError::PartialMetrics(metrics)),
                None => Ok(ResolvedCommand { command, shared }),
            }
        });
        resolved.map_err(|error| usage_error(name, &error))
    }
}

/// Reads many command lines, and no variables: building the tree takes longer than a simulated run.
#[derive(Debug)]
pub struct CommandLineReader(clap::Command);

impl CommandLineReader {
    pub(crate) fn read(&mut self, args: Vec<OsString>) -> Result<ResolvedCommand, clap::Error> {
        Cli::read_by(&mut self.0, &args)
    }
}

impl Default for CommandLineReader {
    fn default() -> Self {
        Self(Cli::command())
    }
}

/// The tree of commands and options.
#[must_use]
pub fn tree() -> clap::Command {
    let tree = Cli::command();
    let hidden: Vec<clap::Arg> = tree.get_arguments().map(|arg| arg.clone().hide(true)).collect();
    // These connect to nothing and print one text. They accept the options, because an alias may have them.
    let tree = tree.mut_subcommand("schema", |command| command.args(&hidden));
    let tree = tree.mut_subcommand("completions", |command| command.args(&hidden));
    let sql: Vec<clap::Arg> = hidden.into_iter().filter_map(of_sql).collect();
    let tree = tree.mut_subcommand("sql", |command| command.args(sql));
    // clap would take -1 for an option, and propose a command line that has another meaning.
    let negative = |arg: clap::Arg| match arg.get_action().takes_values() && !arg.is_positional() {
        true => arg.allow_negative_numbers(true),
        false => arg,
    };
    let tree = tree.mut_args(negative).mut_subcommands(|command| command.mut_args(negative));
    environment::with_variables(tree)
}

/// The options of `sql` about its output: statements have no other format than the default.
fn of_sql(arg: clap::Arg) -> Option<clap::Arg> {
    let help = match arg.get_id().as_str() {
        "output" => "Format of standard output: only table is accepted, which prints the statements",
        "write" => "Also write the statements to PATH, as table=PATH, atomically",
        _ => return None,
    };
    Some(arg.hide(false).hide_possible_values(true).help(help))
}

/// What people type for a command of another name; clap suggests names that look alike only.
fn with_suggestion(mut error: clap::Error) -> clap::Error {
    let typed = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(typed)) => typed.as_str(),
        _ => return error,
    };
    let meant = match typed {
        "delete" | "rm" | "remove" => "safe-delete",
        "head" | "check" | "stat" => "status",
        "report" | "audit" => "inventory",
        "compare" | "diff" => "reconcile",
        _ => return error,
    };
    error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(vec![meant.to_owned()]));
    error
}

/// Every completion script with its file name.
#[must_use]
pub fn completion_scripts() -> Vec<(&'static str, String)> {
    completions::scripts(&tree()).collect()
}

/// An error with the usage of the command it is about.
fn usage_error(command: &str, error: &UsageError) -> clap::Error {
    let mut tree = tree();
    tree.build();
    let text = crate::model::escape(&error.to_string()).into_owned();
    match tree.find_subcommand_mut(command) {
        Some(found) => found.error(ErrorKind::ValueValidation, text),
        None => tree.error(ErrorKind::ValueValidation, text),
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
