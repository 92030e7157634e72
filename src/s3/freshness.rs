//! How old a check is: the clocks, and the guard that stops a delete whose check is too old.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use jiff::Timestamp;

use crate::deletion::{Clock, FreshOrder, Moment, may_leave};

/// Added to the steady clock, so that a moment can be earlier than the first one.
const BEFORE: Duration = Duration::from_secs(3600);
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

pub(crate) fn machine_clock() -> Moment {
    Moment { steady: BEGINNING.elapsed() + BEFORE, wall: Timestamp::now() }
}

/// Stops a delete whose check became too old while its request was built and signed.
#[derive(Debug, Clone)]
pub(super) struct FreshnessGuard(Arc<CheckedAt>);

#[derive(Debug)]
struct CheckedAt {
    clock: Clock,
    /// When the oldest check began.
    asked_at: Option<Moment>,
    stopped: AtomicBool,
}

impl FreshnessGuard {
    pub(super) fn of(orders: &[FreshOrder<'_>], clock: Clock) -> Self {
        let now = clock.now();
        // After a clock was set back, a check counts as older than any limit.
        let age = |moment: &Moment| moment.age_at(now).unwrap_or(Duration::MAX);
        let asked_at = orders.iter().map(FreshOrder::asked_at).max_by_key(age);
        Self(Arc::new(CheckedAt { clock, asked_at, stopped: AtomicBool::new(false) }))
    }

    pub(super) fn since(asked_at: Moment, clock: Clock) -> Self {
        Self(Arc::new(CheckedAt { clock, asked_at: Some(asked_at), stopped: AtomicBool::new(false) }))
    }

    pub(super) fn is_fresh(&self) -> bool {
        self.0.asked_at.is_none_or(|asked_at| may_leave(asked_at, self.0.clock.now()))
    }

    /// Whether the request was stopped before anything was sent.
    pub(super) fn has_stopped_it(&self) -> bool {
        self.0.stopped.load(Ordering::Acquire)
    }
}

impl Intercept for FreshnessGuard {
    fn name(&self) -> &'static str {
        "FreshnessGuard"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.is_fresh() {
            return Ok(());
        }
        self.0.stopped.store(true, Ordering::Release);
        Err("the check of this delete became too old".into())
    }
}
