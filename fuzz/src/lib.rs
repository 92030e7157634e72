//! What reads lists and journals, compiled again from the sources of the program without the SDK, which takes ten times as long to
//! build for libFuzzer.

#![allow(dead_code, unused_imports, reason = "the program uses the rest")]

#[path = "../../src/deletion/mod.rs"]
mod deletion;
#[path = "../../src/exit.rs"]
mod exit;
#[path = "../../src/fuzzing.rs"]
mod fuzzing;
#[path = "../../src/list/mod.rs"]
mod list;
#[path = "../../src/model/mod.rs"]
mod model;
#[path = "../../src/status/mod.rs"]
mod status;

/// Any bytes as a list of objects.
pub fn list(bytes: &[u8]) {
    fuzzing::list(bytes);
}

/// Any bytes as a journal.
pub fn journal(bytes: &[u8]) {
    fuzzing::journal(bytes);
}
