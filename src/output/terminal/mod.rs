//! The terminal: the only place that knows whether there is one.

mod printer;
mod progress;
mod style;
mod wrap;

pub(crate) use printer::{Printer, flush_stdout};
pub(crate) use progress::{Meter, ProgressChoice};
pub(crate) use style::Style;
pub(crate) use wrap::wrap;
