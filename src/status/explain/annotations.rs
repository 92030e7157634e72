//! The annotations of a version: S3 replicates them one by one, so a COMPLETED version may carry some that are not.

use s3_answers::Annotation;

use super::claim::Claim;
use crate::model::Failure;

/// More names than these are only counted: a version can have a thousand annotations.
const MOST: usize = 8;

/// The claim about the annotations of a version; `None` if it has none.
pub(super) fn claim(annotations: &Result<Vec<Annotation>, Failure>) -> Option<Claim> {
    const WHAT: &str = "annotations";
    let all = match annotations {
        Err(failure) => {
            return Some(Claim::unknown(WHAT, format!("it is not known whether it has annotations: {failure}")));
        }
        Ok(all) if all.is_empty() => return None,
        Ok(all) => all,
    };
    let count = if all.len() == 1 { "1 annotation".to_owned() } else { format!("{} annotations", all.len()) };
    let open: Vec<&Annotation> = all.iter().filter(|one| !one.is_replicated()).collect();
    if open.is_empty() {
        return Some(Claim::info(WHAT, format!("{count}, each COMPLETED; deleting the version also deletes them")));
    }
    let named = open.iter().take(MOST).map(|one| {
        let word = one.replication_status.as_deref().unwrap_or("no status");
        format!("\"{}\" ({word})", one.name)
    });
    let named = named.collect::<Vec<_>>().join(", ");
    let more = if open.len() > MOST { format!(" and {} more", open.len() - MOST) } else { String::new() };
    let text = format!(
        "{count}, not COMPLETED: {named}{more}. S3 replicates annotations one by one, and deleting the version also deletes them"
    );
    Some(Claim::holds(WHAT, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::ClaimState::{Holds, Info, Unknown};

    fn annotations(words: &[Option<&str>]) -> Result<Vec<Annotation>, Failure> {
        let one = |(at, word): (usize, &Option<&str>)| Annotation {
            name: format!("a{at}"),
            replication_status: word.map(str::to_owned),
        };
        Ok(words.iter().enumerate().map(one).collect())
    }

    #[test]
    fn only_completed_annotations_count_as_replicated() {
        let done = Some("COMPLETED");
        let table = [
            (annotations(&[]), None),
            (annotations(&[done]), Some((Info, "1 annotation, each COMPLETED"))),
            (annotations(&[done, done]), Some((Info, "2 annotations, each COMPLETED"))),
            (annotations(&[done, Some("PENDING")]), Some((Holds, "not COMPLETED: \"a1\" (PENDING)."))),
            (annotations(&[None, done]), Some((Holds, "not COMPLETED: \"a0\" (no status)."))),
            (annotations(&[Some("COMPLETE")]), Some((Holds, "\"a0\" (COMPLETE)"))),
            (annotations(&[None; 20]), Some((Holds, "\"a7\" (no status) and 12 more."))),
            (
                Err(Failure::new("AccessDenied", "no", None)),
                Some((Unknown, "it is not known whether it has annotations: no")),
            ),
        ];
        for (found, expected) in table {
            let claim = claim(&found);
            assert_eq!(claim.as_ref().map(|claim| claim.state), expected.map(|(state, _)| state), "{found:?}");
            if let (Some(claim), Some((_, part))) = (claim, expected) {
                assert!(claim.text.contains(part), "{part}: {}", claim.text);
            }
        }
    }
}
