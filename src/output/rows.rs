//! Results that come row by row and end with a summary: objects of `status`, entries of `safe-delete`.

use std::io::{self, Write};

use serde::Serialize;

use super::{Format, Style};
use crate::status::{Destination, NamedBy};

/// A row in every format.
pub trait Rows: Serialize {
    /// The columns of csv.
    const COLUMNS: &'static [&'static str];

    /// The columns that markdown shows, the answer first.
    const BRIEF: &'static [&'static str];

    /// The cells of csv, in the order of the columns.
    fn cells(&self) -> Vec<String>;

    /// The heading of the table.
    fn heading() -> String;

    /// The row of the table; `more` are lines that explain it.
    fn line(&self, style: Style) -> String;

    /// What a person should read below the row: a key that is explained only once, and the text.
    fn explained(&self) -> Option<(&'static str, String)>;

    /// What is said below the row each time.
    fn details(&self) -> Vec<String>;

    /// What explains the row, where there is no room below it: a title, and for each claim what is known of it, what it
    /// is about, and its text.
    fn explanation(&self) -> Option<(String, Vec<[&str; 3]>)> {
        None
    }

    /// Lines below all of that, harmless and painted already.
    fn below(&self, style: Style) -> Vec<String> {
        let _ = style;
        Vec::new()
    }
}

/// The end of the rows.
pub trait Summarised: Serialize {
    /// The `schema` of the json document.
    const SCHEMA: &'static str;

    /// The last line of the table; `None` where a single row says it all.
    fn line(&self, style: Style) -> Option<String>;
}

/// Takes rows as they come.
pub trait Sink<R, S> {
    /// Writes one row.
    ///
    /// # Errors
    /// The target can't be written.
    fn row(&mut self, row: &R) -> io::Result<()>;

    /// Writes the end.
    ///
    /// # Errors
    /// The target can't be written.
    fn end(&mut self, summary: &S) -> io::Result<()>;

    /// Pushes out what waits in buffers.
    ///
    /// # Errors
    /// The target can't be written.
    fn flush(&mut self) -> io::Result<()>;
}

/// The sink of a format over `out`; `None` for a format that holds no objects.
#[must_use]
pub(super) fn sink<'a, R: Rows + 'a, S: Summarised + 'a>(
    format: Format,
    out: &'a mut (dyn Write + Send),
    style: Style,
) -> Option<Box<dyn Sink<R, S> + 'a>> {
    Some(match format {
        Format::Json => Box::new(Json { out, started: false }),
        Format::Ndjson => Box::new(Ndjson { out }),
        Format::Csv => Box::new(Csv { out: csv::Writer::from_writer(out), started: false }),
        Format::Table => Box::new(super::table::Table::new(out, style)),
        Format::Markdown => Box::new(super::markdown::Markdown::new(out)),
        Format::Prometheus | Format::Html => return None,
    })
}

struct Json<'a> {
    out: &'a mut (dyn Write + Send),
    started: bool,
}

impl<R: Rows, S: Summarised> Sink<R, S> for Json<'_> {
    fn row(&mut self, row: &R) -> io::Result<()> {
        let before = if self.started { ",\n".to_owned() } else { opening::<S>() };
        self.started = true;
        self.out.write_all(before.as_bytes())?;
        serde_json::to_writer(&mut self.out, row).map_err(io::Error::from)
    }

    fn end(&mut self, summary: &S) -> io::Result<()> {
        if !self.started {
            self.out.write_all(opening::<S>().as_bytes())?;
        }
        self.out.write_all(b"],\n\"summary\":")?;
        serde_json::to_writer(&mut self.out, summary).map_err(io::Error::from)?;
        self.out.write_all(b"}\n")
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn opening<S: Summarised>() -> String {
    format!("{{\"schema\":\"{}\",\"objects\":[\n", S::SCHEMA)
}

struct Ndjson<'a> {
    out: &'a mut (dyn Write + Send),
}

impl<R: Rows, S: Summarised> Sink<R, S> for Ndjson<'_> {
    fn row(&mut self, row: &R) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, row).map_err(io::Error::from)?;
        self.out.write_all(b"\n")
    }

    fn end(&mut self, _: &S) -> io::Result<()> {
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

struct Csv<'a> {
    out: csv::Writer<&'a mut (dyn Write + Send)>,
    started: bool,
}

impl<R: Rows, S: Summarised> Sink<R, S> for Csv<'_> {
    fn row(&mut self, row: &R) -> io::Result<()> {
        if !self.started {
            self.started = true;
            self.out.write_record(R::COLUMNS)?;
        }
        Ok(self.out.write_record(row.cells())?)
    }

    fn end(&mut self, _: &S) -> io::Result<()> {
        if !self.started {
            self.out.write_record(R::COLUMNS)?;
        }
        self.out.flush()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Destinations in one cell: `bucket=verdict;…`, and `rules=not-readable` where only `--destination` named them. That is not a
/// verdict, so it is not taken for a bucket.
pub(super) fn destinations(of: &[Destination]) -> String {
    let mut cells: Vec<String> = of.iter().map(|to| format!("{}={}", to.bucket, to.verdict.word())).collect();
    if of.iter().any(|to| to.named_by == NamedBy::OptionOnly) {
        cells.push("rules=not-readable".to_owned());
    }
    cells.join(";")
}
