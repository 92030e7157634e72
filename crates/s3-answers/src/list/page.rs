//! Checks that are common to the pages of all lists.

use crate::address::Bucket;
use crate::element::Fields;
use crate::error::AnswerError;
use crate::form::form_decoded;

/// The request for a list. Pages must match it.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the fields have S3's names")]
pub struct ListRequest<'a> {
    pub bucket: &'a Bucket,
    /// Empty for every key.
    pub prefix: &'a str,
    pub delimiter: Option<&'a str>,
    pub start: PageStart<'a>,
}

/// Where a page must begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageStart<'a> {
    /// With the first key.
    FirstKey,
    /// After this continuation token of ListObjectsV2.
    Token(&'a str),
    /// After this marker of ListObjectVersions.
    Marker(&'a VersionMarker),
}

/// The start of a page of ListObjectVersions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VersionMarker {
    /// `key-marker` of the next request.
    pub key: String,
    /// `version-id-marker` of the next request.
    pub version_id: String,
}

impl PageStart<'_> {
    /// The text of the request that the answer may echo under this name; `None` if the answer may echo anything.
    ///
    /// Some servers echo the token of a later page as a key. CloudServer echoes `VersionIdMarker` in its internal form.
    fn requested(&self, name: &str) -> Option<&str> {
        match (self, name) {
            (Self::FirstKey, _) => Some(""),
            (Self::Token(token), "ContinuationToken") => Some(token),
            (Self::Marker(marker), "KeyMarker") => Some(&marker.key),
            (Self::Token(_) | Self::Marker(_), _) => None,
        }
    }
}

/// How a page encodes keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Encoding {
    url: bool,
}

impl Encoding {
    /// Servers that do not support encoding omit the element.
    pub(crate) fn of(root: &Fields<'_>) -> Result<Self, AnswerError> {
        match root.maybe_word("EncodingType")?.as_deref() {
            None => Ok(Self { url: false }),
            Some("url") => Ok(Self { url: true }),
            Some(other) => Err(AnswerError::invalid("EncodingType", other)),
        }
    }

    pub(crate) fn decode(self, text: &str) -> Result<String, AnswerError> {
        if !self.url {
            return Ok(text.to_owned());
        }
        form_decoded(text).ok_or_else(|| AnswerError::invalid("encoded key", text))
    }

    /// The key with which the next request must continue the list after these last keys.
    ///
    /// S3 encodes `NextKeyMarker` as it encodes keys. Ceph encodes the keys, and sends the marker as it is.
    pub(crate) fn marker<'k>(self, text: String, last: impl Iterator<Item = &'k str>) -> Result<String, AnswerError> {
        let decoded = self.decode(&text);
        if decoded.as_deref() == Ok(&text) {
            return Ok(text);
        }
        let last: Vec<&str> = last.collect();
        // MinIO adds `[minio_cache:…]` to the key.
        let is_end = |rest: &str| rest.is_empty() || rest.starts_with('[');
        let fits = |marker: &str| last.iter().any(|key| marker.strip_prefix(key).is_some_and(is_end));
        match (last.contains(&text.as_str()), decoded) {
            (true, Ok(decoded)) if last.contains(&decoded.as_str()) => Err(two_readings(&text)),
            (true, _) => Ok(text),
            (false, Ok(decoded)) if fits(&decoded) => Ok(decoded),
            (false, _) => Err(two_readings(&text)),
        }
    }

    /// Decodes a key or common prefix, which must begin with the requested prefix.
    pub(crate) fn listed(self, text: &str, request: &ListRequest<'_>) -> Result<String, AnswerError> {
        let key = self.decode(text)?;
        match key.starts_with(request.prefix) {
            true => Ok(key),
            false => Err(AnswerError::Contradiction(format!("the list has {key:?}, which was not requested"))),
        }
    }
}

fn two_readings(marker: &str) -> AnswerError {
    AnswerError::Contradiction(format!(
        "the list continues after {marker:?}, and it is not known whether that is encoded"
    ))
}

/// Refuses a page for another request. A server may omit each of the echoed values.
pub(crate) fn check_echoes(
    root: &Fields<'_>,
    request: &ListRequest<'_>,
    encoding: Encoding,
) -> Result<(), AnswerError> {
    // The answer for an access point may have the name of its bucket.
    if let Some(name) = root.maybe_word("Name")?
        && name != request.bucket.as_str()
        && !request.bucket.is_access_point()
    {
        return Err(AnswerError::Contradiction(format!("the answer is a list of bucket {name}")));
    }
    for (name, asked) in [("Prefix", request.prefix), ("Delimiter", request.delimiter.unwrap_or_default())] {
        // Some servers encode keys and not the echoed values.
        if let Some(echo) = root.maybe_text(name)?
            && echo != asked
            && encoding.decode(&echo).as_deref() != Ok(asked)
        {
            return Err(AnswerError::Contradiction(format!("the answer is a list with {name} {echo:?}")));
        }
    }
    for name in ["Marker", "StartAfter", "ContinuationToken", "KeyMarker", "VersionIdMarker", "UploadIdMarker"] {
        // An empty echo says nothing: some servers send every element.
        if let Some(asked) = request.start.requested(name)
            && let Some(echo) = root.maybe_text(name)?.filter(|echo| !echo.is_empty())
            && echo != asked
            && encoding.decode(&echo).as_deref() != Ok(asked)
        {
            let page = if asked.is_empty() { "the first page" } else { "the page" };
            return Err(AnswerError::Contradiction(format!(
                "{page} begins after {name} {echo:?}, which was not requested"
            )));
        }
    }
    Ok(())
}

/// The exact token of the next page, which may be a key with white space; `None` if there is only white space.
pub(crate) fn token(root: &Fields<'_>, name: &'static str) -> Result<Option<String>, AnswerError> {
    Ok(root.maybe_text(name)?.filter(|token| !token.trim_ascii().is_empty()))
}

/// Reads common prefixes, which are only valid if a delimiter was requested.
pub(crate) fn common_prefixes(
    root: &Fields<'_>,
    request: &ListRequest<'_>,
    encoding: Encoding,
) -> Result<Vec<String>, AnswerError> {
    let mut prefixes = Vec::new();
    for common in root.all("CommonPrefixes") {
        if request.delimiter.is_none() {
            return Err(AnswerError::contradiction("the list groups keys by a delimiter that was not requested"));
        }
        prefixes.push(encoding.listed(&common.fields()?.one("Prefix")?.text()?, request)?);
    }
    Ok(prefixes)
}

/// The elements of a page besides its entries.
pub(crate) const COMMON: [&str; 7] =
    ["Name", "Prefix", "Delimiter", "EncodingType", "MaxKeys", "IsTruncated", "CommonPrefixes"];
