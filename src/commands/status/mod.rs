//! `status`: a HEAD for each object through a bounded window, in the order given; with `--wait` in the order in which
//! they are settled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::{Stream, StreamExt};
use tokio::sync::Semaphore;

mod explain;

use super::objects::{BadLines, Broken, Found, Objects};
use super::wait::{AT_A_TIME, LOOK_EVERY, Wait};
use super::{Context, objects, verify};
use crate::exit::ExitStatus;
use crate::model::{Failure, ObjectId};
use crate::output::{Meter, OutputError, Printer, RowTargets};
use crate::s3::{ListedObject, Replicas, S3Store};
use crate::status::{
    DestinationOption, HeadAnswer, ObjectStatus, StatusSummary, classify, exit_of_object, still_listed,
};

/// What `status` was asked.
#[derive(Debug)]
pub(crate) struct StatusOptions {
    /// The objects.
    pub(crate) objects: Objects,
    /// REPLICA counts as replicated.
    pub(crate) accept_replica: bool,
    /// Ask again about what is pending, for so long at the most.
    pub(crate) wait: Option<Duration>,
    /// Ask again about what failed as well: some servers retry by themselves.
    pub(crate) wait_through_failed: bool,
    /// Read the bucket's configuration too, and say why.
    pub(crate) explain: bool,
    /// Look at the replicas too, at these destinations and those of the rules.
    pub(crate) verify: Option<Vec<DestinationOption>>,
}

/// Rows wait no longer than this in a buffer.
const FLUSH: Duration = Duration::from_millis(200);
/// Answers that came early wait for their turn: so many times the requests in flight, so that one that is late does not
/// hold up the others.
const AHEAD: usize = 4;

pub(super) async fn run(options: StatusOptions, context: &Context) -> Result<ExitStatus> {
    let StatusOptions { objects, accept_replica, wait, wait_through_failed, explain, verify } = options;
    let nothing = objects.nothing();
    if matches!(&objects, Objects::Named(named) if named.is_empty()) {
        return Ok(context.nothing::<ObjectStatus, _>(&nothing, &StatusSummary::default())?);
    }
    let mut targets = context.targets()?;
    let store = Arc::new(context.connect().await?.in_detail(context.detail(objects.is_one())));
    let replicas = verify::replicas(verify.as_deref(), objects.buckets().iter(), &store, context).await?;
    let meter = Arc::new(match objects.is_one() && wait.is_none() {
        true => Meter::silent(),
        false => Meter::objects(context.output.progress, &context.printer, None, "asking S3"),
    });
    let bar = meter.until_dropped();
    let ask = Ask {
        store: &store,
        turn: Semaphore::new(context.concurrency.get()),
        wait: wait.map(|most| Wait::new(most, context.now).through_failed(wait_through_failed)),
        explain,
        replicas,
        accept_replica,
        context,
    };
    let found = objects.stream(&store, on_total(&meter));
    let mut rows = ask.all(found, context.concurrency.get());
    let mut run = Run {
        summary: StatusSummary::default(),
        exit: ExitStatus::Yes,
        decided: 0,
        bad_lines: BadLines::default(),
        flushed: Instant::now(),
        accept_replica,
        meter: &meter,
        printer: &context.printer,
    };
    let mut sinks = targets.rows::<ObjectStatus, StatusSummary>()?;
    let mut tell = tokio::time::interval(LOOK_EVERY);
    let mut signal = std::pin::pin!(context.signals.wait());
    let mut ended = false;
    let delivered = loop {
        let row = tokio::select! {
            biased;
            signal = &mut signal => {
                run.exit = run.exit.or(signal);
                break Ok(());
            }
            row = rows.next() => row,
            _ = tell.tick() => {
                if let Some(wait) = &ask.wait {
                    wait.tell(&meter, &context.printer);
                }
                continue;
            }
        };
        let Some(row) = row else {
            ended = true;
            break Ok(());
        };
        if let Err(error) = run.take(row, &mut sinks) {
            break Err(error);
        }
    };
    drop(bar);
    verify::say_refused_rules(ask.replicas.as_ref(), &context.printer);
    run.bad_lines.sum_up(&context.printer);
    // Nothing that was asked about is there: nothing is proven.
    if ended && run.decided == 0 && run.exit == ExitStatus::Yes && !context.allow_empty {
        run.exit = context.no_answer(&nothing);
    }
    run.summary.exit = run.exit.code();
    let (summary, exit) = (run.summary, run.exit);
    let delivered = delivered.and_then(|()| sinks.end(&summary)).and_then(|()| sinks.flush());
    drop(sinks);
    // A result that is not whole does not replace a file that was.
    let delivered = match (delivered, context.signals.caught()) {
        (Ok(()), None) => targets.commit(),
        (delivered, _) => delivered,
    };
    Ok(match delivered {
        Ok(()) => exit,
        Err(error) => exit.or(context.undelivered(&error)),
    })
}

fn on_total(meter: &Arc<Meter>) -> objects::OnTotal {
    let meter = Arc::clone(meter);
    Box::new(move |total| meter.total(total))
}

/// A row, or what was none.
type Answered = Result<Row, Broken>;

struct Row {
    status: ObjectStatus,
    /// Whether it has a say in the exit code: what S3 listed and what is gone by now has none, nor has a listed marker.
    decides: bool,
}

/// How objects are asked about.
struct Ask<'a> {
    store: &'a Arc<S3Store>,
    /// Requests in flight.
    turn: Semaphore,
    wait: Option<Wait>,
    /// Whether to say why.
    explain: bool,
    /// Who asks the destinations.
    replicas: Option<Replicas<'a>>,
    accept_replica: bool,
    context: &'a Context,
}

impl Ask<'_> {
    fn all<'a>(
        &'a self,
        found: impl Stream<Item = Result<Found, Broken>> + Send + 'a,
        in_flight: usize,
    ) -> std::pin::Pin<Box<dyn Stream<Item = Answered> + Send + 'a>> {
        let rows = found.map(move |found| async move {
            match found {
                // Boxed, so that what only waits for its turn is small.
                Ok(found) => Ok(Box::pin(self.one(found)).await),
                Err(broken) => Err(broken),
            }
        });
        match &self.wait {
            None => Box::pin(rows.buffered(in_flight.saturating_mul(AHEAD))),
            Some(_) => Box::pin(rows.buffer_unordered(in_flight.max(AT_A_TIME))),
        }
    }

    async fn one(&self, found: Found) -> Row {
        let mut row = self.answer(found).await;
        row.status.custom_endpoint = self.store.has_custom_endpoint();
        row
    }

    async fn answer(&self, found: Found) -> Row {
        let (object, listed) = match found {
            Found::Named(object) => (object, false),
            Found::Listed(object) => (object, true),
            Found::Marker(listed) => return Row { status: marker(listed), decides: false },
        };
        let answer = self.head(&object).await;
        let (pinned, answer) = match &self.wait {
            Some(wait) => wait.settle(&object, answer, async |object| self.head(&object).await).await,
            None => (object.clone(), answer),
        };
        let (object, answer) = match listed && answer.as_ref().is_ok_and(HeadAnswer::is_gone) {
            true => self.listed_again(object, answer).await,
            false => (pinned, answer),
        };
        let vanished = listed && answer.as_ref().is_ok_and(HeadAnswer::is_gone);
        let why = self.explain.then(|| explain::Why {
            store: self.store,
            turn: &self.turn,
            now: self.context.now,
            destinations_asked: self.replicas.is_some(),
        });
        let Some(replicas) = &self.replicas else {
            return Row { status: explain::row(&object, answer, why).await, decides: !vanished };
        };
        let mut status = explain::row(&object, answer.clone(), why).await;
        // One turn for all of its requests: they are sent one after the other. A closed semaphore is the end of the run.
        let _turn = self.turn.acquire().await;
        verify::verify(&mut status, &object, &answer, self.store, replicas, self.accept_replica, self.context).await;
        Row { status, decides: !vanished }
    }

    /// The answer for what S3 listed and HEAD does not find: it is gone only if S3 does not list it any more.
    async fn listed_again(
        &self,
        object: ObjectId,
        gone: Result<HeadAnswer, Failure>,
    ) -> (ObjectId, Result<HeadAnswer, Failure>) {
        let listed = {
            // A closed semaphore is the end of the run.
            let _turn = self.turn.acquire().await;
            self.store.still_lists(&object).await
        };
        let answer = match listed {
            Ok(false) => gone,
            // It may have been written again between the two questions.
            Ok(true) => match self.head(&object).await {
                Ok(answer) if answer.is_gone() => Err(still_listed(&object)),
                answer => answer,
            },
            Err(failure) => Err(failure),
        };
        (object, answer)
    }

    /// HEAD, when its turn has come; with checksums where a replica will be compared with it.
    async fn head(&self, object: &ObjectId) -> Result<HeadAnswer, Failure> {
        match (self.turn.acquire().await, &self.replicas) {
            (Ok(_turn), Some(_)) => self.store.head_with_checksums(object).await,
            (Ok(_turn), None) => self.store.head(object).await,
            (Err(_), _) => Err(Failure::new("Interrupted", format!("asking for {object}: the run ended"), None)),
        }
    }
}

/// A delete marker as S3 lists it: HEAD would have nothing to add.
fn marker(listed: ListedObject) -> ObjectStatus {
    let version_id = listed.object.version_id.as_ref().map(|id| id.as_str().to_owned());
    let mut status = classify(&listed.object, Ok(HeadAnswer::DeleteMarker { version_id }));
    status.last_modified = listed.last_modified;
    status
}

struct Run<'a> {
    summary: StatusSummary,
    exit: ExitStatus,
    decided: u64,
    bad_lines: BadLines,
    flushed: Instant,
    accept_replica: bool,
    meter: &'a Meter,
    printer: &'a Printer,
}

impl Run<'_> {
    fn take(
        &mut self,
        row: Answered,
        sinks: &mut RowTargets<'_, ObjectStatus, StatusSummary>,
    ) -> Result<(), OutputError> {
        let row = match row {
            Ok(row) => row,
            Err(broken) => {
                self.exit = self.exit.or(ExitStatus::Unknown);
                self.meter.aside(|| self.bad_lines.tell(&broken, self.printer));
                return Ok(());
            }
        };
        self.summary.count(row.status.verdict);
        self.summary.count_destinations(&row.status.destinations);
        self.meter.add(1);
        if row.decides {
            self.decided += 1;
            self.exit = self.exit.or(exit_of_object(&row.status, self.accept_replica));
        }
        if self.printer.is_quiet()
            && let Some(error) = &row.status.error
        {
            self.meter.aside(|| self.printer.error(error));
        }
        let flush = self.flushed.elapsed() >= FLUSH;
        let write = || sinks.row(&row.status).and_then(|()| if flush { sinks.flush() } else { Ok(()) });
        self.meter.beside_rows(write)?;
        if flush {
            self.flushed = Instant::now();
        }
        Ok(())
    }
}
