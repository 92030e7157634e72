//! Rows that are in a result once, and what they say about it: is it whole, and about this question?

use std::collections::BTreeMap;

use s3_inventory::quoted;

use super::error::FigureError;
use super::row::FigureRow;
use super::words::{FigureWord, SETTINGS};
use crate::model::add;

/// A result has a few of each.
const MOST: usize = 1000;

/// The number of all rows of a result, and the rows that must be there once.
#[derive(Debug, Default)]
pub(crate) struct ControlRows {
    /// Numbers of objects by dimension and value.
    once: BTreeMap<(String, String), u64>,
    rows: u64,
}

impl ControlRows {
    /// Counts a row of any kind.
    pub(crate) fn count(&mut self) -> Result<(), FigureError> {
        Ok(add(&mut self.rows, 1)?)
    }

    /// Keeps the number of a row that must be there once.
    pub(crate) fn keep(&mut self, row: &FigureRow) -> Result<(), FigureError> {
        let name = || match row.value.as_str() {
            "" => row.dimension.clone(),
            value => format!("{} {}", row.dimension, quoted(value.as_bytes())),
        };
        match self.once.insert((row.dimension.clone(), row.value.clone()), row.objects) {
            Some(_) => Err(FigureError::Twice(name())),
            None if self.once.len() > MOST => {
                Err(FigureError::Value(quoted(row.value.as_bytes()), row.dimension.clone()))
            }
            None => Ok(()),
        }
    }

    /// Keeps the number of rows that were refused for a reason, which must be 0.
    pub(crate) fn keep_invalid(&mut self, row: &FigureRow) -> Result<(), FigureError> {
        self.keep(row)?;
        match (row.objects, row.value.as_str()) {
            (0, _) => Ok(()),
            (_, SETTINGS) => Err(FigureError::Settings),
            (rows, reason) => Err(FigureError::Invalid { rows, reason: quoted(reason.as_bytes()) }),
        }
    }

    /// The number of a row.
    pub(crate) fn once_of(&self, dimension: &str, value: &str) -> Result<u64, FigureError> {
        let found = self.once.get(&(dimension.to_owned(), value.to_owned()));
        found.copied().ok_or_else(|| FigureError::Missing(format!("{dimension} {value}").trim_end().to_owned()))
    }

    /// The marks of the question, with their dialects.
    fn marks(&self) -> impl Iterator<Item = &str> {
        let question = FigureWord::Question.word();
        self.once.keys().filter(move |(dimension, _)| dimension == question).map(|(_, value)| value.as_str())
    }

    /// The dialect of the statements, as the row `question` names it.
    pub(crate) fn dialect(&self) -> Option<&str> {
        self.marks().next()?.rsplit_once('/').map(|(dialect, _)| dialect)
    }

    /// Checks that these are all rows of a result about the question with this mark.
    pub(crate) fn check(&self, expected: &str) -> Result<(), FigureError> {
        let claimed = self.once_of(FigureWord::End.word(), "")?;
        if claimed != self.rows {
            return Err(FigureError::Length { claimed, found: self.rows });
        }
        let mut marks = self.marks();
        let mark = marks.next().ok_or_else(|| FigureError::Missing(FigureWord::Question.word().to_owned()))?;
        let hash = mark.rsplit_once('/').map_or(mark, |(_, hash)| hash);
        if hash != expected || marks.next().is_some() {
            return Err(FigureError::OtherQuestion { found: quoted(hash.as_bytes()), expected: expected.to_owned() });
        }
        self.once_of(FigureWord::Invalid.word(), SETTINGS).map(drop)
    }
}
