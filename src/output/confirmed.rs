//! What confirmation found, in words.

use crate::audit::{Confirmed, LimitResult};
use crate::model::human_count;

/// `1,100 healed, 4 gone, 100 still`: what counts is always told, of the others what there is.
#[must_use]
pub fn outcomes(of: &Confirmed) -> String {
    let Confirmed { healed, gone, still, changed, unchecked } = *of;
    let all = [
        (healed, "healed", false),
        (gone, "gone", false),
        (changed, "changed", false),
        (unchecked, "unchecked", false),
        (still, "still", true),
    ];
    let told = all.into_iter().filter(|(count, _, always)| *count > 0 || *always);
    told.map(|(count, word, _)| format!("{} {word}", human_count(count))).collect::<Vec<_>>().join(", ")
}

/// `1,204 in the report; now 1,100 healed, 4 gone, 100 still`, where that was asked.
pub(super) fn found_now(limit: &LimitResult) -> Option<String> {
    let (confirmed, actual) = (limit.confirmed.as_ref()?, limit.actual?);
    Some(format!("{} in the report; now {}", human_count(actual), outcomes(confirmed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_is_always_told() {
        let none = Confirmed::default();
        let table = [
            (none, "0 still"),
            (Confirmed { healed: 1100, gone: 4, still: 100, ..none }, "1,100 healed, 4 gone, 100 still"),
            (Confirmed { changed: 1, unchecked: 2, ..none }, "1 changed, 2 unchecked, 0 still"),
        ];
        for (confirmed, text) in table {
            assert_eq!(outcomes(&confirmed), text);
        }
    }
}
