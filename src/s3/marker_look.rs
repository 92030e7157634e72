//! What S3 shows under the version ID of a delete marker.

use std::sync::Arc;

use super::read::{ListingScope, ObjectListing};
use super::store::S3Store;
use crate::deletion::MarkerLook;
use crate::model::{Failure, FailureKind, ObjectId};
use crate::status::HeadAnswer;

impl S3Store {
    /// HEADs the version ID. If the answer is not clear, lists the versions of the key.
    pub(super) async fn look_at_marker(self: &Arc<Self>, marker: &ObjectId) -> Result<MarkerLook, Failure> {
        let is_it = |found: Option<&str>| marker.version_id.as_ref().is_some_and(|id| found == Some(id.as_str()));
        let head = self.head(marker).await;
        match &head {
            Ok(HeadAnswer::DeleteMarker { version_id }) if is_it(version_id.as_deref()) => Ok(MarkerLook::Marker),
            Ok(HeadAnswer::Object(found)) if is_it(found.version_id.as_deref()) => Ok(MarkerLook::Version),
            // It is absent only if the list does not show it either.
            Ok(HeadAnswer::NotFound) => match self.listed_marker(marker).await {
                Ok(MarkerLook::Absent) => Ok(MarkerLook::Absent),
                Ok(MarkerLook::Marker | MarkerLook::Version) => Err(unclear(marker, DIFFERENT)),
                // AWS answers 405 for a marker, so a 404 of AWS decides. Other servers may answer 404 for a marker.
                Err(failure) if failure.kind == FailureKind::Denied && !self.has_custom_endpoint() => {
                    Ok(MarkerLook::Absent)
                }
                Err(failure) => Err(failure),
            },
            // The answer has no version ID or another one, or HEAD is refused: some servers ignore the id.
            Ok(HeadAnswer::DeleteMarker { .. } | HeadAnswer::Object(_)) | Err(_) => {
                let listed = self.listed_marker(marker).await;
                match (head, listed) {
                    // HEAD shows something that the list does not.
                    (Ok(_), Ok(MarkerLook::Absent)) => Err(unclear(marker, DIFFERENT)),
                    (Err(failure), Err(_)) => Err(failure),
                    (_, listed) => listed,
                }
            }
        }
    }

    /// What the list of the key's versions shows for the id.
    async fn listed_marker(self: &Arc<Self>, marker: &ObjectId) -> Result<MarkerLook, Failure> {
        let (bucket, prefix) = (marker.bucket.clone(), marker.key.clone());
        let mut listing =
            ObjectListing::new(Arc::clone(self), ListingScope { bucket, prefix, exact: true, versions: true });
        let mut found = MarkerLook::Absent;
        while let Some(page) = listing.next().await? {
            for listed in page.iter().filter(|listed| listed.object.version_id == marker.version_id) {
                if found != MarkerLook::Absent {
                    return Err(unclear(marker, "the version listing has this ID twice"));
                }
                found = if listed.delete_marker { MarkerLook::Marker } else { MarkerLook::Version };
            }
        }
        Ok(found)
    }
}

const DIFFERENT: &str = "HEAD and the version listing differ";

fn unclear(marker: &ObjectId, why: &str) -> Failure {
    let hint = Some("list the versions of the key");
    Failure::new("UnexpectedAnswer", format!("looking at the delete marker {marker}: {why}"), hint)
}
