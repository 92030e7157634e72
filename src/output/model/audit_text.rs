//! Words about the answer of `inventory` that several formats share.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::change::ShownChange;
use super::text::{ago, plural};
use crate::audit::{
    Audit, ClassWord, Compared, Confirmed, Limit, LimitClass, LimitResult, ReportFacts, RowsChange, StatusTotals,
    UncoveredCause, UncoveredObjects, Verified,
};
use crate::model::{ReplicationStatus, human_count};

pub(in crate::output) fn status_change(
    status: &ReplicationStatus,
    totals: &Compared<StatusTotals>,
) -> Option<ShownChange> {
    totals.change.map(|change| ShownChange::of_status(status.class(), change.delta.objects))
}

pub(in crate::output) fn limit_change(limit: &LimitResult) -> Option<ShownChange> {
    limit.change.map(|change| ShownChange::of_class(limit.class, change.delta))
}

/// Each cause of the list once, with what it means and what to do.
pub(in crate::output) fn uncovered_notes(list: &[UncoveredObjects]) -> Vec<String> {
    let causes: BTreeSet<UncoveredCause> = list.iter().map(|objects| objects.cause).collect();
    let note = |cause: UncoveredCause| {
        let (word, meaning, next) = cause.texts();
        format!("{word}: {meaning}; {next}")
    };
    causes.into_iter().map(note).collect()
}

/// Introduces the list of uncovered objects.
pub(in crate::output) const UNCOVERED: &str = "Uncovered: no status, although a rule applies to the key today";

/// The word for how the files were checked.
fn checked_by(verified: Verified) -> &'static str {
    match verified {
        Verified::Md5 => "MD5",
        Verified::Etag => "ETag",
        Verified::Footer => "structure",
        Verified::None => "size only",
    }
}

/// The figure that a limit is about.
pub(in crate::output) fn limit_actual<C>(limit: &LimitResult<C>) -> String {
    limit.actual.map_or_else(|| "not known".to_owned(), human_count)
}

/// `221 objects, limit 0`.
pub(in crate::output) fn limit_finding<C>(limit: &LimitResult<C>) -> String {
    let now = found_now(limit).map(|now| format!(" ({now})")).unwrap_or_default();
    let actual = limit.actual.map_or_else(|| "not known".to_owned(), |actual| plural(actual, "object"));
    format!("{actual}{now}, {}", limit_text(limit))
}

pub(in crate::output) fn exceeded_classes<C: ClassWord>(limits: &[LimitResult<C>]) -> Vec<&'static str> {
    limits.iter().filter(|limit| limit.exceeded).map(|limit| limit.class.word()).collect()
}

/// `limit 1,000`, or `no limit`.
pub(in crate::output) fn limit_text<C>(limit: &LimitResult<C>) -> String {
    match limit.limit {
        Limit::Count(most) => format!("limit {}", human_count(most)),
        Limit::Growth(most) => format!("limit +{}", human_count(most)),
        Limit::Percent(_) => format!("limit {}", limit.limit),
        Limit::Off => "no limit".to_owned(),
    }
}

/// What exceeds its limit, for the last line of a run: `limits exceeded: failed 833 (limit 0)`.
pub(crate) fn exceeded_limits<C: ClassWord>(limits: &[LimitResult<C>]) -> String {
    let exceeded = limits.iter().filter(|limit| limit.exceeded);
    let shown = exceeded.map(|limit| {
        let still = limit.confirmed.map(|confirmed| format!("still {} of ", human_count(confirmed.still)));
        format!("{} {}{} ({})", limit.class.word(), still.unwrap_or_default(), limit_actual(limit), limit_text(limit))
    });
    format!("limits exceeded: {}", shown.collect::<Vec<_>>().join(", "))
}

/// The parts of a sentence about overdue objects.
pub(in crate::output) struct OverdueText {
    pub(in crate::output) count: String,
    pub(in crate::output) change: Option<ShownChange>,
    /// What follows the number: `pending objects are overdue`.
    pub(in crate::output) what: &'static str,
    pub(in crate::output) oldest: Option<Timestamp>,
}

impl OverdueText {
    /// `None` where nothing is overdue, and nothing was in the older report.
    pub(in crate::output) fn of(audit: &Audit) -> Option<Self> {
        let overdue = audit.overdue.as_ref()?;
        let is_shown = overdue.objects > 0 || overdue.change.is_some_and(|change| change.previous.objects > 0);
        is_shown.then(|| Self {
            count: human_count(overdue.objects),
            change: overdue.change.map(|change| ShownChange::of_class(LimitClass::Overdue, change.delta.objects)),
            what: if overdue.objects == 1 { "pending object is overdue" } else { "pending objects are overdue" },
            oldest: overdue.oldest,
        })
    }
}

/// The options that would accept today's figures, where a limit is exceeded.
pub(in crate::output) fn accepting<C: ClassWord>(limits: &[LimitResult<C>]) -> Option<String> {
    let tripped = limits.iter().filter(|limit| limit.exceeded);
    let options: Vec<String> = tripped
        .filter_map(|limit| {
            // What was confirmed is confirmed the next time too.
            let figure = limit.confirmed.map_or(limit.actual, |confirmed| Some(confirmed.still))?;
            Some(format!("--fail-on {}:{figure}", limit.class.word()))
        })
        .collect();
    (!options.is_empty()).then(|| options.join(" "))
}

/// How the files were checked, as a sentence.
fn checked(verified: Verified) -> &'static str {
    match verified {
        Verified::Md5 => "every file was read completely and has the MD5 in the manifest",
        Verified::Etag => {
            "S3 lists every file with an ETag that is equal to its MD5 in the manifest; only the footer and the necessary columns were read, on condition of that ETag"
        }
        Verified::Footer => {
            "the structure of every file was checked; only the footer and the necessary columns were read"
        }
        Verified::None => "only the sizes of the files were checked; MD5 checks were skipped",
    }
}

/// As [`checked`], or where the figures come from.
pub(in crate::output) fn checked_report(report: &ReportFacts, shown: impl Fn(&str) -> String) -> String {
    report.figures.as_ref().map_or_else(
        || checked(report.verified).to_owned(),
        |figures| format!("the figures come from {}; replaudit did not read the rows", shown(figures)),
    )
}

/// As [`checked_by`], or where the figures come from.
pub(in crate::output) fn checked_by_report(report: &ReportFacts) -> String {
    report.figures.as_ref().map_or_else(
        || format!("checked by {}", checked_by(report.verified)),
        |figures| format!("figures from {figures}"),
    )
}

/// How many delete markers there are, and how many of them have a status.
pub(in crate::output) fn delete_markers(audit: &Audit, shown: impl Fn(&str) -> String) -> String {
    let with_status = audit.markers_with_status().map(|markers| format!(" ({})", shown(&markers)));
    format!("{}{}", plural(audit.delete_markers, "delete marker"), with_status.unwrap_or_default())
}

pub(in crate::output) fn age_of(report: &ReportFacts) -> String {
    match report.age_seconds {
        seconds @ 0.. => format!("{} ago", ago(seconds)),
        _ => "in the future by this computer's clock".to_owned(),
    }
}

/// How much older the older report is.
pub(in crate::output) fn older_by(audit: &Audit, since: &RowsChange) -> String {
    ago(audit.report.scanned_at.duration_since(since.previous.scanned_at).as_secs())
}

/// What confirmation found, such as `1,100 healed, 4 gone, 100 still`. Only `still` is shown when it is 0.
pub(crate) fn outcomes(of: &Confirmed) -> String {
    let Confirmed { healed, gone, still, changed, unchecked } = *of;
    let all = [
        (healed, "healed", false),
        (gone, "gone", false),
        (changed, "changed", false),
        (unchecked, "unchecked", false),
        (still, "still", true),
    ];
    let shown = all.into_iter().filter(|(count, _, always)| *count > 0 || *always);
    shown.map(|(count, word, _)| format!("{} {word}", human_count(count))).collect::<Vec<_>>().join(", ")
}

/// `1,204 in the report; checked now: 1,100 healed, 4 gone, 100 still`, where the objects were confirmed.
pub(in crate::output) fn found_now<C>(limit: &LimitResult<C>) -> Option<String> {
    let (confirmed, actual) = (limit.confirmed.as_ref()?, limit.actual?);
    Some(format!("{} in the report; checked now: {}", human_count(actual), outcomes(confirmed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_is_always_shown() {
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
