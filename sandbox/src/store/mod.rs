//! What the buckets hold: the data model, without clocks, locks or network.
//!
//! Sized for benchmarks with a million keys: a version takes some 140 bytes besides its key
//! and body, bodies are shared, and what few objects have (tags, metadata, locks) sits
//! behind one pointer.

mod bucket;
mod delete;
mod find;
mod replicate;
mod task;
mod version;
mod write;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

pub use bucket::{Bucket, Versioning};
pub(crate) use bucket::{BucketState, Upload};
pub(crate) use delete::{Condition, Deleted};
pub(crate) use find::{ReadMiss, current, show_id};
pub use task::Forced;
pub(crate) use task::Task;
pub(crate) use version::{Annotation, ChecksumKind, Etag, Extra, Sse, Status, Version, VersionId, splitmix};
pub use version::{HoldDuration, LockMode};
pub(crate) use write::ObjectDraft;

use crate::dialect::Dialect;

/// All buckets and what is still to be replicated between them.
pub(crate) struct Store {
    pub(crate) buckets: BTreeMap<String, BucketState>,
    pub(crate) dialect: Dialect,
    pub(crate) delay: Duration,
    pub(crate) tasks: VecDeque<Task>,
    /// Source of version IDs: counting keeps runs repeatable.
    pub(crate) minted: u64,
    /// Most entries in a page of a listing.
    pub(crate) page: usize,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            buckets: BTreeMap::new(),
            dialect: Dialect::default(),
            delay: Duration::ZERO,
            tasks: VecDeque::new(),
            minted: 0,
            page: 1000,
        }
    }
}

impl Store {
    pub(crate) fn mint(&mut self) -> VersionId {
        self.minted += 1;
        VersionId::mint(self.minted)
    }
}
