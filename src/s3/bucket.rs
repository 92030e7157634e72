//! What is asked of a bucket itself: whether it exists, its Region, its versioning, its replication configuration.
//! Answers are kept, for as long as whoever acts on them allows.

use std::time::Duration;

use aws_sdk_s3::operation::get_bucket_replication::GetBucketReplicationOutput;
use aws_sdk_s3::types::{Destination, ReplicationRule, ReplicationTime};

use super::error::Raw;
use super::guard::RawBody;
use super::store::{Asked, S3Store};
use crate::model::{Bucket, Failure};
use crate::rules::{ReplicationRules, Rule, RuleDestination, Scope, Versioning};

/// What HeadBucket told; S3 names the Region whatever the caller may do.
#[derive(Debug, Clone)]
pub(super) struct BucketAnswer {
    pub(super) region: Option<String>,
    existence: Existence,
}

#[derive(Debug, Clone)]
enum Existence {
    Exists,
    Missing,
    Unknown(Failure),
}

impl S3Store {
    pub(super) async fn head_bucket(&self, bucket: &Bucket) -> BucketAnswer {
        let known = self.known(bucket);
        known.head.get_or_init(|| self.ask_head_bucket(bucket)).await.clone()
    }

    async fn ask_head_bucket(&self, bucket: &Bucket) -> BucketAnswer {
        let asked = Asked { operation: "HeadBucket", about: bucket, why: "its Region, and whether it exists" };
        let request = self
            .home_client()
            .head_bucket()
            .bucket(bucket.as_str())
            .set_expected_bucket_owner(self.expected_bucket_owner.clone())
            .send();
        match self.traced(asked, request).await {
            Ok(output) => {
                BucketAnswer { region: output.bucket_region().map(str::to_owned), existence: Existence::Exists }
            }
            Err(raw) => {
                let region = raw.bucket_region.clone();
                let existence = match raw.status {
                    Some(404) => Existence::Missing,
                    // Only an existing bucket is in another Region, or forbidden.
                    Some(301 | 307 | 403) => Existence::Exists,
                    Some(400) if region.is_some() => Existence::Exists,
                    _ => Existence::Unknown(raw.failure(&format!("asking whether bucket {bucket} exists"))),
                };
                BucketAnswer { region, existence }
            }
        }
    }

    /// Makes sure that a 404 was about the key, not about the bucket.
    pub(super) async fn bucket_exists(&self, bucket: &Bucket) -> Result<(), Failure> {
        match self.head_bucket(bucket).await.existence {
            Existence::Exists => Ok(()),
            Existence::Unknown(failure) => Err(failure),
            Existence::Missing => Err(Failure {
                http_status: Some(404),
                ..Failure::new(
                    "NoSuchBucket",
                    format!("there is no bucket {bucket}"),
                    Some("check the bucket's name, the account and the endpoint"),
                )
            }),
        }
    }

    /// The bucket's versioning, from an answer no older than `max_age`.
    ///
    /// # Errors
    /// S3 refused to say (`s3:GetBucketVersioning`), or no usable answer came.
    pub async fn versioning(&self, bucket: &Bucket, max_age: Duration) -> Result<Versioning, Failure> {
        Ok(self.versioning_and_mfa(bucket, max_age).await?.0)
    }

    /// The same, and whether MFA delete is on: S3 then wants a token for each removal of a version ("Configuring MFA
    /// delete" in the S3 User Guide).
    ///
    /// # Errors
    /// As [`S3Store::versioning`].
    pub async fn versioning_and_mfa(&self, bucket: &Bucket, max_age: Duration) -> Result<(Versioning, bool), Failure> {
        let known = self.known(bucket);
        known.versioning.get(max_age, || self.ask_versioning(bucket)).await
    }

    async fn ask_versioning(&self, bucket: &Bucket) -> Result<(Versioning, bool), Failure> {
        let asked = Asked { operation: "GetBucketVersioning", about: bucket, why: "what a delete would do there" };
        let body = RawBody::default();
        let answer = self
            .follow(bucket, asked, |client| {
                client
                    .get_bucket_versioning()
                    .bucket(bucket.as_str())
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .customize()
                    .interceptor(body.clone())
                    .send()
            })
            .await;
        let attempt = format!("asking for the versioning of bucket {bucket}");
        match answer {
            // Also where the SDK stumbles over the name of the root element: moto writes another one.
            Ok(_) | Err(Raw { status: Some(200), .. }) => read_versioning(&body.take())
                .map_err(|cause| Failure::new("UnreadableConfiguration", format!("{attempt}: {cause}"), None)),
            Err(raw) => Err(raw.failure(&attempt).needing("s3:GetBucketVersioning", bucket)),
        }
    }

    /// The bucket's replication configuration, from an answer no older than `max_age`; without rules where it has none.
    ///
    /// # Errors
    /// S3 refused to say (`s3:GetReplicationConfiguration`), or no usable answer came.
    pub async fn replication(&self, bucket: &Bucket, max_age: Duration) -> Result<ReplicationRules, Failure> {
        let known = self.known(bucket);
        known.replication.get(max_age, || self.ask_replication(bucket)).await
    }

    async fn ask_replication(&self, bucket: &Bucket) -> Result<ReplicationRules, Failure> {
        let asked = Asked { operation: "GetBucketReplication", about: bucket, why: "which rules apply" };
        let body = RawBody::default();
        let answer = self
            .follow(bucket, asked, |client| {
                client
                    .get_bucket_replication()
                    .bucket(bucket.as_str())
                    .set_expected_bucket_owner(self.expected_bucket_owner.clone())
                    .customize()
                    .interceptor(body.clone())
                    .send()
            })
            .await;
        let attempt = format!("asking for the replication configuration of bucket {bucket}");
        match answer {
            Ok(output) => read_rules(&output, &body.take())
                .map_err(|cause| Failure::new("UnreadableConfiguration", format!("{attempt}: {cause}"), None)),
            Err(Raw { code: Some(code), status: Some(404), .. }) if code == "ReplicationConfigurationNotFoundError" => {
                Ok(ReplicationRules::default())
            }
            Err(raw) => Err(raw.failure(&attempt).needing("s3:GetReplicationConfiguration", bucket)),
        }
    }
}

/// Reads `<VersioningConfiguration>`: its `<Status>`, without which the bucket never had versioning, and whether
/// `<MfaDelete>` is anything but Disabled.
fn read_versioning(xml: &str) -> Result<(Versioning, bool), String> {
    let document = roxmltree::Document::parse(xml).map_err(|error| format!("the answer is not XML: {error}"))?;
    let root = document.root_element();
    if !["VersioningConfiguration", "GetBucketVersioningResponse"].iter().any(|name| root.has_tag_name_any_ns(name)) {
        return Err(format!("the answer is a {}", root.tag_name().name()));
    }
    let mfa_delete = root
        .children()
        .filter(|child| child.has_tag_name_any_ns("MfaDelete"))
        .any(|child| child.text().map(str::trim) != Some("Disabled"));
    let mut status = root.children().filter(|child| child.has_tag_name_any_ns("Status"));
    let versioning = match (status.next().map(|found| found.text().unwrap_or_default().trim()), status.next()) {
        (None, _) => Ok(Versioning::Never),
        (Some("Enabled"), None) => Ok(Versioning::Enabled),
        (Some("Suspended"), None) => Ok(Versioning::Suspended),
        (Some(other), _) => Err(format!("{other:?} is no state of versioning")),
    };
    Ok((versioning?, mfa_delete))
}

fn read_rules(output: &GetBucketReplicationOutput, xml: &str) -> Result<ReplicationRules, String> {
    let rules = output.replication_configuration().map_or(&[][..], |configuration| configuration.rules());
    Ok(ReplicationRules {
        rules: rules.iter().map(read_rule).collect::<Result<_, String>>()?,
        version_deletes_replicate: version_deletes_replicate(xml)?,
    })
}

fn read_rule(rule: &ReplicationRule) -> Result<Rule, String> {
    let enabled = |word: Option<&str>| word.map_or(Ok(false), is_enabled);
    let markers = rule.delete_marker_replication().and_then(|markers| markers.status());
    let criteria = rule.source_selection_criteria();
    let kms = criteria.and_then(|criteria| criteria.sse_kms_encrypted_objects());
    let modifications = criteria.and_then(|criteria| criteria.replica_modifications());
    let to = rule.destination();
    Ok(Rule {
        id: rule.id().filter(|id| !id.is_empty()).map(str::to_owned),
        priority: rule.priority().map(i64::from),
        enabled: is_enabled(rule.status().as_str())?,
        scope: read_scope(rule),
        delete_marker_replication: enabled(markers.map(|status| status.as_str()))?,
        kms_opt_in: enabled(kms.map(|kms| kms.status().as_str()))?,
        replica_modifications: enabled(modifications.map(|modifications| modifications.status().as_str()))?,
        time_control_minutes: to.and_then(Destination::replication_time).map_or(Ok(None), time_control)?,
        destination: RuleDestination {
            bucket: to.map_or("", |to| bucket_of_arn(to.bucket())).to_owned(),
            account: to.and_then(Destination::account).map(str::to_owned),
            storage_class: to.and_then(Destination::storage_class).map(|class| class.as_str().to_owned()),
        },
    })
}

/// The prefix stands in one of three places: in the filter's `And`, in the filter, or without a filter in the rule.
fn read_scope(rule: &ReplicationRule) -> Scope {
    let filter = rule.filter();
    let and = filter.and_then(|filter| filter.and());
    let prefix = and.and_then(|and| and.prefix()).or_else(|| filter.and_then(|filter| filter.prefix()));
    #[expect(deprecated, reason = "V1 rules are still in use, and still in force")]
    let prefix = prefix.or_else(|| rule.prefix());
    let tags = filter.and_then(|filter| filter.tag()).into_iter().chain(and.map_or(&[][..], |and| and.tags()));
    Scope {
        has_filter: filter.is_some(),
        prefix: prefix.unwrap_or_default().to_owned(),
        tags: tags.map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect(),
    }
}

/// Minutes of S3 Replication Time Control; 15 is the only number that AWS accepts.
fn time_control(control: &ReplicationTime) -> Result<Option<u32>, String> {
    if !is_enabled(control.status().as_str())? {
        return Ok(None);
    }
    let minutes = control.time().and_then(|time| time.minutes()).unwrap_or(15);
    u32::try_from(minutes).map(Some).map_err(|_| format!("{minutes} is no number of minutes"))
}

/// A word that is neither is no reason to call a rule switched off.
fn is_enabled(word: &str) -> Result<bool, String> {
    match word {
        "Enabled" => Ok(true),
        "Disabled" => Ok(false),
        other => Err(format!("{other:?} is no status of a rule")),
    }
}

/// `arn:aws:s3:::name` (and other partitions) names a bucket; some servers give the bare name.
pub(super) fn bucket_of_arn(text: &str) -> &str {
    match text.split_once(":s3:::") {
        Some((partition, name)) if partition.starts_with("arn:") => name,
        _ => text,
    }
}

/// Looks for an enabled rule with `<DeleteReplication><Status>Enabled`, an element of MinIO and RustFS that the SDK
/// drops.
fn version_deletes_replicate(xml: &str) -> Result<bool, String> {
    let document = roxmltree::Document::parse(xml).map_err(|error| format!("the answer is not XML: {error}"))?;
    let enabled = |node: roxmltree::Node<'_, '_>| {
        node.children()
            .any(|child| child.has_tag_name_any_ns("Status") && child.text().map(str::trim) == Some("Enabled"))
    };
    Ok(document
        .descendants()
        .filter(|node| node.has_tag_name_any_ns("Rule") && enabled(*node))
        .any(|rule| rule.children().any(|child| child.has_tag_name_any_ns("DeleteReplication") && enabled(child))))
}

/// Servers differ in whether they declare S3's namespace.
trait AnyNamespace {
    fn has_tag_name_any_ns(&self, name: &str) -> bool;
}

impl AnyNamespace for roxmltree::Node<'_, '_> {
    fn has_tag_name_any_ns(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delete_replication_is_found_where_the_sdk_drops_it() {
        let rule = |status: &str, element: &str| {
            format!(
                r#"<?xml version="1.0"?><ReplicationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Role/><Rule><Status>{status}</Status>{element}<Destination><Bucket>arn:aws:s3:::d</Bucket></Destination></Rule></ReplicationConfiguration>"#
            )
        };
        let on = "<DeleteReplication><Status>Enabled</Status></DeleteReplication>";
        let off = "<DeleteReplication><Status>Disabled</Status></DeleteReplication>";
        let markers = "<DeleteMarkerReplication><Status>Enabled</Status></DeleteMarkerReplication>";
        let table =
            [("Enabled", on, true), ("Enabled", off, false), ("Enabled", markers, false), ("Disabled", on, false)];
        for (status, element, replicates) in table {
            assert_eq!(version_deletes_replicate(&rule(status, element)), Ok(replicates), "{status} {element}");
        }
        assert!(version_deletes_replicate("").is_err());
        assert!(version_deletes_replicate("<Rule>").is_err());
    }

    #[test]
    fn a_rule_is_read_with_everything_that_decides() {
        use aws_sdk_s3::types::{
            DeleteMarkerReplication, DeleteMarkerReplicationStatus, ReplicaModifications, ReplicaModificationsStatus,
            ReplicationRuleAndOperator, ReplicationRuleFilter, ReplicationRuleStatus, ReplicationTimeStatus,
            ReplicationTimeValue, SourceSelectionCriteria, SseKmsEncryptedObjects, SseKmsEncryptedObjectsStatus,
            StorageClass, Tag,
        };
        let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().unwrap();
        let to = || Destination::builder().bucket("arn:aws:s3:::dst");
        let filtered = |filter: ReplicationRuleFilter| {
            ReplicationRule::builder()
                .status(ReplicationRuleStatus::Enabled)
                .filter(filter)
                .destination(to().build().unwrap())
                .build()
                .unwrap()
        };
        let scope = |prefix: &str, tags: &[(&str, &str)]| Scope {
            has_filter: true,
            prefix: prefix.to_owned(),
            tags: tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        };
        let filter = ReplicationRuleFilter::builder;
        let and = ReplicationRuleAndOperator::builder().prefix("p/").tags(tag("a", "1")).tags(tag("b", "2")).build();
        let table = [
            (filter().build(), scope("", &[])),
            (filter().prefix("p/").build(), scope("p/", &[])),
            (filter().tag(tag("a", "1")).build(), scope("", &[("a", "1")])),
            (filter().and(and).build(), scope("p/", &[("a", "1"), ("b", "2")])),
        ];
        for (filter, scope) in table {
            let rule = read_rule(&filtered(filter)).unwrap();
            assert_eq!(rule, Rule { priority: None, scope, ..Rule::to("dst") });
        }

        #[expect(deprecated, reason = "V1 rules are still in use, and still in force")]
        let v1 = ReplicationRule::builder()
            .id("")
            .prefix("p/")
            .status(ReplicationRuleStatus::Disabled)
            .destination(to().build().unwrap())
            .build()
            .unwrap();
        let expected = Rule {
            priority: None,
            enabled: false,
            scope: Scope { has_filter: false, ..scope("p/", &[]) },
            ..Rule::to("dst")
        };
        assert_eq!(read_rule(&v1), Ok(expected));

        let kms = SseKmsEncryptedObjects::builder().status(SseKmsEncryptedObjectsStatus::Enabled).build().unwrap();
        let sync = ReplicaModifications::builder().status(ReplicaModificationsStatus::Enabled).build().unwrap();
        let time = |status, minutes| {
            let minutes = ReplicationTimeValue::builder().minutes(minutes).build();
            ReplicationTime::builder().status(status).time(minutes).build().unwrap()
        };
        let full = |time: ReplicationTime, markers: &str| {
            ReplicationRule::builder()
                .id("all")
                .priority(7)
                .status(ReplicationRuleStatus::Enabled)
                .filter(ReplicationRuleFilter::builder().build())
                .delete_marker_replication(
                    DeleteMarkerReplication::builder().status(DeleteMarkerReplicationStatus::from(markers)).build(),
                )
                .source_selection_criteria(
                    SourceSelectionCriteria::builder()
                        .sse_kms_encrypted_objects(kms.clone())
                        .replica_modifications(sync.clone())
                        .build(),
                )
                .destination(
                    to().account("111122223333")
                        .storage_class(StorageClass::StandardIa)
                        .replication_time(time)
                        .build()
                        .unwrap(),
                )
                .build()
                .unwrap()
        };
        let expected = Rule {
            id: Some("all".to_owned()),
            priority: Some(7),
            delete_marker_replication: true,
            kms_opt_in: true,
            replica_modifications: true,
            time_control_minutes: Some(15),
            destination: RuleDestination {
                bucket: "dst".to_owned(),
                account: Some("111122223333".to_owned()),
                storage_class: Some("STANDARD_IA".to_owned()),
            },
            ..Rule::to("dst")
        };
        assert_eq!(read_rule(&full(time(ReplicationTimeStatus::Enabled, 15), "Enabled")), Ok(expected.clone()));
        let off = Rule { time_control_minutes: None, delete_marker_replication: false, ..expected };
        assert_eq!(read_rule(&full(time(ReplicationTimeStatus::Disabled, 15), "Disabled")), Ok(off));
        assert!(read_rule(&full(time(ReplicationTimeStatus::Enabled, -1), "Enabled")).is_err());
        assert!(read_rule(&full(time(ReplicationTimeStatus::Enabled, 15), "Perhaps")).is_err(), "no word is off");
    }

    #[test]
    fn versioning_is_enabled_only_where_it_says_so() {
        let table = [
            (
                "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
                Ok((Versioning::Enabled, false)),
            ),
            (
                "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>",
                Ok((Versioning::Suspended, false)),
            ),
            ("<VersioningConfiguration xmlns=\"x\"/>", Ok((Versioning::Never, false))),
            (
                "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>",
                Ok((Versioning::Enabled, true)),
            ),
            (
                "<GetBucketVersioningResponse xmlns=\"x\"><Status>Enabled</Status><MfaDelete>Disabled</MfaDelete></GetBucketVersioningResponse>",
                Ok((Versioning::Enabled, false)),
            ),
        ];
        for (xml, versioning) in table {
            assert_eq!(read_versioning(xml), versioning, "{xml}");
        }
        for xml in [
            "",
            "<html><Status>Enabled</Status></html>",
            "<VersioningConfiguration><Status>enabled</Status></VersioningConfiguration>",
            "<VersioningConfiguration><Status/></VersioningConfiguration>",
            "<VersioningConfiguration><Status>Suspended</Status><Status>Enabled</Status></VersioningConfiguration>",
        ] {
            assert!(read_versioning(xml).is_err(), "{xml}");
        }
    }

    #[test]
    fn destinations_are_named_by_bucket() {
        assert_eq!(bucket_of_arn("arn:aws:s3:::dst"), "dst");
        assert_eq!(bucket_of_arn("arn:aws-cn:s3:::dst"), "dst");
        assert_eq!(bucket_of_arn("dst"), "dst");
    }
}
