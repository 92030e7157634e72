//! Any bytes as a list of objects, and as a journal: what the fuzz targets `list` and `journal` call. The crate in `fuzz` compiles
//! this file again, and the tests here run the seeds.
//!
//! A violation is a panic.

use std::collections::HashSet;
use std::io::Cursor;

use crate::deletion::{
    DeleteLines, JournalKind, JournalReplay, JournalState, OutcomeClass, UndoLines, read_source, record_of,
};
use crate::list::ListReader;

/// Lines without their ends, each with the offset where it begins and whether it had an end.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8], bool)> {
    let mut offset = 0;
    bytes.split_inclusive(|byte| *byte == b'\n').map(move |line| {
        let begin = offset;
        offset += line.len() as u64;
        let whole = line.strip_suffix(b"\n");
        (begin, whole.unwrap_or(line), whole.is_some())
    })
}

/// What a line means does not depend on later lines, and it names one object, whose address leads to it again.
pub(crate) fn list(bytes: &[u8]) {
    let read = |bytes: &[u8]| -> Vec<String> {
        let mut reader = ListReader::default();
        let all = lines(bytes).flat_map(|(_, line, complete)| reader.read(line, complete).collect::<Vec<_>>());
        all.map(|one| one.map_or_else(|bad| bad.to_string(), |object| format!("{object:?}"))).collect()
    };
    let whole = read(bytes);
    let ends: Vec<usize> = lines(bytes).map(|(begin, line, _)| begin as usize + line.len() + 1).collect();
    for end in ends.iter().take(8).filter(|end| **end < bytes.len()) {
        let begun = read(&bytes[..*end]);
        assert!(whole.starts_with(&begun), "{begun:?} is not the beginning of {whole:?}");
    }
    let mut reader = ListReader::default();
    for (_, line, complete) in lines(bytes) {
        let found: Vec<_> = reader.read(line, complete).collect();
        assert!(found.len() <= 2 && found.iter().filter(|one| one.is_ok()).count() <= 1, "one line: {found:?}");
        for object in found.into_iter().flatten() {
            assert!(!object.key.is_empty());
            // The reader of NDJSON has the same object.
            let version = object.version_id.as_ref().map(|version| version.as_str());
            let json = serde_json::json!({"bucket": object.bucket.as_str(), "key": object.key, "version_id": version});
            let again: Vec<_> = ListReader::default().read(json.to_string().as_bytes(), true).collect();
            assert!(matches!(&again[..], [Ok(same)] if *same == object), "{object:?} becomes {again:?}");
        }
    }
}

fn replay<K: JournalKind>(bytes: &[u8]) -> Option<JournalReplay<K>> {
    let mut replay = JournalReplay::default();
    lines(bytes).try_for_each(|(begin, line, _)| replay.take(line, begin)).ok().map(|()| replay)
}

/// A journal that can be resumed names, for each object, the last line about it; and `undo` knows what the next run knows.
pub(crate) fn journal(bytes: &[u8]) {
    one_kind::<UndoLines>(bytes);
    one_kind::<DeleteLines>(bytes);
    let mut markers = HashSet::new();
    let undo = read_source(Cursor::new(bytes), |candidate| {
        markers.insert((candidate.bucket.clone(), candidate.key.clone()));
        Ok(())
    });
    let Some(replay) = replay::<DeleteLines>(bytes) else { return };
    if undo.is_err() {
        return;
    }
    for (_, line, _) in lines(bytes).skip(1) {
        if let Some((given, entry)) = record_of::<DeleteLines>(line)
            && let JournalState::Done(_) = replay.state(&given)
            && DeleteLines::class(&entry) == OutcomeClass::Changed
        {
            assert!(markers.contains(&(entry.bucket.clone(), entry.key.clone())), "undo forgets {given:?}");
        }
    }
}

fn one_kind<K: JournalKind>(bytes: &[u8]) {
    let Some(mut found) = replay::<K>(bytes) else { return };
    // Cut after any line, it can still be resumed.
    let ends: Vec<usize> =
        lines(bytes).filter(|(.., whole)| *whole).map(|(at, line, _)| at as usize + line.len() + 1).collect();
    for end in ends.iter().rev().take(8) {
        assert!(replay::<K>(&bytes[..*end]).is_some(), "it is refused when it is cut at {end}");
    }
    for state in found.take_rest() {
        let (offset, is_done) = match state {
            JournalState::New => continue,
            JournalState::Open(offset) => (offset, false),
            JournalState::Done(offset) => (offset, true),
        };
        let (_, line, _) = lines(bytes).find(|(begin, ..)| *begin == offset).expect("a line begins there");
        let (_, entry) = record_of::<K>(line).expect("it is an intent or an outcome");
        assert!(!is_done || K::class(&entry) == OutcomeClass::Changed, "done without an effect");
    }
}

#[cfg(test)]
mod tests {
    /// Each seed of a target, and what is left of it after a cut.
    fn each_seed(target: &str, look: fn(&[u8])) {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fuzz").join(target);
        let mut seeds = 0;
        for entry in std::fs::read_dir(folder).expect("the seeds are there") {
            let bytes = std::fs::read(entry.expect("an entry").path()).expect("a seed");
            (0..=bytes.len()).step_by(1 + bytes.len() / 50).chain([bytes.len()]).for_each(|cut| look(&bytes[..cut]));
            seeds += 1;
        }
        assert!(seeds >= 5, "{seeds} seeds of {target}");
    }

    #[test]
    fn every_seed_of_a_list_is_read() {
        each_seed("list", super::list);
    }

    #[test]
    fn every_seed_of_a_journal_is_read() {
        each_seed("journal", super::journal);
    }
}
