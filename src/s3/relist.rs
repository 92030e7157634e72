//! ObjectListing one object again: a HEAD that answers 404 does not show that what was listed a moment ago is gone.

use std::sync::Arc;

use super::listing::{ListingScope, ObjectListing};
use super::store::S3Store;
use crate::model::{Failure, ObjectId};

/// A version is looked for among the versions of its key, 1,000 on a page; more pages than these are not worth it.
const MOST_PAGES: usize = 10;

impl S3Store {
    /// Whether S3 still lists an object: as a current object, or with a version id among the versions of its key. A delete
    /// marker is not an object.
    ///
    /// # Errors
    /// S3 refused (`s3:ListBucket`, `s3:ListBucketVersions`), the answer can't be relied on, or the key has too many
    /// versions to look through.
    pub async fn still_lists(self: &Arc<Self>, object: &ObjectId) -> Result<bool, Failure> {
        let under = ListingScope {
            bucket: object.bucket.clone(),
            prefix: object.key.clone(),
            exact: true,
            versions: object.version_id.is_some(),
        };
        let mut listing = ObjectListing::new(Arc::clone(self), under);
        for _ in 0..MOST_PAGES {
            match listing.next().await? {
                None => return Ok(false),
                Some(page) if page.iter().any(|listed| !listed.delete_marker && listed.object == *object) => {
                    return Ok(true);
                }
                Some(_) => {}
            }
        }
        let message = format!("listing {object} again: its key has more than {},000 versions", MOST_PAGES);
        Err(Failure::new("TooManyVersions", message, Some("ask about that version by its id")))
    }
}
