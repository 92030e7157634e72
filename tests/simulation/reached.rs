//! The rare states that the sources name, and which of them no history went through.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use replaudit::simulation::reached_states;

/// Names in the sources that were not reached; none where the program does not note them.
pub(crate) fn missing() -> Vec<String> {
    if !cfg!(debug_assertions) {
        return Vec::new();
    }
    let mut named = BTreeSet::new();
    names_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut named);
    assert!(named.len() > 10, "the sources were read: {named:?}");
    let reached = reached_states();
    named.into_iter().filter(|name| !reached.contains(&name.as_str())).collect()
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
