//! ListObjects, ListObjectsV2, ListObjectVersions: one walk over the keys, three answers.
//!
//! Common prefixes are jumped over rather than counted out, so that a list of a million keys
//! with a delimiter costs only what it shows.

use std::ops::Bound;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};

use super::buckets::bucket;
use super::{Service, stamp};
use crate::errors::bad_version_id;
use crate::store::{BucketState, Store, Version, VersionId, current};
use crate::text::form_encoded;

fn encoded(text: &str, url: bool) -> String {
    if url { form_encoded(text) } else { text.to_owned() }
}

/// Where a walk begins, and how it folds keys.
struct KeyWalk<'a> {
    prefix: &'a str,
    delimiter: Option<&'a str>,
    /// Keys up to and including this one are done, and common prefixes too.
    after: Option<&'a str>,
    limit: usize,
}

impl<'a> KeyWalk<'a> {
    fn new(prefix: Option<&'a str>, delimiter: Option<&'a str>, after: Option<&'a str>, limit: usize) -> Self {
        Self { prefix: prefix.unwrap_or(""), delimiter: delimiter.filter(|text| !text.is_empty()), after, limit }
    }
}

enum ListedName<'a> {
    Key(&'a str, &'a [Version]),
    Prefix(String),
}

/// Visits keys and common prefixes in order until the visitor says enough.
fn walk<'a>(bucket: &'a BucketState, walk: &KeyWalk<'_>, mut visit: impl FnMut(ListedName<'a>) -> bool) {
    let mut from: Bound<String> = match walk.after {
        Some(after) if after >= walk.prefix => Bound::Excluded(after.to_owned()),
        _ => Bound::Included(walk.prefix.to_owned()),
    };
    // A marker that is a common prefix means everything under it is done.
    if let (Some(after), Some(delimiter)) = (walk.after, walk.delimiter)
        && after.ends_with(delimiter)
        && after.starts_with(walk.prefix)
        && after.len() > walk.prefix.len()
    {
        from = Bound::Included(format!("{after}\u{10FFFF}"));
    }
    'jump: loop {
        let range = (from.as_ref().map(String::as_str), Bound::Unbounded);
        for (key, versions) in bucket.objects.range::<str, _>(range) {
            let Some(rest) = key.strip_prefix(walk.prefix) else { return };
            let folded = walk.delimiter.and_then(|delimiter| {
                let end = rest.find(delimiter)? + delimiter.len();
                Some(&key[..walk.prefix.len() + end])
            });
            match folded {
                None => {
                    if !visit(ListedName::Key(key, versions)) {
                        return;
                    }
                }
                Some(common) => {
                    if !visit(ListedName::Prefix(common.to_owned())) {
                        return;
                    }
                    from = Bound::Included(format!("{common}\u{10FFFF}"));
                    continue 'jump;
                }
            }
        }
        return;
    }
}

/// One page of a list: it ends before the entry that would be one too many.
struct Page {
    limit: usize,
    shown: usize,
    prefixes: Vec<CommonPrefix>,
    last: Option<(String, Option<VersionId>)>,
    /// The last name shown, where there is more.
    next: Option<(String, Option<VersionId>)>,
}

impl Page {
    fn new(limit: usize) -> Self {
        Self { limit, shown: 0, prefixes: Vec::new(), last: None, next: None }
    }

    /// Counts an entry; false if the page is full.
    fn takes(&mut self, name: &str, id: Option<VersionId>) -> bool {
        if self.shown >= self.limit {
            self.next = self.last.take();
            return false;
        }
        self.shown += 1;
        self.last = Some((name.to_owned(), id));
        true
    }

    fn takes_prefix(&mut self, common: &str, url: bool) -> bool {
        let taken = self.takes(common, None);
        if taken {
            self.prefixes.push(CommonPrefix { prefix: Some(encoded(common, url)) });
        }
        taken
    }
}

fn page_of_keys(bucket: &BucketState, how: &KeyWalk<'_>, url: bool, owner: bool) -> (Page, Vec<Object>) {
    let (mut page, mut contents) = (Page::new(how.limit), Vec::new());
    if how.limit > 0 {
        walk(bucket, how, |step| match step {
            ListedName::Key(key, versions) => match current(versions).filter(|version| !version.marker) {
                Some(version) if page.takes(key, None) => {
                    contents.push(object(bucket, key, version, url, owner));
                    true
                }
                found => found.is_none(),
            },
            // A common prefix shows only if something alive is below it; found out on the way.
            ListedName::Prefix(common) => !alive_below(bucket, &common) || page.takes_prefix(&common, url),
        });
    }
    (page, contents)
}

fn alive_below(bucket: &BucketState, prefix: &str) -> bool {
    bucket
        .objects
        .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
        .take_while(|(key, _)| key.starts_with(prefix))
        .any(|(_, versions)| current(versions).is_some_and(|version| !version.marker))
}

fn owner_of(bucket: &BucketState) -> Owner {
    Owner {
        display_name: None,
        // A canonical id has 64 hex digits; ours begins with the account.
        id: Some(format!("{:0<64}", bucket.settings.owner)),
    }
}

fn class(version: &Version) -> String {
    version.extra().storage_class.clone().unwrap_or_else(|| "STANDARD".to_owned())
}

fn object(bucket: &BucketState, key: &str, version: &Version, url: bool, owner: bool) -> Object {
    Object {
        e_tag: Some(ETag::Strong(version.etag.to_string())),
        key: Some(encoded(key, url)),
        last_modified: Some(stamp(version.modified)),
        owner: owner.then(|| owner_of(bucket)),
        size: Some(version.body.len() as i64),
        storage_class: Some(class(version).into()),
        ..Default::default()
    }
}

/// What a page says that it may hold, and what it holds at most: a server may send less than was asked for.
fn limit(store: &Store, max_keys: Option<i32>) -> S3Result<(i32, usize)> {
    let asked = max_keys.unwrap_or(1000);
    let limit = usize::try_from(asked)
        .map_err(|_| s3_error!(InvalidArgument, "Argument max-keys must be an integer between 0 and 2147483647"))?;
    Ok((asked.min(1000), limit.min(store.page)))
}

/// Continuation tokens are opaque; the mark keeps clients from passing keys instead.
const TOKEN: &str = "1/";

fn token(key: &str) -> String {
    format!("{TOKEN}{}", utf8_percent_encode(key, NON_ALPHANUMERIC))
}

fn read_token(token: &str) -> S3Result<String> {
    token
        .strip_prefix(TOKEN)
        .and_then(|rest| percent_encoding::percent_decode_str(rest).decode_utf8().ok().map(Into::into))
        .ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
}

impl Service {
    pub(super) fn list_objects_v2(&self, req: S3Request<ListObjectsV2Input>) -> S3Result<ListObjectsV2Output> {
        let input = req.input;
        let store = self.world.read();
        let bucket = bucket(&store, &input.bucket)?;
        let url = input.encoding_type.is_some();
        let (max_keys, limit) = limit(&store, input.max_keys)?;
        let continued = input.continuation_token.as_deref().map(read_token).transpose()?;
        let after = continued.as_deref().or(input.start_after.as_deref());
        let how = KeyWalk::new(input.prefix.as_deref(), input.delimiter.as_deref(), after, limit);
        let (page, contents) = page_of_keys(bucket, &how, url, input.fetch_owner.unwrap_or(false));
        Ok(ListObjectsV2Output {
            key_count: Some(page.shown as i32),
            is_truncated: Some(page.next.is_some()),
            next_continuation_token: page.next.map(|(name, _)| token(&name)),
            contents: Some(contents),
            common_prefixes: Some(page.prefixes),
            continuation_token: input.continuation_token,
            delimiter: input.delimiter.as_deref().map(|text| encoded(text, url)),
            encoding_type: input.encoding_type,
            max_keys: Some(max_keys),
            prefix: Some(encoded(how.prefix, url)),
            name: Some(input.bucket),
            start_after: input.start_after.map(|text| encoded(&text, url)),
            ..Default::default()
        })
    }

    pub(super) fn list_objects(&self, req: S3Request<ListObjectsInput>) -> S3Result<ListObjectsOutput> {
        let input = req.input;
        let store = self.world.read();
        let bucket = bucket(&store, &input.bucket)?;
        let url = input.encoding_type.is_some();
        let (max_keys, limit) = limit(&store, input.max_keys)?;
        let after = input.marker.as_deref().filter(|marker| !marker.is_empty());
        let how = KeyWalk::new(input.prefix.as_deref(), input.delimiter.as_deref(), after, limit);
        let (page, contents) = page_of_keys(bucket, &how, url, true);
        Ok(ListObjectsOutput {
            is_truncated: Some(page.next.is_some()),
            // Without a delimiter the client takes the last key, as S3 has it.
            next_marker: page.next.filter(|_| how.delimiter.is_some()).map(|(name, _)| encoded(&name, url)),
            contents: Some(contents),
            common_prefixes: Some(page.prefixes),
            delimiter: input.delimiter.as_deref().map(|text| encoded(text, url)),
            encoding_type: input.encoding_type,
            marker: Some(encoded(input.marker.as_deref().unwrap_or(""), url)),
            max_keys: Some(max_keys),
            prefix: Some(encoded(input.prefix.as_deref().unwrap_or(""), url)),
            name: Some(input.bucket),
            ..Default::default()
        })
    }

    pub(super) fn list_object_versions(
        &self,
        req: S3Request<ListObjectVersionsInput>,
    ) -> S3Result<ListObjectVersionsOutput> {
        let input = req.input;
        let store = self.world.read();
        let bucket = bucket(&store, &input.bucket)?;
        let url = input.encoding_type.is_some();
        let (max_keys, limit) = limit(&store, input.max_keys)?;
        let key_marker = input.key_marker.as_deref().filter(|text| !text.is_empty());
        let id_marker = input.version_id_marker.as_deref().filter(|text| !text.is_empty());
        let id_marker = match (key_marker, id_marker) {
            (None, Some(_)) => {
                return Err(s3_error!(
                    InvalidArgument,
                    "A version-id marker cannot be specified without a key marker."
                ));
            }
            (_, None) => None,
            (Some(_), Some(text)) => Some(VersionId::parse(text).ok_or_else(bad_version_id)?),
        };
        let how = KeyWalk::new(input.prefix.as_deref(), input.delimiter.as_deref(), key_marker, limit);
        let page = Page::new(limit);
        let mut shown = VersionPage { bucket, url, page, versions: Vec::new(), markers: Vec::new() };
        // The rest of the marker's own key comes before the keys after it.
        let open = match (key_marker, id_marker) {
            (Some(key), Some(id)) => match bucket.objects.get_key_value(key) {
                Some((key, versions)) => shown.key(key, versions, Some(id)),
                None => true,
            },
            _ => limit > 0,
        };
        if open {
            walk(bucket, &how, |step| match step {
                ListedName::Key(key, versions) => shown.key(key, versions, None),
                ListedName::Prefix(common) => shown.page.takes_prefix(&common, url),
            });
        }
        let (next_key, next_id) = shown.page.next.unzip();
        Ok(ListObjectVersionsOutput {
            common_prefixes: Some(shown.page.prefixes),
            delete_markers: Some(shown.markers),
            versions: Some(shown.versions),
            is_truncated: Some(next_key.is_some()),
            next_key_marker: next_key.map(|key| encoded(&key, url)),
            next_version_id_marker: next_id.flatten().map(|id: VersionId| id.as_str().to_owned()),
            delimiter: input.delimiter.as_deref().map(|text| encoded(text, url)),
            encoding_type: input.encoding_type,
            key_marker: Some(encoded(input.key_marker.as_deref().unwrap_or(""), url)),
            version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
            max_keys: Some(max_keys),
            prefix: Some(encoded(input.prefix.as_deref().unwrap_or(""), url)),
            name: Some(input.bucket),
            ..Default::default()
        })
    }
}

struct VersionPage<'a> {
    bucket: &'a BucketState,
    url: bool,
    page: Page,
    versions: Vec<ObjectVersion>,
    markers: Vec<DeleteMarkerEntry>,
}

impl VersionPage<'_> {
    /// Newest first; `after` is the last one shown on the page before.
    fn key(&mut self, key: &str, versions: &[Version], after: Option<VersionId>) -> bool {
        let newest = current(versions).map(|version| version.id);
        let mut passed = after.is_none();
        for version in versions.iter().rev().filter(|version| !version.hidden) {
            if !passed {
                passed = Some(version.id) == after;
                continue;
            }
            if !self.page.takes(key, Some(version.id)) {
                return false;
            }
            let is_latest = Some(Some(version.id) == newest);
            let common = (Some(encoded(key, self.url)), Some(stamp(version.modified)));
            let owner = Some(owner_of(self.bucket));
            let version_id = Some(version.id.as_str().to_owned());
            if version.marker {
                self.markers.push(DeleteMarkerEntry {
                    is_latest,
                    key: common.0,
                    last_modified: common.1,
                    owner,
                    version_id,
                });
            } else {
                self.versions.push(ObjectVersion {
                    e_tag: Some(ETag::Strong(version.etag.to_string())),
                    is_latest,
                    key: common.0,
                    last_modified: common.1,
                    owner,
                    size: Some(version.body.len() as i64),
                    storage_class: Some(class(version).into()),
                    version_id,
                    ..Default::default()
                });
            }
        }
        true
    }
}
