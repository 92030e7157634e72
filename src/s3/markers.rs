//! Checks and removes delete markers by their version IDs, for `undo`.

use std::sync::Arc;

use s3_answers::VersionEntry;

use super::delete::S3Deleter;
use super::store::S3Store;
use crate::deletion::{CurrentVersion, DeleteAnswer, Deleter, MarkerCheck, MarkerOrder, MarkerRemover};
use crate::model::ObjectId;

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
}

impl MarkerRemover for S3MarkerRemover<'_> {
    async fn check(&self, marker: &ObjectId) -> MarkerCheck {
        let _turn = self.deleter.turn().await;
        let asked_at = self.store.clock().now();
        MarkerCheck { look: self.store.look_at_marker(marker).await, asked_at }
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
