//! The page of `reconcile`. The layout is in `templates/reconcile.html`.

use std::io::{self, Write};

use askama::Template;

use super::super::PairRunFacts;
use super::bars::{BarSegment, bar};
use super::{LimitRow, shown, time};
use crate::audit::{Grouped, ReportFacts};
use crate::model::{human_bytes, human_count};
use crate::output::model::{
    ShownChange, accepting, checked_report, class_change, class_of_group, exceeded_classes, group_caption,
    group_others, not_judged, pair_dimensions, pair_limit_change, plural, share,
};
use crate::output::terminal::Style;
use crate::reconcile::{IdentityKind, PairClass, PairGroup, Reconciliation};

#[derive(Template)]
#[template(path = "reconcile.html")]
struct ReconcilePage {
    source: String,
    destination: String,
    verdict: &'static str,
    passed: bool,
    /// The verdict as a sentence.
    finding: String,
    /// What the comparison does not cover.
    caveats: Vec<String>,
    limits: Vec<LimitRow>,
    commands: Vec<String>,
    accept: Option<String>,
    judged: String,
    class_bar: Vec<BarSegment>,
    classes: Vec<ClassRow>,
    not_judged: Vec<String>,
    dimensions: Vec<PairSection>,
    facts: Vec<(&'static str, String)>,
    written_at: String,
    version: &'static str,
}

struct ClassRow {
    colour: &'static str,
    word: &'static str,
    objects: String,
    change: Option<ShownChange>,
    share: String,
    bytes: String,
}

struct PairSection {
    name: String,
    caption: String,
    others: Option<String>,
    groups: Vec<PairGroupRow>,
}

struct PairGroupRow {
    value: String,
    missing: String,
    size_differs: String,
    not_a_replica: String,
    unsure: String,
    in_sync: String,
}

pub(super) fn write(
    result: &Reconciliation,
    run: &PairRunFacts<'_>,
    out: &mut (dyn Write + Send),
    _: Style,
) -> io::Result<()> {
    ReconcilePage::of(result, run).write_into(out)
}

/// Its name in the style sheet.
fn colour(class: PairClass) -> &'static str {
    match class {
        PairClass::InSync => "replicated",
        PairClass::Missing => "failed",
        PairClass::SizeDiffers => "not-replicated",
        PairClass::NotAReplica => "unknown",
        PairClass::Unsure | PairClass::TooNew => "pending",
        PairClass::Extra => "replica",
    }
}

impl ReconcilePage {
    fn of(result: &Reconciliation, run: &PairRunFacts<'_>) -> Self {
        let exceeded = exceeded_classes(&result.limits);
        let judged = || result.classes.iter().filter(|(class, _)| PairClass::JUDGED.contains(class));
        let parts = judged().map(|(class, totals)| (colour(*class), totals.objects));
        Self {
            source: shown(&result.source.source_bucket),
            destination: shown(&result.destination.source_bucket),
            verdict: if exceeded.is_empty() { "Pass" } else { "Fail" },
            passed: exceeded.is_empty(),
            finding: match exceeded.as_slice() {
                [] => "All numbers are within their limits.".to_owned(),
                words => format!("More objects than acceptable: {}.", words.join(", ")),
            },
            caveats: caveats(result),
            limits: result.limits.iter().map(|limit| LimitRow::of(limit, pair_limit_change(limit))).collect(),
            commands: run.next.commands.clone(),
            accept: accepting(&result.limits),
            judged: format!("{} judged", plural(result.judged, "object version")),
            class_bar: bar(parts, result.judged),
            classes: judged()
                .map(|(class, totals)| ClassRow {
                    colour: colour(*class),
                    word: class.word(),
                    objects: human_count(totals.objects),
                    change: class_change(*class, totals),
                    share: share(totals.objects, result.judged),
                    bytes: human_bytes(totals.bytes),
                })
                .collect(),
            not_judged: not_judged(result).iter().map(|line| shown(line)).collect(),
            dimensions: pair_dimensions(result).map(|(grouped, groups)| PairSection::of(grouped, &groups)).collect(),
            facts: facts(result),
            written_at: time(Some(run.at)),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

fn caveats(result: &Reconciliation) -> Vec<String> {
    let key = (result.identity == IdentityKind::Key)
        .then(|| "the reports list no version IDs: current objects are compared by key, size and ETag".to_owned());
    let prefix = result.prefix.as_ref().map(|prefix| format!("only keys under {}", shown(prefix)));
    let scopes = [&result.source, &result.destination].into_iter().flat_map(|report| {
        let left_out = report.leaves_out().into_iter();
        left_out.map(|text| format!("bucket {}: {}", shown(&report.source_bucket), shown(&text)))
    });
    key.into_iter().chain(prefix).chain(scopes).collect()
}

impl PairSection {
    fn of(grouped: &Grouped, groups: &[&PairGroup]) -> Self {
        let row = |group: &&PairGroup| {
            let count = |class| human_count(class_of_group(group, class));
            PairGroupRow {
                value: shown(if group.value.is_empty() { "(none)" } else { &group.value }),
                missing: count(PairClass::Missing),
                size_differs: count(PairClass::SizeDiffers),
                not_a_replica: count(PairClass::NotAReplica),
                unsure: count(PairClass::Unsure),
                in_sync: count(PairClass::InSync),
            }
        };
        Self {
            name: shown(&grouped.dimension),
            caption: group_caption(grouped, groups.len()),
            others: group_others(grouped),
            groups: groups.iter().map(row).collect(),
        }
    }
}

fn facts(result: &Reconciliation) -> Vec<(&'static str, String)> {
    let files = |report: &ReportFacts| {
        let (files, bytes) = (plural(report.files, "file"), human_bytes(report.bytes));
        format!("{}, {files}, {bytes}; {}", report.format, checked_report(report, str::to_owned))
    };
    let scan = |report: &ReportFacts| report.scanned_at.to_string();
    vec![
        ("Source report", shown(&result.source.manifest)),
        ("Its scan began", scan(&result.source)),
        ("Its files", files(&result.source)),
        ("Destination report", shown(&result.destination.manifest)),
        ("Its scan began", scan(&result.destination)),
        ("Its files", files(&result.destination)),
        (
            "Compared by",
            format!(
                "{}, size and status",
                if result.identity == IdentityKind::Key { "key, ETag" } else { "key, version ID" }
            ),
        ),
    ]
}
