//! Parquet files ("Parquet Format").
//!
//! The library reads what footers and pages say, after this crate has checked that they say nothing that can't be; see
//! [`pages`] and [`decode_memory`] for what is checked.

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
