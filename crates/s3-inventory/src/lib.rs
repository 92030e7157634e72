#![doc = include_str!("../README.md")]

pub mod codec;
pub mod orc;

mod arrays;
mod batch;
mod batch_reader;
mod cell;
mod csv;
mod damage;
mod error;
mod fault;
mod field;
mod key;
mod key_classes;
mod layout;
mod manifest;
mod memory;
mod parquet;
mod ranges;
mod record;
mod row;
mod schema;
mod source;
mod text;

pub use batch::{Batch, BatchError, CompleteColumns};
pub use batch_reader::{BatchReader, WantedColumns};
pub use cell::RowError;
pub use csv::{CsvError, CsvPiece, CsvReader, InflatedText, MAX_ROW, RowCells, ScanError, TextInflater, scan_text};
pub use damage::{ColumnError, ContentError, ManifestError, SchemaError};
pub use error::{Damage, DamageKind, NoRoom, ReadError, StructureDamage, Unsupported};
pub use fault::{Feature, MemoryUse};
pub use field::{CellTaker, FIELDS, Field, FieldKind, Value};
pub use key::{decode_key, decode_key_into, key_escapes};
pub use key_classes::{BatchClasses, KeyClasses};
pub use layout::{folder_name, folder_of_manifest, folder_time, origin_of_folder, origin_of_manifest};
pub use manifest::{DataFile, FileFormat, MAX_MANIFEST, Manifest, check_checksum, parse_md5};
pub use memory::{BufferPool, MemoryBudget, ReadMemory, Reservation};
pub use record::Record;
pub use row::{BatchCells, BatchRow, CsvRow, DictionaryEntry, InventoryRow};
pub use schema::{Columns, OtherColumn};
pub use source::{ByteSource, LocalFile, Pieces, SourceError};
pub use text::{escape, quoted};
