//! Says in the files that monitoring and CI systems read that a run gave no answer, however it ended.
//!
//! A report that is missing, damaged or old, a signal, a file that can't be written, a panic: unless the run answered, a text
//! that says so replaces the file of the run before. A killed process leaves the old file; in metrics, the time of the last
//! run then stays the same. A file that is also another output, or that the run reads, is not replaced either.

use std::cell::{Cell, RefCell};
use std::path::Path;

use super::super::Context;
use super::super::command_end::CommandEnd;
use crate::output::{FileIdentity, MetricSeries, OutputError, OutputTarget, Targets, UnansweredRun, WriteUnanswered};

/// A file of ours is far smaller; anything larger is not read for the time of the last answer.
const MOST_READ: u64 = 1 << 20;

/// Replaces these files when it is dropped, unless the run answered.
pub(in crate::commands) struct UnansweredAlarm<'a> {
    context: &'a Context,
    series: RefCell<MetricSeries>,
    why: RefCell<Option<String>>,
    /// A file that is another output too, or that the run reads.
    spared: RefCell<Option<FileIdentity>>,
    stdout_is_free: Cell<bool>,
    is_set: Cell<bool>,
}

impl<'a> UnansweredAlarm<'a> {
    /// Runs a command. If it gives no answer, the files say so, and why. `series` is what the command line says.
    pub(in crate::commands) async fn during(
        context: &'a Context,
        series: MetricSeries,
        run: impl AsyncFnOnce(&Self) -> anyhow::Result<CommandEnd>,
    ) -> anyhow::Result<CommandEnd> {
        let alarm = Self {
            context,
            series: RefCell::new(series),
            why: RefCell::default(),
            spared: RefCell::default(),
            stdout_is_free: Cell::new(true),
            is_set: Cell::new(true),
        };
        let ended = run(&alarm).await;
        if let Err(error) = &ended {
            let clash = error.chain().find_map(|cause| match cause.downcast_ref() {
                Some(OutputError::Clash(clash)) => Some(clash.file().clone()),
                _ => None,
            });
            *alarm.spared.borrow_mut() = clash;
        }
        *alarm.why.borrow_mut() = match &ended {
            Ok(end) => end.why_unanswered().map(str::to_owned),
            Err(error) => Some(format!("{error:#}")),
        };
        ended
    }

    /// What the report itself says counts more.
    pub(in crate::commands) fn learn(&self, report: MetricSeries) {
        let mut series = self.series.borrow_mut();
        *series = series.clone().with(report);
    }

    /// The inventory configuration, as far as it is known.
    pub(in crate::commands) fn config(&self) -> Option<String> {
        self.series.borrow().values[1].clone()
    }

    /// stdout was written to.
    pub(in crate::commands) fn stdout_is_taken(&self) {
        self.stdout_is_free.set(false);
    }

    /// The run answered, and the answer is in place.
    pub(in crate::commands) fn answered(&self) {
        self.is_set.set(false);
    }

    fn write(&self, target: Result<OutputTarget, OutputError>, write: WriteUnanswered) -> Result<(), OutputError> {
        let target = target?;
        // A file of another kind is kept: it may be part of a report that can't be read.
        target.check_is_text(MOST_READ)?;
        let (before, series, why) = (target.before(MOST_READ), self.series.borrow(), self.why.borrow());
        let (before, why) = (before.as_deref(), why.as_deref());
        let run = UnansweredRun { series: &series, at: self.context.now(), before, why };
        Targets::only(target).deliver(|out, _, _| write(&run, out))
    }
}

impl Drop for UnansweredAlarm<'_> {
    fn drop(&mut self) {
        if !self.is_set.get() {
            return;
        }
        let (output, printer) = (&self.context.output, &self.context.printer);
        let is_spared = |path: &Path| {
            self.spared.borrow().as_ref().is_some_and(|spared| FileIdentity::of(path).is_ok_and(|file| file == *spared))
        };
        let files = output
            .writes
            .iter()
            .filter(|to| !is_spared(&to.path))
            .filter_map(|to| Some((OutputTarget::file(to), to.format.write_unanswered?)));
        let shown = Some(output.format).filter(|_| self.stdout_is_free.get() && !printer.is_quiet());
        let stdout =
            shown.and_then(|format| Some((OutputTarget::stdout(format, printer.style()), format.write_unanswered?)));
        let summary = shown
            .and_then(|format| format.summary.as_ref())
            .and_then(|form| Some((OutputTarget::summary(form)?, form.write_unanswered)));
        for (target, write) in files.chain(stdout).chain(summary) {
            match self.write(target, write) {
                Ok(()) => {}
                Err(error) if error.is_closed_pipe() => {}
                Err(error) => printer.error(error),
            }
        }
    }
}
