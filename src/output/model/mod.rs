//! What is shown, in values and words; how a format arranges it is not known here.

mod audit_text;
mod batch_job;
mod change;
mod check_rows;
mod delete_rows;
mod explanation;
mod group_figures;
mod marker_rows;
mod next_steps;
mod object_rows;
mod pair_export;
mod pair_text;
mod properties;
mod reasons_text;
mod rows;
#[cfg(test)]
pub(super) mod samples;
mod status_figures;
mod text;

pub(super) use audit_text::{
    OverdueText, UNCOVERED, accepting, age_of, checked_by_report, checked_report, delete_markers, exceeded_classes,
    found_now, limit_actual, limit_change, limit_finding, limit_text, older_by, status_change, uncovered_notes,
};
pub(crate) use audit_text::{exceeded_limits, outcomes};
pub(crate) use batch_job::ExportReport;
pub(super) use change::{ShownChange, beside, change_column, change_width};
pub(super) use group_figures::{Figure, GroupFigures, caption, dimensions, others};
pub(crate) use next_steps::NextSteps;
pub(super) use next_steps::cause_text;
pub(crate) use pair_export::PairExport;
pub(super) use pair_text::{
    PairFigure, class_change, class_of_group, group_caption, group_others, not_judged, pair_dimensions, pair_figures,
    pair_limit_change, side_line,
};
pub(crate) use reasons_text::failed_tasks;
pub(super) use reasons_text::{
    join_texts, other_prefixes, reason_bytes, reason_facts, reason_name, tasks_text, unread_text,
};
pub(crate) use rows::{ReportRow, ReportSummary, RowFilter, RowLayout};
pub(super) use status_figures::{FigureChange, StatusFigure, status_figures};
pub(crate) use text::{PrintedTexts, ago, in_hours, not_shown, plural};
pub(super) use text::{or_dash, sentence, share, size_or};
