//! `--verify-replica`: one object's status, and what its destinations hold.

use std::time::Duration;

use super::Context;
use crate::model::{Bucket, Failure, ObjectId};
use crate::output::Printer;
use crate::s3::{Replicas, S3Store};
use crate::status::DestinationOption;
use crate::status::{HeadAnswer, ObjectStatus, add_destinations};

/// How old the rules may be that say where to look: a run over a long list reads them again every minute.
const RULES_HOLD: Duration = Duration::from_secs(60);

/// The destinations to check, where that is wanted.
/// A destination that is one of the sources is refused.
pub(super) async fn replicas<'a>(
    given: Option<&[DestinationOption]>,
    sources: impl Iterator<Item = &Bucket>,
    store: &'a S3Store,
    context: &Context,
) -> Result<Option<Replicas<'a>>, Failure> {
    let Some(given) = given else { return Ok(None) };
    let replicas = Replicas::new(store, &context.client, given.to_vec());
    for bucket in sources {
        replicas.refuse_source(bucket).await?;
    }
    Ok(Some(replicas))
}

/// Reports the buckets whose rules could not be read, so that `--destination` replaced them.
pub(super) fn say_refused_rules(replicas: Option<&Replicas<'_>>, printer: &Printer) {
    replicas.into_iter().flat_map(Replicas::refused_rules).for_each(|sentence| printer.note(sentence));
}

/// Checks the destinations of an object with any status: a failed one may be on some of them.
pub(super) async fn verify(
    status: &mut ObjectStatus,
    object: &ObjectId,
    answer: &Result<HeadAnswer, Failure>,
    store: &S3Store,
    replicas: &Replicas<'_>,
    accept_replica: bool,
    context: &Context,
) {
    let Ok(HeadAnswer::Object(head)) = answer else { return };
    // Another version answered than the one asked for.
    if status.error.is_some() {
        return;
    }
    let rules = store.replication(&object.bucket, RULES_HOLD).await;
    let verified = replicas.verify(object, head, &rules).await;
    if context.printer.verbosity() > 0 {
        match &verified {
            Ok(destinations) => {
                destinations.iter().filter_map(|to| to.why.as_ref()).for_each(|why| context.printer.note(why));
            }
            Err(failure) => context.printer.note(failure),
        }
    }
    add_destinations(status, object, verified, accept_replica);
}
