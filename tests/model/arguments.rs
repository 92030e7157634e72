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
    pub(crate) verify_deleted: Option<&'static str>,
    pub(crate) proof: Proof,
}

/// What counts as proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// S3's word.
    Status,
    /// S3's word, and the replica itself.
    Replica,
    /// The same, at destinations named by the caller as well: the first of each source.
    Destination,
}

/// How objects are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// `s3://` on the command line; with a version only one.
    Addresses,
    /// `--bucket` and `--key`.
    Parts,
    /// A list of `s3://` addresses, which have no versions.
    Lines,
    /// A manifest of S3 Batch Operations.
    Manifest,
    /// NDJSON.
    Json,
    /// All objects under a prefix of a key.
    Under { source: usize, prefix: &'static str, versions: bool },
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
    /// No version ID.
    Current,
    /// The version of that number, counted from the oldest.
    Nth(usize),
    Null,
    /// Well-formed, and of no version.
    Absent,
}

/// One object asked for, by its names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Order {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) version: Option<String>,
}

const ABSENT_ID: &str = "0123456789abcdefghijklmnopqrstuv";

impl Arguments {
    /// The orders in their order, each once; none for what is listed.
    pub(crate) fn orders(&self, world: &World, ids: &Ids) -> Vec<Order> {
        if self.is_listed() {
            return Vec::new();
        }
        let mut orders: Vec<Order> = Vec::new();
        for asked in &self.orders {
            let source = &world.sources[asked.source];
            let version = match asked.version {
                Named::Current => None,
                Named::Nth(nth) => Some(ids[asked.source][asked.key][nth].clone()),
                Named::Null => Some("null".to_owned()),
                Named::Absent => Some(ABSENT_ID.to_owned()),
            };
            let order = Order { bucket: source.name.to_owned(), key: source.keys[asked.key].name.clone(), version };
            if !orders.contains(&order) {
                orders.push(order);
            }
        }
        orders
    }

    /// The objects are those that S3 lists.
    pub(crate) fn is_listed(&self) -> bool {
        matches!(self.input, Input::Under { .. })
    }

    /// Whether a listing would show it.
    pub(crate) fn lists(&self, world: &World, bucket: &str, key: &str) -> bool {
        matches!(self.input, Input::Under { source, prefix, .. } if world.sources[source].name == bucket && key.starts_with(prefix))
    }

    /// The command line after the program's name. `folder` is where lists and the journal are.
    pub(crate) fn command_line(&self, world: &World, orders: &[Order], folder: &Path) -> Vec<String> {
        let mut line: Vec<String> = vec!["safe-delete".into(), "--yes".into(), "-o".into()];
        line.push(if self.ndjson { "ndjson" } else { "json" }.into());
        for (given, option) in [
            (self.permanent, "--permanent"),
            (self.permanent && self.proof == Proof::Status, "--trust-status"),
            (!self.permanent && self.proof != Proof::Status, "--verify-replica"),
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
        if let Some(which) = self.verify_deleted {
            line.extend(["--verify-deleted".to_owned(), which.to_owned()]);
        }
        if self.proof == Proof::Destination {
            for source in &world.sources {
                line.extend(["--destination".to_owned(), source.destination.to_owned()]);
            }
        }
        if let Input::Under { prefix, .. } = self.input {
            line.extend(prefix.is_empty().then(|| "--whole-bucket".to_owned()));
            if self.max_delete.is_none() {
                line.extend(["--max-delete".to_owned(), "1000".to_owned()]);
            }
        }
        line.extend(self.objects(world, orders, folder));
        line
    }

    /// The words that name the objects, as any command takes them.
    pub(crate) fn objects(&self, world: &World, orders: &[Order], folder: &Path) -> Vec<String> {
        let mut line = Vec::new();
        let address = |order: &Order| format!("s3://{}/{}", order.bucket, order.key);
        match (self.input, orders) {
            (Input::Under { source, prefix, versions }, _) => {
                line.extend([format!("s3://{}/{prefix}", world.sources[source].name), "--recursive".to_owned()]);
                line.extend(versions.then(|| "--all-versions".to_owned()));
            }
            (Input::Parts, [one]) => {
                line.extend(["--bucket".to_owned(), one.bucket.clone(), "--key".to_owned(), one.key.clone()]);
            }
            (Input::Lines | Input::Manifest | Input::Json, orders) => {
                let list = folder.join("list");
                std::fs::write(&list, self.list(orders)).expect("the list is written");
                line.extend(["--from".to_owned(), list.to_string_lossy().into_owned()]);
                return line;
            }
            (Input::Addresses | Input::Parts, orders) => line.extend(orders.iter().map(address)),
        }
        if let [Order { version: Some(version), .. }] = orders {
            line.extend(["--version-id".to_owned(), version.clone()]);
        }
        line
    }

    fn list(&self, orders: &[Order]) -> String {
        let json = |order: &Order| {
            let mut line = serde_json::json!({"bucket": order.bucket, "key": order.key});
            if let Some(version) = &order.version {
                line["version_id"] = version.as_str().into();
            }
            format!("{line}\n")
        };
        let encoded = |key: &str| {
            let percent = percent_encoding::utf8_percent_encode(key, percent_encoding::NON_ALPHANUMERIC).to_string();
            percent.replace("%20", "+")
        };
        let row = |order: &Order| match &order.version {
            None => format!("{},{}\n", order.bucket, encoded(&order.key)),
            Some(version) => format!("{},{},{version}\n", order.bucket, encoded(&order.key)),
        };
        let versions = orders.iter().filter(|order| order.version.is_some()).count();
        let in_lines = versions == 0 && orders.iter().all(|order| !order.key.contains('\n'));
        match self.input {
            Input::Lines if in_lines => {
                orders.iter().map(|order| format!("s3://{}/{}\n", order.bucket, order.key)).collect()
            }
            Input::Manifest if versions == 0 || versions == orders.len() => orders.iter().map(row).collect(),
            _ => orders.iter().map(json).collect(),
        }
    }
}

/// Where the journal is.
pub(crate) fn journal(folder: &Path) -> std::path::PathBuf {
    folder.join("journal.ndjson")
}
