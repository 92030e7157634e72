//! When a lifecycle rule removes a version, as far as `x-amz-expiration` says.
//!
//! S3 removes an expired object some time after its expiry date, and HEAD finds it until then ("Expiring objects" in the S3
//! User Guide). So an expired replica proves nothing.

use jiff::Timestamp;

use super::properties::{http_date, quoted};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expiry {
    At(Timestamp),
    /// There is a rule, and the date can't be read.
    Unreadable,
}

impl Expiry {
    /// Reads the date of `expiry-date="Fri, 21 Dec 2012 00:00:00 GMT", rule-id="…"`.
    pub(crate) fn parse(header: &str) -> Self {
        quoted(header, "expiry-date").and_then(http_date).map_or(Self::Unreadable, Self::At)
    }

    pub(super) fn at(self) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(at),
            Self::Unreadable => None,
        }
    }

    /// Whether the version may be removed at any moment, and why.
    pub(super) fn may_be_over(self, now: Timestamp) -> Option<String> {
        match self {
            Self::At(at) if at > now => None,
            Self::At(at) => Some(format!("it expired at {at}")),
            Self::Unreadable => Some("its expiry date can't be read".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_that_is_past_or_can_t_be_read_may_be_over() {
        let now = Timestamp::from_second(1_356_048_000).unwrap();
        let table = [
            ("expiry-date=\"Fri, 21 Dec 2012 00:00:01 GMT\", rule-id=\"r\"", None),
            ("rule-id=\"r\", expiry-date=\"Sat, 22 Dec 2012 00:00:00 GMT\"", None),
            ("expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\"", Some("it expired at 2012-12-21T00:00:00Z")),
            ("expiry-date=\"soon\"", Some("its expiry date can't be read")),
            ("rule-id=\"r\"", Some("its expiry date can't be read")),
            ("", Some("its expiry date can't be read")),
        ];
        for (header, over) in table {
            let found = Expiry::parse(header);
            assert_eq!(found.may_be_over(now).as_deref(), over, "{header}");
            assert_eq!(found.at().is_none(), header.is_empty() || !header.contains("GMT"), "{header}");
        }
    }
}
