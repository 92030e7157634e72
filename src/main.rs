//! Parses, starts the runtime, runs the command, and ends with its exit code.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;
use replaudit::cli::{Cli, Resolved};
use replaudit::commands::{self, Context, Signals};
use replaudit::exit::ExitStatus;
use replaudit::output::Printer;

fn main() -> ExitCode {
    let resolved = match Cli::try_parse().and_then(Cli::resolve) {
        Ok(resolved) => resolved,
        Err(error) => {
            // Help and version are no errors; a closed pipe is nobody's concern here.
            let _ = error.print();
            return if error.use_stderr() { ExitStatus::Unknown.into() } else { ExitStatus::Yes.into() };
        }
    };
    let delete_sent = Arc::new(AtomicBool::new(false));
    let run = catch_unwind(AssertUnwindSafe(|| run(resolved, Arc::clone(&delete_sent))));
    // The panic's own message is on stderr already.
    let crashed = || if delete_sent.load(Ordering::Acquire) { ExitStatus::Incomplete } else { ExitStatus::Unknown };
    run.unwrap_or_else(|_| crashed()).into()
}

fn run(resolved: Resolved, delete_sent: Arc<AtomicBool>) -> ExitStatus {
    let shared = resolved.shared;
    let printer = Printer::new(shared.quiet, shared.verbose, shared.color);
    // One thread drives all requests: they wait more than they work. Files are read by threads of their own.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
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
        let context = Context {
            printer,
            output: shared.output,
            client: shared.client,
            concurrency: shared.concurrency,
            allow_empty: shared.allow_empty,
            signals,
            delete_sent,
            now: jiff::Timestamp::now,
        };
        commands::run(resolved.command, &context).await
    });
    // A thread that waits for the terminal or a slow disk must not hold up the end.
    runtime.shutdown_background();
    status
}

/// A second signal: the user does not want to wait for a report.
#[expect(clippy::exit, clippy::disallowed_methods, reason = "main decides about the end of the process")]
fn at_once(status: ExitStatus) {
    std::process::exit(status.code().into());
}
