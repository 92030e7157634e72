//! Parses the text in which engines print figures: CSV as DuckDB and Athena write it, or tab-separated lines as `spark-sql`
//! prints them.
//!
//! Nothing is skipped but a header row, and the settings that `spark-sql` prints before its result.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use s3_inventory::quoted;
use thiserror::Error;

use super::dialect::Dialect;
use crate::audit::{FIGURE_COLUMNS, FigureError, FigureRow, FigureTaker};

/// A key has at most 1,024 bytes, and the other cells are short.
const LONGEST_LINE: usize = 64 << 10;
/// What `spark-sql` prints for a SET statement begins with this.
const SETTING: &[u8] = b"spark.sql.";

/// Why the text of figures is refused.
#[derive(Debug, Error)]
pub(crate) enum FiguresError {
    #[error("line {line}: {why}")]
    Row { line: u64, why: FigureError },
    #[error("line {line}: this is not a row of figures: {text}")]
    Garbage { line: u64, text: String },
    #[error(transparent)]
    Whole(#[from] FigureError),
    #[error("there are no figures: the engine printed nothing")]
    Empty,
    #[error(
        "they are of the statements for {dialect}, and have another form than its own program prints: give the output of {program}"
    )]
    Form { dialect: &'static str, program: &'static str },
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads figures to their end.
pub(crate) fn read_figures<S: FigureTaker>(mut text: impl BufRead, sums: S) -> Result<S::Output, FiguresError> {
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        number += 1;
        if !read_line(&mut text, &mut line, number)? {
            return Err(FiguresError::Empty);
        }
        if !line.starts_with(SETTING) && !line.iter().all(u8::is_ascii_whitespace) {
            break;
        }
    }
    if line.iter().filter(|byte| **byte == b'\t').count() == FIGURE_COLUMNS.len() - 1 {
        return read_tabs(text, line, number, sums);
    }
    let first = io::Cursor::new(line);
    read_csv(first.chain(text), number, sums)
}

/// Reads one line with its end; returns whether there is one.
fn read_line(text: &mut impl BufRead, line: &mut Vec<u8>, number: u64) -> Result<bool, FiguresError> {
    let read = text.take(LONGEST_LINE as u64).read_until(b'\n', line)?;
    if read == LONGEST_LINE && line.last() != Some(&b'\n') {
        return Err(FiguresError::Garbage { line: number, text: quoted(line) });
    }
    Ok(read > 0)
}

/// Takes the cells of a row, unless it is the header.
fn take(cells: &[&str], line: u64, sums: &mut impl FigureTaker, is_first: bool) -> Result<(), FiguresError> {
    if is_first && cells == FIGURE_COLUMNS {
        return Ok(());
    }
    let row = FigureRow::parse(cells).map_err(|why| FiguresError::Row { line, why })?;
    sums.add(&row).map_err(|why| FiguresError::Row { line, why })
}

/// Reads tab-separated lines, the first of which was read. Values have escapes.
fn read_tabs<S: FigureTaker>(
    mut text: impl BufRead,
    mut line: Vec<u8>,
    mut number: u64,
    mut sums: S,
) -> Result<S::Output, FiguresError> {
    let first = number;
    loop {
        if line.pop_if(|last| *last == b'\n').is_none() {
            // Every line of a complete result ends.
            return Err(FiguresError::Garbage { line: number, text: quoted(&line) });
        }
        let garbage = || FiguresError::Garbage { line: number, text: quoted(&line) };
        let cells: Vec<&str> = std::str::from_utf8(&line).map_err(|_| garbage())?.split('\t').collect();
        let cells: Vec<Cow<'_, str>> = cells.into_iter().map(unescaped).collect::<Option<_>>().ok_or_else(garbage)?;
        let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
        take(&cells, number, &mut sums, number == first)?;
        line.clear();
        number += 1;
        if !read_line(&mut text, &mut line, number)? {
            return finish(sums, true);
        }
    }
}

/// Ends the sums. `is_escaped` says whether values were read as those of a dialect that escapes them.
fn finish<S: FigureTaker>(sums: S, is_escaped: bool) -> Result<S::Output, FiguresError> {
    let dialect = sums.dialect().and_then(Dialect::named);
    match dialect.filter(|dialect| dialect.escapes_values() != is_escaped) {
        Some(dialect) => Err(FiguresError::Form { dialect: dialect.word(), program: dialect.program() }),
        None => Ok(sums.finish()?),
    }
}

/// The text of a cell that [`Dialect::escapes_values`]; `None` for another escape.
fn unescaped(cell: &str) -> Option<Cow<'_, str>> {
    if !cell.contains('\\') {
        return Some(cell.into());
    }
    let (pairs, []) = cell.strip_prefix("\\x")?.as_bytes().as_chunks::<2>() else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |[high, low]: &[u8; 2]| u8::try_from(digit(*high)? << 4 | digit(*low)?).ok();
    let bytes: Vec<u8> = pairs.iter().map(byte).collect::<Option<_>>()?;
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Reads CSV, in which a value may contain line ends.
fn read_csv<S: FigureTaker>(text: impl Read, before: u64, mut sums: S) -> Result<S::Output, FiguresError> {
    let limited = ShortLines { text, length: 0 };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(limited);
    let mut record = csv::StringRecord::new();
    let mut is_first = true;
    loop {
        let line = before + reader.position().line() - 1;
        let read = reader.read_record(&mut record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => FiguresError::Io(error),
            other => FiguresError::Garbage { line, text: quoted(format!("{other:?}").as_bytes()) },
        })?;
        if !read {
            return finish(sums, false);
        }
        let line = record.position().map_or(line, |position| before + position.line() - 1);
        let cells: Vec<&str> = record.iter().collect();
        take(&cells, line, &mut sums, is_first)?;
        is_first = false;
    }
}

/// Text whose lines are short: garbage without line ends must not fill the memory.
struct ShortLines<R> {
    text: R,
    /// The bytes after the last line end.
    length: usize,
}

impl<R: Read> Read for ShortLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.text.read(buffer)?;
        self.length = match memchr::memrchr(b'\n', &buffer[..read]) {
            Some(at) => read - at - 1,
            None => self.length + read,
        };
        if self.length > LONGEST_LINE {
            return Err(io::Error::other(format!("a line has more than {LONGEST_LINE} bytes: these are not figures")));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use proptest::prelude::*;

    use super::*;
    use crate::audit::{Dimension, Expected, FigureSums, Filter, Grouping, Tally};

    fn sums() -> FigureSums {
        let by = [Dimension::Prefix(1)];
        let grouping = Grouping { by: by.to_vec(), ..Grouping::none() };
        let scan = Timestamp::UNIX_EPOCH;
        let tally = Tally::new(Filter::default(), scan, SignedDuration::ZERO, false).in_groups(&grouping, scan);
        let expected = Expected { mark: "abc".to_owned(), files: 1, rows: None, has_times: false };
        FigureSums::new(tally, &by, expected)
    }

    /// One object, of a prefix whose value is written like this.
    fn rows(value: &str, dialect: &str) -> Vec<[String; 4]> {
        let rows: [[&str; 4]; 9] = [
            ["all", "", "NONE", "1"],
            ["prefix", value, "NONE", "1"],
            ["overdue", "", "", "0"],
            ["rows", "scanned", "", "1"],
            ["rows", "in-scope", "", "1"],
            ["invalid", "settings", "", "0"],
            ["files", "", "", "1"],
            ["question", &format!("{dialect}/abc"), "", "0"],
            ["end", "", "", "9"],
        ];
        rows.map(|row| row.map(str::to_owned)).to_vec()
    }

    fn tabs(value: &str, dialect: &str) -> String {
        let row = |[dimension, value, status, objects]: [String; 4]| {
            format!("{dimension}\t{value}\t{status}\t{objects}\tNULL\tNULL\tNULL\n")
        };
        rows(value, dialect).into_iter().map(row).collect()
    }

    fn comma(value: &str, dialect: &str) -> String {
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(FIGURE_COLUMNS).unwrap();
        for [dimension, value, status, objects] in rows(value, dialect) {
            csv.write_record([&dimension, &value, &status, &objects, "", "", ""]).unwrap();
        }
        String::from_utf8(csv.into_inner().unwrap()).unwrap()
    }

    fn read(text: &str) -> Result<Tally, FiguresError> {
        read_figures(text.as_bytes(), sums())
    }

    proptest! {
        /// A value arrives as it is, by either way.
        #[test]
        fn values_survive(value in "\\PC{0,5}[\t\n\r\"\\\\,';]{0,3}\\PC{0,5}/") {
            let hex: String = value.bytes().map(|byte| format!("{byte:02X}")).collect();
            let escaped = format!("\\x{hex}");
            let by_comma = read(&comma(&value, "duckdb")).unwrap();
            let by_tab = read(&tabs(&escaped, "spark")).unwrap();
            prop_assert!(by_comma == by_tab);
        }

        /// Cut anywhere, figures are refused.
        #[test]
        fn cut_figures_are_refused(cut in 0usize..150) {
            for text in [comma("a/", "duckdb"), tabs("a/", "spark")] {
                let cut = cut.min(text.len() - 1);
                // Only the last line end is not needed, where the last row is complete without it.
                let is_whole = text[..cut].trim_end() == text.trim_end() && !text.contains('\t');
                prop_assert!(read(&text[..cut]).is_ok() == is_whole, "{}", &text[..cut]);
            }
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let settings = format!("spark.sql.ansi.enabled\ttrue\n\n{}", tabs("a/", "spark"));
        assert!(read(&settings).is_ok());
        let table = [
            (String::new(), "printed nothing"),
            ("\n\n".to_owned(), "printed nothing"),
            ("spark.sql.x\ty\n".to_owned(), "printed nothing"),
            ("Error: no such table".to_owned(), "line 1: a row has 7 cells"),
            ("x".repeat(100_000), "line 1: this is not a row of figures"),
            (format!("{}{}", comma("a/", "duckdb"), "x".repeat(200_000)), "more than 65536 bytes"),
            (tabs("a\\x/", "spark"), "line 2: this is not a row"),
            (tabs("a/", "spark") + "Time taken: 3 s\n", "line 10: a row has 7 cells"),
            (tabs("a/", "duckdb"), "the output of duckdb -csv"),
            (comma("a/", "spark"), "the output of spark-sql"),
            (comma("a/", "duckdb") + &comma("a/", "duckdb"), "line 11: objects"),
            (comma("a/", "duckdb").replace("prefix,", "\"prefix,"), "line"),
        ];
        for (text, says) in table {
            let error = read(&text).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
