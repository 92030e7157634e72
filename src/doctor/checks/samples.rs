//! The first objects of a bucket, as more than one group of checks looks at them.

use crate::doctor::facts::{SampleObjects, SetUpFacts};
use crate::doctor::findings::Findings;
use crate::doctor::needs::{LIST, OBJECT};

/// The samples, if there are some; says otherwise why not.
pub(super) fn no_sample<'a>(facts: &'a SetUpFacts, found: &mut Findings) -> Option<&'a SampleObjects> {
    match &facts.source.samples {
        Err(failure) => found.unread(failure, LIST, &facts.location),
        Ok(samples) if samples.heads.is_empty() && facts.allow_empty => {
            found.warn("the bucket has no object to try it with", "run doctor again when it has one");
        }
        Ok(samples) if samples.heads.is_empty() => {
            let next = "run doctor again when it has one; with --allow-empty this is a warning";
            found.unknown("the bucket has no object to try it with", next);
        }
        Ok(samples) => return Some(samples),
    }
    None
}

/// No sample answered as an object.
pub(super) fn unanswered(samples: &SampleObjects, facts: &SetUpFacts, found: &mut Findings) {
    match samples.heads.iter().find_map(|(_, head)| head.as_ref().err()) {
        Some(failure) => found.unread(failure, OBJECT, &facts.location),
        None => found.unknown("the objects that are listed are gone", "try again"),
    }
}
