//! The journal as a file: locked, appended to, and synced to disk before a request is sent. [`deletion`](crate::deletion)
//! defines its lines.

mod lock;
mod opened;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use lock::check_file;
pub(crate) use opened::OpenedJournal;
pub(crate) use writer::JournalWriter;
