//! Columns of ORC files: of the many types there are, those that reports have ("ORC Specification v1").
//!
//! The streams of one stripe go in as they are stored, Arrow arrays come out. Nothing is assumed of the bytes, and nothing
//! is allocated for what a header merely claims. Where the streams are is `crate::reader`'s business.

mod bits;
mod blocks;
mod integers;
mod nulls;
mod packed;
mod proto;
mod stripe;
mod tail;
#[cfg(test)]
mod tests;
mod texts;
mod times;

pub use blocks::{Compression, Flow};
pub use proto::{
    ColumnEncoding, CompressionKind, EncodingKind, Footer, PostScript, StreamInformation, StreamKind, StripeFooter,
    StripeInformation, Type, TypeKind,
};
pub use stripe::{Kind, Stream, StripeColumns, Wanted};
pub use tail::{Script, Span};
