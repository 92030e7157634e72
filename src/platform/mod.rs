//! What differs between operating systems: files, the terminal, and signals. All other code is the same everywhere.
//!
//! On Linux everything was tested. For macOS and Windows the code is compiled, and was never run. On Windows, safe-delete asks
//! no question and needs `--yes`, because text that was typed before the question can't be thrown away.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::*;
#[cfg(windows)]
pub(crate) use windows::*;
