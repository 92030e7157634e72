//! The terminal: colours, messages on stderr, and whether there is one.

use std::fmt::Display;
use std::io::{IsTerminal, Write};

use anstream::ColorChoice;
use anstyle::{AnsiColor, Effects};

use crate::model::escape;
use crate::s3::{RequestEvent, RequestInfo, RequestOutcome};

/// Paints texts, or leaves them as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    on: bool,
}

impl Style {
    /// No colours: files, pipes.
    pub const PLAIN: Self = Self { on: false };

    fn paint(self, style: anstyle::Style, text: &str) -> String {
        if self.on { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Good news.
    #[must_use]
    pub fn good(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// Bad news.
    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default(), text)
    }

    /// Neither yet.
    #[must_use]
    pub fn warn(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }

    /// A heading.
    #[must_use]
    pub fn strong(self, text: &str) -> String {
        self.paint(anstyle::Style::new().effects(Effects::BOLD), text)
    }

    /// An aside.
    #[must_use]
    pub fn faint(self, text: &str) -> String {
        self.paint(anstyle::Style::new().effects(Effects::DIMMED), text)
    }
}

/// Talks to people on stderr.
#[derive(Debug, Clone)]
pub struct Printer {
    quiet: bool,
    verbose: u8,
    stdout: Style,
    stderr: Style,
}

impl Printer {
    /// `color`: `None` lets terminal, `NO_COLOR` and `CLICOLOR_FORCE` decide.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the printer knows the terminal")]
    pub fn new(quiet: bool, verbose: u8, color: Option<bool>) -> Self {
        let decide = |auto: ColorChoice| Style { on: color.unwrap_or(auto != ColorChoice::Never) };
        Self {
            quiet,
            verbose,
            stdout: decide(anstream::AutoStream::choice(&std::io::stdout())),
            stderr: decide(anstream::AutoStream::choice(&std::io::stderr())),
        }
    }

    /// How stdout is painted.
    #[must_use]
    pub fn style(&self) -> Style {
        self.stdout
    }

    /// Whether nothing but errors is wanted.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// How much is told of requests.
    #[must_use]
    pub fn verbosity(&self) -> u8 {
        self.verbose
    }

    /// An error: always shown.
    pub fn error(&self, text: impl Display) {
        self.line(&self.stderr.bad("error:"), &text.to_string());
    }

    /// A line of talk; `--quiet` leaves it out.
    pub fn note(&self, text: impl Display) {
        if !self.quiet {
            self.line("", &text.to_string());
        }
    }

    /// A line that belongs to a question: always shown.
    pub fn tell(&self, text: impl Display) {
        self.line("", &text.to_string());
    }

    /// A question, without a line end.
    #[expect(clippy::disallowed_methods, reason = "the printer knows the terminal")]
    pub fn ask(&self, text: &str) {
        let mut stderr = std::io::stderr().lock();
        let _ = write!(stderr, "{}", escape(text)).and_then(|()| stderr.flush());
    }

    /// One request or its answer.
    pub fn trace(&self, event: RequestEvent<'_>) {
        match event {
            RequestEvent::Sent(RequestInfo { operation, about, why }) => {
                self.line(&self.stderr.faint(">"), &format!("{operation} {about}: {why}"));
            }
            RequestEvent::Answered { operation, outcome, request_id } => {
                let status = match outcome {
                    RequestOutcome::Success => "success".to_owned(),
                    RequestOutcome::Status(status) => status.to_string(),
                    RequestOutcome::NoAnswer => "no answer".to_owned(),
                };
                let id = request_id.map(|id| format!(", request id {id}")).unwrap_or_default();
                if self.verbose > 1 {
                    self.line(&self.stderr.faint("<"), &format!("{operation}: {status}{id}"));
                }
            }
        }
    }

    /// One line: whatever the text holds, it stays one line, and nothing in it is obeyed.
    #[expect(clippy::disallowed_methods, reason = "the printer knows the terminal")]
    fn line(&self, mark: &str, text: &str) {
        let space = if mark.is_empty() { "" } else { " " };
        // A closed stderr must not end the run.
        let _ = writeln!(std::io::stderr().lock(), "{mark}{space}{}", escape(text));
    }

    /// Whether progress may be drawn on stderr.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the printer knows the terminal")]
    pub fn stderr_is_terminal() -> bool {
        std::io::stderr().is_terminal()
    }

    /// Whether rows and bar share a terminal.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the printer knows the terminal")]
    pub fn stdout_is_terminal() -> bool {
        std::io::stdout().is_terminal()
    }
}

/// Pushes out what waits in the process's own buffer for stdout.
///
/// # Errors
/// stdout can't be written.
#[expect(clippy::disallowed_methods, reason = "the printer knows the terminal")]
pub fn flush_stdout() -> std::io::Result<()> {
    std::io::stdout().flush()
}

/// `1 object`, `2 objects`.
#[must_use]
pub fn plural(count: u64, word: &str) -> String {
    let shown = crate::model::human_count(count);
    if count == 1 { format!("{shown} {word}") } else { format!("{shown} {word}s") }
}
