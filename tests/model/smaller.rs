//! A history without one of its parts.

use crate::arguments::Proof;
use crate::history::History;

/// The same history without one of its parts, for every part that can go.
pub(crate) fn smaller(history: &History) -> Vec<History> {
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
