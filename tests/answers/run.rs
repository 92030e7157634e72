//! Runs the built program on a case, and judges how it ended.

use std::fmt::{Debug, Write as _};
use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use replaudit_sandbox::{Fault, Request, Sandbox};

use crate::case::Case;
use crate::damage::Damage;

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    line: Vec<String>,
    pub(crate) code: Option<i32>,
    signal: Option<i32>,
    stdout: String,
    stderr: String,
    pub(crate) requests: Vec<Request>,
    pub(crate) took: Duration,
    in_time: bool,
}

/// No run takes longer unless it hangs.
const PATIENCE: Duration = Duration::from_secs(90);

/// Runs it, in a folder of its own.
pub(crate) fn carry_out(case: &Case) -> Ran {
    carry_out_with(case, case.damage.iter().map(Damage::fault))
}

/// Runs it with these faults.
pub(crate) fn carry_out_with(case: &Case, faults: impl IntoIterator<Item = Fault>) -> Ran {
    carry_out_line(|s3| case.scene.build(s3, case.seed), faults)
}

/// Runs a command line against a server that `build` fills, with these faults.
pub(crate) fn carry_out_line(
    build: impl FnOnce(&Sandbox) -> Vec<String>,
    faults: impl IntoIterator<Item = Fault>,
) -> Ran {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let s3 = Sandbox::start().expect("the sandbox starts");
    let line = build(&s3);
    faults.into_iter().for_each(|fault| s3.fault(fault));
    let file = |name| File::create(folder.path().join(name)).expect("a file for what it says");
    let mut command = Command::new(env!("CARGO_BIN_EXE_replaudit"));
    command.env_clear().envs(s3.env()).env("HOME", "/nonexistent").args(&line);
    command.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr"));
    let begin = Instant::now();
    let mut child = command.spawn().expect("the program starts");
    let mut in_time = true;
    let status = loop {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            break status;
        }
        if in_time && begin.elapsed() > PATIENCE {
            in_time = false;
            let _ = child.kill();
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let read =
        |name| String::from_utf8_lossy(&std::fs::read(folder.path().join(name)).unwrap_or_default()).into_owned();
    Ran {
        line,
        code: status.code(),
        signal: status.signal(),
        stdout: read("stdout"),
        stderr: read("stderr"),
        requests: s3.requests(),
        took: begin.elapsed(),
        in_time,
    }
}

/// What does not hold.
pub(crate) fn judge(ran: &Ran) -> Result<(), String> {
    if !ran.in_time {
        return Err("it does not end".to_owned());
    }
    if let Some(signal) = ran.signal {
        return Err(format!("it ended by signal {signal}"));
    }
    if ran.stderr.contains("panicked") {
        return Err("it panicked".to_owned());
    }
    if let Some(request) = ran.requests.iter().find(|request| !request.effects.is_empty()) {
        return Err(format!("{} at {} deleted something", request.operation, request.arrived));
    }
    match ran.code {
        Some(1..=3) => Ok(()),
        code => Err(format!("the exit code is {code:?}")),
    }
}

/// A case and what came of it.
pub(crate) fn story(case: &impl Debug, ran: &Ran) -> String {
    let mut text = format!(
        "{case:#?}\n{:?}\nexit code {:?}\nstdout: {}\nstderr: {}\n",
        ran.line, ran.code, ran.stdout, ran.stderr
    );
    for request in &ran.requests {
        let damaged = if request.altered { ", damaged" } else { "" };
        let _ = writeln!(
            text,
            "  {:>4} {} {:?} {:?} {:?} {:?} -> {:?}{damaged} {}",
            request.arrived,
            request.operation,
            request.bucket,
            request.key,
            request.version_id,
            request.query,
            request.status,
            request.body.as_deref().unwrap_or("")
        );
    }
    text
}
