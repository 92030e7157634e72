//! Any bytes as an answer of S3. What is read is in the answer, entry for entry, and nothing but the whole answer is read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use s3_answers::{
    Bucket, ListRequest, join_annotation_pages, read_annotations, read_delete_result, read_inventory_configuration,
    read_inventory_configurations, read_lifecycle, read_objects, read_replication, read_tags, read_versioning,
    read_versions,
};

/// A kind of answer that decides.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Objects,
    Versions,
    Tags,
    Versioning,
    Replication,
    Deleted,
    Annotations,
    Lifecycle,
    InventoryConfiguration,
    InventoryConfigurations,
}

impl Answer {
    const ALL: [Self; 10] = [
        Self::Objects,
        Self::Versions,
        Self::Tags,
        Self::Versioning,
        Self::Replication,
        Self::Deleted,
        Self::Annotations,
        Self::Lifecycle,
        Self::InventoryConfiguration,
        Self::InventoryConfigurations,
    ];

    /// What the reader makes of the bytes, as text to compare, and how many entries it found where entries count.
    fn read(self, bytes: &[u8]) -> Option<(String, Option<usize>)> {
        let bucket = Bucket::new("src").ok()?;
        let request = ListRequest { bucket: &bucket, prefix: "", delimiter: None };
        let shown = |value: &dyn std::fmt::Debug| format!("{value:?}");
        Some(match self {
            Self::Objects => {
                let page = read_objects(bytes, &request).ok()?;
                (shown(&page), Some(page.keys.len()))
            }
            Self::Versions => {
                let page = read_versions(bytes, &request).ok()?;
                (shown(&page), Some(page.entries.len()))
            }
            Self::Tags => {
                let tags = read_tags(bytes).ok()?;
                (shown(&tags), Some(tags.len()))
            }
            Self::Versioning => (shown(&read_versioning(bytes).ok()?), None),
            Self::Replication => {
                let rules = read_replication(bytes).ok()?;
                (shown(&rules), Some(rules.rules.len()))
            }
            Self::Deleted => {
                let answers = read_delete_result(bytes).ok()?;
                (shown(&answers), Some(answers.len()))
            }
            Self::Annotations => {
                let annotations = join_annotation_pages(vec![read_annotations(bytes, "k").ok()?]).ok()?;
                (shown(&annotations), Some(annotations.len()))
            }
            Self::Lifecycle => (shown(&read_lifecycle(bytes).ok()?), None),
            Self::InventoryConfiguration => (shown(&read_inventory_configuration(bytes).ok()?), None),
            Self::InventoryConfigurations => (shown(&read_inventory_configurations(bytes).ok()?), None),
        })
    }

    /// The elements that are entries.
    fn entries(self) -> &'static [&'static str] {
        match self {
            Self::Objects => &["Contents"],
            Self::Versions => &["Version", "DeleteMarker"],
            Self::Tags => &["Tag"],
            Self::Replication => &["Rule"],
            Self::Deleted => &["Deleted", "Error"],
            Self::Annotations => &["AnnotationEntry"],
            Self::Versioning | Self::Lifecycle | Self::InventoryConfiguration | Self::InventoryConfigurations => &[],
        }
    }
}

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
