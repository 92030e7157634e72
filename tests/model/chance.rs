//! Histories by chance. Most of each is ordinary, so that most runs get as far as deleting.

use std::time::Duration;

use fastrand::Rng;
use replaudit_sandbox::{Dialect, Moment, Versioning};

use crate::arguments::{Arguments, Asked, Input, Named, Proof};
use crate::history::{Action, Event, History, How, Wrong};
use crate::rare::make_rare;
use crate::slow::SLOW_SEEDS;
use crate::world::{Key, Lock, Made, Object, Replica, Rules, Source, World};

/// Keys that get lost in careless hands.
pub(crate) const KEYS: [&str; 20] = [
    "a",
    "b",
    "c/d",
    "a b",
    "a+b",
    "a%20b",
    "a%2Bb",
    "a//b",
    "/leading",
    "trailing/",
    "./dot",
    "../dotdot/../x",
    "ü/語/😀",
    "new\nline",
    "tab\tquote\"'`$(x)",
    "<&>]]>\"'&amp;",
    "?versionId=x&y#z",
    "=+&;:@,",
    "~-_.!*'()",
    "CASE",
];

/// Sources with their two destinations.
pub(crate) const NAMES: [(&str, &str, &str); 2] =
    [("source-0", "destination-0", "second-0"), ("source-1", "destination-1", "second-1")];

const WORDS: [Option<&str>; 9] = [
    Some("PENDING"),
    Some("FAILED"),
    Some("REPLICA"),
    None,
    Some("COMPLETE"),
    Some("PROCESSING"),
    Some("completed"),
    Some("NONE"),
    Some("COMPLETED2"),
];

const DENIED: [&str; 7] = [
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:ListBucket",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:GetReplicationConfiguration",
    "s3:GetBucketVersioning",
];

/// What the program has by now.
struct Features {
    lists: bool,
    journal: bool,
    replica: bool,
}

const FEATURES: Features = Features { lists: true, journal: true, replica: true };

/// True in this percentage of calls.
pub(crate) fn chance(rng: &mut Rng, percent: u32) -> bool {
    rng.u32(0..100) < percent
}

pub(crate) fn one<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(0..of.len())]
}

fn status(rng: &mut Rng) -> Option<&'static str> {
    if chance(rng, 80) { Some("COMPLETED") } else { one(rng, &WORDS) }
}

impl History {
    /// The history of a seed; see [`crate::slow`] for the others.
    pub(crate) fn of(seed: u64) -> Self {
        if seed >= SLOW_SEEDS {
            return Self::slow(seed);
        }
        let rng = &mut Rng::with_seed(seed);
        let permanent = chance(rng, 50);
        let world = world(rng);
        let arguments = arguments(rng, &world, permanent);
        let runs = if arguments.journal { 2 } else { 1 };
        let faults = (0..few(rng, 3)).map(|_| (rng.usize(0..runs), wrong(rng))).collect();
        let mut events: Vec<(usize, Event)> =
            (0..few(rng, 3)).map(|_| (rng.usize(0..runs), event(rng, &world))).collect();
        if arguments.journal && chance(rng, 60) {
            events.push((0, killed(rng)));
        }
        let torn = if chance(rng, 30) { rng.usize(1..80) } else { 0 };
        let mut history = Self { world, arguments, faults, events, runs, slow: false, torn };
        if !history.arguments.dry_run && chance(rng, 2) {
            make_rare(&mut history, rng);
        }
        history
    }
}

/// Half of the time none.
fn few(rng: &mut Rng, most: usize) -> usize {
    if chance(rng, 50) { 0 } else { rng.usize(1..=most) }
}

fn world(rng: &mut Rng) -> World {
    let count = if chance(rng, 75) { 1 } else { 2 };
    let mut body = 0;
    let mut sources: Vec<Source> = NAMES[..count].iter().map(|names| source(rng, *names, &mut body)).collect();
    let mut dialect = Dialect::default();
    match rng.u32(0..12) {
        0 => dialect.if_match_ignored = true,
        1 => dialect.if_match_501 = true,
        2 => dialect.batch_etag_ignored = true,
        3 => dialect.delete_204_but_readable = true,
        4 | 5 => {
            dialect.version_deletes_replicate = true;
            for source in &mut sources {
                source.rules = Rules::Deletes(chance(rng, 50));
            }
        }
        _ => {}
    }
    let denied = if chance(rng, 10) { vec![one(rng, &DENIED)] } else { Vec::new() };
    World { sources, dialect, denied }
}

fn source(
    rng: &mut Rng,
    (name, destination, second): (&'static str, &'static str, &'static str),
    body: &mut u32,
) -> Source {
    let object_lock = chance(rng, 12);
    let versioning = match rng.u32(0..12) {
        0 if !object_lock => Versioning::Suspended,
        1 if !object_lock => Versioning::Never,
        _ => Versioning::Enabled,
    };
    let rules = match rng.u32(0..10) {
        0 => Rules::None,
        1 => Rules::Markers,
        2 => Rules::Old,
        3 => Rules::Both,
        4 => Rules::Tagged,
        5 => Rules::Excluding,
        _ => Rules::Plain,
    };
    let mut names: Vec<&str> = KEYS.to_vec();
    rng.shuffle(&mut names);
    let keys = names[..rng.usize(1..=8)].iter().map(|name| key(rng, name, versioning, object_lock, body)).collect();
    Source { name, destination, second, versioning, object_lock, rules, keys }
}

fn key(rng: &mut Rng, name: &str, versioning: Versioning, object_lock: bool, body: &mut u32) -> Key {
    let mut versions = Vec::new();
    let count = if versioning == Versioning::Never { 1 } else { rng.usize(1..=4) };
    for at in 0..count {
        if at > 0 && chance(rng, 12) {
            versions.push(Made::Marker);
            continue;
        }
        // Now and then the same bytes again.
        *body += u32::from(!chance(rng, 8));
        let null = versioning == Versioning::Never || (!object_lock && at == 0 && chance(rng, 12));
        let lock = match rng.u32(0..8) {
            0 if object_lock => Lock::Governance,
            1 if object_lock => Lock::Compliance,
            2 if object_lock => Lock::Hold,
            3 if object_lock => Lock::Over,
            _ => Lock::None,
        };
        let replica = match rng.u32(0..12) {
            0 => Replica::Lost,
            1 => Replica::Differs,
            2 => Replica::LostAtSecond,
            _ => Replica::Present,
        };
        let tagged = chance(rng, 50);
        versions.push(Made::Object(Object { null, body: *body, status: status(rng), lock, replica, tagged }));
    }
    Key { name: name.to_owned(), versions }
}

fn arguments(rng: &mut Rng, world: &World, permanent: bool) -> Arguments {
    let mut orders = Vec::new();
    for (at, source) in world.sources.iter().enumerate() {
        for (key, held) in source.keys.iter().enumerate() {
            let times = match rng.u32(0..10) {
                0 => 0,
                1 => 2,
                _ => 1,
            };
            for _ in 0..times {
                orders.push(Asked { source: at, key, version: named(rng, held, permanent) });
            }
        }
    }
    // With a version there is room for one address only.
    let listed = FEATURES.lists && chance(rng, 60);
    let single = !listed && (permanent || chance(rng, 15));
    if orders.is_empty() || single {
        let source = rng.usize(0..world.sources.len());
        let key = rng.usize(0..world.sources[source].keys.len());
        orders = vec![Asked { source, key, version: named(rng, &world.sources[source].keys[key], permanent) }];
    } else if !listed {
        for order in &mut orders {
            order.version = Named::Current;
        }
    }
    let input = match rng.u32(0..4) {
        _ if !listed => one(rng, &[Input::Addresses, Input::Parts]),
        0 => Input::Manifest,
        1 => Input::Under {
            source: rng.usize(0..world.sources.len()),
            prefix: one(rng, &["", "", "a", "a/"]),
            versions: permanent || chance(rng, 30),
        },
        2 => Input::Lines,
        _ => Input::Json,
    };
    let allow = |rng: &mut Rng, percent| chance(rng, percent);
    Arguments {
        permanent,
        input,
        dry_run: chance(rng, 6),
        max_delete: chance(rng, 10).then(|| rng.u64(0..10)),
        allow_marker_replication: !permanent && allow(rng, 25),
        allow_replicated_delete: permanent && allow(rng, 25),
        allow_unconditional: !permanent && allow(rng, 25),
        concurrency: rng.u32(1..=8),
        max_attempts: rng.u32(1..=2),
        ndjson: chance(rng, 50),
        journal: FEATURES.journal && chance(rng, 60),
        verify_deleted: (FEATURES.journal && chance(rng, 40)).then(|| one(rng, &["all", "sample", "none"])),
        proof: if FEATURES.replica && chance(rng, 40) {
            one(rng, &[Proof::Replica, Proof::Destination])
        } else {
            Proof::Status
        },
        orders,
    }
}

fn named(rng: &mut Rng, key: &Key, permanent: bool) -> Named {
    match rng.u32(0..20) {
        0 => Named::Absent,
        1 => Named::Null,
        2..10 if !permanent => Named::Current,
        _ if permanent => Named::Nth(rng.usize(0..key.versions.len())),
        _ => Named::Nth(key.versions.len() - 1 - rng.usize(0..key.versions.len().min(2))),
    }
}

/// An answer that decides something, and an element of it.
const DECIDING: [(&str, &str); 6] = [
    ("ListObjectsV2", "IsTruncated"),
    ("ListObjectVersions", "IsTruncated"),
    ("GetObjectTagging", "TagSet"),
    ("GetBucketVersioning", "Status"),
    ("GetBucketReplication", "Destination"),
    ("DeleteObjects", "Deleted"),
];

/// An answer that was cut or changed on its way, so that it can be seen.
pub(crate) fn spoilt(rng: &mut Rng) -> Wrong {
    let (operation, element) = one(rng, &DECIDING);
    let how = match rng.u32(0..8) {
        0 => How::Doubled(element),
        1 => How::Html,
        2 => How::Cut(999),
        _ => How::Cut(rng.u32(0..1000)),
    };
    Wrong { operation, skip: rng.u32(0..2), times: rng.u32(1..=3), how }
}

fn wrong(rng: &mut Rng) -> Wrong {
    if chance(rng, 35) {
        return spoilt(rng);
    }
    let operation = match rng.u32(0..10) {
        0 => "*",
        1 | 2 => "HeadObject",
        3 => "GetBucketVersioning",
        4 => "GetBucketReplication",
        5 | 6 => "DeleteObjects/entry",
        7 => "DeleteObjects",
        _ => "DeleteObject",
    };
    let late = Duration::from_millis(rng.u64(1..40));
    let how = match rng.u32(0..16) {
        // The client paces itself after this one; reads would take half a minute.
        0 if operation.starts_with("Delete") => How::Status(503, "SlowDown"),
        0 => How::Status(503, "ServiceUnavailable"),
        1 => How::Status(500, "InternalError"),
        2 => How::Status(503, ""),
        3 => How::Status(403, "AccessDenied"),
        // A HEAD with this answer would be a lie that no client can detect.
        4 if operation.starts_with("Delete") => How::Status(404, "NoSuchKey"),
        5 => How::Status(409, "ConditionalRequestConflict"),
        6 => How::Status(412, "PreconditionFailed"),
        7 => How::Status(504, ""),
        8 => How::StatusAfter(500, "InternalError"),
        9 if operation == "DeleteObject" || operation == "DeleteObjects" => refused_by_gateway(rng),
        9 => How::StatusAfter(502, ""),
        10 | 11 => How::CloseBefore,
        12 | 13 => How::CloseAfter,
        14 => How::Late(late),
        4 => How::Status(400, "InvalidRequest"),
        _ => How::Delay(late),
    };
    Wrong { operation, skip: rng.u32(0..5), times: rng.u32(1..=3), how }
}

/// A gateway answers with its own page, without a code of S3, whether it forwarded the delete or not.
fn refused_by_gateway(rng: &mut Rng) -> How {
    let status = one(rng, &[301, 307, 403, 404, 405, 409, 412, 412, 501, 502]);
    if chance(rng, 50) { How::StatusAfter(status, "") } else { How::Status(status, "") }
}

/// A kill about when deletes are sent, so that there is something to resume.
fn killed(rng: &mut Rng) -> Event {
    let (operation, nth) = match rng.u32(0..4) {
        0 => (None, rng.u32(0..25)),
        1 => (Some("DeleteObjects"), rng.u32(0..2)),
        _ => (Some("DeleteObject"), rng.u32(0..5)),
    };
    let action = if chance(rng, 60) { Action::Kill } else { Action::KillSoon(rng.u64(0..4000)) };
    Event { moment: moment(rng), operation, nth, place: None, action }
}

fn moment(rng: &mut Rng) -> Moment {
    if chance(rng, 50) { Moment::Before } else { Moment::After }
}

fn event(rng: &mut Rng, world: &World) -> Event {
    let (operation, nth) = match rng.u32(0..12) {
        0..4 => (None, rng.u32(0..25)),
        4 | 5 => (Some("HeadObject"), rng.u32(0..10)),
        6 => (Some("GetBucketVersioning"), 0),
        7 => (Some("GetBucketReplication"), 0),
        8 => (Some("DeleteObjects"), rng.u32(0..3)),
        _ => (Some("DeleteObject"), rng.u32(0..6)),
    };
    let action = match rng.u32(0..24) {
        0..4 => Action::Overwrite { body: rng.u32(1000..1_000_000), status: status(rng) },
        4..8 => Action::Status(one(rng, &WORDS)),
        8 | 9 => Action::Suspend,
        10 => Action::Enable,
        11 => Action::LoseReplica,
        12 | 13 => Action::Hide,
        14 | 15 => Action::Remove,
        16..20 => Action::Kill,
        20 | 21 => Action::KillSoon(rng.u64(0..4000)),
        22 => Action::Interrupt,
        _ => Action::Terminate,
    };
    let place = chance(rng, 25).then(|| {
        let source = rng.usize(0..world.sources.len());
        (source, rng.usize(0..world.sources[source].keys.len()))
    });
    Event { moment: moment(rng), operation, nth, place, action }
}
