//! Checks and removes delete markers by their version IDs, for `undo`.

use std::sync::Arc;

use s3_answers::VersionEntry;

use super::delete::S3Deleter;
use super::read::{ListingScope, ObjectListing};
use super::store::S3Store;
use crate::deletion::{CurrentVersion, DeleteAnswer, Deleter, MarkerCheck, MarkerLook, MarkerOrder, MarkerRemover};
use crate::model::{Failure, FailureKind, ObjectId};
use crate::status::HeadAnswer;

#[derive(Debug)]
pub(crate) struct S3MarkerRemover<'a> {
    store: &'a Arc<S3Store>,
    deleter: S3Deleter<'a>,
}

impl<'a> S3MarkerRemover<'a> {
    /// Sends nothing yet. `deleter` must use the same store.
    pub(crate) fn new(store: &'a Arc<S3Store>, deleter: S3Deleter<'a>) -> Self {
        Self { store, deleter }
    }

    /// HEADs the version ID. If the answer is not clear, lists the versions of the key.
    async fn look(&self, marker: &ObjectId) -> Result<MarkerLook, Failure> {
        let is_it = |found: Option<&str>| marker.version_id.as_ref().is_some_and(|id| found == Some(id.as_str()));
        let head = self.store.head(marker).await;
        match &head {
            Ok(HeadAnswer::DeleteMarker { version_id }) if is_it(version_id.as_deref()) => Ok(MarkerLook::Marker),
            Ok(HeadAnswer::Object(found)) if is_it(found.version_id.as_deref()) => Ok(MarkerLook::Version),
            // It is absent only if the list does not show it either.
            Ok(HeadAnswer::NotFound) => match self.listed(marker).await {
                Ok(MarkerLook::Absent) => Ok(MarkerLook::Absent),
                Ok(MarkerLook::Marker | MarkerLook::Version) => Err(unclear(marker, DIFFERENT)),
                // AWS answers 405 for a marker, so a 404 of AWS decides. Other servers may answer 404 for a marker.
                Err(failure) if failure.kind == FailureKind::Denied && !self.store.has_custom_endpoint() => {
                    Ok(MarkerLook::Absent)
                }
                Err(failure) => Err(failure),
            },
            // The answer has no version ID or another one, or HEAD is refused: some servers ignore the id.
            Ok(HeadAnswer::DeleteMarker { .. } | HeadAnswer::Object(_)) | Err(_) => {
                let listed = self.listed(marker).await;
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
    async fn listed(&self, marker: &ObjectId) -> Result<MarkerLook, Failure> {
        let (bucket, prefix) = (marker.bucket.clone(), marker.key.clone());
        let mut listing =
            ObjectListing::new(Arc::clone(self.store), ListingScope { bucket, prefix, exact: true, versions: true });
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

impl MarkerRemover for S3MarkerRemover<'_> {
    async fn check(&self, marker: &ObjectId) -> MarkerCheck {
        let _turn = self.deleter.turn().await;
        let asked_at = self.store.clock().now();
        MarkerCheck { look: self.look(marker).await, asked_at }
    }

    async fn remove(&self, order: &MarkerOrder) -> DeleteAnswer {
        self.deleter.remove_marker(order).await
    }

    async fn may_send_again(&self, sends: u32) -> bool {
        self.deleter.may_send_again(sends).await
    }

    async fn current(&self, marker: &ObjectId) -> CurrentVersion {
        let _turn = self.deleter.turn().await;
        let key = ObjectId { version_id: None, ..marker.clone() };
        match CurrentVersion::of(self.store.head(&key).await) {
            seen @ (CurrentVersion::Version(_) | CurrentVersion::Hidden(_)) => seen,
            // HEAD is refused, or a server does not say that a marker hides the key: the list of versions may show more.
            seen @ (CurrentVersion::Nothing | CurrentVersion::NotKnown(_)) => {
                let id = |latest: &VersionEntry| latest.version_id.as_str().to_owned();
                match self.store.latest_version(&key).await {
                    Ok(Some(latest)) if latest.delete_marker => CurrentVersion::Hidden(Some(id(&latest))),
                    Ok(Some(latest)) if matches!(seen, CurrentVersion::NotKnown(_)) => {
                        CurrentVersion::Version(id(&latest))
                    }
                    Ok(_) | Err(_) => seen,
                }
            }
        }
    }
}
