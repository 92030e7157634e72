//! Any bytes as a list of objects: what a line means does not depend on later lines, and it names one object.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| replaudit_fuzz::list(data));
