//! The table for people. Columns have fixed widths, so that rows can stream.

use std::collections::HashSet;
use std::io::{self, Write};
use std::marker::PhantomData;

use super::Style;
use super::rows::{Rows, Sink, Summarised};
use crate::model::escape;

pub(super) struct Table<'a, R> {
    out: &'a mut (dyn Write + Send),
    style: Style,
    started: bool,
    explained: HashSet<&'static str>,
    row: PhantomData<fn(&R)>,
}

impl<'a, R> Table<'a, R> {
    pub(super) fn new(out: &'a mut (dyn Write + Send), style: Style) -> Self {
        Self { out, style, started: false, explained: HashSet::new(), row: PhantomData }
    }
}

impl<R: Rows, S: Summarised> Sink<R, S> for Table<'_, R> {
    fn row(&mut self, row: &R) -> io::Result<()> {
        if !self.started {
            self.started = true;
            writeln!(self.out, "{}", self.style.strong(&R::heading()))?;
        }
        writeln!(self.out, "{}", row.line(self.style))?;
        for text in row.details() {
            writeln!(self.out, "  {}", escape(&text))?;
        }
        // Explained once: ten thousand rows of one kind need it no more than one.
        if let Some((kind, text)) = row.explained()
            && self.explained.insert(kind)
        {
            writeln!(self.out, "  {}", self.style.faint(&escape(&text)))?;
        }
        row.below(self.style).iter().try_for_each(|line| match line.as_str() {
            "" => writeln!(self.out),
            line => writeln!(self.out, "  {line}"),
        })
    }

    fn end(&mut self, summary: &S) -> io::Result<()> {
        match summary.line(self.style) {
            Some(line) => writeln!(self.out, "{line}"),
            None => Ok(()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
