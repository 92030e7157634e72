//! Combines the answers of the destinations with the object's own.

use super::{Destination, ObjectStatus};
use crate::exit::ExitStatus;
use crate::model::{Failure, ObjectId};

const NOT_VERIFIED: &str = "NotVerified";

/// The failure of an object whose destinations could not be asked.
pub(crate) fn not_verified(object: &ObjectId, cause: impl std::fmt::Display, hint: Option<&str>) -> Failure {
    Failure::new(NOT_VERIFIED, format!("verifying the replicas of {object}: {cause}"), hint)
}

/// Adds the answers of the destinations to the object's status.
///
/// The verdict stays S3's word. If the object would be a yes and a destination, or all of them, could not be asked,
/// `error` says so with the code `NotVerified`.
pub(crate) fn add_destinations(
    status: &mut ObjectStatus,
    object: &ObjectId,
    verified: Result<Vec<Destination>, Failure>,
    accept_replica: bool,
) {
    let failure = match verified {
        Ok(destinations) => {
            status.destinations = destinations;
            let unasked = |to: &&Destination| to.verdict.exit() == ExitStatus::Unknown;
            status.destinations.iter().find(unasked).map(|to| {
                let bucket = &to.bucket;
                match &to.why {
                    Some(why) => Failure {
                        code: NOT_VERIFIED.to_owned(),
                        message: format!("verifying the replica of {object} in bucket {bucket}: {}", why.message),
                        ..why.clone()
                    },
                    None => not_verified(object, format!("no usable answer from bucket {bucket}"), None),
                }
            })
        }
        Err(failure) => Some(failure),
    };
    if status.error.is_none() && status.verdict.exit(accept_replica) == ExitStatus::Yes {
        status.error = failure;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FailureKind, ReplicationStatus};
    use crate::status::{DestinationVerdict as D, HeadAnswer, NamedBy, ObjectHead, classify, exit_of_object};

    fn object() -> ObjectId {
        ObjectId::parse("s3://src/k").unwrap()
    }

    fn of(word: Option<&str>) -> ObjectStatus {
        let head = ObjectHead {
            replication_status: ReplicationStatus::of_header(word.unwrap_or_default()),
            ..ObjectHead::default()
        };
        classify(&object(), Ok(HeadAnswer::Object(Box::new(head))))
    }

    fn to(verdict: D) -> Destination {
        let why = Failure { kind: FailureKind::Denied, ..Failure::new("AccessDenied", "no", Some("ask for it")) };
        let why = (verdict != D::InSync).then_some(why);
        Destination { verdict, why, ..Destination::unknown("dst", NamedBy::Rule) }
    }

    #[test]
    fn a_yes_that_could_not_be_verified_is_unknown_and_says_why() {
        let failure = || Err(not_verified(&object(), "no rule applies", Some("name one")));
        // status, accepted -> exit, has error
        let table = [
            (Some("COMPLETED"), false, 2, true),
            (Some("REPLICA"), true, 2, true),
            (Some("REPLICA"), false, 1, false),
            (Some("PENDING"), false, 1, false),
            (Some("FAILED"), true, 1, false),
            (None, false, 1, false),
        ];
        for (word, accept, exit, error) in table {
            let mut status = of(word);
            let verdict = status.verdict;
            add_destinations(&mut status, &object(), failure(), accept);
            assert_eq!((exit_of_object(&status, accept).code(), status.error.is_some()), (exit, error), "{word:?}");
            assert_eq!(status.verdict, verdict, "S3's word is kept");
        }
    }

    #[test]
    fn the_failure_of_a_destination_is_reported_if_the_object_is_a_yes() {
        for (verdict, has_error) in
            [(D::Denied, true), (D::Unknown, true), (D::Missing, false), (D::Differs, false), (D::InSync, false)]
        {
            let mut status = of(Some("COMPLETED"));
            add_destinations(&mut status, &object(), Ok(vec![to(D::InSync), to(verdict)]), false);
            assert_eq!(status.error.is_some(), has_error, "{verdict:?}");
            if let Some(error) = status.error {
                assert_eq!((error.code.as_str(), error.hint.as_deref()), (NOT_VERIFIED, Some("ask for it")));
                assert_eq!(error.message, "verifying the replica of s3://src/k in bucket dst: no");
            }
            let mut status = of(Some("FAILED"));
            add_destinations(&mut status, &object(), Ok(vec![to(verdict)]), false);
            assert_eq!(status.error, None);
        }
    }

    #[test]
    fn an_error_of_the_object_itself_stays() {
        let failure = Failure { kind: FailureKind::Denied, ..Failure::new("AccessDenied", "asking", None) };
        let mut status = classify(&object(), Err(failure.clone()));
        add_destinations(&mut status, &object(), Err(not_verified(&object(), "x", None)), false);
        assert_eq!(status.error, Some(failure));
        assert_eq!(exit_of_object(&status, false), ExitStatus::Unknown);
    }
}
