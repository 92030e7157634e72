//! `inventory --confirm`: the report is read once more, and every object of the classes that exceed their limits is asked
//! for with HEAD while it is.
//!
//! Rows wait for requests, not in memory: the workers that read pause when as many rows are waiting as requests are in flight.

use std::io;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use s3_inventory::quoted;
use tokio::sync::mpsc;

use super::super::Context;
use crate::audit::{
    Audit, AuditedObject, ConfirmOutcome, Confirmed, LimitClass, Question, confirm_outcome, distinct, exceeded,
    of_named_version,
};
use crate::export::{Export, ExportClass, ExportClasses, ExportSink};
use crate::model::{Bucket, Failure, ObjectId, VersionId, human_count};
use crate::output::{Meter, outcomes, plural};
use crate::report::{Report, ReportError};
use crate::s3::S3Store;
use crate::status::HeadAnswer;

/// After this many objects without an answer the rest is not checked: the exit code is 2 in any case.
const GIVE_UP: u64 = 100;

/// Asks S3 about every object of the classes that exceed their limits, `most` of them at most, and counts those that still have
/// the problem.
pub(super) async fn confirm(
    audit: Audit,
    report: &Arc<Report>,
    question: &Question,
    most: u64,
    context: &Context,
) -> Result<Audit> {
    let exceeded = exceeded(&audit.limits);
    if exceeded.is_empty() {
        return Ok(audit);
    }
    let objects = distinct(&exceeded);
    if objects > most {
        bail!(
            "{} exceed their limits, and --confirm asks S3 about no more than {}: give --confirm-max {objects} to send that many requests, or narrow it with --prefix",
            plural(objects, "object"),
            human_count(most)
        );
    }
    let about = &report.manifest.source_bucket;
    let bucket = Bucket::new(about).with_context(|| format!("the report is about {about:?}"))?;
    let store = Arc::new(context.connect().await?);
    let overdue = SignedDuration::from_secs(question.overdue_seconds);
    let mut run = Confirmation {
        classes: exceeded.iter().map(|(class, _)| (*class, Confirmed::default())).collect(),
        overdue_before: context.now().checked_sub(overdue).unwrap_or(Timestamp::MIN),
        asked: 0,
        unchecked: 0,
        first: None,
    };
    let in_flight = context.concurrency.get();
    let (send, rows) = mpsc::channel::<AuditedObject>(in_flight);
    let classes = ExportClasses(exceeded.iter().map(|(class, _)| ExportClass::Of(*class)).collect());
    let gone = || io::Error::other("the requests have ended");
    let sink = move |object| send.blocking_send(object).map_err(|_| gone());
    let export = Export { classes, to: ExportSink::Objects(Arc::new(sink)) };
    let question = Question { by: Vec::new(), ..question.clone() };
    let stop = Arc::clone(&context.signals.stop);
    let reading = report.tally_and_export(&question, Some(export), stop, Arc::new(|_| {}));
    let what = format!("asking S3 about {}", plural(objects, "object"));
    let meter = Meter::objects(context.output.progress, &context.printer, Some(objects), &what);
    let bar = meter.until_dropped();
    let (read, ()) = tokio::join!(reading, run.ask_all(rows, &store, &bucket, in_flight, &meter));
    drop(bar);
    run.check(objects, report, &bucket)?;
    match read {
        Ok(_) => {}
        Err(ReportError::Damaged(damage)) => {
            bail!("read once more for --confirm, the report can't be trusted: {damage}")
        }
        Err(error) => return Err(error).context("reading the report once more for --confirm"),
    }
    // Without checksums nothing else would notice.
    let is_same = exceeded.iter().zip(&run.classes).all(|((_, listed), (_, asked))| *listed == asked.total());
    if !is_same {
        bail!("read once more for --confirm, the report lists other objects than before: it was replaced meanwhile");
    }
    Ok(audit.confirmed(&run.classes))
}

struct Confirmation {
    classes: Vec<(LimitClass, Confirmed)>,
    overdue_before: Timestamp,
    asked: u64,
    unchecked: u64,
    first: Option<Failure>,
}

impl Confirmation {
    async fn ask_all(
        &mut self,
        rows: mpsc::Receiver<AuditedObject>,
        store: &Arc<S3Store>,
        bucket: &Bucket,
        in_flight: usize,
        meter: &Meter,
    ) {
        let rows = stream::unfold(rows, async |mut rows| Some((rows.recv().await?, rows)));
        let heads = rows.map(|listed| async {
            let answer = head(&listed, store, bucket).await;
            (listed, answer)
        });
        let mut heads = std::pin::pin!(heads.buffer_unordered(in_flight));
        while let Some((listed, answer)) = heads.next().await {
            self.count(&listed, answer);
            meter.add(1);
            if self.unchecked == GIVE_UP {
                return;
            }
        }
    }

    fn count(&mut self, listed: &AuditedObject, answer: Result<HeadAnswer, Failure>) {
        self.asked += 1;
        let mut is_unchecked = false;
        for (class, confirmed) in self.classes.iter_mut().filter(|(class, _)| listed.is_of(*class)) {
            let outcome = |now| confirm_outcome(*class, listed, now, self.overdue_before);
            let outcome = answer.as_ref().map_or(ConfirmOutcome::Unchecked, outcome);
            is_unchecked |= outcome == ConfirmOutcome::Unchecked;
            confirmed.count(outcome);
        }
        if is_unchecked {
            self.unchecked += 1;
            self.first.get_or_insert_with(|| answer.err().unwrap_or_else(|| about_something_else(listed)));
        }
    }

    /// Makes sure that every object was answered for.
    fn check(&mut self, objects: u64, report: &Report, bucket: &Bucket) -> Result<()> {
        let Some(first) = self.first.take() else { return Ok(()) };
        let permission = if report.columns.version_id.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
        let of_classes: Vec<String> =
            self.classes.iter().map(|(class, found)| format!("{}: {}", class.word(), outcomes(found))).collect();
        let rest = match self.asked < objects {
            true => format!(" before the check stopped after {}", human_count(self.asked)),
            false => String::new(),
        };
        bail!(
            "{} of {} could not be checked{rest} ({}), so it is not known whether the limits hold; the first: {}",
            human_count(self.unchecked),
            plural(objects, "object"),
            of_classes.join("; "),
            first.needing(&format!("{permission} and s3:ListBucket"), bucket)
        );
    }
}

/// A version ID always names the same bytes.
fn about_something_else(listed: &AuditedObject) -> Failure {
    let version = listed.version_id.as_deref().unwrap_or("null");
    let message = format!(
        "the answer about {} (version {version}) is about a delete marker, or an object of another size than in the report",
        quoted(&listed.key)
    );
    Failure::new("AnotherObject", message, Some("is that the server, and the bucket, that the report is about?"))
}

/// Asks for the version that the report names, or for the current one where it names none.
async fn head(listed: &AuditedObject, store: &Arc<S3Store>, bucket: &Bucket) -> Result<HeadAnswer, Failure> {
    let Ok(key) = std::str::from_utf8(&listed.key) else {
        let message = format!("key {} is not UTF-8, and can't be asked for", quoted(&listed.key));
        return Err(Failure::new("KeyNotText", message, None));
    };
    let version_id = listed.version_id.as_deref().map(VersionId::new).transpose();
    let version_id = version_id.map_err(|error| Failure::new("NoVersion", error.to_string(), None))?;
    let object = ObjectId { bucket: bucket.clone(), key: key.to_owned(), version_id };
    of_named_version(&object, store.head_reported(&object).await)
}
