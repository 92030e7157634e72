//! Reads the whole list before S3 is asked: after one invalid line, nothing is deleted. The list is kept in a temporary file,
//! so that a list of any length, also one that can be read only once, takes no memory.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};

use anyhow::{Context as _, Result};
use futures_util::{Stream, StreamExt};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Context;
use super::objects::{BadLines, ObjectSourceError, RequestedObject};
use super::own_files::{keeping, temporary_file};
use crate::deletion::SeenObjects;
use crate::model::{Bucket, ObjectId, VersionId, hex};
use crate::s3::{ListedObject, ListingScope};

/// A list that was read to its end.
#[derive(Debug)]
pub(super) struct GatheredList {
    file: File,
    /// Objects, each text once.
    pub(super) count: u64,
    /// The hash of all objects in their order.
    pub(super) hash: String,
    /// What was listed and has no object, beside others that have some.
    pub(super) empty: Vec<ListingScope>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum RequestKind {
    Named,
    Listed,
    Marker,
}

/// What the hash is made of.
type ListRecord<'a> = (RequestKind, Cow<'a, str>, Cow<'a, str>, Option<Cow<'a, str>>);
/// A line of the temporary file: also the text of a key in S3's list, if its reading is unclear.
type ListLine<'a> = (ListRecord<'a>, Option<Cow<'a, str>>);

/// Reads the whole list; `None` if a line is invalid, which was printed.
pub(super) async fn gather(
    mut found: impl Stream<Item = Result<RequestedObject, ObjectSourceError>> + Unpin,
    needs_version: bool,
    context: &Context,
) -> Result<Option<GatheredList>> {
    let mut out = BufWriter::with_capacity(64 << 10, temporary_file("list")?);
    let (mut seen, mut hash, mut count) = (SeenObjects::default(), Sha256::new(), 0);
    let (mut bad_lines, mut is_whole) = (BadLines::default(), true);
    let (mut line, mut empty) = (Vec::new(), Vec::new());
    while let Some(found) = found.next().await {
        let (kind, object, listed) = match found {
            Ok(RequestedObject::Named(object)) if needs_version && object.version_id.is_none() => {
                let text = format!("{object}: --permanent needs a version ID");
                bad_lines.tell_line(text, &context.printer);
                is_whole = false;
                continue;
            }
            Ok(RequestedObject::Named(object)) => (RequestKind::Named, object, None),
            Ok(RequestedObject::Listed(ListedObject { object, listed, .. })) => (RequestKind::Listed, object, listed),
            Ok(RequestedObject::Marker(ListedObject { object, .. })) => (RequestKind::Marker, object, None),
            Err(ObjectSourceError::Nothing(scope)) => {
                empty.push(scope);
                continue;
            }
            Err(broken) => {
                bad_lines.tell(&broken, &context.printer);
                is_whole = false;
                continue;
            }
        };
        // The same text twice is one order.
        if !seen.insert(&object) {
            continue;
        }
        line.clear();
        let version = object.version_id.as_ref().map(|version| version.as_str().into());
        let record: ListRecord<'_> = (kind, object.bucket.as_str().into(), object.key.as_str().into(), version);
        serde_json::to_writer(&mut line, &record)?;
        line.push(b'\n');
        hash.update(&line);
        line.clear();
        let kept: ListLine<'_> = (record, listed.map(Cow::Owned));
        serde_json::to_writer(&mut line, &kept)?;
        line.push(b'\n');
        out.write_all(&line).with_context(|| keeping("list"))?;
        count += 1;
    }
    if !is_whole {
        bad_lines.sum_up(&context.printer);
        context.printer.error("the list of objects was not read completely, so nothing was deleted");
        return Ok(None);
    }
    let file = out.into_inner().map_err(io::IntoInnerError::into_error).with_context(|| keeping("list"))?;
    Ok(Some(GatheredList { file, count, hash: hex(&hash.finalize()), empty }))
}

impl GatheredList {
    pub(super) fn objects(mut self) -> io::Result<impl Iterator<Item = io::Result<RequestedObject>>> {
        self.file.rewind()?;
        let mut lines = BufReader::with_capacity(64 << 10, self.file);
        let mut line = Vec::new();
        Ok(std::iter::from_fn(move || {
            line.clear();
            match lines.read_until(b'\n', &mut line) {
                Ok(0) => None,
                Ok(_) => Some(read(&line)),
                Err(error) => Some(Err(error)),
            }
        }))
    }
}

fn read(line: &[u8]) -> io::Result<RequestedObject> {
    let damaged =
        || io::Error::new(io::ErrorKind::InvalidData, "the temporary file of the list was changed by another program");
    let line: ListLine<'_> = serde_json::from_slice(line).map_err(|_| damaged())?;
    let ((kind, bucket, key, version), listed) = line;
    let listed = listed.map(Cow::into_owned);
    let object = ObjectId {
        bucket: Bucket::new(&bucket).map_err(|_| damaged())?,
        key: key.into_owned(),
        version_id: version.map(VersionId::new).transpose().map_err(|_| damaged())?,
    };
    Ok(match kind {
        RequestKind::Named => RequestedObject::Named(object),
        RequestKind::Listed => {
            RequestedObject::Listed(ListedObject { object, delete_marker: false, last_modified: None, listed })
        }
        RequestKind::Marker => {
            RequestedObject::Marker(ListedObject { object, delete_marker: true, last_modified: None, listed })
        }
    })
}

/// SHA-256 of a text, as hexadecimal digits.
pub(super) fn hash_of(text: &str) -> String {
    hex(&Sha256::digest(text))
}
