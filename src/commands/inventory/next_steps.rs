//! What leads from an exceeded limit to its cause: what most of its objects share, and the commands that say more.
//!
//! A plain run does not read keys. A small report is read a second time for its prefixes; of a larger one the command that
//! does so is printed.

use std::sync::Arc;

use super::super::Context;
use super::super::again::{arguments_again, command, connection};
use super::super::engines::RowSource;
use super::options::InventoryOptions;
use crate::audit::{Audit, Concentration, Dimension, Question, concentrations, conclude, exceeded};
use crate::exit::ExitStatus;
use crate::export::ExportClass;
use crate::model::sh_quote;
use crate::output::{ExportPlace, NextSteps};
use crate::report::Report;

/// A report of no more stored bytes than this is read again. That takes less than a second.
const SMALL: u64 = 16 << 20;

/// Looks for the cause where a limit is exceeded and an output shows it.
pub(super) async fn next_steps(
    audit: &Audit,
    report: &Arc<Report>,
    options: &InventoryOptions,
    context: &Context,
) -> NextSteps {
    let stdout = (!context.printer.is_quiet()).then_some(context.output.format);
    let mut formats = stdout.into_iter().chain(context.output.writes.iter().map(|write| write.format));
    // The same command with other options would need other figures.
    if options.rows != RowSource::Local
        || audit.exit() == ExitStatus::Yes
        || !formats.any(|format| format.shows_next_steps)
    {
        return NextSteps::default();
    }
    let causes = match options.question.by.as_slice() {
        [] if report.manifest.bytes().is_ok_and(|bytes| bytes <= SMALL) => {
            read_again(audit, report, options, context).await
        }
        _ => concentrations(audit, audit),
    };
    let commands = commands(audit, &causes, options, &context.arguments);
    NextSteps { causes, commands }
}

/// Groups the rows of a small report. The answer is there already: if this fails, only the cause is not shown.
async fn read_again(
    audit: &Audit,
    report: &Arc<Report>,
    options: &InventoryOptions,
    context: &Context,
) -> Vec<Concentration> {
    let columns = &report.columns;
    let mut by = vec![Dimension::Prefix(3)];
    by.extend(columns.storage_class.map(|_| Dimension::StorageClass));
    by.extend(columns.last_modified.map(|_| Dimension::Age));
    let question = Question { by, top: usize::MAX, compared: false, ..options.question.clone() };
    let Ok(tally) = report.tally(&question, Arc::clone(&context.signals.stop), Arc::new(|_| {})).await else {
        return Vec::new();
    };
    let grouped = conclude(audit.report.clone(), &tally, None, &question, context.allow_empty);
    // A report without checksums may have been replaced meanwhile.
    let same =
        grouped.ok().filter(|grouped| grouped.statuses.keys().eq(audit.statuses.keys()) && grouped.rows == audit.rows);
    same.map_or_else(Vec::new, |grouped| concentrations(audit, &grouped))
}

/// Whether the exported list has objects of a class that exceeds its limit.
fn exports_exceeded(audit: &Audit, options: &InventoryOptions) -> bool {
    let exports = |class| options.export.as_ref().is_some_and(|export| export.classes.has(ExportClass::Of(class)));
    exceeded(&audit.limits).into_iter().any(|(class, _)| exports(class))
}

/// The same command for the groups, then for a list of the objects, and then for the reason of some of them.
fn commands(audit: &Audit, causes: &[Concentration], options: &InventoryOptions, arguments: &[String]) -> Vec<String> {
    let Some(again) = arguments_again(arguments) else { return Vec::new() };
    let mut commands = Vec::new();
    let prefix = causes.iter().find(|cause| matches!(cause.dimension, Dimension::Prefix(_)));
    let is_by_prefix = options.question.by.iter().any(|by| matches!(by, Dimension::Prefix(_)));
    if prefix.is_none() && !is_by_prefix {
        commands.push(command(&again, &["--by", "prefix:2"]));
    }
    let list = match options.export.as_ref().map(|export| &export.place) {
        Some(ExportPlace::File(path)) if exports_exceeded(audit, options) => path.display().to_string(),
        Some(ExportPlace::File(_) | ExportPlace::Stdout) => return commands,
        None => {
            let classes: Vec<&str> = exceeded(&audit.limits).into_iter().map(|(class, _)| class.word()).collect();
            let file = match classes.as_slice() {
                [class] => format!("{class}.csv"),
                _ => "objects.csv".to_owned(),
            };
            let classes = classes.join(",");
            let mut more = Vec::new();
            if let Some(cause) = prefix.filter(|_| options.question.filter.prefix.is_none()) {
                more.extend(["--prefix", cause.value.as_str()]);
            }
            more.extend(["--export", &file, "--export-class", &classes]);
            commands.push(command(&again, &more));
            file
        }
    };
    let status: Vec<String> = ["status", "--explain", "--from", "-"].map(str::to_owned).to_vec();
    let status = [status, connection(&again)].concat();
    commands.push(format!("head -n 20 {} | {}", sh_quote(&list), command(&status, &[])));
    commands
}
