//! Any bytes as the results file of a completion report: every row or an error, and the same in pieces.
#![no_main]

use std::io::BufReader;

use libfuzzer_sys::fuzz_target;
use s3_failures::{Content, KeyEncoding, ReadingOptions, Task, read_failures};

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
    let [kind, text @ ..] = data else { return };
    let encoding = [KeyEncoding::Detected, KeyEncoding::Form, KeyEncoding::Percent][usize::from(*kind) % 3];
    let options = ReadingOptions { encoding, ..ReadingOptions::default() };
    let (found, content) = read(text, 1 << 16, &options);
    let (pieces, ended) = read(text, 1 + usize::from(*kind) / 3, &options);
    assert_eq!((&found, &content), (&pieces, &ended), "in pieces");
    let lines = 1 + text.iter().filter(|byte| **byte == b'\n').count() as u64;
    assert!(content.as_ref().err().is_none_or(|(line, _)| (1..=lines).contains(line)), "{content:?}");
    for task in &found {
        if let Task::Failed(object) = task {
            assert!(object.key.as_ref().is_none_or(|key| !key.is_empty()));
        }
    }
    // Another row is one more task.
    let is_json = text.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|first| b"{[\xef".contains(first));
    if matches!(content, Ok(Content::Tasks)) && text.ends_with(b"\n") && !is_json {
        let more = [text, b"src,k,v,failed,500,X,\n"].concat();
        assert_eq!(read(&more, 1 << 16, &options).0.len(), found.len() + 1);
    }
});
