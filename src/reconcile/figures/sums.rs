//! Adds up the rows of figures about two reports, and compares the sums with each other.

use s3_inventory::quoted;

use super::super::class::PairClass;
use super::super::compare::PairSide;
use super::super::sums::{ClassSum, OtherStatusSum, PairCount, PairSums};
use super::super::words::StatusWords;
use super::words::{
    HIDDEN_AT_DESTINATION, HIDDEN_AT_SOURCE, LISTED_TWICE, NEW_AT_DESTINATION, NOT_COMPLETED, NOT_REPLICAS,
    PairFigureWord, of_side, side_dimension,
};
use crate::audit::{
    ControlRows, Dimension, FigureError, FigureRow, FigureTaker, FigureWord, Groups, IN_SCOPE, NamedDimension, SCANNED,
    StatusTotals, check_status_word, equal, part,
};
use crate::model::{StatusClass, add};

/// What complete figures must say of one report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SideExpected {
    /// The number of data files.
    pub(crate) files: u64,
    /// The number of rows, where it is known from the footers of the files.
    pub(crate) rows: Option<u64>,
}

/// What complete figures must say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PairExpected {
    /// The `value` of the row `question`, without the dialect.
    pub(crate) mark: String,
    /// The source and the destination.
    pub(crate) sides: [SideExpected; 2],
    pub(crate) has_prefix: bool,
}

/// What an engine found.
#[derive(Debug)]
pub(crate) struct PairFigures {
    pub(crate) sums: PairSums,
    pub(crate) words: StatusWords,
    /// Every row, and rows under the prefix, of the source and of the destination.
    pub(crate) rows: [(u64, u64); 2],
    /// COMPLETED objects of the source without a date.
    pub(crate) undated: u64,
    pub(crate) groups: Vec<NamedDimension>,
}

/// Takes the rows of figures one by one. Memory grows with the groups up to their limit.
pub(crate) struct PairFigureSums {
    expected: PairExpected,
    control: ControlRows,
    sums: PairSums,
    words: StatusWords,
    by: Vec<Dimension>,
    groups: Groups,
    /// For each dimension, the sums of all its groups by the place of the class.
    grouped: Vec<[PairCount; PairClass::ALL.len()]>,
}

impl PairFigureSums {
    /// Begins with empty groups of the dimensions `by`.
    pub(crate) fn new(expected: PairExpected, by: &[Dimension], groups: Groups) -> Self {
        Self {
            expected,
            control: ControlRows::default(),
            sums: PairSums::default(),
            words: StatusWords::default(),
            by: by.to_vec(),
            groups,
            grouped: vec![Default::default(); by.len()],
        }
    }

    fn once_of(&self, word: PairFigureWord, value: &str) -> Result<u64, FigureError> {
        self.control.once_of(word.word(), value)
    }

    fn of_side(&self, side: PairSide, word: FigureWord, value: &str) -> Result<u64, FigureError> {
        self.control.once_of(&side_dimension(side, word), value)
    }

    /// Every class is there once, also without objects.
    fn add_class(&mut self, row: &FigureRow) -> Result<(), FigureError> {
        let class = class_of(row)?;
        // Under the word in the column `status`, because `value` is empty.
        self.control.keep(&FigureRow { value: class.word().to_owned(), ..row.clone() })?;
        self.sums.classes[class.place()] = ClassSum::of(count_of(row)?);
        Ok(())
    }

    fn add_status(&mut self, row: &FigureRow) -> Result<(), FigureError> {
        if row.status != NOT_COMPLETED {
            return Err(value_error(&row.status, row));
        }
        let sum = self.status(row)?;
        if sum.count.objects > 0 {
            return Err(FigureError::Twice(format!("{} {}", row.dimension, quoted(row.value.as_bytes()))));
        }
        sum.count = count_of(row)?;
        if row.objects == 0 { Err(FigureError::NoObjects) } else { Ok(()) }
    }

    /// The sum of the status in the column `value`.
    fn status(&mut self, row: &FigureRow) -> Result<&mut OtherStatusSum, FigureError> {
        check_status_word(&row.value)?;
        let number = self.words.number(&row.value)?;
        if StatusWords::class(number) == StatusClass::Replicated {
            return Err(value_error(&row.value, row));
        }
        Ok(&mut self.sums.statuses[usize::from(number)])
    }

    fn add_there(&mut self, row: &FigureRow) -> Result<(), FigureError> {
        self.control.keep(row)?;
        self.status(row)?.present = row.objects;
        Ok(())
    }

    /// Keeps a row with one of some values.
    fn keep_one_of(&mut self, values: &[&str], row: &FigureRow) -> Result<(), FigureError> {
        if values.contains(&row.value.as_str()) { self.control.keep(row) } else { Err(value_error(&row.value, row)) }
    }

    fn add_destination_only(&mut self, row: &FigureRow) -> Result<(), FigureError> {
        self.keep_one_of(&[NOT_REPLICAS, NEW_AT_DESTINATION], row)?;
        let count = count_of(row)?;
        match row.value == NOT_REPLICAS {
            true => self.sums.unrelated = count,
            false => self.sums.new_at_destination = count,
        }
        Ok(())
    }

    fn add_latest(&mut self, row: &FigureRow) -> Result<(), FigureError> {
        self.keep_one_of(&[HIDDEN_AT_DESTINATION, HIDDEN_AT_SOURCE], row)?;
        match row.value == HIDDEN_AT_DESTINATION {
            true => self.sums.hidden_at_destination = row.objects,
            false => self.sums.hidden_at_source = row.objects,
        }
        Ok(())
    }

    fn add_of_side(&mut self, side: PairSide, word: FigureWord, row: &FigureRow) -> Result<(), FigureError> {
        match word {
            FigureWord::Invalid if row.value == LISTED_TWICE && row.objects > 0 => {
                Err(FigureError::ListedTwice(row.objects))
            }
            FigureWord::Invalid => self.control.keep_invalid(row),
            FigureWord::Rows => self.keep_one_of(&[SCANNED, IN_SCOPE], row),
            FigureWord::DeleteMarkers => {
                self.keep_one_of(&[""], row)?;
                match side {
                    PairSide::Source => self.sums.source_markers = row.objects,
                    PairSide::Destination => self.sums.destination_markers = row.objects,
                }
                Ok(())
            }
            _ => self.keep_one_of(&[""], row),
        }
    }

    fn add_group(&mut self, row: &FigureRow) -> Result<(), FigureError> {
        let at = self.by.iter().position(|by| by.to_string() == row.dimension);
        let at = at.ok_or_else(|| FigureError::Dimension(quoted(row.dimension.as_bytes())))?;
        let class = class_of(row)?;
        if !PairClass::JUDGED.contains(&class) {
            return Err(value_error(&row.status, row));
        }
        let count = count_of(row)?;
        if count.objects == 0 {
            return Err(FigureError::NoObjects);
        }
        self.grouped[at][class.place()].merge(count)?;
        let totals = StatusTotals { objects: count.objects, bytes: Some(count.bytes), oldest: None, newest: None };
        Ok(self.groups.add_totals(self.by[at], row.value.as_bytes(), class.place(), totals)?)
    }

    /// Checks the rows of a report, and returns how many it has, and how many of them are under the prefix.
    fn check_side(&self, side: PairSide) -> Result<(u64, u64), FigureError> {
        let expected = self.expected.sides[side as usize];
        self.of_side(side, FigureWord::Invalid, LISTED_TWICE)?;
        let files = self.of_side(side, FigureWord::Files, "")?;
        if files != expected.files {
            return Err(FigureError::Files { found: files, expected: expected.files });
        }
        let [scanned, in_scope] = [SCANNED, IN_SCOPE].map(|value| self.of_side(side, FigureWord::Rows, value));
        let (scanned, in_scope) = (scanned?, in_scope?);
        if let Some(expected) = expected.rows.filter(|expected| *expected != scanned) {
            return Err(FigureError::Rows { found: scanned, expected });
        }
        part("rows in scope, of all", in_scope, scanned)?;
        if !self.expected.has_prefix {
            equal("rows in scope and all rows, without a filter", in_scope, scanned)?;
        }
        self.of_side(side, FigureWord::DeleteMarkers, "")?;
        equal("rows in scope, and what became of them", self.counted(side)?, in_scope)?;
        Ok((scanned, in_scope))
    }

    /// Delete markers and objects of a report. Each is counted once.
    fn counted(&self, side: PairSide) -> Result<u64, FigureError> {
        let sums = &self.sums;
        let objects = |class: PairClass| sums.of(class).count.objects;
        let statuses = sums.statuses.iter();
        let counts: Vec<u64> = match side {
            PairSide::Source => {
                let classes = PairClass::ALL.into_iter().filter(|class| *class != PairClass::Extra).map(objects);
                classes.chain(statuses.map(|sum| sum.count.objects)).chain([sums.source_markers]).collect()
            }
            PairSide::Destination => {
                // Those that have a counterpart are in the classes of the source.
                let judged = PairClass::JUDGED.into_iter().filter(|class| *class != PairClass::Missing).map(objects);
                let too_new = self.once_of(PairFigureWord::TooNewAtDestination, "")?;
                let alone = [sums.unrelated.objects, sums.new_at_destination.objects, objects(PairClass::Extra)];
                let paired = statuses.map(|sum| sum.present).chain([too_new]);
                judged.chain(paired).chain(alone).chain([sums.destination_markers]).collect()
            }
        };
        let mut sum = 0;
        counts.into_iter().try_for_each(|count| add(&mut sum, count))?;
        Ok(sum)
    }

    /// Every class and status has all its rows, and the groups have the sums of the whole.
    fn check_sums(&self) -> Result<(), FigureError> {
        for class in PairClass::ALL {
            self.once_of(PairFigureWord::All, class.word())?;
        }
        for sum in &self.sums.statuses {
            part("objects at the destination, of those of their status", sum.present, sum.count.objects)?;
        }
        let too_new = self.sums.of(PairClass::TooNew).count.objects;
        let there = self.once_of(PairFigureWord::TooNewAtDestination, "")?;
        part("too new objects at the destination, of all", there, too_new)?;
        part("COMPLETED objects without a date, of those that are too new", self.undated()?, too_new)?;
        for value in [NOT_REPLICAS, NEW_AT_DESTINATION] {
            self.once_of(PairFigureWord::DestinationOnly, value)?;
        }
        let mut hidden = 0;
        for value in [HIDDEN_AT_DESTINATION, HIDDEN_AT_SOURCE] {
            add(&mut hidden, self.once_of(PairFigureWord::LatestDiffers, value)?)?;
        }
        part("objects that are the latest version in one report only, of the judged ones", hidden, self.sums.judged())?;
        for (by, grouped) in self.by.iter().zip(&self.grouped) {
            for class in PairClass::JUDGED {
                let (one, other) = (grouped[class.place()], self.sums.of(class).count);
                equal(&format!("objects of {} by {by}, and in all", class.word()), one.objects, other.objects)?;
                equal(&format!("bytes of {} by {by}, and in all", class.word()), one.bytes, other.bytes)?;
            }
        }
        Ok(())
    }

    fn undated(&self) -> Result<u64, FigureError> {
        self.once_of(PairFigureWord::Undated, "")
    }
}

impl FigureTaker for PairFigureSums {
    type Output = PairFigures;

    fn add(&mut self, row: &FigureRow) -> Result<(), FigureError> {
        self.control.count()?;
        if row.oldest.is_some() || row.newest.is_some() {
            return Err(FigureError::ColumnNotInReport { column: "oldest" });
        }
        if let Some((side, word)) = of_side(&row.dimension) {
            return self.add_of_side(side, word, row).map_err(|why| why.of_report(side.word()));
        }
        let Some(word) = PairFigureWord::named(&row.dimension) else { return self.add_group(row) };
        match word {
            PairFigureWord::All if !row.value.is_empty() => Err(value_error(&row.value, row)),
            PairFigureWord::All => self.add_class(row),
            PairFigureWord::Status => self.add_status(row),
            PairFigureWord::AtDestination => self.add_there(row),
            PairFigureWord::DestinationOnly => self.add_destination_only(row),
            PairFigureWord::LatestDiffers => self.add_latest(row),
            PairFigureWord::TooNewAtDestination | PairFigureWord::Undated | PairFigureWord::End => {
                self.keep_one_of(&[""], row)
            }
            PairFigureWord::Question => self.control.keep(row),
            PairFigureWord::Invalid => self.control.keep_invalid(row),
        }
    }

    fn dialect(&self) -> Option<&str> {
        self.control.dialect()
    }

    fn finish(self) -> Result<PairFigures, FigureError> {
        // First whether it is all, and about this: else the sums say nothing.
        self.control.check(&self.expected.mark)?;
        self.check_sums()?;
        let side = |side: PairSide| self.check_side(side).map_err(|why| why.of_report(side.word()));
        let rows = [side(PairSide::Source)?, side(PairSide::Destination)?];
        let undated = self.undated()?;
        let groups = self.groups.named()?;
        Ok(PairFigures { sums: self.sums, words: self.words, rows, undated, groups })
    }
}

fn class_of(row: &FigureRow) -> Result<PairClass, FigureError> {
    PairClass::ALL.into_iter().find(|class| class.word() == row.status).ok_or_else(|| value_error(&row.status, row))
}

fn count_of(row: &FigureRow) -> Result<PairCount, FigureError> {
    let bytes = row.bytes.ok_or(FigureError::NoValue { column: "bytes" })?;
    Ok(PairCount { objects: row.objects, bytes })
}

fn value_error(text: &str, row: &FigureRow) -> FigureError {
    FigureError::Value(quoted(text.as_bytes()), row.dimension.clone())
}
