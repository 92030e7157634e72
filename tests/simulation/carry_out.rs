//! Carries a plan out, and makes of the server's log what the client saw: a request was sent when the client gave it away, and
//! answered when its last byte was read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use replaudit_sandbox::{Principal, Request, Sandbox};

use crate::accident::Accident;
use crate::arguments::{Arguments, Order, journal};
use crate::carried::{Carried, Done, Ran};
use crate::network::{CALLER, NUMBER, Network, Sent};
use crate::plan::Plan;
use crate::program::{self, Signals};
use crate::stage::{Stage, lock};
use crate::status::{Asked, STATUS};
use crate::undo::{FIRST_UNDO, Undone, undo_journal};
use crate::world::Snapshot;
use crate::{clock, tear};

/// What came of a plan.
pub(crate) struct Outcome {
    pub(crate) carried: Carried,
    /// What the client sent, by run.
    pub(crate) sent: Vec<Vec<Sent>>,
    pub(crate) undone: Option<Undone>,
    pub(crate) asked: Option<Asked>,
}

/// So long after a run nothing is under way any more.
const SETTLES: Duration = Duration::from_secs(300);

/// Carries it out on a machine of its own, with files in `folder`.
pub(crate) fn carry_out(plan: &Plan, folder: &Path) -> Outcome {
    fastrand::seed(plan.seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime");
    let outcome = runtime.block_on(async {
        clock::begin();
        carry_out_now(plan, folder).await
    });
    runtime.shutdown_background();
    outcome
}

async fn carry_out_now(plan: &Plan, folder: &Path) -> Outcome {
    let history = &plan.history;
    for file in [journal(folder), undo_journal(folder)] {
        let _ = fs::remove_file(file);
    }
    let s3 = Sandbox::without_network(clock::server_time);
    s3.page_size(plan.page);
    let ids = history.world.build(&s3);
    let caller = Principal::new(CALLER, "secret");
    s3.principal(history.world.denied.iter().fold(caller, |caller, action| caller.deny(action)));
    let orders = history.arguments.orders(&history.world, &ids);
    let before = history.world.snapshot(&s3);
    let steps = Steps { plan, folder, s3: Arc::new(s3), done: Arc::default() };
    let (mut ran, mut all_sent): (Vec<Ran>, Vec<Vec<Sent>>) = (Vec::new(), Vec::new());
    for run in 0..history.runs {
        if run > 0 && history.torn > 0 {
            tear::tear(&journal(folder), ran.last(), history.torn);
        }
        let journal = history.arguments.journal.then(|| journal(folder));
        let (this, sent) = steps.run(run, command_line(plan, run, &orders, folder), journal, None).await;
        ran.push(this);
        all_sent.push(sent);
    }
    let others = std::mem::take(&mut *lock(&steps.done));
    let undone = steps.undo(ran.last()).await;
    let asked = steps.ask(&orders).await;
    let carried = Carried { orders, tagged: history.world.tagged(&ids), before, ran, others };
    Outcome { carried, sent: all_sent, undone, asked }
}

/// Runs of the program against one server, one after the other.
struct Steps<'a> {
    plan: &'a Plan,
    folder: &'a Path,
    s3: Arc<Sandbox>,
    /// What others did since it was last taken.
    done: Arc<Mutex<Vec<Done>>>,
}

impl Steps<'_> {
    fn report(&self) -> PathBuf {
        self.folder.join("report")
    }

    /// One run; `moments` gets what the server holds whenever that changes.
    async fn run(
        &self,
        step: usize,
        line: Vec<String>,
        journal: Option<PathBuf>,
        moments: Option<Arc<Mutex<Vec<Snapshot>>>>,
    ) -> (Ran, Vec<Sent>) {
        let Self { plan, s3, .. } = self;
        let history = &plan.history;
        s3.clear_requests();
        s3.clear_faults();
        history.faults.iter().filter(|(at, _)| *at == step).for_each(|(_, wrong)| s3.fault(wrong.fault()));
        let events = history.events.iter().filter(|(at, _)| *at == step).map(|(_, event)| event.clone()).collect();
        let signals = Signals::new();
        let intents: Arc<Mutex<BTreeMap<u64, String>>> = Arc::default();
        let sender = Arc::clone(&signals);
        let stage = Stage {
            journal: journal.clone(),
            intents: intents.clone(),
            world: history.world.clone(),
            signal: Box::new(move |action| sender.send(action)),
            done: self.done.clone(),
            events: Mutex::new(events),
            counts: Mutex::new(HashMap::new()),
        };
        s3.watch(move |s3, seen| {
            stage.at(s3, seen);
            if let Some(moments) = &moments {
                lock(moments).push(stage.world.snapshot(s3));
            }
        });
        let accidents: Vec<Accident> = plan.accidents.iter().filter(|accident| accident.run == step).copied().collect();
        let ticks = Arc::clone(s3);
        let network = Network::new(s3.connection(), move || ticks.tick(), plan.seed, plan.slowest, accidents);
        let read_journal = || journal.as_deref().map(read).unwrap_or_default();
        let at_start = read_journal();
        let report = self.report();
        let _ = fs::remove_file(&report);
        let ended = program::run(&line, &network, &signals).await;
        tokio::time::sleep(SETTLES).await;
        s3.unwatch();
        let sent = std::mem::take(&mut *lock(&network.sent));
        let (requests, intents) = as_seen(s3.requests(), &sent, &std::mem::take(&mut *lock(&intents)));
        let ran = Ran {
            line,
            code: ended.code,
            stdout: read(&report),
            stderr: ended.panics,
            requests,
            journals: [at_start, read_journal()],
            intents,
            after: history.world.snapshot(s3),
            in_time: ended.in_time,
        };
        (ran, sent)
    }

    /// Undoes what the last run did, if the plan says so and there is something to read.
    async fn undo(&self, last: Option<&Ran>) -> Option<Undone> {
        let (undo, last) = (self.plan.undo?, last?);
        let source = if undo.reads_journal { &last.journals[1] } else { &last.stdout };
        // Most files that name no marker are left out: there is little to see.
        let names_one = source.contains(r#""new_marker_version_id":""#);
        if source.is_empty() || !(names_one || self.plan.seed.is_multiple_of(8)) {
            return None;
        }
        let file = self.folder.join("result");
        fs::write(&file, source).expect("a copy of the result");
        let before = self.plan.history.world.snapshot(&self.s3);
        let (mut ran, mut all_sent) = (Vec::new(), Vec::new());
        for run in 0..undo.runs() {
            let mut line = undo.command_line(&file, self.folder, &self.report());
            line.splice(1..1, self.plan.options());
            let journal = undo.journal.then(|| undo_journal(self.folder));
            let (this, sent) = self.run(FIRST_UNDO + run, line, journal, None).await;
            ran.push(this);
            all_sent.push(sent);
        }
        let others = std::mem::take(&mut *lock(&self.done));
        Some(Undone { source: source.clone(), before, ran, sent: all_sent, others })
    }

    /// Asks for the status, if the plan says so.
    async fn ask(&self, orders: &[Order]) -> Option<Asked> {
        let history = &self.plan.history;
        let (arguments, world) = (&history.arguments, &history.world);
        let mut line = self.plan.status?.command_line(arguments, world, orders, self.folder, &self.report());
        line.splice(1..1, self.plan.options());
        let moments = Arc::new(Mutex::new(vec![world.snapshot(&self.s3)]));
        let seen = (!history.events.is_empty()).then(|| Arc::clone(&moments));
        let (ran, sent) = self.run(STATUS, line, None, seen).await;
        let mut moments = std::mem::take(&mut *lock(&moments));
        moments.push(ran.after.clone());
        Some(Asked { moments, ran, sent })
    }
}

/// The model's command line of a run; the report goes to a file, and nothing to the terminal.
fn command_line(plan: &Plan, run: usize, orders: &[Order], folder: &Path) -> Vec<String> {
    let arguments = Arguments { verify_deleted: plan.verify_deleted[run], ..plan.history.arguments.clone() };
    let mut line = arguments.command_line(&plan.history.world, orders, folder);
    let format = if plan.history.arguments.ndjson { "ndjson" } else { "json" };
    let output = line.iter().position(|word| word == "-o").expect("it has a format");
    line.splice(
        output..=output + 1,
        ["-q".to_owned(), "--write".to_owned(), format!("{format}={}", folder.join("report").display())],
    );
    line.splice(1..1, plan.options());
    line
}

fn read(path: &Path) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// The log in the client's time.
fn as_seen(
    mut requests: Vec<Request>,
    sent: &[Sent],
    intents: &BTreeMap<u64, String>,
) -> (Vec<Request>, BTreeMap<u64, String>) {
    let mut known = BTreeMap::new();
    // The answer to the copy of a question reaches no client.
    let (number_of, mut asked) = (|request: &Request| request.headers.get(NUMBER).cloned(), BTreeSet::new());
    requests.retain(|request| request.is_write() || asked.insert(number_of(request)));
    for request in &mut requests {
        let number: Option<usize> = request.headers.get(NUMBER).and_then(|number| number.parse().ok());
        let Some(sent) = number.and_then(|number| sent.get(number)) else { continue };
        if let Some(intent) = intents.get(&request.arrived) {
            known.insert(sent.tick, intent.clone());
        }
        request.arrived = sent.tick;
        // A delete counts from when it is written, a question from when it is asked.
        // No client can look at the clock once more if it stands still while it connects.
        let written = sent.written_at.map_or(sent.at, |at| at - sent.stood_still);
        request.arrived_at = if request.is_write() { written } else { sent.at };
        request.answered = sent.received;
        request.altered |= sent.cut;
    }
    (requests, known)
}
