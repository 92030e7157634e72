//! A bar on stderr, lines where there is no terminal and somebody insists, or nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::printer::Printer;
use crate::model::{human_bytes, human_count};

/// When progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProgressChoice {
    /// On a terminal.
    #[default]
    Auto,
    /// Also into pipes and files.
    Always,
    /// Not at all.
    Never,
}

/// So much done of so much to do.
#[derive(Debug)]
pub struct Meter(Kind);

/// What is counted.
#[derive(Debug, Clone, Copy)]
enum Unit {
    Bytes,
    Objects,
}

#[derive(Debug)]
enum Kind {
    Silent,
    Bar(ProgressBar),
    Lines(Lines),
}

#[derive(Debug)]
struct Lines {
    printer: Printer,
    what: String,
    unit: Unit,
    total: u64,
    done: AtomicU64,
}

impl Meter {
    /// Starts showing `what` is done to so many bytes, or stays silent.
    #[must_use]
    pub fn bytes(choice: ProgressChoice, printer: &Printer, total: u64, what: &str) -> Self {
        Self::start(choice, printer, Unit::Bytes, total, what)
    }

    /// The same of objects.
    #[must_use]
    pub fn objects(choice: ProgressChoice, printer: &Printer, total: u64, what: &str) -> Self {
        Self::start(choice, printer, Unit::Objects, total, what)
    }

    fn start(choice: ProgressChoice, printer: &Printer, unit: Unit, total: u64, what: &str) -> Self {
        let terminal = Printer::stderr_is_terminal();
        let kind = match choice {
            ProgressChoice::Never => Kind::Silent,
            ProgressChoice::Auto if !terminal || printer.is_quiet() => Kind::Silent,
            ProgressChoice::Auto | ProgressChoice::Always if terminal => Kind::Bar(bar(unit, total, what)),
            ProgressChoice::Auto | ProgressChoice::Always => Kind::Lines(Lines {
                printer: printer.clone(),
                what: what.to_owned(),
                unit,
                total,
                done: AtomicU64::new(0),
            }),
        };
        Self(kind)
    }

    /// So many more.
    pub fn add(&self, more: u64) {
        match &self.0 {
            Kind::Silent => {}
            Kind::Bar(bar) => bar.inc(more),
            Kind::Lines(lines) => lines.add(more),
        }
    }

    /// Takes the bar away when the value goes; threads that still read then draw nothing more.
    #[must_use]
    pub fn until_dropped(&self) -> impl Drop + use<> {
        Gone(match &self.0 {
            Kind::Bar(bar) => Some(bar.clone()),
            Kind::Silent | Kind::Lines(_) => None,
        })
    }
}

struct Gone(Option<ProgressBar>);

impl Drop for Gone {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
    }
}

impl Lines {
    /// A line for every tenth of the whole.
    fn add(&self, more: u64) {
        let before = self.done.fetch_add(more, Ordering::Relaxed);
        let tenths = |done: u64| (u128::from(done) * 10).checked_div(self.total.into()).unwrap_or(10);
        let now = tenths(before + more);
        if now > tenths(before) {
            let shown = match self.unit {
                Unit::Bytes => human_bytes,
                Unit::Objects => human_count,
            };
            let (done, total) = (shown(before + more), shown(self.total));
            self.printer.note(format!("{}: {done} of {total}, {}%", self.what, now * 10));
        }
    }
}

fn bar(unit: Unit, total: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(10));
    let template = match unit {
        Unit::Bytes => {
            "{percent:>3}% {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec}, {eta} left {wide_bar} {msg}"
        }
        Unit::Objects => "{percent:>3}% {human_pos}/{human_len} {per_sec}, {eta} left {wide_bar} {msg}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
