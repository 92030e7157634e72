//! Arguments of `undo`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::common::number;
use crate::commands::{ListSource, UndoOptions};

/// Remove the delete markers that a safe-delete created
///
/// Reads the json or ndjson result of a safe-delete, or its journal, and removes each delete marker in it by its own version
/// ID. It removes only delete markers, and checks each one immediately before the removal. A marker is also removed if it is
/// not the latest version any more. The run exits 1 if a key has no current version afterwards, or if versions were removed
/// permanently (they are listed as lost). If the run of a journal did not finish, a note says that the journal may not name
/// every marker.
#[derive(Debug, Args)]
#[command(after_help = super::with_exit_codes("\
Examples:
  replaudit undo --dry-run result.json
  replaudit undo list.journal
  replaudit safe-delete -y -o ndjson s3://bucket/key | replaudit undo -y -"))]
pub(super) struct UndoArgs {
    /// The json or ndjson result of a safe-delete, or its journal; - for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Show what would be done; send no request that could change anything
    #[arg(short = 'n', long, alias = "dryrun")]
    dry_run: bool,
    /// Skip the confirmation prompt
    #[arg(short, long)]
    yes: bool,
    /// Refuse the whole plan if it would remove more than N markers
    #[arg(long, value_name = "N", value_parser = number::<u64>(0..=u64::MAX))]
    max_delete: Option<u64>,
    /// Record each removal and its outcome in FILE; run the same command again to resume an interrupted run
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    journal: Option<PathBuf>,
}

impl UndoArgs {
    pub(super) fn resolve(self) -> UndoOptions {
        let Self { file, dry_run, yes, max_delete, journal } = self;
        let source = if file.as_os_str() == "-" { ListSource::Stdin } else { ListSource::File(file) };
        UndoOptions { source, dry_run, yes, max_delete, journal }
    }
}
