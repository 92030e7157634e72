//! Windows. Compiled, and never run.

use std::fs::{File, Metadata, Permissions};
use std::io;
use std::os::windows::fs::{FileExt, MetadataExt};
use std::os::windows::io::{AsHandle, AsRawHandle};
use std::path::Path;
use std::process::{Child, Command};

use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};
use winapi_util::{AsHandleRef, Handle, file};

use crate::exit::ExitStatus;

pub(crate) const TERMINAL: &str = "CONIN$";

/// Also moves the position of the file, which only appends and reads with a position use.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], from: u64) -> io::Result<usize> {
    file.seek_read(buffer, from)
}

pub(crate) fn read_exact_at(file: &File, mut buffer: &mut [u8], mut from: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match file.seek_read(buffer, from) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                buffer = &mut buffer[read..];
                from += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

pub(crate) fn write_all_at(file: &File, mut bytes: &[u8], mut from: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.seek_write(bytes, from) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = &bytes[written..];
                from += written as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Volume and index of the file that `path` leads to.
pub(crate) fn identity_of(path: &Path) -> io::Result<(u64, u64)> {
    numbers(&Handle::from_path_any(path)?)
}

/// What changes when a file is written to, or replaced by another one.
pub(crate) fn state_of(found: &Metadata) -> String {
    format!("{} {} {}", found.file_size(), found.last_write_time(), found.creation_time())
}

/// Whether `path` leads to this open file, and the file is at least this long.
pub(crate) fn is_at(own: &File, path: &Path, length: u64) -> io::Result<bool> {
    let found = Handle::from_path_any(path)?;
    Ok(numbers(&found)? == numbers(own)? && file::information(&found)?.file_size() >= length)
}

/// Volume and index of what a stream reads or writes; `None` if that can't be seen.
pub(crate) fn identity_of_stream(stream: impl AsHandle + AsRawHandle) -> Option<(u64, u64)> {
    let own = File::from(stream.as_handle().try_clone_to_owned().ok()?);
    numbers(&Handle::from_file(own)).ok()
}

/// Another handle of a stream. A console may show characters beyond ASCII in another way than through the standard library.
pub(super) fn duplicate(stream: impl AsHandle) -> io::Result<File> {
    Ok(File::from(stream.as_handle().try_clone_to_owned()?))
}

/// Whether a stream is a regular file.
pub(crate) fn is_file(stream: impl AsHandle) -> bool {
    let own = stream.as_handle().try_clone_to_owned().map(File::from);
    own.and_then(|own| own.metadata()).is_ok_and(|found| found.is_file())
}

fn numbers(handle: impl AsHandleRef) -> io::Result<(u64, u64)> {
    let found = file::information(handle)?;
    Ok((found.volume_serial_number(), found.file_index()))
}

/// A new file inherits the permissions of its folder.
pub(crate) fn new_file_permissions() -> Option<Permissions> {
    None
}

/// NTFS keeps a journal of names, and folders can't be opened as files.
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// No question is asked: see [`discard_typed`].
pub(crate) fn open_terminal() -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Needs a foreign function (`FlushConsoleInputBuffer`), and without it a "y" that was typed before the question would consent.
pub(crate) fn discard_typed(_: &File) {}

/// Programs have no group there.
pub(crate) fn lead_group(_: &mut Command) {}

/// Ends a program, without the processes that it started.
pub(crate) fn end_group(program: &mut Child, _: bool) {
    // It may have ended by itself.
    let _ = program.kill();
}

/// Calls `react` for each event that ends a run, and whether it was sent on purpose.
pub(super) fn react_to_signals(mut react: impl FnMut(ExitStatus, bool)) -> io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (ctrl_c()?, ctrl_break()?);
    let (mut close, mut shutdown) = (ctrl_close()?, ctrl_shutdown()?);
    Ok(async move {
        loop {
            let (status, on_purpose) = tokio::select! {
                _ = interrupt.recv() => (ExitStatus::Interrupted, true),
                _ = terminate.recv() => (ExitStatus::Terminated, true),
                _ = close.recv() => (ExitStatus::Terminated, false),
                _ = shutdown.recv() => (ExitStatus::Terminated, false),
            };
            react(status, on_purpose);
        }
    })
}
