//! What a run of the test has seen, and how it tells of one history.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::carried::Ran;
use crate::carry_out::Outcome;
use crate::network::Sent;
use crate::plan::Plan;

/// Counts over all histories.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) histories: u64,
    runs: u64,
    requests: u64,
    /// Histories in which something was deleted or hidden.
    pub(crate) changed: u64,
    /// Delete markers that were removed again.
    undone: u64,
    /// By command.
    codes: BTreeMap<(&'static str, Option<i32>), u64>,
}

impl Tally {
    pub(crate) fn count(&mut self, outcome: &Outcome) {
        self.histories += 1;
        let effects = |ran: &Ran| ran.requests.iter().map(|request| request.effects.len() as u64).sum::<u64>();
        for (command, ran, sent) in each_run(outcome) {
            self.runs += 1;
            self.requests += sent.len() as u64;
            self.undone += if command == "undo" { effects(ran) } else { 0 };
            *self.codes.entry((command, ran.code)).or_default() += 1;
        }
        self.changed += u64::from(outcome.carried.ran.iter().any(|ran| effects(ran) > 0));
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.histories += other.histories;
        self.runs += other.runs;
        self.requests += other.requests;
        self.changed += other.changed;
        self.undone += other.undone;
        other.codes.into_iter().for_each(|(code, count)| *self.codes.entry(code).or_default() += count);
    }

    pub(crate) fn text(&self, took: Duration) -> String {
        let second = self.histories as f64 / took.as_secs_f64();
        format!(
            "{second:.0} histories a second; {} runs, {} requests, {} histories deleted something, {} markers were removed \
             again, exit codes {:?}",
            self.runs, self.requests, self.changed, self.undone, self.codes
        )
    }
}

/// Every run with what its client sent, in order.
fn each_run(outcome: &Outcome) -> impl Iterator<Item = (&'static str, &Ran, &Vec<Sent>)> {
    let deleted = outcome.carried.ran.iter().zip(&outcome.sent).map(|(ran, sent)| ("safe-delete", ran, sent));
    let undone = outcome.undone.iter().flat_map(|undone| undone.ran.iter().zip(&undone.sent));
    let asked = outcome.asked.iter().map(|asked| ("status", &asked.ran, &asked.sent));
    deleted.chain(undone.map(|(ran, sent)| ("undo", ran, sent))).chain(asked)
}

/// Everything that must be the same when the seed is the same.
pub(crate) fn trace(outcome: &Outcome) -> Vec<String> {
    let mut trace = Vec::new();
    for (_, ran, sent) in each_run(outcome) {
        trace.extend(sent.iter().map(|sent| format!("{} -> {:?}", sent.line, sent.status)));
        trace.push(format!("exit code {:?}", ran.code));
        trace.push(ran.stdout.clone());
        trace.push(ran.journals[1].clone());
    }
    trace
}

/// A plan and what came of it.
pub(crate) fn story(plan: &Plan, outcome: &Outcome) -> String {
    let mut text = format!("{plan:#?}\nothers: {:?}\n", outcome.carried.others);
    for (_, ran, sent) in each_run(outcome) {
        let _ = writeln!(text, "{:?}, exit code {:?}\n{}\n{}", ran.line, ran.code, ran.stdout, ran.stderr);
        let _ = writeln!(text, "journal: {}", ran.journals[1]);
        for sent in sent {
            let _ = writeln!(
                text,
                "  {} {} -> {:?} {:?}{}",
                sent.tick,
                sent.line,
                sent.received,
                sent.status,
                if sent.cut { " cut" } else { "" }
            );
        }
        for request in ran.requests.iter().filter(|request| !request.effects.is_empty()) {
            let _ = writeln!(text, "  effects of {}: {:?}", request.arrived, request.effects);
        }
    }
    text
}
