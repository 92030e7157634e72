//! Consent: asked on stderr, answered on the controlling terminal and nowhere else. A pipe can't consent.

use std::fs::File;
use std::io::{BufRead, BufReader};

use super::Context;
use crate::deletion::{DeleteMode, DeletionPlan, HiddenFates, NoncurrentExpiry, PlanSummary, Policy};
use crate::exit::ExitStatus;
use crate::model::{human_bytes, human_count};
use crate::output::plural;

const TERMINAL: &str = "/dev/tty";

/// What came of asking.
pub(super) enum ConsentAnswer {
    Yes,
    No,
    /// A signal came while waiting.
    Interrupted(ExitStatus),
    /// The question could not be asked.
    Unasked(anyhow::Error),
}

/// Whether there is a terminal to ask on.
pub(super) fn has_terminal() -> bool {
    File::options().read(true).write(true).open(TERMINAL).is_ok()
}

/// Shows a plan, line by line: what is deleted first, what is kept and why, and what deleting will mean here.
pub(super) fn show(plan: &DeletionPlan<File>, mut line: impl FnMut(String)) {
    let (summary, policy) = (plan.summary(), plan.policy());
    let PlanSummary { orders, bytes, kept, first, reaching_replicas, fates, done_before } = summary;
    for object in first {
        line(format!("  {object}"));
    }
    if *orders > first.len() as u64 {
        line(format!("  … and {} more", human_count(*orders - first.len() as u64)));
    }
    for (reason, (count, bytes)) in kept {
        line(format!(
            "kept: {} {} ({}): {}",
            human_count(*count),
            reason.word(),
            human_bytes(*bytes),
            reason.meaning()
        ));
    }
    if *done_before > 0 {
        line(format!("{} were dealt with before, as the journal says.", plural(*done_before, "object")));
    }
    if *orders == 0 {
        return line("Nothing is to be deleted.".to_owned());
    }
    let proof = match (policy.verify_replica, policy.mode) {
        (true, DeleteMode::Hide) => "Each was found at every destination just now.",
        (true, DeleteMode::Permanent) => {
            "Each was found at every destination just now, and is looked for once more before it goes."
        }
        (false, _) => "That they are replicated is S3's word alone: no destination was asked.",
    };
    let count = plural(*orders, "object");
    let shown = human_bytes(*bytes);
    let reaching = plural(*reaching_replicas, "object");
    match policy.mode {
        DeleteMode::Hide => {
            line(format!("{count} ({shown}) will be hidden behind delete markers; every version stays. {proof}"));
            line(match reaching_replicas {
                0 => "No rule carries these delete markers to a destination.".to_owned(),
                _ => format!("The delete markers of {reaching} travel, or may: the replicas are hidden as well."),
            });
            what_lifecycle_does(fates, &mut line);
        }
        DeleteMode::Permanent => {
            line(format!(
                "{count} ({shown}) will be removed by version id, irreversibly. {proof} An older version, where there is one, comes back as current."
            ));
            line(match reaching_replicas {
                0 => "The replicas stay.".to_owned(),
                _ => format!("The replicas of {reaching} are removed as well, or may be."),
            });
            line(
                "Retention and legal holds are seen where permissions allow, and nothing goes around them.".to_owned(),
            );
        }
    }
}

/// Says what lifecycle rules do next with the hidden versions.
fn what_lifecycle_does(fates: &HiddenFates, line: &mut impl FnMut(String)) {
    let HiddenFates { expire, may_expire, not_known } = fates;
    let says = |removes: &str, count: u64, expiry: &NoncurrentExpiry| {
        let rule =
            expiry.rule.as_deref().map_or_else(|| "A lifecycle rule".to_owned(), |id| format!("Lifecycle rule {id}"));
        let (they, days) = (if count == 1 { "it is" } else { "they are" }, plural(expiry.days.into(), "day"));
        format!("{rule} {removes} {} for good {days} after {they} hidden.", plural(count, "object"))
    };
    if let Some((count, expiry)) = expire {
        line(says("removes", *count, expiry));
    }
    if let Some((count, expiry)) = may_expire {
        line(says("may remove", *count, expiry));
    }
    match not_known {
        Some((_, failure)) => {
            line(format!("It is not known whether a lifecycle rule removes the hidden versions: {failure}"));
        }
        None if expire.is_none() && may_expire.is_none() => {
            line("No lifecycle rule removes the hidden versions.".to_owned());
        }
        None => {}
    }
}

/// What only a delete would tell.
pub(super) fn what_a_dry_run_leaves_open(policy: &Policy) -> Option<&'static str> {
    (policy.mode == DeleteMode::Hide && policy.custom_endpoint).then_some(
        "Whether this server honours If-Match is learned from the first delete: a dry run does not ask. If it does not, all but that one are kept as unconditional.",
    )
}

/// Shows what would happen, names the numbers, and waits for the answer.
pub(super) async fn ask(plan: &DeletionPlan<File>, context: &Context) -> ConsentAnswer {
    let printer = &context.printer;
    show(plan, |line| printer.tell(line));
    match plan.mode() {
        DeleteMode::Hide => answered("Go on? [y/N] ", &["y".to_owned(), "yes".to_owned()], context).await,
        DeleteMode::Permanent => {
            let orders = plan.asks_for().orders;
            answered(&format!("Type {orders} to go on: "), &[orders.to_string()], context).await
        }
    }
}

/// Asks, and waits for the answer: any other answer than the expected ones declines.
pub(super) async fn answered(question: &str, expected: &[String], context: &Context) -> ConsentAnswer {
    let printer = &context.printer;
    // What was typed before the question does not answer it.
    if let Ok(terminal) = File::open(TERMINAL) {
        let _ = rustix::termios::tcflush(&terminal, rustix::termios::QueueSelector::IFlush);
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
                // Ctrl-D: what follows begins a line of its own.
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
    BufReader::new(File::open(TERMINAL)?).read_line(&mut line)?;
    Ok(line)
}
