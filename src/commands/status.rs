//! `status`: a HEAD for each object, in the order given, through a bounded window.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::{StreamExt, stream};

use super::{Context, verify};
use crate::exit::ExitStatus;
use crate::model::ObjectId;
use crate::output::{AllRows, OutputError};
use crate::s3::DestinationOption;
use crate::status::{ObjectStatus, StatusSummary, exit_of_object};

/// What `status` was asked.
#[derive(Debug)]
pub struct StatusOptions {
    /// The objects.
    pub objects: Vec<ObjectId>,
    /// REPLICA counts as replicated.
    pub accept_replica: bool,
    /// Look at the replicas too, at these destinations and those of the rules.
    pub verify: Option<Vec<DestinationOption>>,
}

/// Rows wait no longer than this in a buffer.
const FLUSH: Duration = Duration::from_millis(200);

pub(super) async fn run(options: StatusOptions, context: &Context) -> Result<ExitStatus> {
    if options.objects.is_empty() {
        let summary = StatusSummary::default();
        return Ok(context.nothing::<ObjectStatus, _>("no address given: write s3://bucket/key", &summary)?);
    }
    let mut targets = context.targets()?;
    let store = context.connect().await?;
    let replicas = verify::replicas(options.verify.as_deref(), options.objects.iter(), &store, context).await?;
    let expected = options.objects.len() as u64;
    let mut heads = stream::iter(&options.objects)
        .map(|object| verify::status_of(object, &store, replicas.as_ref(), options.accept_replica, context))
        .buffered(context.concurrency.get());
    let mut run = Run { summary: StatusSummary::default(), exit: ExitStatus::Yes, flushed: Instant::now() };
    let mut rows = targets.rows::<ObjectStatus, StatusSummary>()?;
    let delivered = loop {
        let row = tokio::select! {
            biased;
            signal = context.signals.wait() => {
                run.exit = run.exit.or(signal);
                break Ok(());
            }
            row = heads.next() => row,
        };
        let Some(row) = row else { break Ok(()) };
        if context.printer.is_quiet()
            && let Some(error) = &row.error
        {
            context.printer.error(error);
        }
        if let Err(error) = run.take(&row, &mut rows, options.accept_replica) {
            break Err(error);
        }
    };
    run.summary.exit = run.exit.code();
    let delivered = delivered.and_then(|()| rows.end(&run.summary)).and_then(|()| rows.flush());
    drop(rows);
    // A result that is not whole does not replace a file that was.
    let delivered = match (delivered, context.signals.caught()) {
        (Ok(()), None) => targets.commit(),
        (delivered, _) => delivered,
    };
    Ok(match delivered {
        Ok(()) => run.exit,
        Err(error) => run.exit.or(context.undelivered(&error, run.summary.objects == expected)),
    })
}

struct Run {
    summary: StatusSummary,
    exit: ExitStatus,
    flushed: Instant,
}

impl Run {
    fn take(
        &mut self,
        row: &ObjectStatus,
        rows: &mut AllRows<'_, ObjectStatus, StatusSummary>,
        accept_replica: bool,
    ) -> Result<(), OutputError> {
        self.summary.count(row.verdict);
        self.summary.count_destinations(&row.destinations);
        self.exit = self.exit.or(exit_of_object(row, accept_replica));
        rows.row(row)?;
        if self.flushed.elapsed() >= FLUSH {
            self.flushed = Instant::now();
            rows.flush()?;
        }
        Ok(())
    }
}
