//! The names of types: each exists once in a crate, so that a name in an error or a search leads to one place.

use std::collections::BTreeMap;
use std::path::Path;

use syn::visit::{self, Visit};

use crate::graph;

/// The types of a file, also private ones, local ones and those of tests. Associated types belong to their trait.
#[derive(Default)]
struct TypeNames(Vec<String>);

impl<'ast> Visit<'ast> for TypeNames {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        match item {
            syn::Item::Struct(item) => self.0.push(item.ident.to_string()),
            syn::Item::Enum(item) => self.0.push(item.ident.to_string()),
            syn::Item::Union(item) => self.0.push(item.ident.to_string()),
            syn::Item::Trait(item) => self.0.push(item.ident.to_string()),
            syn::Item::Type(item) => self.0.push(item.ident.to_string()),
            _ => {}
        }
        visit::visit_item(self, item);
    }
}

#[test]
fn no_two_types_of_the_program_have_one_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in graph::files(&folder) {
        let text = std::fs::read_to_string(&path).expect("the file is read");
        let mut found = TypeNames::default();
        found.visit_file(&syn::parse_file(&text).expect("it is Rust"));
        for name in found.0 {
            let inner = path.strip_prefix(&folder).expect("below the folder").display().to_string();
            places.entry(name).or_default().push(inner);
        }
    }
    assert!(places.len() > 200, "{} types were found", places.len());
    places.retain(|_, places| places.len() > 1);
    assert_eq!(places, BTreeMap::new(), "types that have the name of another one");
}
