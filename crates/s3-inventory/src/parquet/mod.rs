//! Parquet files ("Parquet Format").
//!
//! The library decodes footers and pages after this crate has checked them; see [`pages`] and [`decode_memory`].

mod bounds;
mod classes;
mod column;
mod column_values;
mod decode_memory;
mod error;
mod file;
mod flags;
mod footer;
mod indexes;
mod library;
mod nulls;
mod numbers;
mod page_codec;
mod page_header;
mod pages;
mod row_group;
#[cfg(test)]
mod tests;
mod thrift;
mod words;

pub(crate) use error::ParquetDamage;
pub(crate) use file::ParquetBatches;
