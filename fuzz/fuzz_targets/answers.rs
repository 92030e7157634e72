//! Any bytes as an answer of S3: the readers return every entry of the answer, and refuse a truncated answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use s3_answers::{
    AnswerError, Bucket, ListRequest, PageStart, join_annotation_pages, read_annotations, read_buckets, read_default_encryption,
    read_delete_result, read_inventory_configuration, read_inventory_configurations, read_lifecycle,
    read_notifications, read_object_lock, read_objects, read_replication, read_tags, read_versioning, read_versions,
};

/// A reader: the elements that are entries, and a function that returns the result as text, and the number of entries if
/// they are counted.
type Reader = (&'static [&'static str], fn(&[u8], &ListRequest<'_>) -> Result<(String, Option<usize>), AnswerError>);

const READERS: [Reader; 14] = [
    (&["Contents"], |bytes, request| read_objects(bytes, request).map(|page| counted(&page, page.keys.len()))),
    (&["Version", "DeleteMarker"], |bytes, request| {
        read_versions(bytes, request).map(|page| counted(&page, page.entries.len()))
    }),
    (&["Tag"], |bytes, _| read_tags(bytes).map(|tags| counted(&tags, tags.len()))),
    (&[], |bytes, _| read_versioning(bytes).map(shown)),
    (&["Rule"], |bytes, _| read_replication(bytes).map(|found| counted(&found, found.rules.len()))),
    (&["Deleted", "Error"], |bytes, _| read_delete_result(bytes).map(|found| counted(&found, found.len()))),
    (&["AnnotationEntry"], |bytes, _| {
        let page = read_annotations(bytes, "k")?;
        join_annotation_pages(vec![page]).map(|found| counted(&found, found.len()))
    }),
    (&[], |bytes, _| read_lifecycle(bytes).map(shown)),
    (&[], |bytes, _| read_inventory_configuration(bytes).map(shown)),
    (&[], |bytes, _| read_inventory_configurations(bytes).map(shown)),
    (&[], |bytes, _| read_object_lock(bytes).map(shown)),
    (&[], |bytes, _| read_default_encryption(bytes).map(shown)),
    (&["QueueConfiguration", "TopicConfiguration", "CloudFunctionConfiguration"], |bytes, _| {
        read_notifications(bytes).map(|found| counted(&found, found.targets.len()))
    }),
    (&[], |bytes, _| read_buckets(bytes).map(shown)),
];

fn counted(value: &dyn std::fmt::Debug, entries: usize) -> (String, Option<usize>) {
    (format!("{value:?}"), Some(entries))
}

fn shown(value: impl std::fmt::Debug) -> (String, Option<usize>) {
    (format!("{value:?}"), None)
}

fuzz_target!(|data: &[u8]| {
    let [kind, low, high, bytes @ ..] = data else { return };
    let (names, read) = READERS[usize::from(*kind) % READERS.len()];
    let bucket = Bucket::new("src").expect("a bucket");
    let request = ListRequest { bucket: &bucket, prefix: "", delimiter: None, start: PageStart::FirstKey };
    let read = |bytes: &[u8]| read(bytes, &request).ok();
    let Some((value, entries)) = read(bytes) else { return };
    // Another way to count them.
    if let Some(entries) = entries {
        let text = std::str::from_utf8(bytes).expect("it was read");
        // The list of annotations repeats the key, and is accepted even if the key has characters that XML does not allow.
        let Ok(document) = roxmltree::Document::parse(text) else {
            assert_eq!(names, ["AnnotationEntry"], "{value}");
            return;
        };
        let is_entry = |node: &roxmltree::Node<'_, '_>| node.is_element() && names.contains(&node.tag_name().name());
        let parents = match names {
            ["Tag" | "AnnotationEntry"] => document.root_element().children().collect(),
            _ => vec![document.root_element()],
        };
        let found = parents.iter().flat_map(|parent| parent.children()).filter(is_entry).count();
        assert_eq!(found, entries, "{names:?} {value}");
    }
    // A truncated answer is refused, unless only white space or a comment at its end is missing.
    let cut = usize::from(u16::from_le_bytes([*low, *high])) % (bytes.len() + 1);
    for cut in [cut, bytes.len().saturating_sub(1), bytes.len() / 2] {
        let other = read(&bytes[..cut]);
        assert!(other.is_none_or(|(other, _)| other == value), "{names:?} cut at {cut}: {value}");
    }
    let with = |more: &[u8]| read(&[bytes, more].concat());
    assert!(with(b"<Rule/>").is_none() && with(b"x").is_none() && with(bytes).is_none(), "{names:?} {value}");
});
