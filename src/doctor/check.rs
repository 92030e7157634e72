//! One check of the table.

use super::facts::SetUpFacts;
use super::findings::Finding;
use super::needs::PolicyTarget;

/// A check: its name, what the documentation says of it, and the function that makes it.
pub(crate) struct Check {
    /// Never changes once it is released.
    pub(crate) id: &'static str,
    /// What is true if the check is ok.
    pub(crate) title: &'static str,
    /// Why it matters, and what a warning or failure means.
    pub(crate) meaning: &'static str,
    pub(crate) repair: &'static str,
    /// What it reads, and where.
    pub(super) needs: &'static [(&'static str, PolicyTarget)],
    pub(super) find: fn(&SetUpFacts) -> Finding,
}
