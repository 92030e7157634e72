//! The replication status of one version: S3's word and its class.
//!
//! The only place that interprets the word: everything else uses the class. Words are compared byte for byte, and an unknown
//! word never counts as replicated. The meanings are those of "Getting replication status information" in the S3 User Guide;
//! PROCESSING and COMPLETE come from other servers.

use serde::{Serialize, Serializer};

/// The class of a replication status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum StatusClass {
    /// It was replicated to every destination that applied when it was written. Rules added later and replicas deleted since
    /// do not change that.
    Replicated,
    /// Not yet at every destination.
    Pending,
    /// At least one destination failed. S3 does not retry.
    Failed,
    /// This version is a replica, made by S3.
    Replica,
    /// No status: not eligible, or never attempted.
    #[default]
    NotReplicated,
    /// A word that S3 does not document.
    Unknown,
}

/// All known words of HEAD: S3's own, then those of other servers.
const WORDS: [(&str, StatusClass); 7] = [
    ("COMPLETED", StatusClass::Replicated),
    ("PENDING", StatusClass::Pending),
    ("FAILED", StatusClass::Failed),
    ("REPLICA", StatusClass::Replica),
    ("", StatusClass::NotReplicated),
    ("COMPLETE", StatusClass::Replicated),
    ("PROCESSING", StatusClass::Pending),
];

/// A report writes this, or an empty cell, for a version without a status.
const NONE: &str = "NONE";

impl StatusClass {
    pub(crate) const ALL: [Self; 6] =
        [Self::Replicated, Self::Pending, Self::Failed, Self::Replica, Self::NotReplicated, Self::Unknown];

    fn of_header(word: &str) -> Self {
        WORDS.iter().find(|(known, _)| *known == word).map_or(Self::Unknown, |(_, class)| *class)
    }

    /// Classifies a report's ReplicationStatus, where an empty one is the same as `NONE`.
    #[inline]
    pub fn of_report(word: &str) -> Self {
        if word == NONE { Self::NotReplicated } else { Self::of_header(word) }
    }

    /// The words of this class.
    pub(crate) fn words(self) -> impl Iterator<Item = &'static str> {
        WORDS.iter().filter(move |(_, class)| *class == self).map(|(word, _)| reported(word))
    }

    /// S3's own words in reports.
    pub fn words_of_reports() -> impl Iterator<Item = &'static str> {
        WORDS[..5].iter().map(|(word, _)| reported(word))
    }
}

#[inline]
fn reported(word: &str) -> &str {
    if word.is_empty() { NONE } else { word }
}

/// A replication status: S3's exact word, and its class. The default is "without a status".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ReplicationStatus {
    raw: String,
    class: StatusClass,
}

impl ReplicationStatus {
    /// Reads the header `x-amz-replication-status`; absent and empty are the same.
    pub fn of_header(word: &str) -> Self {
        Self { raw: word.to_owned(), class: StatusClass::of_header(word) }
    }

    /// Reads a report's ReplicationStatus, where an empty one is the same as `NONE`.
    pub fn of_report(word: &str) -> Self {
        Self { raw: reported(word).to_owned(), class: StatusClass::of_report(word) }
    }

    pub fn class(&self) -> StatusClass {
        self.class
    }

    /// S3's word; `None` without a status.
    pub fn raw(&self) -> Option<&str> {
        Some(self.raw.as_str()).filter(|word| !word.is_empty())
    }

    /// The word in a report: `NONE` without a status.
    pub fn reported(&self) -> &str {
        reported(&self.raw)
    }

    /// Whether a report would write this status with that word.
    #[inline]
    pub fn is_reported_as(&self, word: &str) -> bool {
        self.reported() == reported(word)
    }

    /// Whether this is another server's word for what S3 calls COMPLETED or PENDING.
    pub fn is_foreign(&self) -> bool {
        WORDS[5..].iter().any(|(word, _)| *word == self.raw)
    }
}

/// S3's word, or null.
impl Serialize for ReplicationStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.raw() {
            Some(word) => serializer.serialize_str(word),
            None => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_byte_for_byte() {
        use StatusClass as C;
        let table = [
            ("COMPLETED", C::Replicated, false),
            ("COMPLETE", C::Replicated, true),
            ("PENDING", C::Pending, false),
            ("PROCESSING", C::Pending, true),
            ("FAILED", C::Failed, false),
            ("REPLICA", C::Replica, false),
            ("", C::NotReplicated, false),
            ("completed", C::Unknown, false),
            ("COMPLETED ", C::Unknown, false),
            ("COMPLETEDX", C::Unknown, false),
            ("NOT_FAILED", C::Unknown, false),
            ("none", C::Unknown, false),
        ];
        for (word, class, foreign) in table {
            let (header, report) = (ReplicationStatus::of_header(word), ReplicationStatus::of_report(word));
            assert_eq!(
                (header.class(), report.class(), StatusClass::of_report(word)),
                (class, class, class),
                "{word:?}"
            );
            assert_eq!((header.is_foreign(), header.raw().unwrap_or_default()), (foreign, word));
        }
        assert_eq!(ReplicationStatus::default(), ReplicationStatus::of_header(""));
    }

    #[test]
    fn none_means_without_a_status_only_in_reports() {
        let (header, report) = (ReplicationStatus::of_header("NONE"), ReplicationStatus::of_report("NONE"));
        assert_eq!((header.class(), report.class()), (StatusClass::Unknown, StatusClass::NotReplicated));
        assert_eq!(report, ReplicationStatus::of_report(""));
        assert_eq!(ReplicationStatus::of_header("").reported(), "NONE");
        let words: Vec<&str> = StatusClass::words_of_reports().collect();
        assert_eq!(words, ["COMPLETED", "PENDING", "FAILED", "REPLICA", "NONE"]);
    }

    #[test]
    fn json_has_the_word_or_null() {
        let written = |word| serde_json::to_string(&ReplicationStatus::of_header(word)).unwrap();
        assert_eq!((written("FAILED"), written("")), ("\"FAILED\"".to_owned(), "null".to_owned()));
    }
}
