//! The program as a function: it parses the arguments, starts the runtime, runs the command and returns the exit
//! status.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

use crate::cli::{Cli, CommandLineReader, ResolvedCommand, SharedOptions};
use crate::commands::{self, Command, Context, Signals, StandardStreams};
use crate::exit::ExitStatus;
use crate::model::{escape, hide_userinfo, silence_caught};
use crate::output::{OutputError, Printer, flush_stdout};
use crate::s3::Machine;

/// Runs the program with `args`, the first being its name. `at_once` is called for a second signal and must end the
/// process.
///
/// `streams` says what they were before the runtime of the standard library opened `/dev/null` for those that were closed.
pub fn run(args: impl IntoIterator<Item = OsString>, at_once: fn(ExitStatus), streams: StandardStreams) -> ExitStatus {
    silence_caught();
    let plain = Printer::new(false, 0, Some(false));
    let args: Vec<OsString> = args.into_iter().collect();
    let typed: Option<Vec<String>> = args.iter().map(|one| one.to_str().map(str::to_owned)).collect();
    let resolved = match Cli::read(args) {
        Ok(resolved) => resolved,
        Err(error) => {
            // Help and version are not errors, unless they can't be read.
            if !error.use_stderr() {
                let printed = error.print().and_then(|()| flush_stdout()).map_err(OutputError::Stdout);
                let delivered = if streams.stdout_is_open { printed } else { Err(OutputError::StdoutClosed) };
                return match delivered {
                    Ok(()) => ExitStatus::Yes,
                    Err(undelivered) => {
                        plain.error(undelivered);
                        ExitStatus::Unknown
                    }
                };
            }
            // The text quotes what was typed.
            let text = error.render().to_string();
            let shown = hide_userinfo(&text);
            match shown != text || text.lines().any(|line| escape(line) != line) {
                true => shown.lines().for_each(|line| plain.note(line)),
                false => drop(error.print()),
            }
            return ExitStatus::Unknown;
        }
    };
    let delete_sent = Arc::new(AtomicBool::new(false));
    let (command, shared) = (resolved.command, resolved.shared);
    let ended = catch_unwind(AssertUnwindSafe(|| {
        start(command, shared, typed.unwrap_or_default(), Arc::clone(&delete_sent), at_once, streams)
    }));
    // The panic's own message is on stderr already.
    ended.unwrap_or_else(
        |_| {
            if delete_sent.load(Ordering::Acquire) { ExitStatus::Incomplete } else { ExitStatus::Unknown }
        },
    )
}

fn start(
    command: Command,
    shared: SharedOptions,
    arguments: Vec<String>,
    delete_sent: Arc<AtomicBool>,
    at_once: fn(ExitStatus),
    streams: StandardStreams,
) -> ExitStatus {
    let printer = Printer::new(shared.quiet, shared.verbose, shared.color);
    // One thread drives the requests, because they wait more than they work. Files are read on other threads. `safe-delete` and
    // `undo` also have a thread for their deletes: writing the report may block this one.
    let mut builder = match &command {
        Command::SafeDelete(_) | Command::Undo(_) => {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            builder.worker_threads(1).thread_name("requests");
            builder
        }
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    let runtime = match builder.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            printer.error(format!("starting the runtime: {error}"));
            return ExitStatus::Unknown;
        }
    };
    let status = runtime.block_on(async {
        let signals = match Signals::listen(at_once) {
            Ok(signals) => signals,
            Err(error) => {
                printer.error(format!("listening for signals: {error}"));
                return ExitStatus::Unknown;
            }
        };
        let machine = Machine::real();
        let context = context(shared, printer, arguments, signals, delete_sent, streams, machine);
        commands::run(command, &context).await
    });
    // A thread that waits for the terminal or a slow disk must not hold up the end.
    runtime.shutdown_background();
    status
}

fn context(
    shared: SharedOptions,
    printer: Printer,
    arguments: Vec<String>,
    signals: Signals,
    delete_sent: Arc<AtomicBool>,
    streams: StandardStreams,
    machine: Machine,
) -> Context {
    let SharedOptions { output, client, concurrency, allow_empty, .. } = shared;
    Context { printer, output, client, concurrency, allow_empty, signals, delete_sent, streams, machine, arguments }
}

/// Runs the program on a simulated machine, inside the runtime of the caller. `signal` holds the signal that came, if one
/// did. A panic is passed on.
pub fn simulate(
    reader: &mut CommandLineReader,
    args: Vec<OsString>,
    machine: Machine,
    signal: watch::Receiver<Option<ExitStatus>>,
) -> impl Future<Output = ExitStatus> + use<> {
    let resolved = reader.read(args).inspect_err(|error| drop(error.print()));
    async move {
        let Ok(ResolvedCommand { command, shared }) = resolved else { return ExitStatus::Unknown };
        let printer = Printer::new(shared.quiet, shared.verbose, shared.color);
        let context =
            context(shared, printer, Vec::new(), Signals::of(signal), Arc::default(), StandardStreams::OPEN, machine);
        // Boxed, because the compiler has a limit for how deep futures are nested.
        Box::pin(commands::run(command, &context)).await
    }
}
