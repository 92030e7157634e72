//! The places to look for the replicas of an object: the destinations of the rules that apply, and those that the
//! caller names.

use s3_answers::Applying;

use super::NamedBy;
use crate::model::{Bucket, Failure};

/// A destination that the caller names, or the place of one that a rule names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct DestinationOption {
    pub bucket: Bucket,
    /// The Region to start from; the bucket's own is found from there.
    pub region: Option<String>,
    /// The server that has it, with its scheme; `None`: the one that has the source, or that of the profile.
    pub endpoint: Option<String>,
    /// The profile whose credentials are used; `None`: those of the source.
    pub profile: Option<String>,
}

/// A place to look for a replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReplicaLocation {
    Ask {
        at: DestinationOption,
        named_by: NamedBy,
        /// Whether only a rule names it, and it is not known whether that rule applies.
        unsure: bool,
    },
    /// A rule names it, but not the server that has it.
    Nowhere { bucket: String, why: Failure },
}

/// The destinations of the rules that apply to an object of `source`, and all that are `given`. A given one with the
/// name of a rule's bucket says where that bucket is; several given ones say that it is in several places.
pub(crate) fn replica_locations(
    source: &Bucket,
    applying: &Applying<'_>,
    given: &[DestinationOption],
) -> Vec<ReplicaLocation> {
    let sure = applying.rules.iter().map(|rule| (rule.destination.bucket.as_str(), false));
    let unsure = applying.unsure.iter().map(|rule| (rule.destination.bucket.as_str(), true));
    let mut locations: Vec<ReplicaLocation> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (text, unsure) in sure.chain(unsure) {
        let (name, remote) = name_of(text);
        if seen.contains(&name) || given.iter().any(|option| option.bucket.as_str() == name) {
            continue;
        }
        seen.push(name);
        let nowhere = |what: &str| ReplicaLocation::Nowhere {
            bucket: name.to_owned(),
            why: Failure::new(
                "DestinationUnknown",
                format!("a rule names {text:?} as its destination, {what}"),
                Some(&format!("say where it is: --destination {name},endpoint=URL")),
            ),
        };
        locations.push(match Bucket::new(name) {
            Err(_) => nowhere("which is not the name of a bucket"),
            Ok(_) if remote => nowhere("a bucket on a server that it does not name"),
            Ok(bucket) if bucket == *source => nowhere("which is the name of the source itself"),
            Ok(bucket) => ReplicaLocation::Ask {
                at: DestinationOption { bucket, region: None, endpoint: None, profile: None },
                named_by: NamedBy::Rule,
                unsure,
            },
        });
    }
    let by_a_rule = |bucket: &Bucket| {
        let mut rules = applying.rules.iter().chain(&applying.unsure);
        rules.any(|rule| name_of(&rule.destination.bucket).0 == bucket.as_str())
    };
    locations.extend(given.iter().map(|option| {
        let named_by = if by_a_rule(&option.bucket) { NamedBy::Rule } else { NamedBy::Option };
        ReplicaLocation::Ask { at: option.clone(), named_by, unsure: false }
    }));
    locations
}

/// The bucket in a rule's destination, and whether it is on a server that is named only by an id: MinIO and RustFS
/// write
/// `arn:minio:replication:REGION:ID:BUCKET`.
fn name_of(text: &str) -> (&str, bool) {
    let mut parts = text.splitn(6, ':');
    match (parts.next(), parts.next(), parts.next(), parts.nth(2)) {
        (Some("arn"), Some(_), Some("replication"), Some(bucket)) => (bucket, true),
        _ => (text, false),
    }
}

/// Whether two endpoints are one server, as far as their names tell; `None` is AWS, where a bucket's name is the same
/// bucket at every endpoint.
pub(crate) fn same_endpoint(one: Option<&str>, other: Option<&str>) -> bool {
    server(one) == server(other)
}

/// Whether an object of one bucket can't be an object of the other, as far as their names show it.
///
/// On AWS a name is one bucket. Elsewhere two names at one endpoint are taken for two buckets, but two endpoints may be
/// one server: a port may be forwarded, and a host has many names.
pub(crate) fn are_apart(one: (&Bucket, Option<&str>), other: (&Bucket, Option<&str>)) -> bool {
    one.0 != other.0 && spelled(one.1) == spelled(other.1)
}

/// The same, with one name for all the names of this machine.
fn server(endpoint: Option<&str>) -> Option<(String, String, String)> {
    let (host, port, path) = spelled(endpoint)?;
    let here = ["localhost", "0.0.0.0", "[::1]", "[::]"].contains(&host.as_str()) || host.starts_with("127.");
    Some((if here { "localhost".to_owned() } else { host }, port, path))
}

/// Host, port and path in one spelling; an endpoint of AWS has none of them.
fn spelled(endpoint: Option<&str>) -> Option<(String, String, String)> {
    let url = endpoint?.to_ascii_lowercase();
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", &url));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        // The colons of an IPv6 address are followed by its bracket.
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (authority, ""),
    };
    let host = host.trim_end_matches('.');
    if [".amazonaws.com", ".amazonaws.com.cn"].iter().any(|end| host.ends_with(end)) {
        return None;
    }
    let port = match (port, scheme) {
        ("", "http") => "80",
        ("", _) => "443",
        (port, _) => port,
    };
    Some((host.to_owned(), port.to_owned(), path.trim_matches('/').to_owned()))
}

#[cfg(test)]
mod tests {
    use s3_answers::{ReplicationRule, ReplicationRules, Subject};

    use super::*;

    fn option(bucket: &str, endpoint: Option<&str>) -> DestinationOption {
        let bucket = Bucket::new(bucket).unwrap();
        DestinationOption { bucket, region: None, endpoint: endpoint.map(str::to_owned), profile: None }
    }

    /// Each location as `bucket`, `bucket?` where unsure, `bucket+` where no rule names it, `bucket!` where it can't be
    /// found; then the endpoint.
    fn found(rules: &[&str], unsure: &[&str], given: &[DestinationOption]) -> Vec<String> {
        let tagged = |bucket: &&str| {
            let mut rule = ReplicationRule::to(bucket);
            rule.scope.tags = vec![("team".to_owned(), "a".to_owned())];
            rule
        };
        let rules = rules.iter().map(|bucket| ReplicationRule::to(bucket)).chain(unsure.iter().map(tagged)).collect();
        let rules = ReplicationRules { rules, ..ReplicationRules::default() };
        let applying = rules.applying(&Subject { key: "k", tags: None, encryption: Some("") });
        let word = |location: ReplicaLocation| match location {
            ReplicaLocation::Ask { at, named_by, unsure } => {
                let mark = match named_by {
                    _ if unsure => "?",
                    NamedBy::Rule => "",
                    NamedBy::Option | NamedBy::OptionOnly => "+",
                };
                format!("{}{mark}{}", at.bucket, at.endpoint.map(|e| format!(" at {e}")).unwrap_or_default())
            }
            ReplicaLocation::Nowhere { bucket, .. } => format!("{bucket}!"),
        };
        replica_locations(&Bucket::new("src").unwrap(), &applying, given).into_iter().map(word).collect()
    }

    #[test]
    fn rules_and_given_destinations_are_put_together() {
        let far = || option("dst", Some("http://far"));
        type Names<'a> = &'a [&'a str];
        // Rules that apply and that may, what was given, and where to look.
        let table: [(Names<'_>, Names<'_>, Vec<DestinationOption>, Names<'_>); 14] = [
            (&[], &[], vec![], &[]),
            (&["dst"], &[], vec![], &["dst"]),
            (&["dst", "other"], &[], vec![], &["dst", "other"]),
            (&[], &["dst"], vec![], &["dst?"]),
            (&["dst"], &["other"], vec![], &["dst", "other?"]),
            (&["dst"], &[], vec![far()], &["dst at http://far"]),
            (&["dst"], &[], vec![far(), option("dst", Some("http://b"))], &["dst at http://far", "dst at http://b"]),
            (&["dst"], &[], vec![option("new", None)], &["dst", "new+"]),
            (&[], &["dst"], vec![far()], &["dst at http://far"]),
            (&["src"], &[], vec![], &["src!"]),
            (&["src"], &[], vec![option("src", Some("http://far"))], &["src at http://far"]),
            (&["arn:minio:replication::1b3:dst"], &[], vec![], &["dst!"]),
            (&["arn:minio:replication::1b3:dst"], &[], vec![far()], &["dst at http://far"]),
            (&["arn:aws:s3:eu-west-1:1:accesspoint/x"], &[], vec![], &["arn:aws:s3:eu-west-1:1:accesspoint/x!"]),
        ];
        for (rules, unsure, given, expected) in table {
            assert_eq!(found(rules, unsure, &given), expected, "{rules:?} {unsure:?} {given:?}");
        }
    }

    #[test]
    fn two_buckets_are_known_to_differ_only_on_one_server() {
        let (a, b) = (Bucket::new("aaa").unwrap(), Bucket::new("bbb").unwrap());
        let here = Some("http://127.0.0.1:9000");
        let table = [
            (None, None, true),
            (None, Some("https://s3.eu-west-1.amazonaws.com"), true),
            (here, here, true),
            (here, Some("HTTP://127.0.0.1:9000/"), true),
            (here, Some("http://localhost:9000"), false),
            (here, Some("http://0.0.0.0:9000"), false),
            (here, Some("http://127.0.0.1:9001"), false),
            (here, None, false),
            (Some("http://s3.example.com"), Some("https://s3.example.com"), false),
        ];
        for (one, other, apart) in table {
            assert_eq!(are_apart((&a, one), (&b, other)), apart, "{one:?} {other:?}");
            assert_eq!(are_apart((&b, other), (&a, one)), apart, "{one:?} {other:?}");
            assert!(!are_apart((&a, one), (&a, other)), "{one:?} {other:?}");
        }
    }

    #[test]
    fn one_server_has_many_names() {
        let same = [
            (None, None),
            (None, Some("https://s3.eu-west-1.amazonaws.com")),
            (Some("https://s3.amazonaws.com"), Some("http://bucket.vpce-1.s3.us-east-1.vpce.amazonaws.com/")),
            (Some("http://127.0.0.1:9000"), Some("http://localhost:9000/")),
            (Some("http://0.0.0.0:9000"), Some("http://127.1:9000/")),
            (Some("http://[::1]:9000"), Some("http://LOCALHOST:9000")),
            (Some("https://s3.example.com"), Some("https://S3.example.com.:443")),
            (Some("http://u:p@s3.example.com"), Some("http://s3.example.com:80//")),
        ];
        for (one, other) in same {
            assert!(same_endpoint(one, other) && same_endpoint(other, one), "{one:?} {other:?}");
        }
        let apart = [
            (None, Some("http://localhost:9000")),
            (Some("http://localhost:9000"), Some("http://localhost:9001")),
            (Some("https://a.example.com"), Some("https://b.example.com")),
            (Some("https://gw.example.com/a"), Some("https://gw.example.com/b")),
            (Some("https://amazonaws.com.example.com"), None),
        ];
        for (one, other) in apart {
            assert!(!same_endpoint(one, other) && !same_endpoint(other, one), "{one:?} {other:?}");
        }
    }
}
