//! The result of one check, and the counts over all.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::state::CheckState;
use crate::exit::ExitStatus;

/// The result of one check of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct CheckRow {
    /// The check. Its page in the documentation has the same name.
    pub(crate) id: &'static str,
    /// The source bucket.
    pub(crate) bucket: String,
    pub(crate) state: CheckState,
    /// What was found; the worst first.
    pub(crate) found: String,
    /// What to do, as a sentence, a command or a line of a policy; `None` if there is nothing to do.
    pub(crate) next: Option<String>,
    /// The permissions that S3 denied, separated by spaces; `None` if it denied none.
    pub(crate) permission: Option<String>,
    /// Whether it is the first row of its bucket that is shown.
    #[serde(skip)]
    pub(crate) is_first_shown: bool,
    /// What the row makes of the exit status.
    #[serde(skip)]
    pub(crate) exit: ExitStatus,
}

/// Counts over all rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct DoctorSummary {
    pub(crate) ok: u64,
    pub(crate) warn: u64,
    pub(crate) fail: u64,
    /// Checks that could not be made.
    pub(crate) unknown: u64,
    /// The exit code.
    pub(crate) exit: u8,
    #[serde(skip)]
    pub(crate) buckets: u64,
    /// When the run ended.
    #[serde(skip)]
    pub(crate) at: Timestamp,
}

impl DoctorSummary {
    pub(crate) fn new(at: Timestamp) -> Self {
        Self { ok: 0, warn: 0, fail: 0, unknown: 0, exit: 0, buckets: 0, at }
    }

    pub(crate) fn count(&mut self, row: &CheckRow) {
        *match row.state {
            CheckState::Ok => &mut self.ok,
            CheckState::Warn => &mut self.warn,
            CheckState::Fail => &mut self.fail,
            CheckState::Unknown => &mut self.unknown,
        } += 1;
    }

    /// Each state with its count.
    pub(crate) fn counts(&self) -> [(CheckState, u64); 4] {
        [
            (CheckState::Ok, self.ok),
            (CheckState::Warn, self.warn),
            (CheckState::Fail, self.fail),
            (CheckState::Unknown, self.unknown),
        ]
    }
}
