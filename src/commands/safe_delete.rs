//! `safe-delete`: gather, decide, plan, show, ask, execute, report.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use futures_util::stream;

use super::build_plan::{PlanRequest, build_plan};
use super::command_end::CommandEnd;
use super::consent::{self, CheckedDestinations, ConsentAnswer};
use super::deletion_report::{ReportTo, nothing_more, report_deletes};
use super::gather::gather;
use super::objects::{ObjectSelection, ObjectSourceError};
use super::open_journal::{hash_of_arguments, open_journal, text_of_scopes};
use super::own_files::check_journal;
use super::{Context, verify};
use crate::deletion::{
    DeleteEntry, DeleteExecution, DeleteMode, DeleteSummary, DeletionPlan, JournalHeader, KeepReason, Moment, Policy,
    VerifyDeleted, execute,
};
use crate::exit::ExitStatus;
use crate::journal::JournalWriter;
use crate::output::{RowFilter, Targets, plural};
use crate::s3::{ListingScope, Replicas, S3Deleter, S3Store};
use crate::status::DestinationOption;

/// The resolved arguments of `safe-delete`.
#[derive(Debug)]
pub(crate) struct SafeDeleteOptions {
    pub(crate) objects: ObjectSelection,
    pub(crate) shown: RowFilter,
    /// Hide or remove.
    pub(crate) mode: DeleteMode,
    /// Check the replicas at these destinations and those of the rules; `None` relies on S3's status.
    pub(crate) verify: Option<Vec<DestinationOption>>,
    /// See [`Policy::allow_marker_replication`].
    pub(crate) allow_marker_replication: bool,
    /// See [`Policy::allow_replicated_delete`].
    pub(crate) allow_replicated_delete: bool,
    /// See [`Policy::allow_annotation_loss`].
    pub(crate) allow_annotation_loss: bool,
    /// See [`Policy::allow_unconditional`].
    pub(crate) allow_unconditional: bool,
    /// Check pending objects again for at most this long, before anything is decided.
    pub(crate) wait: Option<Duration>,
    /// Decide and show.
    pub(crate) dry_run: bool,
    /// Consent was given on the command line.
    pub(crate) yes: bool,
    /// Refuse the whole plan if it would delete more.
    pub(crate) max_delete: Option<u64>,
    /// The file for intents and outcomes.
    pub(crate) journal: Option<PathBuf>,
    /// Which deletes are checked again afterwards.
    pub(crate) verify_deleted: VerifyDeleted,
}

pub(super) async fn run(options: SafeDeleteOptions, context: &Context) -> Result<CommandEnd> {
    let version_hint = options.objects.version_hint();
    let end = delete(options, context).await?;
    if end.exit != ExitStatus::Yes {
        version_hint.into_iter().for_each(|hint| context.printer.note(hint));
    }
    Ok(end)
}

async fn delete(options: SafeDeleteOptions, context: &Context) -> Result<CommandEnd> {
    let nothing = options.objects.nothing();
    if matches!(&options.objects, ObjectSelection::Named(named) if named.is_empty()) {
        return Ok(context.nothing::<DeleteEntry, _>(&nothing, &DeleteSummary::default())?);
    }
    if !options.yes && !options.dry_run && !consent::has_terminal() {
        bail!(
            "there is no terminal to ask for confirmation: add --yes, or use --dry-run to see the plan; nothing was deleted"
        );
    }
    let targets = context.targets()?;
    options.objects.check_list(targets.files(), context)?;
    if let Some(journal) = &options.journal {
        check_journal(journal, options.objects.list().map(|list| ("--from", list)), context)?;
    }
    let store = Arc::new(context.connect().await?);
    let sources = options.objects.buckets();
    let replicas = verify::replicas(options.verify.as_deref(), sources.iter(), &store, context).await?;
    let replicas = replicas.as_ref();
    let policy = Policy {
        mode: options.mode,
        verify_replica: options.verify.is_some(),
        allow_marker_replication: options.allow_marker_replication,
        allow_replicated_delete: options.allow_replicated_delete,
        allow_annotation_loss: options.allow_annotation_loss,
        allow_unconditional: options.allow_unconditional,
        custom_endpoint: store.has_custom_endpoint(),
    };
    let planned = tokio::select! {
        biased;
        signal = context.signals.wait() => {
            context.printer.error("interrupted before anything was deleted");
            return Ok(CommandEnd::explained(signal));
        }
        planned = plan(&options, policy, &store, replicas, context) => planned?,
    };
    verify::say_refused_rules(replicas, &context.printer);
    let checked = match replicas {
        Some(replicas) if replicas.asks_only_given() => CheckedDestinations::OnlyGiven,
        Some(_) | None => CheckedDestinations::All,
    };
    let (plan, journal, verify) = match planned {
        PlanResult::Planned(plan, journal, verify) => (*plan, journal, verify),
        PlanResult::Empty => return Ok(context.nothing::<DeleteEntry, _>(&nothing, &DeleteSummary::default())?),
        PlanResult::BadList => return Ok(CommandEnd::explained(ExitStatus::Unknown)),
    };
    let asked = plan.asks_for();
    let refused = |plan: DeletionPlan<File>, reason| anyhow::Ok(stream::iter(plan.refuse(reason)?));
    let quit = nothing_more();
    let shown = options.shown.clone();
    let dry_run = options.dry_run;
    let to = |targets| ReportTo { targets, journal: None, context, quit: &quit, orders: asked.orders, shown, dry_run };
    if let Some(most) = options.max_delete
        && asked.orders > most
    {
        let planned = plural(asked.orders, "object");
        context
            .printer
            .note(format!("the plan would delete {planned}, and --max-delete is {most}: nothing was deleted; allow more, or choose fewer objects"));
        let events = refused(plan, Some(KeepReason::OverLimit))?;
        return Ok(report_deletes(events, to(targets), &nothing).await);
    }
    if options.dry_run {
        consent::show(&plan, checked, true, |line| context.printer.note(line));
        return Ok(report_deletes(refused(plan, None)?, to(targets), &nothing).await);
    }
    let mut not_before = None;
    if asked.orders > 0 && !options.yes {
        match consent::ask(&plan, checked, context).await {
            ConsentAnswer::Yes => not_before = Some(context.machine.clock.now().earlier(THOUGHT_OVER)),
            ConsentAnswer::No => {
                let events = refused(plan, Some(KeepReason::NotConsented))?;
                return Ok(report_deletes(events, to(targets), &nothing).await);
            }
            ConsentAnswer::Interrupted(signal) => {
                context.printer.error("interrupted before anything was deleted");
                return Ok(CommandEnd::explained(signal));
            }
            ConsentAnswer::Unasked(why) => bail!("asking for confirmation: {why:#}; nothing was deleted"),
        }
    }
    let how = ExecuteOptions { verify, not_before, replicas, nothing: &nothing, shown: options.shown };
    carry_out(plan, how, journal.as_ref(), &store, targets, context).await
}

/// An answer to the prompt within this time is about what is there now.
const THOUGHT_OVER: Duration = Duration::from_secs(5);

struct ExecuteOptions<'a> {
    verify: VerifyDeleted,
    not_before: Option<Moment>,
    replicas: Option<&'a Replicas<'a>>,
    /// The message if no listed object is left.
    nothing: &'a str,
    shown: RowFilter,
}

async fn carry_out(
    plan: DeletionPlan<File>,
    how: ExecuteOptions<'_>,
    journal: Option<&JournalWriter>,
    store: &Arc<S3Store>,
    targets: Targets,
    context: &Context,
) -> Result<CommandEnd> {
    let asked = plan.asks_for();
    let approved = plan.approve(asked).context("nothing was deleted")?;
    let concurrency = context.concurrency.get();
    let ExecuteOptions { verify, not_before, replicas, nothing, shown } = how;
    let deleter = S3Deleter::new(store, replicas, context.delete_settings());
    let quit = AtomicBool::new(false);
    let stop = || quit.load(Ordering::Relaxed) || context.signals.caught().is_some();
    let execution = DeleteExecution {
        deleter: &deleter,
        journal,
        concurrency,
        verify,
        clock: context.machine.clock,
        not_before,
        stop: &stop,
    };
    let to = ReportTo { targets, journal, context, quit: &quit, orders: asked.orders, shown, dry_run: false };
    Ok(report_deletes(execute(approved, execution)?, to, nothing).await)
}

enum PlanResult {
    Planned(Box<DeletionPlan<File>>, Option<JournalWriter>, VerifyDeleted),
    /// The list is empty.
    Empty,
    /// A line of the list is invalid, and was reported.
    BadList,
}

/// Reads the list, opens the journal, checks every object now, and decides.
async fn plan(
    options: &SafeDeleteOptions,
    policy: Policy,
    store: &Arc<S3Store>,
    replicas: Option<&Replicas<'_>>,
    context: &Context,
) -> Result<PlanResult> {
    let found = options.objects.clone().stream(store, Box::new(|_| ()));
    let Some(mut gathered) = gather(found, policy.mode == DeleteMode::Permanent, context).await? else {
        return Ok(PlanResult::BadList);
    };
    let list = match &options.objects {
        ObjectSelection::Under(scopes) => text_of_scopes(scopes),
        ObjectSelection::Named(_) | ObjectSelection::From(_) => gathered.hash.clone(),
    };
    let arguments_hash = hash_of_arguments(&list, &policy, options.verify.as_deref());
    let header = JournalHeader { connection: store.connection(), arguments_hash };
    let refuse_empty = |empty: Vec<ListingScope>| {
        empty.into_iter().for_each(|scope| context.printer.error(ObjectSourceError::Nothing(scope)));
        context.printer.error("nothing was deleted");
        Ok(PlanResult::BadList)
    };
    let mut empty = if context.allow_empty { Vec::new() } else { std::mem::take(&mut gathered.empty) };
    // A journal that does not exist is not created for a list that is refused.
    if !empty.is_empty() && options.journal.as_deref().is_none_or(|path| !path.exists()) {
        return refuse_empty(empty);
    }
    let (past, journal) = open_journal(options.journal.as_deref(), &header, options.dry_run, context)?;
    if let Some(past) = &past {
        // An earlier run of the journal may have hidden all that a prefix had.
        let mut left = Vec::new();
        for scope in empty {
            if !past.has(|object| scope.contains(object)).context("reading the journal")? {
                left.push(scope);
            }
        }
        empty = left;
    }
    if !empty.is_empty() {
        return refuse_empty(empty);
    }
    let verify = match &past {
        Some(past) if past.replay.is_contradicted() => options.verify_deleted.after_a_contradiction(),
        Some(_) | None => options.verify_deleted,
    };
    let is_shown = options.dry_run || !options.yes;
    if gathered.count == 0 && past.as_ref().is_none_or(|past| past.replay.is_empty()) {
        return Ok(PlanResult::Empty);
    }
    let plan = PlanRequest {
        gathered,
        past,
        journal: journal.as_ref(),
        policy,
        is_shown,
        wait: options.wait,
        verify,
        store,
        replicas,
        context,
    };
    Ok(PlanResult::Planned(build_plan(plan).await?.into(), journal, verify))
}
