//! ORC files, with the types and encodings that reports use ("ORC Specification v1").
//!
//! Reads the tail of a file, then the streams of the wanted columns, stripe by stripe. The bytes may be anything: lengths in a
//! header are checked before memory is allocated.
//!
//! Only the messages at the end of a file are public, for programs that write ORC files byte by byte, such as tests.

mod bits;
mod blocks;
mod error;
mod file;
mod integers;
mod messages;
mod nulls;
mod packed;
mod stripe;
mod tail;
#[cfg(test)]
mod tests;
mod texts;
mod times;

pub(crate) use error::OrcDamage;
#[cfg(test)]
pub(crate) use error::RunError;
pub(crate) use file::OrcBatches;
pub use messages::{
    ColumnEncoding, ColumnStatistics, CompressionKind, EncodingKind, Footer, Metadata, PostScript, StreamInformation,
    StreamKind, StringStatistics, StripeFooter, StripeInformation, StripeStatistics, Type, TypeKind,
};
