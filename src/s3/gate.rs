//! Lets so many requests through as the server bears: fewer after SlowDown, and more again when it is content.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use super::guard::SlowDowns;
use crate::deletion::Pace;

#[derive(Debug)]
pub(super) struct Limiter {
    inside: Mutex<LimiterState>,
    room: Notify,
    slow_downs: SlowDowns,
}

#[derive(Debug)]
struct LimiterState {
    pace: Pace,
    requests: usize,
}

impl Limiter {
    pub(super) fn new(most: usize, slow_downs: SlowDowns) -> Self {
        Self {
            inside: Mutex::new(LimiterState { pace: Pace::new(most), requests: 0 }),
            room: Notify::new(),
            slow_downs,
        }
    }

    /// Waits until there is room; what holds the pass is one request, whatever it sends again.
    pub(super) async fn enter(&self) -> Permit<'_> {
        loop {
            let room = self.room.notified();
            if let Some(cuts) = self.try_enter() {
                return Permit { gate: self, cuts, slow_downs: self.slow_downs.count() };
            }
            room.await;
        }
    }

    /// Comes in without waiting: a check that waited would become too old. Those who come later wait for longer instead.
    pub(super) fn enter_at_once(&self) -> Permit<'_> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.requests += 1;
        Permit { gate: self, cuts: inside.pace.cuts(), slow_downs: self.slow_downs.count() }
    }

    fn try_enter(&self) -> Option<u64> {
        let mut inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        (inside.requests < inside.pace.limit()).then(|| {
            inside.requests += 1;
            inside.pace.cuts()
        })
    }
}

/// One request inside.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    gate: &'a Limiter,
    cuts: u64,
    slow_downs: u64,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut inside = self.gate.inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.requests -= 1;
        // Whoever was told, it was meant for all of them.
        match self.gate.slow_downs.count() == self.slow_downs {
            true => inside.pace.went_well(),
            false => inside.pace.slow_down(self.cuts),
        }
        let room = inside.pace.limit().saturating_sub(inside.requests);
        drop(inside);
        // One leaves, and the limit may have grown by one.
        for _ in 0..room.min(2) {
            self.gate.room.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether there is room now.
    fn room<'a>(gate: &'a Limiter, runtime: &tokio::runtime::Runtime) -> Option<Permit<'a>> {
        runtime.block_on(async {
            tokio::select! {
                biased;
                pass = gate.enter() => Some(pass),
                () = std::future::ready(()) => None,
            }
        })
    }

    #[test]
    fn a_complaint_closes_half_of_it_and_patience_opens_it_again() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let slow_downs = SlowDowns::default();
        let gate = Limiter::new(4, slow_downs.clone());
        let inside: Vec<_> = (0..4).map(|_| room(&gate, &runtime).unwrap()).collect();
        assert!(room(&gate, &runtime).is_none(), "no more than were asked for");
        slow_downs.add();
        drop(inside);
        let inside: Vec<_> = (0..2).map(|_| room(&gate, &runtime).unwrap()).collect();
        assert!(room(&gate, &runtime).is_none(), "half of them");
        drop(inside);
        for _ in 0..20 {
            drop(room(&gate, &runtime).unwrap());
        }
        let inside: Vec<_> = (0..4).map(|_| room(&gate, &runtime).unwrap()).collect();
        assert!(room(&gate, &runtime).is_none());
        drop(inside);
    }

    #[test]
    fn who_waits_is_let_in_when_another_leaves() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let gate = Limiter::new(1, SlowDowns::default());
        runtime.block_on(async {
            let first = gate.enter().await;
            let second = async { drop(gate.enter().await) };
            let leave = async {
                tokio::task::yield_now().await;
                drop(first);
            };
            let both = async { tokio::join!(second, leave) };
            tokio::time::timeout(std::time::Duration::from_secs(5), both).await.expect("the second came in");
        });
    }
}
