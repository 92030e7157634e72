//! Parquet files ("Parquet Format").
//!
//! The library decodes footers and pages after this crate has checked them; see [`pages`] and [`decode_memory`].

mod decode_memory;
mod error;
mod file;
mod footer;
mod library;
mod numbers;
mod page_header;
mod pages;
mod row_group;
#[cfg(test)]
mod tests;
mod thrift;

pub(crate) use error::ParquetDamage;
pub(crate) use file::ParquetBatches;
