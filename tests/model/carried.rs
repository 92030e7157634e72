//! What became of a history: everything that the oracle may look at.

use std::collections::{BTreeMap, BTreeSet};

use replaudit_sandbox::{Request, Versioning};

use crate::arguments::Order;
use crate::world::Snapshot;

/// One run of the program.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) line: Vec<String>,
    /// None: ended by a signal.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) requests: Vec<Request>,
    /// The journal when the run began, and when it ended.
    pub(crate) journals: [String; 2],
    /// What was in the journal when a delete arrived.
    pub(crate) intents: BTreeMap<u64, String>,
    pub(crate) after: Snapshot,
    /// Whether it ended by itself or by an event, and not because patience did.
    pub(crate) in_time: bool,
}

/// Everything that the oracle may look at.
#[derive(Debug)]
pub(crate) struct Carried {
    pub(crate) orders: Vec<Order>,
    /// Versions with the tag that some rules ask for, by bucket, key and id.
    pub(crate) tagged: BTreeSet<(String, String, String)>,
    pub(crate) before: Snapshot,
    pub(crate) ran: Vec<Ran>,
    pub(crate) others: Vec<Done>,
}

/// What others did, with the server's tick where order matters.
#[derive(Clone, Debug)]
pub(crate) enum Done {
    Wrote { bucket: String, key: String, version: String },
    Took { bucket: String, key: String, version: String },
    Hid { bucket: String, key: String, marker: String },
    Versioning { at: u64, bucket: String, versioning: Versioning },
    LostReplica { bucket: String, key: String },
}
