//! S3 Inventory reports: the manifest, the columns, and rows one after the other, checked as they are read.
//!
//! Takes bytes, gives records; where the bytes come from is `crate::reader`'s business. What is wrong with
//! a report is [`Damage`], and a damaged report gives no totals. See "Cataloging and analyzing your data with S3
//! Inventory" in the S3 User Guide.

mod batch;
mod borders;
mod configuration;
mod csv;
mod damage;
mod fields;
mod folders;
mod inflate;
mod key;
mod layout;
mod manifest;
pub mod orc;
mod record;
mod row;
mod rows;
mod schema;
mod snappy;

pub use batch::{Batch, Complete};
pub use configuration::{Lack, NoChoice, choose, describe, lacks};
pub use csv::{Cells, MAX_ROW, scan_text};
pub use damage::{Damage, Unread, shown};
pub use fields::{FIELDS, Field, FieldKind, Value};
pub use folders::{Delivery, Listing, NoReport, Skipped, folder_name, folder_time};
pub use key::decode_key;
pub use layout::{folder_of_manifest, origin_of_folder, origin_of_manifest};
pub use manifest::{DataFile, FileFormat, MAX_MANIFEST, Manifest, check_checksum, parse_md5};
pub use record::{Record, RowError};
pub use row::{BatchRow, CsvRow, Row, Values};
pub use rows::Rows;
pub use schema::{Columns, OtherColumn};
pub use snappy::{ROOM_FOR_SNAPPY, inflate_snappy};
