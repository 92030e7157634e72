//! Reads Amazon S3 Inventory reports.

pub mod codec;
pub mod orc;

mod batch;
mod csv;
mod error;
mod fields;
mod key;
mod layout;
mod manifest;
mod record;
mod row;
mod schema;
mod text;

pub use batch::{Batch, Complete};
pub use csv::{Cells, MAX_ROW, Rows, scan_text};
pub use error::{Damage, Unread};
pub use fields::{FIELDS, Field, FieldKind, Value};
pub use key::decode_key;
pub use layout::{folder_name, folder_of_manifest, folder_time, origin_of_folder, origin_of_manifest};
pub use manifest::{DataFile, FileFormat, MAX_MANIFEST, Manifest, check_checksum, parse_md5};
pub use record::{Record, RowError};
pub use row::{BatchRow, CsvRow, Row, Values};
pub use schema::{Columns, OtherColumn};
pub use text::{escape, quoted};
