//! The commands, proven by running the built program against the embedded S3 and then asking that server what it holds
//! and what it was sent.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

mod batches;
mod codecs;
mod columns;
mod common_options;
mod confirm;
mod console;
mod contradictions;
mod exit_codes;
mod explain;
mod export;
mod find;
mod flat;
mod formats;
mod groups;
mod interrupt;
mod inventory;
mod journal;
mod lists;
mod memory;
mod ranges;
mod safe_delete;
mod same_file;
mod schema;
mod since;
mod status;
mod support;
mod unknown_columns;
mod verify;
mod waiting;
