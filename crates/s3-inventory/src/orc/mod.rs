//! ORC files: of the many types and encodings there are, those that reports have ("ORC Specification v1").
//!
//! The tail of a file is read, then for one stripe after the other the streams of the columns that are asked for. Nothing is
//! assumed of the bytes, and nothing is allocated for what a header merely claims.
//!
//! Public are only the messages at the end of a file, for programs that write ORC files byte by byte, such as tests.

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
    ColumnEncoding, CompressionKind, EncodingKind, Footer, PostScript, StreamInformation, StreamKind, StripeFooter,
    StripeInformation, Type, TypeKind,
};
