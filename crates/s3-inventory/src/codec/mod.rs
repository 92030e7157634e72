//! Checksums and compression, faster than general libraries on what inventories hold, and compared with those in tests.

mod inflate;
mod md5;
mod snappy;

pub use inflate::GzipError;
pub(crate) use inflate::GzipInflater;
pub use md5::Md5;
pub use snappy::{ROOM_FOR_SNAPPY, inflate_snappy};
