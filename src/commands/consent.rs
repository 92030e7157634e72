//! Consent: asked on stderr, answered on the controlling terminal and nowhere else. A pipe can't consent.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

use super::Context;
use crate::deletion::{Decision, DeletionPlan, Entry, Mode};
use crate::exit::ExitStatus;
use crate::model::human_bytes;
use crate::output::plural;

const TERMINAL: &str = "/dev/tty";
/// Orders shown before the question.
const SHOWN: usize = 10;

/// What came of asking.
pub(super) enum Answer {
    Yes,
    No,
    /// A signal came while waiting.
    Interrupted(ExitStatus),
    /// There was nobody to ask.
    Unasked(String),
}

/// Whether there is a terminal to ask on.
pub(super) fn has_terminal() -> bool {
    File::options().read(true).write(true).open(TERMINAL).is_ok()
}

/// Shows what would happen, names the numbers, and waits for the answer.
pub(super) async fn ask(plan: &DeletionPlan, context: &Context) -> Answer {
    let asked = plan.asks_for();
    let printer = &context.printer;
    for entry in plan.entries().filter(|entry| entry.decision == Decision::Delete).take(SHOWN) {
        let version = entry.version_id.as_deref().unwrap_or("null");
        printer.tell(format!("  s3://{}/{} (version {version})", entry.bucket, entry.key));
    }
    if asked.orders > SHOWN as u64 {
        printer.tell(format!("  … and {} more", asked.orders - SHOWN as u64));
    }
    let mut kept: BTreeMap<&str, u64> = BTreeMap::new();
    for reason in plan.entries().filter_map(Entry::kept) {
        *kept.entry(reason.word()).or_default() += 1;
    }
    if !kept.is_empty() {
        let reasons: Vec<String> = kept.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        printer.tell(format!("kept: {}", reasons.join(", ")));
    }
    let (count, bytes) = (plural(asked.orders, "object"), human_bytes(asked.bytes));
    let expected = match plan.mode() {
        Mode::Hide => {
            printer.tell(format!("{count} ({bytes}) will be hidden behind delete markers; every version stays."));
            printer.ask("Go on? [y/N] ");
            vec!["y".to_owned(), "yes".to_owned()]
        }
        Mode::Permanent => {
            printer.tell(format!(
                "{count} ({bytes}) will be removed by version id, irreversibly, on S3's word alone. An older version, where there is one, comes back as current."
            ));
            printer.ask(&format!("Type {} to go on: ", asked.orders));
            vec![asked.orders.to_string()]
        }
    };
    // What was typed before the question is no answer to it.
    if let Ok(terminal) = File::open(TERMINAL) {
        let _ = rustix::termios::tcflush(&terminal, rustix::termios::QueueSelector::IFlush);
    }
    let typed = tokio::select! {
        biased;
        signal = context.signals.wait() => return Answer::Interrupted(signal),
        typed = tokio::task::spawn_blocking(read_line) => typed,
    };
    match typed {
        Ok(Ok(line)) if expected.contains(&line.trim().to_lowercase()) => Answer::Yes,
        Ok(Ok(line)) => {
            if !line.ends_with('\n') {
                // Ctrl-D: what follows begins a line of its own.
                printer.tell("");
            }
            Answer::No
        }
        Ok(Err(error)) => Answer::Unasked(format!("reading {TERMINAL}: {error}")),
        Err(error) => Answer::Unasked(error.to_string()),
    }
}

fn read_line() -> std::io::Result<String> {
    let mut line = String::new();
    BufReader::new(File::open(TERMINAL)?).read_line(&mut line)?;
    Ok(line)
}
