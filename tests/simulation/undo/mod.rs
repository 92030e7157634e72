//! `undo` of what the runs of a history did: its command line, and what is judged afterwards.

mod judge;
mod source;

use std::path::Path;

use fastrand::Rng;

use crate::carried::{Done, Ran};
use crate::chance::{chance, one};
use crate::network::Sent;
use crate::world::Snapshot;

pub(crate) use judge::judge;

/// Faults, events and accidents of its first run have this number.
pub(crate) const FIRST_UNDO: usize = 10;

/// How it is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UndoPlan {
    /// It reads the journal instead of the report.
    pub(crate) reads_journal: bool,
    /// It has a journal of its own, and is run twice.
    pub(crate) journal: bool,
    pub(crate) dry_run: bool,
    pub(crate) max_delete: Option<u64>,
    pub(crate) concurrency: u32,
}

/// What became of it.
pub(crate) struct Undone {
    /// What it read.
    pub(crate) source: String,
    pub(crate) before: Snapshot,
    pub(crate) ran: Vec<Ran>,
    pub(crate) sent: Vec<Vec<Sent>>,
    /// What others did meanwhile.
    pub(crate) others: Vec<Done>,
}

impl UndoPlan {
    pub(crate) fn of(rng: &mut Rng, has_journal: bool) -> Self {
        Self {
            reads_journal: has_journal && chance(rng, 50),
            journal: chance(rng, 50),
            dry_run: chance(rng, 6),
            max_delete: chance(rng, 10).then(|| rng.u64(0..3)),
            concurrency: one(rng, &[1, 2, 8]),
        }
    }

    pub(crate) fn runs(&self) -> usize {
        if self.journal { 2 } else { 1 }
    }

    /// The command line after the program's name, for the file `source`.
    pub(crate) fn command_line(&self, source: &Path, folder: &Path, report: &Path) -> Vec<String> {
        let mut line = vec!["undo".to_owned(), "--yes".to_owned(), "-q".to_owned()];
        line.extend(["--write".to_owned(), format!("json={}", report.display())]);
        line.extend(["--concurrency".to_owned(), self.concurrency.to_string()]);
        line.extend(self.dry_run.then(|| "--dry-run".to_owned()));
        if let Some(most) = self.max_delete {
            line.extend(["--max-delete".to_owned(), most.to_string()]);
        }
        if self.journal {
            line.extend(["--journal".to_owned(), undo_journal(folder).display().to_string()]);
        }
        line.push(source.display().to_string());
        line
    }
}

/// Where its journal is.
pub(crate) fn undo_journal(folder: &Path) -> std::path::PathBuf {
    folder.join("undo.ndjson")
}
