//! Any bytes as an answer of S3. What is read is in the answer, entry for entry, and nothing but the whole answer is read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use replaudit_fuzz::s3::Answer;

fuzz_target!(|data: &[u8]| {
    let [kind, low, high, bytes @ ..] = data else { return };
    let kind = Answer::ALL[usize::from(*kind) % Answer::ALL.len()];
    let Some((value, entries)) = kind.read(bytes) else { return };
    // Another way to count them.
    if let Some(entries) = entries {
        let text = std::str::from_utf8(bytes).expect("it was read");
        // The list of annotations repeats the key, and is read also where the key has characters that XML can't hold.
        let Ok(document) = roxmltree::Document::parse(text) else {
            assert!(matches!(kind, Answer::Annotations), "{kind:?} {value}");
            return;
        };
        let is_entry = |node: &roxmltree::Node<'_, '_>| node.is_element() && kind.entries().contains(&node.tag_name().name());
        let parents = match kind {
            Answer::Tags | Answer::Annotations => document.root_element().children().collect(),
            _ => vec![document.root_element()],
        };
        let found = parents.iter().flat_map(|parent| parent.children()).filter(is_entry).count();
        assert_eq!(found, entries, "{kind:?} {value}");
    }
    // Cut anywhere, it is the same answer (white space or a comment at its end is missing) or none.
    let cut = usize::from(u16::from_le_bytes([*low, *high])) % (bytes.len() + 1);
    for cut in [cut, bytes.len().saturating_sub(1), bytes.len() / 2] {
        let other = kind.read(&bytes[..cut]);
        assert!(other.is_none_or(|(other, _)| other == value), "{kind:?} cut at {cut}: {value}");
    }
    let with = |more: &[u8]| kind.read(&[bytes, more].concat());
    assert!(with(b"<Rule/>").is_none() && with(b"x").is_none() && with(bytes).is_none(), "{kind:?} {value}");
});
