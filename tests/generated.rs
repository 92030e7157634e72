//! Completions and man pages are what the command line says; `REPLAUDIT_REGENERATE=1 cargo test --test generated`
//! rewrites them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every generated file, by its path.
fn generated() -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for (name, text) in replaudit::completion_scripts() {
        files.insert(Path::new("completions").join(name), text.into_bytes());
    }
    let mut tree = replaudit::command_line().disable_help_subcommand(true);
    tree.build();
    files.insert("man/replaudit.1".into(), page(tree.clone()));
    for command in tree.get_subcommands() {
        let name = format!("replaudit-{}", command.get_name());
        files.insert(format!("man/{name}.1").into(), page(command.clone().name(name)));
    }
    files
}

fn page(command: clap::Command) -> Vec<u8> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text).expect("a page is rendered");
    text
}

#[test]
fn completions_and_man_pages_are_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let expected = generated();
    if std::env::var_os("REPLAUDIT_REGENERATE").is_some() {
        for folder in ["completions", "man"] {
            let _ = fs::remove_dir_all(root.join(folder));
            fs::create_dir(root.join(folder)).expect("the folder is made");
        }
        for (path, text) in &expected {
            fs::write(root.join(path), text).expect("the file is written");
        }
    }
    let mut found = BTreeMap::new();
    for folder in ["completions", "man"] {
        for entry in fs::read_dir(root.join(folder)).expect("the folder is there") {
            let name = entry.expect("an entry").file_name();
            let path = Path::new(folder).join(name);
            found.insert(path.clone(), fs::read(root.join(path)).expect("the file is read"));
        }
    }
    let stale: Vec<&PathBuf> = expected
        .iter()
        .filter(|(path, text)| found.get(*path) != Some(text))
        .map(|(path, _)| path)
        .chain(found.keys().filter(|path| !expected.contains_key(*path)))
        .collect();
    assert!(stale.is_empty(), "stale: {stale:?}; run REPLAUDIT_REGENERATE=1 cargo test --test generated");
}
