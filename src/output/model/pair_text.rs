//! Words and figures of a comparison of two reports that several formats share.

use serde::Serialize;

use super::audit_text::age_of;
use super::change::ShownChange;
use super::text::plural;
use crate::audit::{Compared, Grouped, LimitResult, ReportFacts};
use crate::model::{human_bytes, human_count};
use crate::reconcile::{ClassTotals, PairClass, PairGroup, Reconciliation};

/// A figure of the whole comparison or of a group, for csv and ndjson.
#[derive(Serialize)]
pub(in crate::output) struct PairFigure<'a> {
    dimension: &'a str,
    value: &'a str,
    class: &'a str,
    objects: u64,
    bytes: u64,
}

impl PairFigure<'_> {
    pub(in crate::output) const COLUMNS: [&'static str; 5] = ["dimension", "value", "class", "objects", "bytes"];
}

/// All figures: the classes, the statuses that are not judged, and the groups.
pub(in crate::output) fn pair_figures(result: &Reconciliation) -> impl Iterator<Item = PairFigure<'_>> {
    fn figure<'a>(dimension: &'a str, value: &'a str, class: &'a str, objects: u64, bytes: u64) -> PairFigure<'a> {
        PairFigure { dimension, value, class, objects, bytes }
    }
    let all =
        result.classes.iter().map(|(class, totals)| figure("all", "", class.word(), totals.objects, totals.bytes));
    let statuses = result.not_completed.iter();
    let statuses = statuses
        .map(|(status, totals)| figure("status", status.reported(), "not-completed", totals.objects, totals.bytes));
    let groups = result.groups.iter().flat_map(|group| {
        let classes = group.classes.iter();
        classes
            .map(|(class, totals)| figure(&group.dimension, &group.value, class.word(), totals.objects, totals.bytes))
    });
    all.chain(statuses).chain(groups)
}

pub(in crate::output) fn class_change(class: PairClass, totals: &Compared<ClassTotals>) -> Option<ShownChange> {
    totals.change.map(|change| ShownChange::of_pair_class(class, change.delta.objects))
}

pub(in crate::output) fn pair_limit_change(limit: &LimitResult<PairClass>) -> Option<ShownChange> {
    limit.change.map(|change| ShownChange::of_pair_class(limit.class, change.delta))
}

/// The objects of a class in a group.
pub(in crate::output) fn class_of_group(group: &PairGroup, class: PairClass) -> u64 {
    group.classes.get(&class).map_or(0, |totals| totals.objects)
}

fn has_problem(group: &PairGroup) -> bool {
    group.classes.iter().any(|(class, totals)| class.is_problem() && totals.objects > 0)
}

/// The groups of each dimension that have a problem, both in the order of the result.
pub(in crate::output) fn pair_dimensions(result: &Reconciliation) -> impl Iterator<Item = (&Grouped, Vec<&PairGroup>)> {
    result.grouped.iter().scan(result.groups.as_slice(), |rest, grouped| {
        let shown = usize::try_from(grouped.shown).unwrap_or(usize::MAX);
        let (groups, others) = rest.split_at(rest.len().min(shown));
        *rest = others;
        Some((grouped, groups.iter().filter(|group| has_problem(group)).collect()))
    })
}

pub(in crate::output) use super::group_figures::{caption as group_caption, others as group_others};

/// One report in a few words. An age is for a terminal: a file or a log may be read much later.
pub(in crate::output) fn side_line(report: &ReportFacts, with_age: bool) -> String {
    let age = if with_age { format!(" ({})", age_of(report)) } else { String::new() };
    format!("bucket {}, inventory of {}{age}", report.source_bucket, report.scanned_at)
}

/// What was counted and not judged, in sentences without a full stop.
pub(in crate::output) fn not_judged(result: &Reconciliation) -> Vec<String> {
    let mut lines = Vec::new();
    let seconds = i64::try_from(result.grace_seconds).unwrap_or(i64::MAX);
    let too_new = result.totals(PairClass::TooNew);
    lines.push(format!(
        "judged: COMPLETED objects written before {} ({} before the earlier scan); {} too new",
        result.judged_before,
        super::text::ago(seconds),
        match too_new.objects {
            1 => "1 is".to_owned(),
            many => format!("{} are", human_count(many)),
        }
    ));
    for (status, totals) in &result.not_completed {
        let there = match totals.at_destination {
            0 => String::new(),
            some => format!(", {} of them at the destination", human_count(some)),
        };
        lines.push(format!("not judged: {} {}{there}", plural(totals.objects, "object"), word(status.reported())));
    }
    let extra = result.totals(PairClass::Extra);
    if extra.objects > 0 {
        lines.push(format!(
            "extra at the destination: {} without a source version, {} (S3 does not replicate deletes of versions or lifecycle actions)",
            plural(extra.objects, "replica"),
            human_bytes(extra.bytes)
        ));
    }
    let only = &result.destination_only;
    if only.not_replicas.objects > 0 {
        let (objects, bytes) = (plural(only.not_replicas.objects, "object"), human_bytes(only.not_replicas.bytes));
        lines.push(format!("only at the destination, and not replicas: {objects}, {bytes}"));
    }
    if only.too_new.objects > 0 {
        lines.push(format!(
            "at the destination, too new for the source report: {}",
            plural(only.too_new.objects, "object")
        ));
    }
    let markers = [result.rows.source.delete_markers, result.rows.destination.delete_markers];
    if markers != [0, 0] {
        let [source, destination] = markers.map(human_count);
        lines.push(format!(
            "delete markers, which are not compared: {source} at the source, {destination} at the destination"
        ));
    }
    if let Some(latest) = &result.latest_differs {
        if latest.hidden_at_destination > 0 {
            let hidden = plural(latest.hidden_at_destination, "object");
            lines.push(format!("latest version at the source, hidden at the destination: {hidden}"));
        }
        if latest.hidden_at_source > 0 {
            let hidden = plural(latest.hidden_at_source, "object");
            lines.push(format!("hidden at the source, latest version at the destination: {hidden}"));
        }
    }
    if result.spilled_bytes > 0 {
        lines.push(format!("{} of rows were kept on disk while they were compared", human_bytes(result.spilled_bytes)));
    }
    lines
}

fn word(status: &str) -> String {
    if status == "NONE" { "without a status".to_owned() } else { format!("with status {status}") }
}
