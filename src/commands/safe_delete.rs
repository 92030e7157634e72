//! `safe-delete`: gather, decide, plan, show, ask, execute, report.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, bail};
use futures_util::{Stream, StreamExt, stream};

use super::Context;
use super::consent::{self, Answer};
use crate::deletion::{DeletionPlan, Entry, KeepReason, Mode, Policy, Summary, decide, execute};
use crate::exit::ExitStatus;
use crate::model::ObjectId;
use crate::output::{Targets, plural};
use crate::s3::{S3Deleter, S3Store};

/// What `safe-delete` was asked.
#[derive(Debug)]
pub struct SafeDeleteOptions {
    /// The objects.
    pub objects: Vec<ObjectId>,
    /// Hide or remove.
    pub mode: Mode,
    /// See [`Policy::allow_marker_replication`].
    pub allow_marker_replication: bool,
    /// See [`Policy::allow_replicated_delete`].
    pub allow_replicated_delete: bool,
    /// See [`Policy::allow_unconditional`].
    pub allow_unconditional: bool,
    /// Decide and show.
    pub dry_run: bool,
    /// Consent was given on the command line.
    pub yes: bool,
    /// Refuse the whole plan if it would delete more.
    pub max_delete: Option<u64>,
}

pub(super) async fn run(options: SafeDeleteOptions, context: &Context) -> Result<ExitStatus> {
    if options.objects.is_empty() {
        let summary = Summary::default();
        return Ok(context.nothing::<Entry, _>("no address given: write s3://bucket/key", &summary)?);
    }
    if !options.yes && !options.dry_run && !consent::has_terminal() {
        bail!("there is no terminal to ask for consent: give --yes, or look first with --dry-run; nothing was deleted");
    }
    let targets = context.targets()?;
    let store = context.connect().await?;
    let policy = Policy {
        mode: options.mode,
        allow_marker_replication: options.allow_marker_replication,
        allow_replicated_delete: options.allow_replicated_delete,
        allow_unconditional: options.allow_unconditional,
        custom_endpoint: store.has_custom_endpoint(),
    };
    let plan = tokio::select! {
        biased;
        signal = context.signals.wait() => {
            context.printer.error("interrupted before anything was deleted");
            return Ok(signal);
        }
        plan = plan(&options, policy, &store, context) => plan,
    };
    let asked = plan.asks_for();
    if let Some(most) = options.max_delete
        && asked.orders > most
    {
        let planned = plural(asked.orders, "object");
        context.printer.note(format!("the plan would delete {planned}, --max-delete is {most}: nothing was deleted"));
        return Ok(report(stream::iter(plan.refuse(Some(KeepReason::OverLimit))), targets, context, &quit()).await);
    }
    if options.dry_run {
        return Ok(report(stream::iter(plan.refuse(None)), targets, context, &quit()).await);
    }
    if asked.orders > 0 && !options.yes {
        match consent::ask(&plan, context).await {
            Answer::Yes => {}
            Answer::No => {
                let kept = plan.refuse(Some(KeepReason::NotConsented));
                return Ok(report(stream::iter(kept), targets, context, &quit()).await);
            }
            Answer::Interrupted(signal) => {
                context.printer.error("interrupted before anything was deleted");
                return Ok(signal);
            }
            Answer::Unasked(why) => bail!("asking for consent: {why}; nothing was deleted"),
        }
    }
    let approved = plan.approve(asked).context("nothing was deleted")?;
    let (sent, stopped) = (Arc::clone(&context.delete_sent), Arc::clone(&context.signals.stop));
    let deleter = S3Deleter::new(&store, context.client.max_attempts, sent, stopped);
    let quit = quit();
    let stop = || quit.load(Ordering::Relaxed) || context.signals.caught().is_some();
    let entries = execute(approved, &deleter, context.concurrency.get(), context.now, &stop);
    Ok(report(entries, targets, context, &quit).await)
}

fn quit() -> AtomicBool {
    AtomicBool::new(false)
}

/// Writes entries as they come and adds up the exit status. Where they can't be written `quit` is set, so that nothing
/// more is sent; what is in flight is still waited for.
async fn report(
    entries: impl Stream<Item = Entry>,
    mut targets: Targets,
    context: &Context,
    quit: &AtomicBool,
) -> ExitStatus {
    let mut entries = pin!(entries);
    let mut summary = Summary::default();
    let mut rows = match targets.rows::<Entry, Summary>() {
        Ok(rows) => rows,
        // Entries are carried out as they are asked for: none was.
        Err(error) => return context.undelivered(&error, false),
    };
    let mut delivered = Ok(());
    while let Some(entry) = entries.next().await {
        summary.count(&entry);
        if context.printer.is_quiet()
            && let Some(error) = &entry.error
        {
            context.printer.error(error);
        }
        if delivered.is_ok() {
            delivered = rows.row(&entry);
            // What was deleted is told as soon as its turn in the list comes.
            if entry.outcome.may_have_changed_something() {
                delivered = delivered.and_then(|()| rows.flush());
            }
            quit.fetch_or(delivered.is_err(), Ordering::Relaxed);
        }
    }
    let signal = context.signals.caught();
    let exit = signal.map_or(summary.status(), |signal| signal.or(summary.status()));
    summary.exit = exit.code();
    let delivered = delivered.and_then(|()| rows.end(&summary)).and_then(|()| rows.flush());
    drop(rows);
    match delivered.and_then(|()| targets.commit()) {
        Ok(()) => exit,
        Err(error) => {
            let undelivered = context.undelivered(&error, summary.not_attempted() == 0);
            let changed = if summary.effect { ExitStatus::Incomplete } else { undelivered };
            if undelivered == ExitStatus::Yes { exit } else { exit.or(changed) }
        }
    }
}

/// Asks S3 about every object, now, and decides.
async fn plan(options: &SafeDeleteOptions, policy: Policy, store: &S3Store, context: &Context) -> DeletionPlan {
    // The same text twice is one order.
    let mut seen = HashSet::new();
    let objects: Vec<&ObjectId> = options.objects.iter().filter(|object| seen.insert(*object)).collect();
    let mut answers = stream::iter(objects)
        .map(|object| async move { (object, store.evidence(object, options.mode).await) })
        .buffered(context.concurrency.get());
    let mut plan = DeletionPlan::new(policy.clone());
    while let Some((object, evidence)) = answers.next().await {
        let verdict = decide(object, &evidence, &policy);
        plan.add(object, &evidence.head, verdict);
    }
    plan
}
