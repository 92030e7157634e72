//! Lists of objects: lines of `s3://` addresses, the CSV of an S3 Batch Operations manifest, or NDJSON.
//!
//! A list has one form: that of its first line that is neither blank nor begins with `#`. A line of another form is invalid;
//! nothing is guessed from it. Lines with `#` are comments in a list of addresses only. See "Specifying a manifest" in the S3
//! User Guide for the CSV.

mod json;
mod table;

use std::fmt;

use crate::model::{AddressError, ObjectId};

/// No line that names an object is longer: a key has at most 1,024 bytes, and an escaped one six times as many.
pub(crate) const LONGEST_LINE: usize = 64 << 10;

/// A line that names no object.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {why}")]
pub(crate) struct BadLine {
    /// The first line is 1.
    line: u64,
    why: LineFault,
}

/// What is wrong with a line, and what would be right.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LineFault {
    #[error("it is longer than {LONGEST_LINE} bytes")]
    TooLong,
    #[error("it is not UTF-8")]
    NotUtf8,
    #[error("it ends in LF, and the lines before it in CR LF: use one kind of line ending")]
    LineEnd,
    #[error("the first line decides the form of the list ({0}), and this line has another form")]
    OtherForm(ListForm),
    #[error(transparent)]
    Address(#[from] AddressError),
    #[error("it is not valid NDJSON (one JSON object in each line, as -o ndjson writes it): {0}")]
    Json(#[from] serde_json::Error),
    #[error("the JSON object needs the fields bucket and key")]
    MissingField,
    #[error("the key is empty")]
    EmptyKey,
    #[error("a line with # is a comment only in a list of s3:// addresses, and this list has {0}")]
    Comment(ListForm),
    #[error(
        "this is not an s3:// address, not a JSON object, and not a CSV row of bucket,key or bucket,key,version; if it is a header, remove it"
    )]
    UnknownForm,
    #[error("it is a header row, which a manifest of S3 Batch Operations does not have: remove this line")]
    HeaderRow,
    #[error("the first line of the list has {1} columns, and this line has {0}")]
    OtherWidth(usize, usize),
    #[error("in the key, a % is not followed by two hex digits")]
    KeyEscape,
    #[error("the decoded key is not UTF-8")]
    KeyNotUtf8,
    #[error("a quote is never closed")]
    OpenQuote,
    #[error("a cell has a quote in the wrong place: put the whole cell in quotes, and write each quote in it twice")]
    StrayQuote,
}

/// How the lines of a list are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListForm {
    Addresses,
    /// The number is that of its columns.
    Table(usize),
    Json,
}

impl ListForm {
    fn of(line: &str) -> Self {
        match line.trim_start().chars().next() {
            Some('{') => Self::Json,
            _ if line.starts_with("s3://") => Self::Addresses,
            _ => Self::Table(table::columns(line)),
        }
    }
}

impl fmt::Display for ListForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Addresses => "s3:// addresses",
            Self::Table(_) => "CSV rows",
            Self::Json => "JSON objects",
        })
    }
}

/// Reads a list line by line; what it holds in memory is one line.
#[derive(Debug, Default)]
pub(crate) struct ListReader {
    line: u64,
    form: Option<ListForm>,
    /// The first comment before the form was known.
    comment: Option<u64>,
    /// Whether lines end in CR LF.
    crlf: Option<bool>,
}

impl ListReader {
    /// Reads the next line, given without its line feed; `complete` unless it is the last one and had none. Nothing for a
    /// blank line or a comment; before the first line that gives a form, an error if that form allows no comments.
    pub(crate) fn read(
        &mut self,
        line: &[u8],
        complete: bool,
    ) -> impl Iterator<Item = Result<ObjectId, BadLine>> + use<> {
        self.line += 1;
        let number = self.line;
        let read = self.understand(line, complete).map_err(|why| BadLine { line: number, why }).transpose();
        let comment = match self.form {
            None | Some(ListForm::Addresses) => None,
            Some(form) => self.comment.take().map(|line| Err(BadLine { line, why: LineFault::Comment(form) })),
        };
        comment.into_iter().chain(read)
    }

    /// Counts a line that is too long to be read.
    pub(crate) fn skip(&mut self) -> BadLine {
        self.line += 1;
        BadLine { line: self.line, why: LineFault::TooLong }
    }

    fn understand(&mut self, line: &[u8], complete: bool) -> Result<Option<ObjectId>, LineFault> {
        let bytes = if self.line == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
        let bytes = self.without_cr(bytes, complete)?;
        let text = std::str::from_utf8(bytes).map_err(|_| LineFault::NotUtf8)?;
        if text.trim().is_empty() {
            return Ok(None);
        }
        if text.trim_start().starts_with('#') && matches!(self.form, None | Some(ListForm::Addresses)) {
            self.comment.get_or_insert(self.line);
            return Ok(None);
        }
        let (now, first) = (ListForm::of(text), self.form.is_none());
        // A row that no list begins with gives no form.
        let form = match now {
            ListForm::Table(columns) if first && !matches!(columns, 2 | 3) => now,
            _ => *self.form.get_or_insert(now),
        };
        match (form, now) {
            (ListForm::Table(_), ListForm::Table(_)) => {}
            (form, now) if form == now => {}
            (form, _) => return Err(LineFault::OtherForm(form)),
        }
        match form {
            // The key is everything after the first slash, literally.
            ListForm::Addresses => Ok(ObjectId::parse(text)?),
            ListForm::Table(columns) => table::read(text, columns, first),
            ListForm::Json => json::read(text),
        }
        .map(Some)
    }

    /// Takes the CR away where lines end in CR LF. A key may end in CR, so all lines have to end alike; the first complete
    /// one tells how.
    fn without_cr<'a>(&mut self, line: &'a [u8], complete: bool) -> Result<&'a [u8], LineFault> {
        let bare = line.strip_suffix(b"\r");
        if !complete {
            return Ok(if self.crlf == Some(true) { bare.unwrap_or(line) } else { line });
        }
        match (*self.crlf.get_or_insert(bare.is_some()), bare) {
            (true, Some(bare)) => Ok(bare),
            (true, None) => Err(LineFault::LineEnd),
            (false, _) => Ok(line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a whole text; objects as they are shown, bad lines by number and the beginning of the complaint.
    pub(super) fn read(text: &[u8]) -> Vec<Result<String, (u64, String)>> {
        let mut reader = ListReader::default();
        let mut rest = text;
        let mut found = Vec::new();
        while !rest.is_empty() {
            let (line, complete, after) = match rest.iter().position(|b| *b == b'\n') {
                Some(at) => (&rest[..at], true, &rest[at + 1..]),
                None => (rest, false, &[][..]),
            };
            found.extend(reader.read(line, complete));
            rest = after;
        }
        found.into_iter().map(|one| one.map(|o| o.to_string()).map_err(|bad| (bad.line, bad.why.to_string()))).collect()
    }

    fn good(text: &[u8]) -> Vec<String> {
        read(text).into_iter().map(|one| one.unwrap_or_else(|bad| panic!("{bad:?}"))).collect()
    }

    #[track_caller]
    fn bad(text: &[u8], line: u64, why: &str) {
        let found: Vec<_> = read(text).into_iter().filter_map(Result::err).collect();
        assert!(
            matches!(found.as_slice(), [(at, told)] if *at == line && told.contains(why)),
            "{found:?} of {:?}",
            String::from_utf8_lossy(text)
        );
    }

    #[test]
    fn the_three_forms_name_the_same_objects() {
        let addresses = good("\n  \ns3://src/a b+c%20d\ns3://src/ü/x,y\n".as_bytes());
        assert_eq!(addresses, ["s3://src/a b+c%20d", "s3://src/ü/x,y"]);
        assert_eq!(good(b"src,a+b%2Bc%2520d\nsrc,%C3%BC/x%2Cy"), addresses);
        assert_eq!(good(b"src,\"a+b%2Bc%2520d\"\n\"src\",%C3%BC/x%2Cy\n"), addresses);
        let json =
            "{\"bucket\":\"src\",\"key\":\"a b+c%20d\"}\n {\"key\":\"\\u00fc/x,y\",\"bucket\":\"src\",\"size\":1}";
        assert_eq!(good(json.as_bytes()), addresses);
    }

    #[test]
    fn versions_are_exact() {
        let versions = ["s3://src/k (version null)", "s3://src/k (version v1)"];
        assert_eq!(good(b"src,k,null\nsrc,k,v1\n"), versions);
        let json = br#"{"bucket":"src","key":"k","version_id":"null"}
{"bucket":"src","key":"k","version_id":"v1"}
{"bucket":"src","key":"k","version_id":null}"#;
        assert_eq!(good(json), [versions[0], versions[1], "s3://src/k"]);
        bad(b"src,k,v1\nsrc,k,\n", 2, "null");
        bad(br#"{"bucket":"src","key":"k","version_id":""}"#, 1, "empty");
    }

    #[test]
    fn a_list_has_one_form() {
        bad(b"s3://src/k\nsrc,k\n", 2, "(s3:// addresses)");
        bad(b"s3://src/k\n{\"bucket\":\"src\",\"key\":\"k\"}\n", 2, "this line has another form");
        bad(b"src,k\ns3://src/k,v\n", 2, "(CSV rows)");
        bad(b"{\"bucket\":\"src\",\"key\":\"k\"}\ns3://src/k\n", 2, "(JSON objects)");
        // What comes behind a bad line is read, also behind a bad first line.
        assert_eq!(read(b"s3://src/a\nx\ns3://src/b\n").len(), 3);
        for first in ["address", "src,a,b,c", "src,\"a", "\"src\"x,a"] {
            bad(format!("{first}\nsrc,a\nsrc,b\n").as_bytes(), 1, "");
            bad(format!("{first}\ns3://src/a\ns3://src/b\n").as_bytes(), 1, "");
            bad(format!("{first}\n{{\"bucket\":\"src\",\"key\":\"k\"}}\n").as_bytes(), 1, "");
        }
    }

    #[test]
    fn comments_are_skipped_in_a_list_of_addresses_only() {
        let addresses = b"\xef\xbb\xbf# the failed ones\n\n  # a\ns3://src/#a\n#s3://src/b\n\ns3://src/c\n# end";
        assert_eq!(good(addresses), ["s3://src/#a", "s3://src/c"]);
        assert_eq!(good(b"#\r\ns3://src/a\r\n#\r\n"), ["s3://src/a"]);
        assert_eq!(good(b"# nothing\n#\n"), [""; 0]);
        for (row, form) in [(&b"src,k"[..], "CSV rows"), (br#"{"bucket":"src","key":"k"}"#, "JSON objects")] {
            // Before the first row and after it: the row itself is good.
            let found = read(&[b"\n# one\n# two\n", row, b"\n# three\n", row].concat());
            let [Err((2, comment)), Ok(_), Err((5, _)), Ok(_)] = found.as_slice() else { panic!("{found:?}") };
            assert!(comment.contains(form), "{comment}");
        }
    }

    #[test]
    fn line_ends_are_all_alike() {
        assert_eq!(good(b"\xef\xbb\xbfs3://src/a\r\ns3://src/b\r\n"), ["s3://src/a", "s3://src/b"]);
        assert_eq!(good(b"s3://src/a\r\ns3://src/b"), ["s3://src/a", "s3://src/b"]);
        // In a list with LF, CR is a part of the key.
        assert_eq!(good(b"s3://src/a\ns3://src/b\r\n"), ["s3://src/a", "s3://src/b\r"]);
        bad(b"s3://src/a\r\ns3://src/b\n", 2, "CR LF");
    }

    #[test]
    fn what_names_no_object_is_told_with_its_line() {
        bad(b"s3://src/a\ns3://src\n", 2, "no key");
        bad(b"s3://a\xff/b\n", 1, "UTF-8");
        bad(b"Bucket,Key\nsrc,k\n", 1, "header");
        bad(b"bucket,key,version_id\nsrc,k,v\n", 1, "header");
        bad(b"src,k\nsrc,k,v\n", 2, "2 columns");
        bad(b"src,k\nsrc\n", 2, "the first line of the list has 2 columns, and this line has 1");
        bad(b"src,a%2\n", 1, "%");
        bad(b"src,%FF\n", 1, "UTF-8");
        bad(b"src,\n", 1, "key is empty");
        bad(b"src,\"k\n", 1, "quote");
        for row in [
            "src,\"a\"x",
            "\"sr\"c,a",
            "src,\"\"a",
            "src,\"a\" ",
            "src, \"a\"",
            "src,\"a\",\"v\"1",
            "src,\"a\"b\"c\"",
            "src,a\"",
            "src,\"a\"\r",
        ] {
            bad(format!("src,k\n{row}\n").as_bytes(), 2, "a quote");
        }
        assert_eq!(
            good(b"src,\"a\"\"b\"\n\"src\",\"c,d\"\nsrc,\"\"\"\"\n"),
            ["s3://src/a\"b", "s3://src/c,d", "s3://src/\""]
        );
        bad(b"k\n", 1, "bucket,key");
        bad(b"{\"bucket\":\"src\"}\n", 1, "key");
        bad(b"{\"bucket\":\"src\",\"key\":\"\"}\n", 1, "key");
        bad(b"{\"bucket\":\"src\",\"key\":\"a\",\"key\":\"b\"}\n", 1, "duplicate");
        bad(b"{\"bucket\":\"src\",\"key\":\"a\"} x\n", 1, "JSON");
        bad(b"{\"bucket\":\"src\",\"key\":1}\n", 1, "JSON");
        bad(b"{\"bucket\":\"b--use1-az4--x-s3\",\"key\":\"a\"}\n", 1, "directory bucket");
        let mut reader = ListReader::default();
        assert_eq!((reader.skip().line, reader.skip().line), (1, 2));
    }
}
