//! Any bytes as a list of objects: a line means the same whatever comes after it, and names one object.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| replaudit::fuzzing::list(data));
