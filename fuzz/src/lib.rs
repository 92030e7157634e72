//! What the targets share.

use std::io::BufReader;

use s3_failures::{Content, ReadingOptions, Task, read_failures};

/// The failed tasks of a text that arrives in pieces of `piece` bytes, and how reading ended.
pub fn failures(text: &[u8], piece: usize, options: &ReadingOptions) -> (Vec<Task>, Result<Content, (u64, String)>) {
    let mut found = Vec::new();
    let content = read_failures(&mut BufReader::with_capacity(piece, text), options, None, &mut |task| {
        found.push(task);
        Ok(())
    });
    (found, content.map_err(|fault| (fault.line, fault.why.to_string())))
}
