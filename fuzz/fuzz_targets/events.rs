//! Any bytes as JSON of manifests, events and CloudTrail records: every record or an error, the same in pieces, and the same
//! inside a message.
#![no_main]

use std::io::BufReader;

use libfuzzer_sys::fuzz_target;
use s3_failures::{Content, ReadingOptions, Task, TrailOptions, read_failures};

/// The tasks, and how reading ended.
fn read(text: &[u8], piece: usize, options: &ReadingOptions) -> (Vec<Task>, Result<Content, (u64, String)>) {
    let mut found = Vec::new();
    let content = read_failures(&mut BufReader::with_capacity(piece, text), options, None, &mut |task| {
        found.push(task);
        Ok(())
    });
    (found, content.map_err(|fault| (fault.line, fault.why.to_string())))
}

fuzz_target!(|data: &[u8]| {
    let [kind, data @ ..] = data else { return };
    // A text that begins with a brace is read as JSON.
    let text = [b"{", data].concat();
    let named = TrailOptions { role: Some("r".to_owned()), source_bucket: Some("src".to_owned()) };
    let trail = if kind % 2 == 0 { TrailOptions::default() } else { named };
    let options = ReadingOptions { trail, ..ReadingOptions::default() };
    let (found, content) = read(&text, 1 << 16, &options);
    let (pieces, ended) = read(&text, 1 + usize::from(*kind) / 2, &options);
    assert_eq!((&found, &content), (&pieces, &ended), "in pieces");
    // One document inside a message of SQS says the same.
    if let (Ok(Content::Tasks), Ok(document)) = (&content, serde_json::from_slice::<serde_json::Value>(&text)) {
        let message = serde_json::json!({"Body": document.to_string()}).to_string();
        let (inside, ended) = read(message.as_bytes(), 1 << 16, &options);
        // In a list of records, fields beside it are ignored; a message can also be nested too deep.
        if ended.is_ok() && document.get("Records").is_none() && document.get("Messages").is_none() {
            assert_eq!(inside, found);
        }
    }
});
