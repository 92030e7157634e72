//! Lists what is under a prefix, page by page: current objects, or every version and delete marker.
//!
//! "Listing object keys programmatically" and ListObjectVersions in the S3 documentation. Key markers are opaque: some servers
//! put more than a key into them.

use std::cmp::Ordering;
use std::sync::Arc;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::EncodingType;
use jiff::Timestamp;
use s3_answers::{ListPage, PageStart, VersionEntry, VersionMarker, VersionPage, other_readings, read_versions};

use super::list::{ListQuestion, unreadable};
use super::page_history::PageHistory;
use crate::model::{Bucket, Failure, IdentityHasher, ObjectId, ObjectIdentity, VersionId};
use crate::s3::store::S3Store;
use crate::s3::trace::RequestInfo;
use crate::status::{HeadAnswer, still_listed};

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListingScope {
    pub bucket: Bucket,
    pub prefix: String,
    /// Only the key that equals the prefix.
    pub exact: bool,
    /// Every version and delete marker, instead of current objects.
    pub versions: bool,
}

impl ListingScope {
    /// Whether it lists this object, if that exists.
    pub(crate) fn contains(&self, object: &ObjectId) -> bool {
        let is_key = if self.exact { object.key == self.prefix } else { object.key.starts_with(&self.prefix) };
        object.bucket == self.bucket && is_key
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedObject {
    /// Has a version ID if versions are listed.
    pub object: ObjectId,
    pub delete_marker: bool,
    /// Only if versions are listed.
    pub last_modified: Option<Timestamp>,
    /// The text of the key in the list, if a server other than AWS may have meant another key by it.
    pub listed: Option<String>,
}

#[derive(Debug)]
pub(crate) struct ObjectListing {
    store: Arc<S3Store>,
    scope: ListingScope,
    next: NextPage,
    pages: PageHistory,
    last_key: LastKey,
}

/// The last key of the pages so far, and its versions on them.
#[derive(Debug, Default)]
struct LastKey {
    key: String,
    /// Their hashes: a version ID may be long.
    versions: Vec<ObjectIdentity>,
    identities: IdentityHasher,
    /// The key before it.
    before: Option<String>,
}

/// The most versions of a key that are remembered.
const REMEMBERED: usize = 10_000;

impl LastKey {
    fn note(&mut self, page: &[ListedObject]) {
        let Some(ListedObject { object: ObjectId { key, .. }, .. }) = page.last() else { return };
        if self.key != *key {
            let on_page = page.iter().rev().map(|listed| &listed.object.key).find(|other| *other != key).cloned();
            let before = on_page.or_else(|| Some(std::mem::take(&mut self.key)).filter(|key| !key.is_empty()));
            *self = Self { key: key.clone(), before, ..Self::default() };
        }
        let of_the_key = page.iter().filter(|listed| listed.object.key == *key);
        let room = REMEMBERED.saturating_sub(self.versions.len());
        let ids = of_the_key.filter_map(|listed| listed.object.version_id.as_ref());
        self.versions.extend(ids.map(|id| self.identities.of(id)).take(room));
    }

    fn has(&self, version: &VersionId) -> bool {
        self.versions.contains(&self.identities.of(version))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum NextPage {
    First,
    Keys(String),
    Versions(VersionMarker),
    End,
}

impl ObjectListing {
    pub(crate) fn new(store: Arc<S3Store>, scope: ListingScope) -> Self {
        Self { store, scope, next: NextPage::First, pages: PageHistory::default(), last_key: LastKey::default() }
    }

    /// The next page; `None` after the last. A list without an end is a failure.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<ListedObject>>, Failure> {
        let (page, next) = match &self.next {
            NextPage::End => return Ok(None),
            NextPage::First if self.scope.versions => self.versions(None).await?,
            NextPage::First => self.keys(None).await?,
            NextPage::Keys(token) => self.keys(Some(token)).await?,
            NextPage::Versions(marker) => self.versions(Some(marker)).await?,
        };
        let first = page.first().map(|first| (&first.object.key, &first.object.version_id));
        let token = Some(&next).filter(|next| **next != NextPage::End);
        let fresh = self.pages.check(first.as_ref(), token);
        fresh.map_err(|cause| unreadable(self.question(), cause))?;
        if let NextPage::Versions(marker) = &self.next
            && page.first().is_none_or(|first| first.object.key != self.last_key.key)
        {
            self.see_whether_the_last_key_is_whole(marker).await?;
        }
        if self.scope.versions {
            self.last_key.note(&page);
        }
        self.next = next;
        if self.scope.exact {
            return Ok(Some(self.of_the_key(page)));
        }
        Ok(Some(page))
    }

    /// A page of versions begins after the last version of the page before it. If that version was deleted in the meantime, the
    /// server may skip the older versions of its key.
    async fn see_whether_the_last_key_is_whole(&self, marker: &VersionMarker) -> Result<(), Failure> {
        let LastKey { key, before, .. } = &self.last_key;
        // A policy may allow to list this prefix and no other.
        let question = ListQuestion { why: "whether its list was whole", ..self.question() };
        let mut after = before.clone().map(|key| VersionMarker { key, version_id: String::new() });
        let (mut pages, mut is_missing) = (PageHistory::default(), false);
        loop {
            let VersionPage { entries, next, .. } = self.store.version_page(question, after.as_ref(), None).await?;
            let mut own = entries.iter().filter(|entry| entry.key == *key);
            // The ID null may be that of an upload since.
            let is_it =
                |entry: &VersionEntry| !entry.version_id.is_null() && entry.version_id.as_str() == marker.version_id;
            if own.clone().any(is_it) {
                return Ok(());
            }
            is_missing |= own.any(|entry| !entry.delete_marker && !self.last_key.has(&entry.version_id));
            let first = entries.first().map(|first| (&first.key, &first.version_id));
            pages.check(first.as_ref(), next.as_ref()).map_err(|cause| unreadable(question, cause))?;
            after = next.filter(|_| entries.iter().all(|entry| entry.key <= *key));
            if after.is_none() {
                break;
            }
        }
        if !is_missing {
            return Ok(());
        }
        let message = format!(
            "listing the versions of s3://{}/{key}: the version at the end of a page was deleted before the next page was read, and older versions may be left out",
            self.scope.bucket
        );
        Err(Failure::new("ListingChanged", message, Some("run the same command again")))
    }

    /// Drops other keys. The key sorts before every other key that begins with it, so the first of those ends the list.
    fn of_the_key(&mut self, mut page: Vec<ListedObject>) -> Vec<ListedObject> {
        let listed = page.len();
        page.retain(|found| found.object.key == self.scope.prefix);
        if page.len() < listed {
            self.next = NextPage::End;
        }
        page
    }

    fn question(&self) -> ListQuestion<'_> {
        let why = if self.scope.versions { "which versions there are" } else { "which objects there are" };
        ListQuestion { bucket: &self.scope.bucket, prefix: &self.scope.prefix, delimiter: None, why }
    }

    async fn keys(&self, after: Option<&str>) -> Result<(Vec<ListedObject>, NextPage), Failure> {
        let ListPage { keys, listed, next, .. } = self.store.list_page(self.question(), after).await?;
        let object = |key| ObjectId { bucket: self.scope.bucket.clone(), key, version_id: None };
        let found = |(key, listed)| ListedObject {
            object: object(key),
            delete_marker: false,
            last_modified: None,
            listed: self.if_unclear(listed),
        };
        Ok((keys.into_iter().zip(listed).map(found).collect(), next.map_or(NextPage::End, NextPage::Keys)))
    }

    async fn versions(&self, after: Option<&VersionMarker>) -> Result<(Vec<ListedObject>, NextPage), Failure> {
        let page = self.store.version_page(self.question(), after, None).await?;
        let entries = page.entries.into_iter().map(|entry| ListedObject {
            object: ObjectId { bucket: self.scope.bucket.clone(), key: entry.key, version_id: Some(entry.version_id) },
            delete_marker: entry.delete_marker,
            last_modified: entry.last_modified,
            listed: self.if_unclear(entry.listed),
        });
        Ok((merged(entries), page.next.map_or(NextPage::End, NextPage::Versions)))
    }

    /// AWS encodes keys as it says.
    fn if_unclear(&self, listed: String) -> Option<String> {
        Some(listed).filter(|text| self.store.has_custom_endpoint() && text.contains(['+', '%']))
    }
}

/// How many versions of a key are listed to see what a delete marker hides.
const MOST_HIDDEN: i32 = 100;
/// How many pages of 1,000 versions are searched for a version of a key.
const MOST_PAGES: usize = 10;

impl S3Store {
    /// One page of versions and delete markers, of at most `most` entries. A marker without a version ID begins after its key.
    pub(in crate::s3) async fn version_page(
        &self,
        question: ListQuestion<'_>,
        after: Option<&VersionMarker>,
        most: Option<i32>,
    ) -> Result<VersionPage, Failure> {
        let ListQuestion { bucket, prefix, why, .. } = question;
        let about = format!("s3://{bucket}/{prefix}");
        let request = RequestInfo { operation: "ListObjectVersions", about: &about, why };
        let send = |client: Client, body| {
            client
                .list_object_versions()
                .bucket(bucket.as_str())
                .prefix(prefix)
                .set_key_marker(after.map(|marker| marker.key.clone()))
                .set_version_id_marker(after.map(|marker| marker.version_id.clone()).filter(|id| !id.is_empty()))
                .set_max_keys(most)
                .encoding_type(EncodingType::Url)
                .set_request_payer(self.request_payer.clone())
                .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                .customize()
                .interceptor(body)
                .send()
        };
        match self.ask(bucket, request, send).await {
            Ok(bytes) => {
                let start = after.map_or(PageStart::FirstKey, PageStart::Marker);
                read_versions(&bytes, &question.request(start)).map_err(|cause| unreadable(question, cause))
            }
            Err(error) => {
                let attempt = format!("listing the versions of {about}");
                Err(error.failure(&attempt).needing("s3:ListBucketVersions", bucket))
            }
        }
    }

    /// The version that this delete marker hides, or any marker, if it is current; `None` if the list does not show it.
    pub(crate) async fn hidden_by(&self, object: &ObjectId, marker: Option<&str>) -> Result<Option<String>, Failure> {
        let why = "what the delete marker hides";
        let question = ListQuestion { bucket: &object.bucket, prefix: &object.key, delimiter: None, why };
        let page = self.version_page(question, None, Some(MOST_HIDDEN)).await?;
        // Versions and markers are each listed newest first.
        let newest = |delete_marker: bool| {
            let own = |entry: &&VersionEntry| entry.key == object.key && entry.delete_marker == delete_marker;
            page.entries.iter().find(own)
        };
        let is_it = |first: &VersionEntry| marker.is_none_or(|marker| first.version_id.as_str() == marker);
        let is_on_top = newest(true).is_some_and(|first| first.is_latest && is_it(first));
        Ok(newest(false).filter(|_| is_on_top).map(|version| version.version_id.as_str().to_owned()))
    }

    /// What the first page of the versions of a key shows as the latest.
    pub(in crate::s3) async fn latest_version(&self, key: &ObjectId) -> Result<Option<VersionEntry>, Failure> {
        let why = "what is current";
        let question = ListQuestion { bucket: &key.bucket, prefix: &key.key, delimiter: None, why };
        let page = self.version_page(question, None, None).await?;
        Ok(page.entries.into_iter().find(|entry| entry.key == key.key && entry.is_latest))
    }

    /// Whether S3 still lists an object: as a current object, or with a version ID among the versions of its key. Delete
    /// markers do not count. `listed` is the text of the key in the list, if its reading is unclear.
    pub(crate) async fn still_lists(
        self: &Arc<Self>,
        object: &ObjectId,
        listed: Option<&str>,
    ) -> Result<bool, Failure> {
        if self.lists_key(object).await? {
            return Ok(true);
        }
        // If the text was misread, a list of what it may mean has this text again, and that is refused: the key as it is read
        // does not begin with the prefix.
        for key in listed.map(|text| other_readings(text, &object.key)).unwrap_or_default() {
            self.lists_key(&ObjectId { key, ..object.clone() }).await.map_err(|failure| unclear(object, &failure))?;
        }
        Ok(false)
    }

    /// HEADs an object that a report lists. On a server other than AWS, a 404 counts only if the server does not list the
    /// object either, also not under what the key means if the report writes keys in another way than S3 (`+`, `%20`).
    pub(crate) async fn head_reported(self: &Arc<Self>, object: &ObjectId) -> Result<HeadAnswer, Failure> {
        let answer = self.head(object).await?;
        if !(self.has_custom_endpoint() && answer == HeadAnswer::NotFound) {
            return Ok(answer);
        }
        if self.lists_key(object).await? {
            return Err(still_listed(object));
        }
        let key = object.key.as_str();
        let mut readings = other_readings(key, key);
        readings.extend([key.replace(' ', "+"), key.replace(' ', "%20")].into_iter().filter(|text| text != key));
        for key in readings {
            let other = ObjectId { key, ..object.clone() };
            if self.lists_key(&other).await? {
                return Err(written_otherwise(object, &other));
            }
        }
        Ok(answer)
    }

    async fn lists_key(self: &Arc<Self>, object: &ObjectId) -> Result<bool, Failure> {
        let scope = ListingScope {
            bucket: object.bucket.clone(),
            prefix: object.key.clone(),
            exact: true,
            versions: object.version_id.is_some(),
        };
        let mut listing = ObjectListing::new(Arc::clone(self), scope);
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
        Err(Failure::new("TooManyVersions", message, Some("ask about that version by its ID")))
    }
}

/// A report names a key that does not exist, and may have meant another one.
fn written_otherwise(object: &ObjectId, other: &ObjectId) -> Failure {
    let message = format!(
        "asking for {object}: HEAD finds no such object, and there is {other}: the report may not write keys as S3 does"
    );
    Failure::new("UnclearKey", message, Some("ask about the object itself with `replaudit status`"))
}

/// HEAD does not find a key, and the list may have meant another one.
fn unclear(object: &ObjectId, failure: &Failure) -> Failure {
    let message = format!(
        "asking for {object}: HEAD finds no such object, and the server may have listed another key: {}",
        failure.message
    );
    let hint = "the server may encode keys in another way than its list says: name the object instead of its prefix";
    Failure::new("UnclearKey", message, Some(hint))
}

/// S3 lists versions and markers together, by key, newest first. Other servers list versions before markers.
fn merged(listed: impl ExactSizeIterator<Item = ListedObject>) -> Vec<ListedObject> {
    let mut page = Vec::with_capacity(listed.len());
    let (markers, versions): (Vec<ListedObject>, Vec<ListedObject>) = listed.partition(|one| one.delete_marker);
    let (mut versions, mut markers) = (versions.into_iter().peekable(), markers.into_iter().peekable());
    loop {
        let next = match (versions.peek(), markers.peek()) {
            (Some(version), Some(marker)) => {
                let newest_first = marker.last_modified.cmp(&version.last_modified).reverse();
                match marker.object.key.cmp(&version.object.key).then(newest_first) {
                    Ordering::Less => markers.next(),
                    Ordering::Equal | Ordering::Greater => versions.next(),
                }
            }
            (Some(_), None) => versions.next(),
            (None, _) => markers.next(),
        };
        match next {
            Some(next) => page.push(next),
            None => return page,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_markers_come_by_key_and_the_newest_first() {
        let bucket = Bucket::new("src").unwrap();
        let entry = |key: &str, id: &str, at: i64, delete_marker| ListedObject {
            object: ObjectId { bucket: bucket.clone(), key: key.to_owned(), version_id: VersionId::new(id).ok() },
            delete_marker,
            last_modified: Timestamp::from_second(at).ok(),
            listed: None,
        };
        let version = |key, id, at| entry(key, id, at, false);
        let marker = |key, id, at| entry(key, id, at, true);
        let apart = vec![
            version("p/a", "3", 3),
            version("p/a", "1", 1),
            version("p/c", "5", 1),
            marker("p/a", "2", 2),
            marker("p/b", "4", 9),
        ];
        let together = [0, 3, 1, 4, 2].map(|at: usize| apart[at].clone()).to_vec();
        for entries in [apart, together] {
            let page = merged(entries.into_iter());
            let shown: Vec<String> = page.iter().map(|one| format!("{} {}", one.object, one.delete_marker)).collect();
            assert_eq!(
                shown,
                [
                    "s3://src/p/a (version 3) false",
                    "s3://src/p/a (version 2) true",
                    "s3://src/p/a (version 1) false",
                    "s3://src/p/b (version 4) true",
                    "s3://src/p/c (version 5) false",
                ]
            );
        }
    }
}
