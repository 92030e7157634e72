//! Cuts a plan into pieces that are checked and sent together.

use std::io;

use super::execute::BATCH;
use super::records::Item;

/// So many items at the most, however few of them are orders: they wait in memory.
const ITEMS: usize = 4 * BATCH;

/// Pieces of up to [`BATCH`] orders with what stands between them; the last may end with the error that ended the plan.
pub(super) struct Windows<I>(I);

impl<I: Iterator<Item = io::Result<Item>>> Windows<I> {
    pub(super) fn new(items: I) -> Self {
        Self(items)
    }
}

impl<I: Iterator<Item = io::Result<Item>>> Iterator for Windows<I> {
    type Item = (Vec<Item>, Option<io::Error>);

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
