//! The real module graph of a crate: which file uses what another file defines.
//!
//! Read from the syntax, so that groups, renames, `super::` and code behind a test count. A name that a module only passes
//! on is followed to the file that defines it. Code under `#[cfg(test)]` is left out: tests may look anywhere.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// A module's place, such as `["deletion", "policy"]`; empty for the root of the crate.
type Module = Vec<String>;

/// The crates of this workspace that others build on.
const LIBRARIES: [&str; 3] = ["s3_answers", "s3_failures", "s3_inventory"];

/// Which file uses which others, by their paths below the source folder.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) uses: BTreeMap<String, BTreeSet<String>>,
    /// Which file uses which of [`LIBRARIES`].
    libraries: BTreeMap<String, BTreeSet<String>>,
}

/// What one file says.
#[derive(Default)]
struct Source {
    path: String,
    /// Absolute paths that it names, without `crate`.
    names: BTreeSet<Vec<String>>,
    /// Names that it passes on: name → absolute path. `*` for all of a module.
    passed_on: Vec<(String, Vec<String>)>,
    /// What it defines at its top.
    defined: BTreeSet<String>,
    /// Crates of this workspace that it names.
    libraries: BTreeSet<String>,
}

impl Graph {
    /// Reads every file below a source folder.
    pub(crate) fn of(folder: &Path) -> Self {
        let mut sources = HashMap::new();
        for path in files(folder) {
            let inner = path.strip_prefix(folder).expect("below the folder");
            let text = fs::read_to_string(&path).expect("the file is read");
            let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let module = module_of(inner);
            let mut reader = Reader { module: module.clone(), source: Source::default() };
            reader.source.path = inner.display().to_string();
            reader.visit_file(&syntax);
            sources.insert(module, reader.source);
        }
        let mut graph = Self::default();
        for source in sources.values() {
            let targets = source.names.iter().filter_map(|name| home(&sources, name, 0));
            let targets = targets.filter(|target| *target != source.path).map(str::to_owned).collect();
            graph.uses.insert(source.path.clone(), targets);
            graph.libraries.insert(source.path.clone(), source.libraries.clone());
        }
        graph
    }

    /// Which module at the top uses which others, crates of this workspace included.
    pub(crate) fn arrows(&self) -> BTreeMap<String, BTreeSet<String>> {
        let top = |file: &str| file.split('/').next().unwrap_or(file).trim_end_matches(".rs").to_owned();
        let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (file, targets) in &self.uses {
            let from = top(file);
            let used = targets.iter().map(|target| top(target)).filter(|target| *target != from);
            let used: Vec<String> = used.chain(self.libraries[file].iter().cloned()).collect();
            arrows.entry(from).or_default().extend(used);
        }
        arrows
    }

    /// Groups of files that reach each other, the largest first.
    pub(crate) fn circles(&self) -> Vec<BTreeSet<&str>> {
        let reach = |from: &str| {
            let mut seen = BTreeSet::new();
            let mut next = vec![from];
            while let Some(file) = next.pop() {
                for target in self.uses.get(file).into_iter().flatten() {
                    if let Some((name, _)) = self.uses.get_key_value(target)
                        && seen.insert(name.as_str())
                    {
                        next.push(name);
                    }
                }
            }
            seen
        };
        let reaches: BTreeMap<&str, BTreeSet<&str>> =
            self.uses.keys().map(|file| (file.as_str(), reach(file))).collect();
        let mut circles: Vec<BTreeSet<&str>> = Vec::new();
        for (file, reached) in &reaches {
            let circle: BTreeSet<&str> =
                reached.iter().copied().filter(|other| reaches[other].contains(file)).collect();
            if circle.len() > 1 && !circles.contains(&circle) {
                circles.push(circle);
            }
        }
        circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
        circles
    }
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is read") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false if path.extension().is_some_and(|end| end == "rs") => found.push(path),
            false => {}
        }
    }
    found.sort();
    found
}

/// `deletion/policy.rs` and `deletion/policy/mod.rs` are `deletion::policy`.
fn module_of(inner: &Path) -> Module {
    let mut parts: Module =
        inner.with_extension("").components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| last == "mod") || parts == ["lib"] || parts == ["main"] {
        parts.pop();
    }
    parts
}

/// The file that defines what a path names.
fn home<'a>(sources: &'a HashMap<Module, Source>, name: &[String], depth: usize) -> Option<&'a str> {
    if depth > 16 {
        return None;
    }
    let length = (0..=name.len()).rev().find(|length| sources.contains_key(&name[..*length]))?;
    let source = &sources[&name[..length]];
    let Some(item) = name.get(length) else { return Some(&source.path) };
    if source.defined.contains(item) {
        return Some(&source.path);
    }
    let follow = |target: &Vec<String>| {
        let full: Vec<String> = target.iter().chain(&name[length + 1..]).cloned().collect();
        home(sources, &full, depth + 1)
    };
    if let Some((_, target)) = source.passed_on.iter().find(|(known, _)| known == item) {
        return follow(target);
    }
    let globs = source.passed_on.iter().filter(|(known, _)| known == "*");
    let mut through = globs.filter_map(|(_, target)| {
        let inner = sources.get(target)?;
        let full: Vec<String> = target.iter().chain(&name[length..]).cloned().collect();
        (inner.defined.contains(item) || inner.passed_on.iter().any(|(known, _)| known == item))
            .then(|| home(sources, &full, depth + 1))
            .flatten()
    });
    through.next().or(Some(&source.path))
}

struct Reader {
    module: Module,
    source: Source,
}

impl Reader {
    /// Remembers the crate that a path begins with, where it is one of this workspace.
    fn take_library(&mut self, first: Option<&String>) {
        if let Some(first) = first
            && let Some(library) = LIBRARIES.iter().find(|library| *library == first)
        {
            self.source.libraries.insert(library.replace('_', "-"));
        }
    }

    /// A path from the crate's root, where it is one of this crate.
    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let mut base = match path.first()?.as_str() {
            "crate" => Vec::new(),
            "self" => self.module.clone(),
            "super" => self.module[..self.module.len().checked_sub(1)?].to_vec(),
            _ => return None,
        };
        let mut rest = &path[1..];
        while rest.first().is_some_and(|part| part == "super") {
            base.pop();
            rest = &rest[1..];
        }
        base.extend(rest.iter().cloned());
        Some(base)
    }

    fn take_tree(&mut self, tree: &syn::UseTree, before: &mut Vec<String>, passes_on: bool) {
        match tree {
            syn::UseTree::Path(path) => {
                if before.is_empty() {
                    self.take_library(Some(&path.ident.to_string()));
                }
                before.push(path.ident.to_string());
                self.take_tree(&path.tree, before, passes_on);
                before.pop();
            }
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.take_tree(tree, before, passes_on));
            }
            syn::UseTree::Name(name) => self.take_name(&name.ident, &name.ident, before, passes_on),
            syn::UseTree::Rename(name) => self.take_name(&name.ident, &name.rename, before, passes_on),
            syn::UseTree::Glob(_) => {
                // Names without a first word of `crate` are of a module below this one, or of another crate.
                let target = self.absolute(before).unwrap_or_else(|| self.below(before));
                match passes_on {
                    true => self.source.passed_on.push(("*".to_owned(), target)),
                    false => drop(self.source.names.insert(target)),
                }
            }
        }
    }

    fn take_name(&mut self, ident: &syn::Ident, known_as: &syn::Ident, before: &mut Vec<String>, passes_on: bool) {
        if ident != "self" {
            before.push(ident.to_string());
        }
        let target = self.absolute(before).unwrap_or_else(|| self.below(before));
        match passes_on {
            true => self.source.passed_on.push((known_as.to_string(), target)),
            false => drop(self.source.names.insert(target)),
        }
        if ident != "self" {
            before.pop();
        }
    }

    fn below(&self, path: &[String]) -> Vec<String> {
        self.module.iter().chain(path).cloned().collect()
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => list.tokens.to_string() == "test",
        _ => attribute.path().is_ident("test"),
    })
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        use syn::Item as I;
        let (attributes, name) = match item {
            I::Const(it) => (&it.attrs, Some(&it.ident)),
            I::Enum(it) => (&it.attrs, Some(&it.ident)),
            I::Fn(it) => (&it.attrs, Some(&it.sig.ident)),
            I::Mod(it) => (&it.attrs, None),
            I::Static(it) => (&it.attrs, Some(&it.ident)),
            I::Struct(it) => (&it.attrs, Some(&it.ident)),
            I::Trait(it) => (&it.attrs, Some(&it.ident)),
            I::Type(it) => (&it.attrs, Some(&it.ident)),
            I::Impl(it) => (&it.attrs, None),
            I::Use(it) => (&it.attrs, None),
            I::Macro(it) => (&it.attrs, it.ident.as_ref()),
            _ => return visit::visit_item(self, item),
        };
        if is_test(attributes) {
            return;
        }
        if let Some(name) = name {
            self.source.defined.insert(name.to_string());
        }
        if let I::Mod(it) = item
            && it.content.is_some()
        {
            self.module.push(it.ident.to_string());
            visit::visit_item(self, item);
            self.module.pop();
            return;
        }
        visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let passes_on = !matches!(item.vis, syn::Visibility::Inherited);
        self.take_tree(&item.tree, &mut Vec::new(), passes_on);
    }

    /// `pub(super)` uses nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        if parts.len() > 1 {
            self.take_library(parts.first());
        }
        if let Some(name) = self.absolute(&parts) {
            self.source.names.insert(name);
        }
        visit::visit_path(self, path);
    }
}
