//! A bar on stderr, lines where there is no terminal and somebody insists, or nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::printer::Printer;
use crate::model::{escape, human_bytes, human_count};

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
    /// 0 while it is not known.
    total: AtomicU64,
    done: AtomicU64,
    told: Mutex<Instant>,
}

impl Meter {
    /// Starts showing `what` is done to so many bytes, or stays silent.
    #[must_use]
    pub fn bytes(choice: ProgressChoice, printer: &Printer, total: u64, what: &str) -> Self {
        Self::start(choice, printer, Unit::Bytes, Some(total), what)
    }

    /// The same of objects, of which nobody may know yet how many there are.
    #[must_use]
    pub fn objects(choice: ProgressChoice, printer: &Printer, total: Option<u64>, what: &str) -> Self {
        Self::start(choice, printer, Unit::Objects, total, what)
    }

    /// Shows nothing.
    #[must_use]
    pub fn silent() -> Self {
        Self(Kind::Silent)
    }

    fn start(choice: ProgressChoice, printer: &Printer, unit: Unit, total: Option<u64>, what: &str) -> Self {
        let terminal = Printer::stderr_is_terminal();
        let kind = match choice {
            ProgressChoice::Never => Kind::Silent,
            ProgressChoice::Auto if !terminal || printer.is_quiet() => Kind::Silent,
            ProgressChoice::Auto | ProgressChoice::Always if terminal => Kind::Bar(bar(unit, total, what)),
            ProgressChoice::Auto | ProgressChoice::Always => Kind::Lines(Lines {
                printer: printer.clone(),
                what: what.to_owned(),
                unit,
                total: total.unwrap_or(0).into(),
                done: AtomicU64::new(0),
                told: Mutex::new(Instant::now()),
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

    /// Now it is known how many there are.
    pub fn total(&self, total: u64) {
        match &self.0 {
            Kind::Silent => {}
            Kind::Bar(bar) => {
                bar.set_length(total);
                bar.set_style(style(Unit::Objects, true));
            }
            Kind::Lines(lines) => lines.total.store(total, Ordering::Relaxed),
        }
    }

    /// Says what is being done now; where there is no bar, nothing.
    pub fn say(&self, what: &str) {
        if let Kind::Bar(bar) = &self.0 {
            bar.set_message(escape(what).into_owned());
        }
    }

    /// Whether there is a bar.
    #[must_use]
    pub fn is_bar(&self) -> bool {
        matches!(self.0, Kind::Bar(_))
    }

    /// Lets `work` write to stdout, with the bar taken away where both share a terminal.
    pub fn beside_rows<T>(&self, work: impl FnOnce() -> T) -> T {
        if Printer::stdout_is_terminal() { self.aside(work) } else { work() }
    }

    /// Takes the bar away while `work` writes to stderr.
    pub fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        match &self.0 {
            Kind::Bar(bar) => bar.suspend(work),
            Kind::Silent | Kind::Lines(_) => work(),
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
    /// A line for every tenth of the whole, or every ten seconds while nobody knows how much that is.
    fn add(&self, more: u64) {
        let before = self.done.fetch_add(more, Ordering::Relaxed);
        let done = before + more;
        let shown = match self.unit {
            Unit::Bytes => human_bytes,
            Unit::Objects => human_count,
        };
        match self.total.load(Ordering::Relaxed) {
            0 => {
                let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
                if told.elapsed() >= Duration::from_secs(10) {
                    *told = Instant::now();
                    self.printer.note(format!("{}: {}", self.what, shown(done)));
                }
            }
            total => {
                let tenths = |done: u64| u128::from(done) * 10 / u128::from(total);
                if tenths(done) > tenths(before) {
                    let percent = tenths(done) * 10;
                    self.printer.note(format!("{}: {} of {}, {percent}%", self.what, shown(done), shown(total)));
                }
            }
        }
    }
}

fn bar(unit: Unit, total: Option<u64>, what: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(10));
    bar.set_style(style(unit, total.is_some()));
    bar.set_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn style(unit: Unit, known: bool) -> ProgressStyle {
    let template = match (unit, known) {
        (Unit::Bytes, _) => {
            "{percent:>3}% {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec}, {eta} left {wide_bar} {msg}"
        }
        (Unit::Objects, true) => "{percent:>3}% {human_pos}/{human_len} {rate}/s, {eta} left {wide_bar} {msg}",
        (Unit::Objects, false) => "{spinner} {human_pos} {rate}/s, {elapsed} {wide_msg}",
    };
    let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        let _ = write!(out, "{:.0}", state.per_sec());
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).with_key("rate", rate)
}
