//! The journal as a file: locked, appended to, and on disk before a request leaves. What its lines mean is defined in
//! [`deletion`](crate::deletion).

mod lock;
mod opened;
#[cfg(test)]
mod tests;
mod writer;

pub use lock::{OpenError, check_file};
pub use opened::OpenedJournal;
pub use writer::JournalWriter;
