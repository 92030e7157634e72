//! A smaller plan that breaks the same rule: parts are taken out for as long as it still does.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::carry_out::carry_out;
use crate::judge::judge;
use crate::plan::Plan;
use crate::smaller;

/// How long the search for a smaller plan may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The smallest plan found.
pub(crate) fn shrink(mut plan: Plan, rule: &str, folder: &Path) -> Plan {
    let begin = Instant::now();
    let breaks_it = |smaller: &Plan| {
        begin.elapsed() < PATIENCE
            && judge(smaller, &carry_out(smaller, folder)).is_err_and(|broken| broken.rule == rule)
    };
    while let Some(smaller) = smaller(&plan).into_iter().find(breaks_it) {
        plan = smaller;
    }
    plan
}

/// The same plan without one of its parts, for every part that can go.
fn smaller(plan: &Plan) -> Vec<Plan> {
    let mut found: Vec<Plan> = Vec::new();
    for at in 0..plan.accidents.len() {
        let mut smaller = plan.clone();
        smaller.accidents.remove(at);
        found.push(smaller);
    }
    found.extend(smaller::smaller(&plan.history).into_iter().map(|history| Plan { history, ..plan.clone() }));
    for (source, held) in plan.history.world.sources.iter().enumerate() {
        let asked = |key| plan.history.arguments.orders.iter().any(|order| order.source == source && order.key == key);
        // Only the last: the others have places.
        if let Some(last) = held.keys.len().checked_sub(1).filter(|last| *last > 0 && !asked(*last)) {
            let mut smaller = plan.clone();
            smaller.history.world.sources[source].keys.remove(last);
            let is_there = |place: &(usize, usize)| *place != (source, last);
            smaller.history.events.iter_mut().for_each(|(_, event)| event.place = event.place.filter(is_there));
            found.push(smaller);
        }
    }
    if plan.undo.is_some() {
        found.push(Plan { undo: None, ..plan.clone() });
    }
    if !plan.slowest.is_zero() {
        found.push(Plan { slowest: Duration::ZERO, ..plan.clone() });
    }
    for (is_set, without) in [
        (plan.page < 1000, Plan { page: 1000, ..plan.clone() }),
        (plan.names_owner, Plan { names_owner: false, ..plan.clone() }),
        (plan.pays, Plan { pays: false, ..plan.clone() }),
    ] {
        found.extend(is_set.then_some(without));
    }
    found
}
