//! The properties of an object that decide nothing and that the S3 console shows.
//!
//! Values stay as S3 gave them, hostile ones included. They are escaped where they are shown.

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// The headers of a HEAD answer that decide nothing (API Reference, HeadObject).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Properties {
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    pub content_language: Option<String>,
    pub content_disposition: Option<String>,
    pub cache_control: Option<String>,
    /// `Expires`, raw.
    pub expires: Option<String>,
    pub encryption: Option<String>,
    /// The KMS key, by ARN.
    pub kms_key_id: Option<String>,
    pub bucket_key: bool,
    /// Object Lock: GOVERNANCE or COMPLIANCE; absent also without `s3:GetObjectRetention`.
    pub lock_mode: Option<String>,
    /// Until when; absent also without `s3:GetObjectRetention`.
    pub retain_until: Option<Timestamp>,
    /// ON or OFF; absent also without `s3:GetObjectLegalHold`.
    pub legal_hold: Option<String>,
    /// ON or OFF; absent also without `s3:GetObjectRetention`.
    pub event_hold: Option<String>,
    /// How long the object is retained once the event hold ends, such as `7 days`.
    pub event_hold_duration: Option<String>,
    /// `x-amz-expiration`, raw: see [`Expiration`].
    pub expiration: Option<String>,
    /// `x-amz-restore`, raw: see [`Restore`].
    pub restore: Option<String>,
    pub archive_status: Option<String>,
    /// Algorithm and value, if the answer has them without a request.
    pub checksums: Vec<(&'static str, String)>,
    /// FULL_OBJECT or COMPOSITE.
    pub checksum_type: Option<String>,
    /// The number of parts of its upload, where S3 names it.
    pub parts: Option<u32>,
    /// The number of tags; S3 leaves it out for 0, and if the caller may not read them.
    pub tag_count: Option<u32>,
    pub website_redirect: Option<String>,
    /// Who pays for the request.
    pub request_charged: Option<String>,
    /// User metadata by name, without `x-amz-meta-`.
    pub metadata: Vec<(String, String)>,
    /// Entries of metadata that S3 could not put into headers.
    pub missing_metadata: u32,
    /// Whether only what says something about replication, locks and lifecycle is shown.
    pub is_brief: bool,
}

impl Properties {
    /// The entries that servers use for replication: Scality CloudServer's status and version ID of each site, and its
    /// mark of a replica that is replicated again.
    pub fn replication_words(&self) -> impl Iterator<Item = &(String, String)> {
        self.metadata.iter().filter(|(name, _)| is_replication_word(name, &self.metadata))
    }

    pub fn user_metadata(&self) -> impl Iterator<Item = &(String, String)> {
        self.metadata.iter().filter(|(name, _)| !is_replication_word(name, &self.metadata))
    }
}

const STATUS: &str = "-replication-status";

fn is_replication_word(name: &str, all: &[(String, String)]) -> bool {
    let status_of = |site: &str| all.iter().any(|(other, _)| other.strip_suffix(STATUS) == Some(site));
    name == "replica"
        || name.strip_suffix(STATUS).is_some_and(|site| !site.is_empty())
        // A user may choose such a name too; only with a status of the same site it is the server's.
        || name.strip_suffix("-version-id").is_some_and(|site| !site.is_empty() && status_of(site))
}

/// When a lifecycle rule will remove the object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expiration {
    pub at: Timestamp,
    pub rule: String,
}

impl Expiration {
    /// Reads `expiry-date="Fri, 21 Dec 2012 00:00:00 GMT", rule-id="…"`, the id percent-encoded.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let rule = quoted(header, "rule-id")?;
        let rule = percent_encoding::percent_decode_str(rule).decode_utf8().ok()?.into_owned();
        Some(Self { at: http_date(quoted(header, "expiry-date")?)?, rule })
    }
}

/// The restored copy of an archived object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Restore {
    Ongoing,
    /// The copy expires then.
    Until(Timestamp),
}

impl Restore {
    /// Reads `ongoing-request="true"`, or `ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"`.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        match quoted(header, "ongoing-request")? {
            "true" => Some(Self::Ongoing),
            "false" => Some(Self::Until(http_date(quoted(header, "expiry-date")?)?)),
            _ => None,
        }
    }
}

/// The value of `name="value"`.
pub(super) fn quoted<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = header;
    loop {
        let (before, after) = rest.split_once('=')?;
        let (value, more) = after.strip_prefix('"')?.split_once('"')?;
        if before.trim_start_matches([',', ' ']) == name {
            return Some(value);
        }
        rest = more;
    }
}

pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn expirations_are_read_or_ignored() {
        let date = "expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\"";
        let expires = |rule: &str| Some(Expiration { at: at("2012-12-21T00:00:00Z"), rule: rule.to_owned() });
        let table = [
            (format!("{date}, rule-id=\"picture-deletion-rule\""), expires("picture-deletion-rule")),
            (format!("rule-id=\"a%20b%2Fc\",{date}"), expires("a b/c")),
            (format!("{date}, rule-id=\"x=y, expiry-date=z\""), expires("x=y, expiry-date=z")),
            (format!("{date}, rule-id=\"%ff\""), None),
            (date.to_owned(), None),
            ("expiry-date=\"soon\", rule-id=\"x\"".to_owned(), None),
            ("expiry-date=\"Fri, 21 Dec 2012".to_owned(), None),
            (String::new(), None),
        ];
        for (header, expiration) in table {
            assert_eq!(Expiration::parse(&header), expiration, "{header}");
        }
    }

    #[test]
    fn restores_are_read_or_ignored() {
        let table = [
            ("ongoing-request=\"true\"", Some(Restore::Ongoing)),
            (
                "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\"",
                Some(Restore::Until(at("2012-12-21T00:00:00Z"))),
            ),
            ("ongoing-request=\"false\"", None),
            ("ongoing-request=\"perhaps\"", None),
            ("", None),
        ];
        for (header, restore) in table {
            assert_eq!(Restore::parse(header), restore, "{header}");
        }
    }

    #[test]
    fn words_of_servers_are_separated_from_metadata_of_users() {
        let names =
            ["replica", "zenko-replication-status", "zenko-version-id", "my-version-id", "owner", "-version-id"];
        let metadata = names.map(|name| (name.to_owned(), "x".to_owned())).to_vec();
        let properties = Properties { metadata, ..Properties::default() };
        let words: Vec<&str> = properties.replication_words().map(|(name, _)| name.as_str()).collect();
        assert_eq!(words, ["replica", "zenko-replication-status", "zenko-version-id"]);
        let users: Vec<&str> = properties.user_metadata().map(|(name, _)| name.as_str()).collect();
        assert_eq!(users, ["my-version-id", "owner", "-version-id"]);
    }
}
