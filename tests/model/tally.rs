//! What a run of the test has seen, and how it tells of a failure.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::carried::Carried;
use crate::history::History;
use crate::oracle::Broken;
use crate::report::Report;

/// Counts over all histories.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) histories: u64,
    runs: u64,
    killed: u64,
    requests: u64,
    /// Histories in which something was deleted or hidden.
    pub(crate) changed: u64,
    codes: BTreeMap<i32, u64>,
    outcomes: BTreeMap<String, u64>,
    /// With its seed.
    slowest: (Duration, u64),
}

impl Tally {
    pub(crate) fn count(&mut self, history: &History, carried: &Carried, took: (Duration, u64)) {
        self.histories += 1;
        self.slowest = self.slowest.max(took);
        let changed = |request: &replaudit_sandbox::Request| !request.effects.is_empty();
        self.changed += u64::from(carried.ran.iter().any(|ran| ran.requests.iter().any(changed)));
        for ran in &carried.ran {
            self.runs += 1;
            self.requests += ran.requests.len() as u64;
            match ran.code {
                None => self.killed += 1,
                Some(code) => *self.codes.entry(code).or_default() += 1,
            }
            if let Ok(Some(report)) = Report::of(&ran.stdout, history.arguments.ndjson) {
                for entry in report.entries {
                    let word = if entry.outcome == "kept" { format!("kept:{}", entry.reason) } else { entry.outcome };
                    *self.outcomes.entry(word).or_default() += 1;
                }
            }
        }
    }

    pub(crate) fn text(&self, seed: u64, took: Duration) -> String {
        format!(
            "seed {seed}: {} histories in {:.1} s, {} runs ({} killed), {} requests, {} histories deleted something, the slowest took {:.1} s (seed {})\n  exit codes {:?}\n  outcomes {:?}",
            self.histories,
            took.as_secs_f64(),
            self.runs,
            self.killed,
            self.requests,
            self.changed,
            self.slowest.0.as_secs_f64(),
            self.slowest.1,
            self.codes,
            self.outcomes
        )
    }
}

/// Whether the test goes on after a failure, to find more of them.
pub(crate) fn goes_on() -> bool {
    std::env::var_os("REPLAUDIT_MODEL_GO_ON").is_some()
}

/// Prints; seen with `--nocapture` and on failure.
#[expect(clippy::print_stderr, reason = "the one line that a long run is for")]
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}

/// Everything that is needed to understand and to repeat a failure.
pub(crate) fn failure(seed: u64, first: &str, history: &History, carried: &Carried, broken: &Broken) -> String {
    format!(
        "the rule {:?} does not hold: {}\nrepeat: REPLAUDIT_MODEL_SEED={seed} REPLAUDIT_MODEL_HISTORIES=1 cargo test --test model\nbefore parts were taken out: {first}\n{}",
        broken.rule,
        broken.what,
        story(history, carried)
    )
}

/// A history and what came of it.
pub(crate) fn story(history: &History, carried: &Carried) -> String {
    let mut text = format!("{history:#?}\nothers: {:?}\n", carried.others);
    for (run, ran) in carried.ran.iter().enumerate() {
        let _ = write!(
            text,
            "run {run}: {:?}, exit code {:?}\nstdout: {}\nstderr: {}\njournal: {}\n",
            ran.line, ran.code, ran.stdout, ran.stderr, ran.journals[1]
        );
        for request in &ran.requests {
            let condition = request.headers.get("if-match");
            let status = request.answer.get("x-amz-replication-status");
            let _ = writeln!(
                text,
                "  {:>4} {} {:?} {:?} version {:?} if {condition:?} -> {:?} at {:?}, {status:?} {:?} {:?} {}",
                request.arrived,
                request.operation,
                request.bucket,
                request.key,
                request.version_id,
                request.status,
                request.answered,
                request.answer.get("x-amz-version-id"),
                request.effects,
                request.body.as_deref().unwrap_or("")
            );
        }
    }
    text
}
