//! Blocks of bytes in partitions: in memory while they fit, then in a file that has no name.
//!
//! It does not know what the bytes mean. Each block in the file begins with the place of the block before it in the same
//! partition, so that memory does not grow with the number of blocks. A process that is killed leaves nothing behind.

mod file;
mod partitions;

pub(crate) use file::SpillError;
pub(crate) use partitions::{PartitionStore, PartitionWriter, StoreLimits};
