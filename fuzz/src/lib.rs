//! The modules of the program that read lists and journals. They know no SDK, so the targets build in minutes without the rest.
#![allow(dead_code, unused_imports, missing_docs)]

#[path = "../../src/deletion/mod.rs"]
mod deletion;
#[path = "../../src/exit.rs"]
mod exit;
#[path = "../../src/fuzzing.rs"]
pub mod fuzzing;
#[path = "../../src/list/mod.rs"]
mod list;
#[path = "../../src/model/mod.rs"]
mod model;
#[path = "../../src/status/mod.rs"]
mod status;
