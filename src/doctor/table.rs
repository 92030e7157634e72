//! All checks in the order in which they are made, and the rows that they make of the facts.

use super::check::Check;
use super::checks::{bucket, destinations, events, inventory, kms, lifecycle, permissions, rules, server};
use super::facts::SetUpFacts;
use super::findings::{Finding, Findings};
use super::row::CheckRow;
use super::state::CheckState;

/// All checks. The first ones are about whether the bucket answers at all.
pub(crate) static CHECKS: [&[Check]; 9] = [
    &bucket::CHECKS,
    &server::CHECKS,
    &rules::CHECKS,
    &kms::CHECKS,
    &destinations::CHECKS,
    &events::CHECKS,
    &inventory::CHECKS,
    &lifecycle::CHECKS,
    &permissions::CHECKS,
];

pub(super) fn all() -> impl Iterator<Item = &'static Check> {
    CHECKS.iter().flat_map(|group| group.iter())
}

/// Makes every check of a bucket; `strict` counts warnings.
pub(crate) fn examine(facts: &SetUpFacts, strict: bool) -> Vec<CheckRow> {
    let mut blocked: Option<&'static str> = None;
    let mut rows = Vec::new();
    for check in all() {
        let finding = match blocked {
            None => {
                let mut found = Findings::default();
                (check.find)(facts, &mut found);
                found.conclude()
            }
            Some(by) => Finding {
                state: CheckState::Unknown,
                found: format!("not made: {by} did not pass"),
                next: None,
                permission: None,
            },
        };
        if blocked.is_none() && bucket::blocks_the_rest(check.id, finding.state, facts) {
            blocked = Some(check.id);
        }
        let Finding { state, found, next, permission } = finding;
        rows.push(CheckRow {
            id: check.id,
            bucket: facts.bucket().to_string(),
            state,
            found,
            next,
            permission,
            is_first_shown: false,
            exit: state.exit(strict),
        });
    }
    rows
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_check_has_its_own_name_and_its_texts() {
        let mut seen = BTreeSet::new();
        for check in all() {
            assert!(seen.insert(check.id), "{} occurs twice", check.id);
            let plain = |c: char| c.is_ascii_lowercase() || c == '.' || c == '-';
            assert!(check.id.contains('.') && check.id.chars().all(plain), "{}", check.id);
            for text in [check.title, check.meaning, check.repair] {
                assert!(text.ends_with('.') && !text.contains("  "), "{}: {text:?}", check.id);
            }
            let says = |word: &str| check.meaning.contains(word);
            assert!(check.otherwise.is_some() || (says("warning") && (says("fails") || says("AWS"))), "{}", check.id);
        }
        assert!(seen.len() >= 30, "{}", seen.len());
    }
}
