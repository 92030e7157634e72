//! Everything that decides which bucket a name means. A journal is valid only for the same connection.
//!
//! Two servers, two accounts of one server, or two partitions of AWS may each have a bucket of the same name. A journal that
//! was written at one of them says nothing about the other.

use serde::{Deserialize, Serialize};

/// How the S3 of a run is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Connection {
    /// The server, where it is not AWS; without user and password.
    pub endpoint: Option<String>,
    /// The Region that the run starts from: it names the partition of AWS.
    pub region: String,
    /// `path` or `virtual`.
    pub addressing_style: String,
    /// Whether the requester pays.
    pub request_payer: bool,
    /// `--expected-bucket-owner`.
    pub expected_bucket_owner: Option<String>,
    /// Whose signature the requests carry, as far as that is known without a request; stable while a session is renewed.
    pub signing: String,
}

/// What differs between two connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConnectionDifference {
    /// The option, in words.
    pub what: &'static str,
    /// What it was.
    pub before: String,
    /// What it is.
    pub now: String,
}

impl Connection {
    /// The first thing in which `now` differs from this connection.
    pub(crate) fn difference(&self, now: &Self) -> Option<ConnectionDifference> {
        let pairs = self.shown().into_iter().zip(now.shown());
        pairs
            .filter(|((_, before), (_, now))| before != now)
            .map(|((what, before), (_, now))| ConnectionDifference { what, before, now })
            .next()
    }

    /// Every part with its name. A field that is added is missed by no comparison: the pattern names all of them.
    fn shown(&self) -> [(&'static str, String); 6] {
        let Self { endpoint, region, addressing_style, request_payer, expected_bucket_owner, signing } = self;
        let or = |text: &Option<String>, none: &str| text.clone().unwrap_or_else(|| none.to_owned());
        [
            ("endpoint", or(endpoint, "AWS")),
            ("Region", region.clone()),
            ("addressing style", addressing_style.clone()),
            ("request payer", if *request_payer { "requester" } else { "owner" }.to_owned()),
            ("expected bucket owner", or(expected_bucket_owner, "any")),
            ("signing", signing.clone()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deletion::fixtures::connection_to_aws as aws;

    #[test]
    fn every_part_counts() {
        assert_eq!(aws().difference(&aws()), None);
        type ConnectionChange = fn(&mut Connection);
        let table: [(&str, ConnectionChange); 6] = [
            ("endpoint", |c| c.endpoint = Some("http://host".to_owned())),
            ("Region", |c| c.region = "cn-north-1".to_owned()),
            ("addressing style", |c| c.addressing_style = "path".to_owned()),
            ("request payer", |c| c.request_payer = true),
            ("expected bucket owner", |c| c.expected_bucket_owner = Some("111122223333".to_owned())),
            ("signing", |c| c.signing = "account 111122223333".to_owned()),
        ];
        for (what, change) in table {
            let mut other = aws();
            change(&mut other);
            let difference = aws().difference(&other).unwrap();
            assert_eq!((difference.what, other.difference(&aws()).unwrap().what), (what, what));
            assert_ne!(difference.before, difference.now);
        }
    }
}
