//! The rare states that the sources name, and which of them no history went through.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use replaudit::simulation::reached_states;

/// States that no history here can reach, because it has few objects: more than 1,000 are needed. The test
/// `one_that_stayed_lets_all_be_looked_at_again` of `deletion::execute` reaches it.
const NEED_MANY_OBJECTS: [&str; 1] = ["a reported outcome is corrected"];

/// Names in the sources that were not reached; none where the program does not note them.
pub(crate) fn missing() -> Vec<String> {
    if !cfg!(debug_assertions) {
        return Vec::new();
    }
    let mut named = BTreeSet::new();
    names_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut named);
    assert!(named.len() > 10, "the sources were read: {named:?}");
    assert!(NEED_MANY_OBJECTS.iter().all(|name| named.contains(*name)), "a state has another name: {named:?}");
    let reached = reached_states();
    let is_missing = |name: &String| !reached.contains(&name.as_str()) && !NEED_MANY_OBJECTS.contains(&name.as_str());
    named.into_iter().filter(is_missing).collect()
}

fn names_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("the sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            names_in(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let names = text.split("reached!(\"").skip(1).filter_map(|rest| rest.split('"').next());
        found.extend(names.map(str::to_owned));
    }
}
