//! The journal as a file: locked, appended to, and on disk before a request leaves. What its lines mean is defined in
//! [`deletion`](crate::deletion).

mod lock;
mod opened;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use lock::check_file;
pub(crate) use opened::OpenedJournal;
pub(crate) use writer::JournalWriter;
