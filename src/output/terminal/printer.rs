//! Messages on stderr.

use std::fmt::Display;
use std::io::{IsTerminal, Write};

use anstream::ColorChoice;
use terminal_size::{Height, Width, terminal_size_of};

use super::{Style, wrap};
use crate::model::escape;
use crate::s3::{RequestEvent, RequestInfo, RequestOutcome};

/// Prints messages on stderr.
#[derive(Debug, Clone)]
pub(crate) struct Printer {
    quiet: bool,
    verbose: u8,
    stdout: Style,
    stderr: Style,
}

impl Printer {
    /// `color`: `None` lets terminal, `NO_COLOR` and `CLICOLOR_FORCE` decide.
    #[expect(clippy::disallowed_methods, reason = "the printer knows the terminal")]
    pub(crate) fn new(quiet: bool, verbose: u8, color: Option<bool>) -> Self {
        let decide = |auto: ColorChoice, width| Style { on: color.unwrap_or(auto != ColorChoice::Never), width };
        Self {
            quiet,
            verbose,
            stdout: decide(
                anstream::AutoStream::choice(&std::io::stdout()),
                width(terminal_size_of(std::io::stdout())),
            ),
            stderr: decide(
                anstream::AutoStream::choice(&std::io::stderr()),
                width(terminal_size_of(std::io::stderr())),
            ),
        }
    }

    pub(crate) fn style(&self) -> Style {
        self.stdout
    }

    /// Whether only errors are shown.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// 1: requests; 2: their answers too.
    pub(crate) fn verbosity(&self) -> u8 {
        self.verbose
    }

    /// Printed with `--quiet` too.
    pub(crate) fn error(&self, text: impl Display) {
        self.line((Style::bad, "error:"), &text.to_string());
    }

    /// Not printed with `--quiet`.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.quiet {
            self.line((Style::faint, ""), &text.to_string());
        }
    }

    /// The last line of a run that exits 1. Not printed with `--quiet`.
    pub(crate) fn answer_no(&self, why: impl Display) {
        if !self.quiet {
            self.line((Style::bad, "exit code 1:"), &why.to_string());
        }
    }

    /// A line that belongs to a question, or that is needed if the run ends before its end: printed with `--quiet` too.
    pub(crate) fn tell(&self, text: impl Display) {
        self.line((Style::faint, ""), &text.to_string());
    }

    /// A question, without a line end.
    #[expect(clippy::disallowed_methods, reason = "the printer knows the terminal")]
    pub(crate) fn ask(&self, text: &str) {
        let mut stderr = std::io::stderr().lock();
        let _ = write!(stderr, "{}", escape(text)).and_then(|()| stderr.flush());
    }

    pub(crate) fn trace(&self, event: RequestEvent<'_>) {
        match event {
            RequestEvent::Sent(RequestInfo { operation, about, why }) => {
                self.line((Style::faint, ">"), &format!("{operation} {about}: {why}"));
            }
            RequestEvent::Answered { operation, outcome, request_id } => {
                let status = match outcome {
                    RequestOutcome::Success => "success".to_owned(),
                    RequestOutcome::Status(status) => status.to_string(),
                    RequestOutcome::NoAnswer => "no answer".to_owned(),
                };
                let id = request_id.map(|id| format!(", request ID {id}")).unwrap_or_default();
                if self.verbose > 1 {
                    self.line((Style::faint, "<"), &format!("{operation}: {status}{id}"));
                }
            }
        }
    }

    /// Prints an escaped text behind a mark. On a terminal it is wrapped, and further lines are indented.
    #[expect(clippy::disallowed_methods, reason = "the printer knows the terminal")]
    fn line(&self, (paint, mark): (fn(Style, &str) -> String, &str), text: &str) {
        let space = if mark.is_empty() { "" } else { " " };
        let text = format!("{mark}{space}{}", escape(text));
        let lines = match self.stderr.width() {
            Some(width) => wrap(&text, width.saturating_sub(INDENT.len()).max(20)).join(&format!("\n{INDENT}")),
            None => text,
        };
        let rest = lines.strip_prefix(mark).unwrap_or(&lines);
        let painted = if mark.is_empty() { String::new() } else { paint(self.stderr, mark) };
        // A closed stderr must not end the run.
        let _ = writeln!(std::io::stderr().lock(), "{painted}{rest}");
    }

    #[expect(clippy::disallowed_methods, reason = "the printer knows the terminal")]
    pub(crate) fn stderr_is_terminal() -> bool {
        std::io::stderr().is_terminal()
    }

    #[expect(clippy::disallowed_methods, reason = "the printer knows the terminal")]
    pub(crate) fn stdout_is_terminal() -> bool {
        std::io::stdout().is_terminal()
    }
}

/// Begins each further line of a wrapped text.
const INDENT: &str = "  ";

/// The columns of a stream, if it is a terminal.
fn width(size: Option<(Width, Height)>) -> Option<usize> {
    size.map(|(width, _)| width.0.into()).filter(|width| *width > 0)
}

/// Flushes the process's own buffer of stdout.
#[expect(clippy::disallowed_methods, reason = "the printer knows the terminal")]
pub(crate) fn flush_stdout() -> std::io::Result<()> {
    std::io::stdout().flush()
}
