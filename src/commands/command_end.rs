//! How a command ended, and why it was not a success. The reason goes to stderr here and nowhere else, with every output
//! format: a script may read the exit code only, and a person stderr only.

use crate::exit::ExitStatus;
use crate::output::Printer;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CommandEnd {
    pub(super) exit: ExitStatus,
    /// `None` if it was printed when it was found.
    reason: Option<String>,
}

impl CommandEnd {
    pub(super) const YES: Self = Self { exit: ExitStatus::Yes, reason: None };

    pub(super) fn new(exit: ExitStatus, reason: impl Into<String>) -> Self {
        Self { exit, reason: Some(reason.into()) }
    }

    /// For a run that has printed an error already.
    pub(super) fn explained(exit: ExitStatus) -> Self {
        Self { exit, reason: None }
    }

    /// Why there is no answer, for the files that a CI system reads; `None` if only stderr says it.
    pub(super) fn why_unanswered(&self) -> Option<&str> {
        match self.exit {
            ExitStatus::Interrupted | ExitStatus::Terminated => Some("it was interrupted"),
            ExitStatus::Yes | ExitStatus::No | ExitStatus::Unknown | ExitStatus::Incomplete => self.reason.as_deref(),
        }
    }

    /// Prints the reason: as an error, or for exit code 1, which `--quiet` keeps silent, as a note.
    pub(super) fn print(self, printer: &Printer) -> ExitStatus {
        match (self.exit, self.reason) {
            (ExitStatus::No, Some(reason)) => printer.answer_no(reason),
            (ExitStatus::Unknown | ExitStatus::Incomplete, Some(reason)) => printer.error(reason),
            (ExitStatus::Yes | ExitStatus::Interrupted | ExitStatus::Terminated, Some(_)) | (_, None) => {}
        }
        self.exit
    }
}
