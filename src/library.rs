//! The library's three questions, without the command line: is an object replicated, is a bucket, may objects be
//! deleted?
//!
//! It only calls the modules that decide. Everything here needs a tokio runtime.

use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::path::Path;
use std::sync::Arc;

use futures_util::TryStreamExt;

use crate::audit::{Filter, Limits, Question, StatusTotals};
use crate::deletion::{
    Consent, ConsentMismatch, DeleteEntry, DeleteEvent, DeleteExecution, DeleteMode, DeletionPlan, DeletionPlanner,
    Policy, VerifyDeleted, execute,
};
use crate::journal::JournalWriter;
use crate::model::{Failure, ObjectId};
use crate::report::{ReadOptions, Report, ReportError};
use crate::s3::{ClientSettings, DeleteSettings, Machine, S3Deleter, S3Store};
use crate::status::{ObjectStatus, classify};

/// Asks S3 about replication, and deletes what is replicated.
#[derive(Debug)]
pub struct Replication {
    store: Arc<S3Store>,
    settings: ClientSettings,
}

impl Replication {
    /// Resolves the settings and obtains credentials. Sends nothing to S3 yet.
    ///
    /// # Errors
    /// No credentials, an unusable endpoint or CA bundle.
    pub async fn connect(settings: ClientSettings) -> Result<Self, Failure> {
        Ok(Self { store: Arc::new(S3Store::connect(&settings, &Machine::real()).await?), settings })
    }

    /// Sends one HEAD request and says what the answer proves. A failed request is a verdict too.
    pub async fn status(&self, object: &ObjectId) -> ObjectStatus {
        classify(object, self.store.head(object).await)
    }

    /// Checks objects one after the other and plans to hide those that are replicated. Sends nothing that changes
    /// anything.
    ///
    /// # Errors
    /// The sizes of the objects pass 2^64 bytes.
    pub async fn plan_to_hide(&self, objects: &[ObjectId]) -> io::Result<HidePlan> {
        let policy = Policy {
            mode: DeleteMode::Hide,
            verify_replica: false,
            allow_marker_replication: false,
            allow_replicated_delete: false,
            allow_annotation_loss: false,
            allow_unconditional: false,
            custom_endpoint: self.store.has_custom_endpoint(),
        };
        let mut planner = DeletionPlanner::new(policy, Cursor::new(Vec::new()));
        for object in objects {
            planner.add(object, &self.store.evidence(object, DeleteMode::Hide, None).await)?;
        }
        Ok(HidePlan(planner.finish()?))
    }

    /// Hides the objects of a plan behind delete markers, each only if it is still what was checked. Every object of
    /// the plan ends in one entry.
    ///
    /// # Errors
    /// The consent is not for this plan, and nothing was sent; or the plan can't be read to its end: objects may have been
    /// hidden by then, and their entries are lost.
    pub async fn hide(&self, plan: HidePlan, consent: Consent) -> Result<Vec<DeleteEntry>, HideError> {
        let settings = DeleteSettings {
            max_attempts: self.settings.max_attempts,
            concurrency: 1,
            sent: Arc::default(),
            stop: Arc::default(),
        };
        let execution = DeleteExecution {
            deleter: &S3Deleter::new(&self.store, None, settings),
            journal: None::<&JournalWriter>,
            concurrency: 1,
            verify: VerifyDeleted::All,
            clock: self.store.clock(),
            not_before: None,
            stop: &|| false,
        };
        let mut events = std::pin::pin!(execute(plan.0.approve(consent)?, execution)?);
        let mut entries: Vec<DeleteEntry> = Vec::new();
        while let Some(event) = events.try_next().await? {
            match event {
                DeleteEvent::Ended(entry) | DeleteEvent::Aside(entry) => entries.push(entry),
                // It replaces what was reported before.
                DeleteEvent::Corrected { entry, .. } => {
                    entries.retain(|old| {
                        (&old.bucket, &old.key, &old.version_id) != (&entry.bucket, &entry.key, &entry.version_id)
                    });
                    entries.push(entry);
                }
                // Only answers to batches name objects, and nothing is hidden in batches. A lookup that failed contradicts
                // nothing.
                DeleteEvent::Foreign(_) | DeleteEvent::NotLookedUp(_) => {}
            }
        }
        Ok(entries)
    }
}

/// What would be hidden, and what is kept.
#[derive(Debug)]
pub struct HidePlan(DeletionPlan<Cursor<Vec<u8>>>);

impl HidePlan {
    /// What consent to this plan has to name: how many objects are hidden, their bytes, and the plan's fingerprint.
    #[must_use]
    pub fn asks_for(&self) -> Consent {
        self.0.asks_for()
    }
}

/// Why a plan was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum HideError {
    /// Consent was given to something else.
    #[error(transparent)]
    Consent(#[from] ConsentMismatch),
    /// The plan can't be read back.
    #[error("reading the plan back: {0}")]
    Plan(#[from] io::Error),
}

/// Adds up the object versions of a local inventory report by their replication status, in S3's own words, `NONE` for
/// none. Every data file is checked against the manifest first.
///
/// # Errors
/// The report is not there, is damaged, or can't be read.
pub async fn audit_report(manifest: &Path, filter: Filter) -> Result<BTreeMap<String, StatusTotals>, ReportError> {
    let options =
        ReadOptions { verify: true, whole: true, data_dir: None, workers: 2, downloads: 8, memory: 512 << 20 };
    let report = Arc::new(Report::open_local(manifest, options)?);
    let limits = Limits::with(&[]);
    let question =
        Question { filter, overdue_seconds: 86_400, limits, by: vec![], top: 0, compared: false, rules: None };
    let tally = report.tally(&question, Arc::default(), Arc::new(|_| {})).await?;
    Ok(tally.statuses().into_iter().map(|(status, totals)| (status.reported().to_owned(), totals)).collect())
}
