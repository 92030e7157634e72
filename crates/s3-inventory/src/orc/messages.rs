//! The messages at the end of an ORC file and of each stripe, as far as they are needed ("File Tail" and "Stripe Footer" in
//! the ORC specification). What is not named here is skipped and takes no memory.
#![expect(missing_docs, reason = "the names are the specification's")]

use bytes::Bytes;
use prost::{Enumeration, Message};

/// The last bytes of a file, never compressed.
#[derive(Clone, PartialEq, Message)]
pub struct PostScript {
    #[prost(uint64, optional, tag = "1")]
    pub footer_length: Option<u64>,
    #[prost(enumeration = "CompressionKind", optional, tag = "2")]
    pub compression: Option<i32>,
    #[prost(uint64, optional, tag = "3")]
    pub compression_block_size: Option<u64>,
    #[prost(uint64, optional, tag = "5")]
    pub metadata_length: Option<u64>,
    #[prost(uint32, optional, tag = "6")]
    pub writer_version: Option<u32>,
    #[prost(string, optional, tag = "8000")]
    pub magic: Option<String>,
}

/// What a file holds and where.
#[derive(Clone, PartialEq, Message)]
pub struct Footer {
    #[prost(message, repeated, tag = "3")]
    pub stripes: Vec<StripeInformation>,
    /// The tree of columns in its own order; the first is the row.
    #[prost(message, repeated, tag = "4")]
    pub types: Vec<Type>,
    #[prost(uint64, optional, tag = "6")]
    pub number_of_rows: Option<u64>,
    #[prost(bytes = "vec", optional, tag = "10")]
    pub encryption: Option<Vec<u8>>,
}

/// Where a stripe is: index, data, footer, one behind the other.
#[derive(Clone, PartialEq, Message)]
pub struct StripeInformation {
    #[prost(uint64, optional, tag = "1")]
    pub offset: Option<u64>,
    #[prost(uint64, optional, tag = "2")]
    pub index_length: Option<u64>,
    #[prost(uint64, optional, tag = "3")]
    pub data_length: Option<u64>,
    #[prost(uint64, optional, tag = "4")]
    pub footer_length: Option<u64>,
    #[prost(uint64, optional, tag = "5")]
    pub number_of_rows: Option<u64>,
}

/// A column's type; of a row also its columns.
#[derive(Clone, PartialEq, Message)]
pub struct Type {
    #[prost(enumeration = "TypeKind", optional, tag = "1")]
    pub kind: Option<i32>,
    #[prost(uint32, repeated, tag = "2")]
    pub subtypes: Vec<u32>,
    #[prost(string, repeated, tag = "3")]
    pub field_names: Vec<String>,
}

/// What the values of each stripe are like, before the footer.
#[derive(Clone, PartialEq, Message)]
pub struct Metadata {
    #[prost(message, repeated, tag = "1")]
    pub stripes: Vec<StripeStatistics>,
}

#[derive(Clone, PartialEq, Message)]
pub struct StripeStatistics {
    /// Each a `ColumnStatistics`: only that of one column is decoded.
    #[prost(bytes = "bytes", repeated, tag = "1")]
    pub columns: Vec<Bytes>,
}

/// What the values of a column in a stripe are like.
#[derive(Clone, PartialEq, Message)]
pub struct ColumnStatistics {
    #[prost(uint64, optional, tag = "1")]
    pub number_of_values: Option<u64>,
    #[prost(message, optional, tag = "4")]
    pub texts: Option<StringStatistics>,
}

/// Long texts are cut off: then there are bounds instead.
#[derive(Clone, PartialEq, Message)]
pub struct StringStatistics {
    #[prost(bytes = "bytes", optional, tag = "1")]
    pub minimum: Option<Bytes>,
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub maximum: Option<Bytes>,
    #[prost(bytes = "bytes", optional, tag = "4")]
    pub lower_bound: Option<Bytes>,
    #[prost(bytes = "bytes", optional, tag = "5")]
    pub upper_bound: Option<Bytes>,
}

/// Where the streams of a stripe are, and how its columns are encoded.
#[derive(Clone, PartialEq, Message)]
pub struct StripeFooter {
    #[prost(message, repeated, tag = "1")]
    pub streams: Vec<StreamInformation>,
    #[prost(message, repeated, tag = "2")]
    pub columns: Vec<ColumnEncoding>,
    #[prost(string, optional, tag = "3")]
    pub writer_timezone: Option<String>,
}

/// One stream. The streams follow each other from the beginning of the stripe.
#[derive(Clone, PartialEq, Message)]
pub struct StreamInformation {
    #[prost(enumeration = "StreamKind", optional, tag = "1")]
    pub kind: Option<i32>,
    #[prost(uint32, optional, tag = "2")]
    pub column: Option<u32>,
    #[prost(uint64, optional, tag = "3")]
    pub length: Option<u64>,
}

/// How a column is encoded.
#[derive(Clone, PartialEq, Message)]
pub struct ColumnEncoding {
    #[prost(enumeration = "EncodingKind", optional, tag = "1")]
    pub kind: Option<i32>,
    #[prost(uint32, optional, tag = "2")]
    pub dictionary_size: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub enum CompressionKind {
    None = 0,
    Zlib = 1,
    Snappy = 2,
    Lzo = 3,
    Lz4 = 4,
    Zstd = 5,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub enum TypeKind {
    Boolean = 0,
    Byte = 1,
    Short = 2,
    Int = 3,
    Long = 4,
    Float = 5,
    Double = 6,
    String = 7,
    Binary = 8,
    Timestamp = 9,
    List = 10,
    Map = 11,
    Struct = 12,
    Union = 13,
    Decimal = 14,
    Date = 15,
    Varchar = 16,
    Char = 17,
    TimestampInstant = 18,
}

/// Those that hold values; indexes and filters have other numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub enum StreamKind {
    Present = 0,
    Data = 1,
    Length = 2,
    DictionaryData = 3,
    Secondary = 5,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub enum EncodingKind {
    Direct = 0,
    Dictionary = 1,
    DirectV2 = 2,
    DictionaryV2 = 3,
}
