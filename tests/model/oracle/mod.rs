//! Judges a history by what the server saw, answered and holds. It knows the contract and nothing of the program's code.

pub(crate) mod fresh;
mod held;
mod kept;
pub(crate) mod sent;
mod told;

use crate::carried::Carried;
use crate::history::History;

/// A rule that does not hold, and where.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) rule: &'static str,
    pub(crate) what: String,
}

impl Broken {
    pub(crate) fn new(rule: &'static str, what: String) -> Self {
        Self { rule, what }
    }
}

/// The first rule that does not hold.
pub(crate) fn judge(history: &History, carried: &Carried) -> Result<(), Broken> {
    for (run, ran) in carried.ran.iter().enumerate() {
        if !ran.in_time {
            return Err(Broken::new("it ends", format!("run {run}")));
        }
        if ran.stderr.contains("panicked") {
            return Err(Broken::new("it does not panic", ran.stderr.clone()));
        }
        sent::judge(history, carried, run)?;
        fresh::judge(history, carried, run)?;
        told::judge(history, carried, run)?;
        kept::judge(history, carried, run)?;
    }
    kept::together(history, carried)?;
    held::judge(history, carried)
}
