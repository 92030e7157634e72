//! What the program is asked: as data, and as a command line.

use std::path::Path;

use crate::world::{Ids, World};

#[derive(Clone, Debug)]
pub(crate) struct Arguments {
    pub(crate) permanent: bool,
    pub(crate) orders: Vec<Asked>,
    pub(crate) input: Input,
    pub(crate) dry_run: bool,
    pub(crate) max_delete: Option<u64>,
    pub(crate) allow_marker_replication: bool,
    pub(crate) allow_replicated_delete: bool,
    pub(crate) allow_unconditional: bool,
    pub(crate) concurrency: u32,
    pub(crate) max_attempts: u32,
    pub(crate) ndjson: bool,
    pub(crate) journal: bool,
}

/// How objects are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// `s3://` on the command line; with a version only one.
    Addresses,
    /// `--bucket` and `--key`.
    Parts,
}

/// One object asked for, by its place in the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) source: usize,
    pub(crate) key: usize,
    pub(crate) version: Named,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// No version id.
    Current,
    /// The version of that number, counted from the oldest.
    Nth(usize),
    Null,
    /// Well-formed, and nobody's.
    Nobody,
}

/// One object asked for, by its names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Order {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version: Option<String>,
}

const NOBODY: &str = "0123456789abcdefghijklmnopqrstuv";

impl Arguments {
    /// The orders in their order, each once.
    pub(crate) fn orders(&self, world: &World, ids: &Ids) -> Vec<Order> {
        let mut orders: Vec<Order> = Vec::new();
        for asked in &self.orders {
            let source = &world.sources[asked.source];
            let version = match asked.version {
                Named::Current => None,
                Named::Nth(nth) => Some(ids[asked.source][asked.key][nth].clone()),
                Named::Null => Some("null".to_owned()),
                Named::Nobody => Some(NOBODY.to_owned()),
            };
            let order = Order { bucket: source.name.to_owned(), key: source.keys[asked.key].name.clone(), version };
            if !orders.contains(&order) {
                orders.push(order);
            }
        }
        orders
    }

    /// The command line after the program's name. `folder` is where lists and the journal are.
    pub(crate) fn command_line(&self, orders: &[Order], folder: &Path) -> Vec<String> {
        let mut line: Vec<String> = vec!["safe-delete".into(), "--yes".into(), "-o".into()];
        line.push(if self.ndjson { "ndjson" } else { "json" }.into());
        for (given, option) in [
            (self.permanent, "--permanent"),
            (self.permanent, "--trust-status"),
            (self.dry_run, "--dry-run"),
            (self.allow_marker_replication, "--allow-marker-replication"),
            (self.allow_replicated_delete, "--allow-replicated-delete"),
            (self.allow_unconditional, "--allow-unconditional"),
        ] {
            if given {
                line.push(option.into());
            }
        }
        let numbers = [
            ("--max-delete", self.max_delete),
            ("--concurrency", Some(self.concurrency.into())),
            ("--max-attempts", Some(self.max_attempts.into())),
        ];
        for (option, number) in numbers {
            if let Some(number) = number {
                line.extend([option.to_owned(), number.to_string()]);
            }
        }
        if self.journal {
            line.extend(["--journal".to_owned(), journal(folder).to_string_lossy().into_owned()]);
        }
        match (self.input, orders) {
            (Input::Parts, [one]) => {
                line.extend(["--bucket".to_owned(), one.bucket.clone(), "--key".to_owned(), one.key.clone()]);
            }
            (Input::Addresses | Input::Parts, orders) => {
                line.extend(orders.iter().map(|order| format!("s3://{}/{}", order.bucket, order.key)));
            }
        }
        if let [Order { version: Some(version), .. }] = orders {
            line.extend(["--version-id".to_owned(), version.clone()]);
        }
        line
    }
}

/// Where the journal is.
pub(crate) fn journal(folder: &Path) -> std::path::PathBuf {
    folder.join("journal.ndjson")
}
