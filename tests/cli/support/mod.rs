//! Runs the built program without a terminal and with nothing of the developer's own configuration.

pub(crate) mod columnar;
pub(crate) mod report;

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use process_wrap::std::{CommandWrap, ProcessSession};
use replaudit_sandbox::{Bucket, Rule, Sandbox, Versioning};
use serde_json::Value;

/// What a finished run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// stdout as one JSON document.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The objects of a json document.
    pub(crate) fn objects(&self) -> Vec<Value> {
        self.json()["objects"].as_array().expect("objects").clone()
    }

    /// One field of every object, as text.
    pub(crate) fn fields(&self, name: &str) -> Vec<String> {
        self.objects().iter().map(|object| object[name].as_str().unwrap_or("null").to_owned()).collect()
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// The run said all of these on stderr.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} is not in {self:#?}");
        }
        self
    }

    /// Nothing is on stderr but the line that every exit code 1 leaves there.
    #[track_caller]
    pub(crate) fn silent(self) -> Self {
        let rest: Vec<&str> = self.stderr.lines().filter(|line| !line.starts_with("exit code 1: ")).collect();
        assert_eq!(rest, [""; 0], "{self:#?}");
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
        }
    }
}

/// The program, with a clean environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_replaudit"));
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent").stdin(Stdio::null());
    for (name, value) in [
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ] {
        command.env(name, value);
    }
    command
}

/// Runs to the end in a session of its own, so that it has no terminal to ask on.
pub(crate) fn run(mut command: Command) -> Run {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut wrap = CommandWrap::from(command);
    wrap.wrap(ProcessSession);
    wrap.spawn().expect("the program starts").wait_with_output().expect("it ends").into()
}

/// Starts with a pipe for each output.
pub(crate) fn start(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

pub(crate) fn finish(child: Child) -> Run {
    child.wait_with_output().expect("it ends").into()
}

pub(crate) fn signal(process: u32, signal: Signal) {
    kill(Pid::from_raw(process.try_into().expect("a process ID")), signal).expect("the signal is sent");
}

/// Waits until something is so.
#[track_caller]
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "not in 20 seconds: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until the server has seen `operation` about `key`.
#[track_caller]
pub(crate) fn until_asked(s3: &Sandbox, operation: &str, key: &str) {
    let is_asked = || s3.requests().iter().any(|r| r.operation == operation && r.key.as_deref() == Some(key));
    until(&format!("{operation} of {key}"), is_asked);
}

/// Runs until the server kills it, before or after the effect of a request.
#[track_caller]
pub(crate) fn killed(s3: &Sandbox, args: &[&str], before: bool, operation: &str, key: Option<&str>) {
    let process: Arc<OnceLock<u32>> = Arc::default();
    let known = Arc::clone(&process);
    let end = move |_: &Sandbox| signal(*known.wait(), Signal::SIGKILL);
    match before {
        true => s3.before(operation, key, end),
        false => s3.after(operation, key, end),
    }
    let child = start(client(s3, args));
    process.set(child.id()).expect("it is set once");
    assert_eq!(finish(child).code, None, "killed");
}

/// Runs with all memory beyond `bytes` refused: then the program is aborted. All that can be written to counts, used
/// or not.
pub(crate) fn limited(command: &Command, bytes: usize) -> Run {
    below(&format!("-d {}", bytes / 1024), command)
}

/// Runs below a limit of the shell.
pub(crate) fn below(limit: &str, command: &Command) -> Run {
    let limit = format!("ulimit {limit} && exec \"$0\" \"$@\"");
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &limit]).arg(command.get_program()).args(command.get_args()).env_clear().stdin(Stdio::null());
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    run(shell)
}

/// Runs without a server.
pub(crate) fn alone(args: &[&str]) -> Run {
    let mut command = program();
    command.args(args);
    run(command)
}

/// The program with the server's address and credentials.
pub(crate) fn client(s3: &Sandbox, args: &[&str]) -> Command {
    let mut command = program();
    command.envs(s3.env()).args(args);
    command
}

/// Runs against the server.
pub(crate) fn with(s3: &Sandbox, args: &[&str]) -> Run {
    run(client(s3, args))
}

/// A server with a source and a destination, every new object replicated at once.
pub(crate) fn replicated() -> Sandbox {
    let s3 = versioned();
    s3.create_bucket(Bucket::new("dst").versioning(Versioning::Enabled));
    s3.replicate("src", [Rule::new("all").to("dst")]);
    s3
}

/// A server with one versioned bucket and no replication.
pub(crate) fn versioned() -> Sandbox {
    let s3 = Sandbox::start().expect("the sandbox starts");
    s3.create_bucket(Bucket::new("src").versioning(Versioning::Enabled));
    s3
}

/// Nothing that could change anything was sent.
#[track_caller]
pub(crate) fn only_reads(s3: &Sandbox) {
    let writes: Vec<String> = s3.requests().iter().filter(|r| r.is_write()).map(|r| r.operation.clone()).collect();
    assert_eq!(writes, Vec::<String>::new());
}

/// How often an operation was asked for.
pub(crate) fn count(s3: &Sandbox, operation: &str) -> usize {
    s3.requests().iter().filter(|request| request.operation == operation).count()
}

/// Keys that get lost in careless hands.
pub(crate) const ODD_KEYS: [&str; 15] = [
    "a b",
    "a+b",
    "a%20b",
    "a%2Bb",
    "a//b",
    "/leading",
    "trailing/",
    "./dot",
    "../dotdot/../x",
    "ü/語/😀",
    "new\nline",
    "tab\tquote\"'`$(x)",
    "?versionId=x&y#z",
    "=+&;:@,",
    "~-_.!*'()",
];

/// A folder that goes away with the value.
pub(crate) fn folder() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().canonicalize().expect("it resolves");
    (dir, path)
}

/// Every file in a folder.
pub(crate) fn files(path: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(path)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
