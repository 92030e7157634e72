//! `status`: a HEAD for each object through a bounded window, in the order given; with `--wait` in the order in which
//! they are settled.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use futures_util::{Stream, StreamExt};
use tokio::sync::Semaphore;
use tokio::time::Instant;

mod explain;

use super::answers::{AnswersEnd, BesideAnswers, RowReport, TakeAnswer, take_answers};
use super::command_end::CommandEnd;
use super::objects::{BadLines, ObjectSelection, ObjectSourceError, RequestedObject};
use super::wait::{AT_A_TIME, PendingWait, SettledAnswer};
use super::{Context, objects, verify};
use crate::exit::ExitStatus;
use crate::model::{Failure, ObjectId, human_count};
use crate::output::{Meter, OutputError, RowFilter, not_shown, plural};
use crate::s3::{ListedObject, Replicas, S3Store};
use crate::status::{
    DestinationOption, HeadAnswer, ObjectStatus, StatusSummary, Verdict, WaitMode, classify, exit_of_object,
    still_listed,
};

/// The resolved arguments of `status`.
#[derive(Debug)]
pub(crate) struct StatusOptions {
    pub(crate) objects: ObjectSelection,
    pub(crate) shown: RowFilter,
    /// REPLICA counts as replicated.
    pub(crate) accept_replica: bool,
    /// Poll pending objects for at most this long.
    pub(crate) wait: Option<Duration>,
    /// Poll failed objects too.
    pub(crate) wait_through_failed: bool,
    /// Explain the status from the bucket's configuration.
    pub(crate) explain: bool,
    /// Check the replicas at these destinations and those of the rules.
    pub(crate) verify: Option<Vec<DestinationOption>>,
}

/// The longest time that a row waits in a buffer.
const FLUSH: Duration = Duration::from_millis(200);
/// Answers wait for their turn. This many times the requests in flight are started, so that a late answer does not delay
/// the others.
const AHEAD: usize = 4;

pub(super) async fn run(options: StatusOptions, context: &Context) -> Result<CommandEnd> {
    let StatusOptions { objects, shown, accept_replica, wait, wait_through_failed, explain, verify } = options;
    let (nothing, version_hint) = (objects.nothing(), objects.version_hint());
    if matches!(&objects, ObjectSelection::Named(named) if named.is_empty()) {
        return Ok(context.nothing::<ObjectStatus, _>(&nothing, &StatusSummary::default())?);
    }
    let mut targets = context.targets()?;
    objects.check_list(targets.files(), context)?;
    let store = Arc::new(context.connect().await?.in_detail(context.detail(objects.is_one())));
    let waited = match (&wait, wait_through_failed) {
        (None, _) => WaitMode::Off,
        (Some(_), false) => WaitMode::Pending,
        (Some(_), true) => WaitMode::PendingAndFailed,
    };
    let replicas = verify::replicas(verify.as_deref(), objects.buckets().iter(), &store, context).await?;
    let replicas = replicas.map(|replicas| replicas.after_wait(waited));
    let meter = Arc::new(match objects.is_one() && wait.is_none() {
        true => Meter::silent(),
        false => Meter::objects(context.output.progress, &context.printer, None, "asking S3"),
    });
    let bar = meter.until_dropped();
    let wait = wait.map(|most| {
        PendingWait::new(most, context.machine.clock, context.output.progress).through_failed(wait_through_failed)
    });
    let on_total = on_total(&meter, wait.as_ref().map(PendingWait::total));
    let query = StatusQuery {
        store: &store,
        turn: Semaphore::new(context.concurrency.get()),
        wait,
        waited,
        explain,
        replicas,
        accept_replica,
        context,
    };
    let requested = objects.stream(&store, on_total);
    let answers = query.all(requested, context.concurrency.get());
    let mut report = StatusReport {
        rows: RowReport::new(targets.rows()?, &meter, &context.printer, FLUSH, shown),
        summary: StatusSummary::default(),
        exit: ExitStatus::Yes,
        shortfall: Shortfall::default(),
        decided: 0,
        bad_lines: BadLines::default(),
        broke_off: false,
        accept_replica,
        allow_empty: context.allow_empty,
        meter: &meter,
    };
    let beside = BesideAnswers {
        wait: query.wait.as_ref().map(|wait| (wait, &*meter, &context.printer)),
        signals: Some(&context.signals),
    };
    let end = take_answers(answers, beside, &mut report).await;
    drop(bar);
    verify::say_refused_rules(query.replicas.as_ref(), &context.printer);
    report.bad_lines.sum_up(&context.printer);
    let ended = match end {
        // None of the objects is there: nothing is proven.
        AnswersEnd::Complete if report.decided == 0 && report.exit == ExitStatus::Yes && !context.allow_empty => {
            Context::no_answer(&nothing)
        }
        AnswersEnd::Complete | AnswersEnd::Stopped(Undelivered) => report.shortfall.end(report.exit, &report.hidden()),
        AnswersEnd::Interrupted(signal) => {
            query.report_pending(&mut report).await;
            CommandEnd::explained(report.exit.worse(signal))
        }
    };
    if ended.exit != ExitStatus::Yes {
        version_hint.into_iter().for_each(|hint| context.printer.note(hint));
    }
    let checked = report.summary.objects;
    let broke_off = report.broke_off;
    let delivered = report.end(ended.exit);
    if broke_off {
        context.say_kept(&targets.keep_whole());
    }
    // A result that is not whole does not replace a file that was.
    let delivered = match (delivered, context.signals.caught()) {
        (Ok(()), None) => targets.commit(),
        (delivered, _) => delivered,
    };
    if context.signals.caught().is_some() {
        let waited = if query.wait.is_some() { ", and the wait for pending objects ended" } else { "" };
        let checked = plural(checked, "object");
        context.printer.error(format!("interrupted after {checked}: no other object was checked{waited}"));
    }
    Ok(match delivered {
        Ok(()) => ended,
        Err(error) => CommandEnd::explained(ended.exit.worse(context.undelivered(&error).exit)),
    })
}

fn on_total(meter: &Arc<Meter>, waited_for: Option<Arc<AtomicU64>>) -> objects::OnTotal {
    let meter = Arc::clone(meter);
    Box::new(move |total| {
        meter.total(total);
        waited_for.iter().for_each(|waited_for| waited_for.store(total, Ordering::Relaxed));
    })
}

struct CheckedObject {
    status: ObjectStatus,
    /// Whether it decides the exit code. An object that S3 listed and that the first HEAD did not find does not, nor does
    /// a listed marker.
    decides: bool,
}

struct StatusQuery<'a> {
    store: &'a Arc<S3Store>,
    /// Requests in flight.
    turn: Semaphore,
    wait: Option<PendingWait>,
    waited: WaitMode,
    explain: bool,
    replicas: Option<Replicas<'a>>,
    accept_replica: bool,
    context: &'a Context,
}

impl StatusQuery<'_> {
    fn all<'a>(
        &'a self,
        requested: impl Stream<Item = Result<RequestedObject, ObjectSourceError>> + Send + 'a,
        in_flight: usize,
    ) -> std::pin::Pin<Box<dyn Stream<Item = Result<CheckedObject, ObjectSourceError>> + Send + 'a>> {
        let answers = requested.map(move |requested| async move {
            match requested {
                // Boxed, so that what only waits for its turn is small.
                Ok(object) => Ok(Box::pin(self.one(object)).await),
                Err(error) => Err(error),
            }
        });
        match &self.wait {
            None => Box::pin(answers.buffered(in_flight.saturating_mul(AHEAD))),
            Some(_) => Box::pin(answers.buffer_unordered(in_flight.max(AT_A_TIME))),
        }
    }

    /// Reports the objects that were pending when a signal ended the wait, as they last answered.
    async fn report_pending(&self, report: &mut StatusReport<'_>) {
        for (object, answer) in self.wait.iter().flat_map(PendingWait::stopped) {
            let mut status = classify(&object, answer);
            self.complete(&mut status);
            status.explanation = self.explain.then(Vec::new);
            if report.take(Ok(CheckedObject { status, decides: true })).await.is_err() {
                return;
            }
        }
    }

    async fn one(&self, requested: RequestedObject) -> CheckedObject {
        let mut checked = self.answer(requested).await;
        self.complete(&mut checked.status);
        checked
    }

    /// What the texts about an object depend on.
    fn complete(&self, status: &mut ObjectStatus) {
        status.custom_endpoint = self.store.has_custom_endpoint();
        status.waited = self.waited;
    }

    async fn answer(&self, requested: RequestedObject) -> CheckedObject {
        let (object, listed, text) = match requested {
            RequestedObject::Named(object) => (object, false, None),
            RequestedObject::Listed(found) => (found.object, true, found.listed),
            RequestedObject::Marker(listed) => return CheckedObject { status: marker(listed), decides: false },
        };
        let answer = self.head(&object).await;
        let was_there = answer.as_ref().is_ok_and(|answer| !answer.is_gone());
        let SettledAnswer { object: pinned, answer, newer } = match &self.wait {
            Some(wait) => Box::pin(wait.settle_current(&object, answer, async |object| self.head(&object).await)).await,
            None => SettledAnswer { object: object.clone(), answer, newer: None },
        };
        // A version that was waited for and is gone is not replicated. What is current now does not change that.
        let (object, answer) = match listed && !was_there && answer.as_ref().is_ok_and(HeadAnswer::is_gone) {
            true => Box::pin(self.listed_again(object, text.as_deref(), answer)).await,
            false => (pinned, answer),
        };
        let is_gone = answer.as_ref().is_ok_and(HeadAnswer::is_gone);
        let vanished = listed && is_gone && !was_there;
        let newer = if is_gone && was_there { Some(deleted_meanwhile(&object)) } else { newer };
        let why = self.explain.then(|| explain::ExplanationSources {
            store: self.store,
            turn: &self.turn,
            clock: self.context.machine.clock,
            destinations_asked: self.replicas.is_some(),
            waited: self.waited,
        });
        let Some(replicas) = &self.replicas else {
            let mut status = explain::row(&object, answer, why).await;
            note_newer(&mut status, newer, self.accept_replica);
            return CheckedObject { status, decides: !vanished };
        };
        let mut status = explain::row(&object, answer.clone(), why).await;
        // One turn for all of its requests: they are sent one after the other. A closed semaphore is the end of the run.
        let _turn = self.turn.acquire().await;
        let (store, context) = (self.store, self.context);
        Box::pin(verify::verify(&mut status, &object, &answer, store, replicas, self.accept_replica, context)).await;
        note_newer(&mut status, newer, self.accept_replica);
        CheckedObject { status, decides: !vanished }
    }

    /// The answer for what S3 listed and HEAD does not find: it is gone only if S3 does not list it any more.
    async fn listed_again(
        &self,
        object: ObjectId,
        text: Option<&str>,
        gone: Result<HeadAnswer, Failure>,
    ) -> (ObjectId, Result<HeadAnswer, Failure>) {
        let listed = {
            // A closed semaphore is the end of the run.
            let _turn = self.turn.acquire().await;
            self.store.still_lists(&object, text).await
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

    /// With checksums where a replica will be compared with it.
    async fn head(&self, object: &ObjectId) -> Result<HeadAnswer, Failure> {
        match (self.turn.acquire().await, &self.replicas) {
            (Ok(_turn), Some(_)) => self.store.head_with_checksums(object).await,
            (Ok(_turn), None) => self.store.head(object).await,
            (Err(_), _) => Err(Failure::new("Interrupted", format!("asking for {object}: the run ended"), None)),
        }
    }
}

/// Says that the row is not about the version that was waited for. A yes about the current version needs no remark.
fn note_newer(status: &mut ObjectStatus, newer: Option<Failure>, accept_replica: bool) {
    if status.error.is_none() && status.verdict.exit(accept_replica) != ExitStatus::Yes {
        status.error = newer;
    }
}

/// The first HEAD found it, and it was not replicated.
fn deleted_meanwhile(object: &ObjectId) -> Failure {
    let text = format!("{object} was waited for, and was deleted before it was replicated");
    Failure::new("Changed", text, None)
}

/// A delete marker as S3 lists it: HEAD would have nothing to add.
fn marker(listed: ListedObject) -> ObjectStatus {
    let version_id = listed.object.version_id.as_ref().map(|id| id.as_str().to_owned());
    let mut status = classify(&listed.object, Ok(HeadAnswer::DeleteMarker { version_id }));
    status.last_modified = listed.last_modified;
    status
}

struct StatusReport<'a> {
    rows: RowReport<'a, ObjectStatus, StatusSummary>,
    summary: StatusSummary,
    exit: ExitStatus,
    shortfall: Shortfall,
    decided: u64,
    bad_lines: BadLines,
    /// The listing or the list ended early: objects are missing.
    broke_off: bool,
    accept_replica: bool,
    /// A prefix without objects is no error.
    allow_empty: bool,
    meter: &'a Meter,
}

/// A row could not be written.
struct Undelivered;

impl TakeAnswer<Result<CheckedObject, ObjectSourceError>> for StatusReport<'_> {
    type Stop = Undelivered;

    async fn take(&mut self, answer: Result<CheckedObject, ObjectSourceError>) -> Result<(), Undelivered> {
        let CheckedObject { mut status, decides } = match answer {
            Ok(checked) => checked,
            Err(ObjectSourceError::Nothing(_)) if self.allow_empty => return Ok(()),
            Err(error) => {
                self.exit = self.exit.worse(ExitStatus::Unknown);
                self.summary.incomplete = true;
                self.broke_off |= error.is_end();
                self.meter.aside(|| self.bad_lines.tell(&error, self.rows.printer));
                return Ok(());
            }
        };
        self.summary.count(status.verdict);
        self.summary.count_destinations(&status.destinations);
        self.meter.add(1);
        status.exit = ExitStatus::Yes;
        if decides {
            self.decided += 1;
            status.exit = exit_of_object(&status, self.accept_replica);
            self.shortfall.count(&status, status.exit, self.accept_replica);
            self.exit = self.exit.worse(status.exit);
        } else {
            self.summary.set_aside(status.verdict);
        }
        self.rows.row(&status, status.error.as_ref(), true);
        if self.rows.is_delivered() { Ok(()) } else { Err(Undelivered) }
    }

    fn flush_due(&self) -> Option<Instant> {
        self.rows.flush_due()
    }

    fn flush(&mut self) {
        self.rows.flush();
    }
}

impl StatusReport<'_> {
    /// What the rows do not show.
    fn hidden(&self) -> String {
        not_shown(self.rows.hidden, self.summary.objects, &self.summary.by)
    }

    fn end(self, exit: ExitStatus) -> Result<(), OutputError> {
        self.rows.end(|delivered| {
            let exit = if delivered { exit } else { exit.worse(ExitStatus::Unknown) };
            StatusSummary { exit: exit.code(), ..self.summary.clone() }
        })
    }
}

/// The objects that are not a yes.
#[derive(Default)]
struct Shortfall {
    objects: u64,
    /// Per exit code, what fell short, and its word.
    words: BTreeMap<(u8, ShortfallKind, &'static str), u64>,
    /// The first that could not be checked.
    first: Option<String>,
}

/// Whose word says why an object is not a yes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ShortfallKind {
    /// The object's own verdict.
    Object,
    /// The verdict of a destination: that of the object is a yes.
    Replica,
}

impl Shortfall {
    fn count(&mut self, status: &ObjectStatus, exit: ExitStatus, accept_replica: bool) {
        self.objects += 1;
        if exit == ExitStatus::Yes {
            return;
        }
        let to = status.destinations.iter().find(|to| to.verdict.exit() == exit);
        let (kind, word) = match (status.verdict.exit(accept_replica) == exit, to) {
            (true, _) => (ShortfallKind::Object, status.verdict.word()),
            (false, Some(to)) => (ShortfallKind::Replica, to.verdict.word()),
            (false, None) => (ShortfallKind::Replica, "not verified"),
        };
        *self.words.entry((exit.code(), kind, word)).or_default() += 1;
        if exit == ExitStatus::Unknown && self.first.is_none() {
            let error = to.and_then(|to| to.why.as_ref()).or(status.error.as_ref());
            self.first = error.map(Failure::without_hint);
        }
    }

    /// The end of a run of which bad lines of the list were printed.
    fn end(&self, exit: ExitStatus, hidden: &str) -> CommandEnd {
        let said = match exit {
            ExitStatus::No => [
                self.part("not replicated", |code, kind| code == exit.code() && kind == ShortfallKind::Object),
                self.part("replicated, but a replica is not in sync", |code, kind| {
                    code == exit.code() && kind == ShortfallKind::Replica
                }),
            ],
            _ => [self.part("could not be checked", |code, _| code == exit.code()), None],
        };
        let said: Vec<String> = said.into_iter().flatten().collect();
        if said.is_empty() {
            return match exit {
                ExitStatus::Unknown => {
                    CommandEnd::new(exit, "the result is incomplete: the errors above say what was not checked")
                }
                _ => CommandEnd::explained(exit),
            };
        }
        let copy = (exit.code(), ShortfallKind::Object, Verdict::Replica.word());
        let more = match (exit, &self.first) {
            (ExitStatus::Unknown, Some(first)) => format!("; the first: {first}"),
            (ExitStatus::No, _) if self.words.contains_key(&copy) => {
                "; a replica is the copy that S3 made, not the source".to_owned()
            }
            _ => String::new(),
        };
        CommandEnd::new(exit, format!("{}{more}{hidden}", said.join("; ")))
    }

    /// `not replicated: 3 of 5 objects (1 failed, 2 pending)`; `None` if there are none.
    fn part(&self, what: &str, is_part: impl Fn(u8, ShortfallKind) -> bool) -> Option<String> {
        let of = || self.words.iter().filter(|((code, kind, _), _)| is_part(*code, *kind));
        let words: Vec<String> = of().map(|((_, _, word), count)| format!("{} {word}", human_count(*count))).collect();
        let (count, all) = (of().map(|(_, count)| *count).sum(), plural(self.objects, "object"));
        (!words.is_empty()).then(|| format!("{what}: {} of {all} ({})", human_count(count), words.join(", ")))
    }
}
