//! A smaller history that breaks the same rule: parts are taken out for as long as it still does.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::arguments::Proof;
use crate::carried::Carried;
use crate::history::History;
use crate::oracle::{Broken, judge};
use crate::run::carry_out;

/// So long is looked for something smaller.
const PATIENCE: Duration = Duration::from_secs(20);

/// The smallest history found, with what it did.
pub(crate) fn shrink(history: History, carried: Carried, broken: Broken, folder: &Path) -> (History, Carried, Broken) {
    let begin = Instant::now();
    let mut best = (history, carried, broken);
    'again: while begin.elapsed() < PATIENCE {
        for smaller in smaller(&best.0) {
            let carried = carry_out(&smaller, folder);
            if let Err(broken) = judge(&smaller, &carried)
                && broken.rule == best.2.rule
            {
                best = (smaller, carried, broken);
                continue 'again;
            }
            if begin.elapsed() > PATIENCE {
                break;
            }
        }
        break;
    }
    best
}

/// The same history without one of its parts, for every part that can go.
fn smaller(history: &History) -> Vec<History> {
    let mut found = Vec::new();
    let mut with = |change: &dyn Fn(&mut History)| {
        let mut smaller = history.clone();
        change(&mut smaller);
        found.push(smaller);
    };
    if history.runs > 1 {
        with(&|history| history.runs -= 1);
    }
    for at in 0..history.faults.len() {
        with(&|history| {
            history.faults.remove(at);
        });
    }
    for at in 0..history.events.len() {
        with(&|history| {
            history.events.remove(at);
        });
    }
    if history.arguments.orders.len() > 1 {
        for at in 0..history.arguments.orders.len() {
            with(&|history| {
                history.arguments.orders.remove(at);
            });
        }
    }
    if history.torn > 0 {
        with(&|history| history.torn = 0);
    }
    if history.arguments.proof != Proof::Status {
        with(&|history| history.arguments.proof = Proof::Status);
    }
    if history.arguments.concurrency > 1 {
        with(&|history| history.arguments.concurrency = 1);
    }
    if history.arguments.max_delete.is_some() {
        with(&|history| history.arguments.max_delete = None);
    }
    if !history.world.denied.is_empty() {
        with(&|history| history.world.denied.clear());
    }
    if history.world.dialect != replaudit_sandbox::Dialect::default() {
        with(&|history| history.world.dialect = replaudit_sandbox::Dialect::default());
    }
    found
}
