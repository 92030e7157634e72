//! One row of a results file: `Bucket, Key, VersionId, TaskStatus, HTTPStatusCode, ErrorCode, ResultMessage`.
//!
//! Read leniently, because S3 does not always double the quotes in ResultMessage: that is the last column, so it reaches to
//! the end of the row.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use s3_inventory::decode_key;

use super::super::error::InputFault;
use s3_answers::Bucket;

/// How the keys of the job's manifest are encoded. The report repeats them byte for byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyEncoding {
    /// `+` is a space, unless that contradicts other keys.
    #[default]
    Detected,
    /// `+` is a space, as in inventory reports.
    Form,
    /// `+` is a plus sign, as in CSV manifests that only escape with `%`.
    Percent,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ResultRow {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) version_id: Option<String>,
    pub(super) succeeded: bool,
    pub(super) http_status: Option<u16>,
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
}

/// How the keys that were read escape a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct KeyStyles {
    has_plus: bool,
    has_percent_20: bool,
}

/// The cells of a row; the last one to the end of the text.
pub(super) fn cells(text: &str) -> Result<[Cow<'_, str>; 7], InputFault> {
    let mut cells: [Cow<'_, str>; 7] = Default::default();
    let mut rest = text;
    for (at, cell) in cells.iter_mut().take(6).enumerate() {
        let (found, more) = first_cell(rest);
        *cell = found;
        rest = more.ok_or(InputFault::Columns(at + 1))?;
    }
    cells[6] = message(rest);
    Ok(cells)
}

/// The cell before the next comma, and what comes after that; a quote that is not doubled and not at the end is itself.
fn first_cell(text: &str) -> (Cow<'_, str>, Option<&str>) {
    let Some(quoted) = text.strip_prefix('"') else {
        return match text.split_once(',') {
            Some((cell, rest)) => (cell.into(), Some(rest)),
            None => (text.into(), None),
        };
    };
    let mut cell = String::new();
    let mut rest = quoted;
    while let Some((before, after)) = rest.split_once('"') {
        cell.push_str(before);
        match after.chars().next() {
            Some('"') => {
                cell.push('"');
                rest = &after[1..];
            }
            Some(',') => return (cell.into(), Some(&after[1..])),
            None => return (cell.into(), None),
            Some(_) => {
                cell.push('"');
                rest = after;
            }
        }
    }
    cell.push_str(rest);
    (cell.into(), None)
}

/// The last cell, without its quotes.
fn message(text: &str) -> Cow<'_, str> {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) if inner.contains("\"\"") => inner.replace("\"\"", "\"").into(),
        Some(inner) => inner.into(),
        None => text.into(),
    }
}

/// Whether the last cell is quoted, and its end is on a later line.
pub(super) fn is_open(text: &str) -> bool {
    let mut rest = text;
    for _ in 0..6 {
        match first_cell(rest).1 {
            Some(more) => rest = more,
            None => return false,
        }
    }
    rest.starts_with('"') && (rest.len() == 1 || !rest.ends_with('"'))
}

fn is_http_status(cell: &str) -> bool {
    cell.len() == 3 && cell.bytes().all(|b| b.is_ascii_digit())
}

pub(super) fn task_status(word: &str) -> Option<bool> {
    match word {
        "succeeded" => Some(true),
        "failed" => Some(false),
        _ => None,
    }
}

/// Whether a text looks like a row: the fourth cell is a task status, or the first cell is a valid bucket name.
pub(super) fn is_row(text: &str) -> bool {
    let has_status = || {
        let mut rest = Some(text);
        let mut cells = std::iter::from_fn(|| {
            let (cell, more) = first_cell(rest?);
            rest = more;
            Some(cell)
        });
        cells.nth(3).is_some_and(|cell| task_status(&cell).is_some())
    };
    has_status() || cells(text).is_ok_and(|cells| Bucket::new(&cells[0]).is_ok())
}

impl ResultRow {
    pub(super) fn read(text: &str, encoding: KeyEncoding, styles: &mut KeyStyles) -> Result<Self, InputFault> {
        let [bucket, key, version, status, fifth, sixth, message] = cells(text)?;
        if bucket.eq_ignore_ascii_case("bucket") && key.eq_ignore_ascii_case("key") {
            return Err(InputFault::HeaderRow);
        }
        let succeeded = task_status(&status).ok_or_else(|| InputFault::TaskStatus(status.into_owned()))?;
        let (http_status, code) = match (is_http_status(&fifth), is_http_status(&sixth)) {
            (true, _) => (Some(fifth), sixth),
            (false, true) => (Some(sixth), fifth),
            (false, false) if fifth.is_empty() || sixth.is_empty() => {
                let code = if fifth.is_empty() { sixth } else { fifth };
                (None, code)
            }
            (false, false) => return Err(InputFault::HttpStatus(fifth.into_owned(), sixth.into_owned())),
        };
        if Bucket::new(&bucket).is_err() {
            return Err(InputFault::Bucket(bucket.into_owned()));
        }
        let some = |cell: Cow<'_, str>| (!cell.is_empty()).then(|| cell.into_owned());
        Ok(Self {
            bucket: bucket.into_owned(),
            key: styles.decode(&key, encoding)?,
            version_id: some(version),
            succeeded,
            http_status: http_status.and_then(|status| status.parse().ok()),
            code: some(code),
            message: some(message),
        })
    }
}

impl KeyStyles {
    /// Decodes a key. Two keys that can't have come from one encoder are an error, because one of them would be another key.
    fn decode(&mut self, key: &str, encoding: KeyEncoding) -> Result<String, InputFault> {
        if encoding == KeyEncoding::Detected {
            self.has_plus |= key.contains('+');
            self.has_percent_20 |= key.contains("%20");
            if self.has_plus && self.has_percent_20 {
                return Err(InputFault::KeyStyles);
            }
        }
        // It refuses a broken escape.
        let form = decode_key(key.as_bytes()).ok_or_else(|| InputFault::KeyEscape(key.to_owned()))?;
        let decoded = match encoding {
            KeyEncoding::Percent => percent_decode_str(key).collect(),
            KeyEncoding::Form | KeyEncoding::Detected => form.into_owned(),
        };
        let decoded = String::from_utf8(decoded).map_err(|_| InputFault::Key(key.to_owned()))?;
        if decoded.is_empty() { Err(InputFault::Key(key.to_owned())) } else { Ok(decoded) }
    }
}
