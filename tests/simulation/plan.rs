//! One simulated history: a history of the model test, smaller, and what befalls its requests and its machine.

use std::collections::BTreeSet;
use std::time::Duration;

use fastrand::Rng;
use replaudit_sandbox::{Dialect, Moment};

use crate::accident::{Accident, Befall};
use crate::arguments::{Asked, Named};
use crate::chance::{chance, one};
use crate::history::{Action, Event, History, How, Wrong};
use crate::rare::{make_good, make_rare};
use crate::slow::SLOW_SEEDS;
use crate::status::{STATUS, StatusPlan};
use crate::undo::{FIRST_UNDO, UndoPlan};

/// Of `safe-delete` in one history.
const MOST_RUNS: usize = 3;

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) history: History,
    /// Where the delays of requests come from.
    pub(crate) seed: u64,
    /// Without a custom endpoint, as against AWS.
    pub(crate) is_aws: bool,
    /// The longest way of a request without an accident.
    pub(crate) slowest: Duration,
    pub(crate) accidents: Vec<Accident>,
    /// The caller names the owner of the source.
    pub(crate) names_owner: bool,
    /// The caller pays.
    pub(crate) pays: bool,
    /// Entries on a page of a listing.
    pub(crate) page: usize,
    /// `--verify-deleted` of each run.
    pub(crate) verify_deleted: [Option<&'static str>; MOST_RUNS],
    /// What was hidden is brought back.
    pub(crate) undo: Option<UndoPlan>,
    /// Nothing is deleted: the status is asked.
    pub(crate) status: Option<StatusPlan>,
}

impl Plan {
    pub(crate) fn of(seed: u64) -> Self {
        let rng = &mut Rng::with_seed(seed.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        // A quarter are those in which checks grow old.
        let mut history = History::of(if chance(rng, 25) { SLOW_SEEDS + seed } else { seed });
        make_small(&mut history, rng);
        let status = chance(rng, 20).then(|| StatusPlan::of(rng, &mut history));
        let can_hide = status.is_none() && !history.arguments.dry_run;
        let undoes = can_hide && chance(rng, if history.arguments.permanent { 3 } else { 40 });
        let undo = undoes.then(|| UndoPlan::of(rng, history.arguments.journal));
        if undo.is_some() {
            lead_to_undo(&mut history, rng);
        }
        if undo.is_none() && can_hide && !history.arguments.permanent && chance(rng, 4) {
            bring_back(&mut history, rng);
        }
        let is_rare = undo.is_none() && can_hide && chance(rng, 2);
        if is_rare {
            make_rare(&mut history, rng);
        }
        let steps = steps(&history, undo, status);
        let is_chosen = status.is_some_and(|status| status.page.is_some());
        // A lie of the server is found only if the lookup after it has an answer.
        let lies = history.faults.iter().any(|(_, wrong)| matches!(wrong.how, How::Header(..)));
        let accidents = if is_chosen || is_rare || lies || chance(rng, 30) { 0 } else { rng.usize(1..=4) };
        let accidents = (0..accidents).map(|_| one(rng, &steps)).collect::<Vec<_>>();
        let mut accidents: Vec<Accident> = accidents.into_iter().map(|step| Accident::of(rng, step)).collect();
        if status.is_none() && !history.arguments.permanent && !lies && chance(rng, 25) {
            accidents.push(Accident::growing_old(rng));
        }
        // A clock that is set twice during one check shows the right time again at its end.
        let mut set = BTreeSet::new();
        accidents.retain(|accident| !matches!(accident.befall, Befall::ClockSet(_)) || set.insert(accident.run));
        // What stalls in a slow history is chosen; the rest is not to hide it.
        let slowest = if history.slow { one(rng, &[0, 3, 20]) } else { one(rng, &[0, 3, 20, 20, 150, 900]) };
        let slowest = Duration::from_millis(slowest);
        let is_aws = history.world.dialect == Dialect::default() && chance(rng, 60);
        let mut plan = Self {
            verify_deleted: [history.arguments.verify_deleted; MOST_RUNS],
            history,
            seed,
            is_aws,
            slowest,
            accidents,
            names_owner: chance(rng, 30),
            pays: chance(rng, 20),
            page: status.and_then(|status| status.page).unwrap_or_else(|| one(rng, &[1000, 1000, 1, 2])),
            undo,
            status,
        };
        if plan.history.runs == 2 && !lies && chance(rng, 25) {
            plan.resume_twice(rng);
        }
        plan
    }

    /// Half of what befalls the second run befalls a third. In each, other objects are looked up again.
    fn resume_twice(&mut self, rng: &mut Rng) {
        let Self { history, accidents, verify_deleted, .. } = self;
        history.runs = MOST_RUNS;
        verify_deleted.fill_with(|| one(rng, &[None, Some("all"), Some("none")]));
        let of_faults = history.faults.iter_mut().map(|(run, _)| run);
        let of_events = history.events.iter_mut().map(|(run, _)| run);
        let of_accidents = accidents.iter_mut().map(|accident| &mut accident.run);
        for run in of_faults.chain(of_events).chain(of_accidents).filter(|run| **run == 1) {
            *run += usize::from(chance(rng, 50));
        }
    }

    /// The options that the model's arguments do not have.
    pub(crate) fn options(&self) -> Vec<String> {
        let mut options = match self.is_aws {
            true => vec!["--addressing-style".to_owned(), "path".to_owned()],
            false => vec!["--endpoint-url".to_owned(), "http://s3.simulated".to_owned()],
        };
        options.extend(
            self.names_owner.then(|| ["--expected-bucket-owner", OWNER].map(str::to_owned)).into_iter().flatten(),
        );
        options.extend(self.pays.then(|| "--request-payer".to_owned()));
        options
    }
}

/// The numbers of all runs of the program.
fn steps(history: &History, undo: Option<UndoPlan>, status: Option<StatusPlan>) -> Vec<usize> {
    let undos = undo.map_or(0, |undo| undo.runs());
    (0..history.runs).chain(FIRST_UNDO..FIRST_UNDO + undos).chain(status.map(|_| STATUS)).collect()
}

/// Half of what goes wrong does so while `undo` runs, and more is hidden before.
fn lead_to_undo(history: &mut History, rng: &mut Rng) {
    if !history.arguments.permanent && chance(rng, 60) {
        make_good(history);
        history.arguments.orders.iter_mut().for_each(|asked| asked.version = Named::Current);
        history.faults.retain(|_| chance(rng, 30));
        history.events.retain(|_| chance(rng, 30));
    }
    for (run, wrong) in &mut history.faults {
        if chance(rng, 50) {
            (*run, wrong.skip) = (FIRST_UNDO + rng.usize(0..2), wrong.skip % 3);
        }
    }
    if chance(rng, 40) {
        // An answer that is lost, and says nothing: most of them without an effect.
        let lost =
            [How::CloseBefore, How::CloseBefore, How::Status(502, ""), How::CloseAfter, How::StatusAfter(502, "")];
        let how = if chance(rng, 85) { one(rng, &lost) } else { How::Status(500, "InternalError") };
        history.faults.push((FIRST_UNDO, Wrong { operation: "DeleteObject", skip: rng.u32(0..2), times: 1, how }));
    }
    if chance(rng, 20) {
        hide_at_the_same_moment(history, rng);
    }
    for (run, event) in &mut history.events {
        if chance(rng, 50) {
            (*run, event.nth) = (FIRST_UNDO + rng.usize(0..2), event.nth % 6);
        }
    }
}

/// The answer to a delete is lost, and somebody else hides the same object.
fn hide_at_the_same_moment(history: &mut History, rng: &mut Rng) {
    let nth = rng.u32(0..3);
    let how = if chance(rng, 50) { How::CloseBefore } else { How::CloseAfter };
    history.faults.push((0, Wrong { operation: "DeleteObject", skip: nth, times: 1, how }));
    let moment = if chance(rng, 50) { Moment::Before } else { Moment::After };
    let event = Event { moment, operation: Some("DeleteObject"), nth, place: None, action: Action::Hide };
    history.events.push((0, event));
}

/// A run is killed after it hid something. Then somebody removes a marker, and the run is resumed. Or a marker is removed before
/// its lookup, and somebody else hides the object again.
fn bring_back(history: &mut History, rng: &mut Rng) {
    make_good(history);
    history.arguments.journal = true;
    history.arguments.orders.iter_mut().for_each(|asked| asked.version = Named::Current);
    history.runs = history.runs.max(2);
    history.faults.retain(|_| chance(rng, 30));
    history.events.retain(|_| chance(rng, 30));
    let mut happens = |run, (moment, operation), nth, action| {
        let event = Event { moment, operation: Some(operation), nth, place: None, action };
        history.events.push((run, event));
    };
    let asked = (Moment::Before, "HeadObject");
    if chance(rng, 70) {
        happens(0, (Moment::Before, "DeleteObject"), rng.u32(1..3), Action::Kill);
        happens(1, asked, rng.u32(0..2), Action::Remove);
    } else {
        happens(0, (Moment::After, "DeleteObject"), rng.u32(0..2), Action::Remove);
        happens(1, asked, rng.u32(0..2), Action::Hide);
    }
}

/// Who owns the buckets of a sandbox.
pub(crate) const OWNER: &str = "111122223333";

/// Shortens a history to a few requests, so that more histories run in the same time.
fn make_small(history: &mut History, rng: &mut Rng) {
    let most = rng.usize(1..=3);
    for source in &mut history.world.sources {
        source.keys.truncate(most);
        for key in &mut source.keys {
            let extra = key.versions.len().saturating_sub(2);
            key.versions.drain(..extra);
        }
    }
    let sources = &history.world.sources;
    let is_left = |asked: &Asked| {
        let key = sources[asked.source].keys.get(asked.key);
        key.is_some_and(|key| match asked.version {
            Named::Nth(nth) => nth < key.versions.len(),
            Named::Current | Named::Null | Named::Absent => true,
        })
    };
    history.arguments.orders.retain(is_left);
    history.arguments.orders.truncate(6);
    if history.arguments.orders.is_empty() && !history.arguments.is_listed() {
        let version = if history.arguments.permanent { Named::Nth(0) } else { Named::Current };
        history.arguments.orders.push(Asked { source: 0, key: 0, version });
    }
    for (_, event) in &mut history.events {
        event.place = event.place.filter(|(source, key)| *key < sources[*source].keys.len());
        event.nth %= 12;
    }
    for (_, wrong) in &mut history.faults {
        wrong.skip %= 12;
    }
}
