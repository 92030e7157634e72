//! The delete path: decide, plan, approve, execute.
//!
//! [`decide`] turns evidence into a decision, and is the one place that can make a [`DeleteOrder`]. A [`DeletionPlan`] holds
//! every decision with its reason; only consent that names the plan's own numbers makes an [`ApprovedPlan`] of it, and
//! [`execute`] takes nothing else. A dry run ends at the plan. Nothing here knows a network: evidence comes in as values,
//! deletes go out through a [`Deleter`].

mod execute;
mod plan;
mod policy;

pub use execute::{Condition, DeleteAnswer, Deleter, execute};
pub use plan::{ApprovedPlan, Consent, Decision, DeletionPlan, Entry, Outcome, Refusal, Summary};
pub use policy::{DeleteOrder, Evidence, KeepReason, Mode, Policy, Verdict, decide};
