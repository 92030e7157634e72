//! The places to look for the replicas of an object: the destinations of the rules that apply, and those that the
//! caller names.

use s3_answers::{Applying, RuleDestination};

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

/// The destinations of the rules that apply to an object of `source` at `endpoint`, and all that are `given`. A given one
/// with the name of a rule's bucket says where that bucket is; several given ones say that it is in several places.
///
/// Rules may name several buckets with one name on several servers, or in several zones. Each of those needs a given one with
/// another server.
pub(crate) fn replica_locations(
    (source, endpoint): (&Bucket, Option<&str>),
    applying: &Applying<'_>,
    given: &[DestinationOption],
) -> Vec<ReplicaLocation> {
    let named = NamedDestination::of(applying);
    let mut locations: Vec<ReplicaLocation> = Vec::new();
    for (at, destination) in named.iter().enumerate() {
        let NamedDestination { text, name, remote, unsure, .. } = *destination;
        let servers = GivenServers::of(name, endpoint, given);
        let is_remote = |other: &&NamedDestination<'_>| other.name == name && other.remote;
        let (before, all) = (named[..at].iter().filter(is_remote).count(), named.iter().filter(is_remote).count());
        // With remote buckets of the name, a given one at the endpoint is for the bucket of that name there.
        let has_local = named.iter().any(|other| other.name == name && !other.remote);
        let places = if has_local { servers.elsewhere } else { servers.elsewhere + usize::from(servers.at_endpoint) };
        let is_given = match (remote, all) {
            (true, _) => before < places,
            (false, 0) => places > 0 || servers.at_endpoint,
            (false, _) => servers.at_endpoint,
        };
        if is_given {
            continue;
        }
        let nowhere = |what: &str, hint: &str| ReplicaLocation::Nowhere {
            bucket: name.to_owned(),
            why: Failure::new(
                "DestinationUnknown",
                format!("a rule names {text:?}{} as its destination, {what}", destination.at_site()),
                Bucket::new(name).ok().map(|bucket| format!("{hint}: --destination {bucket},endpoint=URL")).as_deref(),
            ),
        };
        let one = "say where it is";
        locations.push(match Bucket::new(name) {
            Err(_) => nowhere("which is not the name of a bucket", one),
            Ok(_) if remote && all > 1 => nowhere(
                &format!(
                    "one of {all} buckets of that name on servers that the rules do not name, and --destination gives {places} of the servers"
                ),
                &format!("say where they are, {all} times with another URL"),
            ),
            Ok(_) if remote => nowhere("a bucket on a server that it does not name", one),
            Ok(bucket) if bucket == *source => nowhere("which is the name of the source itself", one),
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
    locations.extend(applying.rules.iter().chain(&applying.unsure).filter_map(|rule| more_places(&rule.destination)));
    locations
}

/// A place for an element of a rule's destination that is not known: a replica may be somewhere that can't be looked up.
fn more_places(destination: &RuleDestination) -> Option<ReplicaLocation> {
    let element = destination.unknown.first()?;
    let bucket = name_of(&destination.bucket).0.to_owned();
    let text = format!(
        "the destination {bucket} of a rule has {element:?}, which replaudit does not know: the replicas may be in more places"
    );
    Some(ReplicaLocation::Nowhere { bucket, why: Failure::new("DestinationUnknown", text, None) })
}

/// A destination of the rules.
struct NamedDestination<'a> {
    /// As the rule has it.
    text: &'a str,
    site: Option<&'a str>,
    /// Its bucket.
    name: &'a str,
    /// Whether it is somewhere that the rule names only by an ID, a zone or a site.
    remote: bool,
    /// Whether it is not known if the rule applies.
    unsure: bool,
}

impl<'a> NamedDestination<'a> {
    /// Each place once.
    fn of(applying: &Applying<'a>) -> Vec<Self> {
        let all = || applying.rules.iter().chain(&applying.unsure).map(|rule| &rule.destination);
        let mut named: Vec<Self> = Vec::new();
        for (at, destination) in all().enumerate() {
            let (text, site) = (destination.bucket.as_str(), destination.site());
            if named.iter().any(|other| (other.text, other.site) == (text, site)) {
                continue;
            }
            let (name, has_id) = name_of(text);
            // A storage class is a site only if another rule has the same bucket with another one.
            let differs = |other: &RuleDestination| other.bucket == text && other.site() != site;
            let is_at_site = destination.zone.is_some() || site.is_some() && all().any(differs);
            named.push(Self { text, site, name, remote: has_id || is_at_site, unsure: at >= applying.rules.len() });
        }
        named
    }

    fn at_site(&self) -> String {
        self.site.filter(|_| self.remote).map(|site| format!(" at {site:?}")).unwrap_or_default()
    }
}

/// The servers of the given destinations with one name.
struct GivenServers {
    /// Whether the endpoint of the source is one of them.
    at_endpoint: bool,
    /// Different ones besides.
    elsewhere: usize,
}

impl GivenServers {
    /// A profile may have the same endpoint as another one: only different URLs show different servers.
    fn of(name: &str, endpoint: Option<&str>, given: &[DestinationOption]) -> Self {
        let of_name = given.iter().filter(|option| option.bucket.as_str() == name);
        let mut others: Vec<&str> = Vec::new();
        let mut at_endpoint = false;
        for option in of_name {
            match option.endpoint.as_deref() {
                Some(url) if !same_endpoint(Some(url), endpoint) => {
                    if others.iter().all(|other| !same_endpoint(Some(other), Some(url))) {
                        others.push(url);
                    }
                }
                Some(_) | None => at_endpoint = true,
            }
        }
        Self { at_endpoint, elsewhere: others.len() }
    }
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
        let source = Bucket::new("src").unwrap();
        replica_locations((&source, Some("http://here")), &applying, given).into_iter().map(word).collect()
    }

    #[test]
    fn a_destination_that_is_not_known_in_full_is_not_found_in_one_place() {
        let mut rule = ReplicationRule::to("dst");
        rule.destination.unknown = vec!["Zone".to_owned()];
        let rules = ReplicationRules { rules: vec![rule], ..ReplicationRules::default() };
        let applying = rules.applying(&Subject { key: "k", tags: None, encryption: Some("") });
        let source = Bucket::new("src").unwrap();
        for given in [vec![], vec![option("dst", Some("http://a"))]] {
            let found = replica_locations((&source, Some("http://here")), &applying, &given);
            assert!(matches!(&found[..], [ReplicaLocation::Ask { .. }, ReplicaLocation::Nowhere { .. }]), "{found:?}");
        }
    }

    #[test]
    fn a_zone_and_each_of_several_sites_needs_a_server() {
        let zone =
            |zone: &str| RuleDestination { zone: Some(zone.to_owned()), ..ReplicationRule::to("dst").destination };
        let class = |class: &str| RuleDestination {
            storage_class: Some(class.to_owned()),
            ..ReplicationRule::to("dst").destination
        };
        let plain = || ReplicationRule::to("dst").destination;
        let a = || vec![option("dst", Some("http://a"))];
        let both = || vec![option("dst", Some("http://a")), option("dst", Some("http://b"))];
        let table: [(Vec<RuleDestination>, Vec<DestinationOption>, usize, usize); 12] = [
            // rules, given -> asked, not found
            (vec![zone("z2")], vec![], 0, 1),
            (vec![zone("z2")], a(), 1, 0),
            (vec![zone("z2"), zone("z2")], a(), 1, 0),
            (vec![zone("z2"), zone("z3")], vec![], 0, 2),
            (vec![zone("z2"), zone("z3")], a(), 1, 1),
            (vec![zone("z2"), zone("z3")], both(), 2, 0),
            (vec![zone("z2"), plain()], vec![], 1, 1),
            (vec![class("site1")], vec![], 1, 0),
            (vec![class("site1"), class("site2")], vec![], 0, 2),
            (vec![class("site1"), class("site2")], both(), 2, 0),
            (vec![class("GLACIER"), class("STANDARD_IA")], vec![], 1, 0),
            (vec![class("GLACIER"), class("site1")], vec![], 1, 1),
        ];
        for (destinations, given, asked, nowhere) in table {
            let rule = |(at, destination): (usize, &RuleDestination)| ReplicationRule {
                priority: Some(at as i64),
                destination: destination.clone(),
                ..ReplicationRule::to("dst")
            };
            let rules = destinations.iter().enumerate().map(rule).collect();
            let rules = ReplicationRules { rules, ..ReplicationRules::default() };
            let applying = rules.applying(&Subject { key: "k", tags: None, encryption: Some("") });
            let source = Bucket::new("src").unwrap();
            let found = replica_locations((&source, Some("http://here")), &applying, &given);
            let is_asked = |location: &&ReplicaLocation| matches!(location, ReplicaLocation::Ask { .. });
            let counts = (found.iter().filter(is_asked).count(), found.len());
            assert_eq!(counts, (asked, asked + nowhere), "{destinations:?} {given:?}: {found:?}");
        }
    }

    #[test]
    fn buckets_of_one_name_on_several_servers_need_a_server_each() {
        const ONE: &str = "arn:minio:replication::111:dst";
        const TWO: &str = "arn:minio:replication::222:dst";
        let at = |url: &str| option("dst", Some(url));
        let table: [(&[&str], Vec<DestinationOption>, &[&str]); 13] = [
            (&[ONE, TWO], vec![], &["dst!", "dst!"]),
            (&[ONE, TWO], vec![at("http://a")], &["dst!", "dst at http://a"]),
            (&[ONE, TWO], vec![at("http://a"), at("http://A/")], &["dst!", "dst at http://a", "dst at http://A/"]),
            (&[ONE, TWO], vec![at("http://a"), at("http://b")], &["dst at http://a", "dst at http://b"]),
            (&[ONE, TWO], vec![at("http://a"), option("dst", None)], &["dst at http://a", "dst"]),
            (&[ONE, ONE], vec![at("http://a")], &["dst at http://a"]),
            (&[ONE, "dst"], vec![], &["dst!", "dst"]),
            (&["dst", ONE], vec![], &["dst", "dst!"]),
            (&["dst", ONE], vec![at("http://a")], &["dst", "dst at http://a"]),
            (&["dst", ONE], vec![option("dst", None)], &["dst!", "dst"]),
            (&["dst", ONE], vec![at("http://here")], &["dst!", "dst at http://here"]),
            (
                &["dst", ONE, TWO],
                vec![at("http://a"), at("http://here")],
                &["dst!", "dst at http://a", "dst at http://here"],
            ),
            (&[ONE, "arn:minio:replication::222:other"], vec![at("http://a")], &["other!", "dst at http://a"]),
        ];
        for (rules, given, expected) in table {
            let mut rules = rules.to_vec();
            assert_eq!(found(&rules, &[], &given), expected, "{rules:?} {given:?}");
            // Whether a rule applies may not be known.
            if let Some(last) = rules.pop() {
                let unsure: Vec<String> = found(&rules, &[last], &given).iter().map(|at| at.replace('?', "")).collect();
                assert_eq!(unsure, expected, "{rules:?} {last} {given:?}");
            }
        }
        let rules = [ONE, TWO].map(ReplicationRule::to).to_vec();
        let rules = ReplicationRules { rules, ..ReplicationRules::default() };
        let applying = rules.applying(&Subject { key: "k", tags: None, encryption: Some("") });
        let given = [at("http://a")];
        let locations = replica_locations((&Bucket::new("src").unwrap(), None), &applying, &given);
        let ReplicaLocation::Nowhere { why, .. } = &locations[0] else { panic!("{locations:?}") };
        assert!(why.message.contains("2 buckets") && why.message.contains("gives 1"), "{why}");
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
