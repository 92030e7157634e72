//! What the program said it did.

use serde_json::Value;

/// One object of the report.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version: Option<String>,
    pub(crate) decision: String,
    pub(crate) reason: String,
    pub(crate) outcome: String,
    pub(crate) marker: Option<String>,
    /// The code of the error.
    pub(crate) error: Option<String>,
}

/// Everything on stdout.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) entries: Vec<Entry>,
    /// Of json only.
    pub(crate) summary: Option<Value>,
}

impl Entry {
    /// What vanished behind a listing, or is a marker there.
    pub(crate) fn is_aside(&self) -> bool {
        self.reason == "delete-marker" || (self.reason == "not-found" && self.error.is_none())
    }

    fn of(value: &Value) -> Result<Self, String> {
        let may = |name: &str| value[name].as_str().map(str::to_owned);
        let must = |name: &str| may(name).ok_or_else(|| format!("an entry without {name}: {value}"));
        Ok(Self {
            bucket: must("bucket")?,
            key: must("key")?,
            version: may("version_id"),
            decision: must("decision")?,
            reason: must("reason")?,
            outcome: must("outcome")?,
            marker: may("new_marker_version_id"),
            error: value["error"]["code"].as_str().map(str::to_owned),
        })
    }

    /// It is gone or hidden, as far as the program knows.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.outcome.as_str(), "version-deleted" | "marker-created" | "already-absent")
    }

    /// What may have happened to it was not hidden from the reader.
    pub(crate) fn admits_an_effect(&self) -> bool {
        self.is_done() || self.outcome == "unknown"
    }

    fn is_kept(&self) -> bool {
        self.outcome == "kept"
    }

    /// A marker may hide a version that was never checked, and the program says so.
    pub(crate) fn admits_another(&self) -> bool {
        matches!(self.error.as_deref(), Some("NewerVersionHidden" | "HiddenVersionUnknown"))
    }

    /// It ended denied, error or failed, its replica could not be checked, or it is success with a but.
    fn is_trouble(&self) -> bool {
        self.admits_another()
            || matches!(self.outcome.as_str(), "denied" | "failed")
            || (self.is_kept()
                && matches!(self.reason.as_str(), "denied" | "error" | "replica-denied" | "replica-unknown"))
    }
}

impl Report {
    /// None when stdout is empty.
    pub(crate) fn of(stdout: &str, ndjson: bool) -> Result<Option<Self>, String> {
        if stdout.is_empty() {
            return Ok(None);
        }
        let read = |text: &str| serde_json::from_str::<Value>(text).map_err(|error| format!("{error} in {text}"));
        if ndjson {
            let entries = stdout.lines().map(|line| read(line).and_then(|value| Entry::of(&value)));
            return Ok(Some(Self { entries: entries.collect::<Result<_, _>>()?, summary: None }));
        }
        let document = read(stdout)?;
        let objects = document["objects"].as_array().ok_or("no objects")?;
        let entries = objects.iter().map(Entry::of).collect::<Result<_, _>>()?;
        Ok(Some(Self { entries, summary: Some(document["summary"].clone()) }))
    }

    /// The exit code by the contract's table. Delete markers that were listed have no effect on it, nor has what was
    /// listed and gone when it was looked at; where the delete itself was answered with 404, that is an error and
    /// counts.
    pub(crate) fn code(&self, listed: bool) -> i32 {
        let counts = |entry: &&Entry| !(listed && entry.is_aside());
        let any = |is: fn(&Entry) -> bool| self.entries.iter().filter(counts).any(is);
        // Nothing that was listed is there: that may be a wrong prefix as well as success.
        if listed && !self.entries.iter().any(|entry| counts(&entry)) {
            return 2;
        }
        let not_looked_up = self.summary.as_ref().is_some_and(|summary| summary["not_looked_up"].is_u64());
        let unknown = not_looked_up || any(|entry| entry.outcome == "unknown");
        let effect = unknown || any(|entry| matches!(entry.outcome.as_str(), "version-deleted" | "marker-created"));
        let (trouble, kept) = (any(Entry::is_trouble), any(Entry::is_kept));
        match (effect, trouble || unknown, kept) {
            (true, true, _) => 3,
            (false, true, _) => 2,
            (_, false, true) => 1,
            (_, false, false) => 0,
        }
    }
}
