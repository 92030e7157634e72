//! Linux, macOS and other Unix systems.

use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::ExitStatus;

pub(crate) const TERMINAL: &str = "/dev/tty";

pub(crate) fn read_at(file: &File, buffer: &mut [u8], from: u64) -> io::Result<usize> {
    FileExt::read_at(file, buffer, from)
}

pub(crate) fn read_exact_at(file: &File, buffer: &mut [u8], from: u64) -> io::Result<()> {
    FileExt::read_exact_at(file, buffer, from)
}

pub(crate) fn write_all_at(file: &File, bytes: &[u8], from: u64) -> io::Result<()> {
    FileExt::write_all_at(file, bytes, from)
}

/// Device and inode of the file that `path` leads to.
pub(crate) fn identity_of(path: &Path) -> io::Result<(u64, u64)> {
    Ok(numbers(&std::fs::metadata(path)?))
}

/// Whether `path` leads to this open file, and the file is at least this long.
pub(crate) fn is_at(file: &File, path: &Path, length: u64) -> io::Result<bool> {
    let found = std::fs::metadata(path)?;
    Ok(numbers(&found) == numbers(&file.metadata()?) && found.len() >= length)
}

/// Device and inode of what a stream reads or writes; `None` if that can't be seen.
pub(crate) fn identity_of_stream(stream: impl AsFd) -> Option<(u64, u64)> {
    let own = File::from(stream.as_fd().try_clone_to_owned().ok()?);
    own.metadata().ok().map(|found| numbers(&found))
}

/// Another handle of a stream.
pub(super) fn duplicate(stream: impl AsFd) -> io::Result<File> {
    Ok(File::from(stream.as_fd().try_clone_to_owned()?))
}

/// Whether a stream is a regular file.
pub(crate) fn is_file(stream: impl AsFd) -> bool {
    let own = stream.as_fd().try_clone_to_owned().map(File::from);
    own.and_then(|own| own.metadata()).is_ok_and(|found| found.is_file())
}

/// What changes when a file is written to, or replaced by another one.
pub(crate) fn state_of(found: &Metadata) -> String {
    let (size, written, changed) =
        (found.size(), (found.mtime(), found.mtime_nsec()), (found.ctime(), found.ctime_nsec()));
    format!("{:?} {size} {written:?} {changed:?}", numbers(found))
}

fn numbers(found: &Metadata) -> (u64, u64) {
    (found.dev(), found.ino())
}

/// As for any new file, before the umask.
pub(crate) fn new_file_permissions() -> Option<Permissions> {
    Some(Permissions::from_mode(0o666))
}

/// Syncs the names in a folder: a new name is on disk only after this.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The controlling terminal, for a question and its answer.
pub(crate) fn open_terminal() -> io::Result<File> {
    File::options().read(true).write(true).open(TERMINAL)
}

/// Throws away what was typed before.
pub(crate) fn discard_typed(terminal: &File) {
    let _ = rustix::termios::tcflush(terminal, rustix::termios::QueueSelector::IFlush);
}

/// Puts a program into a new process group, with the processes that it starts.
pub(crate) fn lead_group(program: &mut Command) {
    program.process_group(0);
}

/// Asks a program of [`lead_group`] and all processes of its group to end, or ends them.
pub(crate) fn end_group(program: &mut Child, now: bool) {
    let signal = if now { rustix::process::Signal::KILL } else { rustix::process::Signal::TERM };
    // The group has the id of its first process.
    if let Some(group) = i32::try_from(program.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // It may have ended by itself.
        let _ = rustix::process::kill_process_group(group, signal);
    }
}

/// Calls `react` for each signal that ends a run, and whether it was sent on purpose.
///
/// SIGHUP is not: the terminal and the shell send one each when a window is closed, and systemd sends one after SIGTERM. A
/// run that was started with SIGHUP ignored, by nohup, continues.
pub(super) fn react_to_signals(mut react: impl FnMut(ExitStatus, bool)) -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut quit = signal(SignalKind::quit())?;
    // A file that reached the limit of the process (`ulimit -f`) is then an error of the write, as a full disk is.
    drop(signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?);
    let mut hangup = if hangup_is_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
    Ok(async move {
        loop {
            let (status, on_purpose) = tokio::select! {
                _ = interrupt.recv() => (ExitStatus::Interrupted, true),
                _ = terminate.recv() => (ExitStatus::Terminated, true),
                _ = quit.recv() => (ExitStatus::Terminated, true),
                () = received(&mut hangup) => (ExitStatus::Terminated, false),
            };
            react(status, on_purpose);
        }
    })
}

/// The next signal; never if there is none to wait for.
async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Whether SIGHUP was ignored at the start: the bits of `SigIgn` count signals from 1. Only Linux tells without a foreign
/// function; elsewhere a run under nohup ends with its report when its terminal is closed.
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}
