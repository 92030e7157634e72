//! Carries a history out: the server in this process, the program as a child.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use replaudit_sandbox::{Principal, Sandbox};

use crate::arguments::journal;
use crate::carried::{Carried, Done, Ran};
use crate::history::{Action, History, How};
use crate::stage::{Stage, lock};
use crate::tear;

/// No run takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// The same of a slow history, with its stalls.
const SLOW_PATIENCE: Duration = Duration::from_secs(150);
/// A request that is delayed for longer ends with its connection.
const LONGEST_SETTLING: Duration = Duration::from_secs(1);

/// Carries it out, with files in a folder of its own.
pub(crate) fn carry_out(history: &History, folder: &Path) -> Carried {
    let _ = fs::remove_file(journal(folder));
    let s3 = Sandbox::start().expect("the sandbox starts");
    let ids = history.world.build(&s3);
    let caller = Principal::new("CALLER", "secret");
    s3.principal(history.world.denied.iter().fold(caller, |caller, action| caller.deny(action)));
    let orders = history.arguments.orders(&history.world, &ids);
    let before = history.world.snapshot(&s3);
    let done: Arc<Mutex<Vec<Done>>> = Arc::default();
    let mut ran: Vec<Ran> = Vec::new();
    for run in 0..history.runs {
        let of_this = |at: &usize| *at == run;
        s3.clear_requests();
        s3.clear_faults();
        for (_, wrong) in history.faults.iter().filter(|(at, _)| of_this(at)) {
            s3.fault(wrong.fault());
        }
        let events = history.events.iter().filter(|(at, _)| of_this(at)).map(|(_, event)| event.clone()).collect();
        let program = Program::default();
        if run > 0 && history.torn > 0 {
            tear::tear(&journal(folder), ran.last(), history.torn);
        }
        let intents: Arc<Mutex<BTreeMap<u64, String>>> = Arc::default();
        let stage = Stage {
            journal: history.arguments.journal.then(|| journal(folder)),
            intents: intents.clone(),
            world: history.world.clone(),
            signal: signals_to(&program),
            done: done.clone(),
            events: Mutex::new(events),
            counts: Mutex::new(HashMap::new()),
        };
        s3.watch(move |s3, seen| stage.at(s3, seen));
        let line = history.arguments.command_line(&history.world, &orders, folder);
        let at_start = read(&journal(folder));
        let patience = if history.slow { SLOW_PATIENCE } else { PATIENCE };
        let (code, in_time) = run_to_the_end(&s3, &line, folder, &program, patience);
        std::thread::sleep(settling(history, run, code));
        s3.unwatch();
        ran.push(Ran {
            line,
            code,
            stdout: read(&folder.join("stdout")),
            stderr: read(&folder.join("stderr")),
            requests: s3.requests(),
            journals: [at_start, read(&journal(folder))],
            intents: std::mem::take(&mut *lock(&intents)),
            after: history.world.snapshot(&s3),
            in_time,
        });
    }
    let others = lock(&done).clone();
    Carried { orders, tagged: history.world.tagged(&ids), before, ran, others }
}

/// How long the server may still act on what it received: late effects, and requests of a program that was killed.
fn settling(history: &History, run: usize, code: Option<i32>) -> Duration {
    let late = history.faults.iter().filter(|(at, _)| *at == run).map(|(_, wrong)| match wrong.how {
        How::Late(delay) | How::Delay(delay) => (delay + Duration::from_millis(10)).min(LONGEST_SETTLING),
        How::Status(..) | How::StatusAfter(..) | How::CloseBefore | How::CloseAfter => Duration::ZERO,
        How::DelayAnswer(_) | How::Cut(_) | How::Doubled(_) | How::Html | How::Header(..) => Duration::ZERO,
    });
    let killed = if code.is_none() { Duration::from_millis(10) } else { Duration::ZERO };
    late.max().unwrap_or_default().max(killed)
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}

fn run_to_the_end(
    s3: &Sandbox,
    line: &[String],
    folder: &Path,
    program: &Program,
    patience: Duration,
) -> (Option<i32>, bool) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_replaudit"));
    let file = |name| File::create(folder.join(name)).expect("a file for what it says");
    command.env_clear().envs(s3.env()).env("AWS_ACCESS_KEY_ID", "CALLER").env("AWS_SECRET_ACCESS_KEY", "secret");
    command.env("HOME", "/nonexistent").args(line);
    command.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr"));
    *lock(program) = Some(command.spawn().expect("the program starts"));
    let begin = Instant::now();
    let mut in_time = true;
    loop {
        if let Some(child) = lock(program).as_mut() {
            if let Some(status) = child.try_wait().expect("it can be waited for") {
                return (status.code(), in_time);
            }
            if in_time && begin.elapsed() > patience {
                in_time = false;
                let _ = child.kill();
            }
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The running program; None before and after.
type Program = Arc<Mutex<Option<Child>>>;

/// Sends the signals of events to the program.
fn signals_to(program: &Program) -> Box<dyn Fn(Action) + Send + Sync> {
    let program = program.clone();
    Box::new(move |action| match action {
        Action::Kill => send(&program, Signal::SIGKILL),
        Action::KillSoon(micros) => {
            let program = program.clone();
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_micros(micros));
                send(&program, Signal::SIGKILL);
            });
        }
        Action::Interrupt => send(&program, Signal::SIGINT),
        Action::Terminate => send(&program, Signal::SIGTERM),
        _ => {}
    })
}

/// Sends a signal to the program, unless it was waited for already: then its number may be somebody else's.
fn send(program: &Program, signal: Signal) {
    let mut program = lock(program);
    let Some(child) = program.as_mut() else { return };
    if let Ok(None) = child.try_wait()
        && let Ok(pid) = i32::try_from(child.id())
    {
        let _ = kill(Pid::from_raw(pid), signal);
    }
}
