//! Decides the exit status for one object: its own verdict together with the verdicts of its destinations.
//!
//! What each verdict counts as is in the tables of `verdict.rs` and `destination.rs`.

use super::ObjectStatus;
use crate::exit::ExitStatus;

/// Returns the worst of all verdicts. A yes with an error is unknown, because a destination could not be asked.
pub(crate) fn exit_of_object(status: &ObjectStatus, accept_replica: bool) -> ExitStatus {
    let own = match status.verdict.exit(accept_replica) {
        ExitStatus::Yes if status.error.is_some() => ExitStatus::Unknown,
        own => own,
    };
    status.destinations.iter().fold(own, |exit, to| exit.worse(to.verdict.exit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ObjectId, ReplicationStatus};
    use crate::status::{Destination, DestinationVerdict as D, HeadAnswer, NamedBy, ObjectHead, classify};

    fn status(word: Option<&str>, destinations: [D; 2]) -> ObjectStatus {
        let head = ObjectHead {
            replication_status: ReplicationStatus::of_header(word.unwrap_or_default()),
            ..ObjectHead::default()
        };
        let object = ObjectId::parse("s3://src/k").unwrap();
        let to = |verdict| Destination { verdict, ..Destination::unknown("dst", NamedBy::Rule) };
        let destinations = destinations.map(to).into();
        ObjectStatus { destinations, ..classify(&object, Ok(HeadAnswer::Object(Box::new(head)))) }
    }

    #[test]
    fn exit_code_2_beats_1_and_only_in_sync_is_a_yes() {
        let exits =
            [(D::InSync, 0), (D::Missing, 1), (D::Differs, 1), (D::NotAReplica, 1), (D::Denied, 2), (D::Unknown, 2)];
        let words =
            [(Some("COMPLETED"), 0), (Some("REPLICA"), 1), (Some("PENDING"), 1), (Some("FAILED"), 1), (None, 1)];
        for (word, own) in words {
            for (one, exit_one) in exits {
                for (other, exit_other) in exits {
                    let exit = exit_of_object(&status(word, [one, other]), false).code();
                    assert_eq!(exit, own.max(exit_one).max(exit_other), "{word:?} {one:?} {other:?}");
                }
            }
        }
    }
}
