//! Keeps what the program writes on stderr away from the terminal: thousands of runs would drown the one line that counts.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::Mutex;

static TERMINAL: Mutex<Option<File>> = Mutex::new(None);

/// stderr is the terminal again when it is dropped.
pub(crate) struct Quiet;

impl Quiet {
    pub(crate) fn begin() -> Self {
        let terminal = rustix::io::dup(rustix::stdio::stderr()).expect("a second handle");
        *crate::stage::lock(&TERMINAL) = Some(terminal.into());
        let nowhere = OpenOptions::new().write(true).open("/dev/null").expect("/dev/null");
        rustix::stdio::dup2_stderr(nowhere).expect("another stderr");
        Self
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        if let Some(terminal) = crate::stage::lock(&TERMINAL).take() {
            let _ = rustix::stdio::dup2_stderr(terminal);
        }
    }
}

/// Prints on the terminal.
pub(crate) fn say(text: &str) {
    if let Some(terminal) = crate::stage::lock(&TERMINAL).as_mut() {
        let _ = writeln!(terminal, "{text}");
    }
}
