//! The rows of a results file, one after the other.

use std::borrow::Cow;
use std::io::BufRead;

use jiff::Timestamp;

use super::super::error::{InputFault, ReadFault};
use super::super::task::{FailedObject, Task, TaskSource};
use super::super::vocabulary::{self, NO_CODE};
use super::row::{KeyEncoding, KeyStyles, ResultRow, is_open, is_row};

/// No row is longer: a key has at most 1,024 bytes, and S3 writes short messages.
const LONGEST_ROW: usize = 1 << 20;

/// What the caller knows about a results file.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ResultsFacts {
    pub(crate) encoding: KeyEncoding,
    /// When its report was created.
    pub(crate) created_at: Option<Timestamp>,
    /// Whether a checksum shows that it is whole.
    pub(crate) end_is_checked: bool,
}

/// Takes a task with the number of its line.
type TakeRow<'a> = dyn FnMut(u64, Task) -> Result<(), InputFault> + 'a;

/// Reads rows to the end, the first of which is at `first_line`. `take` gets each task.
pub(crate) fn read_rows(
    text: &mut dyn BufRead,
    first_line: u64,
    facts: ResultsFacts,
    take: &mut TakeRow<'_>,
) -> Result<(), ReadFault> {
    let mut rows = RowReader { facts, styles: KeyStyles::default(), open: None };
    let (mut line, mut number) = (Vec::new(), first_line - 1);
    let has_last_line_feed = loop {
        line.clear();
        number += 1;
        let ended = next_line(text, &mut line).map_err(|why| why.at(number))?;
        if ended && line.is_empty() {
            break true;
        }
        let bytes = line.strip_suffix(b"\r").unwrap_or(&line);
        let row = std::str::from_utf8(bytes).map_err(|_| InputFault::NotUtf8.at(number))?;
        if row.contains('\r') {
            return Err(InputFault::LineEnd.at(number));
        }
        rows.line(row, number, take)?;
        if ended {
            break false;
        }
    };
    match rows.open.take() {
        // Broken quoting in the last row, as in any other row.
        Some((number, row)) if has_last_line_feed || facts.end_is_checked => rows.row(&row, number, take),
        Some((number, _)) => Err(InputFault::Cut.at(number)),
        None => Ok(()),
    }
}

/// Reads a line without its line feed; returns whether the text ended.
fn next_line(text: &mut dyn BufRead, line: &mut Vec<u8>) -> Result<bool, InputFault> {
    loop {
        let read = match text.fill_buf() {
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        if read.is_empty() {
            return Ok(true);
        }
        let end = memchr::memchr(b'\n', read);
        let piece = &read[..end.unwrap_or(read.len())];
        if line.len() + piece.len() > LONGEST_ROW {
            return Err(InputFault::TooLong(LONGEST_ROW));
        }
        line.extend_from_slice(piece);
        let used = piece.len() + usize::from(end.is_some());
        text.consume(used);
        if end.is_some() {
            return Ok(false);
        }
    }
}

struct RowReader {
    facts: ResultsFacts,
    styles: KeyStyles,
    /// A row whose message goes on in the next line, with the number of its first line.
    open: Option<(u64, String)>,
}

impl RowReader {
    fn line(&mut self, line: &str, number: u64, take: &mut TakeRow<'_>) -> Result<(), ReadFault> {
        if let Some((first, mut open)) = self.open.take() {
            // A quote that is never closed is broken quoting if the next line is a row.
            if is_row(line) {
                self.row(&open, first, take)?;
            } else {
                open.push('\n');
                open.push_str(line);
                if open.len() > LONGEST_ROW {
                    return Err(InputFault::TooLong(LONGEST_ROW).at(first));
                }
                if line.ends_with('"') {
                    return self.row(&open, first, take);
                }
                self.open = Some((first, open));
                return Ok(());
            }
        }
        if line.trim().is_empty() {
            return Ok(());
        }
        if is_open(line) {
            // What is wrong with the other columns shows now.
            self.parsed(line, number)?;
            self.open = Some((number, line.to_owned()));
            return Ok(());
        }
        self.row(line, number, take)
    }

    fn row(&mut self, row: &str, number: u64, take: &mut TakeRow<'_>) -> Result<(), ReadFault> {
        let task = self.parsed(row, number)?;
        take(number, task).map_err(|why| why.at(number))
    }

    fn parsed(&mut self, row: &str, number: u64) -> Result<Task, ReadFault> {
        let row = ResultRow::read(row, self.facts.encoding, &mut self.styles).map_err(|why| why.at(number))?;
        if row.succeeded {
            return Ok(Task::Succeeded);
        }
        Ok(Task::Failed(Box::new(FailedObject {
            bucket: Some(row.bucket),
            key: Some(row.key),
            version_id: row.version_id,
            reason: reason(row.code),
            http_status: row.http_status,
            message: row.message,
            destination: None,
            rule: None,
            time: self.facts.created_at,
            source: TaskSource::CompletionReport,
            operation: None,
            size: None,
        })))
    }
}

/// A code, without a copy of its text where it is known.
pub(crate) fn reason(code: Option<String>) -> Cow<'static, str> {
    match code.filter(|code| !code.trim().is_empty()) {
        None => NO_CODE.into(),
        Some(code) => match vocabulary::known(code.trim()) {
            Some(known) => known.into(),
            None => code.into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn tasks(text: &str, encoding: KeyEncoding) -> Result<Vec<(u64, Task)>, ReadFault> {
        let mut found = Vec::new();
        let mut take = |line, task| {
            found.push((line, task));
            Ok(())
        };
        let facts = ResultsFacts { encoding, ..ResultsFacts::default() };
        read_rows(&mut BufReader::with_capacity(7, text.as_bytes()), 1, facts, &mut take)?;
        Ok(found)
    }

    fn failed(text: &str) -> FailedObject {
        match tasks(text, KeyEncoding::Detected).unwrap().remove(0).1 {
            Task::Failed(object) => *object,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_status_is_the_column_with_three_digits() {
        for row in [
            "src,k,v,failed,500,SrcObjectNotEligible,not eligible",
            "src,k,v,failed,SrcObjectNotEligible,500,not eligible",
            "\"src\",\"k\",\"v\",\"failed\",\"500\",\"SrcObjectNotEligible\",\"not eligible\"",
        ] {
            let found = failed(row);
            assert_eq!((found.http_status, &*found.reason), (Some(500), "SrcObjectNotEligible"), "{row}");
            assert_eq!((found.version_id.as_deref(), found.message.as_deref()), (Some("v"), Some("not eligible")));
        }
        let none = failed("src,k,,failed,,,");
        assert_eq!((none.http_status, &*none.reason, none.version_id, none.message), (None, NO_CODE, None, None));
        assert_eq!(failed("src,k,,failed,,NewCode,").reason, "NewCode");
        assert_eq!(failed("src,k,,failed,NewCode,,").reason, "NewCode");
    }

    #[test]
    fn broken_quoting_is_understood() {
        let table = [
            ("src,k,,failed,200,X,\"a \"\"b\"\"\"", "a \"b\""),
            // As the S3 User Guide prints it.
            (
                "src,k,,failed,200,X,\"e: {\"\"m\"\":\"T k\", \"\"c\"\": \"404\"}\"",
                "e: {\"m\":\"T k\", \"c\": \"404\"}",
            ),
            ("src,k,,failed,200,X,a, b, c", "a, b, c"),
            ("src,k,,failed,200,X,\"a, \"b\", c\"", "a, \"b\", c"),
            ("src,k,,failed,200,X,say \"no\"", "say \"no\""),
            ("src,k,,failed,200,X,\"two\nlines\"", "two\nlines"),
            ("src,k,,failed,200,X,\"two\r\nlines\"\r\n", "two\nlines"),
        ];
        for (row, message) in table {
            assert_eq!(failed(row).message.as_deref(), Some(message), "{row}");
        }
        let unclosed = "src,a,,failed,200,X,\"open\nsrc,b,,failed,200,X,fine\nsrc,c,,succeeded,200,,\n";
        let found = tasks(unclosed, KeyEncoding::Detected).unwrap();
        assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 3], "the next line is a row");
        let unclosed = "src,a,,succeeded,200,,\"open\nsrc,b,,failed,500,X\n";
        assert_eq!(tasks(unclosed, KeyEncoding::Detected).unwrap_err().line, 2, "a row without its last column");
        let unclosed = "src,a,,succeeded,200,,\"open\nsrc,b,,Failed,500,X,\"no\"\n";
        let fault = tasks(unclosed, KeyEncoding::Detected).unwrap_err();
        assert!(fault.line == 2 && fault.to_string().contains("\"Failed\""), "{fault}");
    }

    #[test]
    fn an_unbalanced_quote_in_the_last_row_is_no_cut_where_the_end_is_known() {
        let row = "src,k,,failed,403,X,\"odd \"\"quote";
        for (text, message) in [
            (format!("{row}\n"), "\"odd \"\"quote"),
            (format!("{row}\r\n"), "\"odd \"\"quote"),
            (format!("{row}\nmore\n"), "\"odd \"\"quote\nmore"),
        ] {
            assert_eq!(failed(&text).message.as_deref(), Some(message), "{text}");
        }
        let mut found = 0;
        for end_is_checked in [false, true] {
            let facts = ResultsFacts { end_is_checked, ..ResultsFacts::default() };
            let read = read_rows(&mut row.as_bytes(), 1, facts, &mut |_, _| {
                found += 1;
                Ok(())
            });
            assert_eq!((read.is_ok(), found), (end_is_checked, usize::from(end_is_checked)));
        }
    }

    #[test]
    fn keys_are_decoded_as_the_manifest_of_the_job_encodes_them() {
        use KeyEncoding as E;
        let key = |cell: &str, encoding| match tasks(&format!("src,{cell},,failed,500,X,"), encoding) {
            Ok(mut found) => match found.remove(0).1 {
                Task::Failed(object) => object.key.unwrap(),
                other => panic!("{other:?}"),
            },
            Err(fault) => fault.to_string(),
        };
        for (cell, detected, form, percent) in [
            ("a/b", "a/b", "a/b", "a/b"),
            ("a%20b%2Bc", "a b+c", "a b+c", "a b+c"),
            ("a+b%2Bc", "a b+c", "a b+c", "a+b+c"),
            ("%E4%B8%AD", "中", "中", "中"),
            ("a%0Ab%22%2C", "a\nb\",", "a\nb\",", "a\nb\","),
        ] {
            assert_eq!([key(cell, E::Detected), key(cell, E::Form), key(cell, E::Percent)], [detected, form, percent]);
        }
        assert!(key("a+b%20c", E::Detected).contains("whether + is a space"));
        assert_eq!((key("a+b%20c", E::Form), key("a+b%20c", E::Percent)), ("a b c".into(), "a+b c".into()));
        let two = "src,a+b,,failed,500,X,\nsrc,a%20b,,failed,500,X,\n";
        assert!(tasks(two, E::Detected).unwrap_err().to_string().starts_with("line 2: this key has %20"));
        for broken in ["a%2", "a%zz", "", "%FF"] {
            assert!(key(broken, E::Form).starts_with("line 1: "), "{broken}");
        }
    }

    #[test]
    fn what_is_not_a_results_file_is_refused_with_its_line() {
        let good = "src,k,v,succeeded,200,,\n";
        for (row, says) in [
            ("src,k,v", "3 of the 7 columns"),
            ("src", "1 of the 7 columns"),
            ("src,k,v,succeeded,200,", "6 of the 7 columns"),
            ("src,k,v,done,200,,", "\"done\""),
            ("src,k,v,failed,20,30,", "three digits"),
            ("s!,k,v,failed,500,X,", "can't be a bucket"),
            ("Bucket,Key,VersionId,TaskStatus,ErrorCode,HTTPStatusCode,ResultMessage", "header row"),
            ("src,k,v,failed,500,X,\"cut", "it was cut"),
            ("src,k,v,succeeded,200,,ok\rsrc,b,v,failed,500,X,no", "a carriage return (CR)"),
        ] {
            let fault = tasks(&format!("{good}\n{row}"), KeyEncoding::Detected).unwrap_err();
            assert_eq!(fault.line, 3, "{row}");
            assert!(fault.to_string().contains(says), "{row}: {fault}");
        }
        let mut bytes = good.as_bytes().to_vec();
        bytes.extend(b"src,\xff,v,succeeded,200,,\n");
        let fault = read_rows(&mut bytes.as_slice(), 1, ResultsFacts::default(), &mut |_, _| Ok(())).unwrap_err();
        assert_eq!(fault.to_string(), "line 2: it is not UTF-8");
        let long = vec![b'x'; LONGEST_ROW + 1];
        let fault = read_rows(&mut long.as_slice(), 1, ResultsFacts::default(), &mut |_, _| Ok(())).unwrap_err();
        assert!(matches!(fault.why, InputFault::TooLong(_)));
    }
}
