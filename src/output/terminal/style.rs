//! Colours, where they are wanted, and the width of the terminal.

use anstyle::{AnsiColor, Effects};

/// Paints texts, or leaves them as they are; knows how much fits a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    pub(super) on: bool,
    /// `None` for files and pipes, where lines are as long as they need.
    pub(super) width: Option<usize>,
}

impl Style {
    /// For files and pipes.
    pub(crate) const PLAIN: Self = Self { on: false, width: None };

    /// Without colours, for a terminal of this width.
    #[cfg(test)]
    pub(crate) fn of_width(width: usize) -> Self {
        Self { on: false, width: Some(width) }
    }

    /// Columns of a line, where there is a limit.
    pub(crate) fn width(self) -> Option<usize> {
        self.width
    }

    /// For text beside a column of this width.
    pub(crate) fn narrowed(self, by: usize) -> Self {
        Self { width: self.width.map(|width| width.saturating_sub(by)), ..self }
    }

    pub(crate) fn fits(self, columns: usize) -> bool {
        self.width.is_none_or(|width| columns <= width)
    }

    fn paint(self, style: anstyle::Style, text: &str) -> String {
        if self.on { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default(), text)
    }

    pub(crate) fn warn(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }

    pub(crate) fn strong(self, text: &str) -> String {
        self.paint(anstyle::Style::new().effects(Effects::BOLD), text)
    }

    pub(crate) fn faint(self, text: &str) -> String {
        self.paint(anstyle::Style::new().effects(Effects::DIMMED), text)
    }
}
