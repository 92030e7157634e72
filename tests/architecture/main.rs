//! The import rule, and what each part must not know. Read from the sources, so that it holds without anybody's memory.

mod graph;
mod names;
mod sandbox;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use graph::Graph;

/// Modules from the bottom up: each may name itself and what comes before it.
const ORDER: [&str; 25] = [
    "model",
    "exit",
    "status",
    "inventory",
    "list",
    "reasons",
    "coverage",
    "audit",
    "export",
    "reconcile",
    "sql",
    "doctor",
    "deletion",
    "platform",
    "journal",
    "spill",
    "s3",
    "engine",
    "report",
    "library",
    "output",
    "commands",
    "cli",
    "program",
    "fuzzing",
];

/// The modules that only turn values into values: those up to `deletion`.
const LOGIC: &[&str] = ORDER.split_at(13).0;

/// What logic must not know, and where the one exception is.
const FORBIDDEN: [&str; 16] = [
    "tokio",
    "aws_",
    "clap",
    "indicatif",
    "anyhow",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "SystemTime",
    "Timestamp::now",
    "println!",
    "stdout",
    "stderr",
];

/// Every source file with its module and its text up to the tests.
fn sources() -> Vec<(String, PathBuf, String)> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("the folder is read") {
            let path = entry.expect("an entry").path();
            // Tests may know anything.
            if path.file_stem().is_some_and(|name| name == "tests") {
                continue;
            }
            if path.is_dir() { walk(&path, files) } else { files.push(path) }
        }
    }
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&src, &mut files);
    let read = |path: PathBuf| {
        let inner = path.strip_prefix(&src).expect("below src").to_path_buf();
        let first = inner.components().next().expect("a component").as_os_str().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("the file is read");
        let code = text.split("#[cfg(test)]").next().unwrap_or("").to_owned();
        (first.trim_end_matches(".rs").to_owned(), inner, code)
    };
    files.into_iter().map(read).collect()
}

/// Lines of code, without comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")).map(|(at, line)| (at + 1, line))
}

#[test]
fn modules_name_only_modules_below_them() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (module, path, text) in sources() {
        let Some(height) = ORDER.iter().position(|known| *known == module) else {
            assert!(module == "lib" || module == "main", "{} is in no place of the order", path.display());
            continue;
        };
        for (line, text) in code(&text) {
            for above in &ORDER[height + 1..] {
                seen += usize::from(text.contains("crate::"));
                if text.contains(&format!("crate::{above}::")) || text.contains(&format!("crate::{above};")) {
                    wrong.push(format!("{}:{line} names {above}", path.display()));
                }
            }
        }
    }
    assert!(seen > 20, "the sources were looked at");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn logic_knows_no_network_files_clock_or_terminal() {
    let mut wrong = Vec::new();
    for (module, path, text) in sources().into_iter().filter(|(module, _, _)| LOGIC.contains(&module.as_str())) {
        for (line, text) in code(&text) {
            for word in FORBIDDEN {
                // How a run ended becomes the process's exit code in one place.
                if text.contains(word) && !(module == "exit" && word == "std::process") {
                    wrong.push(format!("{}:{line} knows {word}", path.display()));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn foreign_types_stop_where_they_should() {
    let table = [
        ("aws_", "s3"),
        ("aws_sdk_athena", "engine"),
        ("clap", "cli"),
        ("indicatif", "output"),
        ("anyhow", "commands"),
    ];
    for (word, home) in table {
        let uses = |line: &str| {
            // The SDK of Athena is another one than that of S3, with its own home.
            line.contains(&format!("use {word}")) && (word == "aws_sdk_athena" || !line.contains("use aws_sdk_athena"))
        };
        let users: Vec<String> = sources()
            .into_iter()
            .filter(|(module, _, text)| module != home && module != "program" && code(text).any(|(_, line)| uses(line)))
            .map(|(_, path, _)| path.display().to_string())
            .collect();
        assert_eq!(users, Vec::<String>::new(), "{word} stops at {home}");
    }
}

#[test]
fn one_file_alone_may_delete() {
    let deletes =
        ["delete_object()", "delete_objects()", "disallowed_methods, reason = \"the one place that may delete\""];
    for (_, path, text) in sources() {
        let found = deletes.iter().filter(|word| code(&text).any(|(_, line)| line.contains(*word))).count();
        assert_eq!(found > 0, path.ends_with("s3/delete.rs"), "{}", path.display());
    }
}

#[test]
fn one_file_alone_may_start_statements_of_athena() {
    let starts =
        ["start_query_execution()", "disallowed_methods, reason = \"the one place that may start a statement\""];
    for (_, path, text) in sources() {
        let found = starts.iter().filter(|word| code(&text).any(|(_, line)| line.contains(*word))).count();
        let expected = if path.ends_with("engine/athena/start.rs") { starts.len() } else { 0 };
        assert_eq!(found, expected, "{}", path.display());
    }
}

#[test]
fn the_fuzz_crate_uses_the_crates_as_others_do() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let sources: Vec<_> = fs::read_dir(fuzz.join("src")).expect("the folder is read").collect();
    assert_eq!(sources.len(), 1, "no sources of its own but the list of modules that are compiled again");
    for entry in fs::read_dir(fuzz.join("fuzz_targets")).expect("the folder is read") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("the file is read");
        assert!(!text.contains("#[path"), "{} includes by path", path.display());
    }
}

#[test]
fn nothing_is_left_unfinished() {
    for (_, path, text) in sources() {
        for word in ["todo!", "unimplemented!", "FIXME", "XXX", "unsafe "] {
            assert!(!text.contains(word), "{} holds {word}", path.display());
        }
    }
}

/// Every crate of the workspace that ships or is tested with, and the files that its graph has at least.
const CRATES: [(&str, usize); 5] = [
    ("src", 150),
    ("crates/s3-answers/src", 10),
    ("crates/s3-failures/src", 10),
    ("crates/s3-inventory/src", 30),
    ("sandbox/src", 30),
];

#[test]
fn no_two_files_use_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (folder, least) in CRATES {
        let graph = Graph::of(&root.join(folder));
        assert!(graph.uses.len() >= least, "{folder} was read: {} files", graph.uses.len());
        assert_eq!(graph.circles(), Vec::<BTreeSet<&str>>::new(), "circles in {folder}");
    }
}

#[test]
fn a_circle_is_found_through_groups_super_re_exports_and_code_behind_tests() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::{b::{self, B}, d};\npub struct A;"),
        (
            "b.rs",
            "#[cfg(test)]\nmod tests { use crate::d::D; }\npub use super::c::C;\npub struct B;\nfn f() -> super::a::A { todo!() }",
        ),
        ("c.rs", "pub struct C;\nfn f(_: crate::a::A) {}"),
        ("d.rs", "use crate::b::C;\npub struct D;"),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("it is written");
    }
    let graph = Graph::of(folder.path());
    // d uses c, which b only passes on; what the tests of b use does not count.
    assert_eq!(graph.uses["d.rs"], BTreeSet::from(["c.rs".to_owned()]));
    assert_eq!(graph.circles(), [BTreeSet::from(["a.rs", "b.rs", "c.rs", "d.rs"])]);
}

/// The arrows between modules, as `docs/design/architecture.md` lists them.
#[test]
fn the_design_page_lists_the_real_modules_and_arrows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("docs/design/architecture.md");
    let page = fs::read_to_string(&path).expect("the page is read");
    let mut real = String::new();
    for (module, used) in Graph::of(&root.join("src")).arrows() {
        let used: Vec<String> = used.into_iter().collect();
        real += &format!("{module} -> {}\n", if used.is_empty() { "nothing".to_owned() } else { used.join(", ") });
    }
    let (begin, end) = (
        "<!-- arrows: written by `cargo test --test architecture` with REPLAUDIT_REGENERATE=1 -->\n\n```text\n",
        "```\n",
    );
    let (before, rest) = page.split_once(begin).expect("the list begins");
    let (listed, after) = rest.split_once(end).expect("the list ends");
    if std::env::var_os("REPLAUDIT_REGENERATE").is_some() {
        fs::write(&path, format!("{before}{begin}{real}{end}{after}")).expect("the page is written");
    } else {
        assert_eq!(listed, real);
    }
}
