//! Says in the prometheus files that a run gave no answer, however it ended.
//!
//! A report that is missing, damaged or old, a signal, a file that can't be written, a panic: as long as nobody has said
//! that the run answered, `up 0` replaces what the last one left. Only a killed process leaves the old file, whose time
//! of the last run then no longer moves.

use std::cell::{Cell, RefCell};

use super::Context;
use crate::output::{Format, OutputError, Series, Target, Targets, write_unanswered};

/// A file of ours is far smaller; anything larger is not read for the time of the last answer.
const MOST_READ: u64 = 1 << 20;

/// Goes off when it is dropped, unless the run answered.
pub(super) struct Alarm<'a> {
    context: &'a Context,
    series: RefCell<Series>,
    stdout_is_free: Cell<bool>,
    is_set: Cell<bool>,
}

impl<'a> Alarm<'a> {
    /// Sets it; `series` is what the command line tells.
    pub(super) fn set(context: &'a Context, series: Series) -> Self {
        Self { context, series: RefCell::new(series), stdout_is_free: Cell::new(true), is_set: Cell::new(true) }
    }

    /// What the report itself tells counts more.
    pub(super) fn learn(&self, told: Series) {
        let mut series = self.series.borrow_mut();
        *series = Series { bucket: told.bucket.or(series.bucket.take()), config: told.config.or(series.config.take()) };
    }

    /// The inventory configuration, as far as it is known.
    pub(super) fn config(&self) -> Option<String> {
        self.series.borrow().config.clone()
    }

    /// From now on stdout holds something else.
    pub(super) fn stdout_is_taken(&self) {
        self.stdout_is_free.set(false);
    }

    /// The run answered, and its answer is where it should be.
    pub(super) fn answered(&self) {
        self.is_set.set(false);
    }

    fn tell(&self, target: Result<Target, OutputError>) -> Result<(), OutputError> {
        let target = target?;
        // A file of another kind is kept: it may be part of a report that can't be read.
        target.check_is_text(MOST_READ)?;
        let before = target.before(MOST_READ);
        let mut targets = Targets::only(target);
        let at = (self.context.now)();
        let series = self.series.borrow();
        targets
            .iter_mut()
            .try_for_each(|target| target.with(|out, _, _| write_unanswered(&series, at, before.as_deref(), out)))?;
        targets.commit()
    }
}

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if !self.is_set.get() {
            return;
        }
        let (output, printer) = (&self.context.output, &self.context.printer);
        let stdout = (output.format == Format::Prometheus && self.stdout_is_free.get() && !printer.is_quiet())
            .then(|| Ok(Target::stdout(output.format, printer.style())));
        let files = output.writes.iter().filter(|write| write.format == Format::Prometheus).map(Target::file);
        for target in files.chain(stdout) {
            match self.tell(target) {
                Ok(()) => {}
                Err(error) if error.is_closed_pipe() => {}
                Err(error) => printer.error(error),
            }
        }
    }
}
