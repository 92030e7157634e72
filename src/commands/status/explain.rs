//! `status --explain`: reads what explains a status. The configuration of a bucket is read once for all of its objects.
//! Annotations and tags need a request for each object, and tags are read only if a rule depends on them.

use std::time::Duration;

use crate::deletion::Clock;
use s3_answers::BucketVersioning;
use tokio::sync::Semaphore;

use crate::model::{Failure, ObjectId, VersionId};
use crate::s3::S3Store;
use crate::status::{ExplanationFacts, HeadAnswer, ObjectStatus, Verdict, WaitMode, classify, tags_matter};

/// Nothing is decided from an explanation, so a configuration may be as old as this.
const MAX_AGE: Duration = Duration::from_secs(60);

/// Where an explanation comes from.
pub(super) struct ExplanationSources<'a> {
    pub(super) store: &'a S3Store,
    /// Requests in flight.
    pub(super) turn: &'a Semaphore,
    pub(super) clock: Clock,
    /// Whether `--verify-replica` asks the destinations as well.
    pub(super) destinations_asked: bool,
    /// What the run waited for already.
    pub(super) waited: WaitMode,
}

/// The status of one object, with its explanation where that is wanted.
pub(super) async fn row(
    object: &ObjectId,
    answer: Result<HeadAnswer, Failure>,
    why: Option<ExplanationSources<'_>>,
) -> ObjectStatus {
    match why {
        None => classify(object, answer),
        // Boxed, so that the future of an object without an explanation is small.
        Some(sources) => Box::pin(explained(object, answer, sources)).await,
    }
}

async fn explained(
    object: &ObjectId,
    answer: Result<HeadAnswer, Failure>,
    ExplanationSources { store, turn, clock, destinations_asked, waited }: ExplanationSources<'_>,
) -> ObjectStatus {
    let head = match &answer {
        // Without the header it is not encrypted with a KMS key: that is known as well.
        Ok(HeadAnswer::Object(head)) => {
            Some((head.encryption.clone().unwrap_or_default(), head.archive_status.clone()))
        }
        Ok(HeadAnswer::DeleteMarker { .. } | HeadAnswer::NotFound) | Err(_) => None,
    };
    let is_object = head.is_some();
    let (encryption, archive_status) = head.map_or((None, None), |(word, tier)| (Some(word), tier));
    let mut status = classify(object, answer);
    if matches!(status.verdict, Verdict::NotFound | Verdict::Denied | Verdict::Error) {
        status.explanation = Some(Vec::new());
        return status;
    }
    let (rules, versioning) = if object.bucket.is_arn() {
        (Err(behind_access_point(object)), Err(behind_access_point(object)))
    } else {
        tokio::join!(store.replication(&object.bucket, MAX_AGE), store.versioning(&object.bucket, MAX_AGE))
    };
    let versioning = versioning.map(|found: BucketVersioning| found.status);
    let version = status.version_id.clone().and_then(|id| VersionId::new(id).ok());
    let annotations = match &version {
        Some(version) if is_object && !object.bucket.is_arn() => {
            // A closed semaphore is the end of the run.
            let _turn = turn.acquire().await;
            Some(store.annotations(&object.with_version(version.clone())).await)
        }
        Some(_) | None => None,
    };
    let tags = match &rules {
        // No rule of this bucket is about a replica, and a marker has no tags.
        Ok(_) if matches!(status.verdict, Verdict::Replica | Verdict::DeleteMarker) => None,
        Ok(rules) if tags_matter(rules, &status.key, encryption.as_deref()) => {
            // A closed semaphore is the end of the run.
            let _turn = turn.acquire().await;
            Some(store.tags(&ObjectId { version_id: version, ..object.clone() }).await)
        }
        Ok(_) | Err(_) => None,
    };
    let known = ExplanationFacts {
        rules: &rules,
        versioning: &versioning,
        tags: tags.as_ref(),
        annotations: annotations.as_ref(),
        encryption: encryption.as_deref(),
        archive_status: archive_status.as_deref(),
        custom_endpoint: store.has_custom_endpoint(),
        destinations_asked,
        waited,
        now: clock.now().wall,
    };
    let explanation = crate::status::explain(&status, &known);
    status.rule = explanation.rule;
    status.explanation = Some(explanation.claims);
    status
}

fn behind_access_point(object: &ObjectId) -> Failure {
    Failure::new(
        "AccessPoint",
        format!("{} is an access point, which has no configuration of its own", object.bucket),
        Some("give the address with the name of the bucket"),
    )
}
