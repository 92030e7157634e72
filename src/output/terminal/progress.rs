//! A progress bar on stderr, lines where there is no terminal and `--progress always`, or nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::printer::Printer;
use crate::model::{escape, human_bytes, human_count};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum ProgressChoice {
    /// Only on a terminal.
    #[default]
    Auto,
    /// Also into pipes and files.
    Always,
    Never,
}

/// Shows how much of the work is done.
#[derive(Debug)]
pub(crate) struct Meter(MeterDisplay);

#[derive(Debug, Clone, Copy)]
enum MeterUnit {
    Bytes,
    Objects,
}

#[derive(Debug)]
enum MeterDisplay {
    Silent,
    Bar(ProgressBar),
    Lines(ProgressLines),
}

#[derive(Debug)]
struct ProgressLines {
    printer: Printer,
    what: String,
    unit: MeterUnit,
    /// 0 while it is not known.
    total: AtomicU64,
    done: AtomicU64,
    last_line: Mutex<Instant>,
}

impl Meter {
    /// Shows what is done to `total` bytes.
    pub(crate) fn bytes(choice: ProgressChoice, printer: &Printer, total: u64, what: &str) -> Self {
        Self::start(choice, printer, MeterUnit::Bytes, Some(total), what)
    }

    /// The same for objects; `total` may not be known yet.
    pub(crate) fn objects(choice: ProgressChoice, printer: &Printer, total: Option<u64>, what: &str) -> Self {
        Self::start(choice, printer, MeterUnit::Objects, total, what)
    }

    pub(crate) fn silent() -> Self {
        Self(MeterDisplay::Silent)
    }

    fn start(choice: ProgressChoice, printer: &Printer, unit: MeterUnit, total: Option<u64>, what: &str) -> Self {
        let terminal = Printer::stderr_is_terminal();
        let kind = match choice {
            ProgressChoice::Never => MeterDisplay::Silent,
            ProgressChoice::Auto if !terminal || printer.is_quiet() => MeterDisplay::Silent,
            ProgressChoice::Auto | ProgressChoice::Always if terminal => MeterDisplay::Bar(bar(unit, total, what)),
            ProgressChoice::Auto | ProgressChoice::Always => MeterDisplay::Lines(ProgressLines {
                printer: printer.clone(),
                what: what.to_owned(),
                unit,
                total: total.unwrap_or(0).into(),
                done: AtomicU64::new(0),
                last_line: Mutex::new(Instant::now()),
            }),
        };
        Self(kind)
    }

    pub(crate) fn add(&self, more: u64) {
        match &self.0 {
            MeterDisplay::Silent => {}
            MeterDisplay::Bar(bar) => bar.inc(more),
            MeterDisplay::Lines(lines) => lines.add(more),
        }
    }

    /// Sets the number of objects, once it is known.
    pub(crate) fn total(&self, total: u64) {
        match &self.0 {
            MeterDisplay::Silent => {}
            MeterDisplay::Bar(bar) => {
                bar.set_length(total);
                bar.set_style(style(MeterUnit::Objects, true));
            }
            MeterDisplay::Lines(lines) => lines.total.store(total, Ordering::Relaxed),
        }
    }

    /// Shows in the bar what is waited for, in place of the part that is done; `None` shows that part again.
    pub(crate) fn wait_for(&self, text: Option<&str>) {
        let MeterDisplay::Bar(bar) = &self.0 else { return };
        match text {
            Some(text) => {
                bar.set_style(ProgressStyle::with_template("{spinner} {wide_msg}").unwrap_or_else(|_| plain()));
                bar.set_message(escape(text).into_owned());
            }
            None => {
                bar.set_style(style(MeterUnit::Objects, bar.length().is_some()));
                bar.set_message("asking S3");
            }
        }
    }

    pub(crate) fn is_bar(&self) -> bool {
        matches!(self.0, MeterDisplay::Bar(_))
    }

    /// Lets `work` write to stdout, with the bar taken away where both share a terminal.
    pub(crate) fn beside_rows<T>(&self, work: impl FnOnce() -> T) -> T {
        if Printer::stdout_is_terminal() { self.aside(work) } else { work() }
    }

    /// Takes the bar away while `work` writes to stderr.
    pub(crate) fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        match &self.0 {
            MeterDisplay::Bar(bar) => bar.suspend(work),
            MeterDisplay::Silent | MeterDisplay::Lines(_) => work(),
        }
    }

    /// Takes the bar away when the value goes; threads that still read then draw nothing more.
    pub(crate) fn until_dropped(&self) -> impl Drop + use<> {
        BarRemoval(match &self.0 {
            MeterDisplay::Bar(bar) => Some(bar.clone()),
            MeterDisplay::Silent | MeterDisplay::Lines(_) => None,
        })
    }
}

struct BarRemoval(Option<ProgressBar>);

impl Drop for BarRemoval {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
    }
}

impl ProgressLines {
    /// A line for every tenth of the whole, or every ten seconds while that is not known.
    fn add(&self, more: u64) {
        let before = self.done.fetch_add(more, Ordering::Relaxed);
        let done = before + more;
        let shown = match self.unit {
            MeterUnit::Bytes => human_bytes,
            MeterUnit::Objects => human_count,
        };
        match self.total.load(Ordering::Relaxed) {
            0 => {
                let mut last_line = self.last_line.lock().unwrap_or_else(PoisonError::into_inner);
                if last_line.elapsed() >= Duration::from_secs(10) {
                    *last_line = Instant::now();
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

fn bar(unit: MeterUnit, total: Option<u64>, what: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(10));
    bar.set_style(style(unit, total.is_some()));
    bar.set_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// For a template that the progress crate does not understand.
fn plain() -> ProgressStyle {
    ProgressStyle::default_bar()
}

fn style(unit: MeterUnit, known: bool) -> ProgressStyle {
    let template = match (unit, known) {
        (MeterUnit::Bytes, _) => {
            "{percent:>3}% {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec}, {eta} left {wide_bar} {msg}"
        }
        (MeterUnit::Objects, true) => "{percent:>3}% {human_pos}/{human_len} {rate}/s, {eta} left {wide_bar} {msg}",
        (MeterUnit::Objects, false) => "{spinner} {human_pos} {rate}/s, {elapsed} {wide_msg}",
    };
    let rate = |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        let _ = write!(out, "{:.0}", state.per_sec());
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| plain()).with_key("rate", rate)
}
