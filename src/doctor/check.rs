//! One check of the table.

use super::facts::SetUpFacts;
use super::findings::Findings;
use super::needs::PolicyTarget;
use super::state::CheckState;

/// A check: its name, what the documentation says of it, and the function that makes it.
pub(crate) struct Check {
    /// Never changes once it is released.
    pub(crate) id: &'static str,
    /// What is true if the check is ok.
    pub(crate) title: &'static str,
    /// The state if `title` is not true. `None` if there are several: then `meaning` says when each applies.
    pub(super) otherwise: Option<CheckState>,
    /// Why it matters, and what a warning or failure means.
    pub(crate) meaning: &'static str,
    pub(crate) repair: &'static str,
    /// What it reads, and where.
    pub(super) needs: &'static [(&'static str, PolicyTarget)],
    pub(super) find: fn(&SetUpFacts, &mut Findings),
}
