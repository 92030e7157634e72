//! Checksums and compression.

pub(crate) mod inflate;
mod md5;
mod snappy;

pub use md5::Md5;
pub use snappy::{ROOM_FOR_SNAPPY, inflate_snappy};
