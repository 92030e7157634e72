//! What every page of a list must agree with: the question, and itself.

use s3_inventory::decode_key;

use super::element::Fields;
use super::unreadable::Unreadable;
use crate::model::Bucket;

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub(in crate::s3) struct Expected<'a> {
    pub(in crate::s3) bucket: &'a Bucket,
    pub(in crate::s3) prefix: &'a str,
    pub(in crate::s3) delimiter: Option<&'a str>,
}

/// How a page writes keys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Encoding {
    url: bool,
}

impl Encoding {
    /// Servers that know no encoding say nothing of one.
    pub(super) fn of(root: &Fields<'_>) -> Result<Self, Unreadable> {
        match root.maybe_word("EncodingType")?.as_deref() {
            None => Ok(Self { url: false }),
            Some("url") => Ok(Self { url: true }),
            Some(other) => Err(Unreadable::invalid("EncodingType", other)),
        }
    }

    pub(super) fn decode(self, text: &str) -> Result<String, Unreadable> {
        if !self.url {
            return Ok(text.to_owned());
        }
        let bytes = decode_key(text.as_bytes()).map(std::borrow::Cow::into_owned);
        let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        key.ok_or_else(|| Unreadable::invalid("encoded key", text))
    }

    /// A key or common prefix of the list, which must begin with the prefix that was asked for.
    pub(super) fn listed(self, text: &str, expected: &Expected<'_>) -> Result<String, Unreadable> {
        let key = self.decode(text)?;
        match key.starts_with(expected.prefix) {
            true => Ok(key),
            false => Err(Unreadable::Contradiction(format!("the list holds {key:?}, which was not asked for"))),
        }
    }
}

/// Refuses a page that answers another question. A server may leave out each of the echoes.
pub(super) fn check_echoes(root: &Fields<'_>, expected: &Expected<'_>, encoding: Encoding) -> Result<(), Unreadable> {
    // An access point may be answered with the name of its bucket.
    if let Some(name) = root.maybe_word("Name")?
        && name != expected.bucket.as_str()
        && !expected.bucket.is_access_point()
    {
        return Err(Unreadable::Contradiction(format!("the answer is a list of bucket {name}")));
    }
    for (name, asked) in [("Prefix", expected.prefix), ("Delimiter", expected.delimiter.unwrap_or_default())] {
        // Some servers encode keys and not the echoes.
        if let Some(echo) = root.maybe_text(name)?
            && echo != asked
            && encoding.decode(&echo).as_deref() != Ok(asked)
        {
            return Err(Unreadable::Contradiction(format!("the answer is a list with {name} {echo:?}")));
        }
    }
    Ok(())
}

/// Reads common prefixes, which come only where a delimiter was given.
pub(super) fn common_prefixes(
    root: &Fields<'_>,
    expected: &Expected<'_>,
    encoding: Encoding,
) -> Result<Vec<String>, Unreadable> {
    let mut prefixes = Vec::new();
    for common in root.all("CommonPrefixes") {
        if expected.delimiter.is_none() {
            let text = "the list groups keys by a delimiter that was not given";
            return Err(Unreadable::Contradiction(text.to_owned()));
        }
        prefixes.push(encoding.listed(&common.fields()?.one("Prefix")?.text()?, expected)?);
    }
    Ok(prefixes)
}

/// Whether more pages follow, and `token` with them: exactly then.
pub(super) fn next<T>(root: &Fields<'_>, token: Option<T>) -> Result<Option<T>, Unreadable> {
    match (root.one("IsTruncated")?.flag()?, token) {
        (false, None) => Ok(None),
        (true, Some(token)) => Ok(Some(token)),
        (true, None) => {
            Err(Unreadable::Contradiction("the list continues, and the server does not say where".to_owned()))
        }
        (false, Some(_)) => {
            Err(Unreadable::Contradiction("the list ends, and the server says where it continues".to_owned()))
        }
    }
}

/// What a page of every kind may hold beside its entries.
pub(super) const COMMON: [&str; 7] =
    ["Name", "Prefix", "Delimiter", "EncodingType", "MaxKeys", "IsTruncated", "CommonPrefixes"];
