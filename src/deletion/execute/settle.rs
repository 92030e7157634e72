//! Settles a delete with an intent in the journal and no outcome: its request may have had an effect.

use crate::deletion::decide::{DeleteMode, KeepReason};
use crate::deletion::report::{DeleteEntry, DeleteOutcome, marker_has_own_id};
use crate::model::{Failure, VersionId, reached};
use crate::status::HeadAnswer;

/// What a lookup showed of an open object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SettledOrder {
    /// The delete had its effect.
    Done(DeleteEntry),
    /// The lookup did not settle it.
    Unknown(DeleteEntry),
    /// The version exists as before, and is decided again.
    Undone,
}

/// What a HEAD made now shows of a delete that an earlier run carried out: of the key for [`DeleteMode::Hide`], of the version
/// for [`DeleteMode::Permanent`]. A lookup that fails contradicts nothing, and another version that is current was written
/// later.
pub(crate) fn still_done(mut entry: DeleteEntry, mode: DeleteMode, look: &Result<HeadAnswer, Failure>) -> DeleteEntry {
    let Ok(HeadAnswer::Object(head)) = look else { return entry };
    let version = entry.version_id.clone().and_then(|id| VersionId::new(id).ok());
    if !version.is_some_and(|version| version.is_named_by(head.version_id.as_deref())) {
        return entry;
    }
    reached!("resumed: what an earlier run deleted is there");
    match mode {
        DeleteMode::Hide => {
            let marker = entry.new_marker_version_id.take();
            entry.marker_from_lookup = false;
            let text = format!(
                "an earlier run hid it with delete marker {}, and the version that was hidden is current again",
                marker.as_deref().unwrap_or("null")
            );
            let hint = Some("the marker was removed since; to hide the object again, start a new journal");
            entry.keep(KeepReason::ChangedSinceCheck, Some(Failure::new("CurrentAgain", text, hint)));
        }
        DeleteMode::Permanent => {
            let text = "an earlier run removed the version, and it still exists";
            let hint = Some("list the versions of the object before you continue");
            entry.end(DeleteOutcome::Unknown, Failure::new("UnexpectedAnswer", text, hint));
        }
    }
    entry
}

/// Settles an open object with a HEAD made now: of the key for [`DeleteMode::Hide`], of the version for [`DeleteMode::Permanent`].
pub(crate) fn settle(mut entry: DeleteEntry, mode: DeleteMode, look: Result<HeadAnswer, Failure>) -> SettledOrder {
    // S3 reported a marker that may have destroyed a version. No lookup can undo that.
    let has_null = |marker: &Option<String>| marker.is_some() && !marker_has_own_id(marker.as_deref());
    if entry.outcome == DeleteOutcome::Unknown && has_null(&entry.new_marker_version_id) {
        reached!("resumed: a marker with the id null");
        return SettledOrder::Unknown(entry);
    }
    let version = entry.version_id.clone().and_then(|id| VersionId::new(id).ok());
    let is_it = |found: Option<&str>| version.as_ref().is_some_and(|version| version.is_named_by(found));
    let note =
        |text: &str| Failure::new("Resumed", format!("an earlier run ended before the answer arrived; {text}"), None);
    match (mode, look) {
        (DeleteMode::Permanent, Ok(HeadAnswer::NotFound)) => {
            reached!("resumed: the version is gone");
            entry.end(DeleteOutcome::VersionDeleted, note("lookup: the version is gone"));
            SettledOrder::Done(entry)
        }
        (DeleteMode::Hide, Ok(HeadAnswer::DeleteMarker { version_id })) if marker_has_own_id(version_id.as_deref()) => {
            reached!("resumed: it is hidden");
            // Ours, if S3 named it in an answer that a lookup contradicted.
            entry.marker_from_lookup = entry.new_marker_version_id != version_id;
            entry.new_marker_version_id = version_id;
            entry.end(
                DeleteOutcome::MarkerCreated,
                note("lookup: a delete marker hides it now, from that request or another one"),
            );
            SettledOrder::Done(entry)
        }
        // Some servers go on answering for what they deleted, without its status: only the same is the same.
        (_, Ok(HeadAnswer::Object(head)))
            if is_it(head.version_id.as_deref())
                && (mode == DeleteMode::Hide
                    || head.replication_status.raw() == entry.replication_status.as_deref()) =>
        {
            reached!("resumed: nothing happened");
            SettledOrder::Undone
        }
        (_, Err(failure)) => {
            reached!("resumed: the lookup failed");
            let text = note(&format!("a lookup did not show the outcome: {failure}"));
            entry.end(DeleteOutcome::Unknown, Failure { http_status: failure.http_status, ..text });
            SettledOrder::Unknown(entry)
        }
        (DeleteMode::Hide, Ok(HeadAnswer::Object(head))) => {
            reached!("resumed: another version is current");
            let newer = head.version_id.as_deref().unwrap_or("null");
            let text = format!("lookup: version {newer} is current now, so an older delete marker is not visible");
            entry.end(DeleteOutcome::Unknown, note(&text));
            SettledOrder::Unknown(entry)
        }
        (_, Ok(_)) => {
            entry.end(DeleteOutcome::Unknown, note("a lookup did not show the outcome"));
            SettledOrder::Unknown(entry)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deletion::fixtures::{checked_entry, completed, object};
    use crate::status::ObjectHead;

    fn entry() -> DeleteEntry {
        checked_entry(&object(Some("v1")))
    }

    #[test]
    fn an_open_object_is_done_only_where_looking_tells_it() {
        let head = |version: &str| {
            Ok(HeadAnswer::Object(Box::new(ObjectHead { version_id: Some(version.into()), ..completed() })))
        };
        let readable =
            || Ok(HeadAnswer::Object(Box::new(ObjectHead { replication_status: Default::default(), ..completed() })));
        let marker = |id: Option<&str>| Ok(HeadAnswer::DeleteMarker { version_id: id.map(str::to_owned) });
        let failed = || Err(Failure { http_status: Some(503), ..Failure::new("X", "x", None) });
        let table = [
            (DeleteMode::Permanent, Ok(HeadAnswer::NotFound), Some(DeleteOutcome::VersionDeleted)),
            (DeleteMode::Permanent, head("v1"), None),
            (DeleteMode::Permanent, readable(), Some(DeleteOutcome::Unknown)),
            (DeleteMode::Hide, readable(), None),
            (DeleteMode::Permanent, head("v2"), Some(DeleteOutcome::Unknown)),
            (DeleteMode::Permanent, marker(Some("v1")), Some(DeleteOutcome::Unknown)),
            (DeleteMode::Permanent, failed(), Some(DeleteOutcome::Unknown)),
            (DeleteMode::Hide, marker(Some("m1")), Some(DeleteOutcome::MarkerCreated)),
            (DeleteMode::Hide, marker(Some("null")), Some(DeleteOutcome::Unknown)),
            (DeleteMode::Hide, marker(None), Some(DeleteOutcome::Unknown)),
            (DeleteMode::Hide, head("v1"), None),
            (DeleteMode::Hide, head("v2"), Some(DeleteOutcome::Unknown)),
            (DeleteMode::Hide, Ok(HeadAnswer::NotFound), Some(DeleteOutcome::Unknown)),
            (DeleteMode::Hide, failed(), Some(DeleteOutcome::Unknown)),
        ];
        for (at, (mode, look, expected)) in table.into_iter().enumerate() {
            let status = look.as_ref().err().and_then(|failure| failure.http_status);
            let outcome = match settle(entry(), mode, look) {
                SettledOrder::Done(entry) | SettledOrder::Unknown(entry) => {
                    assert_eq!(entry.error.unwrap().http_status, status, "row {at}");
                    let shows_a_marker = entry.outcome == DeleteOutcome::MarkerCreated;
                    assert_eq!(entry.marker_from_lookup, shows_a_marker, "row {at}: it may be another's");
                    Some(entry.outcome)
                }
                SettledOrder::Undone => None,
            };
            assert_eq!(outcome, expected, "row {at}");
        }
    }

    #[test]
    fn what_an_earlier_run_deleted_and_is_there_again_is_not_reported_as_deleted() {
        let head = |version: &str| {
            Ok(HeadAnswer::Object(Box::new(ObjectHead { version_id: Some(version.into()), ..completed() })))
        };
        let marker = || Ok(HeadAnswer::DeleteMarker { version_id: Some("m1".into()) });
        let failed = || Err(Failure::new("X", "x", None));
        let (hide, permanent) = (DeleteMode::Hide, DeleteMode::Permanent);
        let table = [
            (hide, head("v1"), DeleteOutcome::Kept),
            (hide, head("v2"), DeleteOutcome::MarkerCreated),
            (hide, marker(), DeleteOutcome::MarkerCreated),
            (hide, Ok(HeadAnswer::NotFound), DeleteOutcome::MarkerCreated),
            (hide, failed(), DeleteOutcome::MarkerCreated),
            (permanent, head("v1"), DeleteOutcome::Unknown),
            (permanent, Ok(HeadAnswer::NotFound), DeleteOutcome::VersionDeleted),
            (permanent, failed(), DeleteOutcome::VersionDeleted),
        ];
        for (row, (mode, look, expected)) in table.into_iter().enumerate() {
            let mut done = entry();
            (done.outcome, done.new_marker_version_id) = match mode {
                DeleteMode::Hide => (DeleteOutcome::MarkerCreated, Some("m1".to_owned())),
                DeleteMode::Permanent => (DeleteOutcome::VersionDeleted, None),
            };
            let found = still_done(done.clone(), mode, &look);
            assert_eq!(found.outcome, expected, "row {row}");
            assert_eq!(found == done, found.outcome == done.outcome, "row {row}");
            assert_eq!(found.new_marker_version_id.is_some(), expected == DeleteOutcome::MarkerCreated, "row {row}");
        }
    }

    #[test]
    fn a_marker_that_may_have_destroyed_something_is_not_forgotten() {
        let mut entry = entry();
        entry.new_marker_version_id = Some("null".to_owned());
        entry.end(
            DeleteOutcome::Unknown,
            Failure::new("UnexpectedAnswer", "the delete marker has the version ID null", None),
        );
        let there = || Ok(HeadAnswer::Object(Box::new(ObjectHead { version_id: Some("v1".into()), ..completed() })));
        // The marker was removed since, and the version is current again. What was destroyed stays destroyed.
        assert_eq!(settle(entry.clone(), DeleteMode::Hide, there()), SettledOrder::Unknown(entry.clone()));
        for marker in [None, Some("m1".to_owned())] {
            entry.new_marker_version_id = marker;
            assert_eq!(settle(entry.clone(), DeleteMode::Hide, there()), SettledOrder::Undone);
        }
        for (shown, is_from_lookup) in [("m1", false), ("m2", true)] {
            let look = Ok(HeadAnswer::DeleteMarker { version_id: Some(shown.to_owned()) });
            let SettledOrder::Done(found) = settle(entry.clone(), DeleteMode::Hide, look) else { panic!("{shown}") };
            assert_eq!(found.new_marker_version_id.as_deref(), Some(shown));
            assert_eq!(found.marker_from_lookup, is_from_lookup, "{shown}");
        }
    }
}
