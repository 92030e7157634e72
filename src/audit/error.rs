//! Why the rows of a report can't be added up.

use s3_inventory::{RowError, quoted};

use super::dimension::Dimension;
use crate::model::Overflow;

/// With more different words in ReplicationStatus, the column is a different one. The bound keeps memory flat.
pub(super) const MOST_WORDS: usize = 256;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TallyError {
    #[error(transparent)]
    Overflow(#[from] Overflow),
    #[error(transparent)]
    Row(#[from] RowError),
    /// The key, escaped. Keys in CSV must be URL-encoded.
    #[error("Key {0} has a % without two hex digits")]
    Key(String),
    /// The key, escaped. S3 has no such keys; other servers may.
    #[error("the group of key {0} is not UTF-8, and a result can't hold its exact name: leave out --by prefix")]
    GroupNotUtf8(String),
    /// More different statuses than a column of statuses has.
    #[error("ReplicationStatus holds more than {MOST_WORDS} different words: that is another column")]
    Words,
    /// More different values than can be held, of a column whose values can't be cut shorter.
    #[error("{0} has too many different values: that is another column")]
    Values(Dimension),
}

impl TallyError {
    pub(crate) fn of_key(key: &[u8]) -> Self {
        Self::Key(quoted(key))
    }
}
