//! The locks of [`GroupSync`](super::group_sync::GroupSync): those of the standard library, and in a test those of loom.

pub(super) use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
