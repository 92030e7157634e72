//! What every command is given: where results go, how S3 is reached, the clock, and the signals.

use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;
use jiff::Timestamp;

use super::Signals;
use super::command_end::CommandEnd;
use crate::exit::ExitStatus;
use crate::model::Failure;
use crate::output::{Format, OutputError, Printer, ProgressChoice, ReportRow, ReportSummary, Targets, WriteOption};
use crate::s3::{ClientSettings, DeleteSettings, HeadDetail, Machine, S3Store};

/// Where results go.
#[derive(Debug, Clone)]
pub(crate) struct OutputOptions {
    pub(crate) format: &'static Format,
    pub(crate) writes: Vec<WriteOption>,
    pub(crate) progress: ProgressChoice,
}

/// What the process began with.
#[derive(Debug, Clone, Copy)]
pub struct StandardStreams {
    /// Standard input is open and can be read.
    pub stdin_is_open: bool,
    /// Standard output is open and can be written.
    pub stdout_is_open: bool,
}

impl StandardStreams {
    /// Both can be used.
    pub const OPEN: Self = Self { stdin_is_open: true, stdout_is_open: true };
}

#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) printer: Printer,
    pub(crate) output: OutputOptions,
    pub(crate) client: ClientSettings,
    /// Requests in flight.
    pub(crate) concurrency: NonZeroUsize,
    /// Exits 0 instead of 2 if there is nothing to check.
    pub(crate) allow_empty: bool,
    pub(crate) signals: Signals,
    /// Set just before the first delete is sent. From then on a panic exits 3.
    pub(crate) delete_sent: Arc<AtomicBool>,
    /// What they were when the program started; a closed one is `/dev/null` by now.
    pub(crate) streams: StandardStreams,
    pub(crate) machine: Machine,
    /// What was typed, for commands that are shown; empty if it is not UTF-8.
    pub(crate) arguments: Vec<String>,
}

/// How something ended that a signal can interrupt.
pub(super) enum Interruptible<T> {
    Completed(T),
    Interrupted(CommandEnd),
}

impl Context {
    /// Waits for `asked`, or for a signal, and then says what the run has not got: `interrupted: no statements were written`.
    pub(super) async fn until_signal<T>(
        &self,
        lacks: &str,
        asked: impl Future<Output = T> + Unpin,
    ) -> Interruptible<T> {
        tokio::select! {
            biased;
            signal = self.signals.wait() => {
                self.printer.error(format!("interrupted: {lacks}"));
                Interruptible::Interrupted(CommandEnd::explained(signal))
            }
            completed = asked => Interruptible::Completed(completed),
        }
    }

    /// Prints a warning before the end of a run, or adds it to its error.
    pub(super) fn warned(
        &self,
        warning: Option<String>,
        ended: anyhow::Result<CommandEnd>,
    ) -> anyhow::Result<CommandEnd> {
        let Some(warning) = warning else { return ended };
        let end = ended.with_context(|| warning.clone())?;
        self.printer.error(warning);
        Ok(end)
    }

    /// The time on the wall.
    pub(super) fn now(&self) -> Timestamp {
        self.machine.clock.now().wall
    }

    /// Looks for credentials. Requests are sent later.
    pub(super) async fn connect(&self) -> Result<S3Store, Failure> {
        self.connect_with(&self.client).await
    }

    /// The same with other settings.
    pub(super) async fn connect_with(&self, settings: &ClientSettings) -> Result<S3Store, Failure> {
        let store = tokio::select! {
            biased;
            _ = self.signals.wait() => return Err(Failure::new("Interrupted", "interrupted while connecting", None)),
            store = S3Store::connect(settings, &self.machine) => store?,
        };
        if self.printer.verbosity() == 0 {
            return Ok(store);
        }
        let printer = self.printer.clone();
        Ok(store.with_trace(Arc::new(move |ask| printer.trace(ask))))
    }

    pub(super) fn delete_settings(&self) -> DeleteSettings {
        DeleteSettings {
            max_attempts: self.client.max_attempts,
            concurrency: self.concurrency.get(),
            sent: Arc::clone(&self.delete_sent),
            stop: Arc::clone(&self.signals.stop),
        }
    }

    /// How much is read of each object. A table shows properties if there is only one.
    pub(super) fn detail(&self, one: bool) -> HeadDetail {
        let stdout = (!self.printer.is_quiet()).then_some(self.output.format);
        let mut formats = stdout.into_iter().chain(self.output.writes.iter().map(|write| write.format));
        match (one && formats.any(|format| format.shows_properties), self.printer.verbosity()) {
            (false, _) => HeadDetail::Status,
            (true, 0) => HeadDetail::Brief,
            (true, _) => HeadDetail::All,
        }
    }

    pub(super) fn targets(&self) -> Result<Targets, OutputError> {
        if !self.printer.is_quiet() {
            self.needs_stdout()?;
        }
        Targets::open(self.output.format, &self.output.writes, &self.printer)
    }

    /// Refuses a closed stdout.
    pub(super) fn needs_stdout(&self) -> Result<(), OutputError> {
        if self.streams.stdout_is_open { Ok(()) } else { Err(OutputError::StdoutClosed) }
    }

    /// Refuses a closed stdin: a list that can't be read is not an empty one.
    pub(super) fn needs_stdin(&self) -> io::Result<()> {
        let closed = "reading standard input: when the program started, it was closed or open for writing only";
        if self.streams.stdin_is_open { Ok(()) } else { Err(io::Error::other(closed)) }
    }

    /// Names the files that keep what they had, because the result is not whole.
    pub(super) fn say_kept(&self, files: &[PathBuf]) {
        for file in files {
            self.printer.error(format!("{} was not written: the result is not complete", file.display()));
        }
    }

    /// Ends a run that had nothing to check: with `--allow-empty`, with a result without rows.
    pub(super) fn nothing<R: ReportRow, S: ReportSummary>(
        &self,
        what: &str,
        summary: &S,
    ) -> Result<CommandEnd, OutputError> {
        if !self.allow_empty {
            return Ok(Self::no_answer(what));
        }
        let mut targets = self.targets()?;
        targets.rows::<R, S>()?.end(summary)?;
        targets.commit()?;
        Ok(CommandEnd::YES)
    }

    /// Ends a run without `--allow-empty` that had nothing to check.
    pub(super) fn no_answer(why: &str) -> CommandEnd {
        CommandEnd::new(ExitStatus::Unknown, format!("{why} (--allow-empty exits 0)"))
    }

    /// The exit status of a result that did not arrive is 2. (`deletion_report.rs` makes 3 of it after a delete.) When that
    /// is noticed:
    ///
    /// | stdout | seen |
    /// |---|---|
    /// | closed at the start (`>&-`) | before anything is asked, see [`Context::needs_stdout`] |
    /// | a full device (`> /dev/full`) | when the buffer is written |
    /// | a pipe whose reader is gone (`| head`) | when the buffer is written; the `--write` files are put in place |
    /// | `/dev/null`, or anything with `--quiet` | never: the exit code is the answer |
    pub(super) fn undelivered(&self, error: &OutputError) -> CommandEnd {
        self.printer.error(error);
        CommandEnd::explained(ExitStatus::Unknown)
    }
}
