//! Why an object has the status it has, and what that does not prove: from what S3 told about the object and its bucket
//! to claims, each with what is known of it.
//!
//! Claims are about the object and the bucket as they are now: S3 keeps no history of a configuration, so what was when
//! the object was written is never said to be known. The reasons are those of "Getting replication status information",
//! "What does Amazon S3 replicate?" and "Troubleshooting replication" in the S3 User Guide.

mod absent;
mod annotations;
mod rules;
mod words;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{ObjectStatus, Verdict};
use crate::model::Failure;
use s3_answers::{Annotation, Applying, Doubt, Fit, ReplicationRules, Subject, Versioning};

/// What is known of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimState {
    /// It is so now.
    Holds,
    /// It is not so.
    RuledOut,
    /// It can't be known, or what would tell can't be read.
    Unknown,
    /// No question: a fact, or what to do next.
    Info,
}

/// One thing that is said to explain a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Claim {
    /// What it is about, in one word that stays: `rule`, `before-rule`, `next` ….
    pub about: &'static str,
    /// What is known of it.
    pub state: ClaimState,
    /// One sentence for a person. Keys, prefixes and tags stand in it as they are.
    pub text: String,
}

impl Claim {
    fn holds(about: &'static str, text: impl Into<String>) -> Self {
        Self { about, state: ClaimState::Holds, text: text.into() }
    }

    fn ruled_out(about: &'static str, text: impl Into<String>) -> Self {
        Self { about, state: ClaimState::RuledOut, text: text.into() }
    }

    fn unknown(about: &'static str, text: impl Into<String>) -> Self {
        Self { about, state: ClaimState::Unknown, text: text.into() }
    }

    fn info(about: &'static str, text: impl Into<String>) -> Self {
        Self { about, state: ClaimState::Info, text: text.into() }
    }
}

/// What was read to explain a status.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The bucket's replication configuration.
    pub rules: &'a Result<ReplicationRules, Failure>,
    /// The bucket's versioning.
    pub versioning: &'a Result<Versioning, Failure>,
    /// The object's tags; `None` where no rule made them matter.
    pub tags: Option<&'a Result<Vec<(String, String)>, Failure>>,
    /// The annotations of the version; `None` where they were not asked for.
    pub annotations: Option<&'a Result<Vec<Annotation>, Failure>>,
    /// S3's word of HEAD; empty where it answered without the header, `None` where there was no such answer.
    pub encryption: Option<&'a str>,
    /// `x-amz-archive-status`: in an archive tier of Intelligent-Tiering.
    pub archive_status: Option<&'a str>,
    /// The server is not AWS.
    pub custom_endpoint: bool,
    /// The destinations are asked as well, and have their own lines.
    pub destinations_asked: bool,
    /// The clock.
    pub now: Timestamp,
}

/// What is said of one object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Explanation {
    /// The ID of the rule that applies, of several the one with the highest priority; `None` also where it has no ID.
    pub rule: Option<String>,
    /// What the status means first, then the rules, the reasons, and what to do.
    pub claims: Vec<Claim>,
}

/// Whether the object's tags decide which rule applies: only then are they worth a request.
#[must_use]
pub fn tags_matter(rules: &ReplicationRules, key: &str, encryption: Option<&str>) -> bool {
    let subject = Subject { key, tags: None, encryption };
    rules.applying(&subject).unsure.iter().any(|rule| rule.fit(&subject) == Fit::Unknown(Doubt::Tags))
}

/// Explains one object's status; nothing where there is no status to explain.
#[must_use]
pub fn explain(status: &ObjectStatus, known: &Known<'_>) -> Explanation {
    let tags = known.tags.and_then(|tags| tags.as_ref().ok()).map(Vec::as_slice);
    let subject = Subject { key: &status.key, tags, encryption: known.encryption };
    let today = known.rules.as_ref().map(|rules| Today { rules, applying: rules.applying(&subject), subject });
    let mut claims = Vec::new();
    match status.verdict {
        Verdict::Denied | Verdict::Error | Verdict::NotFound => return Explanation::default(),
        Verdict::Replicated => words::completed(known.destinations_asked, &mut claims),
        Verdict::Pending => words::pending(status, &today, known, &mut claims),
        Verdict::Failed => words::failed(&today, known, &mut claims),
        Verdict::Replica => words::replica(known.custom_endpoint, &mut claims),
        Verdict::UnknownStatus => words::unknown(status, &mut claims),
        Verdict::DeleteMarker => words::delete_marker(known.custom_endpoint, &mut claims),
        Verdict::NotReplicated => {}
    }
    // A replica does not travel on, and a marker has its own rule.
    let has_rule = !matches!(status.verdict, Verdict::Replica | Verdict::DeleteMarker);
    match &today {
        Err(failure) => claims.push(rules::unreadable(failure)),
        Ok(today) if has_rule => rules::applying(today, known.tags, &mut claims),
        Ok(_) => {}
    }
    if status.verdict == Verdict::NotReplicated {
        absent::reasons(status, known, &today, &mut claims);
    }
    claims.extend(known.annotations.and_then(annotations::claim));
    if let Ok(today) = &today {
        rules::deletes(today, &mut claims);
    }
    // What to do comes last, after all that it follows from.
    claims.sort_by_key(|claim| claim.about == "next");
    let rule = today.ok().filter(|_| has_rule).and_then(|today| today.applying.rules.first()?.id.clone());
    Explanation { rule, claims }
}

/// The configuration as it is now, and what it means for the object.
struct Today<'a> {
    rules: &'a ReplicationRules,
    applying: Applying<'a>,
    subject: Subject<'a>,
}

impl Today<'_> {
    fn none_may_apply(&self) -> bool {
        self.applying.rules.is_empty() && self.applying.unsure.is_empty()
    }
}

/// What could be read of the configuration.
type Read<'a> = Result<Today<'a>, &'a Failure>;

#[cfg(test)]
mod tests;
