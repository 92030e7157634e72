//! One order in progress: what is known of it between the plan and its outcome.

use super::freshness::{CHECKS, HIDE_CHECKS};
use crate::deletion::decide::{DeleteMode, DeleteOrder, KeepReason};
use crate::deletion::plan::{PlanItem, PlanMarks, PlanPosition};
use crate::deletion::report::{DeleteEntry, DeleteOutcome};
use crate::model::Failure;
use crate::status::Destination;

/// Why an order is not sent.
pub(super) enum NotSent {
    Stopped,
    Absent,
    Ended(DeleteOutcome, Failure),
    Kept(KeepReason, Option<Failure>, Vec<Destination>),
}

/// An order that has no outcome yet.
#[derive(Debug)]
pub(super) struct PendingDelete {
    pub(super) position: PlanPosition,
    pub(super) order: DeleteOrder,
    pub(super) entry: DeleteEntry,
    pub(super) marks: PlanMarks,
    /// The journal has its intent, and so needs its outcome.
    pub(super) intended: bool,
    /// How often it was sent.
    pub(super) sends: u32,
    /// A gateway answered an earlier request, and may have forwarded it: only an object that is still there was not deleted.
    pub(super) by_gateway: Option<Failure>,
    /// How many checks became too old before it could be sent.
    aged: u32,
}

impl PendingDelete {
    /// The order of an item; gives an item without one back.
    pub(super) fn of(item: PlanItem) -> Result<Self, Box<PlanItem>> {
        match item {
            PlanItem { entry, order: Some(order), marks, position } => {
                Ok(Self { position, order, entry, marks, intended: false, sends: 0, by_gateway: None, aged: 0 })
            }
            kept => Err(Box::new(kept)),
        }
    }

    /// Counts a check that became too old; false if there were too many.
    pub(super) fn may_be_checked_again(&mut self) -> bool {
        self.aged += 1;
        let most = match self.order.mode() {
            DeleteMode::Hide => HIDE_CHECKS,
            DeleteMode::Permanent => CHECKS,
        };
        self.aged < most
    }

    /// Notes why it is not sent.
    pub(super) fn not_sent(&mut self, unfit: NotSent) {
        match unfit {
            NotSent::Stopped => self.entry.outcome = DeleteOutcome::NotAttempted,
            NotSent::Absent => self.entry.outcome = DeleteOutcome::AlreadyAbsent,
            NotSent::Ended(outcome, failure) => self.entry.end(outcome, failure),
            NotSent::Kept(reason, failure, destinations) => {
                self.entry.keep(reason, failure);
                if !destinations.is_empty() {
                    self.entry.destinations = destinations;
                }
            }
        }
    }
}
