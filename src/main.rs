//! The program: its exit status becomes the process's exit code here and nowhere else.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use replaudit::{ExitStatus, StandardStreams};

// The allocator of musl takes a lock for each call, and gives each large buffer back to the system.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whether stdin could be read, and stdout written, when the process started.
static STDIN_IS_OPEN: AtomicBool = AtomicBool::new(true);
static STDOUT_IS_OPEN: AtomicBool = AtomicBool::new(true);

// Before `main` the standard library opens /dev/null for a standard stream that is closed. From then on `>&-` looks
// like the /dev/null that Python and Node open for reading and writing to discard output, so it is seen earlier. This
// runs before the standard library is set up, and does no more than two system calls. Later, the standard library takes a
// stream that is open for the other direction only for one that is at its end.
#[cfg(unix)]
ctor::declarative::ctor! {
    #[ctor(unsafe)]
    fn see_which_streams_are_open() {
        use rustix::fs::{OFlags, fcntl_getfl};
        let is_open = |mode: rustix::io::Result<OFlags>, not: OFlags| mode.is_ok_and(|mode| mode & OFlags::ACCMODE != not);
        let (stdin, stdout) = (fcntl_getfl(rustix::stdio::stdin()), fcntl_getfl(rustix::stdio::stdout()));
        STDIN_IS_OPEN.store(is_open(stdin, OFlags::WRONLY), Ordering::Relaxed);
        STDOUT_IS_OPEN.store(is_open(stdout, OFlags::RDONLY), Ordering::Relaxed);
    }
}

fn main() -> ExitCode {
    let streams = StandardStreams {
        stdin_is_open: STDIN_IS_OPEN.load(Ordering::Relaxed),
        stdout_is_open: STDOUT_IS_OPEN.load(Ordering::Relaxed),
    };
    replaudit::run(std::env::args_os(), at_once, streams).into()
}

/// A second signal: the user does not want to wait for a report.
#[expect(clippy::exit, clippy::disallowed_methods, reason = "the end of the process is decided here")]
fn at_once(status: ExitStatus) {
    std::process::exit(status.code().into());
}
