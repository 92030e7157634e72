//! What a delete marker hides that nothing bound to the version that was checked: its request was sent without If-Match, or may
//! have been.

use crate::deletion::report::{DeleteEntry, HIDDEN_UNKNOWN, NEWER_HIDDEN};
use crate::model::{Failure, VersionId, reached};

/// Notes which version the marker of this entry hides, as `shown` by the version listing; nothing if it is the checked version.
/// `undo` is the command that removes a marker which this run created.
pub(crate) fn note_hidden(entry: &mut DeleteEntry, shown: Result<Option<String>, Failure>, undo: Option<String>) {
    let checked = entry.version_id.clone().and_then(|id| VersionId::new(id).ok());
    let (code, its, http_status) = match shown {
        Ok(Some(version)) if checked.is_some_and(|checked| checked.is_named_by(Some(&version))) => return,
        Ok(Some(version)) => {
            reached!("a newer version was hidden");
            (NEWER_HIDDEN, format!("it hides version {version}, which is not the one that was checked"), None)
        }
        Ok(None) => (HIDDEN_UNKNOWN, "the version listing does not show which version it hides".to_owned(), None),
        Err(failure) => {
            let its = format!("the version that it hides is not known: {}", failure.message);
            (HIDDEN_UNKNOWN, its, failure.http_status)
        }
    };
    let message = match &entry.error {
        // Its answer was lost: how it was sent, or by whom, is not known.
        Some(seen) => format!("{}; {its}", seen.message),
        None => format!(
            "this server does not support If-Match, so the delete marker was not bound to the version that was checked: {its}"
        ),
    };
    let hint = undo.map_or_else(|| LIST_FIRST.to_owned(), |undo| format!("to remove the delete marker: {undo}"));
    entry.error = Some(Failure { http_status, ..Failure::new(code, message, Some(&hint)) });
}

/// The next step where it is not known what a key contains.
pub(super) const LIST_FIRST: &str = "list the versions of the object before you continue";
