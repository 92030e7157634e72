//! Names states that are rare and matter, so that a long test can prove that it went through each of them.
//!
//! A name has no influence on what the program does. Without debug assertions nothing is left of it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

static REACHED: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());

/// Notes that this state was reached.
macro_rules! reached {
    ($name:literal) => {
        if cfg!(debug_assertions) {
            $crate::model::note_reached($name);
        }
    };
}
pub(crate) use reached;

pub(crate) fn note_reached(name: &'static str) {
    REACHED.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
}

/// The names that this process has reached.
pub fn reached_states() -> Vec<&'static str> {
    REACHED.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
}
