//! Audits Amazon S3 replication: is this object replicated, is this bucket, may this object be deleted?
//!
//! The command-line tool is a thin layer over this library. One rule stands over all of it: never say more than is known,
//! never answer "yes" when the check could not be made, never delete what was not proven replicated.
//!
//! # Map
//!
//! | module | what it is for |
//! |---|---|
//! | [`model`] | addresses, failures, sums: the words everything else is written in |
//! | [`exit`] | how a run ended, and its exit code |
//! | [`status`] | what S3's replication status says about one object |
//! | [`inventory`] | inventory configurations of a bucket, and which reports in a folder are whole |
//! | [`list`] | lists of objects: addresses, CSV, NDJSON |
//! | [`audit`] | sums over a report, limits, verdict |
//! | [`export`] | which rows of a report are exported, and as what lines |
//! | [`deletion`] | decide, plan, approve, execute |
//! | [`journal`] | what a deletion was about to do and did, on disk |
//! | [`s3`] | the AWS SDK, and the only file that may delete |
//! | [`report`] | reports from S3 or the file system, streamed and checked |
//! | [`output`] | formats, files, terminal |
//! | [`commands`] | wiring of the commands |
//! | [`cli`] | the command line |
//! | [`program`] | all of it as one function |
//!
//! A module may name only modules above it; `tests/architecture.rs` holds them to that. The logic modules (down to
//! [`deletion`]) know no network, file system, clock, terminal, SDK or command line.
//!
//! # Is this object replicated?
//!
//! ```no_run
//! use replaudit::model::ObjectId;
//! use replaudit::s3::{ClientSettings, S3Store};
//! use replaudit::status::{Verdict, classify};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let store = S3Store::connect(&ClientSettings::default()).await?;
//! let object = ObjectId::parse("s3://bucket/key")?;
//! let status = classify(&object, store.head(&object).await);
//! match status.verdict {
//!     Verdict::Replicated => println!("replicated"),
//!     other => println!("{}: {:?}", other.word(), status.error),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Is this bucket?
//!
//! ```no_run
//! use std::path::Path;
//! use std::sync::Arc;
//!
//! use replaudit::audit::{Filter, Limits, Question};
//! use replaudit::report::{ReadOptions, Report};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let options = ReadOptions { verify: true, whole: false, data_dir: None, workers: 2, downloads: 8, memory: 512 << 20 };
//! let report = Arc::new(Report::open_local(Path::new("report/manifest.json"), options)?);
//! let question = Question {
//!     filter: Filter::default(),
//!     overdue_seconds: 86_400,
//!     limits: Limits::with(&[]),
//!     by: vec![],
//!     top: 20,
//!     compared: false,
//! };
//! let tally = report.tally(&question, Arc::default(), Arc::new(|_bytes| {})).await?;
//! for (status, totals) in tally.statuses() {
//!     println!("{}: {} versions", status.reported(), totals.objects);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # May it be deleted?
//!
//! ```no_run
//! use std::io::Cursor;
//!
//! use futures_util::StreamExt;
//! use replaudit::deletion::{DeleteEvent, DeleteExecution, DeleteMode, DeletionPlanner, Policy, VerifyDeleted, execute};
//! use replaudit::journal::JournalWriter;
//! use replaudit::model::ObjectId;
//! use replaudit::s3::{ClientSettings, DeleteSettings, S3Deleter, S3Store};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let store = S3Store::connect(&ClientSettings::default()).await?;
//! let policy = Policy {
//!     mode: DeleteMode::Hide,
//!     verify_replica: false,
//!     allow_marker_replication: false,
//!     allow_replicated_delete: false,
//!     allow_annotation_loss: false,
//!     allow_unconditional: false,
//!     custom_endpoint: store.has_custom_endpoint(),
//! };
//! // A plan of millions goes into a temporary file instead.
//! let mut planner = DeletionPlanner::new(policy.clone(), Cursor::new(Vec::new()));
//! let object = ObjectId::parse("s3://bucket/key")?;
//! planner.add(&object, &store.evidence(&object, policy.mode, None).await)?;
//! let plan = planner.finish()?;
//!
//! // Consent names the plan's own numbers: here, to hide one object.
//! let asked = plan.asks_for();
//! if asked.orders == 1 {
//!     let settings =
//!         DeleteSettings { max_attempts: 3, concurrency: 1, sent: Default::default(), stop: Default::default() };
//!     let deleter = S3Deleter::new(&store, None, settings);
//!     let execution = DeleteExecution {
//!         deleter: &deleter,
//!         journal: None::<&JournalWriter>,
//!         concurrency: 1,
//!         verify: VerifyDeleted::All,
//!         now: replaudit::s3::now,
//!         not_before: None,
//!         stop: &|| false,
//!     };
//!     let mut events = std::pin::pin!(execute(plan.approve(asked)?, execution)?);
//!     while let Some(event) = events.next().await {
//!         if let DeleteEvent::Ended(entry) = event? {
//!             println!("{}: {}", entry.key, entry.outcome.word());
//!         }
//!     }
//! }
//! # Ok(())
//! # }
//! ```

pub mod audit;
pub mod cli;
pub mod commands;
pub mod deletion;
pub mod exit;
pub mod export;
pub mod inventory;
pub mod journal;
pub mod list;
pub mod model;
pub mod output;
pub mod program;
pub mod report;
pub mod s3;
pub mod status;
