use proptest::prelude::*;

use super::*;

fn groups(by: Dimension, most: usize, encoded: bool) -> Groups {
    let grouping = Grouping { by: vec![by], most, encoded, rules: None };
    Groups::new(&grouping, Timestamp::from_second(1_000_000_000).unwrap(), true)
}

fn member(key: &str) -> GroupMember<'_> {
    GroupMember {
        key: key.as_bytes(),
        storage_class: b"STANDARD",
        encryption: b"SSE-S3",
        size: Some(1),
        modified: None,
    }
}

/// Names and how many objects each has.
fn counts(groups: &Groups) -> Vec<(String, u64)> {
    let named = groups.named().unwrap().remove(0);
    let count = |sums: &GroupSums| sums.words.iter().map(|(_, totals)| totals.objects).sum();
    named.values.iter().map(|(name, sums)| (name.clone(), count(sums))).collect()
}

#[test]
fn a_prefix_ends_with_its_slash() {
    let table = [("a/b/c", ["", "a/", "a/b/", "a/b/"]), ("a", ["", "", "", ""]), ("//x", ["", "/", "//", "//"])];
    for (key, prefixes) in table {
        for (depth, expected) in (0..).zip(prefixes) {
            assert_eq!(prefix(key.as_bytes(), depth), expected.as_bytes(), "{key} {depth}");
        }
    }
}

#[test]
fn keys_of_csv_are_grouped_decoded() {
    let mut found = groups(Dimension::Prefix(1), 10, true);
    for key in ["a+b/1", "a%20b/2", "a%20b%2F3", "a+b%2f4%2f5", "top", "%3Cscript%3E/x"] {
        found.count(&member(key), 0, false).unwrap();
    }
    assert_eq!(counts(&found), [("".into(), 1), ("<script>/".into(), 1), ("a b/".into(), 4)]);
    for key in ["a%zz/b", "a%2F%zz", "a+b/%zz", "a+b/c%", "%2"] {
        assert!(matches!(found.count(&member(key), 0, false), Err(TallyError::Key(_))), "{key}");
    }
    for (key, is_text) in [("%FF/a", false), ("%FF%2Fa", false), ("a/%FF", true), ("%c3%bc/%ff", true)] {
        let counted = found.count(&member(key), 0, false);
        assert_eq!(!matches!(counted, Err(TallyError::GroupNotUtf8(_))), is_text, "{key}");
    }
    let odd = GroupMember { key: b"\xff/a", ..member("") };
    let mut plain = groups(Dimension::Prefix(1), 10, false);
    assert!(matches!(plain.count(&odd, 0, false), Err(TallyError::GroupNotUtf8(_))));
    plain.count(&member("a+b%2F/1"), 0, false).unwrap();
    assert_eq!(counts(&plain), [("a+b%2F/".into(), 1)]);
}

#[test]
fn too_many_prefixes_are_cut_and_too_many_others_are_an_error() {
    let mut all = groups(Dimension::Prefix(3), 4, true);
    for key in ["a/b/1/x", "a/b/2/x", "a/c/3/x", "b/d/4/x", "b%2Fe%2F5%2Fx", "c/f/6/x"] {
        let mut one = groups(Dimension::Prefix(3), 4, true);
        one.count(&member(key), 0, false).unwrap();
        all.merge(&one, &[0]).unwrap();
    }
    let named = all.named().unwrap().remove(0);
    assert_eq!((named.asked, named.dimension), (Dimension::Prefix(3), Dimension::Prefix(1)));
    assert_eq!(counts(&all), [("a/".into(), 3), ("b/".into(), 2), ("c/".into(), 1)]);
    // Long texts count as several.
    let mut long = groups(Dimension::Prefix(1000), 10, true);
    for key in 0..4 {
        let mut one = groups(Dimension::Prefix(1000), 10, true);
        one.count(&member(&format!("a/{key}{}/x", "b".repeat(700))), 0, false).unwrap();
        long.merge(&one, &[0]).unwrap();
    }
    assert_eq!((long.named().unwrap()[0].dimension, counts(&long)), (Dimension::Prefix(1), vec![("a/".into(), 4)]));
    let mut classes = groups(Dimension::StorageClass, 2, true);
    let mut merge = |class: &'static [u8]| {
        let mut one = groups(Dimension::StorageClass, 2, true);
        one.count(&GroupMember { storage_class: class, ..member("k") }, 0, false).unwrap();
        classes.merge(&one, &[0])
    };
    assert_eq!((merge(b"A"), merge(b"B"), merge(b"A")), (Ok(()), Ok(()), Ok(())));
    assert!(matches!(merge(b"C"), Err(TallyError::Values(Dimension::StorageClass))));
}

proptest! {
    /// For every split of the rows into parts and every bound, the sums are those of the prefixes that remain.
    #[test]
    fn merging_loses_nothing(
        keys in prop::collection::vec("[ab]{0,2}/[ab]{0,2}/[ab]{0,2}", 1..60),
        parts in 1usize..5,
        most in 1usize..12,
    ) {
        let mut all = groups(Dimension::Prefix(2), most, true);
        for part in keys.chunks(keys.len().div_ceil(parts)) {
            let mut one = groups(Dimension::Prefix(2), most, true);
            part.iter().for_each(|key| one.count(&member(key), 1, key.len() % 2 == 0).unwrap());
            all.merge(&one, &[9, 3]).unwrap();
        }
        let named = all.named().unwrap().remove(0);
        let Dimension::Prefix(depth) = named.dimension else { unreachable!() };
        let mut expected: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for key in &keys {
            let name = String::from_utf8(prefix(key.as_bytes(), depth).to_vec()).unwrap();
            let sums = expected.entry(name).or_default();
            *sums = (sums.0 + 1, sums.1 + u64::from(key.len() % 2 == 0));
        }
        prop_assert!(expected.len() <= most);
        let found: BTreeMap<String, (u64, u64)> = named.values.iter().map(|(name, sums)| {
            assert!(sums.words.iter().all(|(place, _)| *place == 3));
            (name.clone(), (sums.words[0].1.objects, sums.all_overdue(true).objects))
        }).collect();
        prop_assert_eq!(found, expected);
    }
}
