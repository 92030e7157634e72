//! The program: its exit status becomes the process's exit code here and nowhere else.

use std::process::ExitCode;

use replaudit::exit::ExitStatus;

fn main() -> ExitCode {
    replaudit::program::run(std::env::args_os(), at_once).into()
}

/// A second signal: the user does not want to wait for a report.
#[expect(clippy::exit, clippy::disallowed_methods, reason = "the end of the process is decided here")]
fn at_once(status: ExitStatus) {
    std::process::exit(status.code().into());
}
