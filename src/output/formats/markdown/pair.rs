//! The Markdown of `reconcile`. The verdict and the limits come first.

use std::io::{self, Write};

use super::super::PairRunFacts;
use super::text::{code, limit_row, prose, table};
use crate::audit::ReportFacts;
use crate::model::{human_bytes, human_count};
use crate::output::model::{
    accepting, beside, checked_report, class_change, class_of_group, exceeded_classes, group_caption, group_others,
    not_judged, pair_dimensions, pair_limit_change, plural, share,
};
use crate::output::terminal::Style;
use crate::reconcile::{IdentityKind, PairClass, Reconciliation};

pub(super) fn write(
    result: &Reconciliation,
    run: &PairRunFacts<'_>,
    out: &mut (dyn Write + Send),
    _: Style,
) -> io::Result<()> {
    match exceeded_classes(&result.limits).as_slice() {
        [] => writeln!(out, "## ✅ PASS: replicas\n")?,
        words => writeln!(out, "## ❌ FAIL: replicas {}\n", words.join(", "))?,
    }
    let side =
        |report: &ReportFacts| format!("bucket {}, inventory of {}", code(&report.source_bucket), report.scanned_at);
    writeln!(out, "Source: {}. Destination: {}.\n", side(&result.source), side(&result.destination))?;
    writeln!(out, "{} judged.\n", plural(result.judged, "object version"))?;
    if let Some(previous) = &result.previous {
        writeln!(out, "Compared with an older result: the source scanned at {}.\n", previous.source_scanned_at)?;
    }
    if result.identity == IdentityKind::Key {
        writeln!(out, "⚠️ The reports list no version IDs: current objects are compared by key, size and ETag.\n")?;
    }
    if let Some(prefix) = &result.prefix {
        writeln!(out, "Only keys under {}.\n", code(prefix))?;
    }
    for report in [&result.source, &result.destination] {
        for left_out in report.leaves_out() {
            writeln!(out, "⚠️ {}: {}\n", code(&report.source_bucket), code(&left_out))?;
        }
    }
    table(out, &["limit", "", "found", "acceptable"], 2)?;
    result.limits.iter().try_for_each(|limit| limit_row(limit, pair_limit_change(limit).as_ref(), out))?;
    writeln!(out)?;
    table(out, &["class", "objects", "share", "bytes"], 1)?;
    for (class, totals) in result.classes.iter().filter(|(class, _)| PairClass::JUDGED.contains(class)) {
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            class.word(),
            beside(human_count(totals.objects), class_change(*class, totals).as_ref()),
            share(totals.objects, result.judged),
            human_bytes(totals.bytes)
        )?;
    }
    writeln!(out)?;
    for line in not_judged(result) {
        writeln!(out, "- {}", prose(&line))?;
    }
    writeln!(out)?;
    for (grouped, groups) in pair_dimensions(result) {
        let name = code(&grouped.dimension);
        writeln!(out, "By {name}: {}\n", group_caption(grouped, groups.len()))?;
        if groups.is_empty() {
            continue;
        }
        table(out, &[&name, "missing", "size differs", "not a replica", "unsure", "in sync"], 1)?;
        for group in groups {
            let value = if group.value.is_empty() { "(none)" } else { &group.value };
            let count = |class| human_count(class_of_group(group, class));
            let [missing, size, replica, unsure, in_sync] = [
                PairClass::Missing,
                PairClass::SizeDiffers,
                PairClass::NotAReplica,
                PairClass::Unsure,
                PairClass::InSync,
            ]
            .map(count);
            writeln!(out, "| {} | {missing} | {size} | {replica} | {unsure} | {in_sync} |", code(value))?;
        }
        writeln!(out)?;
        if let Some(others) = group_others(grouped) {
            writeln!(out, "{others}\n")?;
        }
    }
    super::next_commands(run.next, out)?;
    if let Some(options) = accepting(&result.limits) {
        writeln!(out, "To accept these numbers: {}\n", code(&options))?;
    }
    for report in [&result.source, &result.destination] {
        let (files, bytes) = (plural(report.files, "file"), human_bytes(report.bytes));
        let (manifest, checked) = (code(&report.manifest), checked_report(report, code));
        writeln!(out, "<sub>{manifest}: {}, {files}, {bytes}; {checked}</sub>\n", report.format)?;
    }
    Ok(())
}
