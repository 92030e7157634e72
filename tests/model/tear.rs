//! Takes from the end of a journal what a crash of the whole machine could have taken.

use std::path::Path;

use serde_json::Value;

use crate::carried::Ran;

/// Cuts some of the bytes that need not have been on disk: outcomes, and intents of the last run whose delete never arrived.
/// Of those bytes `percent` go.
pub(crate) fn tear(journal: &Path, last: Option<&Ran>, percent: usize) {
    let Some(last) = last.filter(|last| last.code.is_none()) else { return };
    let Ok(text) = std::fs::read(journal) else { return };
    let mut loose = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n').rev() {
        let is_of_last = text.len() - loose > last.journals[0].len();
        if !may_be_gone(line, last, is_of_last) {
            break;
        }
        loose += line.len();
    }
    let cut = loose * percent.min(100) / 100;
    std::fs::write(journal, &text[..text.len() - cut]).expect("the journal is cut");
}

fn may_be_gone(line: &[u8], last: &Ran, is_of_last: bool) -> bool {
    let Ok(line) = serde_json::from_slice::<Value>(line) else { return true };
    if line.get("outcome").is_some() {
        return true;
    }
    // A batch that was closed early left no body to look into: any delete at all counts as this one.
    line.get("intent").is_some_and(|_| is_of_last && !last.requests.iter().any(|request| request.is_write()))
}
