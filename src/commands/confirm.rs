//! `inventory --confirm`: the objects of the classes whose limits are exceeded are asked about now, one HEAD for each.
//!
//! The report is read once more, and no faster than S3 answers: nothing is kept of the objects but their number.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context as _, Result, bail};
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::sync::mpsc;

use super::Context;
use super::inventory::progress;
use crate::audit::{Audit, Class, Confirmed, Finding, Listed, Question, judge};
use crate::export::{Classes, Export, ExportClass, Form, Sink};
use crate::model::{Bucket, Failure, ObjectId, VersionId, human_count};
use crate::output::plural;
use crate::reader::{Report, ReportError};
use crate::s3::S3Store;
use crate::status::{ObjectStatus, StatusClass, classify};

/// Blocks of lines that wait to be asked about.
const BLOCKS: usize = 2;

/// What is read of a line.
#[derive(Deserialize)]
struct Line {
    key: String,
    version_id: Option<String>,
    e_tag: Option<String>,
    size: Option<u64>,
    last_modified_date: Option<Timestamp>,
    replication_status: Option<String>,
}

/// What was found so far.
struct Found {
    by: Vec<(Class, Confirmed)>,
    /// Objects, each once, and why the first of them could not be asked about.
    unchecked: u64,
    first_unchecked: Option<(String, Failure)>,
}

/// Asks about the objects of every class that is exceeded, and holds its limit against what is still so.
pub(super) async fn confirm(
    report: &Arc<Report>,
    audit: &mut Audit,
    question: &Question,
    most: u64,
    context: &Context,
) -> Result<()> {
    let exceeded: Vec<(Class, u64)> = audit
        .limits
        .iter()
        .filter(|limit| limit.exceeded)
        .filter_map(|limit| Some((limit.class, limit.actual?)))
        .collect();
    let has = |class| exceeded.iter().any(|(of, _)| *of == class);
    // What is overdue is pending too, and asked about once.
    let asked = exceeded.iter().filter(|(class, _)| *class != Class::Overdue || !has(Class::Pending));
    let objects: u64 = asked.map(|(_, objects)| *objects).sum();
    if objects == 0 {
        return Ok(());
    }
    if objects > most {
        bail!(
            "--confirm would ask about {}, and --confirm-max is {}: give --confirm-max {objects}, or narrow it with --prefix",
            plural(objects, "object"),
            human_count(most)
        );
    }
    let store = context.connect().await?;
    let bucket = Bucket::new(&report.manifest.source_bucket).context("asking about the objects of the report")?;
    let (send, blocks) = mpsc::channel::<Vec<u8>>(BLOCKS);
    let gone = |_| io::Error::other("nobody asks any more");
    let sink: Sink = Arc::new(move |block| send.blocking_send(block.to_vec()).map_err(gone));
    let classes = Classes::new(exceeded.iter().map(|(class, _)| ExportClass::Of(*class)).collect());
    let export = Export { form: Form::Ndjson, classes, sink };
    let question = Question { by: Vec::new(), ..question.clone() };
    let what = format!(" again, asking about {}", plural(objects, "object"));
    let (add, _bar) = progress(report, &what, context)?;
    let stop: Arc<AtomicBool> = Arc::clone(&context.signals.stop);
    let overdue = SignedDuration::from_secs(question.overdue_seconds);
    let overdue_before = report.manifest.scanned_at.checked_sub(overdue).unwrap_or(Timestamp::MIN);
    let found = Found {
        by: exceeded.iter().map(|(class, _)| (*class, Confirmed::default())).collect(),
        unchecked: 0,
        first_unchecked: None,
    };
    let reading = report.tally_and_export(&question, Some(export), stop, add);
    let asking = ask(blocks, &store, &bucket, overdue_before, found, context.concurrency.get());
    let (read, found) = tokio::join!(reading, asking);
    match read {
        Ok(_) => {}
        Err(ReportError::Damaged(damage)) => bail!("the report can't be trusted: {damage}"),
        Err(error) => return Err(error).context("reading the report again (--confirm)"),
    }
    let found = found?;
    for ((class, listed), (_, confirmed)) in exceeded.iter().zip(&found.by) {
        if *listed != confirmed.objects() {
            bail!(
                "the report has {} {} when it is read again, and had {}: it changed meanwhile",
                human_count(confirmed.objects()),
                class.word(),
                human_count(*listed)
            );
        }
    }
    if found.unchecked > 0 {
        let first = found.first_unchecked.map(|(object, failure)| format!("; the first is {object}: {failure}"));
        let objects = plural(found.unchecked, "object");
        bail!("{objects} could not be asked about, so there is no answer{}", first.unwrap_or_default());
    }
    audit.confirm(|class| found.by.iter().find(|(of, _)| *of == class).map(|(_, confirmed)| *confirmed));
    Ok(())
}

/// Asks about every object in the blocks, several at once, in no order.
async fn ask(
    blocks: mpsc::Receiver<Vec<u8>>,
    store: &S3Store,
    bucket: &Bucket,
    overdue_before: Timestamp,
    mut found: Found,
    concurrency: usize,
) -> Result<Found> {
    let blocks = stream::unfold(blocks, |mut blocks| async { Some((blocks.recv().await?, blocks)) });
    let lines = blocks.flat_map(|block| stream::iter(lines(&block)));
    let heads = lines
        .map(|line| async move {
            let line = line?;
            let version_id = line.version_id.clone().map(VersionId::new).transpose()?;
            let object = ObjectId { bucket: bucket.clone(), key: line.key.clone(), version_id };
            let status = classify(&object, store.head(&object).await);
            Ok::<_, anyhow::Error>((line, object, status))
        })
        .buffer_unordered(concurrency);
    let mut heads = pin!(heads);
    while let Some(asked) = heads.next().await {
        let (line, object, status) = asked?;
        found.count(&line, &object, &status, overdue_before);
    }
    Ok(found)
}

/// The lines of one block, which are whole.
fn lines(block: &[u8]) -> Vec<Result<Line>> {
    let lines = block.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).context("reading a line of our own")).collect()
}

impl Found {
    fn count(&mut self, line: &Line, object: &ObjectId, status: &ObjectStatus, overdue_before: Timestamp) {
        let listed = Listed { etag: line.e_tag.as_deref(), size: line.size, last_modified: line.last_modified_date };
        let finding = judge(&listed, status);
        if finding == Finding::Unchecked {
            self.unchecked += 1;
            if let (None, Some(failure)) = (&self.first_unchecked, &status.error) {
                self.first_unchecked = Some((object.to_string(), failure.clone()));
            }
        }
        let class = class_of(line.replication_status.as_deref().unwrap_or_default());
        let is_overdue =
            class == Some(Class::Pending) && line.last_modified_date.is_some_and(|modified| modified < overdue_before);
        for (of, confirmed) in &mut self.by {
            if Some(*of) == class || (*of == Class::Overdue && is_overdue) {
                confirmed.count(finding);
            }
        }
    }
}

/// The class that limits are about; none for what is replicated.
fn class_of(word: &str) -> Option<Class> {
    match StatusClass::of_report(word) {
        StatusClass::Replicated => None,
        StatusClass::Pending => Some(Class::Pending),
        StatusClass::Failed => Some(Class::Failed),
        StatusClass::Replica => Some(Class::Replica),
        StatusClass::NotReplicated => Some(Class::NotReplicated),
        StatusClass::Unknown => Some(Class::UnknownStatus),
    }
}
