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
    /// Whether the page must begin with the first key.
    pub is_first: bool,
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

    /// Decodes a key or common prefix, which must begin with the requested prefix.
    pub(crate) fn listed(self, text: &str, request: &ListRequest<'_>) -> Result<String, AnswerError> {
        let key = self.decode(text)?;
        match key.starts_with(request.prefix) {
            true => Ok(key),
            false => Err(AnswerError::Contradiction(format!("the list has {key:?}, which was not requested"))),
        }
    }
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
    if request.is_first {
        for name in ["Marker", "StartAfter", "ContinuationToken", "KeyMarker", "VersionIdMarker", "UploadIdMarker"] {
            if let Some(echo) = root.maybe_text(name)?
                && !echo.is_empty()
            {
                return Err(AnswerError::Contradiction(format!("the first page begins after {name} {echo:?}")));
            }
        }
    }
    Ok(())
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
