//! Histories in which checks grow old: requests that stall for longer than a check holds, batches that are asked to slow
//! down, and what others do meanwhile. Each takes seconds, nearly all of them asleep.

use std::time::Duration;

use fastrand::Rng;
use replaudit_sandbox::{Dialect, Moment, Versioning};

use crate::arguments::{Arguments, Asked, Input, Named, Proof};
use crate::chance::{KEYS, NAMES, chance, one, spoilt};
use crate::history::{Action, Event, History, How, Wrong};
use crate::world::{Key, Lock, Made, Object, Replica, Rules, Source, World};

/// Seeds from here on are slow histories.
pub(crate) const SLOW_SEEDS: u64 = 1_000_000_000_000;

/// Longer than a check holds, with the slack of the oracle.
fn stall(rng: &mut Rng) -> Duration {
    Duration::from_millis(rng.u64(6_600..8_500))
}

impl History {
    /// The slow history of a seed.
    pub(crate) fn slow(seed: u64) -> Self {
        let rng = &mut Rng::with_seed(seed);
        let world = world(rng);
        let arguments = arguments(rng, &world);
        let mut faults: Vec<(usize, Wrong)> = Vec::new();
        for _ in 0..rng.usize(1..=2) {
            faults.extend(accident(rng, arguments.orders.len()).into_iter().map(|wrong| (0, wrong)));
        }
        if chance(rng, 15) {
            faults.push((0, spoilt(rng)));
        }
        let events = meanwhile(rng, &world, arguments.orders.len()).into_iter().map(|event| (0, event)).collect();
        Self { world, arguments, faults, events, runs: 1, slow: true, torn: 0 }
    }
}

fn world(rng: &mut Rng) -> World {
    let mut body = 0;
    let count = rng.usize(1..=2);
    let sources = NAMES[..count].iter().map(|(name, destination, second)| {
        let mut names: Vec<&str> = KEYS.to_vec();
        rng.shuffle(&mut names);
        let keys = names[..rng.usize(2..=5)].iter().map(|name| key(rng, name, &mut body)).collect();
        let rules = one(rng, &[Rules::Plain, Rules::Both, Rules::Tagged]);
        Source { name, destination, second, versioning: Versioning::Enabled, object_lock: false, rules, keys }
    });
    World { sources: sources.collect(), dialect: Dialect::default(), denied: Vec::new() }
}

fn key(rng: &mut Rng, name: &str, body: &mut u32) -> Key {
    let versions = (0..rng.usize(1..=2)).map(|at| {
        *body += 1;
        Made::Object(Object {
            null: at == 0 && chance(rng, 30),
            body: *body,
            status: Some("COMPLETED"),
            lock: Lock::None,
            replica: if chance(rng, 6) { Replica::Lost } else { Replica::Present },
            tagged: chance(rng, 50),
        })
    });
    Key { name: name.to_owned(), versions: versions.collect() }
}

fn arguments(rng: &mut Rng, world: &World) -> Arguments {
    let mut orders = Vec::new();
    for (at, source) in world.sources.iter().enumerate() {
        for (key, held) in source.keys.iter().enumerate() {
            for nth in 0..held.versions.len() {
                orders.push(Asked { source: at, key, version: Named::Nth(nth) });
            }
        }
    }
    let source = rng.usize(0..world.sources.len());
    Arguments {
        permanent: true,
        orders,
        input: match rng.u32(0..4) {
            0 => Input::Under { source, prefix: "", versions: true },
            1 => Input::Manifest,
            _ => Input::Json,
        },
        dry_run: false,
        max_delete: None,
        allow_marker_replication: false,
        allow_replicated_delete: false,
        allow_unconditional: false,
        concurrency: rng.u32(1..=8),
        max_attempts: rng.u32(2..=4),
        ndjson: chance(rng, 50),
        journal: chance(rng, 30),
        verify_deleted: chance(rng, 50).then_some("none"),
        proof: one(rng, &[Proof::Replica, Proof::Replica, Proof::Destination, Proof::Status]),
    }
}

/// What makes checks grow old. The plan sends at least one HEAD for each of the orders, and the checks just before the
/// deletes are what comes after.
fn accident(rng: &mut Rng, orders: usize) -> Vec<Wrong> {
    let orders = u32::try_from(orders).unwrap_or(u32::MAX);
    let fault = |operation, skip, times, how| Wrong { operation, skip, times, how };
    let stalled = if chance(rng, 50) { How::Delay(stall(rng)) } else { How::DelayAnswer(stall(rng)) };
    match rng.u32(0..10) {
        0..4 => vec![fault("HeadObject", rng.u32(orders..orders * 6), rng.u32(1..=2), stalled)],
        // The next batch was checked before this one's answer.
        4 => vec![fault("DeleteObjects", rng.u32(0..2), 1, stalled)],
        5 => {
            let refused = fault("DeleteObjects", 0, 3, How::Status(501, "NotImplemented"));
            vec![refused, fault("DeleteObject", rng.u32(0..3), rng.u32(1..=2), stalled)]
        }
        6 => vec![fault("DeleteObjects", 0, rng.u32(1..=4), How::Status(503, "SlowDown"))],
        7 => vec![fault("DeleteObjects/entry", rng.u32(0..3), rng.u32(1..=9), How::Status(503, "SlowDown"))],
        8 => {
            let slow = fault("DeleteObjects", 0, 1, How::Status(503, "SlowDown"));
            vec![slow, fault("HeadObject", rng.u32(orders..orders * 6), 1, stalled)]
        }
        _ => {
            let operation = one(rng, &["GetBucketVersioning", "GetBucketReplication", "GetObjectTagging"]);
            vec![fault(operation, rng.u32(0..4), 1, stalled)]
        }
    }
}

/// What others do at about the time of the last checks.
fn meanwhile(rng: &mut Rng, world: &World, orders: usize) -> Vec<Event> {
    let orders = u32::try_from(orders).unwrap_or(u32::MAX);
    let source = rng.usize(0..world.sources.len());
    let keys = &world.sources[source].keys;
    let at = rng.u32(orders..orders * 6);
    let event = |key: usize, action| Event {
        moment: Moment::Before,
        operation: Some("HeadObject"),
        nth: at,
        place: Some((source, key)),
        action,
    };
    let key = rng.usize(0..keys.len());
    match rng.u32(0..4) {
        0 => Vec::new(),
        1 => vec![event(key, Action::LoseReplica)],
        // An upload that was never replicated takes the id of the version that was.
        2 => {
            let is_null = |key: &&Key| matches!(key.versions[0], Made::Object(Object { null: true, .. }));
            let taken = keys.iter().position(|key| is_null(&key)).unwrap_or(key);
            let upload = Action::Overwrite { body: rng.u32(1000..1_000_000), status: None };
            vec![event(taken, Action::Suspend), event(taken, upload)]
        }
        _ => vec![event(key, Action::Status(one(rng, &[Some("FAILED"), Some("PENDING"), None])))],
    }
}
