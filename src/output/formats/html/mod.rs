//! html: one page about a bucket; no script, nothing fetched, every value escaped twice (for HTML by the template, and what a
//! reader's eye would obey by [`escape`]).
//!
//! Charts are inline SVG with their numbers beside them. The layout is in `templates/inventory.html`.

mod bars;
mod pair;

use askama::Template;
use jiff::Timestamp;

use self::bars::{BarSegment, bar, lengths, sum};
use super::{Format, ReasonsForm, RunFacts};
use crate::audit::{Audit, ClassWord, Grouped, Limit, LimitResult, PendingAge, UncoveredObjects, passes};
use crate::model::{StatusClass, escape, human_bytes, human_count};
use crate::output::model::{
    Figure, GroupFigures, OverdueText, ShownChange, UNCOVERED, accepting, beside, caption, cause_text, checked_report,
    delete_markers, dimensions, exceeded_classes, found_now, limit_actual, limit_change, limit_text, older_by, others,
    plural, share, size_or, status_change, uncovered_notes,
};

pub(super) static FORMAT: Format = Format {
    word: "html",
    about: "inventory and reconcile only: one page with charts",
    write_audit: |audit, run, out, _| InventoryPage::of(audit, run).write_into(out),
    write_pair: pair::write,
    open_rows: None,
    write_reasons: ReasonsForm::None,
    needs_every_row: false,
    says_incomplete: true,
    write_unanswered: None,
    summary: None,
    shows_properties: false,
    shows_next_steps: true,
};

#[derive(Template)]
#[template(path = "inventory.html")]
struct InventoryPage {
    bucket: String,
    verdict: &'static str,
    passed: bool,
    /// The verdict as a sentence.
    finding: String,
    scanned_at: String,
    /// When the older report was scanned, and how much older it is.
    compared: Option<(String, String)>,
    /// What the report leaves out.
    left_out: Vec<String>,
    limits: Vec<LimitRow>,
    /// Where the objects of an exceeded limit are: a sentence, and the value that ends it.
    causes: Vec<(String, String)>,
    commands: Vec<String>,
    accept: Option<String>,
    objects: String,
    status_bar: Vec<BarSegment>,
    statuses: Vec<StatusRow>,
    /// Empty where nothing is pending, or its age is not known.
    ages: Vec<AgeRow>,
    overdue: Option<String>,
    dimensions: Vec<DimensionSection>,
    uncovered_heading: &'static str,
    uncovered: Vec<UncoveredRow>,
    uncovered_notes: Vec<String>,
    facts: Vec<(&'static str, String)>,
    written_at: String,
    version: &'static str,
}

struct LimitRow {
    class: &'static str,
    actual: String,
    change: Option<ShownChange>,
    limit: String,
    /// What S3 says now about the objects that the figure counts.
    now: Option<String>,
    exceeded: bool,
    off: bool,
}

struct StatusRow {
    class: &'static str,
    word: String,
    objects: String,
    change: Option<ShownChange>,
    share: String,
    bytes: String,
    oldest: String,
    newest: String,
}

struct AgeRow {
    age: &'static str,
    length: u32,
    objects: String,
    bytes: String,
}

struct DimensionSection {
    name: String,
    caption: String,
    others: Option<String>,
    groups: Vec<GroupRow>,
}

struct UncoveredRow {
    rule: String,
    cause: &'static str,
    objects: String,
    bytes: String,
}

struct GroupRow {
    value: String,
    bar: Vec<BarSegment>,
    failed: Figure,
    overdue: Figure,
    not_replicated: Figure,
    pending: Figure,
    objects: Figure,
    bytes: String,
}

/// The place of a class from good to bad, so that trouble is at the right end of every bar, and its name in the style sheet.
fn place_and_colour(class: StatusClass) -> (u8, &'static str) {
    match class {
        StatusClass::Replicated => (0, "replicated"),
        StatusClass::Replica => (1, "replica"),
        StatusClass::Pending => (2, "pending"),
        StatusClass::NotReplicated => (3, "not-replicated"),
        StatusClass::Unknown => (4, "unknown"),
        StatusClass::Failed => (5, "failed"),
    }
}

fn colour(class: StatusClass) -> &'static str {
    place_and_colour(class).1
}

fn shown(text: &str) -> String {
    escape(text).into_owned()
}

/// What is shown where a value is not known.
const UNKNOWN: &str = "–";

/// To the second.
fn time(at: Option<Timestamp>) -> String {
    at.map_or_else(|| UNKNOWN.to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

impl InventoryPage {
    fn of(audit: &Audit, run: &RunFacts<'_>) -> Self {
        let report = &audit.report;
        let uncovered = audit.uncovered.as_deref().unwrap_or_default();
        let passed = passes(&audit.limits);
        let mut parts: Vec<(StatusClass, u64)> =
            audit.statuses.iter().map(|(status, totals)| (status.class(), totals.objects)).collect();
        parts.sort_by_key(|(class, _)| place_and_colour(*class).0);
        Self {
            bucket: shown(&report.source_bucket),
            verdict: if passed { "Pass" } else { "Fail" },
            passed,
            finding: finding(audit),
            scanned_at: time(Some(report.scanned_at)),
            compared: audit.since.as_ref().map(|since| (time(Some(since.previous.scanned_at)), older_by(audit, since))),
            left_out: report.leaves_out().iter().map(|text| shown(text)).collect(),
            limits: audit.limits.iter().map(|limit| LimitRow::of(limit, limit_change(limit))).collect(),
            causes: run.next.causes.iter().map(cause_text).map(|(text, value)| (text, shown(value))).collect(),
            commands: run.next.commands.clone(),
            accept: accepting(&audit.limits),
            objects: plural(audit.objects(), "object version"),
            status_bar: bar(parts.into_iter().map(|(class, objects)| (colour(class), objects)), audit.objects()),
            statuses: audit
                .statuses
                .iter()
                .map(|(status, totals)| StatusRow {
                    class: colour(status.class()),
                    word: shown(status.reported()),
                    objects: human_count(totals.objects),
                    change: status_change(status, totals),
                    share: share(totals.objects, audit.objects()),
                    bytes: size_or(UNKNOWN, totals.bytes),
                    oldest: time(totals.oldest),
                    newest: time(totals.newest),
                })
                .collect(),
            ages: ages(audit),
            overdue: OverdueText::of(audit).map(|OverdueText { count, change, what, oldest }| {
                let oldest = oldest.map(|at| format!(", the oldest from {}", time(Some(at)))).unwrap_or_default();
                format!("{} {what}{oldest}.", beside(count, change.as_ref()))
            }),
            dimensions: dimensions(audit).map(|(grouped, groups)| DimensionSection::of(grouped, groups)).collect(),
            uncovered_heading: UNCOVERED,
            uncovered: uncovered.iter().map(UncoveredRow::of).collect(),
            uncovered_notes: uncovered_notes(uncovered),
            facts: facts(audit),
            written_at: time(Some(run.at)),
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

fn finding(audit: &Audit) -> String {
    match exceeded_classes(&audit.limits).as_slice() {
        [] if audit.limits.iter().any(|limit| limit.confirmed.is_some()) => {
            "No limit is exceeded. Only objects that still have the problem count.".to_owned()
        }
        [] => "No limit is exceeded.".to_owned(),
        [one] => format!("The limit for {one} is exceeded."),
        [first @ .., last] => format!("The limits for {} and {last} are exceeded.", first.join(", ")),
    }
}

impl UncoveredRow {
    fn of(objects: &UncoveredObjects) -> Self {
        Self {
            rule: shown(&objects.rule),
            cause: objects.cause.word(),
            objects: human_count(objects.totals.objects),
            bytes: size_or(UNKNOWN, objects.totals.bytes),
        }
    }
}

impl LimitRow {
    fn of<C: ClassWord>(limit: &LimitResult<C>, change: Option<ShownChange>) -> Self {
        Self {
            class: limit.class.word(),
            actual: limit_actual(limit),
            change,
            limit: limit_text(limit),
            now: found_now(limit),
            exceeded: limit.exceeded,
            off: limit.limit == Limit::Off,
        }
    }
}

fn ages(audit: &Audit) -> Vec<AgeRow> {
    let ages = audit.pending_ages.as_deref().unwrap_or_default();
    if ages.iter().all(|age| age.objects == 0) {
        return Vec::new();
    }
    let lengths = lengths(ages.iter().map(|age| age.objects));
    let row = |(age, length): (&PendingAge, u32)| AgeRow {
        age: age.age,
        length,
        objects: human_count(age.objects),
        bytes: size_or(UNKNOWN, age.bytes),
    };
    ages.iter().zip(lengths).map(row).collect()
}

/// What a group's bar shows: not its share of good objects, which hides a thousand bad ones behind a million.
fn trouble(group: &GroupFigures<'_>) -> [(&'static str, u64); 4] {
    [
        (StatusClass::Failed, &group.failed),
        (StatusClass::Unknown, &group.unknown),
        (StatusClass::NotReplicated, &group.not_replicated),
        (StatusClass::Pending, &group.pending),
    ]
    .map(|(class, figure)| (colour(class), figure.count.unwrap_or(0)))
}

impl DimensionSection {
    fn of(grouped: &Grouped, groups: Vec<GroupFigures<'_>>) -> Self {
        let worst = groups.iter().map(|group| sum(trouble(group).into_iter().map(|(_, objects)| objects))).max();
        let row = |group: GroupFigures<'_>| GroupRow {
            value: shown(group.value),
            bar: bar(trouble(&group).into_iter(), worst.unwrap_or(0)),
            failed: group.failed,
            overdue: group.overdue,
            not_replicated: group.not_replicated,
            pending: group.pending,
            objects: group.objects,
            bytes: size_or(UNKNOWN, group.bytes),
        };
        let groups: Vec<GroupRow> = groups.into_iter().map(row).collect();
        Self {
            name: shown(&grouped.dimension),
            caption: caption(grouped, groups.len()),
            others: others(grouped),
            groups,
        }
    }
}

fn facts(audit: &Audit) -> Vec<(&'static str, String)> {
    let report = &audit.report;
    let files = format!("{}, {}, {}", report.format, plural(report.files, "file"), human_bytes(report.bytes));
    let mut rows = vec![plural(audit.rows_scanned, "row")];
    if audit.rows < audit.rows_scanned {
        rows.push(format!("{} in scope", human_count(audit.rows)));
    }
    rows.push(delete_markers(audit, str::to_owned));
    let scope = match (report.leaves_out(), &report.scope) {
        (nothing, Some(_)) if nothing.is_empty() => {
            "all keys and versions, as the inventory configuration is today".to_owned()
        }
        (mut left_out, scope) => {
            if scope.is_none() {
                left_out.push("the inventory configuration was not read: it may leave out keys".to_owned());
            }
            shown(&left_out.join("; "))
        }
    };
    let mut facts = vec![
        ("Report", shown(&report.manifest)),
        // An age would be wrong as soon as the page is: it may be read weeks later.
        ("Scan began", format!("{} UTC", time(Some(report.scanned_at)))),
        ("Delivered to", shown(&report.destination_bucket)),
        ("Covers", scope),
        ("Files", files),
        ("Read", rows.join(", ")),
        ("Checked", checked_report(report, str::to_owned)),
    ];
    if let Some(since) = &audit.since {
        facts.push(("Compared with", shown(&since.previous.manifest)));
    }
    facts
}
