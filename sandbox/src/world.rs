//! The state that a running sandbox shares between its threads and its handle.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::time::Instant;

use crate::fault::{self, Fault, FaultKind};
use crate::hooks::{self, Action, Hook, Moment, WatchedRequest, Watcher};
use crate::log::Log;
use crate::operation::Call;
use crate::people::{People, Principal, covers};
use crate::store::Store;

/// The server's clock.
pub(crate) type WallClock = fn() -> jiff::Timestamp;

/// The store and what surrounds it. Locks are never held across an await or a hook.
pub(crate) struct World {
    store: RwLock<Store>,
    people: RwLock<People>,
    log: Mutex<Log>,
    faults: Mutex<Vec<Fault>>,
    hooks: Mutex<Vec<Hook>>,
    watcher: Mutex<Option<Watcher>>,
    /// Something to settle: spares reads the look at the tasks.
    waiting: AtomicBool,
    pub(crate) logging: AtomicBool,
    pub(crate) region_hint: AtomicBool,
    requests: AtomicU64,
    pub(crate) wall: WallClock,
    pub(crate) region: String,
    /// None if requests arrive without a network.
    pub(crate) address: Option<SocketAddr>,
    /// The principal that may do everything.
    pub(crate) main: Principal,
}

impl World {
    pub(crate) fn new(region: String, address: Option<SocketAddr>, main: Principal, wall: WallClock) -> Self {
        let mut people = People::default();
        people.add(main.clone());
        Self {
            store: RwLock::default(),
            people: RwLock::new(people),
            log: Mutex::default(),
            faults: Mutex::default(),
            hooks: Mutex::default(),
            watcher: Mutex::default(),
            waiting: AtomicBool::new(false),
            logging: AtomicBool::new(true),
            region_hint: AtomicBool::new(false),
            requests: AtomicU64::new(0),
            wall,
            region,
            address,
            main,
        }
    }

    /// Now in milliseconds since 1970, cut to the whole second as S3 reports it.
    pub(crate) fn now_ms(&self) -> i64 {
        (self.wall)().as_second() * 1000
    }

    /// The store as of now: replication that is due is carried out first.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Store> {
        if self.waiting.load(Ordering::Acquire) {
            drop(self.write());
        }
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, to change it.
    pub(crate) fn write(&self) -> StoreGuard<'_> {
        let mut store = self.store.write().unwrap_or_else(PoisonError::into_inner);
        if !store.tasks.is_empty() {
            store.settle(Instant::now());
        }
        StoreGuard { world: self, store }
    }

    pub(crate) fn people(&self) -> RwLockReadGuard<'_, People> {
        self.people.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn people_mut(&self) -> RwLockWriteGuard<'_, People> {
        self.people.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn hooks(&self) -> MutexGuard<'_, Vec<Hook>> {
        self.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn watcher(&self) -> MutexGuard<'_, Option<Watcher>> {
        self.watcher.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn strike(&self, call: &Call) -> Vec<FaultKind> {
        fault::strike(&mut self.faults(), call)
    }

    /// Runs the hooks that this request sets off, on a thread that may block.
    pub(crate) async fn run_hooks(&self, moment: Moment, call: &Call, logged: Option<u64>) {
        let watcher = self.watcher().clone();
        if let Some(watcher) = watcher {
            let (operation, bucket, key) = (call.operation, call.bucket.clone(), call.key.clone());
            let seen = WatchedRequest { moment, operation, bucket, key, arrived: logged.unwrap_or(0) };
            self.run(Box::new(move || watcher(&seen))).await;
        }
        let due = {
            let mut waiting = self.hooks();
            if waiting.is_empty() {
                return;
            }
            hooks::take(&mut waiting, moment, call)
        };
        for action in due {
            self.run(action).await;
        }
    }

    /// A hook may wait as long as it needs. Without a network it must not wait, because nothing else runs meanwhile.
    async fn run(&self, action: Action) {
        match self.address {
            // A hook that panics writes to stderr; the request continues.
            Some(_) => drop(tokio::task::spawn_blocking(action).await),
            None => action(),
        }
    }

    /// Whether an access key may do something; `None` is an unsigned request.
    pub(crate) fn may(&self, who: Option<&str>, action: &str, bucket: &str, key: &str) -> bool {
        self.may_in(&self.read(), who, action, bucket, key)
    }

    /// The same for callers that hold the store: its lock is not to be taken twice.
    pub(crate) fn may_in(&self, store: &Store, who: Option<&str>, action: &str, bucket: &str, key: &str) -> bool {
        let state = store.buckets.get(bucket);
        if state.is_some_and(|state| state.settings.denied.iter().any(|denied| covers(denied, action))) {
            return false;
        }
        match who {
            None => state.is_some_and(|state| state.settings.public),
            Some(who) => !self.people().denies(who, action, bucket, key),
        }
    }

    /// An id for the next answer, in the shape of S3's.
    pub(crate) fn request_id(&self) -> String {
        let count = self.requests.fetch_add(1, Ordering::Relaxed);
        format!("{:016X}", count.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5A4D_B0C5_0000_0001)
    }
}

/// Write access; notes on leaving whether replication is under way.
pub(crate) struct StoreGuard<'a> {
    world: &'a World,
    store: RwLockWriteGuard<'a, Store>,
}

impl std::ops::Deref for StoreGuard<'_> {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

impl std::ops::DerefMut for StoreGuard<'_> {
    fn deref_mut(&mut self) -> &mut Store {
        &mut self.store
    }
}

impl Drop for StoreGuard<'_> {
    fn drop(&mut self) {
        let waiting = self.store.next_due().is_some();
        self.world.waiting.store(waiting, Ordering::Release);
    }
}
