//! A smaller history that breaks the same rule: parts are taken out for as long as it still does.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::carried::Carried;
use crate::history::History;
use crate::oracle::{Broken, judge};
use crate::run::carry_out;
use crate::smaller::smaller;

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
