//! Checksums and decompression that are faster for inventories than general libraries. Tests compare them with libraries.

mod inflate;
mod md5;
mod snappy;

pub use inflate::GzipError;
pub(crate) use inflate::{GzipInflater, HISTORY};
pub use md5::Md5;
pub use snappy::{ROOM_FOR_SNAPPY, inflate_snappy};
