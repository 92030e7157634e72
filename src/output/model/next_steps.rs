//! What somebody does about an exceeded limit: where its objects are, and the commands that show more.

use super::text::plural;
use crate::audit::{Concentration, Dimension};
use crate::model::human_count;

/// Where the objects behind exceeded limits are, and what to run next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct NextSteps {
    pub(crate) causes: Vec<Concentration>,
    /// Commands for a POSIX shell.
    pub(crate) commands: Vec<String>,
}

/// A sentence, and the value of the report that ends it: `833 of 833 failed objects are under`, `tenant 17/exports/`.
pub(in crate::output) fn cause_text(cause: &Concentration) -> (String, &str) {
    let Concentration { class, dimension, value, objects, of } = cause;
    let share = |what: &str| {
        format!("{} of {} {what}", human_count(*objects), plural(*of, &format!("{} object", class.word())))
    };
    let (one, many) = match dimension {
        Dimension::Prefix(_) => ("is under", "are under"),
        Dimension::StorageClass => ("has storage class", "have storage class"),
        Dimension::Encryption => ("has encryption", "have encryption"),
        Dimension::Age => ("is of age", "are of age"),
        Dimension::Rule => ("has the rule", "have the rule"),
    };
    (share(if *objects == 1 { one } else { many }), value)
}
