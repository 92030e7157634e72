//! `status` of the objects of a history, while others change them: its command line, and what is judged afterwards.

mod judge;

use std::path::Path;

use fastrand::Rng;
use replaudit_sandbox::Moment;

use crate::arguments::{Arguments, Input, Order, Proof};
use crate::carried::Ran;
use crate::chance::{chance, one};
use crate::history::{Action, Event, History, How, Wrong};
use crate::network::Sent;
use crate::rare::make_good;
use crate::world::{Made, Snapshot, World};

pub(crate) use judge::judge;

/// Faults, events and accidents of it have this number.
pub(crate) const STATUS: usize = 20;

/// How it is asked, instead of `safe-delete`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StatusPlan {
    pub(crate) waits: bool,
    pub(crate) through_failed: bool,
    pub(crate) accept_replica: bool,
    pub(crate) explain: bool,
    /// In seconds.
    pub(crate) timeout: u32,
    /// Entries on a page of a listing, if that matters.
    pub(crate) page: Option<usize>,
}

/// What became of it.
pub(crate) struct Asked {
    /// What the server held: before, after each change, and in the end.
    pub(crate) moments: Vec<Snapshot>,
    pub(crate) ran: Ran,
    pub(crate) sent: Vec<Sent>,
}

impl StatusPlan {
    /// Makes a history one of `status`: nothing is deleted, and what happens happens to this run.
    pub(crate) fn of(rng: &mut Rng, history: &mut History) -> Self {
        let waits = chance(rng, 50);
        history.runs = 0;
        history.faults.iter_mut().for_each(|(run, _)| *run = STATUS);
        history.events.iter_mut().for_each(|(run, _)| *run = STATUS);
        if waits {
            let versions = history.world.sources.iter_mut().flat_map(|source| &mut source.keys);
            for made in versions.flat_map(|key| &mut key.versions) {
                if let Made::Object(object) = made
                    && chance(rng, 60)
                {
                    object.status = Some("PENDING");
                }
            }
            for _ in 0..rng.usize(1..=4) {
                let words = [Some("COMPLETED"), Some("COMPLETED"), Some("FAILED"), Some("PENDING"), None];
                let source = rng.usize(0..history.world.sources.len());
                let key = rng.usize(0..history.world.sources[source].keys.len());
                let event = Event {
                    moment: if chance(rng, 50) { Moment::Before } else { Moment::After },
                    operation: Some("HeadObject"),
                    nth: rng.u32(0..12),
                    place: Some((source, key)),
                    action: Action::Status(one(rng, &words)),
                };
                history.events.push((STATUS, event));
            }
        }
        if history.arguments.is_listed() && chance(rng, 40) {
            let operation = one(rng, &["ListObjectsV2", "ListObjectVersions"]);
            history
                .faults
                .push((STATUS, Wrong { operation, skip: rng.u32(0..3), times: 9, how: one(rng, &HALF_LISTS) }));
        }
        let page = if chance(rng, 20) { lose_a_page(rng, history) } else { None };
        Self {
            waits,
            through_failed: waits && chance(rng, 30),
            accept_replica: chance(rng, 15),
            explain: chance(rng, 20),
            timeout: one(rng, &[1, 10, 60, 900]),
            page,
        }
    }

    /// The command line after the program's name.
    pub(crate) fn command_line(
        &self,
        arguments: &Arguments,
        world: &World,
        orders: &[Order],
        folder: &Path,
        report: &Path,
    ) -> Vec<String> {
        let mut line = vec!["status".to_owned(), "-q".to_owned()];
        line.extend(["--write".to_owned(), format!("json={}", report.display())]);
        line.extend(["--concurrency".to_owned(), arguments.concurrency.to_string()]);
        line.extend(["--max-attempts".to_owned(), arguments.max_attempts.to_string()]);
        for (given, option) in [
            (self.waits, "--wait"),
            (self.through_failed, "--wait-through-failed"),
            (self.accept_replica, "--accept-replica"),
            (self.explain, "--explain"),
            (arguments.proof != Proof::Status, "--verify-replica"),
        ] {
            line.extend(given.then(|| option.to_owned()));
        }
        if self.waits {
            line.extend(["--timeout".to_owned(), format!("{}s", self.timeout)]);
        }
        if arguments.proof == Proof::Destination {
            for source in &world.sources {
                line.extend(["--destination".to_owned(), source.destination.to_owned()]);
            }
        }
        line.extend(arguments.objects(world, orders, folder));
        line
    }
}

const HALF_LISTS: [How; 4] = [How::Cut(500), How::Cut(950), How::Status(403, "AccessDenied"), How::Html];

/// Everything is replicated, one entry is on each page, and a page fails: only that keeps the run from exit code 0.
fn lose_a_page(rng: &mut Rng, history: &mut History) -> Option<usize> {
    let source = history.world.sources.iter().position(|source| source.keys.len() > 1)?;
    let versions = chance(rng, 30);
    make_good(history);
    history.arguments.input = Input::Under { source, prefix: "", versions };
    history.events.clear();
    let operation = if versions { "ListObjectVersions" } else { "ListObjectsV2" };
    let wrong = Wrong { operation, skip: 1, times: 9, how: one(rng, &HALF_LISTS) };
    history.faults = vec![(STATUS, wrong)];
    Some(1)
}
