//! JSON texts of any length: documents one after the other, whose `Records` or `Messages` are handed out one by one.
//!
//! What is held at once is one record. A document without records is a record.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Read};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::error::{InputFault, ReadFault};
use super::unique::{UniqueValue, insert};

/// The fields of a document.
pub(super) type Fields = Map<String, Value>;

/// No record is longer. A message of SQS has at most 1 MiB; the manifest of a completion report has a line for each file.
const LONGEST_RECORD: usize = 16 << 20;

/// Where the reader is, and how much of the record it may still read.
#[derive(Debug)]
struct Position {
    line: Cell<u64>,
    left: Cell<usize>,
}

impl Position {
    fn next_record(&self) {
        self.left.set(LONGEST_RECORD);
    }
}

struct LimitedText<'a> {
    text: &'a mut dyn BufRead,
    position: &'a Position,
}

impl Read for LimitedText<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let room = into.len().min(self.position.left.get());
        if room == 0 && !into.is_empty() {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the record is too long"));
        }
        let read = self.text.read(&mut into[..room])?;
        self.position.left.set(self.position.left.get() - read);
        let lines = memchr::memchr_iter(b'\n', &into[..read]).count() as u64;
        self.position.line.set(self.position.line.get() + lines);
        Ok(read)
    }
}

/// Reads documents to the end, the first of which begins at `first_line`. `take` gets each record with the number of the
/// line where it ends; `whole` is set for a record that is a document.
pub(super) fn read_documents(
    text: &mut dyn BufRead,
    first_line: u64,
    take: &mut dyn FnMut(u64, Value, bool) -> Result<(), ReadFault>,
) -> Result<(), ReadFault> {
    let position = Position { line: Cell::new(first_line), left: Cell::new(LONGEST_RECORD) };
    while let Some(lines) = skip_space(text).map_err(|error| InputFault::from(error).at(position.line.get()))? {
        position.line.set(position.line.get() + lines);
        position.next_record();
        let mut refused = Ok(());
        let mut source = serde_json::Deserializer::from_reader(LimitedText { text, position: &position });
        let read = DocumentVisitor { position: &position, take, refused: &mut refused }.deserialize(&mut source);
        drop(source);
        refused?;
        let at = position.line.get();
        let rest = read.map_err(|error| {
            match error.io_error_kind() {
                Some(io::ErrorKind::FileTooLarge) => InputFault::TooLong(LONGEST_RECORD),
                Some(_) => InputFault::Unreadable(error.into()),
                None if error.is_eof() => InputFault::Cut,
                None => InputFault::Json(error),
            }
            .at(at)
        })?;
        if let Some(fields) = rest {
            take(at, Value::Object(fields), true)?;
        }
    }
    Ok(())
}

/// Skips white space; returns how many lines that were, or nothing at the end of the text.
pub(super) fn skip_space(text: &mut dyn BufRead) -> io::Result<Option<u64>> {
    let mut lines = 0;
    loop {
        let read = match text.fill_buf() {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let Some(first) = read.first() else { return Ok(None) };
        if !first.is_ascii_whitespace() {
            return Ok(Some(lines));
        }
        lines += u64::from(*first == b'\n');
        text.consume(1);
    }
}

/// Reads one document: its fields, unless it had records.
struct DocumentVisitor<'a> {
    position: &'a Position,
    take: &'a mut dyn FnMut(u64, Value, bool) -> Result<(), ReadFault>,
    /// Why a record was refused. serde's own errors are texts.
    refused: &'a mut Result<(), ReadFault>,
}

impl DocumentVisitor<'_> {
    fn record<E: Error>(&mut self, record: Value) -> Result<(), E> {
        self.position.next_record();
        (self.take)(self.position.line.get(), record, false).map_err(|fault| {
            *self.refused = Err(fault);
            E::custom("a record was refused")
        })
    }
}

impl<'de> DeserializeSeed<'de> for DocumentVisitor<'_> {
    type Value = Option<Fields>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for DocumentVisitor<'_> {
    type Value = Option<Fields>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array of objects")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Option<Fields>, A::Error> {
        let mut rest = Some(Fields::new());
        while let Some(name) = map.next_key::<String>()? {
            match (name.as_str(), &mut rest) {
                ("Records" | "Messages", _) => {
                    // What comes beside records says nothing about them.
                    rest = None;
                    map.next_value_seed(RecordsVisitor(&mut self))?;
                }
                (_, Some(fields)) => {
                    let UniqueValue(value) = map.next_value()?;
                    insert(fields, name, value)?;
                }
                (_, None) => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(rest)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, seq: A) -> Result<Option<Fields>, A::Error> {
        RecordsVisitor(&mut self).visit_seq(seq)?;
        Ok(None)
    }
}

/// Hands out the elements of an array.
struct RecordsVisitor<'a, 'b>(&'a mut DocumentVisitor<'b>);

impl<'de> DeserializeSeed<'de> for RecordsVisitor<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RecordsVisitor<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(UniqueValue(record)) = seq.next_element()? {
            self.0.record(record)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use serde_json::json;

    use super::*;

    fn records(text: &str) -> Result<Vec<(u64, Value, bool)>, ReadFault> {
        let mut found = Vec::new();
        read_documents(&mut BufReader::with_capacity(3, text.as_bytes()), 1, &mut |line, record, whole| {
            found.push((line, record, whole));
            Ok(())
        })?;
        Ok(found)
    }

    #[test]
    fn records_come_one_by_one_from_every_form() {
        let one = |line| vec![(line, json!({"a": 1}), false)];
        assert_eq!(records(r#"{"Records":[{"a":1}]}"#).unwrap(), one(1));
        assert_eq!(records("{\"x\":[1],\n\"Messages\":\n[{\"a\":1}], \"y\": 2}").unwrap(), one(3));
        assert_eq!(records("\n[{\"a\":1}]\n").unwrap(), one(2));
        let lines = records("{\"a\":1}\n\n{\"a\":2}").unwrap();
        assert_eq!(lines, [(1, json!({"a": 1}), true), (3, json!({"a": 2}), true)]);
        assert_eq!(records("").unwrap(), []);
        assert_eq!(records(" {\"Records\":[]} {} ").unwrap(), [(1, json!({}), true)]);
    }

    #[test]
    fn broken_texts_are_named_with_their_line() {
        for (text, line, says) in [
            ("{\"a\":1}\n{\"a\":", 2, "it was cut"),
            ("{\"Records\":[{}\n,{\"a\":1}", 2, "it was cut"),
            ("{}\n\n7", 3, "as JSON"),
            ("{}\n{a}", 2, "as JSON"),
            ("{\"Records\":null}", 1, "an array of records"),
            ("{}]", 1, "as JSON"),
        ] {
            let fault = records(text).unwrap_err();
            assert_eq!(fault.line, line, "{text}");
            assert!(fault.to_string().contains(says), "{text}: {fault}");
        }
    }

    #[test]
    fn a_record_of_any_length_is_not_held() {
        let long = format!("{{\"Records\":[{{\"a\":\"{}\"}}]}}", "x".repeat(LONGEST_RECORD));
        assert!(matches!(records(&long).unwrap_err().why, InputFault::TooLong(_)));
        let many = format!("{{\"Records\":[{}{{}}]}}", "{\"a\":\"0123456789\"},".repeat(1_000_000));
        let mut count = 0;
        read_documents(&mut many.as_bytes(), 1, &mut |_, _, _| {
            count += 1;
            Ok(())
        })
        .unwrap();
        assert!(many.len() > LONGEST_RECORD && count == 1_000_001);
    }
}
