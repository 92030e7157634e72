//! Any bytes as JSON of events and CloudTrail records: every record or an error, in pieces as in one, and the same inside a message.
#![no_main]

use std::io::BufReader;

use libfuzzer_sys::fuzz_target;

#[path = "../../src/reasons/mod.rs"]
#[allow(dead_code, unused_imports)]
mod reasons;

#[allow(dead_code)]
mod exit {
    #[derive(Debug, PartialEq, Eq)]
    pub(crate) enum ExitStatus {
        Yes,
        No,
        Unknown,
    }
}

mod model {
    #[path = "../../../src/model/identity.rs"]
    mod identity;
    #[path = "../../../src/model/sums.rs"]
    #[allow(dead_code)]
    mod sums;

    pub(crate) use identity::{IdentityHasher, ObjectIdentity};
    pub(crate) use s3_answers::Bucket;
    pub(crate) use sums::{Overflow, add};
}

use reasons::{Content, ReadOptions, Task, read};

/// The tasks, and how reading ended.
fn tasks(text: &[u8], piece: usize, options: &ReadOptions) -> (Vec<Task>, Result<Content, (u64, String)>) {
    let mut found = Vec::new();
    let content = read(&mut BufReader::with_capacity(piece, text), options, None, &mut |task| {
        found.push(task);
        Ok(())
    });
    (found, content.map_err(|fault| (fault.line, fault.why.to_string())))
}

fuzz_target!(|data: &[u8]| {
    // With a brace it is JSON.
    let text = [b"{", data].concat();
    let options = ReadOptions::default();
    let (found, content) = tasks(&text, 1 << 16, &options);
    let (pieces, ended) = tasks(&text, 1, &options);
    assert_eq!((&found, &content), (&pieces, &ended), "in pieces");
    // One document inside a message of SQS says the same.
    if let (Ok(Content::Tasks), Ok(document)) = (&content, serde_json::from_slice::<serde_json::Value>(&text)) {
        let message = serde_json::json!({"Body": document.to_string()}).to_string();
        let (inside, ended) = tasks(message.as_bytes(), 1 << 16, &options);
        // Two fields of one name count once there, and a message can be nested too deep.
        if ended.is_ok() && document.get("Records").is_none() && document.get("Messages").is_none() {
            assert_eq!(inside, found);
        }
    }
});
