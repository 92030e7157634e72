//! `reconcile --confirm`: the source's report is read once more, and every object of the classes that exceed their limits is
//! asked for with HEAD at both buckets while it is.

use std::io;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use s3_inventory::quoted;
use tokio::sync::mpsc;

use super::super::Context;
use super::explain::explain;
use super::options::ReconcileOptions;
use super::sides::OpenSide;
use crate::audit::{AuditedObject, ConfirmOutcome, Confirmed, exceeded, of_named_version};
use crate::model::{Bucket, Failure, ObjectId, VersionId, human_count};
use crate::output::{Meter, outcomes, plural};
use crate::reconcile::{PairClass, Reconciliation, confirm_pair};
use crate::report::{PairComparison, ReportPair, SecondLook};
use crate::s3::S3Store;

/// After this many objects without an answer the rest is not checked: the exit code is 2 in any case.
const GIVE_UP: u64 = 100;

/// Asks both buckets about every object of an exceeded class, `most` of them at most, and compares what is still wrong with the limits.
pub(super) async fn confirm(
    result: Reconciliation,
    pair: &Arc<ReportPair>,
    found: &PairComparison,
    sides: (&OpenSide, &OpenSide),
    options: &ReconcileOptions,
    most: u64,
    context: &Context,
) -> Result<Reconciliation> {
    let exceeded: Vec<(PairClass, u64)> =
        exceeded(&result.limits).into_iter().filter(|(class, _)| class.is_problem()).collect();
    let objects = exceeded.iter().fold(0u64, |sum, (_, objects)| sum.saturating_add(*objects));
    if objects == 0 {
        return Ok(result);
    }
    if objects > most {
        bail!(
            "{} exceed their limits, and --confirm asks about no more than {}: give --confirm-max {objects} to send two requests for each of them, or narrow it with --prefix",
            plural(objects, "object"),
            human_count(most)
        );
    }
    let bucket = |name: &str| Bucket::new(name).with_context(|| format!("the report is about {name:?}"));
    let buckets = BucketPair {
        source: bucket(&result.source.source_bucket)?,
        destination: bucket(&result.destination.source_bucket)?,
        now: context.now(),
        source_store: Arc::new(context.connect().await?),
        destination_store: context.connect_with(&options.destination_settings(&context.client)).await?,
    };
    let mut run = PairConfirmation {
        classes: exceeded.iter().map(|(class, _)| (*class, Confirmed::default())).collect(),
        asked: 0,
        unchecked: 0,
        first: None,
    };
    let in_flight = context.concurrency.get();
    let (send, rows) = mpsc::channel(in_flight);
    let gone = || io::Error::other("the requests have ended");
    let sink = move |class, object| send.blocking_send((class, object)).map_err(|_| gone());
    let classes = exceeded.iter().map(|(class, _)| *class).collect();
    let look = SecondLook { objects: Some((classes, Arc::new(sink))), ..SecondLook::default() };
    let stop = &context.signals.stop;
    let what = format!("asking both buckets about {}", plural(objects, "object"));
    let meter = Meter::objects(context.output.progress, &context.printer, Some(objects), &what);
    let bar = meter.until_dropped();
    let reading = async {
        let read = pair.look_again(&look, found, stop, &(Arc::new(|_| {}) as _)).await;
        // The requests end when nothing can send rows any more.
        drop(look);
        read
    };
    let (read, ()) = tokio::join!(reading, run.ask_all(rows, &buckets, in_flight, &meter));
    drop(bar);
    run.check(objects, &buckets)?;
    read.map_err(|error| explain(error, sides.0, sides.1, None))
        .context("reading the source report once more for --confirm")?;
    let is_same = exceeded.iter().zip(&run.classes).all(|((_, listed), (_, asked))| *listed == asked.total());
    if !is_same {
        bail!(
            "read once more for --confirm, the source report lists other objects than before: it was replaced meanwhile"
        );
    }
    Ok(result.confirmed(&run.classes))
}

/// Both buckets, and how they are reached.
struct BucketPair {
    source: Bucket,
    destination: Bucket,
    source_store: Arc<S3Store>,
    destination_store: S3Store,
    /// The time of the confirmation.
    now: Timestamp,
}

struct PairConfirmation {
    classes: Vec<(PairClass, Confirmed)>,
    asked: u64,
    unchecked: u64,
    first: Option<(Failure, Bucket)>,
}

impl PairConfirmation {
    async fn ask_all(
        &mut self,
        rows: mpsc::Receiver<(PairClass, AuditedObject)>,
        buckets: &BucketPair,
        in_flight: usize,
        meter: &Meter,
    ) {
        let rows = stream::unfold(rows, async |mut rows| Some((rows.recv().await?, rows)));
        let heads = rows.map(|(class, listed)| async move {
            let answer = ask(&listed, buckets).await;
            (class, answer)
        });
        let mut heads = std::pin::pin!(heads.buffer_unordered(in_flight));
        while let Some((class, answer)) = heads.next().await {
            self.count(class, answer);
            meter.add(1);
            if self.unchecked == GIVE_UP {
                return;
            }
        }
    }

    fn count(&mut self, class: PairClass, answer: Result<ConfirmOutcome, (Failure, Bucket)>) {
        self.asked += 1;
        let outcome = match answer {
            Ok(outcome) => outcome,
            Err(failure) => {
                self.first.get_or_insert(failure);
                ConfirmOutcome::Unchecked
            }
        };
        self.unchecked += u64::from(outcome == ConfirmOutcome::Unchecked);
        if let Some((_, confirmed)) = self.classes.iter_mut().find(|(of, _)| *of == class) {
            confirmed.count(outcome);
        }
    }

    /// Makes sure that every object was answered for.
    fn check(&mut self, objects: u64, buckets: &BucketPair) -> Result<()> {
        if self.unchecked == 0 {
            return Ok(());
        }
        let of_classes: Vec<String> =
            self.classes.iter().map(|(class, found)| format!("{}: {}", class.word(), outcomes(found))).collect();
        let rest = match self.asked < objects {
            true => format!(" before the check stopped after {}", human_count(self.asked)),
            false => String::new(),
        };
        let first = match self.first.take() {
            Some((failure, bucket)) => failure.needing("s3:GetObjectVersion and s3:ListBucket", &bucket).to_string(),
            None => format!(
                "bucket {} answers about a version with a delete marker, or with another size than in the report",
                buckets.source
            ),
        };
        bail!(
            "{} of {} could not be checked{rest} ({}), so it is not known whether the limits hold; the first: {first}",
            human_count(self.unchecked),
            plural(objects, "object"),
            of_classes.join("; ")
        );
    }
}

/// Asks both buckets for the version that the report names, or for the current one where it names none.
async fn ask(listed: &AuditedObject, buckets: &BucketPair) -> Result<ConfirmOutcome, (Failure, Bucket)> {
    let of_source = |failure| (failure, buckets.source.clone());
    let of_destination = |failure| (failure, buckets.destination.clone());
    let Ok(key) = std::str::from_utf8(&listed.key) else {
        let message = format!("key {} is not UTF-8, and can't be asked for", quoted(&listed.key));
        return Err(of_source(Failure::new("KeyNotText", message, None)));
    };
    let version_id = listed.version_id.as_deref().map(VersionId::new).transpose();
    let version_id = version_id.map_err(|error| of_source(Failure::new("NoVersion", error.to_string(), None)))?;
    let here = ObjectId { bucket: buckets.source.clone(), key: key.to_owned(), version_id };
    let there = ObjectId { bucket: buckets.destination.clone(), ..here.clone() };
    let (source, destination) =
        tokio::join!(buckets.source_store.head_reported(&here), buckets.destination_store.head_replica(&there, false));
    let source = of_named_version(&here, source).map_err(of_source)?;
    let destination = of_named_version(&there, destination).map_err(of_destination)?;
    Ok(confirm_pair(listed, &source, &there, destination, buckets.now))
}
