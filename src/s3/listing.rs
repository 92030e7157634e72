//! Lists of what is under a prefix, page by page: current objects, or every version and delete marker.
//!
//! "Listing object keys programmatically" and ListObjectVersions in the S3 documentation. Markers are opaque: some servers
//! hide more than a key in them.

use std::cmp::Ordering;
use std::sync::Arc;

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::EncodingType;
use jiff::Timestamp;

use super::head::timestamp;
use super::list::{decoded, unreadable};
use super::store::{Asked, S3Store};
use super::{ListPage, ListQuestion};
use crate::model::{Bucket, Failure, ObjectId, VersionId};

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Under {
    /// In which bucket.
    pub bucket: Bucket,
    /// Keys that begin so; the whole key where `exact`.
    pub prefix: String,
    /// Only the key that is exactly the prefix.
    pub exact: bool,
    /// Every version and every delete marker, not only current objects.
    pub versions: bool,
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The object; pinned to the version where versions are listed.
    pub object: ObjectId,
    /// Whether it is a delete marker.
    pub delete_marker: bool,
    /// When it was written, where versions are listed.
    pub last_modified: Option<Timestamp>,
}

/// A list under way.
#[derive(Debug)]
pub struct Listing {
    store: Arc<S3Store>,
    under: Under,
    next: Next,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Next {
    First,
    Keys(String),
    Versions { key: String, version_id: Option<String> },
    End,
}

impl Listing {
    /// A list that begins with the first page.
    #[must_use]
    pub fn new(store: Arc<S3Store>, under: Under) -> Self {
        Self { store, under, next: Next::First }
    }

    /// The next page; `None` after the last. A list that does not come to its end is a failure, never an end.
    ///
    /// # Errors
    /// S3 refused (`s3:ListBucket`, `s3:ListBucketVersions`), or the answer can't be relied on.
    pub async fn next(&mut self) -> Result<Option<Vec<Listed>>, Failure> {
        let before = self.next.clone();
        let (page, next) = match &before {
            Next::End => return Ok(None),
            Next::First if self.under.versions => self.versions(None).await?,
            Next::First => self.keys(None).await?,
            Next::Keys(token) => self.keys(Some(token)).await?,
            Next::Versions { key, version_id } => self.versions(Some((key, version_id.as_deref()))).await?,
        };
        if next == before {
            return Err(unreadable(self.question(), "the same page comes again"));
        }
        self.next = next;
        if self.under.exact {
            return Ok(Some(self.of_the_key(page)));
        }
        Ok(Some(page))
    }

    /// Leaves other keys out. The key itself comes before every other one that begins with it, so the first of those ends
    /// the list.
    fn of_the_key(&mut self, mut page: Vec<Listed>) -> Vec<Listed> {
        let listed = page.len();
        page.retain(|found| found.object.key == self.under.prefix);
        if page.len() < listed {
            self.next = Next::End;
        }
        page
    }

    fn question(&self) -> ListQuestion<'_> {
        let why = if self.under.versions { "which versions there are" } else { "which objects there are" };
        ListQuestion { bucket: &self.under.bucket, prefix: &self.under.prefix, delimiter: None, why }
    }

    async fn keys(&self, after: Option<&str>) -> Result<(Vec<Listed>, Next), Failure> {
        let ListPage { keys, next, .. } = self.store.list_page(self.question(), after).await?;
        let object = |key| ObjectId { bucket: self.under.bucket.clone(), key, version_id: None };
        let listed = |key| Listed { object: object(key), delete_marker: false, last_modified: None };
        Ok((keys.into_iter().map(listed).collect(), next.map_or(Next::End, Next::Keys)))
    }

    async fn versions(&self, after: Option<(&str, Option<&str>)>) -> Result<(Vec<Listed>, Next), Failure> {
        let question = self.question();
        let ListQuestion { bucket, prefix, why, .. } = question;
        let about = format!("s3://{bucket}/{prefix}");
        let asked = Asked { operation: "ListObjectVersions", about: &about, why };
        let (key_marker, id_marker) = after.unzip();
        let answer = self
            .store
            .follow(bucket, asked, |client| {
                client
                    .list_object_versions()
                    .bucket(bucket.as_str())
                    .prefix(prefix)
                    .set_key_marker(key_marker.map(str::to_owned))
                    .set_version_id_marker(id_marker.flatten().map(str::to_owned))
                    .encoding_type(EncodingType::Url)
                    .set_request_payer(self.store.request_payer.clone())
                    .set_expected_bucket_owner(self.store.expected_bucket_owner.clone())
                    .send()
            })
            .await;
        match answer {
            Ok(output) => read(&output, bucket, prefix).map_err(|cause| unreadable(question, &cause)),
            Err(raw) => {
                let attempt = format!("listing the versions of s3://{bucket}/{prefix}");
                Err(raw.failure(&attempt).needing("s3:ListBucketVersions", bucket))
            }
        }
    }
}

fn read(output: &ListObjectVersionsOutput, bucket: &Bucket, prefix: &str) -> Result<(Vec<Listed>, Next), String> {
    let encoding = output.encoding_type();
    let listed = |key: Option<&str>, id: Option<&str>, delete_marker, modified: Option<&_>| {
        let key = decoded(key.ok_or("a version without a key")?, prefix, encoding)?;
        // Where a server leaves the id out, it is that of the null version.
        let id = VersionId::new(id.filter(|id| !id.is_empty()).unwrap_or("null")).map_err(|error| error.to_string())?;
        let object = ObjectId { bucket: bucket.clone(), key, version_id: Some(id) };
        Ok(Listed { object, delete_marker, last_modified: modified.and_then(timestamp) })
    };
    let versions = output.versions().iter();
    let versions = versions.map(|one| listed(one.key(), one.version_id(), false, one.last_modified()));
    let markers = output.delete_markers().iter();
    let markers = markers.map(|one| listed(one.key(), one.version_id(), true, one.last_modified()));
    let page = merge(versions.collect::<Result<_, String>>()?, markers.collect::<Result<_, String>>()?);
    let key = output.next_key_marker().filter(|key| !key.is_empty());
    let next = match (output.is_truncated(), key) {
        (Some(false), _) | (None, None) => Next::End,
        (Some(true), None) => return Err("the list is cut off, and the server does not say how it goes on".to_owned()),
        (_, Some(key)) => Next::Versions {
            key: decoded(key, "", encoding)?,
            version_id: output.next_version_id_marker().filter(|id| !id.is_empty()).map(str::to_owned),
        },
    };
    Ok((page, next))
}

/// S3 lists versions and markers together, by key and the newest first; the SDK hands them out apart.
fn merge(versions: Vec<Listed>, markers: Vec<Listed>) -> Vec<Listed> {
    let mut page = Vec::with_capacity(versions.len() + markers.len());
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
    use aws_sdk_s3::primitives::DateTime;
    use aws_sdk_s3::types::{DeleteMarkerEntry, ObjectVersion};

    fn version(key: &str, id: &str, at: i64) -> ObjectVersion {
        ObjectVersion::builder().key(key).version_id(id).last_modified(DateTime::from_secs(at)).build()
    }

    fn marker(key: &str, id: &str, at: i64) -> DeleteMarkerEntry {
        DeleteMarkerEntry::builder().key(key).version_id(id).last_modified(DateTime::from_secs(at)).build()
    }

    #[test]
    fn versions_and_markers_come_by_key_and_the_newest_first() {
        let output = ListObjectVersionsOutput::builder()
            .versions(version("p/a", "3", 3))
            .versions(version("p/a", "1", 1))
            .versions(version("p/c%2B", "5", 1))
            .delete_markers(marker("p/a", "2", 2))
            .delete_markers(marker("p/b", "4", 9))
            .encoding_type(EncodingType::Url)
            .is_truncated(true)
            .next_key_marker("p/c%2B")
            .build();
        let (page, next) = read(&output, &Bucket::new("src").unwrap(), "p/").unwrap();
        let shown: Vec<String> = page.iter().map(|one| format!("{} {}", one.object, one.delete_marker)).collect();
        assert_eq!(
            shown,
            [
                "s3://src/p/a (version 3) false",
                "s3://src/p/a (version 2) true",
                "s3://src/p/a (version 1) false",
                "s3://src/p/b (version 4) true",
                "s3://src/p/c+ (version 5) false",
            ]
        );
        assert_eq!(next, Next::Versions { key: "p/c+".to_owned(), version_id: None });
    }

    #[test]
    fn what_can_not_be_relied_on_is_no_list() {
        let bucket = Bucket::new("src").unwrap();
        let cut_off = ListObjectVersionsOutput::builder().is_truncated(true).build();
        assert!(read(&cut_off, &bucket, "").is_err());
        let other = ListObjectVersionsOutput::builder().versions(version("q", "1", 1)).build();
        assert!(read(&other, &bucket, "p").is_err());
        let nameless = ListObjectVersionsOutput::builder().versions(ObjectVersion::builder().build()).build();
        assert!(read(&nameless, &bucket, "").is_err());
        let null = ObjectVersion::builder().key("k").build();
        let (page, next) = read(&ListObjectVersionsOutput::builder().versions(null).build(), &bucket, "").unwrap();
        assert!(page[0].object.version_id.as_ref().is_some_and(VersionId::is_null));
        assert_eq!(next, Next::End);
    }
}
