//! Any bytes as a journal: what can be resumed can be resumed when it is cut after a line, and undo forgets nothing of it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| replaudit_fuzz::journal(data));
