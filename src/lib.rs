//! Audits Amazon S3 replication: is an object replicated, is a bucket replicated, is every replica there, and may an object be deleted?
//!
//! The command-line tool is a thin layer over this library. One rule is above all others: never say more than is known,
//! never answer "yes" if the check could not be made, never delete what was not shown to be replicated.
//! `docs/design/architecture.md` shows the modules.
//!
//! # Is this object replicated?
//!
//! ```no_run
//! use replaudit::{ClientSettings, ObjectId, Replication, Verdict};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let replication = Replication::connect(ClientSettings::default()).await?;
//! let status = replication.status(&ObjectId::parse("s3://bucket/key")?).await;
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
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let totals = replaudit::audit_report("report/manifest.json".as_ref(), replaudit::Filter::default()).await?;
//! for (status, totals) in totals {
//!     println!("{status}: {} versions", totals.objects);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # May it be deleted?
//!
//! ```no_run
//! use replaudit::{ClientSettings, ObjectId, Replication};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let replication = Replication::connect(ClientSettings::default()).await?;
//! let plan = replication.plan_to_hide(&[ObjectId::parse("s3://bucket/key")?]).await?;
//! // Consent names the plan's own numbers: here, to hide one object.
//! let consent = plan.asks_for();
//! if consent.orders == 1 {
//!     for entry in replication.hide(plan, consent).await? {
//!         println!("{}: {}", entry.key, entry.outcome.word());
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod audit;
mod cli;
mod commands;
mod coverage;
mod deletion;
mod doctor;
mod engine;
mod exit;
mod export;
#[cfg(test)]
mod fuzzing;
mod inventory;
mod journal;
mod library;
mod list;
mod model;
mod output;
mod platform;
mod program;
mod reasons;
mod reconcile;
mod report;
mod s3;
mod spill;
mod sql;
mod status;

pub use audit::{Filter, StatusTotals};
pub use cli::{completion_scripts, tree as command_line};
pub use commands::StandardStreams;
pub use deletion::{Consent, ConsentMismatch, DeleteEntry, DeleteOutcome, KeepReason};
pub use doctor::checks_page;
pub use exit::ExitStatus;
pub use library::{HideError, HidePlan, Replication, audit_report};
pub use model::{Bucket, Failure, ObjectId, VersionId};
pub use program::run;
/// What the simulation of `tests/simulation` uses. It is not part of the interface.
#[doc(hidden)]
pub mod simulation {
    pub use crate::cli::CommandLineReader;
    pub use crate::deletion::{Clock, Moment};
    pub use crate::model::reached_states;
    pub use crate::program::simulate;
    pub use crate::s3::{Machine, SimulatedConnection};
}
pub use report::ReportError;
pub use s3::{AddressingStyle, ClientSettings};
pub use status::{ObjectStatus, Verdict};
