//! Which rule of today is for a key: for every row of a report, so it has to be fast.
//!
//! [`KeyRules`] compiles the rules of a bucket once. [`read_rules`] reads them from a file.

mod file;
mod key_rules;

pub(crate) use file::read_rules;
pub(crate) use key_rules::{KeyRules, KeyRuling, RuleMemo, RulingClasses};
