//! HEADs the replicas of an object at its destinations.
//!
//! A destination may be on another server and need other credentials, so each has its own store, made once. Another account
//! may own it, so `--expected-bucket-owner` is not sent there. The account in a rule is not sent either: S3's refusal would be
//! the same for a wrong owner and for a missing permission.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use s3_answers::{Doubt, Fit, ReplicationRule, ReplicationRules, Subject};
use tokio::sync::OnceCell;

use super::client::ClientSettings;
use super::store::S3Store;
use crate::model::{Bucket, Failure, ObjectId, VersionId, plural};
use crate::status::{
    Destination, DestinationOption, Expectation, NamedBy, ObjectHead, ReplicaLocation, WaitMode, are_apart, compare,
    not_verified, replica_locations, same_endpoint,
};

/// The destinations of one source.
#[derive(Debug)]
pub(crate) struct Replicas<'a> {
    source: &'a S3Store,
    settings: ClientSettings,
    given: Vec<DestinationOption>,
    waited: WaitMode,
    stores: Mutex<HashMap<DestinationAccess, Arc<StoreCell>>>,
    /// Sources whose rules S3 refused to show, so that only given destinations were asked.
    refused: Mutex<BTreeMap<Bucket, Failure>>,
}

/// Where the replicas of one object are looked for.
struct ReplicaSearch {
    locations: Vec<ReplicaLocation>,
    /// Why it is not known whether the object should be at the unsure ones.
    doubt: String,
}

/// How a destination is reached; `None` means as the source.
#[derive(Debug, PartialEq, Eq, Hash)]
struct DestinationAccess {
    endpoint: Option<String>,
    profile: Option<String>,
    region: Option<String>,
}

type StoreCell = OnceCell<Result<S3Store, Failure>>;

/// Refuses tags if HEAD counts others. HEAD counts them only for callers who may read them.
fn as_many_as(
    head: &ObjectHead,
    object: &ObjectId,
    tags: Vec<(String, String)>,
) -> Result<Vec<(String, String)>, Failure> {
    match head.tag_count {
        Some(count) if count != tags.len() as u64 => {
            let message = format!(
                "asking for the tags of {object}: the answer has {}, and HEAD counts {count}",
                plural(tags.len() as u64, "tag")
            );
            Err(Failure::new("UnreadableTags", message, Some("try again: the tags may have changed meanwhile")))
        }
        Some(_) | None => Ok(tags),
    }
}

impl ClientSettings {
    /// The settings for requests to a destination. Another account may own it.
    pub(crate) fn at(&self, destination: &DestinationOption) -> Self {
        let DestinationOption { profile, region, endpoint, .. } = destination.clone();
        Self {
            // A named profile means that its credentials are used.
            no_sign_request: self.no_sign_request && profile.is_none(),
            profile: profile.or_else(|| self.profile.clone()),
            region: region.or_else(|| self.region.clone()),
            endpoint_url: endpoint.or_else(|| self.endpoint_url.clone()),
            expected_bucket_owner: None,
            ..self.clone()
        }
    }
}

impl<'a> Replicas<'a> {
    /// `settings` are those of `source`, and `given` the destinations that the caller names.
    pub(crate) fn new(source: &'a S3Store, settings: &ClientSettings, given: Vec<DestinationOption>) -> Self {
        let (settings, waited) = (settings.clone(), WaitMode::default());
        Self { source, settings, given, waited, stores: Mutex::default(), refused: Mutex::default() }
    }

    /// What the run waits for before it asks: hints do not suggest it again.
    pub(crate) fn after_wait(self, waited: WaitMode) -> Self {
        Self { waited, ..self }
    }

    /// Whether S3 refused to show the rules of a source, so that only given destinations were asked.
    pub(crate) fn asks_only_given(&self) -> bool {
        !self.refused.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// A sentence for each source whose rules S3 refused to show, so that only the given destinations were asked.
    pub(crate) fn refused_rules(&self) -> Vec<String> {
        let asked: Vec<&str> = self.given.iter().map(|option| option.bucket.as_str()).collect();
        let asked = match asked.as_slice() {
            [one] => format!("bucket {one} was"),
            many => format!("buckets {} were", many.join(", ")),
        };
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let sentence = |(bucket, why): (&Bucket, &Failure)| {
            format!(
                "the replication rules of bucket {bucket} could not be read, and they may name more destinations: only {asked} asked, as --destination says ({why})"
            )
        };
        refused.iter().map(sentence).collect()
    }

    /// The store of a destination, connected once.
    pub(crate) async fn store_at(&self, at: &DestinationOption) -> Result<S3Store, Failure> {
        self.store(at).get_or_init(|| self.connect(at)).await.clone()
    }

    /// Refuses a given destination that is the source itself: compared with itself, an object is always in sync.
    pub(crate) async fn refuse_source(&self, source: &Bucket) -> Result<(), Failure> {
        for option in self.given.iter().filter(|option| option.bucket == *source) {
            if let Ok(store) = self.store(option).get_or_init(|| self.connect(option)).await
                && same_endpoint(store.endpoint(), self.source.endpoint())
            {
                return Err(Failure::new(
                    "InvalidDestination",
                    format!("--destination {source} is the source itself"),
                    Some(&format!("if another server has a bucket of that name: --destination {source},endpoint=URL")),
                ));
            }
        }
        Ok(())
    }

    /// HEADs the version of `object` that answered with `head` at every destination of the rules that apply and at every
    /// given one, and compares. `head` should come from [`S3Store::head_with_checksums`].
    ///
    /// Given destinations replace the rules only if S3 refused to show them ([`Failure::is_refusal`]): rules that could
    /// not be read for another reason may name more destinations.
    pub(crate) async fn verify(
        &self,
        object: &ObjectId,
        head: &ObjectHead,
        rules: &Result<ReplicationRules, Failure>,
    ) -> Result<Vec<Destination>, Failure> {
        if object.bucket.is_access_point() {
            let cause = "the bucket of an access point is not known, so a destination might be the same bucket";
            return Err(not_verified(object, cause, Some("name the bucket itself")));
        }
        self.refuse_source(&object.bucket)
            .await
            .map_err(|failure| not_verified(object, &failure.message, failure.hint.as_deref()))?;
        // Some servers leave out the header for the null version.
        let version = VersionId::new(head.version_id.as_deref().unwrap_or("null"))
            .map_err(|error| not_verified(object, error, None))?;
        let object = object.with_version(version);
        let ReplicaSearch { locations, doubt } = self.locations(&object, head, rules).await?;
        let mut found = Vec::with_capacity(locations.len());
        // One after the other, so that the objects in flight bound the requests in flight.
        for location in locations {
            found.push(match location {
                ReplicaLocation::Ask { at, named_by, unsure } => {
                    let named_by = match (named_by, rules) {
                        (NamedBy::Rule, _) => NamedBy::Rule,
                        (NamedBy::Option | NamedBy::OptionOnly, Ok(_)) => NamedBy::Option,
                        (NamedBy::Option | NamedBy::OptionOnly, Err(_)) => NamedBy::OptionOnly,
                    };
                    self.ask(&object, head, &at, named_by, unsure.then_some(doubt.as_str())).await
                }
                ReplicaLocation::Nowhere { bucket, why } => {
                    Destination { why: Some(why), ..Destination::unknown(&bucket, NamedBy::Rule) }
                }
            });
        }
        Ok(found)
    }

    async fn locations(
        &self,
        object: &ObjectId,
        head: &ObjectHead,
        rules: &Result<ReplicationRules, Failure>,
    ) -> Result<ReplicaSearch, Failure> {
        let rules = match rules {
            Ok(rules) => rules,
            Err(failure) if failure.is_refusal() && !self.given.is_empty() => {
                let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
                refused.entry(object.bucket.clone()).or_insert_with(|| failure.clone());
                &ReplicationRules::default()
            }
            Err(failure) => {
                let hint = match failure.is_refusal() {
                    true => "name every destination with --destination: that replaces rules that S3 refuses to show",
                    false => "try again: --destination replaces only rules that S3 refuses to show (403, 501, 405)",
                };
                return Err(Failure {
                    http_status: failure.http_status,
                    request_id: failure.request_id.clone(),
                    ..not_verified(object, &failure.message, Some(hint))
                });
            }
        };
        let mut doubt = "whether the rule applies depends on how the object is encrypted".to_owned();
        let unknown_tags = Subject { key: &object.key, tags: None, encryption: head.encryption.as_deref() };
        let unsure =
            |rule: &&&ReplicationRule| rule.fit(&unknown_tags) == Fit::Unknown(Doubt::Tags) && !self.is_given(rule);
        let tags = match rules.applying(&unknown_tags).unsure.iter().find(unsure) {
            None => None,
            Some(_) => {
                let tags = self.source.tags(object).await.and_then(|tags| as_many_as(head, object, tags));
                tags.map_err(|failure| doubt = failure.message).ok()
            }
        };
        let applying = rules.applying(&Subject { tags: tags.as_deref(), ..unknown_tags });
        if let Some(rule) = applying.unsure.iter().find(|rule| !rule.unknown.is_empty()) {
            doubt = format!("a rule has {}, which replaudit does not know", rule.unknown.join(" and "));
        }
        let locations = replica_locations((&object.bucket, self.source.endpoint()), &applying, &self.given);
        if locations.is_empty() {
            let bucket = &object.bucket;
            let cause = match rules.rules.is_empty() {
                true => format!("bucket {bucket} has no replication rules"),
                false => format!("no replication rule of bucket {bucket} applies to it"),
            };
            let hint = "no destination is known: name it with --destination BUCKET";
            return Err(not_verified(object, cause, Some(hint)));
        }
        Ok(ReplicaSearch { locations, doubt })
    }

    fn is_given(&self, rule: &ReplicationRule) -> bool {
        self.given.iter().any(|option| option.bucket.as_str() == rule.destination.bucket)
    }

    async fn ask(
        &self,
        object: &ObjectId,
        head: &ObjectHead,
        at: &DestinationOption,
        named_by: NamedBy,
        doubt: Option<&str>,
    ) -> Destination {
        let there = ObjectId { bucket: at.bucket.clone(), ..object.clone() };
        let custom_endpoint = self.source.has_custom_endpoint();
        let now = self.source.clock().now().wall;
        let expected = Expectation { doubt, apart: false, custom_endpoint, waited: self.waited, named_by, now };
        let known = self.store(at);
        let store = match known.get_or_init(|| self.connect(at)).await {
            Ok(store) => store,
            Err(failure) => {
                let judged = compare(&there, head, Err(failure.clone()), expected);
                return Destination { region: at.region.clone(), ..judged };
            }
        };
        let apart = are_apart((&object.bucket, self.source.endpoint()), (&at.bucket, store.endpoint()));
        let expected = Expectation { apart, ..expected };
        let answer = store.head_replica(&there, !head.checksums.is_empty()).await;
        // An answer confirms the Region that was signed for. Without an answer, that Region is a guess.
        let region = answer.as_ref().ok().map(|_| store.region_of(&at.bucket));
        let region = region.or_else(|| store.named_region(&at.bucket)).or_else(|| at.region.clone());
        Destination { region, ..compare(&there, head, answer, expected) }
    }

    fn store(&self, at: &DestinationOption) -> Arc<StoreCell> {
        let (endpoint, profile, region) = (at.endpoint.clone(), at.profile.clone(), at.region.clone());
        let access = DestinationAccess { endpoint, profile, region };
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(stores.entry(access).or_default())
    }

    async fn connect(&self, at: &DestinationOption) -> Result<S3Store, Failure> {
        self.source.elsewhere(&self.settings.at(at), at.profile.is_some()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_reached_as_the_source_unless_it_says_otherwise() {
        let text = |text: &str| Some(text.to_owned());
        let source = ClientSettings {
            profile: text("p"),
            region: text("r"),
            endpoint_url: text("http://e"),
            expected_bucket_owner: text("1"),
            no_sign_request: true,
            max_attempts: 7,
            ..ClientSettings::default()
        };
        let bucket = Bucket::new("dst").unwrap();
        let plain = DestinationOption { bucket, region: None, endpoint: None, profile: None };
        let at = |option: &DestinationOption| {
            let ClientSettings { profile, region, endpoint_url, no_sign_request, expected_bucket_owner, .. } =
                source.at(option);
            assert_eq!((expected_bucket_owner, source.at(option).max_attempts), (None, 7));
            (profile, region, endpoint_url, no_sign_request)
        };
        assert_eq!(at(&plain), (text("p"), text("r"), text("http://e"), true));
        // A named profile means that its credentials are used.
        let other = DestinationOption { profile: text("q"), ..plain.clone() };
        assert_eq!(at(&other), (text("q"), text("r"), text("http://e"), false));
        let other = DestinationOption { region: text("s"), endpoint: text("http://f"), ..plain };
        assert_eq!(at(&other), (text("p"), text("s"), text("http://f"), true));
        let signed = ClientSettings { no_sign_request: false, ..source.clone() };
        assert!(!signed.at(&other).no_sign_request);
    }
}
