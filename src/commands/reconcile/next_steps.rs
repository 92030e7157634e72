//! The commands that say more about objects whose replicas are not in sync.

use super::super::Context;
use super::super::again::{arguments_again, command};
use super::super::engines::RowSource;
use super::ReconcileOptions;
use crate::exit::ExitStatus;
use crate::output::NextSteps;
use crate::reconcile::Reconciliation;

/// The same command for the prefixes, then with HEAD requests now, and then for a list of the objects.
pub(super) fn next_steps(result: &Reconciliation, options: &ReconcileOptions, context: &Context) -> NextSteps {
    // The same command with other options would need the rows, or other figures.
    let has_next = options.rows == RowSource::Local && result.exit() == ExitStatus::No;
    let again = arguments_again(&context.arguments).filter(|_| has_next);
    let Some(again) = again else { return NextSteps::default() };
    let exceeded = result.limits.iter().filter(|limit| limit.exceeded).map(|limit| limit.class.word());
    let classes = exceeded.collect::<Vec<_>>().join(",");
    let mut commands = Vec::new();
    if options.by.is_empty() {
        commands.push(command(&again, &["--by", "prefix:2"]));
    }
    if options.confirm.is_none() {
        commands.push(command(&again, &["--confirm"]));
    }
    if options.export.is_none() {
        commands.push(command(&again, &["--export", "objects.csv", "--export-class", &classes]));
    }
    NextSteps { causes: Vec::new(), commands }
}
