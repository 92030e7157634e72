//! Reads the plan: for two readers in turn, and split into pieces that are checked and sent together.

use std::io::{self, Read, Seek};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::answer::BATCH;
use crate::deletion::plan::{PlanItem, PlanReader};

/// The items of the plan, read at most twice.
pub(super) struct SharedPlanItems<F> {
    items: Arc<Mutex<PlanReader<F>>>,
    ended: bool,
}

impl<F> SharedPlanItems<F> {
    pub(super) fn new(items: PlanReader<F>) -> Self {
        Self { items: Arc::new(Mutex::new(items)), ended: false }
    }

    fn lock(&self) -> MutexGuard<'_, PlanReader<F>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: Read + Seek> SharedPlanItems<F> {
    pub(super) fn rewind(&self) -> io::Result<()> {
        self.lock().rewind()
    }
}

impl<F> Clone for SharedPlanItems<F> {
    fn clone(&self) -> Self {
        Self { items: Arc::clone(&self.items), ended: false }
    }
}

impl<F: Read + Seek> Iterator for SharedPlanItems<F> {
    type Item = io::Result<PlanItem>;

    /// Ends after the first error.
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.lock().next();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

/// The most items, however few of them are orders: they wait in memory.
const ITEMS: usize = 4 * BATCH;

/// Pieces of up to [`BATCH`] orders and the other items between them; the last may end with the error that ended the plan.
pub(super) struct PlanWindows<I>(I);

impl<I: Iterator<Item = io::Result<PlanItem>>> PlanWindows<I> {
    pub(super) fn new(items: I) -> Self {
        Self(items)
    }
}

impl<I: Iterator<Item = io::Result<PlanItem>>> Iterator for PlanWindows<I> {
    type Item = (Vec<PlanItem>, Option<io::Error>);

    fn next(&mut self) -> Option<Self::Item> {
        let (mut window, mut orders) = (Vec::new(), 0);
        while orders < BATCH && window.len() < ITEMS {
            match self.0.next() {
                None => break,
                Some(Err(error)) => return Some((window, Some(error))),
                Some(Ok(item)) => {
                    orders += usize::from(item.order.is_some());
                    window.push(item);
                }
            }
        }
        (!window.is_empty()).then_some((window, None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deletion::decide::DeleteMode;
    use crate::deletion::fixtures::{object, order};
    use crate::deletion::plan::{PlanMarks, PlanPosition};
    use crate::deletion::report::DeleteEntry;

    /// A plan's items, one for each of these; true is an order.
    fn items(orders: impl Iterator<Item = bool>) -> impl Iterator<Item = io::Result<PlanItem>> {
        let object = object(Some("v1"));
        let order = order(&object, DeleteMode::Permanent);
        orders.map(move |is_order| {
            let order = is_order.then(|| order.clone());
            Ok(PlanItem {
                entry: DeleteEntry::of(&object),
                order,
                marks: PlanMarks::default(),
                position: PlanPosition::default(),
            })
        })
    }

    #[test]
    fn a_window_has_no_more_orders_than_one_request_takes_and_no_more_items_than_memory_is_meant_for() {
        let lengths = |items: &mut dyn Iterator<Item = io::Result<PlanItem>>| -> Vec<usize> {
            PlanWindows::new(items).take(4).map(|(window, _)| window.len()).collect()
        };
        assert_eq!(lengths(&mut items([true; 2001].into_iter())), [1000, 1000, 1]);
        assert_eq!(lengths(&mut items([false; 8001].into_iter())), [4000, 4000, 1]);
        assert_eq!(lengths(&mut items((0..5000).map(|n| n % 2 == 1))), [2000, 2000, 1000]);
        assert_eq!(lengths(&mut items([false; 0].into_iter())), [0; 0]);
    }

    #[test]
    fn what_was_read_before_a_plan_broke_off_is_still_told() {
        let broken = items([true, false].into_iter()).chain([Err(io::Error::other("x"))]);
        let windows: Vec<_> =
            PlanWindows::new(broken).take(2).map(|(window, error)| (window.len(), error.is_some())).collect();
        assert_eq!(windows, [(2, true)]);
    }
}
