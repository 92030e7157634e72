//! Adds up the rows of figures, and compares the sums with each other.

use std::collections::BTreeMap;

use s3_inventory::quoted;

use super::super::dimension::Dimension;
use super::super::groups::GroupSums;
use super::super::tally::{Filter, Tally};
use super::super::totals::StatusTotals;
use super::checks::{check_status_word, equal, part};
use super::control::ControlRows;
use super::error::FigureError;
use super::row::FigureRow;
use super::taker::FigureTaker;
use super::words::{FigureWord, IN_SCOPE, OVERDUE_OF, SCANNED, UNDATED};
use crate::model::{StatusClass, add};

/// What complete figures of a report must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    /// The `value` of the row `question`, without the dialect.
    pub(crate) mark: String,
    /// The number of data files.
    pub(crate) files: u64,
    /// The number of rows, where it is known from the footers of the files.
    pub(crate) rows: Option<u64>,
    pub(crate) has_times: bool,
}

/// Sums of one dimension, which must be those of the whole report.
struct DimensionCheck {
    by: Dimension,
    words: BTreeMap<usize, StatusTotals>,
    overdue: StatusTotals,
}

/// Takes the rows of figures one by one. Memory grows with the groups up to the limit of the tally.
pub(crate) struct FigureSums {
    tally: Tally,
    expected: Expected,
    checks: Vec<DimensionCheck>,
    control: ControlRows,
    markers: u64,
}

impl FigureSums {
    /// Begins with an empty tally for the question, whose groups are `by`.
    pub(crate) fn new(tally: Tally, by: &[Dimension], expected: Expected) -> Self {
        let empty = StatusTotals::empty(tally.has_size);
        let check = |by: &Dimension| DimensionCheck { by: *by, words: BTreeMap::new(), overdue: empty.clone() };
        let checks = by.iter().map(check).collect();
        Self { tally, expected, checks, control: ControlRows::default(), markers: 0 }
    }

    fn once_of(&self, word: FigureWord, value: &str) -> Result<u64, FigureError> {
        self.control.once_of(word.word(), value)
    }

    /// Checks that a row has what the report's columns give, and nothing else.
    fn check_totals(&self, row: &FigureRow) -> Result<(), FigureError> {
        match (row.bytes, self.tally.has_size) {
            (None, true) => return Err(FigureError::NoValue { column: "bytes" }),
            (Some(_), false) => return Err(FigureError::ColumnNotInReport { column: "bytes" }),
            (Some(_), true) | (None, false) => {}
        }
        match (row.oldest, row.newest) {
            (Some(_), _) | (_, Some(_)) if !self.expected.has_times => {
                Err(FigureError::ColumnNotInReport { column: "oldest" })
            }
            (Some(oldest), Some(newest)) if oldest > newest => Err(FigureError::Time {
                what: "oldest after newest".to_owned(),
                one: Some(oldest),
                other: Some(newest),
            }),
            (Some(_), None) => Err(FigureError::NoValue { column: "newest" }),
            (None, Some(_)) => Err(FigureError::NoValue { column: "oldest" }),
            (Some(_), Some(_)) | (None, None) => Ok(()),
        }
    }

    /// The place of the status of a row of objects.
    fn place_of(&mut self, row: &FigureRow) -> Result<usize, FigureError> {
        check_status_word(&row.status)?;
        Ok(self.tally.place_of(&row.status)?)
    }

    fn add_status(&mut self, row: &FigureRow) -> Result<(), FigureError> {
        self.check_objects(row)?;
        let place = self.place_of(row)?;
        let word = &mut self.tally.words[place];
        if word.totals.objects > 0 {
            return Err(FigureError::Twice(format!("{} {}", row.dimension, quoted(row.status.as_bytes()))));
        }
        word.totals = totals(row);
        Ok(())
    }

    fn add_markers(&mut self, row: &FigureRow) -> Result<(), FigureError> {
        let place = self.place_of(row)?;
        let word = &mut self.tally.words[place];
        if word.markers > 0 {
            return Err(FigureError::Twice(format!("{} {}", row.dimension, quoted(row.status.as_bytes()))));
        }
        word.markers = row.objects;
        // Those without a status are not reported by status.
        Ok(add(&mut self.markers, row.objects)?)
    }

    fn add_age(&mut self, row: &FigureRow) -> Result<(), FigureError> {
        self.control.keep(row)?;
        if row.value == UNDATED {
            self.tally.undated_pending = row.objects;
            return Ok(());
        }
        if row.bytes.is_none() && self.tally.has_size {
            return Err(FigureError::NoValue { column: "bytes" });
        }
        match self.tally.ages.add_sums(&row.value, row.objects, row.bytes.unwrap_or(0))? {
            true => Ok(()),
            false => Err(FigureError::Value(quoted(row.value.as_bytes()), row.dimension.clone())),
        }
    }

    fn check_objects(&self, row: &FigureRow) -> Result<(), FigureError> {
        if row.objects == 0 { Err(FigureError::NoObjects) } else { self.check_totals(row) }
    }

    fn add_group(&mut self, row: &FigureRow) -> Result<(), FigureError> {
        self.check_objects(row)?;
        let (name, is_overdue) = match row.dimension.strip_prefix(OVERDUE_OF) {
            Some(name) => (name, true),
            None => (row.dimension.as_str(), false),
        };
        let at = self.checks.iter().position(|check| check.by.to_string() == name);
        let at = at.ok_or_else(|| FigureError::Dimension(quoted(row.dimension.as_bytes())))?;
        let sums = if is_overdue {
            self.checks[at].overdue.merge(&totals(row))?;
            GroupSums::of_overdue(totals(row))
        } else {
            let place = self.place_of(row)?;
            let empty = StatusTotals::empty(self.tally.has_size);
            self.checks[at].words.entry(place).or_insert(empty).merge(&totals(row))?;
            GroupSums::of(vec![(place, totals(row))], &StatusTotals::default())
        };
        let by = self.checks[at].by;
        match (by, &mut self.tally.by_rule) {
            (Dimension::Rule, Some(rules)) => match rules.add_sums(&row.value, &sums, self.tally.has_size)? {
                true => Ok(()),
                false => Err(FigureError::Value(quoted(row.value.as_bytes()), row.dimension.clone())),
            },
            _ => Ok(self.tally.groups.add_sums(by, row.value.as_bytes(), &sums)?),
        }
    }

    /// Pending objects have an age each, or no date; those that are overdue are pending.
    fn check_pending(&self) -> Result<(), FigureError> {
        let mut pending = StatusTotals::empty(self.tally.has_size);
        let words = self.tally.words.iter().filter(|word| word.status.class() == StatusClass::Pending);
        words.into_iter().try_for_each(|word| pending.merge(&word.totals))?;
        self.once_of(FigureWord::Overdue, "")?;
        let mut aged = self.tally.undated_pending;
        let mut bytes = 0;
        for age in self.tally.pending_ages() {
            add(&mut aged, age.objects)?;
            add(&mut bytes, age.bytes.unwrap_or(0))?;
        }
        equal("pending objects by age, and pending objects", aged, pending.objects)?;
        part("bytes of pending objects by age, of all pending objects", bytes, pending.bytes.unwrap_or(0))?;
        part("overdue objects, of the pending objects", self.tally.overdue.objects, pending.objects)?;
        let (overdue, all) = (self.tally.overdue.bytes.unwrap_or(0), pending.bytes.unwrap_or(0));
        part("bytes of overdue objects, of the pending objects", overdue, all)
    }
}

impl FigureTaker for FigureSums {
    type Output = Tally;

    fn add(&mut self, row: &FigureRow) -> Result<(), FigureError> {
        self.control.count()?;
        let Some(word) = FigureWord::named(&row.dimension) else { return self.add_group(row) };
        let has_value = match word {
            FigureWord::PendingAge | FigureWord::Invalid | FigureWord::Question => true,
            FigureWord::Rows => [SCANNED, IN_SCOPE].contains(&row.value.as_str()),
            FigureWord::All | FigureWord::DeleteMarkers | FigureWord::Overdue | FigureWord::Files | FigureWord::End => {
                row.value.is_empty()
            }
        };
        if !has_value {
            return Err(FigureError::Value(quoted(row.value.as_bytes()), row.dimension.clone()));
        }
        match word {
            FigureWord::All => self.add_status(row),
            FigureWord::DeleteMarkers => self.add_markers(row),
            FigureWord::Overdue => {
                self.check_totals(row)?;
                self.control.keep(row)?;
                self.tally.overdue = totals(row);
                Ok(())
            }
            FigureWord::PendingAge => self.add_age(row),
            FigureWord::Rows | FigureWord::Files | FigureWord::Question | FigureWord::End => self.control.keep(row),
            FigureWord::Invalid => self.control.keep_invalid(row),
        }
    }

    fn dialect(&self) -> Option<&str> {
        self.control.dialect()
    }

    fn finish(mut self) -> Result<Tally, FigureError> {
        // First whether it is all, and about this: else the sums say nothing.
        self.control.check(&self.expected.mark)?;
        let files = self.once_of(FigureWord::Files, "")?;
        if files != self.expected.files {
            return Err(FigureError::Files { found: files, expected: self.expected.files });
        }
        let (scanned, in_scope) = (self.once_of(FigureWord::Rows, SCANNED)?, self.once_of(FigureWord::Rows, IN_SCOPE)?);
        if let Some(expected) = self.expected.rows.filter(|expected| *expected != scanned) {
            return Err(FigureError::Rows { found: scanned, expected });
        }
        part("rows in scope, of all", in_scope, scanned)?;
        if self.tally.filter == Filter::default() {
            equal("rows in scope and all rows, without a filter", in_scope, scanned)?;
        }
        (self.tally.rows_scanned, self.tally.rows, self.tally.delete_markers) = (scanned, in_scope, self.markers);
        let mut sum = self.markers;
        self.tally.words.iter().try_for_each(|word| add(&mut sum, word.totals.objects))?;
        equal("delete markers and objects, and rows in scope", sum, in_scope)?;
        self.check_pending()?;
        self.checks.iter().try_for_each(|check| check.hold_against(&self.tally))?;
        Ok(self.tally)
    }
}

impl DimensionCheck {
    /// Every object is in one group, so the groups have the sums of the whole report.
    fn hold_against(&self, tally: &Tally) -> Result<(), FigureError> {
        let by = self.by;
        let empty = StatusTotals::empty(tally.has_size);
        for (place, word) in tally.words.iter().enumerate() {
            let found = self.words.get(&place).unwrap_or(&empty);
            same(&format!("{} by {by}, and in all", word.status.reported()), found, &word.totals)?;
        }
        same(&format!("overdue by {by}, and in all"), &self.overdue, &tally.overdue)
    }
}

fn totals(row: &FigureRow) -> StatusTotals {
    StatusTotals { objects: row.objects, bytes: row.bytes, oldest: row.oldest, newest: row.newest }
}

fn same(what: &str, one: &StatusTotals, other: &StatusTotals) -> Result<(), FigureError> {
    equal(&format!("objects of {what}"), one.objects, other.objects)?;
    equal(&format!("bytes of {what}"), one.bytes.unwrap_or(0), other.bytes.unwrap_or(0))?;
    for (name, one, other) in [("oldest", one.oldest, other.oldest), ("newest", one.newest, other.newest)] {
        if one != other {
            return Err(FigureError::Time { what: format!("{name} of {what}"), one, other });
        }
    }
    Ok(())
}
