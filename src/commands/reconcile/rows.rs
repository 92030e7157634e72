//! Compares the rows of both reports in this program.

use std::sync::Arc;

use anyhow::{Result, anyhow};

use super::super::Context;
use super::super::reports::{ExportFile, progress};
use super::confirm::confirm;
use super::explain::explain;
use super::open_pair::OpenPair;
use super::options::ReconcileOptions;
use super::sides::OpenSides;
use super::verdict::{Answered, PairTotals, conclude};
use crate::output::{Meter, plural};
use crate::reconcile::{IdentitySecret, PairClass};
use crate::report::{PairError, PairQuestion, Progress, ReportPair, SecondLook};

/// Reads both reports, compares their rows, and reads the source's once more for groups, an export and confirmation.
pub(super) async fn compare_rows(
    open: &OpenPair,
    options: &ReconcileOptions,
    exporting: Option<&ExportFile<'_, Vec<PairClass>>>,
    context: &Context,
) -> Result<Answered> {
    let OpenSides { source, destination, .. } = &open.sides;
    let mut secret = [0; 16];
    getrandom::fill(&mut secret).map_err(|error| anyhow!("asking the system for random bytes: {error}"))?;
    let question = PairQuestion { prefix: options.prefix.clone(), old_before: open.judged_before };
    let stop = &context.signals.stop;
    let (add, bar) = progress(&[&source.report, &destination.report], "", context)?;
    let (one, other) = (Arc::clone(&source.report), Arc::clone(&destination.report));
    let read = ReportPair::read(one, other, &question, IdentitySecret(secret), &options.temp_dir, stop, &add).await;
    drop(bar);
    let pair = Arc::new(read.map_err(|error| explain(error, source, destination, exporting))?);
    let looks_again = !options.by.is_empty() || options.export.is_some() || options.confirm.is_some();
    let (add, bar) = comparing(&pair, context);
    let compared = pair.compare(looks_again, stop, &add).await;
    drop(bar);
    let found = match compared {
        Ok(found) => found,
        Err(PairError::Twice { side, identity }) => {
            let named = pair.name_twice(side, identity, stop).await;
            let error = named.map_or_else(|error| error, |damage| PairError::Report { side, error: damage.into() });
            return Err(explain(error, source, destination, exporting));
        }
        Err(error) => return Err(explain(error, source, destination, exporting)),
    };
    let totals = PairTotals {
        sums: &found.sums,
        words: &found.words,
        rows: found.counts.map(|counts| (counts.scanned, counts.rows)),
        undated: found.counts[0].undated,
        spilled_bytes: found.spilled,
    };
    let result = conclude(options, open, &totals, context)?;
    let (mut exported, mut result) = match result {
        Ok(result) => (0, result),
        Err(why) => return Ok(Answered { result: Err(why), exported: 0 }),
    };
    if !options.by.is_empty() || options.export.is_some() {
        let export = match exporting {
            Some(file) => Some((file.options.classes.clone(), file.sink()?)),
            None => None,
        };
        let look = SecondLook { by: options.by.clone(), export, objects: None };
        let (add, bar) = progress(&[&source.report], " again", context)?;
        let looked = pair.look_again(&look, &found, stop, &add).await;
        drop(bar);
        let looked = looked.map_err(|error| explain(error, source, destination, exporting))?;
        exported = looked.exported;
        result = result.in_groups(looked.groups, options.top, open.older.as_ref());
    }
    if let Some(most) = options.confirm {
        result = confirm(result, &pair, &found, (source, destination), options, most, context).await?;
    }
    Ok(Answered { result: Ok(result), exported })
}

/// A bar for the rows that are compared.
fn comparing(pair: &ReportPair, context: &Context) -> (Progress, impl Drop + use<>) {
    let records = pair.records();
    let what = format!("comparing {}", plural(records, "row"));
    let meter = Arc::new(Meter::objects(context.output.progress, &context.printer, Some(records), &what));
    let bar = meter.until_dropped();
    (Arc::new(move |records| meter.add(records)), bar)
}
