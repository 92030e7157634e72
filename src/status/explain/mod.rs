//! Why an object has its status, and what the status does not prove. The input is what S3 said about the object and its
//! bucket; the output is a list of claims, each with what is known of it.
//!
//! Claims are about the object and the bucket as they are now. S3 keeps no history of a configuration, so no claim says
//! that the configuration at the time of writing is known. The reasons are those of "Getting replication status
//! information", "What does Amazon S3 replicate?" and "Troubleshooting replication" in the S3 User Guide.

mod absent;
mod annotations;
mod claim;
mod facts;
mod rules;
mod words;

use s3_answers::{Doubt, Fit, ReplicationRules, Subject};

pub(crate) use claim::{Claim, ClaimState};
pub(crate) use facts::ExplanationFacts;

use self::facts::RulesToday;
use super::object::ObjectStatus;
use super::verdict::Verdict;

/// The explanation of one object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Explanation {
    /// The ID of the rule that applies, of several the one with the highest priority; `None` also where it has no ID.
    pub rule: Option<String>,
    /// What the status means first, then the rules, the reasons, and what to do.
    pub claims: Vec<Claim>,
}

/// Whether the object's tags decide which rule applies. Only then does the caller request them.
pub(crate) fn tags_matter(rules: &ReplicationRules, key: &str, encryption: Option<&str>) -> bool {
    let subject = Subject { key, tags: None, encryption };
    rules.applying(&subject).unsure.iter().any(|rule| rule.fit(&subject) == Fit::Unknown(Doubt::Tags))
}

/// Explains the status of one object; empty if no status is to be explained.
pub(crate) fn explain(status: &ObjectStatus, known: &ExplanationFacts<'_>) -> Explanation {
    let tags = known.tags.and_then(|tags| tags.as_ref().ok()).map(Vec::as_slice);
    let subject = Subject { key: &status.key, tags, encryption: known.encryption };
    let today = known.rules.as_ref().map(|rules| RulesToday { rules, applying: rules.applying(&subject), subject });
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
    // A replica is not replicated again, and for a marker other rules apply.
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
    // What to do comes last, after its reasons.
    claims.sort_by_key(|claim| claim.about == "next");
    let rule = today.ok().filter(|_| has_rule).and_then(|today| today.applying.rules.first()?.id.clone());
    Explanation { rule, claims }
}

#[cfg(test)]
mod tests;
