//! The table of `reconcile`.

use std::io::{self, Write};

use super::super::PairRunFacts;
use super::columns::{ChangeColumn, write_limit, write_sentence};
use crate::audit::{Grouped, ReportFacts};
use crate::model::{escape, human_bytes, human_count};
use crate::output::model::{
    accepting, checked_by_report, class_change, class_of_group, exceeded_classes, group_caption, group_others,
    not_judged, pair_dimensions, pair_limit_change, plural, share, side_line,
};
use crate::output::terminal::Style;
use crate::reconcile::{IdentityKind, PairClass, PairGroup, Reconciliation};

pub(super) fn write(
    result: &Reconciliation,
    run: &PairRunFacts<'_>,
    out: &mut (dyn Write + Send),
    style: Style,
) -> io::Result<()> {
    for (word, report) in [("Source", &result.source), ("Destination", &result.destination)] {
        write_sentence(&format!("{word}: {}", side_line(report, style.width().is_some())), out, style, Style::strong)?;
        write_side(report, out, style)?;
    }
    if let Some(previous) = &result.previous {
        let text = format!("compared with an older result: the source scanned at {}", previous.source_scanned_at);
        write_sentence(&text, out, style, |_, text| text.to_owned())?;
    }
    if result.identity == IdentityKind::Key {
        let text = "the reports list no version IDs: current objects are compared by key, size and ETag";
        write_sentence(text, out, style, Style::warn)?;
    }
    if let Some(prefix) = &result.prefix {
        write_sentence(&format!("only keys under {prefix}"), out, style, Style::warn)?;
    }
    writeln!(out)?;
    write_classes(result, out, style)?;
    for line in not_judged(result) {
        write_sentence(&line, out, style, |_, text| text.to_owned())?;
    }
    pair_dimensions(result).try_for_each(|(grouped, groups)| write_groups(grouped, &groups, out, style))?;
    writeln!(out)?;
    let changes = ChangeColumn::of(result.limits.iter().map(pair_limit_change), style);
    for (at, limit) in result.limits.iter().enumerate() {
        write_limit(limit, &changes.cell(at), out, style)?;
    }
    match exceeded_classes(&result.limits).as_slice() {
        [] => writeln!(out, "{}", style.good("PASS"))?,
        words => writeln!(out, "{}: {}", style.bad("FAIL"), words.join(", "))?,
    }
    if let Some(exported) = run.exported {
        exported.write(out, style)?;
    }
    super::write_next_steps(run.next, out, style)?;
    accepting(&result.limits).map_or(Ok(()), |options| writeln!(out, "to accept these numbers: {options}"))
}

fn write_side(report: &ReportFacts, out: &mut dyn Write, style: Style) -> io::Result<()> {
    let (files, bytes) = (plural(report.files, "file"), human_bytes(report.bytes));
    let checked = checked_by_report(report);
    let text = format!("  {}: {}, {files}, {bytes}, {checked}", report.manifest, report.format);
    write_sentence(&text, out, style, |_, text| text.to_owned())?;
    for left_out in report.leaves_out() {
        write_sentence(&format!("  {left_out}"), out, style, Style::warn)?;
    }
    Ok(())
}

/// The judged classes, with their share of what was judged.
fn write_classes(result: &Reconciliation, out: &mut dyn Write, style: Style) -> io::Result<()> {
    let judged = || result.classes.iter().filter(|(class, _)| PairClass::JUDGED.contains(class));
    let changes = ChangeColumn::of(judged().map(|(class, totals)| class_change(*class, totals)), style);
    let heading = changes.width.map(|width| format!(" {:>width$}", "CHANGE")).unwrap_or_default();
    writeln!(out, "{}", style.strong(&format!("CLASS                OBJECTS{heading}       BYTES   SHARE")))?;
    for (at, (class, totals)) in judged().enumerate() {
        let paint: fn(Style, &str) -> String = match (class.is_problem(), totals.objects) {
            (true, 1..) => Style::bad,
            (true, 0) => |_, text| text.to_owned(),
            (false, _) => Style::good,
        };
        writeln!(
            out,
            "{} {:>11}{} {:>11} {:>7}",
            paint(style, &format!("{:<16}", class.word())),
            human_count(totals.objects),
            changes.cell(at),
            human_bytes(totals.bytes),
            share(totals.objects, result.judged),
        )?;
    }
    Ok(())
}

fn write_groups(grouped: &Grouped, groups: &[&PairGroup], out: &mut dyn Write, style: Style) -> io::Result<()> {
    writeln!(out, "\nBy {}: {}", grouped.dimension, group_caption(grouped, groups.len()))?;
    if groups.is_empty() {
        return Ok(());
    }
    let heading = "    MISSING  SIZE DIFFERS  NOT A REPLICA     UNSURE     IN SYNC";
    writeln!(out, "{}", style.strong(&format!("{heading}  VALUE")))?;
    for group in groups {
        let count = |class| human_count(class_of_group(group, class));
        let value = escape(if group.value.is_empty() { "(none)" } else { &group.value });
        let gap = if style.fits(heading.len() + 2 + value.chars().count()) { "  " } else { "\n  " };
        writeln!(
            out,
            "{:>11} {:>13} {:>14} {:>10} {:>11}{gap}{value}",
            count(PairClass::Missing),
            count(PairClass::SizeDiffers),
            count(PairClass::NotAReplica),
            count(PairClass::Unsure),
            count(PairClass::InSync),
        )?;
    }
    group_others(grouped).map_or(Ok(()), |others| writeln!(out, "{others}"))
}
