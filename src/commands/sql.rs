//! `sql`: writes the question of `inventory` about a report as statements for an engine. It runs none of them.

use std::sync::Arc;

use anyhow::Result;

use super::command_end::CommandEnd;
use super::reports::{
    ReportOpener, ReportQuestion, UnansweredAlarm, check_about, check_time, footers, locate, read_rules_for,
};
use super::{Context, Interruptible, write_text};
use crate::audit::{Limits, Question};
use crate::output::OutputFiles;
use crate::sql::{Dialect, needed_columns};

/// The resolved arguments of `sql`.
#[derive(Debug)]
pub(crate) struct SqlOptions {
    pub(crate) asked: ReportQuestion,
    pub(crate) dialect: Dialect,
}

pub(super) async fn run(options: SqlOptions, context: &Context) -> Result<CommandEnd> {
    let series = options.asked.report.series();
    UnansweredAlarm::during(context, series, async |alarm| {
        match context.until_signal("no statements were written", Box::pin(script(&options, alarm, context))).await {
            Interruptible::Completed(script) => Ok(write_text(&script?, context)?),
            Interruptible::Interrupted(end) => Ok(end),
        }
    })
    .await
}

async fn script(options: &SqlOptions, alarm: &UnansweredAlarm<'_>, context: &Context) -> Result<String> {
    let asked = &options.asked;
    let located = locate(&asked.report, &context.client, context).await?;
    let outputs = OutputFiles::default();
    let read = asked.read.options(false, context);
    let report = Arc::new(ReportOpener { outputs: &outputs, read, context }.open(&located).await?);
    check_about(&report, asked)?;
    check_time(&report, &located, asked.max_age, context.now())?;
    let rules = read_rules_for(asked, report.bucket(), context).await?;
    let question = Question { rules, ..asked.question(Limits::with(&[]), 0, false) };
    // Refuses what can't be asked before thousands of footers are read.
    let statements = report.sql(&question, options.dialect, None, None)?;
    if options.dialect == Dialect::Athena {
        report.check_symlink().await?;
    }
    footers(&report, &needed_columns(&report.columns, &question, false), context).await?;
    alarm.answered();
    Ok(statements.to_string())
}
