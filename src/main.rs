//! The program: its exit status becomes the process's exit code here and nowhere else.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use replaudit::ExitStatus;

// The allocator of musl takes a lock for each call, and gives each large buffer back to the system.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whether stdout was open when the process started.
static STDOUT_IS_OPEN: AtomicBool = AtomicBool::new(true);

// Before `main` the standard library opens /dev/null for a standard stream that is closed. From then on `>&-` looks
// like the /dev/null that Python and Node open for reading and writing to discard output, so it is seen earlier. This
// runs before the standard library is set up, and does no more than one system call.
#[cfg(unix)]
ctor::declarative::ctor! {
    #[ctor(unsafe)]
    fn see_whether_stdout_is_open() {
        // The standard library takes a descriptor that can't be written for one that is closed.
        let mode = rustix::fs::fcntl_getfl(rustix::stdio::stdout());
        let is_open = mode.is_ok_and(|mode| mode & rustix::fs::OFlags::ACCMODE != rustix::fs::OFlags::RDONLY);
        STDOUT_IS_OPEN.store(is_open, Ordering::Relaxed);
    }
}

fn main() -> ExitCode {
    replaudit::run(std::env::args_os(), at_once, STDOUT_IS_OPEN.load(Ordering::Relaxed)).into()
}

/// A second signal: the user does not want to wait for a report.
#[expect(clippy::exit, clippy::disallowed_methods, reason = "the end of the process is decided here")]
fn at_once(status: ExitStatus) {
    std::process::exit(status.code().into());
}
