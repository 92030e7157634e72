//! Adds reasons to the lines of an export: which object failed for which reason, in some forty bytes for each.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use s3_failures::FailedObject;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};

use crate::model::{IdentityHasher, ObjectIdentity};

/// What one entry takes while its table grows, at most.
const ENTRY_BYTES: u64 = 96;
/// There are no more rules and destinations than these.
const MOST_CAUSES: usize = 100_000;

/// Why an export can't be joined.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JoinError {
    #[error("more than {0} objects failed, and --memory has no room for more: give more")]
    NoRoom(usize),
    #[error("the failures name more than {MOST_CAUSES} different causes")]
    TooManyCauses,
    #[error("it is not a line of an inventory export with bucket and key: {0}")]
    Line(#[from] serde_json::Error),
    #[error("{0} is missing, or of another type")]
    Field(&'static str),
    #[error("it has the field {0} already: join an export that was not joined before")]
    Joined(&'static str),
}

/// Why an object failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Cause {
    pub(crate) reason: Cow<'static, str>,
    http_status: Option<u16>,
    destination: Option<String>,
    rule: Option<String>,
}

/// Failed objects by their identity, each with the cause that was read last.
#[derive(Debug)]
pub(crate) struct JoinTable {
    identities: IdentityHasher,
    objects: HashMap<ObjectIdentity, u32>,
    causes: Vec<Cause>,
    known: HashMap<Cause, u32>,
    most: usize,
}

impl JoinTable {
    /// A table that takes no more than these bytes.
    pub(crate) fn of_memory(bytes: u64) -> Self {
        Self {
            identities: IdentityHasher::default(),
            objects: HashMap::new(),
            causes: Vec::new(),
            known: HashMap::new(),
            most: usize::try_from(bytes / ENTRY_BYTES).unwrap_or(usize::MAX),
        }
    }

    fn identity(&self, bucket: &str, key: &str, version_id: Option<&str>) -> ObjectIdentity {
        self.identities.of(&(bucket, key, version_id))
    }

    /// Adds a failure. One that names no bucket and key is left out.
    pub(crate) fn add(&mut self, object: &FailedObject) -> Result<(), JoinError> {
        let (Some(bucket), Some(key)) = (&object.bucket, &object.key) else { return Ok(()) };
        let identity = self.identity(bucket, key, object.version_id.as_deref());
        let cause = Cause {
            reason: object.reason.clone(),
            http_status: object.http_status,
            destination: object.destination.clone(),
            rule: object.rule.clone(),
        };
        let at = match self.known.get(&cause) {
            Some(at) => *at,
            None if self.causes.len() == MOST_CAUSES => return Err(JoinError::TooManyCauses),
            None => {
                let at = self.causes.len() as u32;
                self.causes.push(cause.clone());
                self.known.insert(cause, at);
                at
            }
        };
        if self.objects.len() == self.most && !self.objects.contains_key(&identity) {
            return Err(JoinError::NoRoom(self.most));
        }
        self.objects.insert(identity, at);
        Ok(())
    }

    /// Reads a line of the export, and adds what is known of its failure.
    pub(crate) fn join(&self, line: &str) -> Result<JoinedLine, JoinError> {
        let mut line: JoinedLine = serde_json::from_str(line)?;
        if let Some(twice) = ADDED.into_iter().find(|added| line.field(added).is_some()) {
            return Err(JoinError::Joined(twice));
        }
        let bucket = line.field("bucket").and_then(Value::as_str).ok_or(JoinError::Field("bucket"))?;
        let key = line.field("key").and_then(Value::as_str).ok_or(JoinError::Field("key"))?;
        let version_id = match line.field("version_id") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) => Some(id.as_str()),
            Some(_) => return Err(JoinError::Field("version_id")),
        };
        let cause = self.objects.get(&self.identity(bucket, key, version_id)).map(|at| &self.causes[*at as usize]);
        let values = [
            json!(cause.map(|cause| &cause.reason)),
            json!(cause.and_then(|cause| cause.http_status)),
            json!(cause.and_then(|cause| cause.destination.as_ref())),
            json!(cause.and_then(|cause| cause.rule.as_ref())),
        ];
        line.size = line.field("size").and_then(Value::as_u64);
        line.reason = cause.map(|cause| cause.reason.clone());
        line.fields.extend(ADDED.into_iter().map(str::to_owned).zip(values));
        Ok(line)
    }
}

/// The fields that are added to a line.
const ADDED: [&str; 4] = ["reason", "http_status", "destination", "rule"];

/// A line of the export with its reason. Its fields keep their order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct JoinedLine {
    fields: Vec<(String, Value)>,
    pub(crate) size: Option<u64>,
    pub(crate) reason: Option<Cow<'static, str>>,
}

impl JoinedLine {
    fn field(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

impl Serialize for JoinedLine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.fields.len()))?;
        self.fields.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for JoinedLine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(LineVisitor)
    }
}

struct LineVisitor;

impl<'de> Visitor<'de> for LineVisitor {
    type Value = JoinedLine;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JoinedLine, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(JoinedLine { fields, size: None, reason: None })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tally::tests::failed;
    use super::*;

    fn table(memory: u64) -> JoinTable {
        let mut table = JoinTable::of_memory(memory);
        table.add(&FailedObject { version_id: None, ..failed("a", "Old") }).unwrap();
        table.add(&FailedObject { version_id: None, ..failed("a", "New") }).unwrap();
        table.add(&failed("b", "X")).unwrap();
        table.add(&FailedObject { bucket: None, ..failed("c", "X") }).unwrap();
        table
    }

    #[test]
    fn a_line_gets_the_reason_of_the_same_version() {
        let table = table(1000);
        let join = |line: &str| serde_json::to_string(&table.join(line).unwrap()).unwrap();
        let none = r#","reason":null,"http_status":null,"destination":null,"rule":null}"#;
        let of = |reason: &str| format!(r#","reason":"{reason}","http_status":500,"destination":"dst","rule":null}}"#);
        for (line, added) in [
            (r#"{"z":1,"key":"a","bucket":"src""#, of("New")),
            (r#"{"key":"a","bucket":"src","version_id":null"#, of("New")),
            (r#"{"key":"b","bucket":"src","version_id":"v","size":5"#, of("X")),
            (r#"{"key":"b","bucket":"src","version_id":"w""#, none.to_owned()),
            (r#"{"key":"b","bucket":"src""#, none.to_owned()),
            (r#"{"key":"b","bucket":"other","version_id":"v""#, none.to_owned()),
        ] {
            assert_eq!(join(&format!("{line}}}")), format!("{line}{added}"));
        }
        for broken in [
            "",
            "{}",
            "[]",
            r#"{"bucket":"src"}"#,
            r#"{"bucket":"src","key":1}"#,
            r#"{"bucket":"src","key":"a","version_id":1}"#,
        ] {
            assert!(table.join(broken).is_err(), "{broken}");
        }
        let twice = r#"{"bucket":"src","key":"a","reason":"X"}"#;
        assert!(matches!(table.join(twice), Err(JoinError::Joined("reason"))));
    }

    #[test]
    fn memory_is_bounded() {
        let mut full = table(2 * ENTRY_BYTES);
        assert!(matches!(full.add(&failed("d", "X")), Err(JoinError::NoRoom(2))));
        full.add(&failed("b", "Y")).unwrap();
    }
}
