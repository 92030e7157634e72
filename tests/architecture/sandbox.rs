//! The sandbox is held to the order of modules that its own documentation claims, and to having no circles.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::graph::Graph;

/// The program `replaudit-sandbox`, which uses the library from outside.
const PROGRAM: [&str; 2] = ["main", "load"];

/// `service/read.rs` is of module `service`.
fn module(file: &str) -> &str {
    file.split_once('/').map_or(file.trim_end_matches(".rs"), |(module, _)| module)
}

/// The modules that `lib.rs` lists, from the bottom: those in backticks before the colon of each item.
fn claimed(lib: &str) -> Vec<&str> {
    let items = lib.lines().filter_map(|line| line.strip_prefix("//! - "));
    let names =
        items.filter_map(|item| item.split_once(':')).flat_map(|(names, _)| names.split('`').skip(1).step_by(2));
    names.collect()
}

#[test]
fn the_modules_of_the_sandbox_have_the_order_that_its_documentation_claims() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sandbox/src");
    let graph = Graph::of(&folder);
    assert_eq!(graph.circles(), Vec::<BTreeSet<&str>>::new());
    let lib = fs::read_to_string(folder.join("lib.rs")).expect("it is read");
    let order = claimed(&lib);
    let height = |name: &str| order.iter().position(|claimed| *claimed == name);
    let mut wrong = Vec::new();
    for (file, targets) in graph.uses.iter().filter(|(file, _)| !PROGRAM.contains(&module(file)) && *file != "lib.rs") {
        assert!(height(module(file)).is_some(), "{file} is in no place of the order");
        for target in targets.iter().filter(|target| height(module(target)) > height(module(file))) {
            wrong.push(format!("{file} names {target}"));
        }
    }
    assert!(
        order.len() > 15 && graph.uses.values().map(BTreeSet::len).sum::<usize>() > 80,
        "both were read: {order:?}"
    );
    assert_eq!(wrong, Vec::<String>::new());
}
