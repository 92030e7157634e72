//! What differs between operating systems: files, the terminal, and signals. All other code is the same everywhere.
//!
//! On Linux everything was tested. For macOS and Windows the code is compiled, and was never run. On Windows, safe-delete asks
//! no question and needs `--yes`, because text that was typed before the question can't be thrown away.

use std::fs::File;
use std::io;
use std::sync::mpsc;
use std::thread;

use tokio::runtime::Builder;

use crate::exit::ExitStatus;

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::*;
#[cfg(windows)]
pub(crate) use windows::*;

/// Calls `react` for each signal, on a thread of its own: a reader of the output that pauses, or a disk that does not answer,
/// may block the thread that writes. [`react_to_signals`] says which signals.
pub(crate) fn listen(react: impl FnMut(ExitStatus, bool) + Send + 'static) -> io::Result<()> {
    let (send, started) = mpsc::channel();
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let listening = Builder::new_current_thread().enable_io().build().and_then(|runtime| {
            let reaction = runtime.block_on(async { react_to_signals(react) })?;
            Ok((runtime, reaction))
        });
        match listening {
            Ok((runtime, reaction)) => {
                let _ = send.send(Ok(()));
                runtime.block_on(reaction);
            }
            Err(error) => drop(send.send(Err(error))),
        }
    })?;
    started.recv().unwrap_or_else(|_| Err(io::Error::other("the thread for signals ended")))
}

/// Standard output as a file, which has no buffer.
#[expect(clippy::disallowed_methods, reason = "results leave here")]
pub(crate) fn stdout() -> io::Result<File> {
    duplicate(io::stdout())
}
