//! What befalls requests on their way, and the machine meanwhile.

use std::time::Duration;

use fastrand::Rng;

use crate::chance::{chance, one};

/// Something that happens at one request of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accident {
    /// In which run.
    pub(crate) run: usize,
    /// S3's name of the operation; `*` for any.
    pub(crate) operation: &'static str,
    /// Which of those requests, from 0.
    pub(crate) nth: u32,
    pub(crate) befall: Befall,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Befall {
    /// Nothing listens.
    Refused,
    /// The connection takes this long.
    SlowConnect(Duration),
    /// The request arrives late; the client may have stopped waiting.
    SlowRequest(Duration),
    /// The answer arrives late: it says what was true before.
    SlowAnswer(Duration),
    /// The connection breaks after the effect.
    AnswerLost,
    /// The body breaks off after this share of it, in thousandths.
    Cut(u32),
    /// The body arrives in eight pieces, with a pause before each.
    Drip(Duration),
    /// The request is carried out once more, so much later.
    Twice(Duration),
    /// The wall clock of the client is set by this number of milliseconds; a positive number is also a machine that slept.
    ClockSet(i64),
    /// The client stands still for this long.
    Stall(Duration),
}

const OPERATIONS: [&str; 9] = [
    "*",
    "*",
    "HeadObject",
    "HeadObject",
    "GetBucketVersioning",
    "GetBucketReplication",
    "DeleteObject",
    "DeleteObjects",
    "ListObjectVersions",
];

impl Accident {
    /// One by chance, in this run.
    pub(crate) fn of(rng: &mut Rng, run: usize) -> Self {
        let operation = one(rng, &OPERATIONS);
        let nth = if operation == "*" { rng.u32(0..30) } else { rng.u32(0..8) };
        Self { run, operation, nth, befall: Befall::of(rng) }
    }

    /// The check of an object to hide holds for a minute: more than that passes between it and the delete.
    pub(crate) fn growing_old(rng: &mut Rng) -> Self {
        let operations = ["HeadObject", "HeadObject", "GetBucketVersioning", "GetBucketReplication", "DeleteObject"];
        let millis = rng.u64(60_500..75_000);
        let set = Befall::ClockSet(i64::try_from(millis).unwrap_or(0));
        let befall = if chance(rng, 70) { Befall::Stall(Duration::from_millis(millis)) } else { set };
        Self { run: 0, operation: one(rng, &operations), nth: rng.u32(0..4), befall }
    }
}

impl Befall {
    fn of(rng: &mut Rng) -> Self {
        // Around the limits for checks, and the default timeout of 30 seconds.
        let long = |rng: &mut Rng| {
            let most = one(rng, &[100, 1_000, 3_500, 6_000, 6_000, 30_500, 75_000]);
            Duration::from_millis(rng.u64(most / 2..most))
        };
        match rng.u32(0..13) {
            0 => Self::Refused,
            1 => Self::SlowConnect(long(rng)),
            2 => Self::SlowRequest(long(rng)),
            3 | 4 => Self::SlowAnswer(long(rng)),
            5 | 6 => Self::AnswerLost,
            7 => Self::Cut(rng.u32(0..1000)),
            8 => Self::Drip(long(rng) / 8),
            9 => Self::Twice(long(rng)),
            10 => {
                let by = i64::try_from(long(rng).as_millis()).unwrap_or(0);
                Self::ClockSet(if chance(rng, 50) { by } else { -by })
            }
            11 => Self::ClockSet(one(rng, &[-86_400_000, 86_400_000])),
            _ => Self::Stall(long(rng)),
        }
    }
}
