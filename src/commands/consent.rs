//! Consent: asked on stderr, answered on the controlling terminal only. A pipe cannot consent.

use std::fs::File;
use std::io::{BufRead, BufReader};

use jiff::Timestamp;

use super::Context;
use crate::deletion::{Consent, DeleteMode, DeletionPlan, ExpiryTally, HiddenFates, PlanSummary, Policy};
use crate::exit::ExitStatus;
use crate::model::{human_bytes, human_count};
use crate::output::plural;
use crate::platform::{TERMINAL, discard_typed, open_terminal};

/// How the question was answered.
pub(super) enum ConsentAnswer {
    Yes,
    No,
    /// A signal arrived before the answer.
    Interrupted(ExitStatus),
    /// The question could not be asked.
    Unasked(anyhow::Error),
}

/// Whether there is a terminal to ask on.
pub(super) fn has_terminal() -> bool {
    open_terminal().is_ok()
}

/// Where the replicas were looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckedDestinations {
    /// In every destination bucket.
    All,
    /// Where the rules could not be read, only in the buckets that `--destination` names. There may be more.
    OnlyGiven,
}

impl CheckedDestinations {
    fn every(self) -> &'static str {
        match self {
            Self::All => "every destination bucket",
            Self::OnlyGiven => "every bucket of --destination",
        }
    }
}

/// How the lines of a plan speak: of a dry run in "would".
struct PlanTense {
    /// `will` or `would`.
    will: &'static str,
    dry_run: bool,
}

impl PlanTense {
    /// `removes` or `would remove`.
    fn verb(&self, verb: &str, third_person: &str) -> String {
        if self.dry_run { format!("would {verb}") } else { third_person.to_owned() }
    }
}

/// Shows a plan, line by line: what is kept and why, and what the deletion means here. Before a prompt, what is deleted
/// first comes before that; a dry run lists every object in its report.
pub(super) fn show(
    plan: &DeletionPlan<File>,
    checked: CheckedDestinations,
    dry_run: bool,
    mut line: impl FnMut(String),
) {
    let (summary, policy) = (plan.summary(), plan.policy());
    let PlanSummary { orders, bytes, kept, first, reaching_replicas, expiring_replicas, fates, done_before, .. } =
        summary;
    let tense = PlanTense { will: if dry_run { "would" } else { "will" }, dry_run };
    let will = tense.will;
    if !dry_run {
        for object in first {
            line(format!("  {object}"));
        }
        if *orders > first.len() as u64 {
            line(format!("  … and {} more", human_count(*orders - first.len() as u64)));
        }
    }
    for (reason, (count, bytes)) in kept {
        let count = human_count(*count);
        // The size is not known of what S3 did not show.
        let bytes = if *bytes == 0 { String::new() } else { format!(" ({})", human_bytes(*bytes)) };
        line(match dry_run {
            true => format!("would be kept: {count} {}{bytes}", reason.word()),
            false => format!("kept: {count} {}{bytes}: {}", reason.word(), reason.meaning()),
        });
    }
    if *done_before > 0 {
        line(format!("An earlier run completed {}, according to the journal.", plural(*done_before, "object")));
    }
    if *orders == 0 {
        return line(format!("No object {will} be deleted."));
    }
    let checked = format!("The replica in {} was checked just now", checked.every());
    let proof = match (policy.verify_replica, policy.mode, dry_run) {
        (true, DeleteMode::Hide, _) => format!("{checked}."),
        (true, DeleteMode::Permanent, true) => format!("{checked}, and would be checked again before the delete."),
        (true, DeleteMode::Permanent, false) => format!("{checked}, and is checked again before the delete."),
        (false, _, _) => "The only proof is S3's status: no replica was checked.".to_owned(),
    };
    let objects = format!("{} ({})", plural(*orders, "object"), human_bytes(*bytes));
    let reaching = plural(*reaching_replicas, "object");
    match policy.mode {
        DeleteMode::Hide => {
            line(format!(
                "{objects} {will} be hidden by delete markers. Every version {}. {proof}",
                tense.verb("stay", "stays")
            ));
            line(match reaching_replicas {
                0 => format!("No rule {} these delete markers.", tense.verb("replicate", "replicates")),
                _ => format!(
                    "The delete markers of {reaching} {will} or may be replicated. The replicas {will} then be hidden too."
                ),
            });
            what_lifecycle_does(fates, &tense, &mut line);
            what_expires(*expiring_replicas, &tense).into_iter().for_each(&mut line);
            what_only_a_delete_shows(policy, &tense).into_iter().for_each(&mut line);
        }
        DeleteMode::Permanent => {
            line(format!(
                "{objects} {will} be removed by version ID, irreversibly. {proof} If a key has an older version, that one {} current.",
                tense.verb("become", "becomes")
            ));
            line(match reaching_replicas {
                0 => format!(
                    "No replication rule {} the replicas{}. The lifecycle rules of destination buckets were not checked.",
                    tense.verb("remove", "removes"),
                    if policy.custom_endpoint { WITHOUT_A_RULE } else { "" }
                ),
                _ => format!("The replicas of {reaching} {will} or may be removed too."),
            });
            what_expires(*expiring_replicas, &tense).into_iter().for_each(&mut line);
            line(
                "Object Lock (retention and holds) is never bypassed: S3 refuses the delete of a locked version."
                    .to_owned(),
            );
        }
    }
}

/// Ceph RGW syncs the removal of a version between zones, and its rules have no switch for that.
const WITHOUT_A_RULE: &str = " (some servers, such as Ceph, remove them without a rule)";

/// Says how many replicas expire.
fn what_expires(expiring: Option<(u64, Timestamp)>, tense: &PlanTense) -> Option<String> {
    let (count, first) = expiring?;
    let (replicas, expire) = (plural(count, "object"), tense.verb("expire", "expire"));
    Some(format!("The replicas of {replicas} {expire} by a lifecycle rule of the destination, the first at {first}."))
}

/// Says what lifecycle rules do next with the hidden versions, and with older versions of the same keys.
fn what_lifecycle_does(fates: &HiddenFates, tense: &PlanTense, line: &mut impl FnMut(String)) {
    let HiddenFates { expire, may_expire, older_may_expire, all_may_expire, not_known } = fates;
    let removes = tense.verb("remove", "removes");
    let may_remove = if tense.dry_run { "might remove" } else { "may remove" };
    if let Some(tally) = expire {
        let remove = if tally.others { tense.verb("remove", "remove") } else { removes.clone() };
        line(format!("{}.", what_is_removed(tally, &remove, "")));
    }
    if let Some(tally) = may_expire {
        line(format!("{}.", what_is_removed(tally, may_remove, "")));
    }
    if let Some(tally) = all_may_expire {
        let what = what_is_removed(tally, may_remove, "every version of ");
        line(format!("{what}. Older versions go too, replicated or not."));
    }
    if let Some(ExpiryTally { first, .. }) = older_may_expire {
        let when = match first.days {
            0 => "at once".to_owned(),
            days => format!("{} after it became noncurrent", plural(days.into(), "day")),
        };
        line(format!(
            "{} keeps the newest {} of each key that it applies to. Hiding an object adds one, so an older version may be removed permanently, {when}.",
            rule_name(first.rule.as_deref()),
            plural(first.newest.unwrap_or_default().into(), "noncurrent version"),
        ));
    }
    match not_known {
        Some((_, failure)) => {
            line(format!("It is not known whether a lifecycle rule {removes} the hidden versions: {failure}"));
        }
        None if [expire, may_expire, older_may_expire, all_may_expire].iter().all(|tally| tally.is_none()) => {
            line(format!("No lifecycle rule {removes} the hidden versions."));
        }
        None => {}
    }
}

fn rule_name(id: Option<&str>) -> String {
    id.map_or_else(|| "A lifecycle rule".to_owned(), |id| format!("Lifecycle rule {id}"))
}

/// A sentence without its full stop. `versions` is empty for the hidden versions themselves.
fn what_is_removed(tally: &ExpiryTally, removes: &str, versions: &str) -> String {
    let ExpiryTally { count, first, others } = tally;
    let rule = rule_name(first.rule.as_deref()) + if *others { " and others" } else { "" };
    let (first_one, they) = match (others, count) {
        (true, _) => ("the first one ", "it is"),
        (false, 1) => ("", "it is"),
        (false, _) => ("", "they are"),
    };
    let when = match first.days {
        0 => format!("as soon as {they}"),
        days => format!("{} after {they}", plural(days.into(), "day")),
    };
    format!("{rule} {removes} {versions}{} permanently, {first_one}{when} hidden", plural(*count, "object"))
}

/// What only a delete shows: whether a server other than AWS supports If-Match.
fn what_only_a_delete_shows(policy: &Policy, tense: &PlanTense) -> Option<String> {
    if !policy.custom_endpoint {
        return None;
    }
    let begin = if tense.dry_run { "A dry run does not test" } else { "Only the first delete shows" };
    let is = tense.verb("be", "is");
    let then = match policy.allow_unconditional {
        true => format!("each object {is} hidden even if it was replaced after its check"),
        false => format!(
            "the first object {is} hidden even if it was replaced after its check, and all others {} kept (unconditional)",
            tense.verb("be", "are")
        ),
    };
    Some(format!("{begin} whether this server supports If-Match. If it does not, {then}."))
}

/// Shows what will happen, names the numbers, and waits for the answer.
pub(super) async fn ask(plan: &DeletionPlan<File>, checked: CheckedDestinations, context: &Context) -> ConsentAnswer {
    let printer = &context.printer;
    show(plan, checked, false, |line| printer.tell(line));
    let Consent { orders, bytes, .. } = plan.asks_for();
    match plan.mode() {
        DeleteMode::Hide => {
            let (objects, bytes) = (plural(orders, "object"), human_bytes(bytes));
            let question = format!("Hide {objects} ({bytes}) in {}? [y/N] ", plan.summary().buckets());
            answered(&question, &YES.map(str::to_owned), context).await
        }
        DeleteMode::Permanent => {
            let question = format!("Type the number of objects ({}) to confirm: ", human_count(orders));
            answered(&question, &[orders.to_string(), human_count(orders)], context).await
        }
    }
}

/// The answers that consent to a question with `[y/N]`.
pub(super) const YES: [&str; 2] = ["y", "yes"];

/// Asks, and waits for the answer. Any answer that is not expected declines.
pub(super) async fn answered(question: &str, expected: &[String], context: &Context) -> ConsentAnswer {
    let printer = &context.printer;
    // Text that was typed before the question is not an answer to it.
    if let Ok(terminal) = open_terminal() {
        discard_typed(&terminal);
    }
    printer.ask(question);
    let typed = tokio::select! {
        biased;
        signal = context.signals.wait() => return ConsentAnswer::Interrupted(signal),
        typed = tokio::task::spawn_blocking(read_line) => typed,
    };
    match typed {
        Ok(Ok(line)) if expected.contains(&line.trim().to_lowercase()) => ConsentAnswer::Yes,
        Ok(Ok(line)) => {
            if !line.ends_with('\n') {
                // After Ctrl-D, the next line of output needs a new line.
                printer.tell("");
            }
            ConsentAnswer::No
        }
        Ok(Err(error)) => ConsentAnswer::Unasked(anyhow::Error::new(error).context(format!("reading {TERMINAL}"))),
        Err(error) => ConsentAnswer::Unasked(error.into()),
    }
}

fn read_line() -> std::io::Result<String> {
    let mut line = String::new();
    BufReader::new(open_terminal()?).read_line(&mut line)?;
    Ok(line)
}
