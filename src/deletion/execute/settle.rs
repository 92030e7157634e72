//! Settles a delete with an intent in the journal and no outcome: its request may have had an effect.

use super::hidden::LIST_FIRST;
use crate::deletion::decide::{DeleteMode, KeepReason};
use crate::deletion::report::{DeleteEntry, DeleteOutcome, UNEXPECTED_ANSWER, marker_has_own_id};
use crate::model::{Failure, VersionId, reached};
use crate::status::{HeadAnswer, ObjectHead};

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
    if !is_it(&entry, head) {
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
            entry.end(DeleteOutcome::Unknown, Failure::new(UNEXPECTED_ANSWER, text, Some(LIST_FIRST)));
        }
    }
    entry
}

/// Whether this is the version that was to be deleted. The ID `null` is used again, so it does not identify a version.
fn is_it(entry: &DeleteEntry, head: &ObjectHead) -> bool {
    let version = entry.version_id.clone().and_then(|id| VersionId::new(id).ok());
    version.is_some_and(|version| {
        version.is_named_by(head.version_id.as_deref())
            && (!version.is_null() || (&head.etag, head.size) == (&entry.etag, entry.size))
    })
}

/// Settles an open object with a HEAD made now: of the key for [`DeleteMode::Hide`], of the version for [`DeleteMode::Permanent`].
pub(crate) fn settle(mut entry: DeleteEntry, mode: DeleteMode, look: Result<HeadAnswer, Failure>) -> SettledOrder {
    if entry.outcome == DeleteOutcome::Unknown && entry.has_other_effect() {
        reached!("resumed: an effect that was not requested");
        return SettledOrder::Unknown(entry);
    }
    let note = |text: &str| {
        Failure::new("Resumed", format!("an earlier run did not learn what became of the delete; {text}"), None)
    };
    match (mode, look) {
        (DeleteMode::Permanent, Ok(HeadAnswer::NotFound)) => {
            reached!("resumed: the version is gone");
            entry.end(DeleteOutcome::VersionDeleted, note("lookup: the version is gone"));
            SettledOrder::Done(entry)
        }
        // S3 named another marker, and a lookup contradicted that: what became of the version is not known.
        (DeleteMode::Hide, Ok(HeadAnswer::DeleteMarker { version_id }))
            if entry.new_marker_version_id.as_ref().is_some_and(|named| Some(named) != version_id.as_ref()) =>
        {
            reached!("resumed: another marker hides it");
            let text = "lookup: a delete marker hides it now, which is not the one that S3 reported";
            entry.end(DeleteOutcome::Unknown, note(text));
            SettledOrder::Unknown(entry)
        }
        (DeleteMode::Hide, Ok(HeadAnswer::DeleteMarker { version_id })) if marker_has_own_id(version_id.as_deref()) => {
            reached!("resumed: it is hidden");
            // Ours, if S3 named it in an answer that a lookup contradicted.
            entry.marker_from_lookup = entry.new_marker_version_id.is_none();
            entry.new_marker_version_id = version_id;
            entry.end(
                DeleteOutcome::MarkerCreated,
                note("lookup: a delete marker hides it now, from that request or another one"),
            );
            SettledOrder::Done(entry)
        }
        // Some servers go on answering for what they deleted, without its status: only the same is the same.
        (_, Ok(HeadAnswer::Object(head)))
            if is_it(&entry, &head)
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
    use crate::deletion::report::OTHER_EFFECT;

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
    fn an_effect_that_was_not_requested_is_not_forgotten() {
        let mut entry = entry();
        entry
            .end(DeleteOutcome::Unknown, Failure::new(OTHER_EFFECT, "the delete marker has the version ID null", None));
        let there = || Ok(HeadAnswer::Object(Box::new(ObjectHead { version_id: Some("v1".into()), ..completed() })));
        // The marker was removed since, or the version is gone. What was destroyed stays destroyed.
        assert_eq!(settle(entry.clone(), DeleteMode::Hide, there()), SettledOrder::Unknown(entry.clone()));
        let gone = Ok(HeadAnswer::NotFound);
        assert_eq!(settle(entry.clone(), DeleteMode::Permanent, gone), SettledOrder::Unknown(entry.clone()));
        entry.end(DeleteOutcome::Unknown, Failure::new(UNEXPECTED_ANSWER, "the version still exists", None));
        assert_eq!(settle(entry, DeleteMode::Hide, there()), SettledOrder::Undone);
    }

    #[test]
    fn only_the_marker_that_s3_reported_settles_its_answer() {
        let marker = |id: &str| Ok(HeadAnswer::DeleteMarker { version_id: Some(id.to_owned()) });
        let mut entry = entry();
        entry.end(DeleteOutcome::Unknown, Failure::new(UNEXPECTED_ANSWER, "the version still exists", None));
        let seen = settle(entry.clone(), DeleteMode::Hide, marker("m2"));
        assert!(matches!(seen, SettledOrder::Done(entry) if entry.marker_from_lookup));
        entry.new_marker_version_id = Some("m1".to_owned());
        let seen = settle(entry.clone(), DeleteMode::Hide, marker("m1"));
        assert!(matches!(seen, SettledOrder::Done(entry) if !entry.marker_from_lookup));
        let seen = settle(entry, DeleteMode::Hide, marker("m2"));
        let named = Some("m1".to_owned());
        assert!(matches!(seen, SettledOrder::Unknown(entry) if entry.new_marker_version_id == named));
    }

    #[test]
    fn another_upload_with_the_id_null_is_another_version() {
        for (etag, size, is_same) in [("e1", 7, true), ("e2", 7, false), ("e1", 8, false)] {
            for mode in [DeleteMode::Hide, DeleteMode::Permanent] {
                let entry = DeleteEntry { version_id: Some("null".to_owned()), ..entry() };
                let head =
                    ObjectHead { etag: Some(etag.to_owned()), size: Some(size), version_id: None, ..completed() };
                let look = || Ok(HeadAnswer::Object(Box::new(head.clone())));
                let settled = settle(entry.clone(), mode, look());
                assert_eq!(settled == SettledOrder::Undone, is_same, "{etag} {size} {mode:?}");
                assert_eq!(matches!(settled, SettledOrder::Unknown(_)), !is_same, "{etag} {size} {mode:?}");
                assert_eq!(still_done(entry.clone(), mode, &look()) == entry, !is_same, "{etag} {size} {mode:?}");
            }
        }
    }
}
