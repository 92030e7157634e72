//! Any bytes as the results file of a completion report: every row or an error, in pieces as in one.
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

use reasons::{Content, KeyEncoding, ReadOptions, ReasonTally, Task, read};

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
    let [kind, text @ ..] = data else { return };
    let encoding = [KeyEncoding::Detected, KeyEncoding::Form, KeyEncoding::Percent][usize::from(*kind) % 3];
    let options = ReadOptions { encoding, ..ReadOptions::default() };
    let (found, content) = tasks(text, 1 << 16, &options);
    let (pieces, ended) = tasks(text, 1, &options);
    assert_eq!((&found, &content), (&pieces, &ended), "in pieces");
    let lines = 1 + text.iter().filter(|byte| **byte == b'\n').count() as u64;
    assert!(content.as_ref().err().is_none_or(|(line, _)| (1..=lines).contains(line)), "{content:?}");
    let mut tally = ReasonTally::default();
    for task in &found {
        if let Task::Failed(object) = task {
            assert!(object.key.as_ref().is_none_or(|key| !key.is_empty()));
        }
        if tally.count(task).is_err() {
            return;
        }
    }
    // A further row is one task more.
    let is_json = text.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|first| b"{[\xef".contains(first));
    if matches!(content, Ok(Content::Tasks)) && text.ends_with(b"\n") && !is_json {
        let more = [text, b"src,k,v,failed,500,X,\n"].concat();
        assert_eq!(tasks(&more, 1 << 16, &options).0.len(), found.len() + 1);
    }
});
