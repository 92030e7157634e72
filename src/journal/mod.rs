//! The journal as a file: locked, appended to, and synced to disk before a request is sent. [`deletion`](crate::deletion)
//! defines its lines.

mod file;
mod group_sync;
mod locks;
mod opened;
#[cfg(test)]
mod tests;
mod undone;
mod writer;

pub(crate) use file::{check_file, check_folder};
pub(crate) use opened::OpenedJournal;
pub(crate) use undone::UndoneJournal;
pub(crate) use writer::{JournalWriter, WriterMode};
