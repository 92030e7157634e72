//! What every page of a list must agree with: the request, and itself.

use crate::address::Bucket;
use crate::element::Fields;
use crate::error::AnswerError;
use crate::form::form_decoded;

/// What a list was asked for: a page must agree with it.
#[derive(Debug, Clone, Copy)]
pub struct ListRequest<'a> {
    /// The bucket, as the request named it.
    pub bucket: &'a Bucket,
    /// The prefix of keys; empty for every key.
    pub prefix: &'a str,
    /// The delimiter of common prefixes.
    pub delimiter: Option<&'a str>,
}

/// How a page writes keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Encoding {
    url: bool,
}

impl Encoding {
    /// Servers that know no encoding say nothing of one.
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

    /// A key or common prefix of the list, which must begin with the prefix that was asked for.
    pub(crate) fn listed(self, text: &str, request: &ListRequest<'_>) -> Result<String, AnswerError> {
        let key = self.decode(text)?;
        match key.starts_with(request.prefix) {
            true => Ok(key),
            false => Err(AnswerError::Contradiction(format!("the list holds {key:?}, which was not asked for"))),
        }
    }
}

/// Refuses a page that answers another request. A server may leave out each of the echoes.
pub(crate) fn check_echoes(
    root: &Fields<'_>,
    request: &ListRequest<'_>,
    encoding: Encoding,
) -> Result<(), AnswerError> {
    // An access point may be answered with the name of its bucket.
    if let Some(name) = root.maybe_word("Name")?
        && name != request.bucket.as_str()
        && !request.bucket.is_access_point()
    {
        return Err(AnswerError::Contradiction(format!("the answer is a list of bucket {name}")));
    }
    for (name, asked) in [("Prefix", request.prefix), ("Delimiter", request.delimiter.unwrap_or_default())] {
        // Some servers encode keys and not the echoes.
        if let Some(echo) = root.maybe_text(name)?
            && echo != asked
            && encoding.decode(&echo).as_deref() != Ok(asked)
        {
            return Err(AnswerError::Contradiction(format!("the answer is a list with {name} {echo:?}")));
        }
    }
    Ok(())
}

/// Reads common prefixes, which come only if a delimiter was given.
pub(crate) fn common_prefixes(
    root: &Fields<'_>,
    request: &ListRequest<'_>,
    encoding: Encoding,
) -> Result<Vec<String>, AnswerError> {
    let mut prefixes = Vec::new();
    for common in root.all("CommonPrefixes") {
        if request.delimiter.is_none() {
            let text = "the list groups keys by a delimiter that was not given";
            return Err(AnswerError::Contradiction(text.to_owned()));
        }
        prefixes.push(encoding.listed(&common.fields()?.one("Prefix")?.text()?, request)?);
    }
    Ok(prefixes)
}

/// What a page of each kind may hold besides its entries.
pub(crate) const COMMON: [&str; 7] =
    ["Name", "Prefix", "Delimiter", "EncodingType", "MaxKeys", "IsTruncated", "CommonPrefixes"];
