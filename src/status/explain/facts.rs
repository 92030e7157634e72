//! The input of an explanation: what was read, and what the configuration means for the object today.

use jiff::Timestamp;
use s3_answers::{Annotation, Applying, ReplicationRules, Subject, Versioning};

use crate::model::Failure;
use crate::status::wait_mode::WaitMode;

/// What was read to explain a status.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExplanationFacts<'a> {
    pub rules: &'a Result<ReplicationRules, Failure>,
    pub versioning: &'a Result<Versioning, Failure>,
    /// The object's tags; `None` where no rule made them matter.
    pub tags: Option<&'a Result<Vec<(String, String)>, Failure>>,
    /// The annotations of the version; `None` where they were not asked for.
    pub annotations: Option<&'a Result<Vec<Annotation>, Failure>>,
    /// S3's word of HEAD; empty where it answered without the header, `None` where there was no such answer.
    pub encryption: Option<&'a str>,
    /// `x-amz-archive-status`: in an archive tier of Intelligent-Tiering.
    pub archive_status: Option<&'a str>,
    pub custom_endpoint: bool,
    /// The destinations are asked as well, and have their own lines.
    pub destinations_asked: bool,
    /// What the run waited for already.
    pub waited: WaitMode,
    pub now: Timestamp,
}

/// The configuration as it is now, and what it means for the object.
pub(super) struct RulesToday<'a> {
    pub(super) rules: &'a ReplicationRules,
    pub(super) applying: Applying<'a>,
    pub(super) subject: Subject<'a>,
}

impl RulesToday<'_> {
    pub(super) fn none_may_apply(&self) -> bool {
        self.applying.rules.is_empty() && self.applying.unsure.is_empty()
    }
}
