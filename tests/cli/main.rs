//! The commands, proven by running the built program against the embedded S3 and then asking that server what it holds
//! and what it was sent.
#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

mod answers;
mod batches;
mod ci;
mod codecs;
mod columns;
mod common_options;
mod completions;
mod confirm;
mod console;
mod contradictions;
mod delete_answers;
mod delivery;
mod environment;
mod exit_codes;
mod explain;
mod export;
mod find;
mod flat;
mod formats;
mod freshness;
mod goes_too;
mod groups;
mod hints;
mod interrupt;
mod inventory;
mod itself;
mod journal;
mod lists;
mod locked;
mod memory;
mod narrowed;
mod places;
mod ranges;
mod safe_delete;
mod same_file;
mod schema;
mod since;
mod status;
mod support;
mod undo;
mod unknown_columns;
mod vanished;
mod verify;
mod waiting;
