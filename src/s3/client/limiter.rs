//! Limits the requests in flight: fewer after SlowDown, more again when requests succeed.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use super::aimd_limit::AimdLimit;
use super::interceptors::SlowDowns;

#[derive(Debug)]
pub(in crate::s3) struct Limiter {
    state: Mutex<LimiterState>,
    room: Notify,
    slow_downs: SlowDowns,
}

#[derive(Debug)]
struct LimiterState {
    limit: AimdLimit,
    requests: usize,
}

impl Limiter {
    pub(in crate::s3) fn new(most: usize, slow_downs: SlowDowns) -> Self {
        Self {
            state: Mutex::new(LimiterState { limit: AimdLimit::new(most), requests: 0 }),
            room: Notify::new(),
            slow_downs,
        }
    }

    /// Waits until another request may be sent. A permit covers all attempts of one request.
    pub(in crate::s3) async fn permit(&self) -> Permit<'_> {
        loop {
            let room = self.room.notified();
            if let Some(cuts) = self.try_permit() {
                return Permit { limiter: self, cuts, slow_downs: self.slow_downs.count() };
            }
            room.await;
        }
    }

    /// Does not wait, because the check of a delete would become too old. Later requests wait longer instead.
    pub(in crate::s3) fn permit_at_once(&self) -> Permit<'_> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.requests += 1;
        Permit { limiter: self, cuts: state.limit.cuts(), slow_downs: self.slow_downs.count() }
    }

    fn try_permit(&self) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        (state.requests < state.limit.limit()).then(|| {
            state.requests += 1;
            state.limit.cuts()
        })
    }
}

/// One request in flight.
#[derive(Debug)]
pub(in crate::s3) struct Permit<'a> {
    limiter: &'a Limiter,
    cuts: u64,
    slow_downs: u64,
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut state = self.limiter.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.requests -= 1;
        // SlowDown to any request counts for all of them.
        match self.limiter.slow_downs.count() == self.slow_downs {
            true => state.limit.went_well(),
            false => state.limit.slow_down(self.cuts),
        }
        let room = state.limit.limit().saturating_sub(state.requests);
        drop(state);
        // One ended, and the limit may have grown by one.
        for _ in 0..room.min(2) {
            self.limiter.room.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room<'a>(limiter: &'a Limiter, runtime: &tokio::runtime::Runtime) -> Option<Permit<'a>> {
        runtime.block_on(async {
            tokio::select! {
                biased;
                permit = limiter.permit() => Some(permit),
                () = std::future::ready(()) => None,
            }
        })
    }

    #[test]
    fn slow_down_halves_the_limit_and_success_raises_it_again() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let slow_downs = SlowDowns::default();
        let limiter = Limiter::new(4, slow_downs.clone());
        let permits: Vec<_> = (0..4).map(|_| room(&limiter, &runtime).unwrap()).collect();
        assert!(room(&limiter, &runtime).is_none(), "no more than the most");
        slow_downs.add();
        drop(permits);
        let permits: Vec<_> = (0..2).map(|_| room(&limiter, &runtime).unwrap()).collect();
        assert!(room(&limiter, &runtime).is_none(), "half of them");
        drop(permits);
        for _ in 0..20 {
            drop(room(&limiter, &runtime).unwrap());
        }
        let permits: Vec<_> = (0..4).map(|_| room(&limiter, &runtime).unwrap()).collect();
        assert!(room(&limiter, &runtime).is_none());
        drop(permits);
    }

    #[test]
    fn a_waiting_request_gets_the_permit_of_one_that_ended() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let limiter = Limiter::new(1, SlowDowns::default());
        runtime.block_on(async {
            let first = limiter.permit().await;
            let second = async { drop(limiter.permit().await) };
            let leave = async {
                tokio::task::yield_now().await;
                drop(first);
            };
            let both = async { tokio::join!(second, leave) };
            tokio::time::timeout(std::time::Duration::from_secs(5), both).await.expect("the second got its permit");
        });
    }
}
